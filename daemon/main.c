/* linkrotd: options, command, exit status. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "app/command.h"
#include "base/table.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "run", command_run, "watch the links of the configured lists, for ever" },
	{ "check", command_check, "check the links of files, print a report" },
	{ "extract", command_extract, "list the links of files; no network" },
	{ "fix", command_fix, "a patch: permanent targets, schemes, archived copies" },
	{ "status", command_status, "how all links stand now" },
	{ "why", command_why, "all the evidence for the state of one link" },
	{ "report", command_report, "what has changed since when" },
	{ "export", command_export, "write pages, badges, feeds and JSON as files" },
	{ "recheck", command_recheck, "ask the running daemon to check links now" },
	{ "config", command_config, "check, print or explain the configuration" },
	{ "db", command_db, "back up, verify, prune or measure the database" },
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void print_help(FILE *out)
{
	fputs("usage: linkrotd COMMAND [OPTIONS] INPUT...\n\n"
	      "Watches the links of lists, papers and documents.\n\n"
	      "commands:\n",
		out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\n`linkrotd COMMAND --help` lists a command's options; linkrotd(1) "
	      "explains them.\n",
		out);
}

/* With 0, 1 or 2 closed, the next file opened would take the number, and a report might
 * be written into a socket. What is put there instead fails when it is used. */
static void fill_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

static int unknown_command(const char *name)
{
	fprintf(stderr, "linkrotd: unknown command \"%s\"; see linkrotd --help\n", name);
	return EXIT_STATUS_USAGE;
}

static int run_command(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "--help";
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		command_print_version();
		return EXIT_STATUS_OK;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ||
		strcmp(name, "help") == 0) {
		print_help(argc > 1 ? stdout : stderr);
		return argc > 1 ? EXIT_STATUS_OK : EXIT_STATUS_USAGE;
	}
	return unknown_command(name);
}

/* Entries of lists are hostile: they shall not know how our tables hash. */
static void seed_tables(void)
{
	if (getrandom(&table_seed, sizeof(table_seed), 0) != (ssize_t)sizeof(table_seed))
		table_seed = (uint64_t)time(NULL);
}

int main(int argc, char **argv)
{
	fill_descriptors();
	/* A server that hangs up while we write must not end us. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a full disk */
	seed_tables();
	int status = run_command(argc, argv);
	if (fflush(stdout) != 0 && status == EXIT_STATUS_OK)
		status = EXIT_STATUS_RUN_FAILED;
	return status;
}
