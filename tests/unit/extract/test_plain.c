#include "mentions.h"

#include <stdlib.h>

#include "extract/extract_internal.h"

#define EXPECT(document, expected)                                                       \
	mentions_expect(extract_plain, true, false, SLICE(document), (expected),         \
		__FILE__, __LINE__)
#define EXPECT_KIND(kind, document, expected)                                            \
	mentions_expect(extract_##kind, true, false, SLICE(document), (expected),        \
		__FILE__, __LINE__)
#define EXPECT_CONTEXT(document, expected)                                               \
	mentions_expect(extract_plain, true, true, SLICE(document), (expected),          \
		__FILE__, __LINE__)

static void places(void **state)
{
	(void)state;
	EXPECT("", "");
	EXPECT("http://a.example", "1:1 http://a.example\n");
	EXPECT("x\n  see http://a.example/b\nHTTPS://C.example",
		"2:7 http://a.example/b\n"
		"3:1 HTTPS://C.example\n");
	EXPECT("\r\n\xC3\xA4 http://a.example\r\n", "2:4 http://a.example\n");
	EXPECT("a\0b http://a.example\0c", "1:5 http://a.example\n");
	EXPECT("\xFF\xFEhttp://a.example/\xFF/b", "1:3 http://a.example/\n");
}

static void ends(void **state)
{
	(void)state;
	EXPECT("See http://a.example/x. And (http://b.example/y).",
		"1:5 http://a.example/x\n1:30 http://b.example/y\n");
	EXPECT("http://a.example/x_(y)_(z)...", "1:1 http://a.example/x_(y)_(z)\n");
	EXPECT("<http://a.example/x>;", "1:2 http://a.example/x\n");
	EXPECT("url = {http://a.example/x},", "1:8 http://a.example/x\n");
	EXPECT("\\url{http://a.example/{x}y}", "1:6 http://a.example/{x}y\n");
	EXPECT("\"http://a.example/x\",\"z\"", "1:2 http://a.example/x\n");
	EXPECT("'http://a.example/it's'", "1:2 http://a.example/it\n");
	EXPECT("http://a.example/it's", "1:1 http://a.example/it's\n");
	EXPECT("1,http://a.example/x,http://b.example/y,2",
		"1:3 http://a.example/x\n1:22 http://b.example/y,2\n");
	EXPECT("https://a.example[The text]", "1:1 https://a.example\n");
	EXPECT("[[https://a.example/x][text]]", "1:3 https://a.example/x\n");
	EXPECT("`http://a.example/x`|http://b.example|",
		"1:2 http://a.example/x\n1:22 http://b.example\n");
	EXPECT("http://a.example/?", "1:1 http://a.example/\n");
	EXPECT("http://a.example?q=1!", "1:1 http://a.example?q=1\n");
}

