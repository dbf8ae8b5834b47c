import numpy as np
import pytest

from hocket.engine.port import Float32
from hocket.transports.intake import Intake

LOUD = np.full(320, 0.1, np.float32)  # 20 ms
QUIET = np.zeros(320, np.float32)


def place(
    intake: Intake, chunk: Float32, *, now: float, pending: int, tick_start: float = 0.0
) -> int:
    pieces = intake.place(chunk, now=now, tick_start=tick_start, pending=pending)
    return sum(len(piece) for piece in pieces)


def test_sound_that_begins_in_mid_tick_stands_where_it_came() -> None:
    intake = Intake()
    pieces = intake.place(LOUD, now=1.12, tick_start=1.0, pending=0)
    assert [len(piece) for piece in pieces] == [1_600, 320]  # 100 ms of silence, 20 ms of sound
    assert not pieces[0].any()
    assert intake.placed_samples == 1_600


def test_steady_sound_passes_untouched_whatever_its_jitter() -> None:
    intake, pending = Intake(sheds=True), 0
    for n in range(1, 10):
        jitter_s = 0.06 if n % 3 else 0.0
        pending += place(intake, QUIET, now=n * 0.02 + jitter_s, pending=pending)
    assert pending == 9 * 320 + intake.placed_samples
    assert intake.placed_samples == pytest.approx(0.06 * 16_000, abs=1)  # before the first chunk


def test_a_lead_is_taken_back_in_silence_only() -> None:
    intake = Intake(sheds=True)
    assert place(intake, LOUD, now=0.1, pending=4_000) == 320
    assert place(intake, QUIET, now=0.11, pending=4_320) == 320  # the end of a word may be quiet
    assert place(intake, QUIET, now=0.12, pending=4_640) == 0
    assert place(intake, LOUD, now=0.13, pending=4_640) == 320
    assert intake.shed_samples == 320


def test_a_recording_sent_at_once_keeps_its_pauses() -> None:
    for intake, pending in ((Intake(), 4_000), (Intake(sheds=True), 40_000)):
        for n in range(4):
            assert place(intake, QUIET, now=0.1 + n / 1000, pending=pending) == 320
