from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hocket.core.errors import SessionMisuse
from hocket.engine.fake import FakeEars, FakeEngine, FakeVoice, decision
from hocket.engine.port import TickInput, TickOutput
from hocket.engine.stages import Hear, Heard, Sound, Sounded, Think, Thought
from hocket.engine.worker import Worker
from hocket.protocol.events import (
    AudioReceived,
    InputEnded,
    ModeChosen,
    Muted,
    OutsideEvent,
    PlaybackReported,
    Record,
    StopPressed,
    TextTyped,
)
from hocket.protocol.floor import SOUNDING, Floor, Permit
from hocket.protocol.modes import Mode, Switches
from hocket.session.session import Phase, Session
from hocket.transports.conversation import TimedEvent
from tests.session.driver import LOUD, SILENCE, config, run

TEN = "one two three four five six seven eight nine ten."
SPEAK = decision(Floor.SPEAK, TEN)
YIELD = decision(Floor.YIELD, drop=True)


def test_silence_is_a_decision_and_recorded_with_a_reason_every_tick() -> None:
    ran = run({}, ticks=10)
    assert ran.floors[:10] == "l" * 10
    assert [line.tick for line in ran.lines] == list(range(len(ran.lines)))
    assert all(line.permit.rule and line.permit.reason for line in ran.lines)
    assert not ran.sounds_in(0, 2)


def test_speech_begins_when_the_tick_is_computed_and_goes_on_without_a_gap() -> None:
    ran = run({3: SPEAK}, ticks=40)
    assert not ran.sounds_in(0, 0.89)
    sounding = np.abs(ran.lane) > 1e-4
    first, last = np.flatnonzero(sounding)[[0, -1]]
    assert first / 22_050 == pytest.approx(0.8 + 0.1, abs=0.002)  # tick 3 ends; 100 ms are charged
    holes = np.diff(np.flatnonzero(sounding)).max()
    assert holes < 60  # a tone crosses zero; anything longer is a gap
    assert (last - first) / 22_050 == pytest.approx(4.0, abs=0.01)  # ten words of 400 ms
    assert ran.said == TEN.split()


def test_hold_cuts_within_the_fade_and_resumes_at_the_word_that_was_cut() -> None:
    table = {3: SPEAK, 8: decision(Floor.HOLD), 9: decision(Floor.HOLD), 10: decision(Floor.SPEAK)}
    ran = run(table, ticks=40)
    held_at = ran.lines[8].clock_s[2]
    assert not ran.sounds_in(held_at + 0.031, ran.lines[10].clock_s[3])
    assert ran.events("interrupted") == []  # it went on
    assert ran.said == TEN.split()  # every word once: the cut one was not counted as said
    assert ran.lines[8].plan.startswith("three")


def test_a_hold_that_gives_way_tells_once_what_was_heard_and_only_then() -> None:
    told: dict[int, tuple[str, ...]] = {}
    table = {3: SPEAK, 8: decision(Floor.HOLD), 9: decision(Floor.HOLD), 10: YIELD}

    def decide(tick_input: TickInput, permit: Permit) -> TickOutput:
        told[tick_input.tick] = tick_input.events
        floor = Floor.SPEAK if tick_input.plan else Floor.LISTEN
        return table.get(tick_input.tick, decision(floor))

    ran = run(decide, ticks=20)
    assert ran.events("interrupted") == [(10, {"heard": "one two"})]
    assert [tick for tick, events in told.items() if 'user heard up to "one two"' in events] == [11]


def test_yield_cuts_and_drops_the_plan() -> None:
    ran = run({3: SPEAK, 8: YIELD}, ticks=30)
    assert ran.events("interrupted") == [(8, {"heard": "one two"})]
    assert ran.said == ["one", "two"]
    assert ran.lines[8].plan == ""
    assert not ran.sounds_in(ran.lines[8].clock_s[2] + 0.031, 6.0)


