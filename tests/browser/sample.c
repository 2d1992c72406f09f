/* tests/browser/sample: writes the pages of the sample site into a directory, as the
 * server would answer ("served/") and as files ("static/"). */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "unit/site/samples.h"

static void fail(const char *what)
{
	fprintf(stderr, "sample: %s\n", what);
	exit(1);
}

static void make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			fail(path);
		*slash = '/';
	}
}

static void write_file(const char *top, const char *name, struct slice bytes)
{
	char path[1024];
	snprintf(path, sizeof(path), "%s/%s", top, name);
	make_directories(path);
	FILE *file = fopen(path, "w");
	if (file == NULL)
		fail(path);
	if (fwrite(bytes.at, 1, bytes.len, file) != bytes.len || fclose(file) != 0)
		fail(path);
}

static void put(const char *top, struct site_place place, struct buffer *page)
{
	struct buffer name;
	buffer_init(&name, 1024);
	site_file(&name, &place);
	write_file(top, buffer_string(&name), buffer_slice(page));
	printf("%6zu  %s\n", page->len, buffer_string(&name));
	buffer_fini(&name);
	buffer_reset(page);
}

static void write_lists(const struct site *site, const char *top, struct samples *all,
	struct buffer *out, struct error *error)
{
	struct site_place place = { .what = SITE_LIST, .list = all->lists[0].name };
	struct list_page list = sample_list_page(all);

	if (list_page_write(site, &list, out, error) != 0)
		fail(error->text);
	put(top, place, out);
	list.by_state = place.by_state = true;
	list.state = place.state = STATE_DEAD;
	list.row_count = 3;
	list.total = 3;
	list.number_max = 1;
	list.tally_count = 0;
	list.next = (struct slice){ 0 };
	if (list_page_write(site, &list, out, error) != 0)
		fail(error->text);
	put(top, place, out);
}

static void write_site(
	const struct site *site, const char *top, struct samples *all, struct buffer *out)
{
	static const uint32_t shown[] = { 0, 3, 5, 8, 14 };
	const struct slice trouble[] = { SLICE(
		"This machine was offline from 2026-11-24 01:10 to 03:00; what was "
		"measured then does not count.") };
	struct error error;
	struct overview overview = sample_overview(all);
	struct events_page events = sample_events_page(all);

	if (overview_write(site, &overview, out, &error) != 0)
		fail(error.text);
	put(top, (struct site_place){ .what = SITE_OVERVIEW }, out);
	overview.head.stale = true;
	overview.head.lines = trouble;
	overview.head.line_count = 1;
	overview.list_count = overview.list_total = overview.event_count = 0;
	overview.tally_count = 0;
	overview.counts = (struct standing_counts){ 0 };
	if (overview_write(site, &overview, out, &error) != 0)
		fail(error.text);
	put(top, (struct site_place){ .what = SITE_LIST, .list = SLICE("stale") }, out);
	write_lists(site, top, all, out, &error);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		struct link_page link = sample_link_page(all, shown[i]);
		if (link_page_write(site, &link, out, &error) != 0)
			fail(error.text);
		put(top,
			(struct site_place){
				.what = SITE_LINK, .link_id = link.standing->link_id },
			out);
	}
	if (events_page_write(site, &events, out, &error) != 0)
		fail(error.text);
	put(top, (struct site_place){ .what = SITE_EVENTS }, out);
	if (missing_page_write(site, out, &error) != 0)
		fail(error.text);
	put(top, (struct site_place){ .what = SITE_LINK, .link_id = 404 }, out);
	write_file(top, "style.css", site_style());
	write_file(top, "script.js", site_script());
}

int main(int argc, char **argv)
{
	char top[512];
	struct buffer out;
	struct samples *all = samples_new();
	struct site site = { .title = SLICE("Links of the alignment group"),
		.generator = "linkrotd 0.1.0",
		.public_url = SLICE("https://links.example.org") };

	if (argc != 2)
		fail("name a directory");
	buffer_init(&out, 1 << 20);
	snprintf(top, sizeof(top), "%s/served", argv[1]);
	write_site(&site, top, all, &out);
	site.is_static = true;
	snprintf(top, sizeof(top), "%s/static", argv[1]);
	write_site(&site, top, all, &out);
	buffer_fini(&out);
	samples_free(all);
	return 0;
}
