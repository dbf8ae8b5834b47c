from itertools import pairwise

import numpy as np
import pytest

from hocket.core.errors import BadInput
from hocket.core.units import USER_RATE_HZ
from hocket.data.formant_voices import breaks, commas, espeak_ng, flite, installed
from hocket.data.spans import speech_spans

HESITANT = "I would like a table for … four people."


def test_hesitations_become_single_commas() -> None:
    assert commas("A table for … um … four, please.") == "A table for, um, four, please."
    assert commas("A table, … for four.") == "A table, for four."


def test_hesitations_become_breaks_and_markup_is_escaped() -> None:
    said = breaks("fish & chips … please … now", np.random.default_rng(1))
    assert said.startswith("fish &amp; chips <break time=")
    assert said.count("<break") == 2
    assert said.endswith(" now")


def test_a_text_without_hesitations_has_no_break() -> None:
    assert breaks("Good morning.", np.random.default_rng(1)) == "Good morning."


@pytest.mark.skipif(not installed("flite"), reason="flite is not installed")
@pytest.mark.parametrize("name", ["kal16", "kal"])
def test_flite_falls_silent_at_a_hesitation(name: str) -> None:
    spans = speech_spans(flite(HESITANT, name=name))
    gaps_s = [(b[0] - a[1]) / USER_RATE_HZ for a, b in pairwise(spans)]
    assert gaps_s
    assert 0.2 < max(gaps_s) < 0.9


@pytest.mark.skipif(not installed("espeak-ng"), reason="espeak-ng is not installed")
def test_espeak_falls_silent_at_a_hesitation_and_follows_rate_and_pitch() -> None:
    assert len(speech_spans(espeak_ng(HESITANT, name="en-us+f2"))) == 2
    slow, fast = (espeak_ng("Good morning to you.", name="en-us", rate=r) for r in (0.85, 1.25))
    assert len(slow) > 1.2 * len(fast)
    low, high = (espeak_ng("Good morning.", name="en-us", pitch=p) for p in (0.5, 1.5))
    assert not np.array_equal(low, high)


@pytest.mark.skipif(not installed("espeak-ng"), reason="espeak-ng is not installed")
def test_a_voice_that_espeak_does_not_know_is_refused() -> None:
    with pytest.raises(BadInput, match="espeak-ng"):
        espeak_ng("Hello.", name="nobody-at-all")