def test_the_pace_changes_in_mid_answer_from_the_next_phrase_on() -> None:
    slow_from = 8
    text = "one two three. four five six seven eight. nine ten."

    def decide(tick_input: TickInput, permit: Permit) -> TickOutput:
        pace = 0.5 if tick_input.tick >= slow_from else 1.0
        append = text if tick_input.tick == 3 else ""
        floor = Floor.SPEAK if append or tick_input.plan else Floor.LISTEN
        return replace(decision(floor, append), pace=pace)

    ran = run(decide, ticks=60)
    assert ran.said == text.split()
    lasted = {w.word: w.end_s - w.start_s for line in ran.lines for w in line.said}
    before = ["one", "two", "three."]  # begun, or over, when the wish came
    assert {word for word, s in lasted.items() if s == pytest.approx(0.4, abs=0.01)} == set(before)
    assert all(s == pytest.approx(0.8, abs=0.01) for w, s in lasted.items() if w not in before)
    sounding = np.flatnonzero(np.abs(ran.lane) > 1e-4)
    assert np.diff(sounding).max() < 60  # no gap where it changes


def test_a_backchannel_leaves_the_plan_alone() -> None:
    table = {
        2: decision(Floor.LISTEN, "An answer in waiting."),
        4: decision(Floor.BACKCHANNEL, "mhm"),
        5: decision(Floor.BACKCHANNEL),
        6: decision(Floor.BACKCHANNEL),
        10: decision(Floor.SPEAK),
    }
    ran = run(table, ticks=30)
    assert ran.said == ["mhm", "An", "answer", "in", "waiting."]
    assert ran.lines[6].plan == "An answer in waiting."


def test_a_draft_is_not_voiced_before_speak_and_can_be_replaced() -> None:
    table = {
        2: decision(Floor.LISTEN, "Wrong words."),
        4: decision(Floor.LISTEN, "Right words.", drop=True),
        6: decision(Floor.SPEAK),
    }
    ran = run(table, ticks=20)
    assert ran.said == ["Right", "words."]
    assert not ran.sounds_in(0, 1.2)


def test_the_engine_is_told_what_was_played_and_what_the_user_heard() -> None:
    seen: list[TickInput] = []

    def decide(tick_input: TickInput, permit: Permit) -> TickOutput:
        seen.append(tick_input)
        if tick_input.tick == 3:
            return SPEAK
        if tick_input.tick == 8:
            return decision(Floor.YIELD, drop=True)
        return decision(Floor.SPEAK if tick_input.plan else Floor.LISTEN)

    run(decide, ticks=15)
    played = [word for tick_input in seen for word in tick_input.played.words]
    assert played == ["one", "two"]
    total = sum(len(tick_input.played.samples) for tick_input in seen)
    assert total / 22_050 == pytest.approx(1.87 + 0.03 - 0.9, abs=0.002)  # onset to the fade's end
    assert any('user heard up to "one two"' in tick_input.events for tick_input in seen)


@pytest.mark.parametrize("phase", ["waiting", "hearing", "thinking", "sounding"])
def test_mute_wins_at_once_in_every_phase(phase: str) -> None:
    session = Session(config())
    worker = Worker(ears=FakeEars(), engine=FakeEngine({3: SPEAK}), voice=FakeVoice())
    seat = worker.open(seed=0, instructions="")
    now, muted_at, played_after = 0.0, None, 0
    for tick in range(12):
        now = max(now, 0.2 * (tick + 1))
        if tick == 6 and phase == "waiting":
            session.receive(Muted(on=True), now=now)
            muted_at = now
        todo = session.receive(AudioReceived(samples=SILENCE), now=now)
        while todo:
            action = todo.pop(0)
            if isinstance(action, Hear | Think | Sound):
                if tick == 6 and session.phase == phase:
                    cut = session.receive(Muted(on=True), now=now)
                    muted_at = now
                    assert [type(each).__name__ for each in cut] == ["StopPlayout"]
                now += 0.03
                todo += session.receive(worker.run(seat, action), now=now)
            elif type(action).__name__ == "Play" and muted_at is not None:
                played_after += 1
    assert muted_at is not None
    assert played_after == 0


def test_stop_pressed_silences_until_the_user_speaks_again() -> None:
    table = {3: SPEAK, 12: decision(Floor.SPEAK, "No!"), 18: decision(Floor.SPEAK, "Yes.")}
    stop = TimedEvent(at_s=1.5, event=StopPressed())
    ran = run(table, ticks=30, events=(stop,), hears={17: ("and", "now?")})
    assert "No!" not in ran.said
    assert "Yes." in ran.said
    assert ran.events("overruled")[0][1]["rule"] == "stopped"
    assert not ran.sounds_in(1.5 + 0.2 + 0.031, 3.0)


