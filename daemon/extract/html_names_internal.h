/* extract/html_names: the elements and attributes of HTML that matter to somebody here.
 *
 * Both in alphabetical order, for bsearch. An element's level is what it does to the text
 * around it.
 */
#pragma once

enum html_level {
	HTML_INLINE,
	HTML_BREAK, /* parts words */
	HTML_BLOCK, /* parts paragraphs */
	HTML_LIST,  /* a list or an item of one */
	HTML_ROW,   /* a table or a row of one */
};

#define HTML_ELEMENTS(X)                                                                 \
	X(A, "a", INLINE)                                                                \
	X(ADDRESS, "address", BLOCK)                                                     \
	X(AREA, "area", INLINE)                                                          \
	X(ARTICLE, "article", BLOCK)                                                     \
	X(ASIDE, "aside", BLOCK)                                                         \
	X(AUDIO, "audio", INLINE)                                                        \
	X(BASE, "base", INLINE)                                                          \
	X(BLOCKQUOTE, "blockquote", BLOCK)                                               \
	X(BODY, "body", BLOCK)                                                           \
	X(BR, "br", BREAK)                                                               \
	X(CAPTION, "caption", BLOCK)                                                     \
	X(CENTER, "center", BLOCK)                                                       \
	X(DD, "dd", BLOCK)                                                               \
	X(DEL, "del", INLINE)                                                            \
	X(DETAILS, "details", BLOCK)                                                     \
	X(DIV, "div", BLOCK)                                                             \
	X(DL, "dl", BLOCK)                                                               \
	X(DT, "dt", BLOCK)                                                               \
	X(EMBED, "embed", INLINE)                                                        \
	X(FIELDSET, "fieldset", BLOCK)                                                   \
	X(FIGCAPTION, "figcaption", BLOCK)                                               \
	X(FIGURE, "figure", BLOCK)                                                       \
	X(FOOTER, "footer", BLOCK)                                                       \
	X(FORM, "form", BLOCK)                                                           \
	X(FRAME, "frame", INLINE)                                                        \
	X(H1, "h1", BLOCK)                                                               \
	X(H2, "h2", BLOCK)                                                               \
	X(H3, "h3", BLOCK)                                                               \
	X(H4, "h4", BLOCK)                                                               \
	X(H5, "h5", BLOCK)                                                               \
	X(H6, "h6", BLOCK)                                                               \
	X(HEAD, "head", BLOCK)                                                           \
	X(HEADER, "header", BLOCK)                                                       \
	X(HR, "hr", BLOCK)                                                               \
	X(HTML, "html", BLOCK)                                                           \
	X(IFRAME, "iframe", INLINE)                                                      \
	X(IMG, "img", INLINE)                                                            \
	X(INPUT, "input", INLINE)                                                        \
	X(INS, "ins", INLINE)                                                            \
	X(LI, "li", LIST)                                                                \
	X(LINK, "link", INLINE)                                                          \
	X(MAIN, "main", BLOCK)                                                           \
	X(MATH, "math", INLINE)                                                          \
	X(MENU, "menu", LIST)                                                            \
	X(META, "meta", INLINE)                                                          \
	X(NAV, "nav", BLOCK)                                                             \
	X(NOEMBED, "noembed", INLINE)                                                    \
	X(NOFRAMES, "noframes", INLINE)                                                  \
	X(NOSCRIPT, "noscript", INLINE)                                                  \
	X(OBJECT, "object", INLINE)                                                      \
	X(OL, "ol", LIST)                                                                \
	X(P, "p", BLOCK)                                                                 \
	X(PLAINTEXT, "plaintext", INLINE)                                                \
	X(PRE, "pre", BLOCK)                                                             \
	X(Q, "q", INLINE)                                                                \
	X(SCRIPT, "script", INLINE)                                                      \
	X(SECTION, "section", BLOCK)                                                     \
	X(SOURCE, "source", INLINE)                                                      \
	X(STYLE, "style", INLINE)                                                        \
	X(SUMMARY, "summary", BLOCK)                                                     \
	X(SVG, "svg", INLINE)                                                            \
	X(TABLE, "table", ROW)                                                           \
	X(TBODY, "tbody", ROW)                                                           \
	X(TD, "td", BREAK)                                                               \
	X(TEMPLATE, "template", INLINE)                                                  \
	X(TEXTAREA, "textarea", INLINE)                                                  \
	X(TFOOT, "tfoot", ROW)                                                           \
	X(TH, "th", BREAK)                                                               \
	X(THEAD, "thead", ROW)                                                           \
	X(TITLE, "title", INLINE)                                                        \
	X(TR, "tr", ROW)                                                                 \
	X(TRACK, "track", INLINE)                                                        \
	X(UL, "ul", LIST)                                                                \
	X(VIDEO, "video", INLINE)                                                        \
	X(XMP, "xmp", INLINE)

#define HTML_ATTRIBUTES(X)                                                               \
	X(ALT, "alt")                                                                    \
	X(CHARSET, "charset")                                                            \
	X(CITE, "cite")                                                                  \
	X(CLASS, "class")                                                                \
	X(CONTENT, "content")                                                            \
	X(DATA, "data")                                                                  \
	X(HREF, "href")                                                                  \
	X(HTTP_EQUIV, "http-equiv")                                                      \
	X(ID, "id")                                                                      \
	X(NAME, "name")                                                                  \
	X(POSTER, "poster")                                                              \
	X(PROPERTY, "property")                                                          \
	X(REL, "rel")                                                                    \
	X(SRC, "src")                                                                    \
	X(SRCSET, "srcset")                                                              \
	X(TYPE, "type")

#define HTML_ELEMENT_ENUM(name, text, level) HTML_##name,
#define HTML_ATTRIBUTE_ENUM(name, text)      HTML_ATTRIBUTE_##name,
enum html_element { HTML_ELEMENTS(HTML_ELEMENT_ENUM) HTML_OTHER };
enum html_attribute_name { HTML_ATTRIBUTES(HTML_ATTRIBUTE_ENUM) HTML_ATTRIBUTE_COUNT };
#undef HTML_ELEMENT_ENUM
#undef HTML_ATTRIBUTE_ENUM

enum html_level html_element_level(enum html_element element);
