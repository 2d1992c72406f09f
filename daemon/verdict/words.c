#include "verdict/words_internal.h"

#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>

#include "verdict/hop_class_internal.h"

enum {
	SEGMENT_MAX = 256,    /* of an address; longer ones spell nothing */
	ABOUT_TEXT_MIN = 256, /* of a page about a wall; with less, it is one */
	SPELLED_MIN = 4,      /* shorter words are found in any segment */
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
#define S(text) { text, sizeof(text) - 1 }
/* clang-format on */

/* --- folding ----------------------------------------------------------------------- */

/* False where there is more than ASCII. */
static bool lower_ascii(char *text, size_t len)
{
	bool ascii = true;

	for (size_t i = 0; i < len; i++) {
		ascii = ascii && (unsigned char)text[i] < 0x80;
		text[i] = char_lower(text[i]);
	}
	return ascii;
}

/* "n’existe" and "n'existe", and spaces that do not break. */
static size_t plain_marks(char *text, size_t len)
{
	static const struct {
		struct slice from;
		char to;
	} marks[] = { { S("\xE2\x80\x99"), '\'' }, { S("\xC2\xA0"), ' ' },
		{ S("\xE2\x80\xAF"), ' ' } };
	size_t end = 0;

	for (size_t at = 0; at < len;) {
		struct slice rest = { text + at, len - at };
		char c = text[at];
		size_t used = 1;
		for (size_t i = 0; i < LENGTH(marks); i++)
			if (slice_starts(rest, marks[i].from)) {
				c = marks[i].to;
				used = marks[i].from.len;
			}
		text[end++] = c;
		at += used;
	}
	return end;
}

struct slice words_fold(struct arena *arena, struct slice text)
{
	text = slice_trim(slice_sub(text, 0, WORDS_TEXT_MAX));
	char *copy = arena_string(arena, text);
	size_t len = text.len;

	if (copy == NULL)
		return (struct slice){ 0 };
	if (lower_ascii(copy, len))
		return (struct slice){ copy, len };
	uint8_t *folded =
		u8_casefold((const uint8_t *)copy, len, NULL, UNINORM_NFC, NULL, &len);
	if (folded == NULL) /* it was no UTF-8, or was cut within a character */
		return (struct slice){ copy, plain_marks(copy, text.len) };
	copy = arena_string(arena, (struct slice){ (const char *)folded, len });
	free(folded);
	return (struct slice){ copy, copy != NULL ? plain_marks(copy, len) : 0 };
}

/* --- parts ------------------------------------------------------------------------- */

static bool is_space_or_wide(char c)
{
	return char_is_space(c) || (unsigned char)c >= 0x80;
}

/* These are within words and numbers, too. */
static bool parts_here(struct slice text, size_t at)
{
	char before = at > 0 ? text.at[at - 1] : ' ';
	char behind = at + 1 < text.len ? text.at[at + 1] : ' ';

	switch (text.at[at]) {
	case '-':
	case '_':
		return is_space_or_wide(before) || is_space_or_wide(behind);
	case '.':
	case '?':
		return char_is_space(behind);
	case ':':
		return behind != '/';
	default:
		return false;
	}
}

/* The length of the separator at this place, 0 where there is none. */
static size_t separator_len(struct slice text, size_t at)
{
	static const struct slice wide[] = { S("–"), S("—"), S("·"), S("•"), S("»"),
		S("«"), S("›"), S("…"), S("。"), S("！"), S("｜"), S("："), S("－"),
		S("、") };
	char c = text.at[at];

	if ((unsigned char)c < 0x80)
		return c == '|' || c == '!' || c == '>' || c == '<' ||
		       parts_here(text, at);
	struct slice rest = slice_sub(text, at, text.len);
	for (size_t i = 0; i < LENGTH(wide); i++)
		if (slice_starts(rest, wide[i]))
			return wide[i].len;
	return 0;
}

bool words_next_part(struct slice *rest, struct words_part *ret_part)
{
	while (rest->len > 0) {
		struct slice text = *rest;
		size_t at = 0, len = 0;
		while (at < text.len && (len = separator_len(text, at)) == 0)
			at++;
		*rest = slice_sub(text, at + len, text.len);
		ret_part->text = slice_trim(slice_sub(text, 0, at));
		ret_part->colon = at < text.len && text.at[at] == ':';
		if (ret_part->text.len > 0)
			return true;
	}
	return false;
}

/* Empty where there is no path. */
static struct slice last_segment_of(struct slice url)
{
	size_t host = slice_find(url, SLICE("://"));
	url = slice_sub(url, host == SLICE_NONE ? 0 : host + 3, url.len);
	url = slice_sub(url, 0, slice_find_char(url, '#'));
	url = slice_sub(url, 0, slice_find_char(url, '?'));
	return url_last_segment(slice_sub(url, slice_find_char(url, '/'), url.len));
}

/* "http 404": of nothing but an error's words, the number among them. */
static bool spells_number(struct slice spelled)
{
	static const char *const words[] = { "404", "http", "error", "errors", "status",
		"code", "codes", "not", "found", "page", NULL };
	struct slice word;
	bool number = false;

	while (slice_split(&spelled, ' ', &word)) {
		if (!slice_is_one_of_nocase(word, words))
			return false;
		number |= slice_equal(word, SLICE("404"));
	}
	return number;
}

bool words_are_about(struct slice title, struct slice url, uint32_t text_bytes,
	bool (*is_evidence)(struct slice part))
{
	static const struct slice joints = S("-_+.");
	char spelled[SEGMENT_MAX];
	struct slice segment = last_segment_of(url);
	struct words_part part;

	if (text_bytes < ABOUT_TEXT_MIN || segment.len == 0 ||
		segment.len > sizeof(spelled))
		return false;
	for (size_t i = 0; i < segment.len; i++)
		spelled[i] = slice_find_char(joints, segment.at[i]) != SLICE_NONE
				     ? ' '
				     : segment.at[i];
	segment = (struct slice){ spelled, segment.len };
	bool number = spells_number(segment);
	while (words_next_part(&title, &part)) {
		bool spelled_out = part.text.len >= SPELLED_MIN &&
				   slice_find_nocase(segment, part.text) != SLICE_NONE;
		bool numbered =
			number && slice_find(part.text, SLICE("404")) != SLICE_NONE;
		if ((spelled_out || numbered) && is_evidence(part.text))
			return true;
	}
	return false;
}

/* --- words of pages that are not there --------------------------------------------- */

bool words_are_among(struct slice text, const struct slice *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal(text, list[i]))
			return true;
	return false;
}

