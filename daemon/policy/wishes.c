#include "policy/wishes.h"

const struct wish wishes[] = {
	{ "arxiv.org", 1, 15000 }, /* Crawl-delay of its robots.txt */
	{ "github.com", 1, 2000 },
	{ "openreview.net", 1, 3000 },
	{ "aclanthology.org", 1, 3000 },
	{ "doi.org", 1, 1000 },
	{ "crossref.org", 1, 1000 },
	{ "datacite.org", 1, 1000 },
	{ "huggingface.co", 1, 4000 }, /* 100 pages in 5 minutes */
	{ "archive.org", 1, 2500 },    /* 24 a minute for look-ups */
	{ "semanticscholar.org", 1, 1000 },
};

const size_t wish_count = sizeof(wishes) / sizeof(wishes[0]);
