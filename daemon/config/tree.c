#include "config/tree_internal.h"

#include <yaml.h>

#include "base/utf8.h"

/* No mapping of ours has so many keys, and each is compared with all before it. */
enum { MAPPING_KEYS_MAX = 100 };

struct reading {
	struct tree *tree;
	yaml_parser_t parser;
	const char *file;
	struct slice bytes;
	size_t mark_bytes; /* of byte order, before them */
	/* libyaml counts characters, people's editors and we count bytes: a cursor that
	 * only moves forward, and the start of the line it is in. */
	size_t index, offset;
	size_t line, line_offset;
	uint32_t depth;
};

/* --- places --- */

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

static void step_back(const struct reading *reading, size_t *offset)
{
	while (*offset > 0 && is_continuation(reading->bytes.at[--*offset]))
		;
}

static void step_forward(const struct reading *reading, size_t *offset)
{
	do
		++*offset;
	while (*offset < reading->bytes.len &&
		is_continuation(reading->bytes.at[*offset]));
}

static void move_cursor(struct reading *reading, const yaml_mark_t *mark)
{
	while (reading->index < mark->index && reading->offset < reading->bytes.len) {
		step_forward(reading, &reading->offset);
		reading->index++;
	}
	if (mark->line == reading->line)
		return;
	reading->line = mark->line;
	reading->line_offset = reading->offset;
	for (size_t i = 0; i < mark->column; i++)
		step_back(reading, &reading->line_offset);
}

/* Marks come in rising order, but for those of some errors: these keep libyaml's column.
 */
static struct config_place place_of(struct reading *reading, const yaml_mark_t *mark)
{
	size_t column = mark->column;
	if (mark->index >= reading->index) {
		move_cursor(reading, mark);
		column = reading->offset - reading->line_offset;
	}
	if (mark->line == 0)
		column += reading->mark_bytes;
	return (struct config_place){ reading->file, (uint32_t)mark->line + 1,
		(uint32_t)column + 1 };
}

/* --- events --- */

static bool line_begins_with_tab(const struct reading *reading, size_t line)
{
	struct slice rest = reading->bytes, text = { 0 };
	for (size_t i = 0; i <= line; i++)
		if (!slice_split(&rest, '\n', &text))
			return false;
	size_t blanks = 0;
	while (blanks < text.len && (text.at[blanks] == ' ' || text.at[blanks] == '\t'))
		blanks++;
	return slice_find_char(slice_sub(text, 0, blanks), '\t') != SLICE_NONE;
}

static void complain_syntax(struct reading *reading)
{
	const yaml_parser_t *parser = &reading->parser;
	struct complaints *to = reading->tree->complaints;
	if (parser->error == YAML_MEMORY_ERROR) {
		complain(to, place_of_file(reading->file), "not enough memory");
		return;
	}
	if (parser->error == YAML_READER_ERROR) {
		/* It says only where by bytes. */
		complain(to, place_of_file(reading->file),
			"is no UTF-8 text: %s at byte %zu; save it as UTF-8",
			parser->problem, parser->problem_offset + 1);
		return;
	}
	struct config_place place = place_of(reading, &parser->problem_mark);
	const char *problem = parser->problem != NULL ? parser->problem : "no YAML";
	if (line_begins_with_tab(reading, parser->problem_mark.line))
		complain(to, place,
			"a tab at the beginning of the line; YAML is indented with "
			"spaces");
	else if (parser->context != NULL)
		complain(to, place,
			"%s (%s that began in line %zu); check the indentation, and "
			"quote values with : # { [ or @ in them",
			problem, parser->context, parser->context_mark.line + 1);
	else
		complain(to, place,
			"%s; check the indentation, and quote values with : # { [ or @ "
			"in them",
			problem);
}

static bool next_event(struct reading *reading, yaml_event_t *event)
{
	if (yaml_parser_parse(&reading->parser, event))
		return true;
	complain_syntax(reading);
	return false;
}

/* --- nodes: NULL ends the reading of the file, and has been complained about --- */

static struct node *new_node(
	struct reading *reading, enum node_kind kind, const yaml_mark_t *mark)
{
	struct tree *tree = reading->tree;
	struct config_place place = place_of(reading, mark);
	if (++tree->nodes > CONFIG_NODES_MAX) {
		complain(tree->complaints, place,
			"more than %d values in all; a list of links belongs into a "
			"file that `sources` names",
			CONFIG_NODES_MAX);
		return NULL;
	}
	struct node *node = ARENA_NEW(tree->arena, struct node);
	if (node == NULL) {
		complain(tree->complaints, place, "not enough memory");
		return NULL;
	}
	node->kind = kind;
	node->place = place;
	return node;
}

static void append(struct node *parent, struct node *child)
{
	if (parent->last != NULL)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->count++;
}

