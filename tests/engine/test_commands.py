import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocket.engine.commands import SLOWEST, Commands, command, paced
from hocket.engine.port import Act

CLEAR, NEWS = Act(kind="timer", argument="clear"), Act(kind="delegate", argument="news")
TIMER = Act(kind="timer", argument='set 10s "tea"')


def read(*pieces: str) -> tuple[str, list[Act]]:
    commands = Commands()
    said = "".join(
        commands.read(piece, ended=n == len(pieces)) for n, piece in enumerate(pieces, start=1)
    )
    acts = []
    while (act := commands.next_act()) is not None:
        acts.append(act)
    return said, acts


@pytest.mark.parametrize(
    ("text", "said", "acts"),
    [
        ("Ten seconds.", "Ten seconds.", []),
        ('[timer set 10s "tea"] Ten seconds.', "Ten seconds.", [TIMER]),
        ('[timer set 10s "tea"]', "", [TIMER]),
        ("[timer clear] [delegate news] Done.", "Done.", [CLEAR, NEWS]),
        ("[dance now] Done.", "Done.", []),
        ("[timer set", "", []),
        ("Say [this] aloud.", "Say [this] aloud.", []),
        ("", "", []),
    ],
)
def test_commands_are_done_and_the_rest_is_said(text: str, said: str, acts: list[Act]) -> None:
    assert read(text) == (said, acts)


@given(st.data())
def test_it_does_not_matter_how_the_text_comes(data: st.DataObject) -> None:
    text = f"{command('timer', TIMER.argument)} {command('cancel', 'news')} Right [so] be it."
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert read(*pieces) == read(text)


def test_a_copy_goes_its_own_way() -> None:
    one = Commands()
    one.read("[timer set")
    other = one.copy()
    assert one.read(' 10s "tea"] Go.') == "Go."
    assert other.read(" 5s] Stay.") == "Stay."
    assert (one.next_act(), other.next_act()) == (TIMER, Act(kind="timer", argument="set 5s"))


def test_paces_add_up_within_bounds_and_the_usual_one_comes_back() -> None:
    assert paced(1.0, "slower") < 1 < paced(1.0, "faster")
    pace = 1.0
    for _ in range(10):
        pace = paced(pace, "slower")
    assert pace == SLOWEST
    assert paced(pace, "usual") == 1.0 and paced(pace, "sideways") == pace
