/* SPDX-License-Identifier: MIT */
/* text.h - a text changed where it stands */
#pragma once

/* 's' without white space around it; what follows it is cut off. */
char *text_trim(char *s);