static const struct slice strong_phrases[] = { S("no longer available"),
	S("page isn't available"), S("invalid url"), S("no such file"),
	S("no such file or directory"),
	/* German */ S("seite nicht gefunden"), S("seite wurde nicht gefunden"),
	S("die seite wurde nicht gefunden"), S("diese seite existiert nicht"),
	S("die seite existiert nicht"), S("seite existiert nicht"),
	S("diese seite wurde nicht gefunden"), S("datei nicht gefunden"),
	S("die angeforderte seite wurde nicht gefunden"), S("seite nicht mehr verfügbar"),
	S("seite existiert nicht mehr"), S("diese seite existiert nicht mehr"),
	/* French */ S("page non trouvée"), S("page non trouvee"), S("page introuvable"),
	S("page inexistante"), S("cette page n'existe pas"),
	S("cette page n'existe plus"), S("la page n'existe pas"),
	S("cette page est introuvable"), S("cette page n'est plus disponible"),
	S("la page est introuvable"), S("la page demandée n'existe pas"),
	S("la page demandée est introuvable"),
	/* Spanish */ S("página no encontrada"), S("pagina no encontrada"),
	S("página no existe"), S("la página no existe"), S("esta página no existe"),
	S("no se encontró la página"), S("esta página ya no está disponible"),
	S("no se ha encontrado la página"), S("la página solicitada no existe"),
	/* Portuguese */ S("página não encontrada"), S("pagina nao encontrada"),
	S("página inexistente"), S("esta página não existe"), S("a página não existe"),
	S("a página não foi encontrada"),
	/* Italian */ S("pagina non trovata"), S("pagina inesistente"),
	S("la pagina non esiste"), S("questa pagina non esiste"),
	S("la pagina richiesta non esiste"),
	/* Dutch */ S("pagina niet gevonden"), S("deze pagina bestaat niet"),
	S("de pagina is niet gevonden"), S("de pagina bestaat niet"),
	/* the north */ S("sidan hittades inte"), S("sidan kunde inte hittas"),
	S("sidan finns inte"), S("siden blev ikke fundet"), S("siden ble ikke funnet"),
	S("siden findes ikke"), S("siden finnes ikke"), S("sivua ei löytynyt"),
	/* the east */ S("nie znaleziono strony"), S("strona nie istnieje"),
	S("strona nie znaleziona"), S("strona nie została znaleziona"),
	S("stránka nenalezena"), S("stránka nebyla nalezena"), S("stránka neexistuje"),
	S("az oldal nem található"), S("sayfa bulunamadı"),
	/* Russian, Ukrainian */ S("страница не найдена"), S("страница не существует"),
	S("такой страницы не существует"), S("запрашиваемая страница не найдена"),
	S("страница удалена"), S("сторінку не знайдено"),
	/* Chinese */ S("页面不存在"), S("页面未找到"), S("页面已删除"),
	S("页面已被删除"), S("该内容已被发布者删除"), S("页面没有找到"), S("找不到页面"),
	S("找不到网页"), S("网页不存在"), S("无法找到该页"), S("无法找到页面"),
	S("您访问的页面不存在"), S("你访问的页面不存在"), S("頁面不存在"),
	S("找不到頁面"), S("找不到網頁"),
	/* Japanese */ S("ページが見つかりません"), S("ページが見つかりませんでした"),
	S("ページは見つかりませんでした"), S("お探しのページは見つかりません"),
	S("お探しのページは見つかりませんでした"), S("お探しのページが見つかりません"),
	S("お探しのページが見つかりませんでした"), S("指定されたページは存在しません"),
	S("ページは存在しません"), S("ページが存在しません"), S("ページは削除されました"),
	S("お探しのページは削除されました"),
	/* Arabic, Hebrew, Greek, Vietnamese */ S("لم يتم العثور على الصفحة"),
	S("الصفحة غير موجودة"), S("הדף לא נמצא"), S("העמוד לא נמצא"),
	S("η σελίδα δεν βρέθηκε"), S("không tìm thấy trang"),
	/* Korean */ S("페이지를 찾을 수 없습니다"), S("존재하지 않는 페이지입니다") };