/* What stands around it says where it ends; of prose nothing does. */
static void ends_that_are_told(void **state)
{
	(void)state;
	EXPECT("<http://a.example/D.C.>, <http://a.example/?>",
		"1:2 http://a.example/D.C.\n1:27 http://a.example/?\n");
	EXPECT("(http://a.example/x.) \"http://a.example/x.\" {http://a.example/x.} "
	       "[http://a.example/x.] <http://a.example/x. >",
		"1:2 http://a.example/x\n1:24 http://a.example/x\n1:46 "
		"http://a.example/x\n"
		"1:68 http://a.example/x\n1:90 http://a.example/x\n");
	EXPECT_KIND(rst, "`x <http://a.example/D.C.>`_", "1:5 http://a.example/D.C.\n");
	EXPECT_KIND(tex,
		"\\url{http://a.example/D.C.}. \\href {http://a.example/Who?}{x} "
		"\\footnote{http://a.example/x.}",
		"1:6 http://a.example/D.C.\n1:37 http://a.example/Who?\n"
		"1:73 http://a.example/x\n");
	EXPECT_KIND(bibtex,
		"url = {http://a.example/D.C.}, bdsk-url-1=\"http://a.example/D.C.\",\n"
		"note = {http://a.example/x.}, url = {{http://a.example/D.C.}},\n"
		"note = {\\url{http://a.example/D.C.}.}, url = {http://a.example.}",
		"1:8 http://a.example/D.C.\n1:44 http://a.example/D.C.\n"
		"2:9 http://a.example/x\n2:39 http://a.example/D.C.\n"
		"3:14 http://a.example/D.C.\n3:47 http://a.example\n");
	EXPECT_KIND(org, "[[http://a.example/D.C.][x]] [http://a.example/x.]",
		"1:3 http://a.example/D.C.\n1:31 http://a.example/x\n");
	EXPECT_KIND(asciidoc, "http://a.example/D.C.[x] http://a.example/x.",
		"1:1 http://a.example/D.C.\n1:26 http://a.example/x\n");
	EXPECT_KIND(csv,
		"http://a.example/D.C.,\"http://a.example/D.C.\",http://a.example/?\r\n"
		"x http://a.example/x.,\"http://a.example/x. "
		"It\",\"\"\"http://a.example/x."
		"\"\"\"\nhttp://a.example/D.C.",
		"1:1 http://a.example/D.C.\n1:24 http://a.example/D.C.\n"
		"1:47 http://a.example/?\n2:3 http://a.example/x\n"
		"2:24 http://a.example/x\n2:51 http://a.example/x\n"
		"3:1 http://a.example/D.C.\n");
}

static void tex_has_escapes_and_comments(void **state)
{
	(void)state;
	EXPECT_KIND(tex, "\\href{https://a.example/x\\_y\\#z\\%20}{t}",
		"1:7 https://a.example/x_y#z%20 raw https://a.example/x\\_y\\#z\\%20\n");
	EXPECT_KIND(tex, "\\url{http://a.example/b%20c} \\\\\n% http://b.example\n",
		"1:6 http://a.example/b%20c\n");
	EXPECT_KIND(tex, "10\\% http://a.example % http://b.example\r\nhttp://c.example",
		"1:6 http://a.example\n2:1 http://c.example\n");
	EXPECT_KIND(tex, "http://a.example/x\\textbf{y}", "1:1 http://a.example/x\n");
	EXPECT_KIND(tex,
		"\\section{x}% http://b.example\n\\cmd{%http://b.example\n"
		"\\\\%http://b.example\n\\\\\\%http://a.example",
		"4:5 http://a.example\n");
	EXPECT_KIND(tex,
		"\\url{http://a.example/y%z} \\url{b%20c} http://c.example/% "
		"http://d.example",
		"1:6 http://a.example/y%z\n1:40 http://c.example/\n");
	EXPECT_KIND(bibtex, "url = {http://www.a.example/\\~{}x{\\_}y\\&z},",
		"1:8 http://www.a.example/~x_y&z raw "
		"http://www.a.example/\\~{}x{\\_}y\\&z\n");
	EXPECT_KIND(bibtex, "url=\"www.a.example/x\\_y\"",
		"1:6 http://www.a.example/x_y raw www.a.example/x\\_y\n");
	EXPECT_KIND(bibtex,
		"url={http://a.example/{\\textasciitilde}u} "
		"url={http://a.example/$\\sim$u} "
		"url={http://a.example/\\string~u}\nurl={http://a.example/a{_}b{c}} "
		"http://a.example/\\textasciitilde u\\textunderscore{}\\textasciitilde",
		"1:6 http://a.example/~u raw http://a.example/{\\textasciitilde}u\n"
		"1:48 http://a.example/~u raw http://a.example/$\\sim$u\n"
		"1:79 http://a.example/~u raw http://a.example/\\string~u\n"
		"2:6 http://a.example/a_b{c} raw http://a.example/a{_}b{c}\n"
		"2:33 http://a.example/~u_~ raw http://a.example/"
		"\\textasciitilde u\\textunderscore{}\\textasciitilde\n");
	/* What nobody knows is no link where it is an address. */
	EXPECT_KIND(tex,
		"\\url{http://a.example/\\mine u} \\href{http://a.example/{\\mine}u}{x} "
		"\\emph{http://a.example/x\\emph{u}} http://a.example/\\string~.\n",
		"1:74 http://a.example/x\n1:102 http://a.example/~ raw "
		"http://a.example/\\string~\n");
	/* Nor is what stands within it. */
	EXPECT_KIND(tex,
		"\\url{http://b.example/2020/http://c.example/\\mine{}x} "
		"\\url{https://b.example/?u=http://c.example/\\mine}\n",
		"");
	EXPECT_KIND(bibtex, "a = {50 % of http://a.example/{x}}",
		"1:14 http://a.example/{x}\n");
	EXPECT("http://a.example/x\\_y % http://b.example\n",
		"1:1 http://a.example/x\n1:25 http://b.example\n");
}

