/* model/userinfo: URLs and texts without the user names and passwords in them.
 *
 * "https://user:password@host/" is how secrets get into documents. A report repeats what
 * documents say and is read by others: no report shows what stands between "://" and "@",
 * or between "//" and "@" where a URL may begin so. Requests do without it too, but that
 * is the business of model/identity.
 */
#pragma once

#include "base/buffer.h"
#include "base/slice.h"

/* One URL in two parts without its userinfo; for everything else the second part is
 * empty. Only the first "://" counts: another one is a piece of a path or a query. */
void userinfo_split(struct slice url, struct slice *ret_front, struct slice *ret_rest);

/* Appends running text without the userinfo of all URLs in it. What ends an authority, a
 * blank or a quotation mark also, ends the search for it. Linear. */
void userinfo_hide(struct buffer *out, struct slice text);
