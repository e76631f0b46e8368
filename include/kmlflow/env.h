/* SPDX-License-Identifier: MIT */
/* env.h - names of the variables that kmlflow hands to CMD */
#pragma once

/* For the library: path of the image and the id in its header, "ID:PATH". */
#define KMLFLOW_ENV_IMAGE "KMLFLOW_IMAGE"

/* CMD sets it to 0 or off to take a subtree out of the capture. */
#define KMLFLOW_ENV_CAPTURE "KMLFLOW_CAPTURE"

#define KMLFLOW_ENV_RUN_ID "KMLFLOW_RUN_ID"
#define KMLFLOW_ENV_SPOOL "KMLFLOW_SPOOL"
