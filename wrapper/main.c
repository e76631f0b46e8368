/* SPDX-License-Identifier: MIT */
/* main.c - entry */
int
main(void)
{
	return 0;
}
