"""Every route of the web chat against whoever must not pass: no cookie, another browser's, a foreign origin, a foreign host.

The routes are read from the application: a new one without a line here fails.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from tests.support.webchat import Browser, Served

ID = "request-0001"
NUMBERS = itertools.count(1000)
# route -> (body or None, is somebody's own: another browser's cookie gets 404). OPEN: anybody may have it.
OPEN = "open"
OWN = "own"
SELF = "self"  # only ever about the asking browser itself
ROUTES: dict[str, tuple[str, object]] = {
    "GET /": (OPEN, None),
    "GET /join/{code}": (OPEN, None),
    "GET /chat/static/{name}": (OPEN, None),
    "POST /chat/session": (OPEN, {}),
    "GET /chat/state": (SELF, None),
    "GET /chat/events": (SELF, None),
    "POST /chat/people": (SELF, {"id": ID, "name": "Anna"}),
    "POST /chat/people/{person}": (OWN, {"name": "Eve"}),
    "POST /chat/groups": (OWN, {"id": ID, "title": "Trip", "person": "{person}", "people": []}),
    "GET /chat/invites/{code}": (SELF, None),  # whoever has the code may come in: that is what an invite is
    "POST /chat/invites/{code}": (OWN, {"person": "{person}"}),
    "POST /chat/chats/{chat}/join": (OWN, {"person": "{person}"}),
    "POST /chat/chats/{chat}/leave": (OWN, {"person": "{person}"}),
    "GET /chat/chats/{chat}/messages": (OWN, None),
    "POST /chat/chats/{chat}/messages": (OWN, {"id": ID, "person": "{person}", "text": "coffee 3.50"}),
    "POST /chat/chats/{chat}/messages/{message}/edit": (OWN, {"person": "{person}", "text": "coffee 4"}),
    "POST /chat/chats/{chat}/messages/{message}/press": (OWN, {"id": ID, "person": "{person}", "button": "undo-button-id"}),
    "POST /chat/chats/{chat}/photos": (OWN, b"\xff\xd8\xff\xe0 a photo"),
    "GET /chat/files/{file}": (OWN, None),
}


def routes_of(routes: Sequence[BaseRoute]) -> set[str]:
    """Also those of routers that the framework keeps as routers."""
    found: set[str] = set()
    for route in routes:
        if isinstance(route, APIRoute):
            found |= {f"{method} {route.path}" for method in route.methods}
        else:
            found |= routes_of(getattr(getattr(route, "original_router", route), "routes", None) or ())
    return found


async def fill(browser: Browser) -> dict[str, str]:
    """One of everything that a browser can own, by the name of its path parameter."""
    chat, _people, code = await browser.group("Anna")
    photo = (await browser.http.post(f"/chat/chats/{chat}/photos?person={browser.person}", content=b"\xff\xd8\xff\xe0 a photo")).json()["photo"]
    message = (await browser.say("taxi 24", chat=chat, request=f"filling-{next(NUMBERS)}")).json()["message"]["id"]
    return {"chat": chat, "person": browser.person, "message": message, "file": photo, "code": code, "name": "chat.js"}


async def call(http: httpx.AsyncClient, route: str, ids: dict[str, str], body: object, **headers: str) -> httpx.Response:
    method, path = route.split(" ")
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
    query = {"person": ids["person"]} if path.endswith("/photos") else {}
    if isinstance(body, dict):
        body = {key: ids["person"] if value == "{person}" else value for key, value in body.items()}
        return await http.request(method, path, json=body, params=query, headers=headers)
    if path == "/chat/events":
        async with http.stream(method, path, headers=headers) as response:
            return httpx.Response(response.status_code, headers=response.headers)
    return await http.request(method, path, content=body if isinstance(body, bytes) else None, params=query, headers=headers)


async def test_every_route_is_listed(served: Served) -> None:
    assert routes_of(list(served.app.routes)) == set(ROUTES)


async def answers(http: httpx.AsyncClient, routes: list[str], ids: dict[str, str], **headers: str) -> dict[str, int]:
    return {route: (await call(http, route, ids, ROUTES[route][1], **headers)).status_code for route in routes}


def kind(*kinds: str) -> list[str]:
    return sorted(route for route in ROUTES if ROUTES[route][0] in kinds)


WATCHED = sorted(route for route in ROUTES if route.startswith("POST") or route == "GET /chat/events")


async def test_the_owner_passes(browser: Browser) -> None:
    found = {route: (await call(browser.http, route, await fill(browser), ROUTES[route][1])).status_code for route in ROUTES}
    assert found == dict.fromkeys(ROUTES, 200)


async def test_without_a_cookie_401(served: Served, browser: Browser) -> None:
    ids, routes = await fill(browser), kind(OWN, SELF)
    async with httpx.AsyncClient(base_url=served.url, headers={"Origin": served.url}) as nobody:
        assert await answers(nobody, routes, ids) == dict.fromkeys(routes, 401)


async def test_with_another_browsers_cookie_404_and_nothing_changes(browser: Browser, stranger: Browser) -> None:
    ids, routes = await fill(browser), kind(OWN)
    before = await browser.history(chat=ids["chat"]), (await browser.http.get("/chat/state")).json()
    assert await answers(stranger.http, routes, ids) == dict.fromkeys(routes, 404)
    assert (await browser.history(chat=ids["chat"]), (await browser.http.get("/chat/state")).json()) == before


@pytest.mark.parametrize("parameter", ["chat", "message", "file", "person"])
async def test_with_one_foreign_id_among_own_ones_404(browser: Browser, stranger: Browser, parameter: str) -> None:
    routes = [route for route in kind(OWN) if f"{{{parameter}}}" in f"{route} {ROUTES[route][1]} {'{person}' if 'photos' in route else ''}"]
    foreign = await fill(browser)
    found = {
        route: (await call(stranger.http, route, await fill(stranger) | {parameter: foreign[parameter]}, ROUTES[route][1])).status_code
        for route in routes
    }
    assert found == dict.fromkeys(routes, 404)


FOREIGN = [
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_from_a_foreign_origin_403(browser: Browser, headers: dict[str, str]) -> None:
    assert await answers(browser.http, WATCHED, await fill(browser), **headers) == dict.fromkeys(WATCHED, 403)


async def test_from_who_says_nothing_of_the_origin_403(served: Served, browser: Browser) -> None:
    ids = await fill(browser)
    async with httpx.AsyncClient(base_url=served.url, cookies=browser.http.cookies) as form:
        assert await answers(form, WATCHED, ids) == dict.fromkeys(WATCHED, 403)


async def test_under_a_foreign_host_421(browser: Browser) -> None:
    ids = await fill(browser)
    for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "user@localhost", "0.0.0.0"):
        assert await answers(browser.http, sorted(ROUTES), ids, Host=host) == dict.fromkeys(sorted(ROUTES), 421), host


async def test_who_left_sees_and_writes_nothing_more(browser: Browser, stranger: Browser) -> None:
    chat, _people, code = await browser.group("Anna")
    await stranger.http.post(f"/chat/invites/{code}", json={"person": stranger.person})
    assert (await stranger.say("hello", chat=chat)).status_code == 200
    assert (await stranger.http.post(f"/chat/chats/{chat}/leave", json={"person": stranger.person})).status_code == 200
    assert (await stranger.say("still here", chat=chat, request="request-0002")).status_code == 404
    assert (await stranger.http.get(f"/chat/chats/{chat}/messages")).status_code == 404


async def test_the_page_forbids_everything_foreign(browser: Browser) -> None:
    page = await browser.http.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "http://" not in page.text.replace("http://www.w3.org/", "")
    assert "style=" not in page.text
    assert "onclick" not in page.text


async def test_nobody_acts_as_somebody_else_in_a_group_that_both_are_in(browser: Browser, stranger: Browser) -> None:
    chat, _people, code = await browser.group("Anna")
    await stranger.http.post(f"/chat/invites/{code}", json={"person": stranger.person})
    message = (await browser.say("taxi 24", chat=chat)).json()["message"]["id"]
    ids = {"chat": chat, "person": browser.person, "message": message, "code": code}
    routes = [route for route in kind(OWN) if "{person}" in str(ROUTES[route][1]) or "photos" in route]
    assert await answers(stranger.http, routes, ids) == dict.fromkeys(routes, 404)
    assert (await stranger.say("hello", chat=chat)).status_code == 200
