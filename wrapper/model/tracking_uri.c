/* SPDX-License-Identifier: MIT */
/* tracking_uri.c - tracking URIs made absolute, as MLflow does */
#include "model/tracking_uri.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/fs.h"
#include "model/settings.h"

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
		return mem_dup(uri);
	joined = fs_join(project->root ? project->root : cwd, uri);
	path = fs_normalise(joined);
	return project->root ? file_uri(path) : mem_steal(&path);
}

char *
uri_default(const struct project *project, const char *cwd)
{
	cleanup_free char *path =
	    fs_join(project->root ? project->root : cwd, "mlruns");

	return file_uri(path);
}
