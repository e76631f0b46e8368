/* SPDX-License-Identifier: MIT */
/* cred_google.h - who we are for Google's cloud */
#pragma once

#include <stdbool.h>

#include "store/cred_oauth.h"

/* No message shows any of it but 'source'. */
struct cred_google {
	bool anonymous;
	struct oauth_token token;
	char *project; /* that pays, where that is not the bucket's; or NULL */
	char *source;  /* for messages */
};

/*
 * Google's "application default credentials", the first of: the file that
 * GOOGLE_APPLICATION_CREDENTIALS names; gcloud's own file, in CLOUDSDK_CONFIG
 * or ~/.config/gcloud; the metadata server of the machine, GCE_METADATA_HOST
 * (unless NO_GCE_CHECK is "true").  Without any: anonymous, as MLflow does.
 * Files may be of a service account or an authorized user.  ERR_CONFIG: what
 * is named is wrong; ERR_RETRY: who should tell does not answer.
 */
int cred_google_load(struct cred_google *ret, struct err *err);
void cred_google_free(struct cred_google *c);
