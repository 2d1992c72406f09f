#include "app/command.h"

#include <stdio.h>

#include "app/check_internal.h"
#include "files/publish.h"
#include "process/terminal.h"
#include "report/report.h"
#include "settings/options.h"
#include "sources/sources.h"

#define EXTRACT_TABLE_BYTES_MAX ((size_t)2 << 30)

static int read_sources(
	struct sources *sources, const struct options *options, struct error *error)
{
	for (uint32_t i = 0; i < options->inputs.count; i++) {
		const char *input = options->inputs.at[i];
		if (source_is_remote(input))
			return error_set(error,
				"%s: extract reads no network; pipe it in: curl -L '%s' "
				"| "
				"linkrotd extract -",
				input, input);
		if (sources_add(sources, input, error) < 0)
			return -1;
	}
	return 0;
}

static int publish(const struct options *options, const struct link_table *table,
	enum format format, struct error *error)
{
	struct buffer out;
	buffer_init(&out, EXTRACT_TABLE_BYTES_MAX);
	int result = report_write_links(table, format, &out, error);
	if (result == 0 && options->output != NULL && strcmp(options->output, "-") != 0)
		result = file_publish(options->output, buffer_slice(&out), error);
	else if (result == 0)
		result = terminal_print(buffer_slice(&out), error);
	buffer_fini(&out);
	return result;
}

static int run_extract(
	const struct options *options, enum format format, struct error *error)
{
	struct link_table table;
	struct sources sources;
	struct filter exclude_path;

	if (filter_init(&exclude_path, "exclude-path", &options->exclude_path, error) <
		0) {
		filter_fini(&exclude_path);
		return EXIT_STATUS_USAGE;
	}
	link_table_init(&table, EXTRACT_TABLE_BYTES_MAX);
	sources_init(&sources, &table, &exclude_path);
	int status = EXIT_STATUS_RUN_FAILED;
	if (read_sources(&sources, options, error) == 0) {
		if (check_would_overwrite_input(&sources, options->output, error))
			status = EXIT_STATUS_USAGE;
		else if (publish(options, &table, format, error) == 0 &&
			 sources.unreadable == 0)
			status = EXIT_STATUS_OK;
	}
	sources_fini(&sources);
	link_table_fini(&table);
	filter_fini(&exclude_path);
	return status;
}

static void print_help(void)
{
	puts("usage: linkrotd extract [OPTIONS] INPUT...\n\n"
	     "Lists every link of the inputs with file:line:column, without any network. "
	     "An\n"
	     "input is a file, a glob, a directory, or - for standard input.\n");
	options_print_help(COMMAND_EXTRACT);
	puts("\nExit status: 0 done, 1 an input cannot be read, 3 bad options.");
}

int command_extract(int argc, char **argv)
{
	struct options options;
	struct error error = { "" };
	enum format format = FORMAT_TEXT;
	int status = EXIT_STATUS_USAGE;

	int result = options_parse(argc, argv, COMMAND_EXTRACT, &options, &error);
	if (result == 0 && options.help) {
		print_help();
		status = EXIT_STATUS_OK;
	} else if (result == 0 && options.version) {
		command_print_version();
		status = EXIT_STATUS_OK;
	} else if (result == 0 && options.inputs.count == 0) {
		error_set(&error,
			"extract needs an INPUT: a file, a directory, or -; see "
			"linkrotd extract --help");
	} else if (result == 0 &&
		   format_choose(slice_of(options.format), REPORT_FORMATS_OF_LINKS,
			   &format, &error) == 0) {
		status = run_extract(&options, format, &error);
	}
	if (error.text[0] != '\0')
		terminal_error(&error);
	options_fini(&options);
	return status;
}