static const struct slice weak_phrases[] = { S("not found"), S("nothing found"),
	S("nothing here"), S("there's nothing here"), S("does not exist"),
	S("no such page"), S("broken link"), S("link expired"), S("nicht gefunden"),
	S("introuvable"), S("non trouvé"), S("no encontrado"), S("no encontrada"),
	S("não encontrado"), S("não encontrada"), S("non trovato"), S("non trovata"),
	S("niet gevonden"), S("не найдено"), S("не найдена"), S("未找到"),
	S("見つかりません"), S("見つかりませんでした") };

static const struct slice vague_phrases[] = { S("error"), S("errors"), S("error page"),
	S("error code"), S("http error"), S("http status"), S("client error"), S("gone"),
	S("unavailable"), S("not available"), S("page unavailable"),
	S("page not available"), S("oops"), S("whoops"), S("uh oh"), S("sorry"),
	S("removed"), S("deleted"), S("missing"), S("something went wrong"), S("fehler"),
	S("fehlerseite"), S("erreur"), S("erro"), S("errore"), S("fout"), S("fel"),
	S("ошибка"), S("错误"), S("錯誤"), S("エラー"), S("页面"), S("页") };

/* Takes one of these words off the front, with the space behind it. */
static bool skip_word(struct slice *text, const struct slice *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_starts(*text, list[i])) {
			*text = slice_trim(slice_sub(*text, list[i].len, text->len));
			return true;
		}
	return false;
}

/* "page not found", "document could not be found", "page you were looking for doesn't
 * exist": a thing, perhaps a clause about you, and what has become of it. */
static bool is_english_sentence(struct slice text)
{
	static const struct slice things[] = { S("page "), S("web page "), S("webpage "),
		S("file "), S("document "), S("url "), S("address "), S("article "),
		S("content "), S("resource "), S("post "), S("item "), S("object "),
		S("entry "), S("record "), S("paper "), S("project "), S("site "),
		S("link "), S("repository "), S("dataset "), S("video "), S("product "),
		S("question "), S("profile "), S("user "), S("account "), S("member "),
		S("group "), S("course "), S("event "), S("topic "), S("thread "),
		S("ad "), S("listing "), S("job "), S("image "), S("photo "), S("book "),
		S("issue "), S("package "), S("model "), S("story "), S("recipe "),
		S("channel "), S("playlist "), S("category "), S("report "),
		S("publication "), S("blog "), S("domain ") };
	static const struct slice ends[] = { S("not found"), S("was not found"),
		S("could not be found"), S("couldn't be found"), S("cannot be found"),
		S("can't be found"), S("can not be found"), S("does not exist"),
		S("doesn't exist"), S("no longer exists"), S("no longer available"),
		S("is no longer available"), S("has been removed"), S("was removed"),
		S("has been deleted"), S("was deleted"), S("is missing"), S("missing"),
		S("is gone"), S("is broken"), S("has expired"),
		S("was not found on this server"), S("not found on this server") };

	if (!skip_word(&text, things, LENGTH(things)))
		return false;
	if (words_are_among(text, ends, LENGTH(ends)))
		return true;
	if (!slice_starts(text, SLICE("you ")) && !slice_starts(text, SLICE("you're ")))
		return false;
	for (size_t i = 0; i < LENGTH(ends); i++)
		if (slice_ends(text, ends[i]))
			return true;
	return false;
}

