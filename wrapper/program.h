/* SPDX-License-Identifier: MIT */
/* program.h - looks for CMD before anything is begun for it */
#pragma once

/*
 * As execvp(3) would: 0 when 'name' is found and may be executed, 127 when it
 * is not found, 126 when it is found and cannot be executed.
 */
int program_check(const char *name);
