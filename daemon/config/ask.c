#include "config/config.h"

int config_check_daemon(const struct config *config, struct error *error)
{
	if (config->contact == NULL)
		return error_set(error,
			"contact: is not set; the daemon tells every server whom to "
			"write to, as in \"contact: mailto:you@example.org\"");
	if (config->list_count == 0)
		return error_set(error, "lists: there is none; name at least one list "
					"with its sources");
	return 0;
}

/* `*` and `?`; on a mismatch the last `*` takes one byte more, which is enough because an
 * earlier one could gain nothing. */
static bool glob_matches(struct slice glob, struct slice text)
{
	size_t g = 0, t = 0, star = SLICE_NONE, star_text = 0;
	while (t < text.len) {
		if (g < glob.len && glob.at[g] == '*') {
			star = g++;
			star_text = t;
		} else if (g < glob.len &&
			   (glob.at[g] == '?' ||
				   char_lower(glob.at[g]) == char_lower(text.at[t]))) {
			g++;
			t++;
		} else if (star != SLICE_NONE) {
			g = star + 1;
			t = ++star_text;
		} else {
			return false;
		}
	}
	while (g < glob.len && glob.at[g] == '*')
		g++;
	return g == glob.len;
}

const struct config_host *config_host_of(const struct config *config, struct slice key)
{
	for (uint32_t i = 0; i < config->host_count; i++) {
		struct slice match = slice_of(config->hosts[i].match);
		if (glob_matches(match, key) ||
			(slice_starts(match, SLICE("*.")) &&
				glob_matches(slice_sub(match, 2, match.len), key)))
			return &config->hosts[i];
	}
	return NULL;
}

const struct config_list *config_list_of(const struct config *config, struct slice name)
{
	for (uint32_t i = 0; i < config->list_count; i++)
		if (slice_equal(slice_of(config->lists[i].name), name))
			return &config->lists[i];
	return NULL;
}

void config_add_user_agent(const struct config *config, struct buffer *out)
{
	if (config->check.user_agent != NULL)
		buffer_add_text(out, config->check.user_agent);
	else if (config->contact != NULL)
		buffer_printf(
			out, "linkrotd/" LINKROTD_VERSION " (+%s)", config->contact);
	else
		buffer_add_text(out, "linkrotd/" LINKROTD_VERSION " (link checker)");
}

int config_secret_path(const char *value, const char *credentials_directory,
	struct buffer *ret_path, struct error *error)
{
	struct slice prefix = SLICE("credential:"), name = slice_of(value);
	if (!slice_starts(name, prefix)) {
		buffer_add(ret_path, name);
		return 0;
	}
	if (credentials_directory == NULL || credentials_directory[0] == '\0')
		return error_set(error,
			"%s: there are no credentials here; give it with "
			"LoadCredential= in the systemd unit, or name a file",
			value);
	name = slice_sub(name, prefix.len, name.len);
	buffer_printf(ret_path, "%s/%.*s", credentials_directory, SLICE_ARG(name));
	return 0;
}
