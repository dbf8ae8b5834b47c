"""The page in Chromium, against the real server over fakes; once over real models."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import soundfile as sf

from hocket.engine.fake import decision
from hocket.engine.port import TickInput, TickOutput
from hocket.protocol.floor import Floor, Permit
from hocket.recipes import engines
from hocket.weights import store
from tests.transports.parrot import Parrot, ParrotSlot, parrot_worker
from tests.web.browser import chromium, recording, require
from tests.web.conftest import Opens
from tests.web.serving import Served, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
STOPS_WITHIN_MS = 400
SILENT_RMS = 1e-3
LOUD_RMS = 0.01  # -40 dB
WAIT_MS = 15_000


def begin(page: "Page", button: str = "#begin-silent") -> None:
    page.click(button)
    page.wait_for_selector("[data-state=live]", timeout=WAIT_MS)


def ask(page: "Page") -> None:
    """Type something; the parrot answers at length."""
    page.fill("#text", "hello")
    page.press("#text", "Enter")
    wait(page, "told.played.some(({ rms }) => rms > 0.05)")


def wait(page: "Page", condition: str, timeout_ms: int = WAIT_MS) -> None:
    page.wait_for_function(f"() => {condition}", timeout=timeout_ms)


def until(page: "Page", condition: Callable[[], bool]) -> None:
    """Look at something on the server's side while the page goes on."""
    end = time.monotonic() + WAIT_MS / 1000
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        page.wait_for_timeout(20)


