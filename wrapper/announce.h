/* SPDX-License-Identifier: MIT */
/* announce.h - tells the capture that CMD is about to start */
#pragma once

/* 'image': value of KMLFLOW_IMAGE; NULL: nothing is captured. */
void announce(const char *image, const char *cmd);

/* The same where other ranks have the image already. */
void announce_joining(const char *image, const char *cmd);
