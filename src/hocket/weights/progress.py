"""What a person sees of a pull. Law: progress never decides anything."""

from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)


class Reporter(Protocol):
    """Told how a pull goes on."""

    def start(self, file_id: str, total_bytes: int) -> None:
        """A file is being pulled."""
        ...

    def at(self, done_bytes: int) -> None:
        """So much of it is here (may go back, when a source is given up)."""
        ...

    def done(self, file_id: str, source: str) -> None:
        """The file is here and its hash is right."""
        ...

    def note(self, line: str) -> None:
        """Something that may interest, and that needs no action."""
        ...


class Silent:
    """Says nothing."""

    def start(self, file_id: str, total_bytes: int) -> None:
        """Say nothing."""

    def at(self, done_bytes: int) -> None:
        """Say nothing."""

    def done(self, file_id: str, source: str) -> None:
        """Say nothing."""

    def note(self, line: str) -> None:
        """Say nothing."""


class ProgressBar:
    """A bar on a terminal, a line a file elsewhere; on stderr, for stdout belongs to results."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "ProgressBar":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._progress.stop()

    def start(self, file_id: str, total_bytes: int) -> None:
        """Show a new bar in place of the last."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(file_id, total=total_bytes)

    def at(self, done_bytes: int) -> None:
        """Move the bar."""
        if self._task is not None:
            self._progress.update(self._task, completed=done_bytes)

    def done(self, file_id: str, source: str) -> None:
        """Leave one line for the finished file."""
        self._print(f"{file_id} ← {source}")

    def note(self, line: str) -> None:
        """One dim line."""
        self._print(line, style="dim")

    def _print(self, line: str, style: str | None = None) -> None:
        self._console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)
