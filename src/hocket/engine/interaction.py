"""The interaction model: the floor by one network, the words by another, tick by tick.

Law: no detector stands before it. What it does in a tick follows from the floor network's chances, the
permit and what there is to say; thresholds stand in ``InteractionSettings`` and nowhere else. Holding keeps
the words, yielding drops them. Source: model.md sections 1 and 2; docs/decisions for why two networks.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from enum import Enum, auto
from typing import Final

import numpy as np
from tokenizers import Tokenizer

from hocket.audio.dmel import tick_mean_dmel
from hocket.audio.resample import resample
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.engine.commands import Commands, paced
from hocket.engine.floor_network import (
    MOST_TOKENS,
    FloorChances,
    FloorNetwork,
    FloorSnapshot,
    FloorStream,
    FloorTick,
)
from hocket.engine.port import Float32, PlayedTick, TickInput, TickOutput
from hocket.engine.talker import Talk, Talker, TalkSnapshot, Text, typed
from hocket.engine.turn_reader import UNKNOWN, ReaderSnapshot, ReaderStream, TurnReader
from hocket.model.duplex_config import AGREED, EVENT, SIGNS, TAIL_TOKENS, TENTATIVE, TYPED
from hocket.protocol.floor import FLOORS, Floor, Permit

STOPPED: Final = "stopped by the person"
UNTOLD: Final = re.compile(r"^(?:not permitted: |stopped by the person$|response asked$)")
REPORTED: Final = re.compile(r'^user heard up to "')
BREAKING_TICKS: Final = 10  # of words before the agent gives way: what broke it off

EmbedOf = Callable[[list[int]], Float32]
_Token = tuple[int, int, tuple[float, ...]]  # id, kind, signs (turn_reader.py)


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionSettings:
    """From which chance on a thing is done."""

    speak_p: float = 0.5  # at once,
    speak_total: float = 1.5  # or when those of so many ticks add up to it: few pauses last so long
    speak_total_ticks: int = 8
    speak_least_p: float = 0.05  # what has added up is gone in a tick below it: the user goes on
    keep_p: float = 0.5  # of speaking on: below it an answer that has not sounded is taken back
    draft_p: float = 0.2
    # Of yielding, not yet enough to yield. Who holds at every sound stammers: by the network's own chance
    # of holding nine sounds in ten are held at, and in a breath of the voice such a hold sounds as a stop.
    hold_p: float = 0.35
    hold_ticks: int = 1  # in a row at most: a silence of more than 0.4 s is no hold any more
    yield_p: float = 0.5  # at once,
    yield_total: float = 2.5  # or when they add up to it: who means it speaks for a second
    yield_total_ticks: int = 5
    nod_p: float = 0.5
    nod_under_p: float = 0.7  # of the user's speech in the next 200 ms: a nod falls into a pause
    nod_ticks: int = 2  # that a backchannel lasts
    nod_rest_ticks: int = 8  # between two
    nod_after_ticks: int = 15  # of the user's speech over silence: only a long turn is nodded to
    nods: tuple[str, ...] = ("mm-hm", "right", "okay", "uh-huh", "I see")


class _State(Enum):
    LISTENING = auto()
    NODDING = auto()
    SPEAKING = auto()  # or holding


@dataclass(slots=True)
class InteractionSlot:
    """One session's state."""

    talk: Talk
    floor: FloorStream
    state: _State = _State.LISTENING
    told: bool = False  # since the agent last spoke: there is something to say without words
    unsaid: tuple[str, ...] = ()  # events that came while it spoke
    new_words: tuple[int, ...] = ()  # heard in each of the last ticks
    shown: tuple[int, ...] = ()  # the tail's tokens as last shown
    typing: str = ""  # a word that is being typed
    waiting: tuple[_Token, ...] = ()  # beyond a tick's most
    played: PlayedTick = field(default_factory=lambda: PlayedTick(samples=np.zeros(0, np.float32)))
    commands: Commands = field(default_factory=Commands)
    line: str = ""  # what the agent says, or would say, as far as it is written
    reader: ReaderStream | None = None
    pace: float = 1.0  # of the voice
    nodded: int = 0  # backchannels so far
    spoken: int = 0  # ticks since the agent last spoke: of the user's speech, less those of silence
    owed: bool = False  # the answer was asked for, or sounds by now: it is not thought over again
    held: int = 0  # ticks since it last spoke without a thought of yielding
    yields: tuple[float, ...] = ()  # chances of yielding in the last ticks, while it spoke
    speaks: tuple[float, ...] = ()  # chances of speaking in the last ticks, while it listened
    since: int = 0  # ticks in this state


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    slot: InteractionSlot
    talk: TalkSnapshot
    floor: FloorSnapshot
    reader: ReaderSnapshot | None


