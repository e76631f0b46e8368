/* SPDX-License-Identifier: MIT */
/* env.h - names of the variables that kmlflow hands to CMD */
#pragma once

/* For the library: path of the image and the id in its header, "ID:PATH". */
#define KMLFLOW_ENV_IMAGE "KMLFLOW_IMAGE"

/* CMD sets it to 0 or off to take a subtree out of the capture. */
#define KMLFLOW_ENV_CAPTURE "KMLFLOW_CAPTURE"

#define KMLFLOW_ENV_RUN_ID "KMLFLOW_RUN_ID"
/* The launch of many ranks that CMD is one of. */
#define KMLFLOW_ENV_RANK_GROUP "KMLFLOW_RANK_GROUP"

/* For a nested exec: what the run of its rank is called. */
#define KMLFLOW_ENV_RANK_NAME "KMLFLOW_RANK_NAME"

#define KMLFLOW_ENV_SPOOL "KMLFLOW_SPOOL"
