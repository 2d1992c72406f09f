/* The style sheet and the script are files of their own, so that editors know what they
 * are; the assembler puts their bytes in here (the Makefile knows that this object
 * depends on them). Paths are seen from the top, where make runs. */
#include "site/site.h"

#define EMBED(name, path)                                                                \
	__asm__(".section .rodata\n"                                                     \
		".global " #name "_begin\n.global " #name "_end\n" #name "_begin:\n"     \
		".incbin \"" path "\"\n" #name "_end:\n.byte 0\n.previous\n");           \
	extern const char name##_begin[], name##_end[]

EMBED(site_style_bytes, "daemon/site/style.css");
EMBED(site_script_bytes, "daemon/site/script.js");

struct slice site_style(void)
{
	return (struct slice){ site_style_bytes_begin,
		(size_t)(site_style_bytes_end - site_style_bytes_begin) };
}

struct slice site_script(void)
{
	return (struct slice){ site_script_bytes_begin,
		(size_t)(site_script_bytes_end - site_script_bytes_begin) };
}
