/* SPDX-License-Identifier: MIT */
/* sqlite_lib.c - finds libsqlite3 and its functions */
#include "wire/sqlite_lib.h"

#include <dlfcn.h>
#include <pthread.h>

#include "base/err.h"
#include "base/mem.h"

enum { OLDEST = 3031000 /* MLflow's tables have generated columns */ };

#define NAME(name) "sqlite3_" #name,

static const char *const names[] = {SQLITE_LIB_FUNCTIONS(NAME)};

struct sqlite_lib sqlite_lib;
static struct err load_error;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* ISO C has no cast from an object's address to a function's. */
static void
load(void)
{
	void *handle = dlopen("libsqlite3.so.0", RTLD_LAZY | RTLD_LOCAL);
	const size_t size = sizeof(sqlite_lib) / ARRAY_LEN(names);

	if (!handle)
		handle = dlopen("libsqlite3.so", RTLD_LAZY | RTLD_LOCAL);
	if (!handle) {
		err_set(
		    &load_error, ERR_CONFIG,
		    "libsqlite3 is not installed, and the tracking store is "
		    "an SQLite database: install it, or choose a directory "
		    "with MLFLOW_TRACKING_URI=mlruns (%s)",
		    dlerror());
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		void *found = dlsym(handle, names[i]);

		if (!found) {
			err_set(&load_error, ERR_CONFIG,
			        "libsqlite3 is too old: it has no %s",
			        names[i]);
			return;
		}
		memcpy((char *)&sqlite_lib + i * size, &found, size);
	}
	if (sqlite_lib.libversion_number() < OLDEST)
		err_set(&load_error, ERR_CONFIG,
		        "libsqlite3 is too old: MLflow's databases need 3.31");
	/* Nobody asks for its account of memory, which each call pays. */
	sqlite_lib.config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int
sqlite_lib_need(struct err *err)
{
	pthread_once(&once, load);
	if (load_error.kind == ERR_NONE)
		return 0;
	*err = load_error;
	return -1;
}
