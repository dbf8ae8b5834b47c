"""What the interaction model does with the chances it is given: no network runs here."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hocket.engine.floor_network import MOST_TOKENS, FloorChances, FloorTick
from hocket.engine.interaction import Interaction, InteractionSettings, InteractionSlot
from hocket.engine.port import FEATURES_SHAPE, Act, HeardTick, PlayedTick, TickInput, TickOutput
from hocket.engine.talker import Talk, Text
from hocket.model.duplex_config import AGREED, EVENT, TENTATIVE, TYPED
from hocket.protocol.floor import FLOORS, SILENT, Floor, Permit

OPEN = Permit(allowed=frozenset(Floor), rule="open", reason="")
SOUNDS = PlayedTick(samples=np.ones(4_410, np.float32), level_db=-20.0, fraction=1.0)
YIELDS: dict[str, Any] = {"yield": 0.8}


def yields(p: float) -> dict[str, Any]:
    return {"yield": p}


MUTED = Permit(allowed=SILENT, rule="muted", reason="")


@dataclass
class FakeStream:
    """Says what it was told to say, and keeps what it saw."""

    seen: list[FloorTick] = field(default_factory=list)
    p: dict[Floor, float] = field(default_factory=dict)
    user_ahead: float = 0.0

    def step(self, tick: FloorTick) -> FloorChances:
        self.seen.append(tick)
        rest = 1 - sum(self.p.values())
        p_C = [self.p.get(floor, rest if floor is Floor.LISTEN else 0.0) for floor in FLOORS]
        ahead_B = np.full(4, self.user_ahead, np.float32)
        return FloorChances(
            p_C=np.array(p_C, np.float32), user_ahead_B=ahead_B, agent_ahead_B=ahead_B
        )


class FakeTalker:
    """Answers with its script, a piece a tick, and notes what it is asked to do."""

    def __init__(self, answer: Sequence[str] = ("Yes. ",)) -> None:
        self.answer, self.done = list(answer), list[str]()
        self._left: list[str] = []

    def open(self, instructions: str) -> Any:
        return SimpleNamespace(words=(), drafted=None, heard_of_us=9)

    def hear(self, talk: Talk, tick_input: TickInput) -> bool:
        talk.words += tick_input.heard.heard
        return "\n" in tick_input.typed

    def words(self, talk: Talk, tick_input: TickInput) -> tuple[str, ...]:
        return (*talk.words, *tick_input.heard.tentative)

    def is_stale(self, talk: Talk, words: tuple[str, ...]) -> bool:
        return talk.drafted is not None and talk.drafted != words

    def tell(self, talk: Talk, text: str) -> bool:
        self.done.append(f"told {text}")
        return self.undraft(talk)

    def undraft(self, talk: Talk) -> bool:
        dropped, talk.drafted = talk.drafted is not None, None
        return dropped

    def draft(self, talk: Talk, tick_input: TickInput) -> None:
        self.done.append("draft")
        talk.drafted, self._left = self.words(talk, tick_input), list(self.answer)

    def write_draft(self, talk: Talk) -> Text:
        return self._written()

    def read(self, talk: Talk) -> Text:
        return Text(drop=self.undraft(talk))

    def begin(self, talk: Talk, tick_input: TickInput) -> Text:
        drop = talk.drafted is None
        if drop:
            self._left = list(self.answer)
        talk.words = ()
        return replace(self._written(), drop=drop)

    def go_on(self, talk: Talk, tick_input: TickInput) -> Text:
        return self._written()

    def stop(self, talk: Talk, *, heard: bool) -> None:
        self.done.append("stop" if heard else "cut")
        talk.drafted = None

    def take_back(self, talk: Talk) -> bool:
        if talk.heard_of_us > 3:
            return False
        self.done.append("take back")
        talk.drafted = None
        return True

    def keep_last(self, talk: Talk, n_words: int) -> None:
        self.done.append(f"keep {n_words}")

    def forget(self, talk: Talk) -> None:
        talk.words = ()

    def _written(self) -> Text:
        piece = self._left.pop(0) if self._left else ""
        return Text(append=piece, ended=not self._left)


class Run:
    """An engine with one session, a tick at a time."""

    def __init__(self, *answer: str, reader: Any = None, **settings: Any) -> None:
        self.stream, self.talker = FakeStream(), FakeTalker(answer or ("Yes. ",))
        self.engine = Interaction(
            name="fake",
            network=SimpleNamespace(open=lambda: self.stream),  # type: ignore[arg-type]
            talker=self.talker,  # type: ignore[arg-type]
            tokenizer=SimpleNamespace(  # type: ignore[arg-type]  # a token a letter
                encode=lambda text: SimpleNamespace(ids=[ord(c) for c in text if c != " "])
            ),
            embed=lambda ids: np.array([[i] * 576 for i in ids], np.float32).reshape(-1, 576),
            voice_rate_hz=22_050,
            reader=reader,
            settings=InteractionSettings(**{"keep_p": 0.0, **settings}),
        )
        self.slot: InteractionSlot = self.engine.open()
        self.tick = 0
        self.plan = ""

    def step(
        self,
        *,
        heard: tuple[str, ...] = (),
        tentative: tuple[str, ...] = (),
        permit: Permit = OPEN,
        events: tuple[str, ...] = (),
        typed: str = "",
        played: PlayedTick | None = None,
        user_ahead: float = 0.0,
        **p: float,
    ) -> TickOutput:
        self.stream.p = {Floor(name): chance for name, chance in p.items()}
        self.stream.user_ahead = user_ahead
        features = np.zeros(FEATURES_SHAPE, np.float32)
        given = TickInput(
            tick=self.tick,
            audio=np.zeros(3_200, np.float32),
            heard=HeardTick(features=features, level_db=-30.0, heard=heard, tentative=tentative),
            played=played or PlayedTick(samples=np.zeros(0, np.float32)),
            last_floor=Floor.LISTEN,
            plan=self.plan,
            events=events,
            typed=typed,
        )
        self.tick += 1
        return self.engine.step(self.slot, given, permit)


def test_it_speaks_when_that_is_likely_and_there_is_something_to_answer() -> None:
    run = Run()
    assert run.step(speak=0.9).floor is Floor.LISTEN  # nothing was said
    assert run.step(heard=("hello",), speak=0.1).floor is Floor.LISTEN
    said = run.step(speak=0.6)
    assert (said.floor, said.append, said.ended) == (Floor.SPEAK, "Yes. ", True)
    assert run.step().floor is Floor.LISTEN  # all was said
    assert run.talker.done[-1] == "stop"


def test_what_is_not_permitted_is_not_done() -> None:
    run = Run("Yes, ", "it ", "is. ")
    run.step(heard=("hello",))
    assert run.step(speak=0.9, permit=MUTED).floor is Floor.LISTEN
    assert run.step(backchannel=0.9, permit=MUTED).floor is Floor.LISTEN
    assert run.step(speak=0.9).floor is Floor.SPEAK
    assert run.step(permit=MUTED).floor is Floor.YIELD


def test_a_draft_is_written_before_it_is_said_and_dropped_when_the_user_goes_on() -> None:
    run = Run("Yes, ", "it is. ")
    first = run.step(heard=("is", "it"), speak=0.3)
    assert (first.floor, first.append) == (Floor.LISTEN, "Yes, ")
    stale = run.step(heard=("cold",), speak=0.1)
    assert (stale.drop, stale.append) == (True, "")
    again = run.step(speak=0.3)
    assert (again.append, run.talker.done) == ("Yes, ", ["draft", "draft"])
    begun = run.step(speak=0.9)
    assert (begun.floor, begun.drop, begun.append) == (Floor.SPEAK, False, "it is. ")


def test_it_holds_for_a_moment_only_while_it_makes_up_its_mind() -> None:
    never = {"yield_p": 1.1, "yield_total": 9}
    run = Run("Yes. ", "I ", "do. ", "All ", "day. ", hold_ticks=2, **never)
    run.step(heard=("hello",))
    run.step(speak=0.9)
    floors = [run.step(**yields(p)).floor for p in (0.4, 0.4, 0.4, 0.4, 0.1, 0.4)]
    hold, speak = Floor.HOLD, Floor.SPEAK
    assert floors == [hold, hold, speak, speak, speak, hold]


def test_it_holds_and_goes_on_or_gives_way() -> None:
    run = Run("one ", "two ", "three ", "four ")
    run.step(heard=("count",))
    run.step(speak=0.9)
    held = run.step(**yields(0.4))
    assert (held.floor, held.append, held.drop) == (Floor.HOLD, "", False)
    assert run.step(speak=0.9).append == "two "
    run.step(heard=("stop", "please"), **yields(0.4))
    gone = run.step(**YIELDS)
    assert (gone.floor, gone.drop) == (Floor.YIELD, True)
    assert run.talker.done[-2:] == ["cut", "keep 3"]  # "count" came less than two seconds ago


def test_a_sound_that_hardly_asks_it_to_give_way_does_not_make_it_stammer() -> None:
    run = Run("one ", "two ", "three ")
    run.step(heard=("count",))
    run.step(speak=0.9)
    assert run.step(hold=0.9).floor is Floor.SPEAK


def test_it_gives_way_at_once_if_it_is_sure_or_when_its_chances_add_up() -> None:
    def floors(*chances: float) -> list[Floor]:
        run = Run(
            "one ",
            *["more "] * 9,
            hold_p=1.1,
            yield_p=0.9,
            yield_total=2.0,
            yield_total_ticks=3,
        )
        run.step(heard=("count",))
        run.step(speak=0.9)
        return [run.step(**yields(p)).floor for p in chances]

    assert floors(0.95) == [Floor.YIELD]
    assert floors(0.7, 0.7, 0.5, 0.7, 0.7) == [Floor.SPEAK] * 5  # of three ticks, no more
    assert floors(0.7, 0.6, 0.7) == [Floor.SPEAK, Floor.SPEAK, Floor.YIELD]


def test_an_answer_hardly_begun_is_taken_back_and_there_is_something_to_answer_still() -> None:
    run = Run("Three trains ", "leave at noon. ")
    run.step(heard=("Is", "there", "a"), speak=0.9)
    run.slot.talk.heard_of_us = 2
    assert run.step(**yields(0.9)).floor is Floor.YIELD
    assert run.talker.done[-2:] == ["take back", "keep 3"]
    assert run.step(speak=0.9).floor is Floor.SPEAK  # though no word came since
    run.slot.talk.heard_of_us = 2
    stopped = Permit(allowed=frozenset({Floor.LISTEN}), rule="stopped", reason="by the person")
    assert run.step(permit=stopped).floor is Floor.YIELD
    assert "cut" in run.talker.done  # who stops it by hand does not go on


def test_an_answer_that_has_not_sounded_is_taken_back_when_the_user_goes_on_after_all() -> None:
    def run_of(**settings: float) -> Run:
        run = Run("A ", "hammer ", "is. ", keep_p=0.7, **settings)
        run.step(heard=("Where", "do", "you", "sit"), speak=0.9)
        run.slot.talk.heard_of_us = 0
        return run

    run = run_of()
    assert run.step(speak=0.8).floor is Floor.SPEAK
    assert run.step(speak=0.4, hold=0.6).floor is Floor.YIELD  # before a word has sounded
    assert "take back" in run.talker.done
    assert run.step(speak=0.9).floor is Floor.SPEAK

    run = run_of()
    assert run.step(speak=0.8, played=SOUNDS).floor is Floor.SPEAK
    assert run.step(speak=0.4, hold=0.6).floor is Floor.SPEAK  # only a wish to give way ends it now

    run = Run("A ", "hammer. ", keep_p=0.7)
    run.step(typed="what is it\n")
    assert run.step(hold=0.9).floor is Floor.SPEAK  # it was asked for


def test_in_a_breath_of_the_voice_it_does_not_hold() -> None:
    run = Run("one ", "two ", "three ", yield_p=0.9, yield_total=9)
    run.step(heard=("count",), speak=0.9)
    run.step(speak=0.9, played=SOUNDS)
    assert run.step(**yields(0.6), played=replace(SOUNDS, breath=True)).floor is Floor.SPEAK
    assert run.step(**yields(0.6), played=SOUNDS).floor is Floor.HOLD


def test_what_came_before_it_spoke_does_not_count_as_a_wish_to_give_way() -> None:
    run = Run("one ", "two ", hold_p=1.1, yield_p=0.9, yield_total=2.0, yield_total_ticks=3)
    run.step(heard=("count",))
    run.step(speak=0.9)
    run.step(**yields(0.7))
    run.step(**yields(0.7))
    run.step(**yields(0.95))
    run.step(heard=("go", "on"))
    run.step(speak=0.9)
    assert run.step(**yields(0.7)).floor is Floor.SPEAK


def test_a_backchannel_lasts_and_rests() -> None:
    run = Run(nod_ticks=2, nod_rest_ticks=3, nod_after_ticks=0, nods=("mm-hm", "right"))
    first, second = run.step(backchannel=0.8), run.step(backchannel=0.8)
    assert [(x.floor, x.append) for x in (first, second)] == [
        (Floor.BACKCHANNEL, "mm-hm"),
        (Floor.BACKCHANNEL, ""),
    ]
    floors = [run.step(backchannel=0.8).floor for _ in range(5)]
    assert floors.count(Floor.BACKCHANNEL) == 1
    assert floors[0] is floors[1] is Floor.LISTEN


def test_a_turn_that_may_be_over_is_not_nodded_to() -> None:
    run = Run(nod_p=0.15, nod_after_ticks=0)
    assert run.step(backchannel=0.3, speak=0.4).floor is Floor.LISTEN
    assert run.step(backchannel=0.3, speak=0.1).floor is Floor.BACKCHANNEL


def test_wishes_to_speak_add_up() -> None:
    def floors(*chances: float, **settings: float) -> list[Floor]:
        run = Run(speak_p=0.9, speak_total=1.8, speak_least_p=0.2, **settings)
        return [run.step(heard=("go",), speak=p).floor for p in chances]

    listen = Floor.LISTEN
    assert floors(0.7, 0.3, 0.4, 0.4) == [*[listen] * 3, Floor.SPEAK]
    assert floors(0.7, 0.3, 0.4, 0.3, 0.5, speak_total_ticks=3) == [listen] * 5
    assert floors(0.7, 0.3, 0.4, 0.1, 0.7) == [listen] * 5  # the user went on


def test_a_wish_without_anything_to_answer_adds_nothing() -> None:
    run = Run(speak_p=0.9, speak_total=1.8)
    floors = [run.step(speak=0.7).floor for _ in range(3)]
    floors.append(run.step(heard=("go",), speak=0.7).floor)
    assert floors == [Floor.LISTEN] * 4


def test_only_a_long_turn_is_nodded_to() -> None:
    run = Run(nod_after_ticks=3)

    def nodded(*ahead: float) -> list[bool]:
        floors = [run.step(backchannel=0.8, user_ahead=p).floor for p in ahead]
        return [floor is Floor.BACKCHANNEL for floor in floors]

    assert nodded(0.9, 0.1, 0.9, 0.6) == [False] * 4  # silence counts against speech
    run.step(heard=("so",), speak=0.9)
    run.step()
    # An earlier turn does not count; and a nod waits for a pause.
    assert nodded(0.9, 0.6, 0.9, 0.6) == [False, False, False, True]


def test_events_are_told_when_the_floor_is_free_and_may_be_answered() -> None:
    run = Run("Done. ")
    run.step(heard=("go",))
    run.step(speak=0.9, events=("response asked",))
    run.step(events=('timer fired "tea"', 'user heard up to "Do"', "not permitted: muted"))
    assert run.talker.done == ["stop"]
    said = run.step(speak=0.9)
    assert run.talker.done == ["stop", 'told timer fired "tea"']
    assert said.floor is Floor.SPEAK


def test_a_typed_line_is_answered_at_once() -> None:
    run = Run()
    run.step(typed="hi th")
    assert run.step(typed="ere\n").floor is Floor.SPEAK
    kinds = [kind for tick in run.stream.seen for kind in tick.kinds_N]
    assert kinds == [TYPED] * len("hithere")


def test_acts_wait_for_the_floor_and_are_never_said() -> None:
    run = Run("[timer set 5s ", '"tea"] ', "[delegate news] Five ", "seconds. ")
    drafted = [run.step(heard=("five",), speak=0.3)]
    drafted += [run.step(speak=0.3) for _ in range(2)]
    assert [(x.append, x.act) for x in drafted] == [("", None), ("", None), ("Five ", None)]
    begun, then = run.step(speak=0.9), run.step()
    assert begun.act == Act(kind="timer", argument='set 5s "tea"')
    assert begun.append == "seconds. "
    assert then.floor is Floor.LISTEN and then.act is None


def test_the_pace_is_an_act_that_lasts() -> None:
    run = Run("[pace slower] ", "Of ", "course. ")
    run.step(heard=("slower",))
    paces = [run.step(speak=p).pace for p in (0.9, 0.9, 0.9, 0.1)]
    assert paces == pytest.approx([0.85] * 4)


def test_the_tail_is_shown_when_it_changes_and_what_is_too_much_waits() -> None:
    run = Run()
    run.step(heard=("ab",), tentative=("cdefg",))
    run.step(tentative=("cdefg",))
    run.step(tentative=("cdefgh",), events=("x" * MOST_TOKENS,))
    run.step()
    shown = [
        [(chr(int(e[0])), int(k)) for e, k in zip(t.tokens_NE, t.kinds_N, strict=True)]
        for t in run.stream.seen
    ]
    assert shown[0] == [*[(c, AGREED) for c in "ab"], *[(c, TENTATIVE) for c in "defg"]]
    assert shown[1] == []
    assert shown[2][:4] == [(c, TENTATIVE) for c in "efgh"] and len(shown[2]) == MOST_TOKENS
    assert shown[3] == [("x", EVENT)] * 4  # and no tail any more


def test_what_was_played_is_shown_a_tick_later() -> None:
    run = Run()
    sound = 0.1 * np.sin(np.arange(4_410) / 5).astype(np.float32)
    run.step(played=PlayedTick(samples=sound, level_db=-23.0, fraction=1.0))
    run.step()
    first, second = run.stream.seen
    assert (first.played_db, first.played_share) == (-90.0, 0.0) and not first.played_dmel_M.any()
    assert (second.played_db, second.played_share) == (-23.0, 1.0)
    assert second.played_dmel_M.max() > 8


@dataclass
class FakeReader:
    """Is surer of an end with every token; writes down the agent's lines."""

    said: list[list[int]] = field(default_factory=list)
    speaking: bool = False

    def open(self) -> "FakeReader":
        return self

    def speaks(self, ids: list[int]) -> None:
        if not self.speaking:
            self.said.append([])
        self.speaking = True
        self.said[-1] += ids

    def stops(self) -> None:
        self.speaking = False

    def read(self, agreed: list[int], tail: list[int]) -> Any:
        ends = np.arange(1, len(agreed) + len(tail) + 1) / 10
        return np.stack([ends, -ends], axis=1)


