/* From files to a struct config: each file a tree, the trees merged, the tree read by the
 * table, and at the end the rules over several keys. */
#include "config/config.h"

#include <stdlib.h>

#include "config/rules_internal.h"
#include "config/values_internal.h"

enum { TREE_BYTES_MAX = 128 << 20, CONFIG_BYTES_MAX = 128 << 20 };

/* The struct and the memory it lies in. */
struct whole {
	struct config config; /* first */
	struct arena arena;
};

struct parsing {
	struct arena *arena; /* the configuration's */
	struct complaints complaints;
	struct tree tree;
};

/* --- groups --- */

static bool begin_group(
	struct parsing *parsing, const struct key_group *group, void *values)
{
	struct config_place *places =
		ARENA_ARRAY(parsing->arena, struct config_place, group->count);
	*(const struct config_place **)values = places;
	for (uint32_t i = 0; i < group->count; i++) {
		const struct key *key = &group->keys[i];
		value_set_default(key, values);
		if (key->type == KEY_GROUP &&
			!begin_group(parsing, key->group, key_field(key, values)))
			return false;
	}
	return places != NULL;
}

static void complain_unknown(struct parsing *parsing, const struct key_group *group,
	const char *prefix, const struct node *value)
{
	char text[SHOWN_SIZE], within[80] = "";
	struct complaints *to = &parsing->complaints;
	struct slice inner = slice_of(prefix);
	if (inner.len > 0)
		snprintf(within, sizeof(within), " in %.*s",
			SLICE_ARG(slice_sub(inner, 0, inner.len - 1)));
	shown(value->key, text);
	const struct key *nearest = key_nearest(group, value->key);
	const char *other = key_belongs_to(group, value->key);
	struct buffer known;
	buffer_init(&known, 400);
	for (uint32_t i = 0; i < group->count; i++)
		buffer_printf(&known, "%s%s", i > 0 ? ", " : "", group->keys[i].name);
	if (other != NULL && other[0] == '\0')
		complain(to, value->key_place,
			"unknown key \"%s\"%s; it stands at the top, not indented", text,
			within);
	else if (other != NULL)
		complain(to, value->key_place,
			"unknown key \"%s\"%s; it belongs under \"%s\"", text, within,
			other);
	else if (nearest != NULL)
		complain(to, value->key_place,
			"unknown key \"%s\"%s; did you mean \"%s\"?", text, within,
			nearest->name);
	else
		complain(to, value->key_place, "unknown key \"%s\"%s; there are %s", text,
			within, buffer_string(&known));
	buffer_fini(&known);
}

static void read_group(struct parsing *parsing, const struct key_group *group,
	void *values, const char *prefix, const struct node *mapping);

static void complain_missing(struct parsing *parsing, const struct key_group *group,
	const void *values, const char *prefix, const struct node *mapping)
{
	const struct config_place *places = key_places(values);
	for (uint32_t i = 0; i < group->count; i++)
		if ((group->keys[i].flags & KEY_REQUIRED) && places[i].file == NULL)
			complain(&parsing->complaints, mapping->place,
				"%s%s: is missing; it is required here", prefix,
				group->keys[i].name);
}

/* A list of groups into an array; *ret_count is also set where members were refused. */
static void read_groups(struct parsing *parsing, const struct key *key, void *values,
	const char *prefix, const struct node *sequence)
{
	size_t size = key->group->size;
	if (sequence->count > (uint64_t)key->max) {
		complain(&parsing->complaints, sequence->place,
			"%s: has %u members; at most %d", key->name, sequence->count,
			(int)key->max);
		return;
	}
	char *members = arena_array(parsing->arena, size, sequence->count + 1);
	uint32_t count = 0;
	if (members == NULL)
		return; /* the arena remembers */
	for (const struct node *item = sequence->first; item != NULL; item = item->next) {
		void *member = members + count * size;
		if (item->kind != NODE_MAPPING) {
			if (!item->refused)
				complain(&parsing->complaints, item->place,
					"%s: %s; expected keys and values, as \"- %s: "
					"...\"",
					key->name, node_kind_text(item),
					key->group->keys[0].name);
			continue;
		}
		if (!begin_group(parsing, key->group, member))
			return;
		count++;
		read_group(parsing, key->group, member, prefix, item);
		complain_missing(parsing, key->group, member, prefix, item);
	}
	*(const void **)key_field(key, values) = members;
	*(uint32_t *)(void *)((char *)values + key->count_offset) = count;
}

static void read_nested(struct parsing *parsing, const struct key *key, void *values,
	const struct node *value)
{
	char prefix[64];
	bool listed = key->type == KEY_GROUPS;
	enum node_kind wanted = listed ? NODE_SEQUENCE : NODE_MAPPING;
	if (value->refused || node_is_null(value))
		return; /* a key with all its values commented out */
	if (value->kind != wanted) {
		complain(&parsing->complaints, value->place, "%s: %s; expected %s",
			key->name, node_kind_text(value),
			listed ? "a list, each member with a dash in front"
			       : "keys and values, each on an indented line");
		return;
	}
	snprintf(prefix, sizeof(prefix), "%s.", key->name);
	if (listed)
		read_groups(parsing, key, values, prefix, value);
	else
		read_group(parsing, key->group, key_field(key, values), prefix, value);
}