static void tex_has_code(void **state)
{
	(void)state;
	EXPECT_KIND(tex,
		"\\begin{verbatim}\n% http://b.example\n\\end{verbatim} "
		"http://a.example\n"
		"\\begin{minted}{sh}\nhttp://b.example\n\\end{minted}\n\\begin{comment}\n"
		"http://b.example\n\\end{comment}\\begin{itemize}\nhttp://a.example",
		"3:16 http://a.example\n10:1 http://a.example\n");
	EXPECT_KIND(tex,
		"\\verb|http://b.example| \\verb*+%+ http://a.example "
		"\\lstinline{http://b.example} \\verbatim|http://a.example|\n",
		"1:35 http://a.example\n1:91 http://a.example\n");
	/* What nobody ends, what is no command, what is a comment. */
	EXPECT_KIND(tex,
		"\\verb|http://a.example\n|\\\\begin{verbatim}http://a.example\n"
		"\\end{verbatim}\n%\\begin{verbatim}\n\\begin{verbatim} "
		"http://a.example\n"
		"\\begin{verbatim} http://a.example\n",
		"1:7 http://a.example\n2:19 http://a.example\n5:18 http://a.example\n"
		"6:18 http://a.example\n");
}

static void asciidoc_has_brackets(void **state)
{
	(void)state;
	EXPECT_KIND(asciidoc,
		"https://a.example/x[Text] link:https://a.example/y.html[T] "
		"https://a.example",
		"1:1 https://a.example/x\n1:32 https://a.example/y.html\n"
		"1:60 https://a.example\n");
	EXPECT_KIND(asciidoc,
		"link:++https://a.example/x__y++[x] +https://a.example/x+ "
		"`+https://b.example/+` https://a.example/?x+y++z+",
		"1:8 https://a.example/x__y\n1:37 https://a.example/x\n"
		"1:81 https://a.example/?x+y++z+\n");
	EXPECT("https://a.example/x?y[z]", "1:1 https://a.example/x?y[z]\n");
}

static void asciidoc_has_comments_and_listings(void **state)
{
	(void)state;
	EXPECT_KIND(asciidoc,
		"// http://b.example\nhttp://a.example // http://a.example/x\n"
		"//// \nhttp://b.example\n///\n////\nhttp://a.example\n"
		"/// http://a.example\n",
		"2:1 http://a.example\n2:21 http://a.example/x\n7:1 http://a.example\n"
		"8:5 http://a.example\n");
	EXPECT_KIND(asciidoc,
		"----\nhttp://b.example\n----\n\n[source,sh]\n-----\nhttp://b.example\n"
		"----\nhttp://b.example\n-----\n. http://a.example\n+\n....\n\n"
		"http://b.example\n....\nhttp://a.example",
		"11:3 http://a.example\n17:1 http://a.example\n");
	/* A paragraph ends in what underlines none of its lines. */
	EXPECT_KIND(asciidoc,
		"Run this:\n----\nhttp://b.example\n----\n====\n-----\nhttp://b.example\n"
		"-----\n\xC3\x9C\xC3\x9C\xC3\x9C\xC3\x9C\n----\nhttp://"
		"a.example\n\nRun:\n....\n"
		"http://b.example\n....\nhttp://a.example",
		"11:1 http://a.example\n17:1 http://a.example\n");
	EXPECT_KIND(asciidoc,
		"```sh\nhttp://b.example\n```\nhttp://a.example\n```\nhttp://"
		"b.example\n```\n"
		"```x``` "
		"http://a.example\n````\nhttp://a.example\n```sh\nhttp://a.example\n",
		"4:1 http://a.example\n8:9 http://a.example\n10:1 http://a.example\n"
		"12:1 http://a.example\n");
	/* Headings, and what nobody ends. */
	EXPECT_KIND(asciidoc,
		"Title\r\n-----\r\nhttp://a.example\r\n\r\nTitle\r\n-----\r\n"
		"\r\n----\r\nhttp://a.example\r\n\r\n....\r\nhttp://a.example\r\n---- x",
		"3:1 http://a.example\n9:1 http://a.example\n12:1 http://a.example\n");
	EXPECT("// http://a.example\n", "1:4 http://a.example\n");
}