def test_heard_tokens_have_their_signs_beside_them_and_others_have_none() -> None:
    run = Run("one ", "two ", reader=FakeReader())
    run.step(heard=("ab",), tentative=("c",), typed="x ")
    (seen,) = run.stream.seen
    assert seen.tokens_NE.shape == (4, 578)
    assert seen.tokens_NE[:, -2] == pytest.approx([0.1, 0.2, 0.3, -1.0])
    assert seen.tokens_NE[:, -1] == pytest.approx([-0.1, -0.2, -0.3, 0.0])


def test_the_reader_is_told_what_is_written_of_each_line_and_when_it_is_over() -> None:
    run = Run("one ", "two ", reader=(reader := FakeReader()))
    run.step(heard=("ab",))
    run.step(speak=0.9)
    assert reader.speaking
    run.step(speak=0.9)
    run.step(**YIELDS)
    assert not reader.speaking
    run.step(heard=("d",))
    run.step(speak=0.9)
    run.step()
    run.step()
    first, second = ("".join(map(str, line)) for line in reader.said)
    assert first and second.startswith(first)


@pytest.mark.parametrize("p", [{}, {"speak": 0.4, "hold": 0.3, "yield": 0.2}])
def test_chances_are_passed_on_whole(p: dict[str, Any]) -> None:
    said = Run().step(**p)
    assert sum(said.p) == pytest.approx(1)
    assert said.p[FLOORS.index(Floor.SPEAK)] == pytest.approx(p.get("speak", 0.0))