static void read_group(struct parsing *parsing, const struct key_group *group,
	void *values, const char *prefix, const struct node *mapping)
{
	struct config_place *places = *(struct config_place **)values;
	for (const struct node *value = mapping->first; value != NULL;
		value = value->next) {
		const struct key *key = key_of_name(group, value->key);
		if (key == NULL) {
			complain_unknown(parsing, group, prefix, value);
			continue;
		}
		places[key - group->keys] = value->key_place;
		if (key->group != NULL)
			read_nested(parsing, key, values, value);
		else
			value_set(&(struct setting){ key, values, prefix, parsing->arena,
					  &parsing->complaints },
				value);
	}
}

/* --- built-in hosts --- */

static bool is_written(const struct config *config, const char *match)
{
	for (uint32_t i = 0; i < config->host_count; i++)
		if (config->hosts[i].match != NULL &&
			slice_equal_nocase(
				slice_of(config->hosts[i].match), slice_of(match)))
			return true;
	return false;
}

static struct config_host *add_wishes(struct parsing *parsing, struct config *config,
	const struct config_defaults *defaults)
{
	uint32_t wishes = defaults != NULL ? defaults->wish_count : 0;
	struct config_host *hosts = ARENA_ARRAY(
		parsing->arena, struct config_host, config->host_count + wishes + 1);
	uint32_t count = config->host_count;
	if (hosts == NULL)
		return NULL;
	if (count > 0)
		memcpy(hosts, config->hosts, count * sizeof(*hosts));
	for (uint32_t i = 0; i < wishes; i++) {
		const struct config_wish *wish = &defaults->wishes[i];
		if (is_written(config, wish->match))
			continue;
		hosts[count++] = (struct config_host){ NULL,
			arena_string(parsing->arena, slice_of(wish->match)),
			wish->request_interval_ms, wish->concurrency };
	}
	config->hosts = hosts;
	config->host_count = count;
	return hosts;
}

/* --- the whole --- */

static struct node *read_files(
	struct parsing *parsing, const struct config_file *files, uint32_t count)
{
	struct node *root = ARENA_NEW(parsing->tree.arena, struct node);
	const char **names = ARENA_ARRAY(parsing->arena, const char *, count + 1);
	if (root == NULL || names == NULL)
		return NULL;
	root->kind = NODE_MAPPING;
	parsing->complaints.names = names;
	for (uint32_t i = 0; i < count; i++) {
		names[i] = arena_string(parsing->arena, slice_of(files[i].name));
		if (names[i] == NULL)
			return NULL;
		parsing->complaints.name_count = i + 1;
		struct node *from = tree_read(&parsing->tree, names[i], files[i].bytes);
		if (from != NULL)
			tree_merge(&parsing->tree, root, from);
	}
	return root;
}

static void read_whole(struct parsing *parsing, struct config *config,
	const struct config_file *files, uint32_t count,
	const struct config_defaults *defaults)
{
	struct node *root = read_files(parsing, files, count);
	if (root == NULL || !begin_group(parsing, &key_root, config))
		return;
	read_group(parsing, &key_root, config, "", root);
	struct config_host *hosts = add_wishes(parsing, config, defaults);
	if (hosts == NULL)
		return;
	/* The arrays are ours until the configuration is handed out. */
	rules_apply(config, (struct config_list *)(uintptr_t)config->lists, hosts,
		&parsing->complaints);
}

struct config *config_parse(const struct config_file *files, uint32_t count,
	const struct config_defaults *defaults, struct config_errors *errors)
{
	struct whole *whole = calloc(1, sizeof(*whole));
	struct arena nodes;
	errors->count = 0;
	struct parsing parsing = { .complaints.errors = errors };
	if (whole == NULL || count > CONFIG_FILES_MAX) {
		complain(&parsing.complaints, (struct config_place){ 0 },
			whole == NULL ? "not enough memory"
				      : "more than %d configuration files",
			CONFIG_FILES_MAX);
		free(whole);
		return NULL;
	}
	arena_init(&whole->arena, CONFIG_BYTES_MAX);
	arena_init(&nodes, TREE_BYTES_MAX);
	parsing.arena = &whole->arena;
	parsing.tree = (struct tree){ &nodes, &parsing.complaints, 0 };
	read_whole(&parsing, &whole->config, files, count, defaults);
	if (whole->arena.failed || nodes.failed)
		complain(&parsing.complaints, (struct config_place){ 0 },
			"not enough memory for the configuration");
	complaints_sort(&parsing.complaints);
	arena_fini(&nodes);
	if (errors->count == 0)
		return &whole->config;
	config_free(&whole->config);
	return NULL;
}

void config_free(struct config *config)
{
	struct whole *whole = (struct whole *)(void *)config;
	if (whole == NULL)
		return;
	arena_fini(&whole->arena);
	free(whole);
}
