#include "probe/certificate_internal.h"

#include <openssl/x509v3.h>
#include <stdio.h>

#include "base/utf8.h"
#include "policy/address.h"

/* In the order in which they are named. */
enum fault {
	FAULT_SELF_SIGNED,
	FAULT_ISSUER, /* unknown, or not sent */
	FAULT_CHAIN,  /* anything else: a weak key, no authority's certificate … */
	FAULT_NAME,
	FAULT_EARLY,
	FAULT_EXPIRED,
	FAULT_COUNT,
};

struct faults {
	int errors[FAULT_COUNT];     /* X509_V_ERR_* of the first of its kind; 0: none */
	const X509 *at[FAULT_COUNT]; /* the certificate that has it; held by `context` */
	int depths[FAULT_COUNT];
};

/* --- dates --- */

static time_ms time_of(const ASN1_TIME *from)
{
	struct tm at;
	if (from == NULL || ASN1_TIME_to_tm(from, &at) != 1)
		return 0;
	return time_of_civil(at.tm_year + 1900, (unsigned)at.tm_mon + 1,
		(unsigned)at.tm_mday, (unsigned)at.tm_hour, (unsigned)at.tm_min,
		(unsigned)at.tm_sec);
}

static void note_end(const X509 *one, struct certificate *certificate)
{
	time_ms end = time_of(X509_get0_notAfter(one));
	if (end != 0 && (certificate->chain_expires_at == 0 ||
				end < certificate->chain_expires_at))
		certificate->chain_expires_at = end;
}

void certificate_read(const X509 *leaf, const STACK_OF(X509) * sent,
	const STACK_OF(X509) * used, struct certificate *certificate)
{
	if (leaf == NULL)
		return;
	certificate->seen = true;
	certificate->starts_at = time_of(X509_get0_notBefore(leaf));
	certificate->expires_at = time_of(X509_get0_notAfter(leaf));
	certificate->chain_expires_at = 0;
	note_end(leaf, certificate);
	/* Servers send more than is needed, old cross-signatures above all. */
	const STACK_OF(X509) *chain = sk_X509_num(used) > 1 ? used : sent;
	for (int i = 0; i < sk_X509_num(chain); i++)
		note_end(sk_X509_value(chain, i), certificate);
}

/* --- verification --- */

static enum fault fault_of(int error)
{
	switch (error) {
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return FAULT_SELF_SIGNED;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return FAULT_ISSUER;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return FAULT_EARLY;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return FAULT_EXPIRED;
	default:
		return FAULT_CHAIN;
	}
}

static void note_fault(struct faults *faults, int error, const X509 *at, int depth)
{
	enum fault fault =
		error == X509_V_ERR_HOSTNAME_MISMATCH ? FAULT_NAME : fault_of(error);
	if (faults->errors[fault] != X509_V_OK)
		return;
	faults->errors[fault] = error;
	faults->at[fault] = at;
	faults->depths[fault] = depth;
}

static int on_verified(int good, X509_STORE_CTX *context)
{
	struct faults *faults = X509_STORE_CTX_get_app_data(context);
	if (!good)
		note_fault(faults, X509_STORE_CTX_get_error(context),
			X509_STORE_CTX_get_current_cert(context),
			X509_STORE_CTX_get_error_depth(context));
	return 1;
}

/* Browsers have not looked for hosts in the subject since 2017 (RFC 9110 4.3.4); libcurl
 * does where it finds no name of a kind that it knows. */
static bool names_hosts(const X509 *leaf)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	bool found = false;
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		int type = sk_GENERAL_NAME_value(names, i)->type;
		found = found || type == GEN_DNS || type == GEN_IPADD;
	}
	GENERAL_NAMES_free(names);
	return found;
}

/* Of names beside the subject libcurl has the last word; here it is only asked so that it
 * can be said. */
static bool is_for_host(const X509 *leaf, struct slice host)
{
	struct address address;
	X509 *one = (X509 *)(uintptr_t)leaf;
	if (address_parse(host, &address))
		return address_is_v4(&address)
			       ? X509_check_ip(one, address.bytes + 12, 4, 0) == 1
			       : X509_check_ip(one, address.bytes, 16, 0) == 1;
	if (slice_ends(host, SLICE(".")))
		host.len--;
	return X509_check_host(one, host.at, host.len,
		       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
			       X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
		       NULL) == 1;
}

/* --- words --- */

static void add_text(struct buffer *out, struct slice text)
{
	utf8_add_printable(out, text, TLS_NAME_BYTES_MAX);
}

static void add_string(struct buffer *out, const ASN1_STRING *string)
{
	unsigned char *bytes = NULL;
	int len = string != NULL ? ASN1_STRING_to_UTF8(&bytes, string) : -1;
	if (len > 0)
		add_text(out, (struct slice){ (const char *)bytes, (size_t)len });
	else
		buffer_add_text(out, "without a name");
	OPENSSL_free(bytes);
}

/* The common name, or what else people would call it. */
static void add_name(struct buffer *out, const X509_NAME *name)
{
	static const int parts[] = { NID_commonName, NID_organizationalUnitName,
		NID_organizationName };
	const ASN1_STRING *found = NULL;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && found == NULL; i++) {
		int at = X509_NAME_get_index_by_NID(name, parts[i], -1);
		if (at >= 0)
			found = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	}
	add_string(out, found);
}

static void add_date(struct buffer *out, const ASN1_TIME *date)
{
	char text[TIME_RFC3339_SIZE];
	time_format_rfc3339(time_of(date), text);
	buffer_add(out, slice_sub(slice_of(text), 0, sizeof("2026-11-23") - 1));
}

