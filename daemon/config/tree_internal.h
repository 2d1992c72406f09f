/* config/tree_internal: YAML as a tree of values that know where they stand.
 *
 * The only file that knows libyaml's parser is tree.c. It takes what a configuration
 * needs (mappings, sequences, scalars) and refuses the rest (anchors, aliases, tags,
 * several documents), because nothing that stands in one place shall act in another, and
 * an alias is how a small file becomes a large tree. Depth and numbers have ceilings.
 */
#pragma once

#include "base/arena.h"
#include "config/complaints_internal.h"

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

struct node {
	enum node_kind kind;
	bool plain;   /* a scalar without quotes */
	bool refused; /* complained about already; its text is empty */
	struct config_place place;
	struct slice text;         /* of a scalar, with a NUL behind it */
	struct node *first, *last; /* items, or values with their keys */
	struct node *next;
	uint32_t count;
	struct slice key; /* of a value in a mapping */
	struct config_place key_place;
};

struct tree {
	struct arena *arena; /* holds the nodes */
	struct complaints *complaints;
	uint32_t nodes; /* so far, over all files */
};

/* The root mapping of a file; NULL when there is none (empty, or complained about).
 * `file` must live as long as the places. */
struct node *tree_read(struct tree *tree, const char *file, struct slice bytes);

/* Puts what `from` holds into `into`: mappings of one name are merged, sequences
 * appended; anything else that both have is complained about, with both places. Nodes of
 * `from` are moved. Also for duplicates within one file. */
void tree_merge(struct tree *tree, struct node *into, struct node *from);

/* An empty value, `~` or `null` without quotes. */
bool node_is_null(const struct node *node);

const char *node_kind_text(const struct node *node); /* "a list", for errors */
