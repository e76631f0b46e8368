/* SPDX-License-Identifier: MIT */
/* propose.c - a catalog of what a trial has written */
#include "stage/propose.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/ucs.h"
#include "model/metric_file.h"
#include "model/run.h"
#include "stage/trial.h"

enum {
	MANY = 10, /* so many of a kind in one directory are one dataset */
	MAX_ENTRIES = 200,
};

/* What Kedro would read such a file with. */
static const struct {
	const char *suffix;
	const char *type;
} types[] = {
    {".csv", "pandas.CSVDataset"},
    {".tsv", "pandas.CSVDataset"},
    {".parquet", "pandas.ParquetDataset"},
    {".feather", "pandas.FeatherDataset"},
    {".xlsx", "pandas.ExcelDataset"},
    {".h5", "pandas.HDFDataset"},
    {".json", "json.JSONDataset"},
    {".yml", "yaml.YAMLDataset"},
    {".yaml", "yaml.YAMLDataset"},
    {".pkl", "pickle.PickleDataset"},
    {".pickle", "pickle.PickleDataset"},
    {".joblib", "pickle.PickleDataset"},
    {".png", "matplotlib.MatplotlibDataset"},
    {".svg", "matplotlib.MatplotlibDataset"},
    {".pdf", "matplotlib.MatplotlibDataset"},
};

struct proposing {
	const char *dir;
	struct map kinds;     /* "DIR SUFFIX" → how many; 0: has its entry */
	struct map names;     /* of entries → not NULL */
	struct map basenames; /* → how many files are called so */
	struct proposal *tally;
};

/* One dataset: a file, or all of a kind in a directory. */
struct dataset {
	const char *path;
	const char *suffix;        /* with its dot; "" without one */
	const char *artifact_path; /* NULL: the root */
	const struct trial_file *file;
	bool many;
	bool metrics;
};

static void
count(struct map *m, const char *key)
{
	void **at = map_at(m, key);

	if (!*at)
		*at = mem_alloc(sizeof(size_t));
	++*(size_t *)*at;
}

/* Where the number is that count() has made. */
static size_t *
counted(struct map *m, const char *key)
{
	return map_get(m, key);
}

static const char *
suffix_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	return dot && dot != name ? dot : "";
}

static char *
kind_of(const char *path)
{
	cleanup_free char *dir = fs_dirname(path);

	return mem_printf("%s %s", dir, suffix_of(path));
}

/* What YAML can hold, and what is not taken for "${…}". */
static bool
can_be_named(const char *path)
{
	size_t left = strlen(path);
	size_t used;

	if (strstr(path, "${"))
		return false;
	for (const char *p = path; left; p += used, left -= used) {
		uint32_t c = ucs_decode(p, left, &used);

		if (c == UCS_BAD || c < ' ' || (c >= 0x7f && c < 0xa0))
			return false;
	}
	return true;
}

/* In quotes where YAML might take it for something else, such as "no". */
static void
add_scalar(struct buf *to, const char *s)
{
	bool plain = isalpha((unsigned char)*s) && strpbrk(s, "/.");

	for (const char *p = s; *p && plain; p++)
		plain = isalnum((unsigned char)*p) || strchr("/._-+", *p);
	if (plain) {
		buf_adds(to, s);
		return;
	}
	buf_addc(to, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addc(to, '\\');
		buf_addc(to, *s);
	}
	buf_addc(to, '"');
}

static const char *
type_of(const char *suffix)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (!strcasecmp(types[i].suffix, suffix))
			return types[i].type;
	return "text.TextDataset";
}

/* Letters, digits and "_", the first one a letter. */
static void
add_name(struct buf *to, const char *s, size_t len)
{
	if (!to->len && !(len && isalpha((unsigned char)*s)))
		buf_adds(to, "file_");
	for (size_t i = 0; i < len; i++)
		buf_addc(to, isalnum((unsigned char)s[i]) ? s[i] : '_');
}

/* The file's own name, with its directory's or a number where it is taken. */
static void
make_name(struct proposing *p, const struct dataset *d, struct buf *to)
{
	cleanup_free char *base = fs_basename(d->path);
	size_t len = d->many ? strlen(base) : strlen(base) - strlen(d->suffix);

	add_name(to, base, len);
	if (*map_at(&p->names, to->s)) {
		buf_reset(to);
		add_name(to, d->path,
		         d->many ? strlen(d->path)
		                 : strlen(d->path) - strlen(d->suffix));
	}
	len = to->len;
	for (int i = 2; *map_at(&p->names, to->s); i++) {
		buf_cut(to, len);
		buf_addf(to, "_%d", i);
	}
	*map_at(&p->names, to->s) = p;
}