class Interaction:
    """The engine. ``embed`` gives tokens the embeddings that the floor network was trained on; with a
    ``reader`` each heard one has its signs beside it.
    """

    def __init__(
        self,
        *,
        name: str,
        network: FloorNetwork,
        talker: Talker,
        tokenizer: Tokenizer,
        embed: EmbedOf,
        voice_rate_hz: int,
        reader: TurnReader | None = None,
        settings: InteractionSettings | None = None,
    ) -> None:
        self.name = name
        self.settings = settings or InteractionSettings()
        self._network, self._talker = network, talker
        self._tokenizer, self._embed, self._rate_hz = tokenizer, embed, voice_rate_hz
        self._reader = reader

    # -- the port -----------------------------------------------------------------------------------

    def open(self, *, seed: int = 0, instructions: str = "") -> InteractionSlot:
        """A fresh chat and a fresh stream. Greedy writing needs no seed."""
        return InteractionSlot(
            talk=self._talker.open(instructions),
            floor=self._network.open(),
            reader=self._reader.open() if self._reader else None,
        )

    def close(self, slot: InteractionSlot) -> None:
        """The caches go with the slot."""

    def step(self, slot: InteractionSlot, tick_input: TickInput, permit: Permit) -> TickOutput:
        """Decide one tick."""
        chances = slot.floor.step(self._seen(slot, tick_input))
        slot.played = tick_input.played
        slot.spoken = max(slot.spoken + (1 if chances.user_ahead_B[0] >= 0.5 else -1), 0)
        asked = self._talker.hear(slot.talk, tick_input)
        before = slot.state
        match before:
            case _State.SPEAKING:
                floor, text = self._speaking(slot, tick_input, permit, chances)
            case _State.NODDING:
                floor, text = self._nodding(slot, tick_input, permit)
            case _State.LISTENING:
                floor, text = self._listening(slot, tick_input, permit, chances, asked=asked)
        slot.since = slot.since + 1 if slot.state is before else 0
        said = text.append
        if floor is not Floor.BACKCHANNEL:
            said = slot.commands.read(said, ended=text.ended)
            slot.line += said
        self._read_along(slot, said, begun=before is not _State.SPEAKING)
        act = slot.commands.next_act() if floor is Floor.SPEAK else None
        if act is not None and act.kind == "pace":
            slot.pace = paced(slot.pace, act.argument)
        return TickOutput(
            floor=floor,
            p=tuple(float(p) for p in chances.p_C),  # type: ignore[arg-type]
            append=said,
            drop=text.drop,
            ended=text.ended,
            act=act,
            pace=slot.pace,
            user_ahead=tuple(float(p) for p in chances.user_ahead_B),  # type: ignore[arg-type]
            agent_ahead=tuple(float(p) for p in chances.agent_ahead_B),  # type: ignore[arg-type]
        )

    def snapshot(self, slot: InteractionSlot) -> object:
        """A deep copy, the caches included."""
        return _Snapshot(
            slot=replace(slot, commands=slot.commands.copy()),
            talk=self._talker.snapshot(slot.talk),
            floor=slot.floor.snapshot(),
            reader=slot.reader.snapshot() if slot.reader else None,
        )

    def restore(self, slot: InteractionSlot, snapshot: object) -> None:
        """Put the copy's values back."""
        assert isinstance(snapshot, _Snapshot)
        for each in fields(InteractionSlot):
            if each.name not in ("talk", "floor", "reader"):
                setattr(slot, each.name, getattr(snapshot.slot, each.name))
        slot.commands = snapshot.slot.commands.copy()
        self._talker.restore(slot.talk, snapshot.talk)
        slot.floor.restore(snapshot.floor)
        if slot.reader and snapshot.reader:
            slot.reader.restore(snapshot.reader)

    # -- what is seen -------------------------------------------------------------------------------

    def _seen(self, slot: InteractionSlot, tick_input: TickInput) -> FloorTick:
        """The tick as training packs it: what was played is the tick before's."""
        tokens = [*slot.waiting, *self._tokens(slot, tick_input)]
        now, slot.waiting = tokens[:MOST_TOKENS], tuple(tokens[MOST_TOKENS:])
        vectors_NE = self._embed([token for token, _, _ in now])
        if slot.reader:
            signs_N2 = np.array([signs for _, _, signs in now], np.float32).reshape(-1, SIGNS)
            vectors_NE = np.concatenate([vectors_NE, signs_N2], axis=1)
        return FloorTick(
            last_floor=tick_input.last_floor,
            played_db=slot.played.level_db,
            played_share=slot.played.fraction,
            level_db=tick_input.heard.level_db,
            dmel_FM=tick_input.heard.dmel_FM,
            manner=tick_input.manner,
            played_dmel_M=tick_mean_dmel(self._at_user_rate(slot.played.samples)),
            features_QE=tick_input.heard.features,
            tokens_NE=vectors_NE,
            kinds_N=np.array([kind for _, kind, _ in now], np.uint8),
        )

    def _tokens(self, slot: InteractionSlot, tick_input: TickInput) -> list[_Token]:
        heard = (*slot.new_words, len(tick_input.heard.heard))
        slot.new_words = heard[-BREAKING_TICKS:]
        agreed = self._ids(tick_input.heard.heard)
        tail = tuple(self._ids(tick_input.heard.tentative)[-TAIL_TOKENS:])
        fresh = list(tail) if tail != slot.shown else []
        slot.shown = tail
        kinds = [AGREED] * len(agreed) + [TENTATIVE] * len(fresh)
        signs: list[tuple[float, ...]] = [UNKNOWN] * len(kinds)
        if slot.reader:
            signs = [tuple(map(float, each)) for each in slot.reader.read(agreed, fresh)]
        found = list(zip([*agreed, *fresh], kinds, signs, strict=True))
        *words, slot.typing = re.split(r"\s+", typed(slot.typing, tick_input.typed))
        for word in filter(None, words):
            found += [(token, TYPED, UNKNOWN) for token in self._ids((word,))]
        for event in tick_input.events:
            if not UNTOLD.match(event):
                found += [(token, EVENT, UNKNOWN) for token in self._ids((event,))]
        return found

    def _ids(self, words: tuple[str, ...]) -> list[int]:
        return list(self._tokenizer.encode("".join(f" {word}" for word in words)).ids)

    def _at_user_rate(self, samples_S: Float32) -> Float32:
        """What was played in a tick at 16 kHz, silence behind it: float32 [3200]."""
        tick_S = np.zeros(TICK_USER_SAMPLES, np.float32)
        if len(samples_S):
            own_S = resample(samples_S, self._rate_hz, USER_RATE_HZ)[:TICK_USER_SAMPLES]
            tick_S[: len(own_S)] = own_S
        return tick_S

    # -- what is done -------------------------------------------------------------------------------

    def _listening(
        self,
        slot: InteractionSlot,
        tick_input: TickInput,
        permit: Permit,
        chances: FloorChances,
        *,
        asked: bool,
    ) -> tuple[Floor, Text]:
        talker, talk, settings = self._talker, slot.talk, self.settings
        dropped = self._take_events(slot, tick_input)
        words = talker.words(talk, tick_input)
        if talker.is_stale(talk, words):
            dropped = talker.undraft(talk) or dropped
        speak_p = _p(chances, Floor.SPEAK)
        something = bool(words) or slot.told
        possible = something and speak_p >= settings.speak_least_p
        slot.speaks = (*slot.speaks, speak_p)[-settings.speak_total_ticks :] if possible else ()
        if asked or _wished(slot.speaks, settings.speak_p, settings.speak_total):
            if Floor.SPEAK in permit.allowed:
                return Floor.SPEAK, self._begun(slot, tick_input, asked=asked)
        elif self._may_nod(slot, permit, chances):
            nod = settings.nods[slot.nodded % len(settings.nods)]
            slot.state, slot.nodded = _State.NODDING, slot.nodded + 1
            return Floor.BACKCHANNEL, Text(append=nod, drop=dropped)
        if something and talk.drafted is None and speak_p >= settings.draft_p:
            slot.commands, slot.line = Commands(), ""
            talker.draft(talk, tick_input)
        text = talker.write_draft(talk) if talk.drafted is not None else talker.read(talk)
        return Floor.LISTEN, replace(text, drop=text.drop or dropped)

    def _begun(self, slot: InteractionSlot, tick_input: TickInput, *, asked: bool) -> Text:
        if slot.talk.drafted is None:
            slot.commands, slot.line = Commands(), ""
        slot.state, slot.told, slot.held, slot.spoken = _State.SPEAKING, False, 0, 0
        slot.speaks, slot.yields, slot.owed = (), (), asked
        return self._talker.begin(slot.talk, tick_input)

    def _take_events(self, slot: InteractionSlot, tick_input: TickInput) -> bool:
        """Tell the chat what happened; whether a draft was dropped for it."""
        dropped = False
        if STOPPED in tick_input.events:  # the session has dropped what was drafted
            self._talker.undraft(slot.talk)
        for event in (*slot.unsaid, *_news(tick_input)):
            dropped = self._talker.tell(slot.talk, event) or dropped
            slot.told = True
        slot.unsaid = ()
        return dropped

    def _may_nod(self, slot: InteractionSlot, permit: Permit, chances: FloorChances) -> bool:
        settings = self.settings
        long = slot.spoken >= settings.nod_after_ticks
        rested = slot.since >= settings.nod_rest_ticks or not slot.nodded
        wanted = _p(chances, Floor.BACKCHANNEL) >= settings.nod_p
        pauses = chances.user_ahead_B[0] < settings.nod_under_p
        goes_on = _p(chances, Floor.SPEAK) < settings.draft_p  # behind a nod no answer is due
        return (
            wanted
            and pauses
            and goes_on
            and long
            and rested
            and Floor.BACKCHANNEL in permit.allowed
        )

    def _nodding(
        self, slot: InteractionSlot, tick_input: TickInput, permit: Permit
    ) -> tuple[Floor, Text]:
        """Let the backchannel sound; what happens meanwhile is looked at behind it."""
        slot.unsaid += _news(tick_input)
        over = slot.since + 1 >= self.settings.nod_ticks
        if over or Floor.BACKCHANNEL not in permit.allowed:
            slot.state = _State.LISTENING
            return Floor.LISTEN, Text()
        return Floor.BACKCHANNEL, Text()

    def _speaking(
        self,
        slot: InteractionSlot,
        tick_input: TickInput,
        permit: Permit,
        chances: FloorChances,
    ) -> tuple[Floor, Text]:
        slot.unsaid += _news(tick_input)
        settings, yield_p = self.settings, _p(chances, Floor.YIELD)
        slot.yields = (*slot.yields, yield_p)[-settings.yield_total_ticks :]
        # Between the wish to speak and the first sound lies a tick or two: who goes on meanwhile is not over.
        slot.owed = slot.owed or tick_input.played.fraction > 0
        unwanted = not slot.owed and _p(chances, Floor.SPEAK) < settings.keep_p
        wants = unwanted or _wished(slot.yields, settings.yield_p, settings.yield_total)
        if wants or Floor.SPEAK not in permit.allowed:
            slot.told = wants and self._talker.take_back(slot.talk)
            if not slot.told:
                self._talker.stop(slot.talk, heard=False)
            self._talker.keep_last(slot.talk, sum(slot.new_words))
            slot.state = _State.LISTENING
            return Floor.YIELD, Text(drop=True)
        if yield_p < settings.hold_p:
            slot.held = 0
        elif slot.held < settings.hold_ticks and not tick_input.played.breath:
            slot.held += 1
            return Floor.HOLD, Text()
        text = self._talker.go_on(slot.talk, tick_input)
        if text.ended and not tick_input.plan and not text.append:
            self._talker.stop(slot.talk, heard=True)
            slot.state = _State.LISTENING
            if chances.user_ahead_B[0] < 0.5:  # what was heard meanwhile was not meant for us
                self._talker.forget(slot.talk)
            return Floor.LISTEN, Text()
        return Floor.SPEAK, text

    def _read_along(self, slot: InteractionSlot, said: str, *, begun: bool) -> None:
        """Tell the reader what the agent has written of its line, or that there is none."""
        if slot.state is _State.SPEAKING:
            if slot.reader:
                text = slot.line.strip() if begun else said
                slot.reader.speaks(list(self._tokenizer.encode(text).ids))
            return
        if not begun:
            slot.line = ""
        if slot.reader:
            slot.reader.stops()


def _news(tick_input: TickInput) -> tuple[str, ...]:
    """Events that the chat has to know of."""
    return tuple(e for e in tick_input.events if not UNTOLD.match(e) and not REPORTED.match(e))


def _wished(chances: tuple[float, ...], at_once: float, total: float) -> bool:
    """Whether the last chance is high enough, or all of them together."""
    return len(chances) > 0 and (chances[-1] >= at_once or sum(chances) >= total)


def _p(chances: FloorChances, floor: Floor) -> float:
    return float(chances.p_C[FLOORS.index(floor)])
