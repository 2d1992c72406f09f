/* app/command: what each word after `linkrotd` does.
 *
 * A command takes its own arguments (argv[0] is the command's name), prints results on
 * standard output and everything else on standard error, and returns the exit status.
 */
#pragma once

#include "process/exit_status.h"

/* The version and those of the libraries underneath, on standard output. */
void command_print_version(void);

int command_check(int argc, char **argv);
int command_extract(int argc, char **argv);
int command_fix(int argc, char **argv);
int command_run(int argc, char **argv);
int command_status(int argc, char **argv);
int command_why(int argc, char **argv);
int command_report(int argc, char **argv);
int command_export(int argc, char **argv);
int command_db(int argc, char **argv);
int command_config(int argc, char **argv);
int command_recheck(int argc, char **argv);
