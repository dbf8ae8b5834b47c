"""Fixtures of the page's tests.

Law: Playwright's loop runs in the main thread while it is open, so it lives no longer than a module: tests
elsewhere start loops of their own.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from tests.transports.parrot import Parrot, parrot_worker
from tests.web.browser import WATCH, chromium, recording, require
from tests.web.serving import LONG_ANSWER, Served, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

Opens: TypeAlias = "Callable[..., Page]"


@pytest.fixture(scope="module")
def playwright() -> "Iterator[Playwright]":
    require()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def quiet(
    playwright: "Playwright", tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Browser]":
    """A browser whose microphone hears nothing."""
    wav = recording(tmp_path_factory.mktemp("microphone") / "quiet.wav", ("silence", 500))
    with chromium(playwright, wav) as browser:
        yield browser


@pytest.fixture
def open_page() -> Iterator[Opens]:
    """Opens the page in a context of its own; what it raises fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(browser: "Browser", url: str, **options: Any) -> "Page":
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.add_init_script(WATCH)
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def parrot() -> Parrot:
    return Parrot(LONG_ANSWER)


@pytest.fixture
def served(parrot: Parrot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    with serving(parrot_worker(parrot), monkeypatch) as served:
        yield served
