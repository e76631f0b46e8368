/* SPDX-License-Identifier: MIT */
/* tracking_uri.c - tracking URIs made absolute, as MLflow does */
#include "model/tracking_uri.h"

#include <ctype.h>
#include <dirent.h>
#include <strings.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/fs.h"
#include "model/settings.h"
#include "model/sqlite_uri.h"

bool
uri_is_remote_or_schemed(const char *uri)
{
	static const char *const words[] = {"databricks", "databricks-uc",
	                                    "uc"};
	const char *p = uri;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(uri, words[i]))
			return true;
	while (isalnum((unsigned char)*p) ||
	       (p > uri && strchr("+.-", *p) && *p))
		p++;
	return isalpha((unsigned char)*uri) && *p == ':';
}

bool
uri_is_directory(const char *uri)
{
	return !uri_is_remote_or_schemed(uri) || !strncasecmp(uri, "file:", 5);
}

static char *
file_uri(const char *path)
{
	cleanup_buf struct buf uri = BUF_INIT;

	buf_adds(&uri, "file://");
	enc_percent(&uri, path, "/");
	return buf_detach(&uri);
}

char *
uri_absolute(const char *uri, const struct project *project, const char *cwd)
{
	cleanup_free char *joined = NULL;
	cleanup_free char *path = NULL;

	if (uri_is_remote_or_schemed(uri))
		return sqlite_uri_absolute(uri, cwd);
	joined = fs_join(project->root ? project->root : cwd, uri);
	path = fs_normalise(joined);
	return project->root ? file_uri(path) : mem_steal(&path);
}

/* Whether it holds an experiment, by MLflow's own test of it. */
static bool
holds_experiments(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		cleanup_free char *meta =
		    mem_printf("%s/%s/meta.yaml", path, name);

		found = !name[strspn(name, "0123456789")] && fs_exists(meta);
	}
	if (dir)
		closedir(dir);
	return found;
}

char *
uri_default(const struct project *project, const char *cwd)
{
	cleanup_free char *path =
	    fs_join(project->root ? project->root : cwd, "mlruns");
	cleanup_free char *database = fs_join(cwd, "mlflow.db");

	if (project->root || holds_experiments(path))
		return file_uri(path);
	return sqlite_uri_of(database);
}
