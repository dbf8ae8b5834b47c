import asyncio
from pathlib import Path

import httpx
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.datastructures import Headers

from hocket.core.errors import BadInput
from hocket.transports.http import is_local, web_folder
from hocket.transports.server import listen
from tests.transports.serving import LOUD, Served, answers, fake_worker, serve


async def get(served: Served, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}") as client:
        return await client.get(path, headers=headers)


def test_the_page_is_served_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>page</h1>")
    (tmp_path / "app.js").write_text("export const a = 1;")

    async def test(served: Served) -> None:
        assert (await get(served, "/")).text == "<h1>page</h1>"
        script = await get(served, "/app.js")
        assert "javascript" in script.headers["content-type"]
        assert (await get(served, "/nothing.js")).status_code == 404
        assert (await get(served, "/../secret")).status_code == 404

    serve(test, web=tmp_path)


def test_an_installation_without_the_page_says_so(tmp_path: Path) -> None:
    async def test(served: Served) -> None:
        found = await get(served, "/")
        assert (found.status_code, "page" in found.text) == (404, True)

    serve(test, web=tmp_path)


def test_the_checkout_has_the_page() -> None:
    folder = web_folder()
    assert folder is not None
    assert (folder / "index.html").is_file()


def test_health_tells_sessions_and_room() -> None:
    async def test(served: Served) -> None:
        body = (await get(served, "/healthz")).json()
        assert body == {"status": "ok", "model": "fake", "sessions": 0, "sessions_limit": 3}
        async with served.talking():
            assert (await get(served, "/healthz")).json()["sessions"] == 1

    serve(test, sessions=3)


def test_metrics_count_ticks_stages_gaps_and_sessions() -> None:
    async def test(served: Served) -> None:
        async with served.talking() as client:
            await client.sound(np.concatenate([np.zeros(1_600, np.float32), LOUD[:1_600]]))
            await client.event("response")
            page = await get(served, "/metrics")
            families = {f.name: f for f in text_string_to_metric_families(page.text)}
            assert families["hocket_sessions_open"].samples[0].value == 1
            assert families["hocket_sessions_limit"].samples[0].value == 8
            assert families["hocket_ticks"].samples[0].value >= 2
            stages = {s.labels.get("stage") for s in families["hocket_stage_seconds"].samples}
            assert stages == {"hear", "think", "voice"}
            gaps = families["hocket_response_gap_seconds"].samples
            assert next(s.value for s in gaps if s.name.endswith("_count")) == 1
            for name in ("deadline_misses", "underruns", "sessions_refused"):
                assert f"hocket_{name}" in families

    serve(test, worker=fake_worker(answers()))


def test_another_host_name_is_refused() -> None:
    async def test(served: Served) -> None:
        assert (await get(served, "/healthz", host="evil.example")).status_code == 403
        assert (await get(served, "/healthz", host="localhost:1")).status_code == 200

    serve(test)


@pytest.mark.parametrize(
    ("host", "origin", "local"),
    [
        ("127.0.0.1:8787", None, True),
        ("localhost:8787", "http://localhost:8787", True),
        ("[::1]:8787", "http://[::1]:8787", True),
        ("localhost:8787", "http://localhost:9999", False),
        ("localhost:8787", "http://evil.example", False),
        ("localhost.evil.example", None, False),
        ("", None, False),
        ("[", None, False),
    ],
)
def test_only_this_machine_and_its_own_pages_are_local(
    host: str, origin: str | None, local: bool
) -> None:
    headers = {"host": host} | ({} if origin is None else {"origin": origin})
    assert is_local(Headers(headers)) is local


def test_a_taken_port_is_known_in_one_line() -> None:
    with listen(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(BadInput, match=f"expected a free port, got {port}"):
            listen(port)


def test_unknown_paths_and_sockets_are_not_found() -> None:
    async def test(served: Served) -> None:
        assert (await get(served, "/v1/nothing")).status_code == 404
        await asyncio.sleep(0)

    serve(test)
