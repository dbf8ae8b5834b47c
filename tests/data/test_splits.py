import pytest

from hocket.data.formant_voices import ESPEAK_VOICES
from hocket.data.splits import HELD_OUT_ENGINE, Split, held_out, split_of


def test_no_voice_is_held_out_twice() -> None:
    assert not held_out(Split.TEST) & held_out(Split.VALIDATION)


@pytest.mark.parametrize("split", [Split.TEST, Split.VALIDATION])
def test_a_held_out_voice_is_never_for_training(split: Split) -> None:
    assert {split_of(voice) for voice in held_out(split)} == {split}


@pytest.mark.parametrize("split", [Split.TEST, Split.VALIDATION])
def test_25_readers_are_held_out(split: Split) -> None:
    assert sum(voice.startswith("reader/") for voice in held_out(split)) == 25


def test_the_held_out_engine_is_for_testing_or_for_validation_whatever_the_voice() -> None:
    assert split_of("espeak-ng/en-us+f3") is Split.TEST
    assert split_of("espeak-ng/af_alloy") is Split.TEST
    assert split_of("espeak-ng/en-us+linda@1.1") is Split.VALIDATION
    assert Split.TRAIN not in {split_of(f"{HELD_OUT_ENGINE}/{name}") for name in ESPEAK_VOICES}


def test_a_speaker_under_two_names_is_in_one_split() -> None:
    assert split_of("flite/kal") is split_of("flite/kal16")


def test_a_voice_between_two_is_held_out_with_either() -> None:
    assert split_of("kokoro/af_alloy+am_adam") is Split.TRAIN
    assert split_of("kokoro/af_alloy+am_puck*1.08") is Split.VALIDATION
    assert split_of("kokoro/bm_lewis+am_adam") is Split.TEST


def test_every_other_voice_is_for_training() -> None:
    assert split_of("kokoro/af_alloy") is Split.TRAIN
    assert split_of("reader/103") is Split.TRAIN
