/* SPDX-License-Identifier: MIT */
/* unicode.h - what Unicode says of characters, as Python asks it */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* str.isprintable(): repr() shows it as it is. */
bool unicode_printable(uint32_t code_point);

/* \w of a regular expression: a letter, a digit or "_". */
bool unicode_word(uint32_t code_point);
