"""Written conversations: all of them parse, none is the bench's, and what breaks the law is refused."""

import math
import re

import numpy as np
import pytest

from hocket.core.errors import BadInput
from hocket.data.conversations import (
    INTERRUPTIONS,
    MAX_FIRST_WORDS,
    MAX_WORDS,
    NAMES,
    Conversation,
    Kind,
    Line,
    conversations,
    filled,
    parsed,
)
from hocket.data.splits import Split
from hocket.data.texts import HESITATION, material
from hocket.evaluation.scenes.texts import texts
from hocket.evaluation.scenes.timing import cases
from hocket.protocol.modes import Mode

AT_LEAST = {
    "everyday": 160,
    "questions": 120,
    "recall": 120,
    "hesitant": 90,
    "interruptions": 90,
    "corrections": 40,
    "unbothered": 70,
    "stories": 60,
    "timers": 30,
    "cues": 30,
    "lookups": 50,
    "edges": 40,
}
OPEN_BENCH = (
    "questions requests statements lists numbers addresses openings hesitations corrections "
    "interruptions sides background"
)
SAID = frozenset({Kind.USER, Kind.MORE, Kind.AGENT, Kind.INTERRUPTION, Kind.SIDE, Kind.TYPED})
TALK = "== a\nU: Hello there.\nA: Hi.\n"


def plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum() or c == " ").strip()


def everything() -> list[Conversation]:
    return [one for name in NAMES for one in conversations(name)]


def lines() -> list[Line]:
    return [line for one in everything() for line in one.lines]


def one_of(text: str) -> Conversation:
    return parsed(text, "file.txt")[0]


# --- what is there ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_file_parses_and_holds_its_share(name: str) -> None:
    assert len(conversations(name)) >= AT_LEAST[name]
    assert all(one.id.startswith(f"{name}-") for one in conversations(name))


def test_there_are_hundreds_of_conversations_and_thousands_of_turns() -> None:
    assert len(everything()) >= 600
    assert sum(one.n_turns for one in everything()) >= 3000


def test_no_id_comes_twice() -> None:
    ids = [one.id for one in everything()]
    assert len(set(ids)) == len(ids)


def test_no_line_is_one_of_the_bench_or_of_the_single_turns() -> None:
    """One word alone is nobody's text."""
    bench = {plain(text.text) for name in OPEN_BENCH.split() for text in texts(name)}
    bench |= {plain(case.instruction) for case in cases()}
    bench |= {plain(item.say) for case in cases() for item in case.stream if item.say}
    ours = {plain(line.text) for line in lines() if line.kind in SAID}
    ours = {text for text in ours if len(text.split()) > 1}
    assert not ours & bench
    assert not ours & {plain(text) for text in material("turns.txt")}


def test_no_line_is_nearly_one_of_the_bench() -> None:
    """Two lines share under 70 % of their words, so of a third of the words one is rare enough."""
    bench = [frozenset(plain(t.text).split()) for name in OPEN_BENCH.split() for t in texts(name)]
    bench += [frozenset(plain(case.instruction).split()) for case in cases()]
    holding: dict[str, list[frozenset[str]]] = {}
    for words in bench:
        for word in words:
            holding.setdefault(word, []).append(words)
    for line in lines():
        ours = frozenset(plain(line.text).split()) if line.kind in SAID else frozenset()
        if len(ours) < 6:
            continue
        rare = sorted(ours, key=lambda word: (len(holding.get(word, ())), word))
        for word in rare[: math.floor(0.3 * len(ours)) + 1]:
            for other in holding.get(word, ()):
                assert len(ours & other) < 0.7 * len(ours | other), (line.text, sorted(other))


def test_hardly_a_longer_line_of_the_agent_comes_twice() -> None:
    said = [plain(line.text) for line in lines() if line.kind is Kind.AGENT]
    long = [text for text in said if len(text.split()) > 5]
    assert len(set(long)) >= 0.98 * len(long)


def test_first_phrases_are_short_enough_for_an_onset() -> None:
    for line in lines():
        if line.kind is Kind.AGENT:
            assert len(line.phrases[0].split()) <= MAX_FIRST_WORDS, line.text
            assert all(1 <= len(phrase.split()) <= MAX_WORDS for phrase in line.phrases)


def test_every_construct_is_used() -> None:
    used = lines()
    assert {line.kind for line in used} == set(Kind)
    assert {line.tag for line in used if line.kind is Kind.INTERRUPTION} == set(INTERRUPTIONS)
    assert {line.tag for line in used if line.kind is Kind.RESULT} == {"", "stale"}
    assert {line.tag for line in used if line.kind is Kind.TIMER} == {"set", "every", "clear"}
    assert {one.mode for one in everything()} == set(Mode)
    assert any(one.persona for one in everything())
    assert any(one.off for one in everything())


