import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from hocket.core.units import TICK_USER_SAMPLES
from hocket.data.agent_lines import LINES
from hocket.data.bank import Bank
from hocket.data.hearing import Hearing
from hocket.data.pack import Pack, SessionTicks
from hocket.data.simulation import play
from hocket.data.spans import Float32
from hocket.data.synthesis import content_key, synthesise
from hocket.engine.port import HeardTick
from hocket.engine.voice import PiperVoice
from hocket.model.duplex_config import AGREED, TENTATIVE
from hocket.protocol.floor import FLOORS, Floor
from hocket.recipes import engines, sessions
from hocket.weights import store
from tests.data import studio as fakes
from tests.data.fake_bank import fake_bank
from tests.data.studio import StudioOf, scripts, tokenizer

SPEAK = FLOORS.index(Floor.SPEAK)
WORDS = dict.fromkeys(range(0, 600, 9), ("I", "meant", "Tuesday"))


def holds_together(ticks: SessionTicks, user: Float32) -> None:
    """What every packed session must keep."""
    target_T5 = np.asarray(ticks.target, np.float64)
    assert np.allclose(target_T5.sum(axis=1), 1, atol=2e-3)
    assert target_T5.min() >= 0
    assert set(np.unique(ticks.weight)) <= {0.0, 1.0, 3.0}
    # The agent sounds, after its delay, in the tick behind the one in which it took the floor.
    spoke_T = np.asarray(ticks.floor) == SPEAK
    sounds_T = np.asarray(ticks.played_share) > 0
    assert (sounds_T[1:] >= spoke_T[:-1]).all()
    assert (sounds_T[2:] <= (spoke_T[1:-1] | spoke_T[:-2])).all()
    assert ((np.asarray(ticks.played_db) > -90) <= sounds_T).all()
    # Voice activity ahead agrees with the sound: what is said in the next tick can be measured.
    assert np.allclose(ticks.agent_ahead[:-1, 0], ticks.played_share[1:], atol=2e-3)
    assert len(user) == len(ticks) * TICK_USER_SAMPLES
    assert ticks.input_end[-1] == len(ticks.input_ids)
    assert (np.diff(ticks.input_end) >= 0).all()


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return tmp_path / "bank"


def test_a_session_holds_together_and_contains_what_was_scripted(bank: Path) -> None:
    studio = StudioOf(bank, words=WORDS)()
    rules: set[str] = set()
    for script in scripts(bank, sessions.floor_probe("train"), hours=0.08):
        played = play(script, studio)
        holds_together(played.ticks, played.user)
        rules |= set(played.rules)
        assert json.loads(json.dumps(played.ticks.about)) == played.ticks.about
    assert rules >= {"taken", "unclear", "unsure", "goes on", "user", "answer", "idle"}


def test_equal_seeds_give_equal_bytes_in_any_number_of_processes(
    bank: Path, tmp_path: Path
) -> None:
    made = scripts(bank, sessions.floor_probe("train"), hours=0.01)
    for name, jobs in (("one", 1), ("two", 2)):
        synthesise(
            made,
            StudioOf(bank, words=WORDS),
            out=tmp_path / name,
            cache=tmp_path / f"{name}-cache",
            about={"recipe": "test"},
            jobs=jobs,
        )
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "two").iterdir())
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_was_made_is_not_made_again_and_lanes_lie_beside_the_pack(
    bank: Path, tmp_path: Path
) -> None:
    made = scripts(bank, sessions.floor_probe("test"), hours=0.01)
    write = partial(
        synthesise, made, out=tmp_path / "pack", cache=tmp_path / "cache", about={}, lanes=True
    )
    write(StudioOf(bank, split="test"))
    pack = Pack(tmp_path / "pack")
    assert [about["id"] for about in pack.sessions] == [script.id for script in made]
    agent, _ = soundfile.read(tmp_path / "pack" / "lanes" / f"{made[0].id}.agent.flac")
    share_T = np.asarray(Pack(tmp_path / "pack")[0].played_share)
    loud_T = np.abs(agent.reshape(len(share_T), -1)).max(axis=1) > 0.01
    assert (loud_T <= (share_T > 0)).all()
    assert loud_T.any()
    lane, rate_hz = soundfile.read(tmp_path / "pack" / "lanes" / f"{made[0].id}.flac")
    assert (rate_hz, len(lane)) == (16_000, made[0].n_samples)

    kept = tmp_path / "cache" / f"{content_key(made[0])}.npz"
    before = kept.stat().st_mtime_ns
    write(StudioOf(bank, split="test"))
    assert kept.stat().st_mtime_ns == before


class Told:
    """Ears that hear given ticks."""

    def __init__(self, *ticks: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
        self._ticks = list(ticks)

    def step(self, samples_S: Float32) -> HeardTick:
        heard, tentative = self._ticks.pop(0)
        features = np.zeros((4, 576), np.float32)
        return HeardTick(features=features, level_db=-90, heard=heard, tentative=tentative)

    def snapshot(self) -> object:
        return None

    def restore(self, snapshot: object) -> None:
        raise NotImplementedError


def test_agreed_words_come_first_and_the_tail_only_when_it_changed() -> None:
    stream = Told((("a",), ("b",)), ((), ("b",)), ((), ("bcdef",)), ((), ()), ((), ("b",)))
    hearing = Hearing(stream, tokenizer())
    for _ in range(5):
        hearing.step(np.zeros(TICK_USER_SAMPLES, np.float32))
    rows = hearing.rows()
    assert rows["input_kinds"].tolist() == [AGREED] * 2 + [TENTATIVE] * (2 + 4 + 2)
    assert rows["input_end"].tolist() == [4, 4, 8, 8, 10]
    text = tokenizer().decode(rows["input_ids"].tolist()).replace("Ġ", "").replace(" ", "")
    assert text == "abcdefb"


@pytest.mark.models
def test_real_ears_over_spoken_sessions_hold_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sessions, fakes):
        monkeypatch.setattr(module, "LINES", LINES[:6])  # saying all takes a minute
    store.ensure(sessions.FILES)
    voice = engines.voice(store.path_of)
    bank = tmp_path / "bank"
    fake_bank(bank, partial(spoken, voice))
    recipe = replace(sessions.floor_probe("train"), length_s=(15.0, 20.0))
    made = scripts(bank, recipe, hours=0.001)
    sessions.floor_lines(tmp_path / "cache")
    played = play(made[0], sessions.open_studio(bank, "train", None, tmp_path / "cache"))
    holds_together(played.ticks, played.user)
    words = " ".join(sound.text for sound in made[0].sounds).lower().split()
    assert len(played.ticks.input_ids) > len(words) / 2
    assert len(Bank.open(bank)) > 0


def spoken(voice: PiperVoice, text: str, who: str) -> Float32:
    """The agent's own voice as a user, for it needs no file that serving does not have."""
    from hocket.audio.resample import resample

    phrase = voice.prepare(text, seed=len(who), rate=1.0 + len(who) % 3 / 10)
    return resample(voice.render(phrase, 0, phrase.n_samples), voice.rate_hz, 16_000)
