/* SPDX-License-Identifier: MIT */
/* outcome_file.c - how CMD ended, as a file of a spool */
#include "stage/outcome_file.h"

#include "stage/outcome.h"
#include "wire/json.h"

enum { OUTCOME_MAX = 1 << 16 };

int
outcome_save(const struct outcome *o, const char *path, struct err *err)
{
	cleanup_json struct cJSON *j = json_object();

	json_set_int(j, "exit_code", o->exit_code);
	json_set_int(j, "signal", o->signal);
	json_set_int(j, "start_time", o->start_time);
	json_set_int(j, "end_time", o->end_time);
	json_set_int(j, "wall_ns", o->wall_ns);
	json_set_double(j, "user_seconds", o->user_seconds);
	json_set_double(j, "system_seconds", o->system_seconds);
	json_set_int(j, "max_rss", o->max_rss);
	json_set_int(j, "block_reads", o->block_reads);
	json_set_int(j, "block_writes", o->block_writes);
	json_set_int(j, "survivors", o->survivors);
	json_set_int(j, "oom_kills", o->oom_kills);
	json_set_bool(j, "unknown", o->unknown);
	json_set_int(j, "rank", o->rank);
	json_set_int(j, "ranks", o->ranks);
	return json_write(j, false, path, 0600, err);
}

int
outcome_load(const char *path, struct outcome *ret, struct err *err)
{
	cleanup_json struct cJSON *j = NULL;

	if (json_read(path, OUTCOME_MAX, &j, err))
		return -1;
	*ret = (struct outcome){
	    .exit_code = (int)json_int(j, "exit_code", -1),
	    .signal = (int)json_int(j, "signal", 0),
	    .start_time = json_int(j, "start_time", 0),
	    .end_time = json_int(j, "end_time", 0),
	    .wall_ns = json_int(j, "wall_ns", 0),
	    .user_seconds = json_double(j, "user_seconds", 0),
	    .system_seconds = json_double(j, "system_seconds", 0),
	    .max_rss = json_int(j, "max_rss", 0),
	    .block_reads = json_int(j, "block_reads", 0),
	    .block_writes = json_int(j, "block_writes", 0),
	    .survivors = (int)json_int(j, "survivors", 0),
	    .oom_kills = (int)json_int(j, "oom_kills", 0),
	    .rank = (int)json_int(j, "rank", 0),
	    .ranks = (int)json_int(j, "ranks", 0),
	    .unknown = json_bool(j, "unknown", false),
	};
	return 0;
}
