#include "report/sentence_internal.h"

#include "format/words.h"
#include "model/userinfo.h"

void sentence_init(struct sentence *sentence)
{
	buffer_init(&sentence->said, WORDS_BYTES_MAX);
	buffer_init(&sentence->bare, WORDS_BYTES_MAX);
}

void sentence_fini(struct sentence *sentence)
{
	buffer_fini(&sentence->said);
	buffer_fini(&sentence->bare);
}

struct buffer *sentence_begin(struct sentence *sentence)
{
	buffer_reset(&sentence->said);
	return &sentence->said;
}

struct slice sentence_end(struct sentence *sentence, struct buffer *out)
{
	buffer_reset(&sentence->bare);
	userinfo_hide(&sentence->bare, buffer_slice(&sentence->said));
	out->failed |= sentence->said.failed || sentence->bare.failed;
	return buffer_slice(&sentence->bare);
}

struct slice sentence_end_url(struct sentence *sentence, struct buffer *out)
{
	out->failed |= sentence->said.failed;
	return buffer_slice(&sentence->said);
}
