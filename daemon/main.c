/* linkrotd: options, command, exit status. */
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
	{ "check", command_check, "check the links of files, print a report" },
	{ "extract", command_extract, "list the links of files; no network" },
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

/* Entries of lists are hostile: they shall not know how our tables hash. */
static void seed_tables(void)
{
	if (getrandom(&table_seed, sizeof(table_seed), 0) != (ssize_t)sizeof(table_seed))
		table_seed = (uint64_t)time(NULL);
}

int main(int argc, char **argv)
{
	/* A server that hangs up while we write must not end us. */
	signal(SIGPIPE, SIG_IGN);
	seed_tables();

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
	fprintf(stderr, "linkrotd: unknown command \"%s\"; see linkrotd --help\n", name);
	return EXIT_STATUS_USAGE;
}
