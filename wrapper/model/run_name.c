/* SPDX-License-Identifier: MIT */
/* run_name.c - names for runs that were given none */
#include "model/run_name.h"

#include <stdint.h>

#include "base/mem.h"

static const char *const adjectives[] = {
    "amber",   "ample",  "apt",   "brave",  "brief",  "bright", "brisk",
    "calm",    "candid", "clear", "cool",   "crisp",  "deft",   "eager",
    "early",   "even",   "exact", "fair",   "fast",   "fine",   "firm",
    "fluent",  "frank",  "fresh", "glad",   "golden", "grand",  "green",
    "hardy",   "humble", "keen",  "kind",   "lively", "loyal",  "lucid",
    "mellow",  "merry",  "mild",  "neat",   "nimble", "noble",  "open",
    "patient", "plain",  "proud", "quick",  "quiet",  "ready",  "rich",
    "robust",  "royal",  "sharp", "silent", "smart",  "solid",  "steady",
    "sunny",   "swift",  "tidy",  "vivid",  "warm",   "wise",   "witty",
    "young",
};

static const char *const nouns[] = {
    "acorn",  "anchor", "apple",  "arch",   "badger", "beacon", "birch",
    "bridge", "brook",  "cedar",  "cliff",  "cloud",  "comet",  "coral",
    "crane",  "delta",  "dune",   "eagle",  "ember",  "falcon", "fern",
    "finch",  "fjord",  "garden", "grove",  "harbor", "hazel",  "heron",
    "island", "ivy",    "jay",    "lagoon", "lark",   "lemon",  "maple",
    "marsh",  "meadow", "moss",   "oak",    "olive",  "otter",  "owl",
    "pebble", "pine",   "plum",   "pond",   "quartz", "raven",  "reef",
    "river",  "robin",  "sable",  "sail",   "spruce", "stone",  "summit",
    "swan",   "tiger",  "trout",  "valley", "walnut", "willow", "wren",
    "zephyr",
};

/* FNV-1a: any text will do as a seed. */
static uint64_t
hash(const char *s)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3;
	return h ^ h >> 32;
}

char *
run_name_make(const char *seed)
{
	uint64_t h = hash(seed);
	const char *adjective = adjectives[h % ARRAY_LEN(adjectives)];
	const char *noun = nouns[h / 64 % ARRAY_LEN(nouns)];

	return mem_printf("%s-%s-%u", adjective, noun,
	                  (unsigned)(h / 4096 % 1000));
}
