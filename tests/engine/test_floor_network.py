"""Tick by tick equals one pass over the whole, and a snapshot continues exactly."""

from dataclasses import replace

import numpy as np
import pytest

from hocket.audio.dmel import MELS
from hocket.data.pack import SessionTicks
from hocket.engine.derived import derive_body
from hocket.engine.floor_network import FloorChances, FloorNetwork, FloorStream, FloorTick
from hocket.engine.runtime import Body
from hocket.model.duplex_config import DuplexConfig, Sound
from hocket.protocol.modes import Manner

torch = pytest.importorskip("torch")

from hocket.model.duplex import Duplex  # noqa: E402
from hocket.model.network import weights_of  # noqa: E402
from hocket.training.running import run_session  # noqa: E402
from hocket.training.streaming import floor_ticks  # noqa: E402
from tests.training import toy  # noqa: E402

BACKBONE = replace(toy.BACKBONE, width=64, ff=128)  # heads of 16, as the graph wants them
NETWORK = DuplexConfig(
    backbone=BACKBONE,
    sound=Sound.FEATURES,
    words=True,
    recent_ticks=3,
    user_voice=True,
    manner=True,
)
CONFIG = replace(toy.config(), network=NETWORK)


@pytest.fixture(scope="module")
def reference() -> Duplex:
    torch.manual_seed(0)
    made = Duplex(NETWORK)
    for weight in made.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    torch.nn.init.normal_(made.heads.floor.weight, std=1.0)
    return made.eval()


@pytest.fixture(scope="module")
def served(reference: Duplex, tmp_path_factory: pytest.TempPathFactory) -> FloorNetwork:
    weights = weights_of(reference)  # type: ignore[arg-type]  # any module has them
    body = {k.removeprefix("backbone."): w for k, w in weights.items() if k.startswith("backbone.")}
    folder = derive_body(
        "floor", "a", reference.backbone.config, body, precision="float32",
        cache=tmp_path_factory.mktemp("cache"),
    )  # fmt: skip
    return FloorNetwork(
        Body(folder, threads=1), weights,
        window_ticks=CONFIG.crop_ticks, context_ticks=CONFIG.context_ticks, recent_ticks=3,
    )  # fmt: skip


def ticks(session: SessionTicks) -> list[FloorTick]:
    return floor_ticks(session, toy.VECTORS)


def chances(stream: FloorStream, given: list[FloorTick]) -> list[FloorChances]:
    return [stream.step(tick) for tick in given]


@pytest.mark.parametrize("n_ticks", [1, 23, 24, 25, 41, 95])
def test_streaming_equals_one_pass_over_windows(
    reference: Duplex, served: FloorNetwork, n_ticks: int
) -> None:
    session = toy.session(n_ticks, 5)
    wanted = run_session(reference, session, CONFIG, toy.VECTORS)
    found = chances(served.open(), ticks(session))
    p_TC = wanted.floor_TC.softmax(-1).numpy()
    assert np.abs(p_TC - p_TC.mean(0)).max() > 0.05 or n_ticks == 1  # it says something
    assert np.allclose(np.stack([each.p_C for each in found]), p_TC, atol=1e-4)
    for name in ("user_ahead", "agent_ahead"):
        told = np.stack([getattr(each, f"{name}_B") for each in found])
        assert np.allclose(told, getattr(wanted, f"{name}_TB").sigmoid().numpy(), atol=1e-4)


@pytest.mark.parametrize("at", [0, 10, 20, 24, 35])
def test_a_snapshot_continues_exactly(served: FloorNetwork, at: int) -> None:
    given = ticks(toy.session(60, 6))
    stream = served.open()
    chances(stream, given[:at])
    kept = stream.snapshot()
    once = chances(stream, given[at:])
    stream.restore(kept)
    again = chances(stream, given[at:])
    other = served.open()
    other.restore(kept)
    for one, two, three in zip(once, again, chances(other, given[at:]), strict=True):
        assert np.array_equal(one.p_C, two.p_C) and np.array_equal(one.p_C, three.p_C)


def test_the_manner_is_seen(served: FloorNetwork) -> None:
    given = ticks(toy.session(10, 6))
    nodding = [replace(t, manner=Manner(backchannel=True, interject=False)) for t in given]
    one, two = chances(served.open(), given), chances(served.open(), nodding)
    assert all(not np.allclose(a.p_C, b.p_C) for a, b in zip(one, two, strict=True))


def test_sessions_know_nothing_of_each_other(served: FloorNetwork) -> None:
    one, two = ticks(toy.session(30, 7)), ticks(toy.session(30, 8))
    alone = chances(served.open(), one)
    a, b = served.open(), served.open()
    mixed = [(a.step(x), b.step(y))[0] for x, y in zip(one, two, strict=True)]
    assert all(np.array_equal(x.p_C, y.p_C) for x, y in zip(alone, mixed, strict=True))


def test_a_tick_without_words_or_sound_of_ours_is_a_tick(served: FloorNetwork) -> None:
    silent = FloorTick(
        features_QE=np.zeros((4, 576), np.float32),
        tokens_NE=np.zeros((0, 576), np.float32),
        kinds_N=np.zeros(0, np.uint8),
    )
    said = served.open().step(silent)
    assert said.p_C.shape == (5,) and said.p_C.sum() == pytest.approx(1)
    assert silent.played_dmel_M.shape == (MELS,)