def told(page: "Page", what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(f"told.{what}")
    return found


def stop_latencies_ms(page: "Page", served: Served) -> list[float]:
    """From each decision of the server to silence at the device, on the machine's one clock."""
    silent = [stop["silent_at_ms"] for stop in told(page, "stopped")]
    return [min(ms for ms in silent if ms >= at * 1000) - at * 1000 for at in served.stops_s]


def first_gap_s(page: "Page") -> float:
    """From the microphone's last loud frame to the speaker's first loud 100 ms, at the client."""
    answered_ms = next(r["at_ms"] for r in told(page, "played") if r["rms"] > LOUD_RMS) - 100
    asked_ms = [frame["at_ms"] for frame in told(page, "captured") if frame["rms"] > LOUD_RMS]
    return float(answered_ms - max(at_ms for at_ms in asked_ms if at_ms < answered_ms)) / 1000


def tell(capsys: pytest.CaptureFixture[str], *lines: str) -> None:
    """Figures are shown with the tests' dots."""
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")


def typed(parrot: Parrot) -> str:
    return "".join(tick.typed for slot in parrot.slots for tick in slot.inputs)


def test_it_hears_answers_and_stops_when_interrupted(
    playwright: "Playwright",
    served: Served,
    open_page: Opens,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoken = [("silence", 500), ("tone", 1000), ("silence", 2500), ("tone", 800)]
    with chromium(playwright, recording(tmp_path / "user.wav", *spoken)) as browser:
        page = open_page(browser, served.url)
        begin(page, "#begin")
        wait(page, "told.stopped.length > 0")
        wait(page, f"told.played.at(-1).rms < {SILENT_RMS}")  # what the speaker is given
        [latency_ms] = stop_latencies_ms(page, served)
        stop = told(page, "stopped")[0]
        reports = told(page, "played")
        assert "w0 w1 w2" in page.inner_text("#captions li.you p")
        assert "Certainly, word1" in page.inner_text("#captions li.hocket p")
        assert max(report["rms"] for report in reports) > 0.1
        assert reports[-1]["at_ms"] - stop["silent_at_ms"] < STOPS_WITHIN_MS
        assert latency_ms <= STOPS_WITHIN_MS
        assert page.locator("#captions .caesura").count() == 1
        tell(capsys, f"stop: {latency_ms:.0f} ms from the decision to silence at the client")


def test_it_reports_what_was_played_as_it_plays(
    quiet: "Browser", served: Served, open_page: Opens
) -> None:
    page = open_page(quiet, served.url)
    begin(page)
    ask(page)
    wait(page, "told.played.filter(({ rms }) => rms > 0.05).length > 15")
    reports = [report for report in told(page, "played") if report["rms"] > 0.05]
    first, last = reports[0], reports[-1]
    rate_hz = (last["position"] - first["position"]) / (last["at_ms"] - first["at_ms"]) * 1000
    assert 20_000 < rate_hz < 24_000
    assert 80 < (last["at_ms"] - first["at_ms"]) / (len(reports) - 1) < 130


def test_keystrokes_reach_the_session_as_they_are_typed(
    quiet: "Browser", served: Served, parrot: Parrot, open_page: Opens
) -> None:
    page = open_page(quiet, served.url)
    begin(page)
    page.type("#text", "helo")
    page.press("#text", "Backspace")
    page.keyboard.type("lo ")
    page.keyboard.insert_text("👋")  # one character, two units of UTF-16
    page.press("#text", "Home")
    page.press("#text", "Delete")  # an edit in the middle: all behind it is typed again
    page.press("#text", "Enter")
    wait(page, "told.played.length > 0")
    assert typed(parrot) == "helo\blo 👋" + "\b" * 7 + "ello 👋\n"
    assert page.input_value("#text") == ""
    assert page.inner_text("#captions li.typed p") == "ello 👋"


def test_without_permission_one_can_still_type(
    playwright: "Playwright", served: Served, open_page: Opens
) -> None:
    with chromium(playwright, None, allowed=False) as browser:
        page = open_page(browser, served.url)
        begin(page, "#begin")
        assert "not allowed" in page.inner_text("#notice")
        assert page.is_disabled("#microphone")
        ask(page)


def test_the_stop_button_and_escape_silence_at_once(
    quiet: "Browser", served: Served, open_page: Opens
) -> None:
    page = open_page(quiet, served.url)
    begin(page)
    stops: list[Callable[[], None]] = [
        lambda: page.click("#stop"),
        lambda: page.press("body", "Escape"),
    ]
    for stop in stops:
        ask(page)
        before = len(told(page, "stopped"))
        pressed_ms = time.time() * 1000
        stop()
        wait(page, f"told.stopped.length > {before}")
        assert told(page, "stopped")[before]["silent_at_ms"] - pressed_ms < STOPS_WITHIN_MS
        wait(page, "told.played.at(-1).rms === 0")
        page.evaluate("told.played = []")


def test_a_muted_agent_says_so_and_stays_silent(
    quiet: "Browser", served: Served, parrot: Parrot, open_page: Opens
) -> None:
    page = open_page(quiet, served.url)
    begin(page)
    page.click("#mute")
    assert page.get_attribute("#mute", "aria-pressed") == "true"
    wait(page, "document.querySelector('[data-part=rule]').textContent === 'muted'")
    assert page.inner_text("[data-part=permit]").startswith("It must be silent")
    page.fill("#text", "hello")
    page.press("#text", "Enter")
    until(page, lambda: typed(parrot).endswith("\n"))
    n_ticks = len(parrot.slots[0].inputs)
    until(page, lambda: len(parrot.slots[0].inputs) > n_ticks + 3)
    assert not told(page, "played")
    page.click("#mute")
    wait(page, "told.played.some(({ rms }) => rms > 0.05)")


class Wilful(Parrot):
    """Backchannels all the time, whatever the permit."""

    def step(self, slot: ParrotSlot, tick_input: TickInput, permit: Permit) -> TickOutput:
        return decision(Floor.BACKCHANNEL, "mm-hm")


def test_the_chosen_mode_holds_at_once(
    quiet: "Browser", monkeypatch: pytest.MonkeyPatch, open_page: Opens
) -> None:
    with serving(parrot_worker(Wilful()), monkeypatch) as served:
        page = open_page(quiet, served.url)
        begin(page)
        wait(page, "told.played.some(({ rms }) => rms > 0.05)")
        page.click("text=reserved")
        wait(page, "document.querySelector('[data-part=rule]').textContent === 'backchannel.off'")
        wait(page, "told.played.at(-1).rms === 0")


def test_a_refused_session_shows_the_reason_and_disturbs_nobody(
    quiet: "Browser", monkeypatch: pytest.MonkeyPatch, open_page: Opens
) -> None:
    with serving(parrot_worker(), monkeypatch, sessions=1) as served:
        first, second = open_page(quiet, served.url), open_page(quiet, served.url)
        begin(first)
        second.click("#begin-silent")
        second.wait_for_selector("[data-state=refused]", timeout=WAIT_MS)
        assert second.inner_text("#curtain-title") == "Every seat is taken"
        assert "--sessions 1" in second.inner_text("#curtain-text")
        ask(first)
        first.click("#end")
        first.wait_for_selector("[data-state=idle]")
        wait(first, "fetch('healthz').then((r) => r.json()).then((h) => h.sessions === 0)")
        second.click("#retry")
        second.wait_for_selector("[data-state=live]", timeout=WAIT_MS)


def test_a_speaker_that_does_not_open_is_told_and_tried_again(
    quiet: "Browser", served: Served, open_page: Opens
) -> None:
    page = open_page(quiet, served.url)
    page.evaluate("""() => {
        const add = Worklet.prototype.addModule;
        AudioWorklet.prototype.addModule = async function (url) {
            if (!`${url}`.includes("playback")) return add.call(this, url);
            AudioWorklet.prototype.addModule = add;
            throw Error("it got lost");
        };
    }""")
    begin(page)
    page.wait_for_selector("#notice:has-text('it got lost')", timeout=WAIT_MS)
    page.click("#notice-action")
    page.wait_for_selector("#notice", state="hidden", timeout=WAIT_MS)
    ask(page)


@contextlib.contextmanager
def server_process(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server over fakes that can be killed."""
    process = subprocess.Popen([sys.executable, "-m", "tests.web.serving", str(port)], cwd=ROOT)
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def test_a_killed_server_is_noticed_and_found_again(quiet: "Browser", open_page: Opens) -> None:
    port = free_port()
    with server_process(port) as process:
        page = open_page(quiet, f"http://127.0.0.1:{port}/")
        begin(page)
        ask(page)
        process.send_signal(signal.SIGKILL)
        page.wait_for_selector("[data-state=waiting]", timeout=WAIT_MS)
        assert page.inner_text("#curtain-title") == "The server is gone"
        assert page.is_disabled("#text")
    with server_process(port):
        page.wait_for_selector("[data-state=live]", timeout=WAIT_MS)
        assert "A new conversation" in page.inner_text("#captions")
        page.evaluate("told.played = []")
        ask(page)


def test_a_server_that_stays_away_is_given_up(quiet: "Browser", open_page: Opens) -> None:
    port = free_port()
    with server_process(port):
        page = open_page(quiet, f"http://127.0.0.1:{port}/")
        begin(page)
        page.clock.install()
    page.wait_for_selector("[data-state=waiting]", timeout=WAIT_MS)
    while page.get_attribute("body", "data-state") != "gone":
        page.wait_for_selector("[data-state=waiting], [data-state=gone]", timeout=WAIT_MS)
        page.clock.fast_forward(10_000)
    assert page.is_visible("#retry")


def test_everything_comes_from_the_server_itself(
    quiet: "Browser", served: Served, open_page: Opens
) -> None:
    page = quiet.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served.url)
    begin(page)
    assert len(asked) > 10
    assert all(url.startswith(served.url) for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(
    quiet: "Browser", served: Served, open_page: Opens, scheme: str
) -> None:
    page = open_page(quiet, served.url, color_scheme=scheme)
    names = ["ink", "soft", "you", "hocket", "paper", "desk", "yield"]
    colours = page.evaluate(
        "names => names.map(n => getComputedStyle(document.documentElement)"
        ".getPropertyValue('--' + n).trim())",
        names,
    )
    of = dict(zip(names, colours, strict=True))
    for text, behind in [("ink", "paper"), ("soft", "paper"), ("soft", "desk"), ("you", "paper"),
                         ("hocket", "paper"), ("yield", "paper")]:  # fmt: skip
        assert contrast(of[text], of[behind]) >= 4.5, (text, behind)


def contrast(a: str, b: str) -> float:
    """WCAG 2's contrast of two #rrggbb colours."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_it_fits_a_small_screen_and_needs_no_mouse(
    quiet: "Browser", served: Served, open_page: Opens
) -> None:
    page = open_page(quiet, served.url, viewport={"width": 380, "height": 760})
    page.focus("#begin-silent")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-state=live]", timeout=WAIT_MS)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 380
    for name in ("microphone", "mute", "stop", "end", "text"):
        box = page.locator(f"#{name}").bounding_box()
        assert box is not None
        assert box["height"] >= 40
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 380
    page.focus("#text")
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    wait(page, "told.played.some(({ rms }) => rms > 0.05)")


@pytest.mark.models
@pytest.mark.parametrize("model", sorted({"cascade-vad", engines.DEFAULT}))
def test_a_recording_is_answered_by_real_models(
    model: str,
    playwright: "Playwright",
    open_page: Opens,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    samples, rate_hz = sf.read(ROOT / "examples" / "conversation.flac")
    sf.write(tmp_path / "user.wav", samples, rate_hz, subtype="PCM_16")
    worker = engines.served(store.path_of, model)
    with (
        serving(worker, monkeypatch) as served,
        chromium(playwright, tmp_path / "user.wav") as browser,
    ):
        page = open_page(browser, served.url)
        begin(page, "#begin")
        if model == engines.DEFAULT:  # its second answer is over before the recording breaks in
            answers = "document.querySelectorAll('#captions li.hocket').length"
            wait(page, f"{answers} > 1 && told.played.at(-1).rms > {LOUD_RMS}", timeout_ms=40_000)
            page.click("#stop")
        wait(page, "told.stopped.length > 0", timeout_ms=40_000)
        heard = " ".join(page.locator("#captions li.you p").all_inner_texts())
        said = " ".join(page.locator("#captions li.hocket p").all_inner_texts())
        gap = page.inner_text("[data-part=gap-median]")
        latencies_ms = stop_latencies_ms(page, served)
        gap_s = first_gap_s(page)
        tell(capsys, f"heard: {heard}", f"said: {said}", f"response gap, median: {gap}")
        tell(capsys, f"first response gap at the client: {gap_s:.2f} s")
        tell(capsys, f"stops: {', '.join(f'{ms:.0f} ms' for ms in latencies_ms)}")
        assert "France" in heard
        assert "Paris" in said
        assert -0.5 < gap_s < 3.0
        assert max(report["rms"] for report in told(page, "played")) > 0.01
        assert gap.split()[1] == "s"
        assert max(latencies_ms) <= STOPS_WITHIN_MS


def test_ci_does_not_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(pytest.fail.Exception, match="expected Chromium"):
        require()
