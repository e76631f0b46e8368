/* SPDX-License-Identifier: MIT */
/* fuzz.h - what a fuzz target gives to libFuzzer, or to replay.c */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Must come back whatever the bytes are; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