static void rst_has_comments(void **state)
{
	(void)state;
	EXPECT_KIND(rst,
		".. http://b.example\n   http://b.example\n\n   http://b.example\n"
		"http://a.example\n",
		"5:1 http://a.example\n");
	EXPECT_KIND(rst,
		"Title\n=====\n.. note:: http://a.example\n   http://a.example\n"
		"  .. http://b.example\n\n.. _x: http://a.example\n.. [1] "
		"http://a.example\n"
		".. |x| image:: http://a.example\n.. image: http://b.example\n",
		"3:11 http://a.example\n4:4 http://a.example\n7:8 http://a.example\n"
		"8:8 http://a.example\n9:16 http://a.example\n");
	/* In a paragraph it is none; alone above a blank line it spans nothing. */
	EXPECT_KIND(rst,
		"text\n.. http://a.example\n\n..\n\n   http://a.example\n\n..\n"
		"   http://b.example\n... http://a.example\n",
		"2:4 http://a.example\n6:4 http://a.example\n10:5 http://a.example\n");
}

static void rst_has_code(void **state)
{
	(void)state;
	EXPECT_KIND(rst,
		"So http://a.example::\n\n  http://b.example\n\n    http://b.example\n"
		"http://a.example\n\n.. code-block:: sh\n   :x: y\n\n   "
		"http://b.example\n"
		"* Item::\n\n      http://b.example\n\n  http://a.example\n"
		"10) Item::\n\n\thttp://b.example\n\n    http://a.example\n",
		"1:4 http://a.example\n6:1 http://a.example\n16:3 http://a.example\n"
		"21:5 http://a.example\n");
	EXPECT_KIND(rst,
		"a::\n  http://a.example\n\nb::\n\nhttp://a.example\n\n.. note::\n\n"
		"  http://a.example\n",
		"2:3 http://a.example\n6:1 http://a.example\n10:3 http://a.example\n");
	EXPECT_KIND(rst,
		"``curl http://b.example`` `x <http://a.example>`_ ``http://b.example`` "
		"`` http://a.example ``http://a.example\n",
		"1:31 http://a.example\n1:75 http://a.example\n1:94 http://a.example\n");
}

static void org_has_code_and_comments(void **state)
{
	(void)state;
	EXPECT_KIND(org,
		"# http://b.example\n  : http://b.example\n#+TITLE: http://a.example\n"
		"#+BEGIN_SRC sh\nhttp://b.example\nx #+end_src\nhttp://b.example\n"
		"  #+end_src\nhttp://a.example\n:x: http://a.example\n#+begin_src\n"
		"http://a.example\n* http://a.example\n",
		"3:10 http://a.example\n9:1 http://a.example\n10:5 http://a.example\n"
		"12:1 http://a.example\n13:3 http://a.example\n");
	EXPECT_KIND(org,
		"=http://b.example/=, (~x http://b.example~) "
		"[[http://a.example/~x][=y=]] "
		"a=http://a.example/?x=1= ~http://a.example/~x y = http://a.example =\n"
		"=http://a.example\nx=",
		"1:47 http://a.example/~x\n1:76 http://a.example/?x=1=\n"
		"1:100 http://a.example/~x\n1:124 http://a.example\n2:2 "
		"http://a.example\n");
}

