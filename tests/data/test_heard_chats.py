from dataclasses import replace
from typing import Any

import numpy as np

from hocket.data.chats import Message
from hocket.data.heard_chats import heard_chat
from hocket.data.pack import SessionTicks
from hocket.model.duplex_config import AGREED, TENTATIVE, TYPED
from tests.training import toy

WORDS = ("", "what", "time", "is", "it", "no", "wait", "nine", "please", "go")


def decode(ids: Any) -> str:
    return "".join(f" {WORDS[i]}" for i in ids)


def session(
    heard: dict[int, tuple[str, ...]],
    said: list[dict[str, Any]],
    *,
    kind: int = AGREED,
    **about: Any,
) -> SessionTicks:
    """100 ticks in which these words came."""
    ids = [WORDS.index(word) for tick in sorted(heard) for word in heard[tick]]
    counts = [len(heard.get(tick, ())) for tick in range(100)]
    return replace(
        toy.session(100, 1),
        about={"said": said, **about},
        input_ids=np.array(ids, np.uint16),
        input_kinds=np.full(len(ids), kind, np.uint8),
        input_end=np.cumsum(counts),
    )


def phrase(text: str, start_s: float, end_s: float, line: int, part: str = "answer") -> Any:
    return {
        "text": text, "start_s": start_s, "end_s": end_s, "line": line, "part": part, "whole": True
    }  # fmt: skip


def user(text: str) -> Message:
    return Message(role="user", text=text)


def agent(text: str, *, ended: bool = True) -> Message:
    return Message(role="assistant", text=text, learned=True, ended=ended)


def test_words_up_to_the_answer_and_a_little_later_are_what_it_answers() -> None:
    one = session(
        {2: ("what", "time"), 6: ("is",), 11: ("it",), 30: ("please",)},
        [phrase("Nine", 2.05, 2.5, 0), phrase("sharp.", 2.5, 3.0, 0)],
    )
    assert heard_chat(one, decode) == (
        user("what time is it"),
        agent("Nine sharp."),
        user("please"),
    )


def test_what_is_heard_while_the_agent_goes_on_is_dropped_with_its_echo() -> None:
    one = session(
        {2: ("what",), 20: ("go",), 31: ("nine",), 40: ("wait",)},
        [phrase("Nine.", 2.05, 6.0, 0)],
    )
    assert heard_chat(one, decode) == (user("what"), agent("Nine."), user("wait"))


def test_a_line_that_was_broken_off_is_what_was_heard_of_it_and_what_broke_it_begins_a_turn() -> (
    None
):
    one = session(
        {2: ("what",), 15: ("go",), 28: ("no", "wait")},
        [phrase("Nine is a", 2.05, 6.0, 0), phrase("Ten.", 9.05, 9.5, 1)],
        events=[{"tick": 31, "text": 'user heard up to "Nine is"'}],
    )
    assert heard_chat(one, decode) == (
        user("what"),
        agent("Nine is", ended=False),
        user("no wait"),
        agent("Ten."),
    )


def test_events_are_told_and_acts_written_in_their_places() -> None:
    one = session(
        {2: ("what",), 50: ("go",)},
        [phrase("Set.", 2.05, 2.5, 0), phrase("Done.", 9.05, 9.5, 1)],
        events=[{"tick": 43, "text": 'timer fired "tea"'}],
        acts=[{"tick": 9, "kind": "timer", "argument": 'set 7s "tea"'}],
    )
    assert heard_chat(one, decode) == (
        user("what"),
        agent('[timer set 7s "tea"] Set.'),
        Message(role="system", text='timer fired "tea"'),
        agent("Done."),
        user("go"),
    )


def test_backchannels_and_open_words_are_no_messages() -> None:
    one = session(
        {2: ("what", "time"), 30: ("is",)}, [phrase("mm-hm", 3.0, 3.3, 0, "nod")], kind=TYPED
    )
    assert heard_chat(one, decode) == (user("what time is"),)
    assert heard_chat(replace(one, input_kinds=one.input_kinds * 0 + TENTATIVE), decode) == ()


def test_what_is_told_while_the_agent_speaks_comes_behind_its_line() -> None:
    one = session(
        {2: ("what",)},
        [phrase("One.", 2.05, 3.0, 0), phrase("Two.", 4.05, 5.0, 1, "told")],
        events=[{"tick": 14, "text": 'timer fired "count"'}],
    )
    assert heard_chat(one, decode) == (
        user("what"),
        agent("One."),
        Message(role="system", text='timer fired "count"'),
        agent("Two."),
    )


def test_an_answer_to_what_was_not_heard_is_not_learned() -> None:
    said = [phrase("Nine.", 2.05, 2.5, 0), phrase("Fine.", 6.05, 6.5, 1)]

    def turn(text: str, end_s: float) -> Any:
        return {"start_s": end_s - 1, "end_s": end_s, "role": "turn", "text": text, "voice": "v"}

    one = session(
        {2: ("what", "time", "is"), 20: ("go",)},
        said,
        sounds=[turn("What time is it?", 1.8), turn("I'll be off in a minute then.", 5.5)],
    )
    assert [m.learned for m in heard_chat(one, decode) if m.role == "assistant"] == [True, False]
