#include "policy/method.h"

/* What is no page: its type and its length say all that a check wants to know. */
static const char *const file_types[] = { "7z", "avi", "bin", "bz2", "ckpt", "deb",
	"djvu", "dmg", "doc", "docx", "epub", "exe", "flac", "gguf", "gif", "gz", "h5",
	"iso", "jpeg", "jpg", "mkv", "mobi", "mov", "mp3", "mp4", "msi", "npy", "npz",
	"ogg", "onnx", "parquet", "pdf", "png", "ppt", "pptx", "ps", "pt", "pth", "rar",
	"rpm", "safetensors", "tar", "tgz", "tif", "tiff", "wav", "webm", "webp", "whl",
	"xls", "xlsx", "xz", "zip", "zst" };

static struct slice last_segment(struct slice path)
{
	size_t end = 0, start = 0;
	for (; end < path.len && path.at[end] != '?' && path.at[end] != '#'; end++)
		if (path.at[end] == '/')
			start = end + 1;
	return slice_sub(path, start, end);
}

static struct slice extension(struct slice name)
{
	for (size_t i = name.len; i > 1; i--)
		if (name.at[i - 1] == '.')
			return slice_sub(name, i, name.len);
	return (struct slice){ 0 };
}

/* "/wiki/File:Map.png" and "/blob/main/paper.pdf" are pages about a file. */
static bool is_page_about_file(struct slice path, struct slice name)
{
	return slice_find_char(name, ':') != SLICE_NONE ||
	       slice_find(path, SLICE("/blob/")) != SLICE_NONE;
}

static bool is_file(struct slice path)
{
	struct slice name = last_segment(path);
	struct slice type = extension(name);
	if (type.len == 0 || is_page_about_file(path, name))
		return false;
	for (size_t i = 0; i < sizeof(file_types) / sizeof(file_types[0]); i++)
		if (slice_equal_nocase(type, slice_of(file_types[i])))
			return true;
	return false;
}

enum method_plan method_plan(const struct method_record *record, struct slice path,
	bool body_wanted, uint32_t links_waiting)
{
	if (body_wanted || record->get_only || !is_file(path))
		return METHOD_PLAN_GET;
	if (record->agreed >= METHOD_TRUSTED)
		return METHOD_PLAN_HEAD;
	if (links_waiting < METHOD_LINKS_MIN)
		return METHOD_PLAN_GET;
	return record->agreed == METHOD_AGREED_MIN ? METHOD_PLAN_PROVE_FIRST
						   : METHOD_PLAN_HEAD_THEN_GET;
}

enum kind { KIND_FAILURE, KIND_SUCCESS, KIND_REDIRECT };

static enum kind kind_of(int status)
{
	if (status >= 200 && status < 300)
		return KIND_SUCCESS;
	return status >= 300 && status < 400 && status != 304 ? KIND_REDIRECT
							      : KIND_FAILURE;
}

/* No answer, or one that is about load. */
static bool says_nothing(int status)
{
	return status == 0 || status == 429 || status == 503;
}

void method_learn(struct method_record *record, int head_status, int get_status)
{
	if (says_nothing(get_status))
		return;
	enum kind kind = kind_of(get_status);
	if (kind == KIND_REDIRECT || kind != kind_of(head_status))
		*record = (struct method_record){ .get_only = true };
	else if (!record->get_only && record->agreed < METHOD_AGREED_MIN)
		record->agreed++;
}

void method_learn_made_up(struct method_record *record, int head_status, bool page)
{
	bool affirms = kind_of(head_status) == KIND_SUCCESS && !page;
	if (affirms || says_nothing(head_status))
		*record = (struct method_record){ .get_only = true };
	else if (!record->get_only)
		record->agreed = METHOD_TRUSTED;
}

void method_learn_page(struct method_record *record)
{
	*record = (struct method_record){ .get_only = true };
}
