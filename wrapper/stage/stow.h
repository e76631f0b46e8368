/* SPDX-License-Identifier: MIT */
/* stow.h - what is to be sent later, kept as it was when CMD ended */
#pragma once

#include <stdbool.h>

struct err;
struct manifest_entry;
struct spool;
struct strv;

/*
 * Copies each file of the manifest that is not noted as published into the
 * spool, where the file system can by sharing its blocks: the next run may
 * write the same files.  What is stowed or kept already is left as it is.
 * 'problems' gets a line for each file that must stay where it is.
 */
void stow(struct spool *s, struct strv *problems);

/* What the spool notes of a file that is stowed; owned. */
char *stow_item(int number);

/* Whether anything ever was; what is found by one look need not be by many. */
bool stow_any(const struct spool *s);

/* Lets 'e', line 'number' of the manifest, be read from where it is stowed. */
void stow_source(const struct spool *s, int number, struct manifest_entry *e);
