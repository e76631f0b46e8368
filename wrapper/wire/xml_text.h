/* SPDX-License-Identifier: MIT */
/* xml_text.h - single elements of an XML answer */
#pragma once

struct buf;

/*
 * Appends the text of the first element 'name' at or after 's', its entities
 * decoded, no more than 64 KiB of it.  Returns what follows the text, or NULL
 * where there is no such element, or it has children.  Nothing else of XML is
 * understood: what is asked for must neither nest nor stand in a comment.
 */
const char *xml_text(const char *s, const char *name, struct buf *to);

/*
 * The inner text of the first element 'name' (without attributes) of *rest,
 * cut out in place; *rest is what follows it.  NULL: there is none.
 */
char *xml_cut(char **rest, const char *name);
