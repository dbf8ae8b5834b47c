from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.evaluation import picture_layout as layout
from hocket.evaluation.picture_layout import Label
from hocket.protocol.floor import Floor
from hocket.protocol.score import Score, ScoreUser


def width_s(text: str) -> float:
    return 0.1 * len(text)


@given(
    st.lists(
        st.builds(Label, at_s=st.floats(0, 20), text=st.text("ab", min_size=1, max_size=12)),
        max_size=30,
    ),
    st.integers(1, 4),
)
def test_no_label_covers_another_or_runs_out(labels: list[Label], rows: int) -> None:
    placed = layout.place(labels, width_s, rows=rows, end_s=20, slide_s=0.5)
    for row in range(rows):
        of_row = sorted((x for x in placed if x.row == row), key=lambda x: x.at_s)
        assert all(a.at_s + width_s(a.text) <= b.at_s for a, b in pairwise(of_row))
        assert all(x.at_s + width_s(x.text) <= 20 + 1e-9 for x in of_row)
    assert all(0 <= label.row < rows for label in placed)


def test_a_lone_label_stays_where_it_is_and_at_the_edge_it_moves_in() -> None:
    placed = layout.place(
        [Label(at_s=3.0, text="a"), Label(at_s=19.9, text="abcdef")], width_s, rows=2, end_s=20
    )
    assert [label.at_s for label in placed] == [3.0, pytest.approx(19.4)]


def test_a_label_that_is_too_long_for_its_place_is_shortened() -> None:
    (placed,) = layout.place(
        [Label(at_s=19.0, text="abcdefghijklmnopqrst")], width_s, rows=1, end_s=20
    )
    assert placed.text == "abcdefghijklmn…" and placed.at_s == pytest.approx(18.5)


def test_the_envelope_is_as_fine_as_the_score(score: Score) -> None:
    user = ScoreUser(level_db=-30.0, levels_db=tuple(range(-50, -30)))
    times_s, levels_db = layout.envelope([score.ticks[5].model_copy(update={"user": user})])
    assert times_s[0] == pytest.approx(1.005) and times_s[-1] == pytest.approx(1.195)
    assert levels_db == list(range(-50, -30))
    assert len(layout.envelope(score.ticks)[0]) == 2 * len(score.ticks)


def test_where_there_is_no_room_a_label_is_left_out() -> None:
    crowd = [Label(at_s=1.0, text="a" * 20)] * 3
    assert len(layout.place(crowd, width_s, rows=2, end_s=20, slide_s=0.5)) == 2


@given(st.floats(0, 4000), st.floats(0.2, 2000))
def test_systems_cover_the_time_in_equal_lines_of_at_most_20_s(start: float, length: float) -> None:
    lines = layout.systems(start, start + length)
    assert lines[0][0] == start and lines[-1][1] >= start + length - 1e-6
    assert all(a[1] == pytest.approx(b[0]) for a, b in pairwise(lines))
    assert all(stop - begin <= layout.SYSTEM_S + 1e-6 for begin, stop in lines)


def test_a_session_is_told_in_its_own_words(score: Score) -> None:
    heard = [label.text for label in layout.chunks(layout.heard_labels(score.ticks))]
    assert heard[0] == "could you tell me"
    assert "“also: umbrella” typed" in heard
    tentative = list(layout.tentative_labels(score.ticks))
    assert [t.text for t in tentative[:3]] == ["could", "you", "tell"]
    assert all(t.faint for t in tentative)
    plans = [label.text for label in layout.plan_labels(score.ticks)]
    assert plans[0].startswith("In Lisbon") and plans[1].startswith("Ah, the day after")


def test_events_acts_and_denials_are_named_once(score: Score) -> None:
    labels = list(layout.without_echoes(layout.event_labels(score.ticks)))
    texts = [label.text for label in labels]
    assert texts == [
        "act: delegate weather Lisbon",
        "playback stopped",
        "interrupted: In Lisbon tomorrow it will be mild",
        "denied: responsive.user-speaking",
        "job result: rain from noon",
        "timer fired",
    ]
    assert [tick.tick for tick in layout.denied(score.ticks)] == [47, 48]


def test_a_repeated_event_is_named_again_only_after_a_pause() -> None:
    labels = [Label(at_s=at, text="late") for at in (0.0, 0.2, 0.4, 3.0)]
    assert [label.at_s for label in layout.without_echoes(labels)] == [0.0, 3.0]


def test_words_cut_before_they_were_played_are_struck(score: Score) -> None:
    struck = [span.text for span in layout.said_spans(score.ticks) if span.struck]
    assert struck == ["breeze"]


def test_the_ribbon_covers_every_tick_once(score: Score) -> None:
    spans = list(layout.floor_spans(score.ticks))
    assert spans[0].start_s == 0 and spans[-1].end_s == pytest.approx(36)
    assert all(a.end_s == pytest.approx(b.start_s) for a, b in pairwise(spans))
    assert all(a.floor is not b.floor for a, b in pairwise(spans))
    assert {span.floor for span in spans} == set(Floor)


def test_gaps_keep_their_sign(score: Score) -> None:
    assert [gap.text for gap in layout.gap_spans(score.ticks)] == ["0.37 s", "0.48 s", "−0.30 s"]


@given(st.text(), st.integers(2, 20))
def test_cleaned_text_is_one_short_printable_line(text: str, longest: int) -> None:
    cleaned = layout.clean(text, longest)
    assert len(cleaned) <= longest and cleaned.isprintable()
