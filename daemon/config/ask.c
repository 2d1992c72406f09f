#include "config/config.h"

#define NOTIFY_TYPE_TEXT(name, text) text,
static const char *const notify_type_texts[] = { CONFIG_NOTIFY_TYPES(NOTIFY_TYPE_TEXT) };

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

/* --- receivers --- */

void config_notify_name(const struct config *config, uint32_t index, struct buffer *out)
{
	const struct config_notify *notify = &config->notify[index];
	uint32_t number = 1;
	if (notify->name != NULL) {
		buffer_add_text(out, notify->name);
		return;
	}
	for (uint32_t i = 0; i < index; i++)
		number += config->notify[i].type == notify->type &&
			  config->notify[i].name == NULL;
	buffer_printf(out, "%s#%u", notify_type_texts[notify->type], number);
}

const char *config_notify_server(const struct config_notify *notify)
{
	if (notify->server != NULL)
		return notify->server;
	switch (notify->type) {
	case CONFIG_NOTIFY_NTFY:
		return "https://ntfy.sh";
	case CONFIG_NOTIFY_TELEGRAM:
		return "https://api.telegram.org";
	case CONFIG_NOTIFY_GITHUB_ISSUE:
		return "https://api.github.com";
	case CONFIG_NOTIFY_MAIL:
	case CONFIG_NOTIFY_SENDMAIL:
	case CONFIG_NOTIFY_SLACK:
	case CONFIG_NOTIFY_DISCORD:
	case CONFIG_NOTIFY_TEAMS:
	case CONFIG_NOTIFY_MATTERMOST:
	case CONFIG_NOTIFY_MATRIX:
	case CONFIG_NOTIFY_WEBHOOK:
	case CONFIG_NOTIFY_ALERTMANAGER:
		return NULL;
	}
	return NULL;
}

/* "HH:MM" of a day, or of an offset, which has at most 14 hours. */
static bool parse_clock(struct slice text, uint64_t hours_max, int *ret_min)
{
	uint64_t hours, minutes;
	if (text.len != 5 || text.at[2] != ':' ||
		!slice_to_number(slice_sub(text, 0, 2), hours_max, &hours) ||
		!slice_to_number(slice_sub(text, 3, 5), 59, &minutes))
		return false;
	*ret_min = (int)(hours * 60 + minutes);
	return true;
}

bool config_quiet_parse(
	struct slice text, int *ret_from_min, int *ret_to_min, int *ret_offset_min)
{
	enum { HOURS_BYTES = 11, OFFSET_HOURS_MAX = 14 };
	struct slice offset = slice_sub(text, HOURS_BYTES, text.len);
	*ret_offset_min = 0;
	if (text.len < HOURS_BYTES || text.at[5] != '-' ||
		!parse_clock(slice_sub(text, 0, 5), 23, ret_from_min) ||
		!parse_clock(slice_sub(text, 6, 11), 23, ret_to_min) ||
		*ret_from_min == *ret_to_min)
		return false;
	if (offset.len == 0)
		return true;
	if (offset.len != 7 || offset.at[0] != ' ' ||
		(offset.at[1] != '+' && offset.at[1] != '-') ||
		!parse_clock(slice_sub(offset, 2, 7), OFFSET_HOURS_MAX, ret_offset_min))
		return false;
	if (offset.at[1] == '-')
		*ret_offset_min = -*ret_offset_min;
	return true;
}