static void add_hosts(struct buffer *out, const X509 *leaf)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	const ASN1_STRING *first = NULL;
	int count = 0;
	buffer_add_text(out, "it is for ");
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type == GEN_DNS && count++ == 0)
			first = name->d.dNSName;
	}
	if (first != NULL)
		add_string(out, first);
	else
		add_name(out, X509_get_subject_name(leaf));
	if (!names_hosts(leaf))
		buffer_add_text(out, " only where browsers do not look");
	if (count > 1) {
		char more[32];
		snprintf(more, sizeof(more), " and %d more", count - 1);
		buffer_add_text(out, more);
	}
	GENERAL_NAMES_free(names);
}

/* Whose certificate, when it is not the server's own. */
static void add_whose(struct buffer *out, const X509 *at, int depth)
{
	if (depth <= 0) {
		buffer_add_text(out, "it");
		return;
	}
	buffer_add_text(out, "the certificate of its authority (");
	add_name(out, X509_get_subject_name(at));
	buffer_add_text(out, ")");
}

/* Only the leaf was sent, and it does not speak for itself: the commonest mistake of
 * administrators, which browsers hide because they know many intermediates. */
static void add_issuer(struct buffer *out, X509_STORE_CTX *context)
{
	const X509 *leaf = X509_STORE_CTX_get0_cert(context);
	const STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(context);
	const STACK_OF(X509) *used = X509_STORE_CTX_get0_chain(context);
	bool alone = X509_NAME_cmp(X509_get_subject_name(leaf),
			     X509_get_issuer_name(leaf)) != 0;
	for (int i = 0; i < sk_X509_num(sent); i++)
		alone = alone && X509_cmp(sk_X509_value(sent, i), leaf) == 0;
	const X509 *last =
		sk_X509_num(used) > 0 ? sk_X509_value(used, sk_X509_num(used) - 1) : leaf;
	buffer_add_text(out, alone ? "incomplete chain: the server sends only its own "
				     "certificate and leaves out the one that signed it ("
				   : "unknown authority (");
	add_name(out, X509_get_issuer_name(alone ? leaf : last));
	buffer_add_text(out, ")");
}

static void add_fault(struct buffer *out, enum fault fault, const struct faults *faults,
	X509_STORE_CTX *context)
{
	const X509 *leaf = X509_STORE_CTX_get0_cert(context);
	const X509 *at = faults->at[fault] != NULL ? faults->at[fault] : leaf;
	switch (fault) {
	case FAULT_SELF_SIGNED:
		buffer_add_text(out, "issuer: ");
		add_name(out, X509_get_issuer_name(leaf));
		break;
	case FAULT_ISSUER:
		add_issuer(out, context);
		break;
	case FAULT_CHAIN:
		buffer_add_text(
			out, X509_verify_cert_error_string(faults->errors[fault]));
		break;
	case FAULT_NAME:
		add_hosts(out, leaf);
		break;
	case FAULT_EARLY:
		add_whose(out, at, faults->depths[fault]);
		buffer_add_text(out, " begins on ");
		add_date(out, X509_get0_notBefore(at));
		break;
	case FAULT_EXPIRED:
		add_whose(out, at, faults->depths[fault]);
		buffer_add_text(out, " ended on ");
		add_date(out, X509_get0_notAfter(at));
		break;
	case FAULT_COUNT:
		break;
	}
}

static void put_into_words(
	const struct faults *faults, X509_STORE_CTX *context, struct tls_facts *facts)
{
	struct buffer out;
	buffer_init(&out, TLS_WHY_SIZE);
	for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
		if (faults->errors[fault] == X509_V_OK)
			continue;
		if (facts->verify_error == X509_V_OK)
			facts->verify_error = faults->errors[fault];
		if (out.len > 0)
			buffer_add_text(&out, "; ");
		add_fault(&out, fault, faults, context);
	}
	struct slice text = buffer_slice(&out);
	snprintf(facts->why, sizeof(facts->why), "%.*s", SLICE_ARG(text));
	buffer_fini(&out);
}

int certificate_verify(X509_STORE_CTX *context, struct tls_facts *facts)
{
	struct faults faults = { .errors = { 0 } };
	X509 *leaf = X509_STORE_CTX_get0_cert(context);
	X509_STORE_CTX_set_app_data(context, &faults);
	X509_STORE_CTX_set_verify_cb(context, on_verified);
	int verified = X509_verify_cert(context);
	if (verified != 1)
		note_fault(&faults, X509_STORE_CTX_get_error(context), leaf, 0);
	for (enum fault fault = 0; fault < FAULT_COUNT && verified == 1; fault++)
		if (faults.errors[fault] != X509_V_OK)
			verified = 0;
	if (leaf != NULL && !is_for_host(leaf, facts->host)) {
		note_fault(&faults, X509_V_ERR_HOSTNAME_MISMATCH, leaf, 0);
		if (!names_hosts(leaf))
			verified = 0;
	}
	certificate_read(leaf, X509_STORE_CTX_get0_untrusted(context),
		X509_STORE_CTX_get0_chain(context), &facts->certificate);
	facts->verify_error = X509_V_OK;
	put_into_words(&faults, context, facts);
	X509_STORE_CTX_set_error(
		context, verified == 1 ? X509_V_OK : facts->verify_error);
	X509_STORE_CTX_set_app_data(context, NULL);
	return verified == 1 ? 1 : 0;
}