def test_saying_stop_silences_within_the_tick_that_hears_it() -> None:
    ran = run({3: SPEAK}, ticks=20, hears={6: ("Stop",)})
    assert ran.lines[6].permit.rule == "stopped"
    assert ran.lines[6].floor is Floor.YIELD
    assert not ran.sounds_in(ran.lines[6].clock_s[2] + 0.031, 4.0)


def test_reserved_mode_never_sounds_while_the_user_speaks() -> None:
    def decide(tick_input: TickInput, permit: Permit) -> TickOutput:
        return decision(Floor.SPEAK, "word " * 5, user_speaking=1.0, ended=False)

    lane = [SILENCE] * 3 + [LOUD] * 20
    ran = run(decide, lane=lane, settings=config(mode=Mode.RESERVED, tail_s=0.2))
    denied = [line for line in ran.lines if line.permit.rule == "reserved.user-speaking"]
    assert len(denied) >= 18
    assert not ran.sounds_in(1.2, 4.0)
    assert ran.totals.samples_without_permit == 0


def test_the_engine_is_told_what_mode_and_switches_let_it_do() -> None:
    seen: list[TickInput] = []

    def decide(tick_input: TickInput, permit: Permit) -> TickOutput:
        seen.append(tick_input)
        return decision(Floor.LISTEN)

    chosen = config(mode=Mode.RESERVED, switches=Switches(interject=True))
    proactive = TimedEvent(at_s=1.1, event=ModeChosen(mode=Mode.PROACTIVE))
    run(decide, ticks=12, settings=chosen, events=(proactive,))
    manners = [(each.manner.backchannel, each.manner.interject) for each in seen]
    assert manners[:5] == [(False, True)] * 5
    assert manners[6:12] == [(True, True)] * 6


def test_typed_text_reaches_the_engine_with_the_next_tick_as_it_was_typed() -> None:
    ran = run({}, ticks=10, events=(TimedEvent(at_s=0.5, event=TextTyped(text="hel\blo")),))
    assert ran.lines[2].user.text == "hel\blo"
    assert all(not line.user.text for line in ran.lines if line.tick != 2)


def test_missing_audio_is_filled_at_the_deadline_and_recorded() -> None:
    session = Session(config())
    assert session.next_deadline() == pytest.approx(0.28)
    session.receive(AudioReceived(samples=SILENCE[:1_000]), now=0.1)
    assert session.handle_deadline(now=0.2) == []
    (hear,) = session.handle_deadline(now=0.28)
    assert isinstance(hear, Hear)
    assert hear.samples.shape == (3_200,)


def test_audio_that_comes_too_fast_waits_for_its_time() -> None:
    session = Session(config())
    assert session.receive(AudioReceived(samples=np.zeros(16_000, np.float32)), now=0.05) == []
    assert session.next_deadline() == pytest.approx(0.2)
    assert isinstance(session.handle_deadline(now=0.2)[0], Hear)


def test_a_backlog_beyond_its_bound_drops_the_oldest_and_counts_it() -> None:
    session = Session(config(backlog_s=1.0))
    session.receive(AudioReceived(samples=np.zeros(40_000, np.float32)), now=0.0)
    assert session._tally.dropped_samples == 24_000


def _result(kind: str, tick: int) -> Heard | Thought | Sounded:
    worker = Worker(ears=FakeEars(), engine=FakeEngine({}), voice=FakeVoice())
    heard = worker.ears.open().step(SILENCE)
    match kind:
        case "heard":
            return Heard(tick=tick, result=heard, compute_ms=1.0)
        case "thought":
            return Thought(tick=tick, result=decision(Floor.LISTEN), compute_ms=1.0)
        case _:
            return Sounded(tick=tick, prepared=(), samples=SILENCE[:0], compute_ms=1.0)


LEGAL = {(Phase.HEARING, "heard"), (Phase.THINKING, "thought"), (Phase.SOUNDING, "sounded")}