static void csv_has_cells(void **state)
{
	(void)state;
	EXPECT_KIND(csv,
		"a,http://a.example/x,b\n\"see \"\"http://a.example/y,z\"\"\",c\n",
		"1:3 http://a.example/x\n2:8 http://a.example/y,z\n");
	EXPECT_KIND(csv, "a;b\nhttp://a.example/x,y;http://a.example/z;c\n",
		"2:1 http://a.example/x,y\n2:22 http://a.example/z\n");
	EXPECT_KIND(csv, "a\tb,c\td\nhttp://a.example/x,y;z\tw\n",
		"2:1 http://a.example/x,y;z\n");
	EXPECT_KIND(csv, "\"two\nlines\",\"http://a.example/x,y\"\n",
		"2:9 http://a.example/x,y\n");
	EXPECT_KIND(csv, "\"Smith; Doe; \"\"Roe;\"\"\",http://a.example/x,2019\n",
		"1:24 http://a.example/x\n");
	EXPECT_KIND(csv, "a 5\" disk;a,b; \"c,\nd,e\";http://a.example/x,y;z\n",
		"2:6 http://a.example/x,y\n");
}

static void unicode(void **state)
{
	(void)state;
	EXPECT("见http://a.example/路径。好", "1:4 http://a.example/路径\n");
	EXPECT("「http://a.example/x」", "1:4 http://a.example/x\n");
	EXPECT("“http://a.example/x”…", "1:4 http://a.example/x\n");
	EXPECT("http://bücher.example/ä\xC2\xA0x", "1:1 http://bücher.example/ä\n");
	EXPECT("（http://a.example/x）", "1:4 http://a.example/x\n");
}

static void hosts(void **state)
{
	(void)state;
	EXPECT("http://[::1]:8080/x http://u:p@a.example:80/",
		"1:1 http://[::1]:8080/x\n1:21 http://u:p@a.example:80/\n");
	EXPECT("http:// http://. http://? http://# http://-a.example http://a..b", "");
	EXPECT("http://a.example:99999/ http://a.example:x/", "");
	EXPECT("xhttp://a.example _http://a.example ftp://a.example //a.example", "");
	EXPECT("www.a.example/x, a.www.b.example www.b me@www.c.example",
		"1:1 http://www.a.example/x raw www.a.example/x\n");
	EXPECT("http://http://a.example", "1:1 http://http://a.example\n");
	EXPECT("mailto:me@a.example me@a.example a.example", "");
}

static void contexts(void **state)
{
	(void)state;
	EXPECT_CONTEXT("one\r\n A Title: http://a.example/x (pdf) \ntwo",
		"2:11 http://a.example/x [http://a.example/x] [A Title:  (pdf)]\n");

	/* The context of a link in a long line is what stands next to it, in whole
	 * characters. */
	struct mentions mentions = { .with_context = true };
	struct error error = { "" };
	static char line[20000];
	for (size_t i = 0; i + 1 < sizeof(line); i += 2)
		memcpy(line + i, "\xC3\xA4", 2);
	memcpy(line + 9999, " http://a.example ", 18);
	line[10017] = ' ';
	buffer_init(&mentions.lines, 1 << 20);
	assert_int_equal(mentions_read(&mentions, extract_plain,
				 (struct slice){ line, sizeof(line) }, &error),
		0);
	assert_int_equal(mentions.count, 1);
	assert_in_range(mentions.lines.len, 190, 230);
	buffer_fini(&mentions.lines);
}

/* Nobody could tell later that it was userinfo. */
static void cuts_leave_no_userinfo(void **state)
{
	(void)state;
	struct mentions mentions = { .with_context = true };
	struct error error = { "" };
	struct buffer line;

	buffer_init(&line, 10000);
	buffer_add_text(&line, "http://front:");
	for (int i = 0; i < 300; i++)
		buffer_add_char(&line, 's');
	buffer_add_text(&line, "@a/ http://b.example/ http://back:");
	for (int i = 0; i < 300; i++)
		buffer_add_char(&line, 't');
	buffer_add_text(&line, "@c/");
	buffer_init(&mentions.lines, 1 << 20);
	assert_int_equal(
		mentions_read(&mentions, extract_plain, buffer_slice(&line), &error), 0);
	assert_non_null(strstr(buffer_string(&mentions.lines),
		"http://b.example/ [http://b.example/] [a/  http://]\n"));
	buffer_fini(&line);
	buffer_fini(&mentions.lines);
}

