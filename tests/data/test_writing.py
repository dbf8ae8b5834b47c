"""The agent's text: a little ahead of the voice, drafted before, told back when it was cut."""

import numpy as np

from hocket.core.units import TICK_USER_SAMPLES
from hocket.data.actor import Spoken
from hocket.data.script import Line, Script
from hocket.data.writing import MAX_TOKENS, Writer, written
from hocket.protocol.floor import Floor
from tests.data.studio import tokenizer

PHRASES = ("One two three.", "Four five six seven.", "Eight.")
SPEECH = {text: 16_000 * len(text.split()) // 2 for text in PHRASES}  # half a second a word
LINE = Line(start=16_000, texts=PHRASES, n_samples=sum(SPEECH.values()))


def script(seed: int = 0) -> Script:
    return Script(
        id="s",
        split="train",
        set="duplex",
        voice="v",
        engine="e",
        seed=seed,
        n_ticks=60,
        sounds=(),
        lines=(LINE,),
        turn_ends=(12_800,),
    )


def spoken(tick: int) -> Spoken:
    first = (tick + 1) * TICK_USER_SAMPLES
    behind, at = first + TICK_USER_SAMPLES, tick * TICK_USER_SAMPLES
    return Spoken(line=LINE, first=first, behind=behind, from_sample=at)


def text(ids: list[int]) -> str:
    return str(tokenizer().decode(ids))


def test_tokens_are_voiced_evenly_within_their_phrase() -> None:
    line = written(LINE, SPEECH, tokenizer())
    assert text(list(line.ids)) == f"{' '.join(PHRASES)}<|im_end|>"
    assert line.voiced[line.first_phrase - 1] == SPEECH[PHRASES[0]]
    assert line.voiced[-1] == LINE.n_samples
    assert (np.diff(line.voiced) >= 0).all()


def test_it_writes_no_more_than_the_voice_needs_soon_and_all_of_it() -> None:
    writer = Writer(script(), SPEECH, tokenizer())
    line = written(LINE, SPEECH, tokenizer())
    for tick in range(LINE.n_samples // TICK_USER_SAMPLES):
        writer.step(tick, Floor.SPEAK, spoken(tick))
        voiced = (tick + 1) * TICK_USER_SAMPLES
        due = sum(at <= voiced for at in line.voiced)
        assert len(writer.ids) >= min(due, MAX_TOKENS * (tick + 1))  # a byte is a token here
        soon = sum(at <= voiced + 24_000 for at in line.voiced)
        assert len(writer.ids) <= soon
    assert text(writer.ids) == f"{' '.join(PHRASES)}<|im_end|>"


def test_what_a_yield_dropped_is_not_written_and_what_was_heard_is_told() -> None:
    writer = Writer(script(), SPEECH, tokenizer())
    for tick in range(8):
        writer.step(tick, Floor.SPEAK, spoken(tick))
    writer.step(8, Floor.YIELD, spoken(7))
    n = len(writer.ids)
    told = [report for tick in range(9, 20) for report in writer.reports(tick)]
    assert told == ['user heard up to "One two three."']
    for tick in range(9, 20):
        writer.step(tick, Floor.LISTEN, spoken(7))
    assert len(writer.ids) == n
    assert "im_end" not in text(writer.ids)


def test_most_answers_are_drafted_before_they_are_spoken_and_written_once() -> None:
    drafted = 0
    for seed in range(40):
        writer = Writer(script(seed), SPEECH, tokenizer())
        for tick in range(5):
            writer.step(tick, Floor.LISTEN, None)
        assert text(writer.ids) in ("", PHRASES[0][:MAX_TOKENS], PHRASES[0])
        drafted += bool(writer.ids)
        for tick in range(20):
            writer.step(tick + 5, Floor.SPEAK, spoken(tick))
        assert text(writer.ids) == f"{' '.join(PHRASES)}<|im_end|>"
    assert 15 <= drafted <= 38
