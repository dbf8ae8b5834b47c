"""The server's routes: the page, the two sockets, health and metrics.

Law: only this machine is served. A request must name a local host (a foreign page could otherwise reach
us by rebinding its name) and, if a browser sent it, come from a page of our own origin.
"""

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from hocket.transports.host import Host
from hocket.transports.native import native_endpoint

LOCAL: Final = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"


def build_app(host: Host, *, web: Path | None = None) -> Starlette:
    """The application over a host; ``web`` is the page's folder (found by itself if None)."""
    folder = web or web_folder()

    async def native(websocket: WebSocket) -> None:
        await native_endpoint(websocket, host)

    async def healthz(_: Request) -> Response:
        body = {
            "status": "ending" if host.draining else "ok",
            "model": host.settings.model,
            "sessions": host.running,
            "sessions_limit": host.admission.limit,
        }
        return JSONResponse(body, status_code=503 if host.draining else 200)

    async def metrics(_: Request) -> Response:
        text = host.metrics.text(limit=host.admission.limit)
        return Response(text, media_type=PROMETHEUS)

    async def no_page(_: Request) -> Response:
        return PlainTextResponse("The page is not part of this installation.\n", status_code=404)

    routes: list[BaseRoute] = [
        Route("/healthz", healthz),
        Route("/metrics", metrics),
        WebSocketRoute("/v1/native", native),
        *_realtime(host),
    ]
    if folder is not None and (folder / "index.html").is_file():
        routes.append(Mount("/", StaticFiles(directory=folder, html=True)))
    else:
        routes.append(Route("/", no_page))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        host.close()

    app = Starlette(routes=routes, lifespan=lifespan)
    app.add_middleware(OnlyLocal)
    return app


def web_folder() -> Path | None:
    """The page: package data in an installation, ``web/`` in a checkout; None if neither is there."""
    here = Path(__file__).resolve()
    for folder in (here.parents[1] / "web", here.parents[3] / "web"):
        if (folder / "index.html").is_file():
            return folder
    return None


def _realtime(host: Host) -> list[BaseRoute]:
    """The OpenAI Realtime socket, if its adapter is there."""
    try:
        endpoint = importlib.import_module("hocket.transports.realtime").realtime_endpoint
    except ModuleNotFoundError as error:
        if error.name != "hocket.transports.realtime":
            raise
        return []

    async def realtime(websocket: WebSocket) -> None:
        await endpoint(websocket, host)

    return [WebSocketRoute("/v1/realtime", realtime)]


class OnlyLocal:
    """Refuses requests to another host's name and from another origin's page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or refuse."""
        if scope["type"] == "lifespan" or is_local(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await _refuse_socket(receive, send)
        else:
            refusal = PlainTextResponse("expected a request from this machine\n", status_code=403)
            await refusal(scope, receive, send)


def is_local(headers: Any) -> bool:
    """Whether Host is local and Origin, if there is one, is the same host and port."""
    named = headers.get("host", "")
    origin = headers.get("origin")
    try:
        if urlsplit(f"//{named}").hostname not in LOCAL:
            return False
        return origin is None or urlsplit(origin).netloc == named
    except ValueError:  # "[" is no address
        return False


async def _refuse_socket(receive: Receive, send: Send) -> None:
    await receive()  # websocket.connect
    await send({"type": "websocket.close", "code": 1008})
