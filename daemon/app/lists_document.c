#include <stdlib.h>

#include "app/lists_internal.h"
#include "base/table.h"

struct slice list_document_list(const struct list_document *document)
{
	return (struct slice){ document->key, document->list_len };
}

struct slice list_document_name(const struct list_document *document)
{
	return (struct slice){ document->key + document->list_len + 1,
		document->name_len };
}

struct list_document *list_document_of(
	struct lists *lists, struct slice list, struct slice name)
{
	struct list_document *document = NULL;
	size_t size = list.len + 1 + name.len + 1;
	struct list_document *made = calloc(1, sizeof(*made) + size);
	if (made == NULL)
		return NULL;
	made->list_len = list.len;
	made->name_len = name.len;
	memcpy(made->key, list.at, list.len);
	memcpy(made->key + list.len + 1, name.at, name.len);
	HASH_FIND(hh, lists->documents, made->key, size, document);
	if (document != NULL) {
		free(made);
		return document;
	}
	HASH_ADD(hh, lists->documents, key, size, made);
	if (made->hh.tbl == NULL) {
		free(made);
		return NULL;
	}
	list_push_back(&lists->all_documents, &made->in_all);
	return made;
}

void list_document_pend(
	struct lists *lists, struct list_document *document, uint64_t item)
{
	if (document->item == 0) {
		document->next = NULL;
		*lists->pending_end = document;
		lists->pending_end = &document->next;
	}
	document->item = item;
	document->told = 0;
}

static void unpend(struct lists *lists, const struct list_document *document)
{
	struct list_document **at = &lists->pending;
	if (document->item == 0)
		return;
	while (*at != document)
		at = &(*at)->next;
	*at = document->next;
	if (*at == NULL)
		lists->pending_end = at;
}

void list_document_drop(struct lists *lists, struct list_document *document)
{
	unpend(lists, document);
	HASH_DEL(lists->documents, document);
	list_remove(&document->in_all);
	free(document);
}

void list_document_told(struct lists *lists)
{
	struct list_document *document = lists->pending;
	unpend(lists, document);
	document->item = 0;
}
