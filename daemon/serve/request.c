#include "serve/request.h"

bool serve_request_has_token(const struct serve_request *request, struct slice token)
{
	const struct slice scheme = SLICE("Bearer ");
	struct slice sent = request->authorization;
	volatile unsigned char differs = 0;

	if (token.len == 0 || !slice_starts_nocase(sent, scheme))
		return false;
	sent = slice_trim(slice_sub(sent, scheme.len, sent.len));
	for (size_t i = 0; i < sent.len; i++)
		differs =
			(unsigned char)(differs | (sent.at[i] ^ token.at[i % token.len]));
	return differs == 0 && sent.len == token.len;
}
