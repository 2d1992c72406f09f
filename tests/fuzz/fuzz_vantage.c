/* policy/vantage: the input is a story (tests/lib/story.h), its length decides what the
 * resolver said. Whatever happened, no doubt stands against an answer that contradicts
 * it, and what proves a fault of the link's own is never taken for one of ours. */
#include "lib/story.h"

#include "base/buffer.h"
#include "fuzz.h"
#include "policy/vantage.h"

enum { CHECKS_MAX = 3000 };

struct run {
	struct vantage *vantage;
	uint32_t checks;
	bool answered, answered_own;
};

static void note(void *data, const struct observation *seen)
{
	struct run *run = data;
	for (uint32_t i = 0; i < seen->hop_count; i++)
		run->answered |= seen->hops[i].status != 0;
	if (seen->hop_count == 1 && seen->hops[0].status != 0 &&
		seen->hops[0].status != 511)
		run->answered_own = true;
	run->checks++;
	assert(vantage_note(run->vantage, seen) == 0);
}

static void check_covers(const struct vantage_finding *finding)
{
	static const struct slice elsewhere = { "https://not-the-portal.test/x", 29 };
	for (int i = 0; i < REASON_COUNT; i++) {
		enum reason reason = (enum reason)i;
		bool covered = vantage_covers(finding, reason, elsewhere, NULL);
		if (finding->doubt == VANTAGE_FINE)
			assert(!covered);
		bool denied = finding->doubt == VANTAGE_NO_RESOLVER &&
			      finding->reason == REASON_DNS_NXDOMAIN;
		if (finding->doubt != VANTAGE_CAPTIVE_PORTAL && !denied)
			assert(!covered || (reason != REASON_DNS_NXDOMAIN &&
						   reason != REASON_DNS_NO_ADDRESS &&
						   reason != REASON_HTTP_5XX));
		assert(!covered || finding->one_page ||
			(reason != REASON_OK && reason != REASON_HTTP_404 &&
				reason != REASON_HTTP_410 && reason != REASON_HTTP_4XX &&
				reason != REASON_SOFT_404 &&
				reason != REASON_MISSING_ANCHOR &&
				reason != REASON_HTTP_MALFORMED &&
				reason != REASON_REDIRECT_LOOP &&
				reason != REASON_BAD_URL && reason != REASON_EXCLUDED));
	}
}

static void check_sentence(const struct vantage_finding *finding)
{
	struct buffer out;
	buffer_init(&out, 4096);
	vantage_sentence(finding, finding->domains, &out);
	assert(!out.failed && (out.len == 0) == (finding->doubt == VANTAGE_FINE));
	assert(out.len == 0 || out.at[out.len - 1] == '.');
	for (size_t i = 0; i < out.len; i++)
		assert(out.at[i] >= ' ' && out.at[i] < 0x7f);
	buffer_fini(&out);
}

static void check_bar(const struct run *run, const struct vantage_resolver *resolver,
	const struct vantage_finding *finding)
{
	bool silent = resolver->asked > 0 && resolver->answered == 0;
	switch (finding->doubt) {
	case VANTAGE_FINE:
		assert(finding->domains_failed == 0);
		break;
	case VANTAGE_NO_NETWORK:
		assert(!run->answered && finding->domains >= 2);
		assert(finding->domains_failed == finding->domains);
		break;
	case VANTAGE_NO_RESOLVER:
		assert((silent && finding->domains_failed >= 1) ||
			(resolver->denies && !run->answered &&
				finding->domains_failed >= VANTAGE_DENIED_DOMAINS_MIN));
		break;
	case VANTAGE_CAPTIVE_PORTAL:
		assert((finding->one_page || !run->answered_own) && run->answered);
		assert(finding->domains_failed >= 2);
		break;
	case VANTAGE_MASS_FAILURE:
		assert(finding->domains_failed >= (run->answered ? 10U : 5U));
		assert(run->answered || finding->since == 0);
		break;
	case VANTAGE_WRONG_CLOCK:
		assert(finding->domains_failed >= 2);
		break;
	}
	assert(finding->doubt == VANTAGE_WRONG_CLOCK ||
		finding->domains_failed <= finding->domains);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = { .vantage = vantage_new() };
	struct vantage_resolver resolver = { size % 3, size % 3 == 2, size % 5 == 0 };
	struct vantage_finding finding;

	assert(run.vantage != NULL);
	story_tell(fuzz_slice(data, size), CHECKS_MAX, note, &run);
	vantage_judge(run.vantage, &resolver, &finding);
	check_bar(&run, &resolver, &finding);
	check_covers(&finding);
	check_sentence(&finding);

	/* Enough good answers from elsewhere end every doubt but that about names. */
	if (run.checks < 500) {
		story_tell(SLICE("2000* https://good$.test/ 200 good=1 ahead=0"),
			60 + 4 * run.checks, note, &run);
		vantage_judge(run.vantage, &resolver, &finding);
		assert(finding.doubt == VANTAGE_FINE ||
			finding.doubt == VANTAGE_NO_RESOLVER);
	}
	vantage_free(run.vantage);
	return 0;
}
