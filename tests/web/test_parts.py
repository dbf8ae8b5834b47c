"""The page's pure modules, run in Chromium as they are served and held against Python."""

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import Opens
from tests.web.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


pytestmark = pytest.mark.browser


@pytest.fixture
def page(quiet: "Browser", served: Served, open_page: Opens) -> "Page":
    return open_page(quiet, served.url)


def run(page: "Page", module: str, body: str, argument: object = None) -> Any:
    """Evaluate ``body`` with the module as ``m`` and the argument as ``a``."""
    source = f"async (a) => {{ const m = await import('./js/{module}.js'); {body} }}"
    return page.evaluate(source, argument)


def typed_out(strokes: str, text: str) -> str:
    """What the server makes of keystrokes (engine/baselines/cascade.py)."""
    for character in strokes:
        text = text[:-1] if character == "\b" else text + character
    return text


TEXTS = st.text(st.sampled_from("abé 👋"), max_size=8)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(TEXTS, min_size=2, max_size=6))
def test_keystrokes_turn_one_text_into_the_next(page: "Page", texts: list[str]) -> None:
    pairs = list(pairwise(texts))
    found = run(page, "typing", "return a.map(([x, y]) => m.keystrokes(x, y));", pairs)
    assert [typed_out(strokes, old) for strokes, (old, _) in zip(found, pairs, strict=True)] == (
        texts[1:]
    )


PLAY = """
const queue = new m.PlayoutQueue(22050);
const out = [];
for (const [what, x, n] of a) {
  if (what === "push") queue.push(x, new Float32Array(n).fill(1));
  if (what === "stop") queue.stop(x);
  if (what === "render") {
    const buffer = new Float32Array(n);
    const stopped = queue.render(buffer);
    out.push({ stopped, position: queue.position, samples: [...buffer] });
  }
}
return out;
"""


def play(page: "Page", *steps: tuple[Any, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run(page, "playout-queue", PLAY, [list(step) for step in steps])
    return found


def test_a_stop_fades_and_drops_what_was_queued_and_nothing_that_comes_later(page: "Page") -> None:
    rendered = play(
        page,
        ("push", 0, 1000), ("render", 0, 256), ("stop", 100), ("push", 1000, 300),
        ("render", 0, 256), ("render", 0, 256),
    )  # fmt: skip
    assert rendered[0] == rendered[0] | {"stopped": None, "position": 256}
    assert rendered[1] == rendered[1] | {"stopped": 356, "position": 1156}
    fade = rendered[1]["samples"][:100]
    assert fade == sorted(fade, reverse=True)
    assert fade[-1] < 0.02
    assert rendered[2]["position"] == 1300


def test_a_stop_of_silence_is_answered_with_the_last_position(page: "Page") -> None:
    rendered = play(page, ("push", 500, 100), ("render", 0, 128), ("stop", 660), ("render", 0, 128))
    assert [piece["stopped"] for piece in rendered] == [None, 600]


def test_sound_that_runs_dry_ends_and_begins_again_without_a_click(page: "Page") -> None:
    rendered = play(
        page,
        ("push", 0, 228), ("render", 0, 128), ("render", 0, 128), ("push", 228, 500),
        ("render", 0, 128),
    )  # fmt: skip
    joined = [sample for piece in rendered for sample in piece["samples"]]
    assert np.abs(np.diff(joined)).max() < 0.05
    assert max(joined) == 1


def test_too_much_that_waits_drops_the_oldest_and_counts_it(page: "Page") -> None:
    body = """
    const queue = new m.PlayoutQueue(1000);
    for (let i = 0; i < 40; i++) queue.push(1000 * i, new Float32Array(1000));
    queue.render(new Float32Array(10));
    return [queue.dropped_samples, queue.position];
    """
    assert run(page, "playout-queue", body) == [10_000, 10_010]


def test_what_was_heard_lags_by_the_latency_and_never_goes_back(page: "Page") -> None:
    body = """
    const heard = new m.HeardPosition(10);
    const found = [];
    for (let i = 1; i <= 8; i++) { heard.rendered(100 * i); found.push(heard.heard(i < 7 ? 2 : 5)); }
    return found;
    """
    assert run(page, "playout-queue", body) == [100, 100, 100, 200, 300, 400, 400, 400]


RESAMPLE = """
const whole = new m.Resampler(a.from, 16000);
const parts = new m.Resampler(a.from, 16000);
const wave = Float32Array.from({ length: a.from / 2 }, (_, n) => Math.sin(2 * Math.PI * a.hz * n / a.from));
const out = [...whole.push(wave)];
const pieces = [];
for (let i = 0; i < wave.length; i += 128) pieces.push(...parts.push(wave.slice(i, i + 128)));
return [out, pieces];
"""


@pytest.mark.parametrize("from_hz", [44_100, 48_000, 96_000])
@pytest.mark.parametrize(
    ("hz", "low_db", "high_db"),
    [(200, -0.1, 0.1), (3_000, -0.1, 0.1), (7_000, -0.5, 0.1), (9_500, -200, -60)],
)
def test_resampling_keeps_speech_and_holds_aliases_down(
    page: "Page", from_hz: int, hz: int, low_db: float, high_db: float
) -> None:
    whole, pieces = run(page, "resampler", RESAMPLE, {"from": from_hz, "hz": hz})
    assert pieces == whole
    assert abs(len(whole) - 8_000) < 100
    middle = np.array(whole[1_000:7_000])
    gain_db = 20 * np.log10(np.sqrt(2 * np.mean(middle**2)) + 1e-12)
    assert low_db <= gain_db <= high_db


def test_a_sound_frame_is_read_as_the_server_writes_it(page: "Page") -> None:
    pcm = np.array([0, 32767, -32768, 1], "<i2")
    frame = (2**33 + 5).to_bytes(8, "little") + pcm.tobytes()
    body = "const f = m.readSound(Uint8Array.from(a).buffer); return [f.position, [...f.samples]];"
    position, samples = run(page, "wire", body, list(frame))
    assert position == 2**33 + 5
    assert np.allclose(samples, pcm / 32768)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '"x"', "{}"])