@pytest.mark.parametrize("name", ["hesitant"])
def test_the_hesitant_hesitate(name: str) -> None:
    for one in conversations(name):
        turns = [line for line in one.lines if line.kind in (Kind.USER, Kind.MORE)]
        assert any(HESITATION in line.text for line in turns), one.id


def test_every_tenth_or_so_is_for_validation_and_its_id_decides() -> None:
    share = np.mean([one.split is Split.VALIDATION for one in everything()])
    assert 0.06 < share < 0.14
    again = parsed(TALK, "other.txt")[0]
    assert again.split is one_of(TALK).split


# --- what a line holds ------------------------------------------------------------------------


def test_an_agents_line_knows_its_phrases_its_cut_and_its_places() -> None:
    text = "== a\nU: Go on.\nA: One two, |~ three |! four | five.\nB: mm\nI(stop): Enough of it.\n"
    line = one_of(text).lines[1]
    assert line.phrases == ("One two,", "three", "four", "five.")
    assert line.text == "One two, three four five."
    assert (line.places, line.cut_after) == ((1,), 2)


def test_a_cue_is_taken_out_of_its_brackets() -> None:
    line = one_of("== a\nU: I saw a [dog] there.\nC: bird!\n").lines[0]
    assert (line.text, line.cue) == ("I saw a dog there.", "dog")
    assert line.text[line.cue_start :].startswith(line.cue)


def test_timers_and_silences_have_seconds() -> None:
    text = '== a\nU: Go on.\nT: every 2.5s "up"\nW: 4s\nE: timer fired "up"\nA: Up.\n'
    timer, silence, event = one_of(text).lines[1:4]
    assert (timer.tag, timer.seconds, timer.label) == ("every", 2.5, "up")
    assert silence.seconds == 4.0
    assert event.label == "up"


def test_the_head_tells_mode_switches_and_persona() -> None:
    head = '== a-1 mode=proactive switches=timers,-delegation persona="a calm tutor"'
    one = one_of(f"# a comment\n{head}\nU: Hello there.\n")
    assert (one.id, one.mode, one.persona) == ("a-1", Mode.PROACTIVE, "a calm tutor")
    assert (one.on, one.off) == (frozenset({"timers"}), frozenset({"delegation"}))


def test_a_conversation_tells_which_switches_it_needs() -> None:
    assert one_of(TALK).needs == frozenset()
    assert one_of("== a\nU: So then\nN: mm-hm\nU+ I left.\n").needs == {"backchannel"}


def test_a_result_may_come_in_the_midst_of_a_turn() -> None:
    text = "== a\nD: the time\nU: So then\nR: 5 o'clock\nU+ I left.\nA: Five.\n"
    assert [line.kind for line in one_of(text).lines][2:4] == [Kind.RESULT, Kind.MORE]


# --- slots ------------------------------------------------------------------------------------


def test_a_slot_is_filled_alike_wherever_it_stands() -> None:
    text = "== a\nU: To {city}, not {city2}.\nA: {city}, okay. | Not {city2}.\n"
    one = filled(one_of(text), np.random.default_rng(3))
    found = re.match(r"To (.+), not (.+)\.", one.lines[0].text)
    assert found and found[1] != found[2]
    assert one.lines[1].phrases == (f"{found[1]}, okay.", f"Not {found[2]}.")
    assert one.lines[1].text == f"{found[1]}, okay. Not {found[2]}."


def test_a_sentence_that_begins_with_a_slot_begins_in_upper_case() -> None:
    text = "== a\nU: {color}.\nA: {color}, | {color} it is. | {color}.\n"
    one = filled(one_of(text), np.random.default_rng(1))
    assert one.lines[0].text[0].isupper()
    assert [phrase[0].isupper() for phrase in one.lines[1].phrases] == [True, False, True]


def test_nothing_is_left_to_fill_and_the_same_seed_fills_alike() -> None:
    for one in everything():
        done = filled(one, np.random.default_rng(7))
        assert not any("{" in line.text + line.label for line in done.lines)
        assert done == filled(one, np.random.default_rng(7))


def test_a_cue_stays_where_it_is_when_slots_before_it_are_filled() -> None:
    one = filled(one_of("== a\nU: In {city} a [dog] ran.\nC: bird!\n"), np.random.default_rng(1))
    line = one.lines[0]
    assert line.text[line.cue_start :].startswith("dog ran")


# --- what is refused --------------------------------------------------------------------------

