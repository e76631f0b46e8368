/* SPDX-License-Identifier: MIT */
/* main.c - from main()'s arguments to the verb that they name */
#include <fcntl.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli.h"
#include "commands.h"
#include "model/project.h"

enum { EXIT_USAGE = 2, EXIT_REFUSED = 125 };

/* Verbs that stand in for what was typed. */
static char word_help[] = "help";
static char word_version[] = "version";

/*
 * A caller may have closed 0, 1 or 2.  Files of ours must not land there, and
 * CMD must find them closed: hold them with what exec closes again.
 */
static void
hold_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

char *
command_root(const struct options *o)
{
	cleanup_free char *cwd = fs_cwd();
	char *root;

	if (o->directory)
		return fs_join(cwd, o->directory);
	root = project_find_root(cwd);
	return root ? root : mem_steal(&cwd);
}

static int
usage(const struct command *verb, const struct err *err)
{
	log_error("%s", err->msg);
	return verb == &command_exec ? EXIT_REFUSED : EXIT_USAGE;
}

static int
run(const struct command *verb, int argc, char **argv)
{
	char *nothing[] = {NULL};
	char *of_verb[] = {argv[1], NULL};
	struct options options;
	struct err err = ERR_INIT;
	int status;

	if (cli_parse(verb, argc - 1, argv + 1, &options, &err))
		return usage(verb, &err);
	if (options.verbosity)
		log_set_level(options.verbosity < 0
		                  ? LOG_ERROR
		                  : LOG_INFO + options.verbosity);
	options.argc = argc;
	options.argv = argv;
	if (options.help) {
		options.words = verb == &command_help ? nothing : of_verb;
		verb = &command_help;
	} else if (options.version) {
		verb = &command_version;
	}
	status = verb->run(&options);
	options_free(&options);
	return status;
}

int
main(int argc, char **argv)
{
	const struct command *verb;
	const char *name = argc > 1 ? argv[1] : "help";

	hold_standard_fds();
	if (getauxval(AT_SECURE)) {
		log_error("refused: the program has more rights than its "
		          "caller (setuid, setgid or capabilities), whose "
		          "environment it would follow");
		return EXIT_REFUSED;
	}
	if (!strcmp(name, "-h") || !strcmp(name, "--help"))
		argv[1] = word_help;
	else if (!strcmp(name, "-V") || !strcmp(name, "--version"))
		argv[1] = word_version;
	if (argc < 2) {
		char *words[] = {argv[0], word_help, NULL};

		run(&command_help, 2, words);
		return EXIT_USAGE;
	}
	verb = command_find(argv[1]);
	if (!verb) {
		char *words[] = {argv[0], word_help, argv[1], NULL};

		return run(&command_help, 3, words);
	}
	return run(verb, argc, argv);
}
