"""Behaviours that are correct HTTP: pages, statuses, redirects, walls. One function each.

Every behaviour understands `delay=S` (seconds before it begins) and `header="Name: value"`.
`close=yes` ends the connection after an answer of HTML.
"""

import gzip as gzip_module
import html
import random
import time
from email.utils import formatdate

BEHAVIOURS = {}


def behaviour(name):
    def register(function):
        BEHAVIOURS[name] = function
        return function
    return register


HTML = ("Content-Type", "text/html; charset=utf-8")


def document(title, head="", body=""):
    return (f"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            f"<title>{html.escape(title)}</title>\n{head}</head>\n<body>\n{body}</body>\n</html>\n")


SYLLABLES = "ba ce di fo gu ha ke li mo nu pa re si to vu wa xe yi zo".split()


def prose(seed, count=60):
    """So many words that mean nothing, the same for the same seed and others for another."""
    dice = random.Random(seed)
    words = ("".join(dice.choices(SYLLABLES, k=dice.randint(2, 4))) for _ in range(count))
    return "<p>" + " ".join(words) + ".</p>\n"


def flag(params, key, default="no"):
    return params.get(key, default) == "yes"


async def answer_html(exchange, params, status, text, headers=()):
    return await exchange.answer(status, [HTML, *headers], text.encode(),
                                 keep=not flag(params, "close"))


# --- pages ---

def arxiv_page(title, target):
    number = target.rpartition("/")[2]
    head = (f"<meta name=\"citation_title\" content=\"{html.escape(title)}\">\n"
            f"<meta name=\"citation_arxiv_id\" content=\"{number}\">\n")
    return document(f"[{number}] {title}", head,
                    f"<h1 class=\"title\"><span>Title:</span>{html.escape(title)}</h1>\n")


def openreview_page(title, _):
    head = f"<meta name=\"citation_title\" content=\"{html.escape(title)}\">\n"
    return document(f"{title} | OpenReview", head, f"<h2>{html.escape(title)}</h2>\n")


def anthology_page(title, _):
    head = f"<meta name=\"citation_title\" content=\"{html.escape(title)}\">\n"
    return document(f"{title} - ACL Anthology", head, f"<h2 id=\"title\">{html.escape(title)}</h2>\n")


def repository_page(title, target):
    name = target.strip("/")
    return document(f"GitHub - {name}: {title}", "", f"<h1>{html.escape(name)}</h1>\n")


def article_page(title, _):
    return document(title, f"<meta property=\"og:title\" content=\"{html.escape(title)}\">\n",
                    f"<article><h1>{html.escape(title)}</h1></article>\n")


STYLES = {"arxiv.org": arxiv_page, "openreview.net": openreview_page,
          "aclanthology.org": anthology_page, "github.com": repository_page}


@behaviour("page")
async def page(exchange, params):
    """title=: a page as that host would show it."""
    style = STYLES.get(exchange.request.host, article_page)
    return await answer_html(exchange, params, 200, style(params["title"], exchange.request.target))


@behaviour("ok")
async def ok(exchange, params):
    """title= h1= citation= og= ids=a,b body= size=BYTES type= charset= code=: a plain page.

    Without `body` its words are its own: those of another path are others. So a line for many
    paths is a site of many pages, and not one that shows the same whatever it is asked.
    """
    head = ""
    if "citation" in params:
        head += f"<meta name=\"citation_title\" content=\"{html.escape(params['citation'])}\">\n"
    if "og" in params:
        head += f"<meta property=\"og:title\" content=\"{html.escape(params['og'])}\">\n"
    body = f"<h1>{html.escape(params['h1'])}</h1>\n" if "h1" in params else ""
    for name in filter(None, params.get("ids", "").split(",")):
        body += f"<p id=\"{html.escape(name)}\">{html.escape(name)}</p>\n"
    body += params.get("body") or prose(exchange.request.host + exchange.request.target)
    text = document(params.get("title", "A page"), head, body)
    charset = params.get("charset", "utf-8")
    if charset != "utf-8":
        text = text.replace("charset=\"utf-8\"", f"charset=\"{charset}\"")
    data = text.encode(charset, "replace")
    data += b" " * max(0, int(params.get("size", "0")) - len(data))
    kind = params.get("type", f"text/html; charset={charset}")
    return await exchange.answer(int(params.get("code", "200")),
                                 [("Content-Type", kind)], data,
                                 keep=not flag(params, "close"))


@behaviour("raw")
async def raw(exchange, params):
    """body= type=text/plain size=BYTES: those bytes and nothing around them; \\n begins a new line, more of
    which fill the size."""
    body = params.get("body", "").replace("\\n", "\n").encode()
    body += b"\n" * max(0, int(params.get("size", "0")) - len(body))
    return await exchange.answer(int(params.get("code", "200")),
                                 [("Content-Type", params.get("type", "text/plain; charset=utf-8"))], body)


@behaviour("gzip")
async def gzip(exchange, params):
    """title=: compressed whether asked or not."""
    data = gzip_module.compress(document(params.get("title", "A page")).encode(), mtime=0)
    return await exchange.answer(200, [HTML, ("Content-Encoding", "gzip")], data)


@behaviour("pdf")
async def pdf(exchange, params):
    """size=BYTES: a thing that begins like a PDF."""
    data = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    data += b"0" * max(0, int(params.get("size", "20000")) - len(data))
    return await exchange.answer(200, [("Content-Type", "application/pdf"),
                                       ("Accept-Ranges", "bytes")], data)


# --- statuses ---

def retry_after(text):
    """Seconds as they stand, or `imf+S`, `rfc850+S`, `asctime+S`: a date S seconds from now."""
    form, plus, seconds = text.partition("+")
    if not plus or form not in ("imf", "rfc850", "asctime"):
        return text
    at = time.time() + float(seconds) + 0.999
    if form == "imf":
        return formatdate(at, usegmt=True)
    return time.strftime("%A, %d-%b-%y %H:%M:%S GMT" if form == "rfc850" else "%a %b %e %H:%M:%S %Y",
                         time.gmtime(at))


@behaviour("status")
async def status(exchange, params):
    """code= retry_after= title= body=: that status with a short page."""
    code = int(params["code"])
    headers = [("Retry-After", retry_after(params["retry_after"]))] if "retry_after" in params else []
    title = params.get("title", f"Status {code}")
    return await answer_html(exchange, params, code,
                             document(title, "", params.get("body", f"<h1>{title}</h1>\n")), headers)


@behaviour("no-body")
async def no_body(exchange, params):
    """code=: headers only (204, 304)."""
    return await exchange.answer(int(params["code"]), [])


# --- redirects ---

def target_of(exchange, params):
    to = params["to"]
    return exchange.request.url if to == "self" else to


@behaviour("redirect")
async def redirect(exchange, params):
    """to=URL|self code=302"""
    code = int(params.get("code", "302"))
    return await answer_html(exchange, params, code, document("Moved"),
                             [("Location", target_of(exchange, params))])


@behaviour("count-down")
async def count_down(exchange, params):
    """code=302: /path/N redirects to /path/N-1, and /path/0 is a page; there is no other."""
    base, _, number = exchange.request.target.rpartition("/")
    if not number.isdigit():
        return await answer_html(exchange, params, 404, document("Nowhere"))
    if int(number) == 0:
        return await answer_html(exchange, params, 200, document("Arrived"))
    return await answer_html(exchange, params, int(params.get("code", "302")), document("Further"),
                             [("Location", f"{base}/{int(number) - 1}")])


@behaviour("meta-refresh")
async def meta_refresh(exchange, params):
    """to= after=0: a page that sends the reader on."""
    content = html.escape(f"{params.get('after', '0')}; url={target_of(exchange, params)}")
    head = f"<meta http-equiv=\"refresh\" content=\"{content}\">\n"
    return await answer_html(exchange, params, 200, document(params.get("title", "Redirecting"), head))


@behaviour("refresh-header")
async def refresh_header(exchange, params):
    """to= after=0"""
    value = f"{params.get('after', '0')};url={target_of(exchange, params)}"
    return await answer_html(exchange, params, 200, document(params.get("title", "Redirecting")),
                             [("Refresh", value)])


# --- walls ---

@behaviour("login")
async def login(exchange, params):
    body = ("<form method=\"post\" action=\"/login\"><input name=\"user\">"
            "<input type=\"password\" name=\"password\"><button>Sign in</button></form>\n")
    return await answer_html(exchange, params, 200, document(params.get("title", "Sign in"), "", body))


@behaviour("challenge")
async def challenge(exchange, params):
    """kind=: the wall of one maker, as small as it can be recognised."""
    kind = params.get("kind", "cloudflare")
    code, headers, title, body = WALLS[kind]
    code = int(params.get("code", code))
    return await answer_html(exchange, params, code, document(title, "", body), headers)


# kind -> (status, headers, title, body); the signs are those that the makers document.
WALLS = {
    "cloudflare": (403, [("cf-mitigated", "challenge")], "Just a moment...",
                   "<script>window._cf_chl_opt = {};</script>"
                   "<script src=\"/cdn-cgi/challenge-platform/h/b/orchestrate\"></script>\n"),
    "cloudflare-body": (503, [], "Just a moment...",
                        "<script src=\"/cdn-cgi/challenge-platform/h/b/orchestrate\"></script>\n"),
    "anubis": (200, [], "Making sure you're not a bot!",
               "<h1>Making sure you're not a bot!</h1><p>Protected by Anubis</p>\n"),
    "datadome": (403, [("x-datadome", "protected")], "Blocked", "<p>Please enable JS.</p>\n"),
    "akamai": (403, [("Server", "AkamaiGHost")], "Access Denied",
               "<h1>Access Denied</h1><p>Reference #18.0 does not permit you.</p>\n"),
    "aws": (202, [("x-amzn-waf-action", "challenge")], "", "<script src=\"challenge.js\"></script>\n"),
    "imperva": (200, [], "", "<iframe src=\"/_Incapsula_Resource\">Request unsuccessful. "
                "Incapsula incident ID: 1-2</iframe>\n"),
    "perimeterx": (403, [], "Access to this page has been denied",
                   "<div id=\"px-captcha\"></div><script>window._pxAppId = 'x';</script>\n"),
    "openreview": (200, [("X-Robots-Tag", "noindex, nofollow")], "Verifying your browser | OpenReview",
                   "<h1>Verifying your browser</h1><div class=\"cf-turnstile\"></div>\n"),
    "anubis-denial": (200, [], "Oh noes!",
                      "<h1>Oh noes!</h1><link rel=\"stylesheet\" href=\"/.within.website/x/xess/xess.css\">"
                      "<p>Access denied.</p><p>Protected by Anubis</p>\n"),
    "f5": (200, [], "Request Rejected",
           "<p>The requested address was rejected. Your support number is 1.</p>\n"),
    "hcaptcha": (200, [], "Security check",
                 "<p>One step more</p><div class=\"h-captcha\" data-sitekey=\"x\"></div>\n"),
    "imperva-blank": (200, [("X-CDN", "Imperva")], "",
                      "<meta name=\"robots\" content=\"noindex,nofollow\">"
                      "<script src=\"/_Incapsula_Resource?SWJIYLWA=1\"></script>\n"),
    "radware": (200, [], "Radware Captcha Page", "<p>Something about this visit was unusual.</p>\n"),
    "silverchair": (200, [], "Validate User",
                    "<form action=\"/action/captchaChallenge\"><p>One step more</p></form>\n"),
    "sucuri": (200, [("Server", "Sucuri/Cloudproxy")], "You are being redirected...",
               "<noscript>This needs Javascript.</noscript><script>var sucuri_cloudproxy_js='';</script>\n"),
}


@behaviour("etag")
async def etag(exchange, params):
    """A page that answers its own validator with 304."""
    tag = "\"v1\""
    if exchange.request.headers.get("if-none-match") == tag:
        return await exchange.answer(304, [("ETag", tag)])
    return await answer_html(exchange, params, 200, document("Validated"), [("ETag", tag)])
