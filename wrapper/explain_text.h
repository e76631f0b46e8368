/* SPDX-License-Identifier: MIT */
/* explain_text.h - a run's summary as text for people */
#pragma once

#include <stdint.h>

struct buf;
struct cJSON;

/* All of it: what was captured, what not, and why. */
void explain_report(struct buf *to, const struct cJSON *report);

/* What was written beside the declared files. */
void explain_undeclared(struct buf *to, const struct cJSON *report);

/* Text of a member, with what could drive a terminal escaped. */
void explain_text(struct buf *to, const struct cJSON *o, const char *key);

/* A time of a member, and a size, for people. */
void explain_time(struct buf *to, const struct cJSON *o, const char *key);
void explain_size(struct buf *to, int64_t bytes);