static void
add_entry(struct proposing *p, const struct dataset *d, struct buf *to)
{
	cleanup_buf struct buf name = BUF_INIT;
	const char *program = d->file->program;
	const char *slash = program ? strrchr(program, '/') : NULL;

	make_name(p, d, &name);
	if (program && can_be_named(program))
		buf_addf(to, "# written by %s\n", slash ? slash + 1 : program);
	buf_addf(to, "%s:\n", name.s);
	if (d->metrics) {
		buf_addf(to, "  type: %s\n  filepath: ", type_of(d->suffix));
		add_scalar(to, d->path);
		buf_adds(to, "\n  metadata: {kmlflow: {artifact: true, "
		             "metrics: true}}\n");
		return;
	}
	buf_adds(to,
	         "  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset\n");
	if (d->artifact_path) {
		buf_adds(to, "  artifact_path: ");
		add_scalar(to, d->artifact_path);
		buf_addc(to, '\n');
	}
	buf_addf(to, "  dataset:\n    type: %s\n    %s: ",
	         d->many ? "partitions.PartitionedDataset" : type_of(d->suffix),
	         d->many ? "path" : "filepath");
	add_scalar(to, d->path);
	buf_addc(to, '\n');
	if (!d->many)
		return;
	buf_addf(to, "    dataset: %s\n", type_of(d->suffix));
	if (*d->suffix) {
		buf_adds(to, "    filename_suffix: ");
		add_scalar(to, d->suffix);
		buf_addc(to, '\n');
	}
}

static bool
holds_metrics(const struct proposing *p, const struct trial_file *f)
{
	static const struct metric_rule any = {.form = METRIC_ANY};
	cleanup_free char *path = fs_join(p->dir, f->path);
	struct metrics metrics = METRICS_INIT;
	struct err err = ERR_INIT;
	bool some;

	if (strcasecmp(suffix_of(f->path), ".json") != 0)
		return false;
	some = !metric_file_read(path, &any, 0, &metrics, &err) && metrics.n;
	metrics_free(&metrics);
	return some;
}

static void
add_file(struct proposing *p, const struct trial_file *f, struct buf *to)
{
	cleanup_free char *dir = fs_dirname(f->path);
	cleanup_free char *base = fs_basename(f->path);
	cleanup_free char *kind = kind_of(f->path);
	struct dataset d = {.path = f->path,
	                    .suffix = suffix_of(f->path),
	                    .file = f};
	size_t *kin = counted(&p->kinds, kind);

	if (!*kin)
		return;
	d.many = *kin >= MANY && strcmp(dir, ".") != 0;
	d.metrics = !d.many && holds_metrics(p, f);
	if (d.many) {
		*kin = 0;
		d.path = dir;
	} else if (*counted(&p->basenames, base) > 1 && strcmp(dir, ".") != 0) {
		d.artifact_path = dir;
		/* Their metrics would have one name. */
		d.metrics = false;
	}
	buf_addc(to, '\n');
	add_entry(p, &d, to);
}

static void
comment_out(const struct buf *text, struct buf *to)
{
	for (const char *line = text->s; *line;) {
		size_t len = strcspn(line, "\n") + 1;

		if (len == 1)
			buf_adds(to, "#\n");
		else if (*line != '#')
			buf_addf(to, "# %.*s", (int)len, line);
		line += len;
	}
}

static bool
is_result(const struct trial_file *f)
{
	return !f->read_again && !f->executable;
}

static void
add_all(struct proposing *p, const struct trial *t, bool results,
        bool everything, struct buf *to)
{
	size_t *tally = results ? &p->tally->results : &p->tally->commented;

	for (size_t i = 0; i < t->n; i++) {
		const struct trial_file *f = &t->v[i];
		size_t before = to->len;

		if (!everything && is_result(f) != results)
			continue;
		if (!can_be_named(f->path) ||
		    p->tally->results + p->tally->commented >= MAX_ENTRIES) {
			p->tally->left_out++;
			continue;
		}
		add_file(p, f, to);
		*tally += to->len != before;
	}
}

static void
take_stock(struct proposing *p, const struct trial *t, size_t *results)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct trial_file *f = &t->v[i];
		cleanup_free char *kind = kind_of(f->path);
		cleanup_free char *base = fs_basename(f->path);

		count(&p->kinds, kind);
		count(&p->basenames, base);
		*results += is_result(f);
	}
}

void
propose_catalog(const struct trial *t, const char *dir, struct buf *to,
                struct proposal *ret)
{
	struct proposing p = {.dir = dir,
	                      .kinds = MAP_INIT,
	                      .names = MAP_INIT,
	                      .basenames = MAP_INIT,
	                      .tally = ret};
	cleanup_buf struct buf steps = BUF_INIT;
	size_t results = 0;

	*ret = (struct proposal){.results = 0};
	take_stock(&p, t, &results);
	add_all(&p, t, true, !results, to);
	if (results)
		add_all(&p, t, false, false, &steps);
	if (steps.len) {
		buf_adds(to, "\n# Read again by the command after it wrote "
		             "them, or programs: perhaps steps in\n"
		             "# between.  Without the \"# \" they become "
		             "artifacts, too.\n");
		comment_out(&steps, to);
	}
	if (ret->left_out)
		buf_addf(to,
		         "\n# %zu more file%s written that no entry names.\n",
		         ret->left_out, ret->left_out == 1 ? " was" : "s were");
	map_free(&p.kinds, free);
	map_free(&p.names, NULL);
	map_free(&p.basenames, free);
}
