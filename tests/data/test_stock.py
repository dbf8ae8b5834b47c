from dataclasses import replace
from pathlib import Path

import pytest

from hocket.core.errors import BadInput
from hocket.data import stock as stocking
from hocket.data.bank import Bank
from hocket.data.formant_voices import installed
from hocket.data.splits import Split, split_of
from hocket.data.stock import (
    COUNTS,
    HELD_OUT_TIMES,
    Request,
    blends_of,
    plan,
    say,
    stock,
    voices_of,
)

VOICES = ["flite/slt@1.0", "flite/rms@1.0", "flite/kal16@1.0"]
needs_flite = pytest.mark.skipif(not installed("flite"), reason="flite is not installed")


def test_a_plan_is_the_same_for_the_same_seed() -> None:
    assert plan(VOICES, seed=1) == plan(VOICES, seed=1)
    assert plan(VOICES, seed=1) != plan(VOICES, seed=2)


def test_every_voice_says_every_kind_and_held_out_voices_say_more() -> None:
    requests = plan(VOICES, seed=1)
    for voice in VOICES:
        times = 1 if split_of(voice) is Split.TRAIN else HELD_OUT_TIMES
        for kind, count in COUNTS.items():
            assert sum(r.voice == voice and r.kind == kind for r in requests) == count * times


def test_only_voices_for_training_are_blended_and_each_twice() -> None:
    voices = [f"kokoro/v{n}" for n in range(20)]
    blends = blends_of([*voices, "kokoro/af_kore", "flite/slt@1.0"])
    parts = [part for blend in blends for part in blend.removeprefix("kokoro/").split("+")]
    assert sorted(parts) == sorted(2 * [f"v{n}" for n in range(20)])


def test_a_request_is_known_by_all_that_shapes_its_sound() -> None:
    request = Request(kind="turn", text="Hi.", voice="flite/slt", rate=1.0, pitch=1.0, seed=1)
    others = [
        replace(request, text="Ho.").id,
        replace(request, voice="flite/rms").id,
        replace(request, rate=1.1).id,
        replace(request, pitch=0.9).id,
        replace(request, seed=2).id,
    ]
    assert len({request.id, *others}) == 6


def test_an_engine_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadInput, match="hal9000"):
        voices_of("hal9000")


@needs_flite
def test_a_bank_is_filled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = plan(["flite/kal16@1.0"], seed=1, share=0.2)
    assert stock(tmp_path, requests, jobs=1) == len({r.id for r in requests})
    shards = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(stocking, "say", None)  # whoever called it would fail
    assert stock(tmp_path, requests, jobs=1) == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == shards
    assert {(u.engine, u.split) for u in Bank(tmp_path)} == {("flite", "test")}


@needs_flite
def test_the_same_request_is_the_same_sound() -> None:
    request = Request(
        kind="turn", text="For … four.", voice="flite/kal16@1.0", rate=1.0, pitch=1.0, seed=1
    )
    assert say(request).tobytes() == say(request).tobytes()