REFUSED = {
    "a line without a head": ("U: Hello.\n", 1, "head"),
    "a head that is none": ("== A b\nU: Hello.\n", 1, "== id"),
    "an unknown mode": ("== a mode=loud\nU: Hello.\n", 1, "mode"),
    "an unknown switch": ("== a switches=light\nU: Hello.\n", 1, "switches"),
    "a head inside a block": ("== a\nU: Hello.\n== b\nU: Hi.\n", 3, "blank line"),
    "a block without lines": ("== a\n\n", 2, "lines"),
    "an unknown mark": ("== a\nQ: Hello.\n", 2, "a mark of"),
    "a mark without text": ("== a\nU: \n", 2, "a mark of"),
    "an unknown tag": ("== a\nU: Go.\nA: One |! two.\nI(shout): No.\n", 4, "I of"),
    "an interruption without its kind": ("== a\nU: Go.\nA: One |! two.\nI: No.\n", 4, "I of"),
    "a tag where none may be": ("== a\nU(loud): Go.\n", 2, "U of"),
    "an unknown slot": ("== a\nU: Go to {planet}.\n", 2, "{planet}"),
    "figures": ("== a\nU: I need 3 eggs.\n", 2, "'3'"),
    "a sign that nobody says": ("== a\nU: Go.\nA: *Sure.\n", 3, "'\\*'"),
    "a hesitation of the agent": ("== a\nU: Go.\nA: Well … sure.\n", 3, "…"),
    "a hesitation behind a sentence": ("== a\nU: I went. … Then home.\n", 2, "inside a phrase"),
    "a hesitation at the end": ("== a\nU: I went to …\n", 2, "words around it"),
    "a long first phrase": ("== a\nA: One two three four five six seven eight nine.\n", 2, "8"),
    "a long phrase": (f"== a\nA: One, | {'two ' * 11}.\n", 2, "10"),
    "an empty phrase": ("== a\nA: One, | | two.\n", 2, "phrase"),
    "a line that breaks off": ("== a\nA: One, | and then\n", 2, "ends as a sentence"),
    "two cuts in a line": ("== a\nA: One |! two |! three.\n", 2, "one |!"),
    "a cut that nobody makes": ("== a\nA: One |! two.\nU: Go.\n", 3, "I behind"),
    "a cut at the very end": ("== a\nA: One |! two.\n", 3, "I behind"),
    "an interruption without a cut": ("== a\nA: One.\nI(stop): No.\n", 3, r"\|!"),
    "a place that nobody fills": ("== a\nA: One |~ two.\nU: Go.\n", 3, r"\|~"),
    "a backchannel without a place": ("== a\nA: One two.\nB: mm\n", 3, r"\|~"),
    "a backchannel too many": ("== a\nA: One |~ two.\nB: mm\nB: mm\n", 4, r"\|~"),
    "a backchannel behind a turn": ("== a\nU: Go.\nB: mm\n", 3, "behind"),
    "a nod outside a turn": ("== a\nA: One.\nN: mm\nU+ more.\n", 3, "N behind"),
    "a nod at a turn's end": ("== a\nU: Go.\nN: mm\nA: One.\n", 4, r"U\+ behind N"),
    "a turn that goes on from nowhere": ("== a\nU: Go.\nU+ more.\n", 3, "behind"),
    "a turn that goes on behind a result": ("== a\nD: it\nR: 4\nU+ more.\n", 4, "inside"),
    "two cues in a piece": ("== a\nU: A [dog] and a [cat].\nC: hey\n", 2, "one \\[cue\\]"),
    "a cue without an answer": ("== a\nU: A [dog].\nA: Hey.\n", 3, "C behind"),
    "an answer without a cue": ("== a\nU: A dog.\nC: hey\n", 3, "cue"),
    "a nod where it is switched off": (
        "== a switches=-backchannel\nU: So\nN: mm\nU+ more.\n",
        3,
        "off",
    ),
    "a nod in reserved mode": ("== a mode=reserved\nU: So\nN: mm\nU+ more.\n", 3, "reserved"),
    "a result of nothing": ("== a\nU: Go.\nR: 4\n", 3, "open job"),
    "a job that nobody ends": ("== a\nD: it\nA: One.\n", 4, "R or X"),
    "a timer act that is none": ("== a\nT: in 3s\n", 2, "set 10s"),
    "an event that is none": ("== a\nE: bell\n", 2, "timer fired"),
    "a timer that does not run": ('== a\nE: timer fired "x"\n', 2, "runs"),
    "a timer that went off already": (
        '== a\nT: set 3s "x"\nE: timer fired "x"\nE: timer fired "x"\n',
        4,
        "runs",
    ),
    "nothing to clear": ("== a\nT: clear\n", 2, "runs"),
    "a silence without seconds": ("== a\nW: long\n", 2, "seconds"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_breaks_the_law_is_refused_with_its_place(case: str) -> None:
    text, line, why = REFUSED[case]
    with pytest.raises(BadInput, match=why) as caught:
        parsed(text, "file.txt")
    assert str(caught.value).startswith(f"file.txt:{line}: expected")


def test_an_id_that_comes_twice_is_refused() -> None:
    with pytest.raises(BadInput, match="'a' twice"):
        parsed(f"{TALK}\n{TALK}", "file.txt")


def test_a_name_that_is_no_file_is_refused() -> None:
    with pytest.raises(BadInput, match="everyday"):
        conversations("gossip")
