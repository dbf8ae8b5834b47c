from itertools import pairwise

from hocket.data.chats import Message, chat
from hocket.data.conversations import NAMES, Conversation, conversations, parsed
from hocket.engine.commands import Commands


def one(text: str) -> Conversation:
    return parsed(f"== one\n{text}\n", "here")[0]


def user(text: str) -> Message:
    return Message(role="user", text=text)


def agent(text: str, *, ended: bool = True) -> Message:
    return Message(role="assistant", text=text, learned=True, ended=ended)


def test_turns_become_messages_and_phrases_one_text() -> None:
    said = one("U: How do I sort my washing?\nA: Make three piles. | White, dark, coloured.")
    assert chat(said) == (
        user("How do I sort my washing?"),
        agent("Make three piles. White, dark, coloured."),
    )


def test_an_answer_that_is_broken_off_ends_there_and_not_by_itself() -> None:
    said = one("U: Tell me.\nA: One, | two, |! three.\nI(stop): Stop.\nU: Go on.\nA: Three.")
    assert chat(said) == (
        user("Tell me."),
        agent("One, two,", ended=False),
        user("Stop. Go on."),
        agent("Three."),
    )


def test_acts_stand_in_front_of_what_is_said_and_events_are_told() -> None:
    said = one(
        'U: Six minutes.\nT: set 360s "eggs"\nA: Starting now.\n'
        'E: timer fired "eggs"\nA: Your eggs are done.'
    )
    assert chat(said) == (
        user("Six minutes."),
        agent('[timer set 360s "eggs"] Starting now.'),
        Message(role="system", text='timer fired "eggs"'),
        agent("Your eggs are done."),
    )


def test_a_result_names_its_job() -> None:
    said = one(
        "U: Rome?\nD: weather in Rome\nA: Wait.\nU: No, Oslo.\nX: weather in Rome\n"
        "D: weather in Oslo\nA: Oslo.\nR(stale): Rome: rain\nR: Oslo: sun\nA: Sunny."
    )
    told = [message.text for message in chat(said) if message.role == "system"]
    assert told == ["job 1 result: Rome: rain\njob 2 result: Oslo: sun"]


def test_a_word_at_a_cue_is_said_into_the_turn() -> None:
    said = one("U: Then a [dog] came,\nC: bird!\nU+ and left.\nA: A pity.")
    assert chat(said) == (
        user("Then a dog came,"),
        agent("bird!"),
        user("and left."),
        agent("A pity."),
    )


def test_nods_and_talk_to_others_are_left_out() -> None:
    said = one("U: So we left,\nN: mm-hm\nU+ and got lost.\nA: Oh no. |~ Where?\nB: yeah")
    assert chat(said) == (user("So we left, and got lost."), agent("Oh no. Where?"))


def test_every_written_conversation_is_a_chat() -> None:
    for name in NAMES:
        for each in conversations(name):
            messages = chat(each)
            assert all(a.role != b.role for a, b in pairwise(messages))
            for message in messages:
                if message.role == "assistant":
                    _reads_back(message.text)


def _reads_back(text: str) -> None:
    """Every command that is written is one that is carried out, and the rest is said."""
    commands = Commands()
    said = commands.read(text, ended=True)
    assert text.endswith(said) and "[" not in said
    assert text.count("[") == len(commands.acts)
