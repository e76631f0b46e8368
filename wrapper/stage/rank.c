/* SPDX-License-Identifier: MIT */
/* rank.c - which of many equal processes of one launch this is */
#include "stage/rank.h"

#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "kmlflow/env.h"
#include "kmlflow/hash.h"
#include "stage/process.h"

enum { ENVIRON_MAX = 4 << 20, IDS = 4, DAY_S = 86400 };

/*
 * What a launcher hands to each rank.  'ids' together name the launch; a
 * launcher without any is named by its process, which serves one host.
 */
struct launcher {
	const char *rank;
	const char *size;
	const char *local; /* ranks on this host; NULL: it does not say */
	const char *must;  /* NULL, or what has to be there as well */
	const char *ids[IDS];
};

/*
 * Those of MPI come first: where they start by srun, its variables are about
 * their daemons.  A batch script has SLURM_PROCID too, but is no step.
 */
static const struct launcher launchers[] = {
    {"OMPI_COMM_WORLD_RANK",
     "OMPI_COMM_WORLD_SIZE",
     "OMPI_COMM_WORLD_LOCAL_SIZE",
     NULL,
     {"OMPI_MCA_orte_hnp_uri", "PMIX_NAMESPACE"}},
    {"MV2_COMM_WORLD_RANK",
     "MV2_COMM_WORLD_SIZE",
     "MV2_COMM_WORLD_LOCAL_SIZE",
     NULL,
     {NULL}},
    {"SLURM_PROCID",
     "SLURM_STEP_NUM_TASKS",
     NULL,
     "SLURM_STEP_ID",
     {"SLURM_CLUSTER_NAME", "SLURM_JOB_ID", "SLURM_STEP_ID",
      "SLURM_RESTART_COUNT"}},
    {"PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS", NULL, {NULL}},
    {"RANK",
     "WORLD_SIZE",
     "LOCAL_WORLD_SIZE",
     "MASTER_PORT",
     {"MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RUN_ID",
      "TORCHELASTIC_RESTART_COUNT"}},
};

/* Of a batch system: a job's launches come one after the other. */
static const char *const jobs[] = {"PBS_JOBID", "LSB_JOBID", "SLURM_JOB_ID",
                                   "JOB_ID"};

static const char *
value_of(const char *name)
{
	const char *value = name ? getenv(name) : NULL;

	return value && *value ? value : NULL;
}

/* -1: it is no number that a rank can have. */
static int
number_of(const char *name)
{
	const char *value = value_of(name);
	char *end;
	long n = value ? strtol(value, &end, 10) : -1;

	return n < 0 || n > INT_MAX || *end ? -1 : (int)n;
}

/* Whether process 'pid' has the variable; false: it cannot be read, either. */
static bool
has_variable(pid_t pid, const char *name)
{
	cleanup_free char *path = mem_printf("/proc/%d/environ", (int)pid);
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	size_t len = strlen(name);

	if (fs_read(path, ENVIRON_MAX, &text, &ignored))
		return false;
	for (const char *p = text.s; p < text.s + text.len; p += strlen(p) + 1)
		if (!strncmp(p, name, len) && p[len] == '=')
			return true;
	return false;
}

static pid_t
parent_of(pid_t pid)
{
	cleanup_free char *path = mem_printf("/proc/%d/stat", (int)pid);
	cleanup_buf struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	const char *p;

	if (fs_read(path, 4096, &text, &ignored))
		return 0;
	p = strrchr(text.s, ')');
	return p && strlen(p) > 4 ? (pid_t)strtol(p + 4, NULL, 10) : 0;
}

/* The nearest process above that is no rank itself. */
static void
add_launcher_process(const struct launcher *l, struct buf *to)
{
	pid_t pid = getppid();

	while (pid > 1 && has_variable(pid, l->rank))
		pid = parent_of(pid);
	process_identify(pid, to);
}

static void
add_job(struct buf *to)
{
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		if (value_of(jobs[i])) {
			buf_addf(to, "%s=%s", jobs[i], value_of(jobs[i]));
			return;
		}
}

static char *
key_of(const struct launcher *l, int size)
{
	const char *own = value_of("KMLFLOW_RANK_KEY");
	cleanup_buf struct buf text = BUF_INIT;
	bool named = false;

	buf_addf(&text, "%s %d ", l->rank, size);
	for (size_t i = 0; i < IDS; i++) {
		const char *id = value_of(l->ids[i]);

		buf_addf(&text, "%s ", id ? id : "");
		named |= id != NULL;
	}
	if (own)
		buf_adds(&text, own);
	else if (!named && number_of(l->local) > 0 &&
	         number_of(l->local) < size)
		add_job(&text);
	else if (!named)
		add_launcher_process(l, &text);
	return mem_printf("%016" PRIx64,
	                  kmlflow_hash(KMLFLOW_SEED_NAME, text.s, text.len));
}

void
rank_find(struct rank *ret)
{
	const char *around = value_of(KMLFLOW_ENV_RANK_GROUP);

	*ret = (struct rank){.size = 0};
	for (size_t i = 0; i < ARRAY_LEN(launchers); i++) {
		const struct launcher *l = &launchers[i];
		int number = number_of(l->rank);
		int size = number_of(l->size);
		cleanup_free char *key = NULL;

		if (number < 0 || size < 2 || number >= size ||
		    (l->must && !value_of(l->must)))
			continue;
		key = key_of(l, size);
		if (around && !strcmp(around, key))
			return;
		*ret = (struct rank){number, size, mem_steal(&key)};
		return;
	}
}

void
rank_free(struct rank *r)
{
	free(r->key);
	*r = (struct rank){.size = 0};
}

int
rank_timeout_ms(int seconds)
{
	int own = number_of("KMLFLOW_RANK_TIMEOUT");

	return (own >= 0 && own <= DAY_S ? own : seconds) * 1000;
}

void
rank_enter(const struct rank *r)
{
	if (r->size)
		setenv(KMLFLOW_ENV_RANK_GROUP, r->key, 1);
}

bool
rank_leads(const struct rank *r)
{
	return r->size && !r->number;
}

bool
rank_follows(const struct rank *r)
{
	return r->size && r->number;
}
