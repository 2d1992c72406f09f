#include "site/site.h"

#include <inttypes.h>

#include "base/hash.h"

static void add_list(struct buffer *out, struct slice list)
{
	if (list.len == 0)
		return;
	buffer_add_text(out, "lists/");
	buffer_add(out, list);
	buffer_add_char(out, '/');
}

static void add_numbered(struct buffer *out, uint32_t number)
{
	if (number <= 1)
		buffer_add_text(out, "index.html");
	else
		buffer_printf(out, "%" PRIu32 ".html", number);
}

/* What has the same name in both worlds. */
static bool add_common(struct buffer *out, const struct site_place *place)
{
	switch (place->what) {
	case SITE_FEED:
		add_list(out, place->list);
		buffer_add_text(out, "feed.atom");
		return true;
	case SITE_BADGE:
		buffer_add_text(out, "badge/");
		buffer_add(out, place->list);
		buffer_add_text(out, ".svg");
		return true;
	case SITE_STYLE:
		buffer_add_text(out, "style.css");
		return true;
	case SITE_SCRIPT:
		buffer_add_text(out, "script.js");
		return true;
	case SITE_OVERVIEW:
	case SITE_LIST:
	case SITE_LINK:
	case SITE_EVENTS:
		return false;
	}
	return false;
}

void site_file(struct buffer *out, const struct site_place *place)
{
	if (add_common(out, place))
		return;
	if (place->what == SITE_LINK) {
		buffer_printf(out, "links/%" PRId64 ".html", place->link_id);
		return;
	}
	if (place->what == SITE_OVERVIEW) {
		add_numbered(out, place->number);
		return;
	}
	add_list(out, place->list);
	if (place->what == SITE_EVENTS)
		buffer_add_text(out, "events/");
	else if (place->by_state)
		buffer_printf(out, "%s/", state_text(place->state));
	add_numbered(out, place->number);
}

static void add_path(struct buffer *out, const struct site_place *place)
{
	if (add_common(out, place))
		return;
	if (place->what == SITE_OVERVIEW) {
		if (place->number > 1)
			buffer_printf(out, "?after=%" PRIu64,
				(uint64_t)(place->number - 1) * SITE_LISTS_MAX);
		return;
	}
	if (place->what == SITE_LINK) {
		buffer_printf(out, "links/%" PRId64, place->link_id);
		return;
	}
	if (place->list.len > 0) {
		buffer_add_text(out, "lists/");
		buffer_add(out, place->list);
		buffer_add_text(out, place->what == SITE_EVENTS ? "/" : "");
	}
	if (place->what == SITE_EVENTS)
		buffer_add_text(out, "events");
	else if (place->by_state)
		buffer_printf(out, "?state=%s", state_text(place->state));
}

/* "../" for each directory between the file of `from` and the top. */
static void add_climb(struct buffer *out, const struct site_place *from)
{
	struct buffer file;

	buffer_init(&file, 4096);
	site_file(&file, from);
	for (size_t i = 0; i < file.len; i++)
		if (file.at[i] == '/')
			buffer_add_text(out, "../");
	out->failed |= file.failed;
	buffer_fini(&file);
}

static void add_version(struct buffer *out, enum site_what what)
{
	struct slice bytes;
	if (what == SITE_STYLE)
		bytes = site_style();
	else if (what == SITE_SCRIPT)
		bytes = site_script();
	else
		return;
	buffer_printf(out, "?%08" PRIx32, (uint32_t)hash_bytes(bytes, 0));
}

void site_address(struct buffer *out, const struct site *site,
	const struct site_place *from, const struct site_place *to)
{
	if (site->base.len > 0)
		buffer_add(out, site->base);
	else if (site->is_static)
		add_climb(out, from);
	else
		buffer_add_char(out, '/');
	if (site->is_static)
		site_file(out, to);
	else
		add_path(out, to);
	add_version(out, to->what);
}
