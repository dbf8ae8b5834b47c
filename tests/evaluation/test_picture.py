import struct
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from hocket.core.errors import BadInput
from hocket.evaluation.picture import FLOOR_COLOURS, MAX_SYSTEMS, draw, to_png, to_svg
from hocket.evaluation.picture_page import COLUMNS, notable, to_html
from hocket.protocol.score import Score, ScoreUser


def shown_texts(score: Score, *, from_s: float = 0.0, to_s: float | None = None) -> list[str]:
    axes = draw(score, from_s=from_s, to_s=to_s).axes
    return [text.get_text() for one in axes for text in one.texts]


def test_the_picture_shows_both_sides_the_gaps_and_the_events(score: Score) -> None:
    texts = shown_texts(score)
    for wanted in ("could you tell me", "mm-hm", "0.37 s", "−0.30 s", "timer fired", "breeze"):
        assert wanted in texts
    assert any(text.startswith("plan: In Lisbon") for text in texts)


def test_every_floor_that_was_taken_has_its_colour_in_the_picture(score: Score) -> None:
    svg = to_svg(draw(score))
    assert all(colour.lower() in svg for colour in FLOOR_COLOURS.values())


def test_a_long_session_wraps_into_lines_and_a_part_is_one_line(score: Score) -> None:
    assert len(draw(score).axes) == 2
    part = draw(score, from_s=4.0, to_s=12.0)
    assert len(part.axes) == 1
    assert part.axes[0].get_xlim() == pytest.approx((4.0, 12.0))
    assert "timer fired" not in shown_texts(score, from_s=4.0, to_s=12.0)


def test_a_score_that_broke_off_is_drawn_too(score: Score) -> None:
    broken = Score(header=score.header, ticks=score.ticks[:3], totals=None)
    assert len(draw(broken).axes) == 1


def test_a_part_without_ticks_or_too_long_a_one_is_refused(score: Score) -> None:
    with pytest.raises(BadInput, match=r"from 99 s to its end, got a score of 36\.0 s"):
        draw(score, from_s=99)
    n_ticks = MAX_SYSTEMS * 100 + 1
    first = score.ticks[0]
    ticks = tuple(first.model_copy(update={"tick": k, "t": k / 5}) for k in range(n_ticks))
    with pytest.raises(
        BadInput, match="expected at most 1800 s in one picture, got 1800 s: choose"
    ):
        draw(Score(header=score.header, ticks=ticks, totals=None))


def test_a_png_is_a_png_of_16_inches(score: Score) -> None:
    data = to_png(draw(score))
    assert data.startswith(b"\x89PNG\r\n")
    assert struct.unpack(">I", data[16:20]) == (1760,)


def test_equal_scores_give_equal_pictures(score: Score) -> None:
    assert to_svg(draw(score)) == to_svg(draw(score))


def test_odd_words_are_drawn_as_they_are(score: Score) -> None:
    odd = ("$x_1$", "<script>", "明日", "\x07bell\n", "&amp;")
    user = ScoreUser(level_db=-30.0, heard=odd)
    ticks = (score.ticks[0].model_copy(update={"user": user}), *score.ticks[1:20])
    changed = Score(header=score.header, ticks=ticks, totals=None)
    assert "$x_1$ <script> 明日 bell &amp;" in shown_texts(changed)
    page = to_html(changed, changed.ticks, to_svg(draw(changed)))
    assert "<script" not in page and "&lt;script&gt;" in page


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        names = ("src", "href", "xlink:href")
        self.links += [v or "" for k, v in attrs if k in names]


def test_the_page_is_self_contained_with_a_picture_and_a_table(score: Score) -> None:
    svg = to_svg(draw(score))
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    reader = Tags()
    reader.feed(to_html(score, score.ticks, svg))
    assert not {"script", "link", "img"} & set(reader.tags)
    assert all(link.startswith("#") for link in reader.links)
    assert reader.tags.count("th") == len(COLUMNS)
    assert reader.tags.count("tr") == 1 + len(list(notable(score.ticks)))


def test_the_table_holds_every_tick_at_which_something_happened(score: Score) -> None:
    told = {tick.tick for tick, _ in notable(score.ticks)}
    assert {0, 22, 43, 44, 45, 54, 130, 162} <= told
    assert 23 not in told or score.ticks[23].user.heard or score.ticks[23].said
    assert {tick.tick for tick, is_denied in notable(score.ticks) if is_denied} == {47, 48}
