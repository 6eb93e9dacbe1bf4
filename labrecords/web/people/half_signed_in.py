"""A sign-in under way in this browser: a cookie of its own with the token of the ceremony. It is no session."""

from __future__ import annotations

from ipaddress import ip_address

from flask import Response, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from labrecords.actions.ceremonies import BY_LINK_LASTS
from labrecords.actions.passkeys import Site
from labrecords.web.signed_in import cookie_name, installation


def step_cookie() -> str:
    """The name of the cookie."""
    return f"{cookie_name()}-step"


def step_token() -> str:
    """The token of the ceremony that this browser is in; empty when it is in none."""
    return request.cookies.get(step_cookie(), "")


def begin_step(response: AnyResponse, token: str) -> Response:
    """Let this browser go on with a ceremony."""
    answer = make_response(response)
    answer.set_cookie(
        step_cookie(),
        token,
        max_age=BY_LINK_LASTS,
        secure=installation().settings.secure_cookies,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return answer


def end_step(response: AnyResponse) -> Response:
    """The ceremony is over."""
    answer = make_response(response)
    answer.delete_cookie(step_cookie(), path="/")
    return answer


def this_site() -> Site:
    """The site as the browser of this request sees it; requests under foreign host names do not come this far."""
    origin = request.host_url.rstrip("/")
    return Site(request.host.rsplit(":", 1)[0], origin, installation().laboratory.name)


def passkeys_work() -> bool:
    """Whether browsers make passkeys for this address: they need a host name, and TLS unless it is localhost."""
    host = this_site().host
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return host == "localhost" or request.is_secure
    return False
