/* SPDX-License-Identifier: MIT */
/* small.c - what every libc has */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
main(void)
{
	FILE *f = fopen("out/fopen", "w");

	fputs("x", f);
	fclose(f);
	close(open("out/open", O_CREAT | O_WRONLY, 0644));
	close(creat("tmp", 0644));
	if (rename("tmp", "out/renamed") || link("out/open", "out/linked"))
		return 1;
	return system("echo > out/shell");
}
