/* SPDX-License-Identifier: MIT */
/* banned.h - calls that the wrapper never makes; given to every compile */
#pragma once

/* The system's own headers may use these names, so they come first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Macros under clang with _FORTIFY_SOURCE; a macro cannot be poisoned. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncat sprintf vsprintf strtok atoi atol
#pragma GCC poison gmtime localtime ctime asctime system popen
