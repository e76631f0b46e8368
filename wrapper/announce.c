/* SPDX-License-Identifier: MIT */
/* announce.c - tells the capture that CMD is about to start */
#include "announce.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "kmlflow/env.h"
#include "stage/capture.h"

/* So that the capture knows whom to expect. */
void
announce(const char *image, const char *cmd)
{
	const char *value = getenv(KMLFLOW_ENV_CAPTURE);
	bool off = value && (!strcmp(value, "0") || !strcmp(value, "off"));
	struct err err = ERR_INIT;

	if (image && capture_announce(image, cmd, off, &err))
		log_debug("%s", err.msg);
}

void
announce_joining(const char *image, const char *cmd)
{
	struct err err = ERR_INIT;

	if (image && capture_announce_joining(image, cmd, &err))
		log_debug("%s", err.msg);
}
