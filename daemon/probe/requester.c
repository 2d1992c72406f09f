#include "probe/request_internal.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "probe/received_internal.h"

enum { HEADER_BYTES_MAX = 64 * 1024 };

/* What a reader's browser would say, in honest words; titles come in one language. */
static const char *const our_headers[] = {
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
	"Accept-Language: en",
};

static int add_header(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);
	if (longer == NULL)
		return -1;
	*list = longer;
	return 0;
}

static bool is_replaced(const struct header *headers, uint32_t count, const char *line)
{
	struct slice name = slice_of(line);
	size_t colon = slice_find_char(name, ':');
	/* Without one it is "Name;", libcurl's way to write an empty value. */
	name.len = colon != SLICE_NONE ? colon : name.len - 1;
	for (uint32_t i = 0; i < count; i++)
		if (slice_equal_nocase(headers[i].name, name))
			return true;
	return false;
}

static bool has_control(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' && text.at[i] != '\t')
			return true;
	return false;
}

static int add_own_header(
	struct curl_slist **list, const struct header *header, struct error *error)
{
	struct buffer line;
	if (header->name.len == 0 || has_control(header->name) ||
		has_control(header->value) ||
		slice_find_char(header->name, ':') != SLICE_NONE)
		return error_set(error,
			"header '%.*s' cannot be sent: not a name and value",
			SLICE_ARG(header->name));
	buffer_init(&line, HEADER_BYTES_MAX);
	buffer_add(&line, header->name);
	buffer_add_text(&line, header->value.len > 0 ? ": " : ";");
	buffer_add(&line, header->value);
	bool added = add_header(list, buffer_string(&line)) == 0 && !line.failed;
	buffer_fini(&line);
	return added ? 0
		     : error_set(error, "header '%.*s' is too long",
			       SLICE_ARG(header->name));
}

static int make_headers(struct requester *requester, struct error *error)
{
	const struct prober_config *config = requester->config;
	for (size_t i = 0; i < sizeof(our_headers) / sizeof(our_headers[0]); i++) {
		if (add_header(&requester->headers, our_headers[i]) < 0)
			return error_set(error, "out of memory");
		if (!is_replaced(config->headers, config->header_count, our_headers[i]) &&
			add_header(&requester->own_headers, our_headers[i]) < 0)
			return error_set(error, "out of memory");
	}
	for (uint32_t i = 0; i < config->header_count; i++)
		if (add_own_header(&requester->own_headers, &config->headers[i], error) <
			0)
			return -1;
	return 0;
}

struct curl_slist *requester_headers(
	const struct requester *requester, const struct request_wish *wish)
{
	struct curl_slist *list = NULL;
	const struct curl_slist *shared =
		wish->own_headers ? requester->own_headers : requester->headers;
	for (; shared != NULL; shared = shared->next)
		if (!is_replaced(wish->extra_headers, wish->extra_header_count,
			    shared->data) &&
			add_header(&list, shared->data) < 0)
			goto fail;
	for (uint32_t i = 0; i < wish->extra_header_count; i++)
		if (add_own_header(&list, &wish->extra_headers[i], NULL) < 0)
			goto fail;
	return list;
fail:
	curl_slist_free_all(list);
	return NULL;
}

static int make_texts(struct requester *requester, struct error *error)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	struct slice agent = requester->config->user_agent;
	requester->encodings = info->features & CURL_VERSION_BROTLI ? "gzip, deflate, br"
								    : "gzip, deflate";
	if (has_control(agent))
		return error_set(error, "the user agent holds control characters");
	requester->user_agent = strndup(agent.len > 0 ? agent.at : "", agent.len);
	if (requester->user_agent == NULL)
		return error_set(error, "out of memory");
	return 0;
}

int requester_close_socket(void *data, curl_socket_t fd)
{
	struct requester *requester = data;
	requester->closed_fd = fd;
	requester->closed_received = received_bytes(fd);
	return close(fd);
}

static void end_without_memory(struct request *request)
{
	curl_easy_cleanup(request->easy); /* takes it out of its multi */
	request->easy = NULL;
	curl_slist_free_all(request->all_headers);
	request->all_headers = NULL;
	list_remove(&request->in_sent);
	request->failure = REASON_OFFLINE;
	request->why = "this machine ran out of memory";
}

/* All are taken out of libcurl before the first one's owner hears of it. */
void requester_given_up(void *data, uint32_t shard)
{
	struct requester *requester = data;
	struct list ended, *node, *next;
	list_init(&ended);
	for (node = requester->running.next; node != &requester->running; node = next) {
		struct request *request = LIST_OF(node, struct request, in_running);
		next = node->next;
		if (curl_loop_shard(&requester->curl, request->host_hash) != shard)
			continue;
		end_without_memory(request);
		list_remove(node);
		list_push_back(&ended, node);
	}
	while ((node = list_pop_front(&ended)) != NULL)
		if (!requester->curl.stopped)
			requester->on_done(LIST_OF(node, struct request, in_running));
}

int requester_init(struct requester *requester, const struct prober_config *config,
	struct sockets *sockets, struct error *error)
{
	*requester = (struct requester){ .config = config, .closed_fd = -1 };
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return error_set(error, "libcurl cannot be set up");
	list_init(&requester->sent);
	list_init(&requester->running);
	curl_loop_init(&requester->curl, sockets, config->pace.concurrency_total,
		requester_entered, request_transfer_done, requester_given_up, requester);
	if (make_texts(requester, error) < 0 || make_headers(requester, error) < 0 ||
		trust_init(&requester->trust, config->ca_file, config->insecure, error) <
			0) {
		requester_fini(requester);
		return -1;
	}
	return 0;
}

void requester_fini(struct requester *requester)
{
	curl_loop_fini(&requester->curl);
	free(requester->user_agent);
	curl_slist_free_all(requester->headers);
	curl_slist_free_all(requester->own_headers);
	trust_fini(&requester->trust);
	kept_fini(&requester->kept);
	curl_global_cleanup();
}
