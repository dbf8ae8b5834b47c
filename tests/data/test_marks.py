import numpy as np

from hocket.data.marks import ahead, marks, near_edges, user_speech
from hocket.data.script import Role, Script, Sound, Stretch, placed_spans

RATE_HZ = 16_000


def sound(role: Role, *spans_s: tuple[float, float], turn: int = 0) -> Sound:
    spans = tuple((round(a * RATE_HZ), round(b * RATE_HZ)) for a, b in spans_s)
    return Sound(start=spans[0][0], source="x", role=role, spans=spans, turn=turn, voice="v/w")


SCRIPT = Script(
    id="s",
    split="test",
    set="synthetic",
    voice="v/w",
    engine="v",
    seed=0,
    n_ticks=50,
    sounds=(
        sound(Role.TURN, (1.0, 2.0), (2.2, 2.5), (3.5, 4.0), turn=1),
        sound(Role.BACKCHANNEL, (6.0, 6.4)),
        sound(Role.NOISE, (8.5, 9.0)),
    ),
    lines=(),
    turn_ends=(4 * RATE_HZ,),
)
AGENT = [(5 * RATE_HZ, 8 * RATE_HZ)]


def test_marks_say_what_happened_when() -> None:
    found = [(m["kind"], m["start_s"], m["end_s"]) for m in marks(SCRIPT, AGENT)]
    assert found == [  # 0.2 s are no pause; the noise came when nobody spoke
        ("pause", 2.5, 3.5),
        ("turn_end", 4.0, 5.0),
        ("backchannel", 6.0, 6.4),
    ]


def test_a_turn_end_lasts_to_the_next_sound_of_either_lane() -> None:
    (end,) = [m for m in marks(SCRIPT, []) if m["kind"] == "turn_end"]
    assert end["end_s"] == 6.0


def test_voice_activity_ahead_is_the_share_of_each_window() -> None:
    ahead_T4 = ahead(user_speech(SCRIPT), 50)
    assert np.allclose(ahead_T4[4], [1, 1, 4 / 6, 3 / 8])  # from 1.0 s on
    assert np.allclose(ahead_T4[3], [0, 1, 1, 3 / 8])
    assert not ahead_T4[32:].any()


def test_ticks_near_an_edge_weigh_more() -> None:
    weight_T = near_edges(SCRIPT, AGENT)
    assert set(weight_T) == {1.0, 3.0}
    assert weight_T[4] == 3  # 0.8 to 1.0 s, just before the first word
    assert weight_T[0] == 1


def test_stretches_move_what_comes_behind_them() -> None:
    spans = ((10, 20), (30, 40), (60, 70))
    stretches = (Stretch(after_span=0, n_samples=100), Stretch(after_span=1, n_samples=5))
    assert placed_spans(1000, spans, stretches) == ((1010, 1020), (1130, 1140), (1165, 1175))