@pytest.mark.parametrize("kind", ["heard", "thought", "sounded"])
@pytest.mark.parametrize("phase", [p for p in Phase if p is not Phase.FINISHED])
def test_only_the_result_that_a_phase_waits_for_is_taken(phase: Phase, kind: str) -> None:
    session = Session(config())
    if phase is not Phase.WAITING:
        session.receive(AudioReceived(samples=SILENCE), now=0.2)
    if phase in (Phase.THINKING, Phase.SOUNDING):
        session.receive(_result("heard", 0), now=0.21)
    if phase is Phase.SOUNDING:
        session.receive(_result("thought", 0), now=0.22)
    assert session.phase is phase
    if (phase, kind) in LEGAL:
        session.receive(_result(kind, 0), now=0.3)
        assert session.phase is not phase
        return
    with pytest.raises(SessionMisuse):
        session.receive(_result(kind, 0), now=0.3)
    assert session.phase is phase


def test_a_result_of_another_tick_is_refused() -> None:
    session = Session(config())
    session.receive(AudioReceived(samples=SILENCE), now=0.2)
    with pytest.raises(SessionMisuse, match="tick 0"):
        session.receive(_result("heard", 7), now=0.3)


def test_the_session_ends_after_silence_and_says_so_in_its_totals() -> None:
    session = Session(config(quiet_s=0.4))
    session.receive(InputEnded(), now=0.0)
    actions = session.handle_deadline(now=0.2)
    session.receive(_result("heard", 0), now=0.25)
    session.receive(_result("thought", 0), now=0.26)
    assert isinstance(actions[0], Hear)
    assert isinstance(session.receive(_result("sounded", 0), now=0.27)[-1], Record)
    (finish,) = session.handle_deadline(now=0.4)
    assert type(finish).__name__ == "Finish"
    assert session.phase is Phase.FINISHED


FLOORS = st.sampled_from(list(Floor))
DECISIONS = st.builds(
    decision,
    FLOORS,
    st.sampled_from(["", "some more words to say.", "uh huh", "half a sent"]),
    drop=st.booleans(),
    ended=st.booleans(),
    user_speaking=st.sampled_from([0.0, 1.0]),
)
OUTSIDE: st.SearchStrategy[OutsideEvent] = st.one_of(
    st.builds(Muted, on=st.booleans()),
    st.builds(StopPressed),
    st.builds(TextTyped, text=st.text(max_size=5)),
    st.builds(ModeChosen, mode=st.sampled_from(list(Mode))),
)
EVENTS = st.lists(
    st.builds(TimedEvent, at_s=st.floats(0, 5, allow_nan=False), event=OUTSIDE), max_size=6
)


@settings(max_examples=60, deadline=None)
@given(
    table=st.dictionaries(st.integers(0, 25), DECISIONS, max_size=25),
    events=EVENTS,
    mode=st.sampled_from(list(Mode)),
    backchannel=st.sampled_from([None, True, False]),
    loud=st.lists(st.booleans(), min_size=25, max_size=25),
)
def test_no_sound_without_a_permit_and_equal_runs_whatever_the_engine_does(
    table: dict[int, TickOutput],
    events: list[TimedEvent],
    mode: Mode,
    backchannel: bool | None,
    loud: list[bool],
) -> None:
    chosen = config(mode=mode, switches=Switches(backchannel=backchannel), tail_s=0.4)
    lane = [LOUD if each else SILENCE for each in loud]
    first, second = (run(table, lane=lane, events=tuple(events), settings=chosen) for _ in range(2))
    assert first.totals.samples_without_permit == 0
    assert first.lines == second.lines
    assert np.array_equal(first.lane, second.lane)
    for line in first.lines:
        assert line.permit.rule
        assert not line.sent_samples or line.floor in SOUNDING
        assert not line.sent_samples or line.floor in line.permit.allowed
    assert first.totals.samples_played <= first.totals.samples_sent


def test_a_playback_report_beyond_what_was_sent_is_refused() -> None:
    from hocket.core.errors import ProtocolViolation

    session = Session(config())
    with pytest.raises(ProtocolViolation):
        session.receive(PlaybackReported(position=10), now=0.1)
