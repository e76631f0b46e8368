/* SPDX-License-Identifier: MIT */
/* image.h - layout of the file that kmlflow and the library both map */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * The wrapper compiles the declared paths into tables (read-only from then
 * on); the library tests paths against them and appends records to the
 * arena.  Numbers are in the machine's own order, offsets count from the
 * start of the file.
 */
#define KMLFLOW_MAGIC UINT64_C(0x004547414d494d4b)
enum {
	KMLFLOW_VERSION_IMAGE = 2,
	KMLFLOW_SLOT = 64, /* bytes; a record fills one or more */
	KMLFLOW_ID_HEX = 32,
	/* Of the variable's value; longer ones are not taken. */
	KMLFLOW_VALUE_MAX = 1000,
	KMLFLOW_RECORD_SLOTS = 256, /* the longest record */
	KMLFLOW_KEEP_MAX = 4096,    /* files that are kept aside */
	/* Places in the table of programs: behind the header, and more. */
	KMLFLOW_PROGRAMS_NEAR = 244,
	KMLFLOW_PROGRAMS = KMLFLOW_PROGRAMS_NEAR + 2048,
	KMLFLOW_PROGRAM_TRIES = 32, /* places of each part for a key */
};

/* What a path can be to the rules; bits of kmlflow_node.word. */
enum kmlflow_node_flags {
	KMLFLOW_ABOVE = 1, /* a rule's literal part lies here or below */
	KMLFLOW_FILE = 2,  /* declared itself; may turn out a directory */
	KMLFLOW_DEEP = 4,  /* all below it matches */
	KMLFLOW_HERE = 8,  /* what is directly in it matches */
	KMLFLOW_EXT = 16,  /* DEEP or HERE for some extensions only */
	KMLFLOW_TREE = 32, /* a directory moved below it can matter */
};

/* Bits of kmlflow_image.flags: what kinds of rules there are. */
enum kmlflow_image_flags {
	KMLFLOW_HAS_EXT = 1,
	KMLFLOW_HAS_DEEP = 2, /* without an extension, besides FILE */
};

/* Open addressing: first place 'hash & mask', then the next ones. */
struct kmlflow_node {
	uint32_t key;  /* kmlflow_key() of the path's hash; 0: empty */
	uint32_t word; /* rule << 8 | flags; KMLFLOW_NO_RULE: several */
};
#define KMLFLOW_NO_RULE UINT32_C(0xffffff)

/* Touched by several at once; 32-bit x86 alone would align it to 4 bytes. */
typedef uint64_t kmlflow_shared __attribute__((aligned(8)));

struct kmlflow_image {
	uint64_t magic;
	uint32_t version;
	uint32_t n_rules;
	uint8_t id[16];
	uint64_t size;
	uint32_t flags;
	uint32_t names; /* keys of basenames and extensions; 0: empty */
	uint32_t names_mask;
	uint32_t nodes; /* struct kmlflow_node by path */
	uint32_t nodes_mask;
	uint32_t dirty; /* a byte for each rule: declared path was opened */
	uint32_t keep;  /* keep_dir and its NUL; 0: nothing is kept */
	uint32_t keep_len;
	uint64_t arena; /* of slots */
	uint64_t slots;
	uint64_t step;   /* slots that are allocated at a time */
	uint32_t prefix; /* text: the directory that holds all of the rules */
	uint32_t prefix_len; /* 0: the root */
	uint64_t reserved[3];

	/* From here on the library writes. */
	kmlflow_shared tail;      /* slots that were given out, or asked for */
	kmlflow_shared allocated; /* slots that have room on the file system */
	kmlflow_shared dropped;   /* records that found no room */
	kmlflow_shared processes; /* that mapped this file */
	kmlflow_shared kept;      /* files that were kept aside */
	kmlflow_shared crowded; /* programs that found no place in the table */
	uint64_t reserved2[2];
};

/*
 * Behind the header.  One name of a program, see hash.h: who starts it says so
 * before the call, and the library in it says so again.  Where the second is
 * missing nobody sees what that process does.  The path of a program has a
 * place too, so that it is recorded but once.  Most processes touch no more of
 * the file than its first page.
 */
struct kmlflow_program {
	kmlflow_shared key; /* 0: free */
	uint32_t launches;
	uint32_t arrivals;
};

struct kmlflow_front {
	struct kmlflow_image image;
	struct kmlflow_program programs[KMLFLOW_PROGRAMS];
};

/*
 * A record is valid once 'mark' says so: it is stored last, with release.
 * The mark depends on the slot, so that a reader that met a hole (its writer
 * was killed) finds the next record.
 */
struct kmlflow_record {
	uint32_t mark;
	uint16_t slots;
	uint8_t kind;  /* enum event_kind of capture.h */
	uint8_t flags; /* enum kmlflow_record_flags */
	int32_t pid;
	uint32_t rule; /* KMLFLOW_NO_RULE: not one rule's */
	uint16_t len;  /* of each path, without its NUL */
	uint16_t len2; /* 0: there is none */
	char text[44]; /* and on in the next slots */
};

enum kmlflow_record_flags {
	KMLFLOW_LOST = 1,  /* 'path' is relative to an unknown directory */
	KMLFLOW_LOST2 = 2, /* 'path2' is */
};

#define KMLFLOW_MARK(index) (UINT32_C(0x6b6d6c66) ^ (uint32_t)(index))

_Static_assert(sizeof(struct kmlflow_image) == 192, "layout");
_Static_assert(offsetof(struct kmlflow_image, arena) == 72, "layout");
_Static_assert(offsetof(struct kmlflow_image, tail) == 128, "layout");
_Static_assert(sizeof(struct kmlflow_node) == 8, "layout");
_Static_assert(sizeof(struct kmlflow_program) == 16, "layout");
_Static_assert(sizeof(struct kmlflow_front) == 36864, "whole pages");
_Static_assert(offsetof(struct kmlflow_record, text) == 20, "layout");
_Static_assert(sizeof(struct kmlflow_record) == KMLFLOW_SLOT, "layout");
