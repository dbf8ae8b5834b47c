"""Who plays which conversation: always the same, and nobody of another split."""

import pytest

from hocket.core.errors import BadInput
from hocket.data.conversations import NAMES, conversations
from hocket.data.repertoire import rendition
from hocket.data.splits import Split, split_of

TRAIN = ["kokoro/af_bella", "kokoro/am_adam", "flite/awb@0.88", "flite/awb@1.0"]
VALIDATION = ["kokoro/af_kore", "kokoro/am_puck"]


def test_a_rendition_is_always_the_same_and_another_one_differs() -> None:
    (first, *_) = [c for c in conversations("everyday") if c.split is Split.TRAIN]
    assert rendition(first, 0, TRAIN) == rendition(first, 0, TRAIN)
    others = [rendition(first, number, TRAIN) for number in range(12)]
    assert len({each.voice for each in others}) == 4
    beside = [each for each in others if each.other != each.voice]
    assert 0 < len(beside) < len(others)  # the others turn away from the agent themselves
    for each in beside:
        assert each.voice.partition("@")[0] != each.other.partition("@")[0]


def test_every_line_that_sounds_is_asked_for_by_the_one_who_says_it() -> None:
    for name in NAMES:
        for each in conversations(name):
            voices = TRAIN if each.split is Split.TRAIN else VALIDATION
            played = rendition(each, 0, voices)
            asked = {(request.voice, request.text) for request in played.requests}
            for line in played.conversation.lines:
                if line.kind in ["U", "U+", "I", "B"]:
                    assert (played.voice, line.text) in asked
                elif line.kind == "S":
                    assert (played.other, line.text) in asked
                elif line.kind in ["A", "N", "C"]:
                    assert set(line.phrases or (line.text,)) <= set(played.phrases)
            assert "{" not in "".join(text for _, text in asked)


def test_no_voice_plays_a_conversation_of_another_split() -> None:
    for each in conversations("everyday"):
        strangers = VALIDATION if each.split is Split.TRAIN else TRAIN
        with pytest.raises(BadInput, match="expected two speakers"):
            rendition(each, 0, strangers)
    with pytest.raises(BadInput, match="flite/awb"):
        rendition(conversations("everyday")[0], 0, ["flite/awb@1.0", "flite/awb@0.88"])


def test_what_is_held_out_is_said_by_nobody_of_training() -> None:
    said: dict[Split, set[str]] = {Split.TRAIN: set(), Split.VALIDATION: set()}
    for name in NAMES:
        for each in conversations(name):
            voices = TRAIN if each.split is Split.TRAIN else VALIDATION
            played = rendition(each, 0, voices)
            assert all(split_of(request.voice) is each.split for request in played.requests)
            turns = (line.text for line in played.conversation.lines if line.kind in ("U", "I"))
            said[each.split] |= {text for text in turns if len(text.split()) > 4}
    assert len(said[Split.VALIDATION]) > 100
    assert not said[Split.TRAIN] & said[Split.VALIDATION]
