"""What the microphone takes up besides the user."""

import numpy as np
import pytest

from hocket.audio.levels import rms_db
from hocket.evaluation.scenes.scene import Anchor, Around
from hocket.evaluation.sounds import SceneSounds
from hocket.evaluation.truth import Kind
from tests.evaluation.scenes.conftest import QUESTION, SIDE, STORY
from tests.evaluation.scenes.stage import Performance, Talker, move, perform, scene, silent, sound

OPENED = move(STORY, Anchor.START, 3.0)


def quiet_db(done: Performance) -> float:
    return rms_db(done.user_S[8_000 : 2 * 16_000])


def loud_db(done: Performance) -> float:
    (event,) = done.truth.events
    return rms_db(done.user_S[round(event.start_s * 16e3) : round(event.end_s * 16e3)])


@pytest.mark.parametrize("noise", ["wind", "engine", "kitchen", "pink"])
@pytest.mark.parametrize("snr_db", [25.0, 5.0, -5.0])
def test_noise_lies_its_ratio_below_the_voice(
    sounds: SceneSounds, noise: str, snr_db: float
) -> None:
    around = Around(hiss_db=-80.0, noise=noise, snr_db=snr_db)
    done = perform(scene(OPENED, around=around, tail_s=0.5), sounds, silent)
    assert quiet_db(done) == pytest.approx(-23 - snr_db, abs=4.0)


def test_a_babble_is_made_of_the_scenes_talkers(sounds: SceneSounds) -> None:
    around = Around(hiss_db=-80.0, noise="babble", snr_db=10.0)
    what = scene(OPENED, around=around, babble=(QUESTION, STORY), tail_s=0.5)
    assert quiet_db(perform(what, sounds, silent)) == pytest.approx(-33, abs=4.0)


def test_the_agent_comes_back_as_an_echo_softer_and_later(sounds: SceneSounds) -> None:
    around = Around(hiss_db=-90.0, echo_db=-12.0, echo_delay_s=0.06)
    opened = move(STORY, Anchor.START, 0.5)
    done = perform(scene(opened, around=around), sounds, lambda t, u: 6.0 <= t < 8.0)
    plain = perform(
        scene(opened, around=Around(hiss_db=-90.0)), sounds, lambda t, u: 6.0 <= t < 8.0
    )
    start_s = done.agent_spans[0][0]
    n = min(len(done.user_S), len(plain.user_S))
    echo_S = done.user_S[:n] - plain.user_S[:n]
    first = int(np.argmax(np.abs(echo_S) > 0.01))
    assert first / 16_000 == pytest.approx(start_s + 0.06, abs=0.003)
    agent_db = rms_db(done.agent_S[round((start_s + 0.5) * 22_050) :][:11_025])
    assert rms_db(echo_S[first + 8_000 : first + 16_000]) == pytest.approx(agent_db - 12, abs=0.5)


def test_somebody_across_the_room_has_its_echo_and_the_user_has_none(sounds: SceneSounds) -> None:
    far = move(SIDE, Anchor.START, 1.0)
    near = move(sound(Kind.SIDE, SIDE.text, gain_db=-8.0), Anchor.START, 1.0)
    tails = []
    for what in (far, near):
        done = perform(scene(what, around=Around(hiss_db=-90.0), tail_s=1.0), sounds, silent)
        end = round(done.truth.events[0].end_s * 16_000)
        tails.append(rms_db(done.user_S[end + 800 : end + 2400]))
    assert tails[0] > tails[1] + 15


def test_nothing_sounds_before_it_was_placed(sounds: SceneSounds) -> None:
    """A tick depends on the agent's past only: two agents alike up to 5 s hear the same till then."""
    moves = [OPENED, move(QUESTION, Anchor.SILENCE, 0.8)]
    one = perform(scene(*moves), sounds, lambda t, u: 5.0 <= t < 6.0)
    other = perform(scene(*moves), sounds, lambda t, u: 5.0 <= t < 7.0)
    n = round(6.2 * 16_000)
    assert np.array_equal(one.user_S[:n], other.user_S[:n])
    assert len(one.user_S) < len(other.user_S)


def test_an_agent_that_is_talked_over_hears_both(sounds: SceneSounds) -> None:
    around = Around(hiss_db=-80.0, echo_db=-20.0, echo_delay_s=0.02)
    moves = [move(STORY, Anchor.START, 0.5), move(QUESTION, Anchor.VOICE, 0.5)]
    done = perform(scene(*moves, around=around), sounds, Talker())
    event = done.truth.events[1]
    piece = done.user_S[round(event.start_s * 16e3) : round(event.end_s * 16e3)]
    assert rms_db(piece) > -30
