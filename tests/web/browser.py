"""Debian's Chromium for the page's tests: found or skipped, with a recording as its microphone.

Law: without a browser the tests are skipped with a reason, except on CI, where they fail. The browser asks
nothing of the outside.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile as sf

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
USER_RATE_HZ = 16_000

# What the page tells of its microphone and speaker, with the wall clock of its coming.
WATCH = """
window.told = { captured: [], played: [], stopped: [] };
for (const what of Object.keys(told)) {
  addEventListener(`hocket:${what}`, ({ detail }) => told[what].push({ ...detail, at_ms: Date.now() }));
}
"""


def missing() -> str:
    """Why there can be no browser test here; empty if there can."""
    if find_spec("playwright") is None:
        return "expected playwright (pip install playwright), got none"
    if not any(shutil.which(name) for name in NAMES):
        return "expected Chromium (requirements/debian.sh), got none"
    return ""


def require() -> None:
    """Skip the test without a browser; on CI, fail it."""
    if reason := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def chromium(
    playwright: "Playwright", microphone: Path | None, *, allowed: bool = True
) -> "Iterator[Browser]":
    """A browser whose microphone plays a recording once, then silence."""
    flags = [*FLAGS, *(["--use-fake-ui-for-media-stream"] if allowed else [])]
    if microphone is not None:
        flags.append(f"--use-file-for-fake-audio-capture={microphone}%noloop")
    path = next(found for name in NAMES if (found := shutil.which(name)))
    browser = playwright.chromium.launch(executable_path=path, args=flags)
    try:
        yield browser
    finally:
        browser.close()


def recording(path: Path, *pieces_ms: tuple[str, int]) -> Path:
    """A wav of tones and silences, in ms; an hour of silence would follow anyway."""
    pieces = []
    for kind, ms in pieces_ms:
        n = USER_RATE_HZ * ms // 1000
        tone = 0.3 * np.sin(np.arange(n) * 0.15)
        pieces.append(tone if kind == "tone" else np.zeros(n))
    sf.write(path, np.concatenate(pieces), USER_RATE_HZ, subtype="PCM_16")
    return path
