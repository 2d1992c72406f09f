#include "verdict/words_internal.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
#define S(text) { text, sizeof(text) - 1 }
/* clang-format on */

bool words_name_no_video(struct slice title)
{
	return slice_equal(title, SLICE("- YouTube")) ||
	       slice_equal(title, SLICE("YouTube"));
}

bool words_of_closing(struct slice title, bool *ret_alone)
{
	static const struct slice closings[] = { S("account suspended"),
		S("this account has been suspended"), S("hosting account suspended"),
		S("website suspended"), S("site suspended"),
		S("this website has been suspended"), S("this site has been suspended"),
		S("this website is suspended"), S("this site is suspended"),
		S("website expired"), S("this site is no longer available"),
		S("this website is no longer available"), S("no such app") };
	struct words_part part;

	if (!words_next_part(&title, &part) || part.colon ||
		!words_are_among(part.text, closings, LENGTH(closings)))
		return false;
	*ret_alone = !words_next_part(&title, &part);
	return true;
}

bool words_of_excuse(struct slice title)
{
	static const struct slice words[] = { S("maintenance"), S("wartung"),
		S("mantenimiento"), S("manutenção"), S("manutenzione"), S("onderhoud"),
		S("технические работы"), S("维护"), S("維護"), S("メンテナンス"),
		S("be right back"), S("back soon"), S("database error"),
		S("database connection"), S("bad gateway"), S("gateway time"),
		S("service unavailable"), S("temporarily unavailable"),
		/* of the reader's machine */ S("enable javascript"), S("javascript is"),
		S("javascript required"), S("requires javascript"),
		S("turn on javascript"), S("your browser"), S("this browser"),
		S("outdated browser"), S("enable cookies"), S("please wait"),
		S("redirecting"),
		/* of the reader */ S("age verification"), S("verify your age"),
		S("confirm your age"), S("are you 18"), S("are you over 18"),
		S("18 or older"), S("21 or older"),
		/* of consent, also above a page that is there */ S("your privacy"),
		S("cookie settings"), S("cookie preferences"), S("cookie-einstellungen"),
		S("datenschutzeinstellungen"), S("zustimmung"), S("einwilligung"),
		S("vie privée") };

	for (size_t i = 0; i < LENGTH(words); i++)
		if (slice_find(title, words[i]) != SLICE_NONE)
			return true;
	return false;
}

static const struct slice logins[] = { S("log in"), S("login"), S("sign in"), S("signin"),
	S("sign up"), S("anmelden"), S("anmeldung"), S("connexion"), S("se connecter"),
	S("iniciar sesión"), S("entrar"), S("accedi"), S("inloggen"), S("logga in"),
	S("вход"), S("登录"), S("登入"), S("ログイン"), S("authentication required") };

static const struct slice consents[] = { S("before you continue"),
	S("before you continue to google search"), S("cookie consent") };

static const struct slice robots[] = { S("prove your humanity"), S("prove you are human"),
	S("are you a robot"), S("are you human"), S("checking you are not a bot"),
	S("unusual traffic detected"), S("just a moment please"), S("human check"),
	S("bot detection"), S("bot protection"), S("bot challenge"),
	S("anti-bot verification"), S("verification required"),
	S("security verification"), S("security check"), S("please verify you are human"),
	S("verifying your connection"), S("checking your connection"),
	S("connection verification"), S("ddos protection"), S("you are now in line"),
	S("sina visitor system"),
	/* what Cloudflare's page is called elsewhere */ S("just a moment"),
	S("einen moment"), S("nur einen moment"), S("einen moment bitte"),
	S("un instant"), S("un momento"), S("один момент"), S("请稍候"), S("請稍候"),
	S("しばらくお待ちください"), S("잠시만 기다리십시오"), S("bir dakika lütfen"),
	S("sicherheitsüberprüfung"), S("vérification de sécurité"),
	S("comprobación de seguridad"), S("вы не робот"), S("проверка браузера"),
	S("проверка безопасности"), S("安全验证"), S("百度安全验证"), S("人机验证"),
	S("滑动验证页面"), S("访问验证"), S("环境异常"),
	S("bitte bestätigen sie, dass sie kein roboter sind") };

static const struct slice refusals[] = { S("access denied"), S("access restricted"),
	S("access blocked"), S("request rejected"), S("request blocked"),
	S("you have been blocked"), S("sorry, you have been blocked"),
	S("zugriff verweigert"), S("accès refusé"), S("acceso denegado"),
	S("acceso restringido"), S("accesso negato"), S("acesso negado"),
	S("toegang geweigerd"), S("доступ запрещен"), S("доступ запрещён"),
	S("访问被拒绝"), S("アクセスが拒否されました"),
	/* to those who are not known */ S("login required"), S("please log in"),
	S("members only"), S("you need permission"), S("anmeldung erforderlich"),
	S("connexion requise"),
	/* to those elsewhere */ S("not available in your country"),
	S("not available in your region"), S("unavailable in your country"),
	S("unavailable in your region"), S("unavailable in your location"),
	S("this content is not available in your country"),
	S("this content is not available in your region") };

/* Perhaps also the title of a story, or of a page about statuses of HTTP. */
static const struct slice others[] = { S("403 forbidden"), S("401 unauthorized"),
	S("too many requests"), S("429 too many requests"), S("rate limit exceeded"),
	S("blocked"), S("forbidden"), S("unauthorized"), S("challenge"),
	S("verification"), S("verify"), S("verify your identity"), S("验证码"),
	S("request access"), S("hold on"), S("please stand by"), S("slow down"),
	S("cookies"), S("privacy settings"), S("maintenance"), S("site maintenance"),
	S("under maintenance"), S("scheduled maintenance"), S("down for maintenance"),
	S("we'll be back soon"), S("coming soon"), S("service unavailable"),
	S("temporarily unavailable"), S("javascript required"),
	S("javascript is required"), S("please enable javascript"),
	S("unsupported browser"), S("browser not supported") };

/* Behind a colon the title goes on: "Access denied: a history of locks". */
static enum barrier_words words_of_part(const struct words_part *part)
{
	struct slice text = part->text;

	while (slice_ends(text, SLICE(".")))
		text.len--;
	if (words_are_among(text, logins, LENGTH(logins)))
		return BARRIER_LOGIN;
	if (!part->colon && words_are_among(text, consents, LENGTH(consents)))
		return BARRIER_CONSENT;
	if (!part->colon && words_are_among(text, robots, LENGTH(robots)))
		return BARRIER_ROBOT;
	if (!part->colon && words_are_among(text, refusals, LENGTH(refusals)))
		return BARRIER_REFUSAL;
	return words_are_among(text, others, LENGTH(others)) ? BARRIER_OTHER
							     : BARRIER_NONE;
}

enum barrier_words words_of_barrier(struct slice title)
{
	struct words_part part;

	while (words_next_part(&title, &part)) {
		enum barrier_words words = words_of_part(&part);
		if (words != BARRIER_NONE)
			return words;
	}
	return BARRIER_NONE;
}