def test_what_is_no_message_is_passed_over(page: "Page", text: str) -> None:
    assert run(page, "wire", "return m.readMessage(a);", text) is None


CAPTIONS = """
const list = document.createElement("ol");
const spoken = document.createElement("div");
const captions = new m.Captions(list, spoken);
for (const [what, ...rest] of JSON.parse(a)) {
  if (what === "coming") {
    const [text, start, end, start_s] = rest;
    captions.coming([{ text, start_s, end_s: start_s + 0.2, end, state: "sent" }], [start]);
  } else captions[what](...rest);
}
const words = (li) => [...li.querySelectorAll("p span")]
  .map((s) => [s.textContent.trim(), s.className.replace(/word ?/, "")]).filter(([t]) => t);
return {
  lines: [...list.children].map((li) => [li.className, words(li)]),
  spoken: [...spoken.children].map((p) => p.textContent),
};
"""


def captions(page: "Page", *steps: tuple[Any, ...]) -> Any:
    return run(page, "captions", CAPTIONS, json.dumps(steps))


def test_tentative_words_give_way_to_agreed_ones(page: "Page") -> None:
    shown = captions(page, ("heard", [], ["what", "is"], 0.2), ("heard", ["What"], ["is"], 0.4))
    assert shown["lines"] == [["you", [["What", ""], ["is", "tentative"]]]]


def test_our_words_appear_when_played_and_unheard_ones_are_struck(page: "Page") -> None:
    shown = captions(
        page,
        ("coming", "one", 0, 100, 1.0), ("coming", "two", 100, 200, 1.2),
        ("coming", "three", 200, 300, 1.4), ("played", 150, 1.2), ("stopped", 160, 1.3, True),
    )  # fmt: skip
    assert shown["lines"] == [
        ["hocket", [["one", ""], ["two", "cut"], ["three", "cut"], ["//", "caesura"]]]
    ]
    assert shown["spoken"] == ["Hocket: one"]


def test_words_before_they_are_played_are_not_shown(page: "Page") -> None:
    assert captions(page, ("coming", "one", 0, 100, 1.0), ("played", 0, 1.0))["lines"] == []


def test_an_interruption_does_not_tear_our_last_words_from_their_line(page: "Page") -> None:
    shown = captions(
        page,
        ("coming", "one", 0, 100, 1.0), ("coming", "two", 100, 200, 1.2), ("played", 100, 1.1),
        ("heard", ["wait"], [], 1.2), ("played", 200, 1.3), ("stopped", 200, 1.4, True),
        ("coming", "sorry.", 200, 300, 2.0), ("played", 300, 2.1),
    )  # fmt: skip
    assert [line[0] for line in shown["lines"]] == ["hocket", "you", "hocket"]
    assert shown["spoken"] == ["Hocket: one two", "You: wait", "Hocket: sorry."]
