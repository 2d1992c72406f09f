"""Behaviours that answer 200 for what is not there: soft 404s, sites that show the same page for
everything, parked domains. One function each; meant for lines whose path ends in `*`.
"""

import html
import time

from pages import answer_html, behaviour, document, prose


@behaviour("openreview-missing")
async def openreview_missing(exchange, params):
    """A forum that does not exist says so with status 200."""
    note = exchange.request.target.partition("id=")[2]
    body = f"<h1>Error</h1><p>The Note {html.escape(note)} was not found</p>\n"
    return await answer_html(exchange, params, 200, document("Forum | OpenReview", "", body))


@behaviour("soft-404")
async def soft_404(exchange, params):
    """title=: a page that says `not found` with status 200."""
    title = params.get("title", "Page not found")
    body = f"<h1>{html.escape(title)}</h1><p>There is nothing here.</p>\n"
    return await answer_html(exchange, params, 200, document(title, "", body))


@behaviour("catch-all")
async def catch_all(exchange, params):
    """title= words=120: the same page whatever was asked; nothing on it says that anything is missing."""
    title = params.get("title", "Welcome")
    text = prose(exchange.request.host, int(params.get("words", "120")))
    return await answer_html(exchange, params, 200, document(title, "", f"<h1>{html.escape(title)}</h1>\n{text}"))


@behaviour("echo")
async def echo(exchange, params):
    """title= words=120: the same, with the address that was asked and the time on it."""
    title = params.get("title", "Search")
    asked = html.escape(exchange.request.url)
    body = (f"<h1>{html.escape(title)}</h1>\n<p>Results for {asked}</p>\n"
            f"{prose(exchange.request.host, int(params.get('words', '120')))}"
            f"<input type=\"hidden\" name=\"token\" value=\"{time.monotonic_ns()}\"><a href=\"{asked}\">{asked}</a>\n")
    return await answer_html(exchange, params, 200, document(f"{title}: {exchange.request.target}", "", body))


@behaviour("names-path")
async def names_path(exchange, params):
    """title=: some words only, and the path that was asked among them."""
    title = params.get("title", "ACME")
    asked = html.escape(exchange.request.target)
    body = f"<h1>{html.escape(title)}</h1><p>Sorry! We have no {asked} on this computer of ours, it seems.</p>\n"
    return await answer_html(exchange, params, 200, document(title, "", body))


@behaviour("app-shell")
async def app_shell(exchange, params):
    """title=: a page that a script fills in the reader's browser; the server knows nothing of paths."""
    head = "<script defer src=\"/static/js/main.4f2c.js\"></script>\n<link rel=\"stylesheet\" href=\"/main.css\">\n"
    body = "<noscript>You need to enable JavaScript to run this app.</noscript>\n<div id=\"root\"></div>\n"
    return await answer_html(exchange, params, 200, document(params.get("title", "App"), head, body))


PARKED = {
    "sale": ("{host}", "", "<h1>{host}</h1><p>This domain is for sale. Buy this domain.</p>\n"),
    "script": ("{host}", "<script>window.park = \"e30=\";</script>\n", "<div id=\"target\"></div>\n"),
    "lander": ("", "<script>window.onload=function(){{window.location.href=\"/lander\"}}</script>\n", ""),
    "inquire": ("{host} - domain for sale", "<link rel=\"stylesheet\" href=\"/parking-lander/lander.css\">\n",
                "<h1>{host} may be for sale</h1><p>Inquire about this domain.</p>\n"),
}


@behaviour("parked")
async def parked(exchange, params):
    """kind=sale|script|lander|inquire: what a seller of domains shows, whatever the path."""
    title, head, body = (text.format(host=html.escape(exchange.request.host))
                         for text in PARKED[params.get("kind", "sale")])
    return await answer_html(exchange, params, 200, document(title, head, body))
