/* SPDX-License-Identifier: MIT */
/* packaged.h - Kedro projects that are installed as packages of Python */
#pragma once

#include <stdbool.h>

/* What `python -m NAME` or the script that pip makes for it would run. */
struct packaged {
	char *name;
	char *dir;     /* of its sources */
	char *program; /* as click calls it: "python -m NAME", or the script */
	char *kedro_version; /* of the Kedro beside it; NULL: not known */
};

/*
 * 'word' is the module's name, or a program as execvp(3) finds it; 'python'
 * the interpreter on the command line, or NULL.  The package is looked for
 * where that Python would: here, in $PYTHONPATH, in the sources of the project
 * around, and in site-packages of the interpreter, of $VIRTUAL_ENV, of
 * $CONDA_PREFIX and of the project's .venv.  No Python is run, so import hooks
 * and environments that a launcher chooses are not seen.  False: there is none,
 * or its __main__.py is not that of a Kedro project.
 */
bool packaged_find(const char *word, bool module, const char *python,
                   struct packaged *ret);
void packaged_free(struct packaged *p);