static void sink_stops(void **state)
{
	(void)state;
	struct mentions mentions = { .stop_after = 2 };
	struct error error = { "" };

	buffer_init(&mentions.lines, 1 << 20);
	assert_int_equal(
		mentions_read(&mentions, extract_plain,
			SLICE("http://a.example http://b.example http://c.example"),
			&error),
		-1);
	assert_int_equal(mentions.count, 2);
	assert_true(error.text[0] != '\0');
	buffer_fini(&mentions.lines);
}

static void every_truncation(void **state)
{
	(void)state;
	const struct slice text =
		SLICE("x http://[::1]:80/a(b'c\"d\"),https://u@\xE2\x9C\xAA"
		      "df.ws/\xE4\xB8\xAD www.a.example/ \xE2\x80\x9D");
	for (size_t len = 0; len <= text.len; len++) {
		struct mentions mentions = { 0 };
		struct error error;
		assert_int_equal(mentions_read(&mentions, extract_plain,
					 slice_sub(text, 0, len), &error),
			0);
	}
}

static void read_all(mentions_reader *reader, struct slice text)
{
	struct mentions mentions = { 0 };
	struct error error = { "" };
	assert_int_equal(mentions_read(&mentions, reader, text, &error), 0);
	assert_string_equal(error.text, "");
}

/* Each of these would take hours if some part were read again for each start, or more
 * memory than a link has. */
static void hostile(void **state)
{
	(void)state;
	static const struct {
		mentions_reader *reader;
		const char *text;
	} patterns[] = { { extract_plain, "www." }, { extract_plain, "www.-" },
		{ extract_plain, "http://" }, { extract_plain, "http://a.b/(" },
		{ extract_plain, "http://a.b/(\"'" }, { extract_plain, "http://a.b," },
		{ extract_plain, "http://-" }, { extract_plain, "://" },
		{ extract_plain, "(" }, { extract_plain, "http://a.b\n" },
		{ extract_plain, "http://a.b " }, { extract_tex, "http://a.b/\\_%" },
		{ extract_tex, "\\%" }, { extract_csv, "\"  \"" },
		{ extract_asciidoc, "\n\n----x\n\n----" }, { extract_asciidoc, "//\n" },
		{ extract_asciidoc, "```x\n\n" }, { extract_asciidoc, "++http://a.b " },
		{ extract_tex, "\\begin{verbatim}\\begin{comment}http://a.b" },
		{ extract_tex, "\\verb\x01\\verb\x02\\verb+ http://a.b" },
		{ extract_tex, "\\" }, { extract_rst, "``a http://a.b" },
		{ extract_rst, "``a ``b http://a.b" },
		{ extract_rst, "..\n http://a.b\n" }, { extract_rst, "::\n\n\t\t" },
		{ extract_rst, "\t" }, { extract_org, "=a ~b http://a.b" },
		{ extract_org, "=a= ~b~ " },
		{ extract_org, "#+begin_src\n#+begin_example\nx #+end_src\nhttp://a.b" },
		{ extract_org, "#+begin_src\n#+end_src\nhttp://a.b\n" } };
	const size_t len = 2 << 20;
	char *text = malloc(len);

	assert_non_null(text);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		size_t pattern = strlen(patterns[i].text);
		for (size_t at = 0; at < len; at++)
			text[at] = patterns[i].text[at % pattern];
		read_all(patterns[i].reader, (struct slice){ text, len });
	}
	free(text);
}

/* --- other people's cases --- */

/* Without a comment (" % …") and the space around. */
static struct slice clean(struct slice line)
{
	for (size_t i = 0; i + 1 < line.len; i++)
		if (char_is_space(line.at[i]) && line.at[i + 1] == '%') {
			line.len = i;
			break;
		}
	return slice_trim(line);
}