static void refuse_marks(struct reading *reading, const struct node *node,
	const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		complain(reading->tree->complaints, node->place,
			"an anchor (&%.40s); anchors and aliases are not read here, "
			"write the value where it is meant",
			(const char *)anchor);
	if (tag != NULL)
		complain(reading->tree->complaints, node->place,
			"a tag (%.40s); types are known by their keys here, leave it out",
			(const char *)tag);
}

static struct node *read_scalar(struct reading *reading, const yaml_event_t *event)
{
	struct node *node = new_node(reading, NODE_SCALAR, &event->start_mark);
	if (node == NULL)
		return NULL;
	refuse_marks(reading, node, event->data.scalar.anchor, event->data.scalar.tag);
	struct slice text = { (const char *)event->data.scalar.value,
		event->data.scalar.length };
	if (text.len > CONFIG_TEXT_BYTES_MAX) {
		complain(reading->tree->complaints, node->place,
			"a value of %zu bytes; at most %d", text.len,
			CONFIG_TEXT_BYTES_MAX);
		node->refused = true;
		text.len = 0;
	}
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->text = arena_copy(reading->tree->arena, text);
	if (node->text.at == NULL) {
		complain(reading->tree->complaints, node->place, "not enough memory");
		return NULL;
	}
	return node;
}

static struct node *read_node(struct reading *reading, const yaml_event_t *event);

static struct node *read_items(struct reading *reading, struct node *sequence)
{
	for (;;) {
		yaml_event_t event;
		if (!next_event(reading, &event))
			return NULL;
		bool ends = event.type == YAML_SEQUENCE_END_EVENT;
		struct node *item = ends ? NULL : read_node(reading, &event);
		yaml_event_delete(&event);
		if (ends)
			return sequence;
		if (item == NULL)
			return NULL;
		append(sequence, item);
	}
}

static struct node *value_of_key(struct node *mapping, struct slice key)
{
	for (struct node *value = mapping->first; value != NULL; value = value->next)
		if (slice_equal(value->key, key))
			return value;
	return NULL;
}

/* One key with its value; a duplicate is complained about and left out. */
static bool read_pair(
	struct reading *reading, struct node *mapping, const yaml_event_t *key_event)
{
	struct complaints *to = reading->tree->complaints;
	yaml_event_t event;
	struct node *key = read_node(reading, key_event);
	if (key == NULL || !next_event(reading, &event))
		return false;
	struct node *value = read_node(reading, &event);
	yaml_event_delete(&event);
	if (value == NULL)
		return false;
	if (key->kind != NODE_SCALAR) {
		complain(to, key->place, "%s where a key should be; a key is a word",
			node_kind_text(key));
		return true;
	}
	const struct node *former = value_of_key(mapping, key->text);
	if (former != NULL) {
		char text[SHOWN_SIZE];
		complain(to, key->place,
			"\"%s\" is here a second time, first in line %u; keep one",
			shown(key->text, text), former->key_place.line);
		return true;
	}
	if (mapping->count >= MAPPING_KEYS_MAX) {
		complain(to, key->place, "more than %d keys in one place",
			MAPPING_KEYS_MAX);
		return false;
	}
	value->key = key->text;
	value->key_place = key->place;
	append(mapping, value);
	return true;
}

static struct node *read_pairs(struct reading *reading, struct node *mapping)
{
	for (;;) {
		yaml_event_t event;
		if (!next_event(reading, &event))
			return NULL;
		bool ends = event.type == YAML_MAPPING_END_EVENT;
		bool good = ends || read_pair(reading, mapping, &event);
		yaml_event_delete(&event);
		if (ends)
			return mapping;
		if (!good)
			return NULL;
	}
}

static struct node *read_collection(struct reading *reading, const yaml_event_t *event)
{
	bool is_mapping = event->type == YAML_MAPPING_START_EVENT;
	struct node *node = new_node(
		reading, is_mapping ? NODE_MAPPING : NODE_SEQUENCE, &event->start_mark);
	if (node == NULL)
		return NULL;
	if (is_mapping)
		refuse_marks(reading, node, event->data.mapping_start.anchor,
			event->data.mapping_start.tag);
	else
		refuse_marks(reading, node, event->data.sequence_start.anchor,
			event->data.sequence_start.tag);
	if (++reading->depth > CONFIG_DEPTH_MAX) {
		complain(reading->tree->complaints, node->place,
			"nested more than %d deep", CONFIG_DEPTH_MAX);
		return NULL;
	}
	node = is_mapping ? read_pairs(reading, node) : read_items(reading, node);
	reading->depth--;
	return node;
}

static struct node *read_node(struct reading *reading, const yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		return read_scalar(reading, event);
	if (event->type != YAML_ALIAS_EVENT)
		return read_collection(reading, event);
	struct node *node = new_node(reading, NODE_SCALAR, &event->start_mark);
	if (node == NULL)
		return NULL;
	complain(reading->tree->complaints, node->place,
		"an alias (*%.40s); anchors and aliases are not read here, write the "
		"value where it is meant",
		(const char *)event->data.alias.anchor);
	node->refused = true;
	node->text = SLICE("");
	return node;
}

