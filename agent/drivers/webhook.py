"""Sends one webhook over HTTP: within one deadline, without redirects, believing and keeping nothing of the answer."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from socket import gaierror

import httpx

from agent.requests.webhooks.schedule import Attempt, Ended

#: An answer larger than this is no acknowledgement, in bytes.
ANSWER_LIMIT = 65_536
#: Answers that speak for the receiver as a whole: too many requests, and what stands in front of it.
OVERLOADED = (429, 502, 503, 504)
GONE = 410


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to send, in what time (seconds, all together), and who signs the receiver's certificate."""

    url: str
    timeout_s: float
    tls: ssl.SSLContext


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """A context that checks certificate and name, against a PEM file or the system's authorities; raises OSError."""
    return ssl.create_default_context(cafile=ca_file)


def post(endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Attempt:
    """Send ``body`` once; it was taken only if an answer of the 200s came whole and in time."""
    return asyncio.run(_within(endpoint, headers, body))


async def _within(endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Attempt:
    try:
        async with asyncio.timeout(endpoint.timeout_s):
            return await _exchange(endpoint, headers, body)
    except (TimeoutError, httpx.TimeoutException):
        return Attempt(Ended.BROKEN, f"no complete answer within {endpoint.timeout_s:g} s")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return Attempt(Ended.BROKEN, _words(error))


async def _exchange(endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Attempt:
    # trust_env would take proxies, certificates and logins from the environment of whoever started the daemon.
    client = httpx.AsyncClient(verify=endpoint.tls, timeout=endpoint.timeout_s, follow_redirects=False, trust_env=False)
    sent = {
        "content-type": "application/json",
        "user-agent": "spokesman",
        "accept-encoding": "identity",
        **headers,
    }
    async with client, client.stream("POST", endpoint.url, content=body, headers=sent) as response:
        size = 0
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > ANSWER_LIMIT:
                return Attempt(Ended.BROKEN, f"its answer is larger than {ANSWER_LIMIT // 1024} KiB")
        return _judged(response)


def _judged(response: httpx.Response) -> Attempt:
    """What a complete answer means."""
    status = response.status_code
    if response.is_success:
        return Attempt(Ended.TAKEN)
    if response.is_redirect or 300 <= status < 400:
        return Attempt(Ended.BROKEN, f"it answers {status}: redirects are not followed, correct the URL")
    if status == GONE:
        return Attempt(Ended.BROKEN, "it answers 410: it wants no webhooks any more")
    if status in OVERLOADED:
        return Attempt(
            Ended.BROKEN, f"it answers {status}: it is overloaded, or what stands in front of it is", _wait(response)
        )
    return Attempt(Ended.REFUSED, f"it answers {status}", _wait(response))


def _wait(response: httpx.Response) -> int:
    """Seconds of Retry-After; 0 where there is none that can be read. The schedule bounds it."""
    text = response.headers.get("retry-after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0


def _words(error: BaseException) -> str:
    """What went wrong, from the innermost cause that is known, without any of the receiver's words."""
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is refused: {cause.verify_message}"
    for cause in chain:
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {cause.reason or 'the connection broke off'}"
        if isinstance(cause, gaierror):
            return "its name cannot be resolved"
    if isinstance(error, httpx.ConnectError):
        numbers = [cause.errno for cause in chain if isinstance(cause, OSError) and cause.errno]
        return f"it cannot be reached: {os.strerror(numbers[-1]) if numbers else 'no connection'}"
    if isinstance(error, httpx.RemoteProtocolError):
        return "its answer is not whole, or not HTTP"
    if isinstance(error, httpx.NetworkError):
        return "the connection broke off"
    return f"it cannot be sent to: {type(error).__name__}"


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what led to it, outermost first, those in groups as well."""
    found: list[BaseException] = []
    open_ = [error]
    while open_ and len(found) < 50:
        one = open_.pop()
        if one in found:
            continue
        found.append(one)
        inner = one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        open_.extend(next_ for next_ in (one.__context__, one.__cause__, *inner) if next_ is not None)
    return found
