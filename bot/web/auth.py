"""Who a browser is and where a request comes from: the session cookie, the Host allow-list, the Origin rule. Knows no chat."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, Response

_YEAR_SECONDS = 365 * 24 * 3600
PAGE_HEADER = "x-tuppence"  # only our own page sends it: another site would need a permission (CORS) that is never given


def cookie_name(*, secure: bool) -> str:
    """`__Host-` binds the cookie to this very host; browsers take that prefix over https only."""
    return "__Host-tuppence" if secure else "tuppence"


def set_session_cookie(response: Response, token: str, *, secure: bool) -> None:
    response.set_cookie(cookie_name(secure=secure), token, max_age=_YEAR_SECONDS, path="/", secure=secure, httponly=True, samesite="lax")


def refuse_foreign_host(request: Request, *, public_url: str) -> None:
    """Only loopback names and the public address are us. Against DNS rebinding: a foreign name that resolves to this machine gets 421."""
    host = _host_name(request.headers.get("host", ""))
    if not is_loopback(host) and host != urlsplit(public_url).hostname:
        raise HTTPException(421, "unknown_host")


def refuse_foreign_origin(request: Request, *, public_url: str) -> None:
    """For everything that changes or streams: what a browser says about the asking page must be this host, and something must be said (403)."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        raise HTTPException(403, "foreign_origin")
    if origin is not None and not _is_own(origin, request.headers.get("host", ""), public_url):
        raise HTTPException(403, "foreign_origin")
    if origin is None and site is None and PAGE_HEADER not in request.headers:
        raise HTTPException(403, "foreign_origin")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_own(origin: str, host: str, public_url: str) -> bool:
    parts = urlsplit(origin)
    if origin == "{0.scheme}://{0.netloc}".format(urlsplit(public_url)):
        return True
    return parts.scheme in {"http", "https"} and parts.netloc == host and parts.netloc != ""


def _host_name(host: str) -> str:
    """Without the port and the brackets of IPv6; empty where it is no host at all."""
    try:
        return (urlsplit(f"//{host}").hostname or "") if "/" not in host and "@" not in host else ""
    except ValueError:
        return ""
