/* config: two files, parted by a line of three equals signs. What is refused is refused
 * with a place; what is taken keeps every limit, and is the same after printing and
 * reading. */
#include "fuzz.h"

#include "config/config.h"

enum { PRINT_BYTES_MAX = 64 << 20 };

static const struct config_wish wishes[] = { { "arxiv.org", 1, 15000 } };
static const struct config_defaults defaults = { wishes, 1 };

static uint32_t split(struct slice text, struct config_file files[static 2])
{
	size_t at = slice_find(text, SLICE("\n===\n"));
	files[0] = (struct config_file){ "a.yaml", slice_sub(text, 0, at) };
	if (at == SLICE_NONE)
		return 1;
	files[1] = (struct config_file){ "b\n.yaml", slice_sub(text, at + 5, text.len) };
	return 2;
}

static void check_errors(const struct config_errors *errors)
{
	assert(errors->count > 0);
	for (uint32_t i = 0; i < errors->count && i < CONFIG_ERRORS_MAX; i++) {
		const char *text = errors->at[i].text;
		assert(memchr(text, '\0', sizeof(errors->at[i].text)) != NULL);
		assert(strncmp(text, "a.yaml:", 7) == 0 ||
			strncmp(text, "b\n.yaml:", 8) == 0);
	}
}

static void check_texts(const struct config_texts *texts)
{
	assert(texts->count <= CONFIG_SOURCES_MAX);
	for (uint32_t i = 0; i < texts->count; i++) {
		assert(texts->at[i][0] != '\0');
		assert(strpbrk(texts->at[i], "\r\n") == NULL);
	}
}

static void check_values(const struct config *config)
{
	assert(config->database != NULL && config->database[0] != '\0');
	assert(config->check.timeout_ms >= 100 && config->check.max_concurrency >= 1);
	assert(config->confirm.span_ms <= config->confirm.unreachable_span_ms);
	assert(config->contact == NULL || strpbrk(config->contact, " \r\n") == NULL);
	for (uint32_t i = 0; i < config->list_count; i++) {
		const struct config_list *list = &config->lists[i];
		assert(list->name != NULL && list->title != NULL);
		assert(list->sources.count > 0 && list->interval_ms >= 60000);
		assert(config_list_of(config, slice_of(list->name)) == list);
		check_texts(&list->sources);
	}
	assert(config->host_count <= CONFIG_HOSTS_MAX + 1);
	for (uint32_t i = 0; i < config->host_count; i++) {
		assert(config->hosts[i].match != NULL);
		assert(config->hosts[i].concurrency >= 1);
		assert(config->hosts[i].request_interval_ms >= 0);
	}
	for (uint32_t i = 0; i < config->notify_count; i++)
		assert(config->notify[i].on != 0);
	check_texts(&config->check.exclude);
	check_texts(&config->network.connect_to);
}

static void on_change(void *data, const char *sentence, bool needs_restart)
{
	(void)data;
	(void)needs_restart;
	fprintf(stderr, "%s\n", sentence);
}

static void check_round_trip(const struct config *config)
{
	struct buffer text;
	struct config_errors errors;
	buffer_init(&text, PRINT_BYTES_MAX);
	assert(config_print(config, &text) == 0);
	const struct config_file file = { "a.yaml", buffer_slice(&text) };
	struct config *again = config_parse(&file, 1, &defaults, &errors);
	/* The defaults make it longer, which may lead past a ceiling. */
	if (again != NULL || text.len <= CONFIG_FILE_BYTES_MAX / 2)
		assert(again != NULL && config_diff(config, again, on_change, NULL) == 0);
	config_free(again);
	buffer_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_file files[2];
	struct config_errors errors;
	uint32_t count = split(fuzz_slice(data, size), files);
	struct config *config = config_parse(files, count, &defaults, &errors);
	if (config == NULL) {
		check_errors(&errors);
		return 0;
	}
	assert(errors.count == 0);
	check_values(config);
	check_round_trip(config);
	config_free(config);
	return 0;
}