static struct node *read_document(struct reading *reading)
{
	yaml_event_t event;
	struct node *root = NULL;
	bool ended = false;
	while (!ended && next_event(reading, &event)) {
		bool starts = event.type == YAML_DOCUMENT_START_EVENT;
		bool is_node = event.type == YAML_SCALAR_EVENT ||
			       event.type == YAML_ALIAS_EVENT ||
			       event.type == YAML_SEQUENCE_START_EVENT ||
			       event.type == YAML_MAPPING_START_EVENT;
		ended = event.type == YAML_STREAM_END_EVENT;
		if (starts && root != NULL) {
			complain(reading->tree->complaints,
				place_of(reading, &event.start_mark),
				"a second document (---); a file holds one");
			ended = true;
		} else if (is_node) {
			root = read_node(reading, &event);
			ended = root == NULL;
		}
		yaml_event_delete(&event);
	}
	return root;
}

struct node *tree_read(struct tree *tree, const char *file, struct slice bytes)
{
	/* A mark of byte order, as some editors write it: libyaml would count it as a
	 * column, and take the first key for indented. */
	size_t mark_bytes = slice_starts(bytes, SLICE("\xEF\xBB\xBF")) ? 3 : 0;
	bytes = slice_sub(bytes, mark_bytes, bytes.len);
	struct reading reading = {
		.tree = tree, .file = file, .bytes = bytes, .mark_bytes = mark_bytes
	};
	if (bytes.len > CONFIG_FILE_BYTES_MAX) {
		complain(tree->complaints, place_of_file(file),
			"larger than %d KiB; split it, in conf.d",
			CONFIG_FILE_BYTES_MAX >> 10);
		return NULL;
	}
	if (!yaml_parser_initialize(&reading.parser)) {
		complain(tree->complaints, place_of_file(file), "not enough memory");
		return NULL;
	}
	yaml_parser_set_encoding(&reading.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reading.parser,
		(const unsigned char *)(bytes.at != NULL ? bytes.at : ""), bytes.len);
	struct node *root = read_document(&reading);
	yaml_parser_delete(&reading.parser);
	if (root != NULL && root->kind != NODE_MAPPING && !node_is_null(root)) {
		complain(tree->complaints, root->place,
			"%s where the keys should be, as in \"contact: "
			"mailto:you@example.org\"",
			node_kind_text(root));
		return NULL;
	}
	return root != NULL && root->kind == NODE_MAPPING ? root : NULL;
}

/* --- several files --- */

static void merge_value(struct tree *tree, struct node *old, struct node *new)
{
	char text[SHOWN_SIZE];
	if (old->kind == NODE_MAPPING && new->kind == NODE_MAPPING) {
		tree_merge(tree, old, new);
	} else if (old->kind == NODE_SEQUENCE && new->kind == NODE_SEQUENCE) {
		for (struct node *next, *item = new->first; item != NULL; item = next) {
			next = item->next;
			item->next = NULL;
			append(old, item);
		}
	} else if (new->kind != NODE_SCALAR && node_is_null(old)) {
		/* An empty key says nothing; its place in the line is kept. */
		struct node *next = old->next;
		*old = *new;
		old->next = next;
	} else if (old->kind == NODE_SCALAR || !node_is_null(new)) {
		complain(tree->complaints, new->key_place,
			"\"%s\" is already set in %s:%u; over all files it may be set "
			"once",
			shown(new->key, text), old->key_place.file, old->key_place.line);
	}
}

void tree_merge(struct tree *tree, struct node *into, struct node *from)
{
	for (struct node *next, *value = from->first; value != NULL; value = next) {
		struct node *old = value_of_key(into, value->key);
		next = value->next;
		value->next = NULL;
		if (old != NULL)
			merge_value(tree, old, value);
		else if (into->count < MAPPING_KEYS_MAX)
			append(into, value);
		else
			complain(tree->complaints, value->key_place,
				"more than %d keys in one place", MAPPING_KEYS_MAX);
	}
}

/* --- about a node --- */

bool node_is_null(const struct node *node)
{
	return node->kind == NODE_SCALAR && node->plain &&
	       (node->text.len == 0 || slice_equal(node->text, SLICE("~")) ||
		       slice_equal_nocase(node->text, SLICE("null")));
}

const char *node_kind_text(const struct node *node)
{
	switch (node->kind) {
	case NODE_SCALAR:
		return node_is_null(node) ? "nothing" : "a single value";
	case NODE_SEQUENCE:
		return "a list";
	case NODE_MAPPING:
		return "a group of keys";
	}
	return "";
}