/* "we can't find the page you're looking for" */
static bool is_our_failure(struct slice text)
{
	static const struct slice starts[] = { S("we can't find "),
		S("we couldn't find "), S("we could not find "), S("we cannot find "),
		S("we can not find "), S("can't find "), S("couldn't find ") };
	/* "the login page" is another matter. */
	static const struct slice articles[] = { S("the "), S("that "), S("this "),
		S("your ") };
	static const struct slice pages[] = { S("page"), S("web page"), S("webpage"),
		S("requested page") };
	static const struct slice you[] = { S("you"), S("that you"), S("at "), S(".") };

	if (!skip_word(&text, starts, LENGTH(starts)))
		return false;
	(void)skip_word(&text, articles, LENGTH(articles));
	if (!skip_word(&text, pages, LENGTH(pages)))
		return false;
	return text.len == 0 || skip_word(&text, you, LENGTH(you));
}

static struct slice without_apology(struct slice text)
{
	static const struct slice words[] = { S("sorry, "), S("sorry "),
		S("we're sorry, "), S("we are sorry, "), S("oops, "), S("oops "),
		S("whoops, "), S("uh oh, "), S("désolé, "), S("désolée, "), S("the "),
		S("this "), S("that "), S("requested "), S("抱歉，"), S("对不起，") };

	while (skip_word(&text, words, LENGTH(words)))
		continue;
	return text;
}

static bool is_word_char(char c)
{
	return char_is_alpha(c) || char_is_digit(c);
}

static struct slice without_joints(struct slice text)
{
	static const char joints[] = " -,()[]";

	while (text.len > 0 && memchr(joints, text.at[0], sizeof(joints) - 1) != NULL)
		text = slice_sub(text, 1, text.len);
	while (text.len > 0 &&
		memchr(joints, text.at[text.len - 1], sizeof(joints) - 1) != NULL)
		text.len--;
	return text;
}

/* "404 not found" and "page not found (404)"; "a404" and "4040" are other words. */
static bool skip_number(struct slice *text, struct slice number)
{
	struct slice bare = without_joints(*text);

	if (slice_starts(bare, number) &&
		(bare.len == number.len || !is_word_char(bare.at[number.len]))) {
		*text = without_joints(slice_sub(bare, number.len, bare.len));
		return true;
	}
	if (slice_ends(bare, number) &&
		!is_word_char(bare.at[bare.len - number.len - 1])) {
		*text = without_joints(slice_sub(bare, 0, bare.len - number.len));
		return true;
	}
	return false;
}

/* `*ret_number`: it has a 404 of its own, or a 410 beside other words. */
static enum gone_words words_of_part(struct slice text, bool *ret_number)
{
	while (slice_ends(text, SLICE(".")))
		text.len--;
	struct slice whole = text;
	*ret_number = skip_number(&text, SLICE("404"));
	if (!*ret_number && skip_number(&text, SLICE("410"))) {
		*ret_number = text.len > 0;
		text = *ret_number ? text : whole;
	}
	text = without_apology(text);
	if (text.len == 0)
		return *ret_number ? GONE_WEAK : GONE_NONE;
	if (words_are_among(text, strong_phrases, LENGTH(strong_phrases)) ||
		is_english_sentence(text) || is_our_failure(text))
		return GONE_STRONG;
	if (words_are_among(text, weak_phrases, LENGTH(weak_phrases)))
		return *ret_number ? GONE_STRONG : GONE_WEAK;
	if (words_are_among(text, vague_phrases, LENGTH(vague_phrases)))
		return *ret_number ? GONE_STRONG : GONE_VAGUE;
	*ret_number = false;
	return GONE_NONE;
}

bool words_tell_gone(struct slice part)
{
	bool number;
	return words_of_part(part, &number) != GONE_NONE;
}

/* Behind a colon stands the address that was not found, or the rest of the title of a
 * story. */
static bool is_address(struct slice rest)
{
	rest = slice_trim(rest);
	return rest.len == 0 || rest.at[0] == '/' || slice_starts(rest, SLICE("http"));
}

enum gone_words words_of_gone(struct slice title)
{
	enum gone_words best = GONE_NONE, before = GONE_NONE;
	bool number_before = false, first = true, tail = false;
	struct words_part part;

	while (words_next_part(&title, &part)) {
		bool number, last = slice_trim(title).len == 0;
		enum gone_words words = words_of_part(part.text, &number);
		/* Sites put their names around it: in the middle it is one of many. */
		if (words == GONE_STRONG &&
			((!first && !last) || (part.colon && !is_address(title))))
			words = GONE_WEAK;
		/* "The lost and found: not found" is a title, perhaps, and so is "Not
		 * found: why links die". */
		if (words == GONE_WEAK && (tail || (part.colon && !is_address(title))))
			words = GONE_VAGUE;
		/* "404 | Not found", "Error: 404" */
		if (words != GONE_NONE && before != GONE_NONE && number != number_before)
			words = GONE_STRONG;
		if (words > best)
			best = words;
		before = words;
		number_before = number;
		tail = part.colon && words == GONE_NONE;
		first = false;
	}
	return best;
}
