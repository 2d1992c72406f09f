/* process/exit_status: what the shell is told (interfaces, section 2). */
#pragma once

enum exit_status {
	EXIT_STATUS_OK = 0,
	EXIT_STATUS_RUN_FAILED = 1,  /* unreadable input, internal error */
	EXIT_STATUS_LINK_FAILED = 2, /* a link has an outcome of --fail-on */
	EXIT_STATUS_USAGE = 3,       /* bad options or configuration */
};
