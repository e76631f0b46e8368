/* SPDX-License-Identifier: MIT */
/* surroundings.h - the CI job, workflow or batch job that an exec is part of */
#pragma once

struct kvs;

/*
 * Adds the tags of each system whose variables are set: a GitLab runner may
 * well run in a pod of Kubernetes.  Secrets are taken out of the values.
 */
void surroundings_tags(struct kvs *tags);