static bool is_ours(struct slice link)
{
	return slice_starts_nocase(link, SLICE("http://")) ||
	       slice_starts_nocase(link, SLICE("https://")) ||
	       slice_starts_nocase(link, SLICE("www."));
}

static int only_url(void *data, const struct mention *mention)
{
	struct buffer *urls = data;
	buffer_add(urls, mention->url);
	buffer_add_char(urls, '\n');
	return 0;
}

/* Whether exactly `link` is found in `text`; an empty one: nothing. */
static bool finds(struct slice text, struct slice link)
{
	struct buffer urls;
	struct extract_sink sink = { &urls, only_url, NULL };
	struct error error;

	buffer_init(&urls, 1 << 16);
	assert_int_equal(extract_plain(text, &sink, &error), 0);
	struct slice found = slice_sub(buffer_slice(&urls), 0, urls.len - (urls.len > 0));
	if (slice_starts_nocase(link, SLICE("www.")) &&
		slice_starts(found, SLICE("http://www.")))
		found = slice_sub(found, 7, found.len);
	bool right = slice_equal(found, link);
	if (!right)
		print_message("\"%.*s\": \"%.*s\" instead of \"%.*s\"\n", SLICE_ARG(text),
			SLICE_ARG(found), SLICE_ARG(link));
	buffer_fini(&urls);
	return right;
}

static void linkify(void **state)
{
	(void)state;
	const char *path = test_shared("suites/linkify-links.txt");
	if (path == NULL)
		skip();
	struct buffer file;
	buffer_init(&file, 1 << 20);
	test_read(path, &file);
	struct slice rest = buffer_slice(&file), line, text = { 0 };
	unsigned ours = 0, right = 0, fuzzy = 0;
	bool more = true;

	while (more) {
		more = slice_split(&rest, '\n', &line);
		line = more && !slice_starts(line, SLICE("%")) ? clean(line)
							       : (struct slice){ 0 };
		if (line.len > 0 && text.len == 0) {
			text = line;
			continue;
		}
		if (text.len == 0)
			continue;
		struct slice link = line.len > 0 ? line : text;
		if (is_ours(link)) {
			ours++;
			right += finds(text, link);
		} else {
			fuzzy++;
		}
		text = (struct slice){ 0 };
	}
	print_message("linkify: %u of %u links; %u without scheme or www. not counted\n",
		right, ours, fuzzy);
	assert_true(ours > 70);
	assert_true(right * 100 >= ours * 95);
	buffer_fini(&file);
}

static void linkify_not(void **state)
{
	(void)state;
	const char *path = test_shared("suites/linkify-not-links.txt");
	if (path == NULL)
		skip();
	struct buffer file;
	buffer_init(&file, 1 << 20);
	test_read(path, &file);
	struct slice rest = buffer_slice(&file), line;
	unsigned all = 0, right = 0;

	while (slice_split(&rest, '\n', &line)) {
		line = slice_starts(line, SLICE("%")) ? (struct slice){ 0 } : clean(line);
		all += line.len > 0;
		right += line.len > 0 && finds(line, (struct slice){ 0 });
	}
	print_message("linkify: %u of %u are no links\n", right, all);
	assert_true(all > 30);
	assert_true(right * 100 >= all * 95);
	buffer_fini(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(ends),
		cmocka_unit_test(ends_that_are_told),
		cmocka_unit_test(tex_has_escapes_and_comments),
		cmocka_unit_test(tex_has_code),
		cmocka_unit_test(asciidoc_has_brackets),
		cmocka_unit_test(asciidoc_has_comments_and_listings),
		cmocka_unit_test(rst_has_comments),
		cmocka_unit_test(rst_has_code),
		cmocka_unit_test(org_has_code_and_comments),
		cmocka_unit_test(csv_has_cells),
		cmocka_unit_test(unicode),
		cmocka_unit_test(hosts),
		cmocka_unit_test(contexts),
		cmocka_unit_test(cuts_leave_no_userinfo),
		cmocka_unit_test(sink_stops),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(hostile),
		cmocka_unit_test(linkify),
		cmocka_unit_test(linkify_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
