/* app/command: what each word after `linkrotd` does.
 *
 * A command takes its own arguments (argv[0] is the command's name), prints results on
 * standard output and everything else on standard error, and returns the exit status.
 */
#pragma once

enum exit_status {
	EXIT_STATUS_OK = 0,
	EXIT_STATUS_RUN_FAILED = 1,  /* unreadable input, internal error */
	EXIT_STATUS_LINK_FAILED = 2, /* a link has an outcome of --fail-on */
	EXIT_STATUS_USAGE = 3,       /* bad options or configuration */
};

/* The version and those of the libraries underneath, on standard output. */
void command_print_version(void);

int command_check(int argc, char **argv);
int command_extract(int argc, char **argv);
int command_run(int argc, char **argv);
int command_status(int argc, char **argv);
int command_why(int argc, char **argv);
int command_report(int argc, char **argv);
int command_db(int argc, char **argv);
int command_config(int argc, char **argv);
int command_recheck(int argc, char **argv);
