"""What a bad connection does, and that truth keeps the lane's time."""

import numpy as np
import pytest
from numpy.typing import NDArray

from hocket.evaluation.connection import PIECE, PIECES, Connection
from hocket.evaluation.scenes.scene import Around
from tests.evaluation.scenes.stage import Float32

BURSTS_S = (1.0, 2.5, 4.0, 5.5, 7.0, 8.5)


def bursts() -> tuple[Float32, NDArray[np.bool_]]:
    """Ten seconds with a burst of 0.6 s at each of BURSTS_S: samples, and whether they are loud."""
    time_S = np.arange(160_000) / 16_000
    loud_S = np.logical_or.reduce([(time_S >= s) & (time_S < s + 0.6) for s in BURSTS_S])
    return (0.3 * np.sin(2 * np.pi * 500 * time_S) * loud_S).astype(np.float32), loud_S


def carried(connection: Connection) -> Float32:
    samples_S, loud_S = bursts()
    ticks = zip(samples_S.reshape(-1, 3200), loud_S.reshape(-1, 3200), strict=True)
    out = [connection.carry(s, np.max(loud.reshape(PIECES, PIECE), axis=1)) for s, loud in ticks]
    return np.concatenate(out)


def onsets_s(samples_S: Float32) -> list[float]:
    """Onsets behind 0.5 s of silence."""
    loud = np.flatnonzero(np.abs(samples_S) > 0.05)
    return [float(i) / 16_000 for i in loud[np.diff(loud, prepend=-16_000) > 8_000]]


def test_a_good_connection_changes_nothing() -> None:
    connection = Connection(Around(), seed=1)
    assert np.array_equal(carried(connection), bursts()[0])
    assert connection.arrived_s(3.14159) == pytest.approx(3.14159, abs=1e-4)


def test_a_telephone_takes_20_ms_and_the_high_notes() -> None:
    connection = Connection(Around(telephone=True), seed=1)
    heard = onsets_s(carried(connection))
    assert heard == [pytest.approx(connection.arrived_s(s), abs=0.003) for s in BURSTS_S]
    assert connection.arrived_s(1.0) == pytest.approx(1.02)
    hiss_S = np.random.default_rng(0).standard_normal(3200).astype(np.float32) * 0.1
    other = Connection(Around(telephone=True), seed=1)
    out_S = np.concatenate([other.carry(hiss_S, np.ones(PIECES, np.bool_)) for _ in range(5)])
    power = np.abs(np.fft.rfft(out_S[3200:])) ** 2
    high = np.fft.rfftfreq(len(out_S) - 3200, 1 / 16_000) > 4_200
    assert power[high].sum() < 0.001 * power.sum()


def test_lost_pieces_are_silent_and_as_many_as_asked() -> None:
    samples_S, _ = bursts()
    out_PS = carried(Connection(Around(lost_share=0.3), seed=5)).reshape(-1, PIECE)
    in_PS = samples_S.reshape(-1, PIECE)
    lost_P = ~out_PS.any(axis=1) & in_PS.any(axis=1)
    assert lost_P.sum() / in_PS.any(axis=1).sum() == pytest.approx(0.3, abs=0.1)
    assert np.array_equal(out_PS[~lost_P], in_PS[~lost_P])


@pytest.mark.parametrize("seed", range(4))
def test_late_pieces_arrive_when_truth_says_and_are_caught_up_with(seed: int) -> None:
    connection = Connection(Around(late_a_minute=30.0), seed=seed)
    out_S = carried(connection)
    heard, said = onsets_s(out_S), [connection.arrived_s(s) for s in BURSTS_S]
    assert heard == [pytest.approx(s, abs=0.003) for s in said]
    delays = [there - here for there, here in zip(said, BURSTS_S, strict=True)]
    assert min(delays) >= 0
    assert max(delays) <= 0.6
    assert np.count_nonzero(np.abs(out_S) > 0.05) >= 0.97 * np.count_nonzero(
        np.abs(bursts()[0]) > 0.05
    )


def test_some_pieces_come_late() -> None:
    delays = []
    for seed in range(4):
        connection = Connection(Around(late_a_minute=30.0), seed=seed)
        carried(connection)
        delays += [connection.arrived_s(s + 0.3) - s - 0.3 for s in BURSTS_S]
    assert max(delays) >= 0.06
