import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hocket.audio.ledger import KEPT_HEARD, PlayoutLedger, SentWord
from hocket.core.errors import ProtocolViolation

RATE_HZ = 1000


def texts(words: tuple[SentWord, ...]) -> str:
    return " ".join(word.text for word in words)


def make_ledger() -> PlayoutLedger:
    """'one two three four', 100 samples each, sent at 0 s and 0.2 s."""
    ledger = PlayoutLedger(rate_hz=RATE_HZ)
    assert ledger.send(200, [("one", 0, 100), ("two", 100, 200)], at=0.0) == 0
    assert ledger.send(200, [("three", 0, 100), ("four", 100, 200)], at=0.2) == 200
    return ledger


def test_a_word_is_heard_when_its_last_sample_was_played() -> None:
    ledger = make_ledger()
    ledger.report_played(199, at=0.2)
    assert (ledger.heard_text, texts(ledger.unheard_words())) == ("one", "two three four")
    ledger.report_played(200, at=0.2)
    assert ledger.heard_text == "one two"
    assert ledger.unheard_from() == SentWord(text="three", start=200, end=300)
    assert (ledger.played_fraction, ledger.in_flight_samples) == (0.5, 200)


def test_late_and_double_reports_change_nothing() -> None:
    ledger = make_ledger()
    for position in (250, 250, 100, 0):
        ledger.report_played(position, at=0.3)
        assert (ledger.played, ledger.heard_text) == (250, "one two")


def test_a_stop_cuts_what_lay_behind_it_and_later_sends_follow() -> None:
    ledger = make_ledger()
    ledger.report_played(100, at=0.1)
    assert texts(ledger.stopped(250, at=0.25)) == "three four"
    assert (ledger.played, ledger.sent, ledger.in_flight_samples) == (250, 400, 0)
    assert (ledger.played_samples, ledger.dropped_samples) == (250, 150)
    unheard = ledger.unheard_from()
    assert unheard is not None and unheard.text == "three"
    assert ledger.send(100, [("three", 0, 100)], at=1.0) == 400
    ledger.report_played(300, at=1.0)  # a report from before the stop
    assert texts(ledger.unheard_words()) == "three"
    ledger.report_played(500, at=1.2)
    assert (ledger.heard_text, ledger.played_samples) == ("one two three", 350)
    assert ledger.unheard_from() is None


def test_what_was_reported_played_stays_played_when_the_stop_says_less() -> None:
    ledger = make_ledger()
    ledger.report_played(300, at=0.3)
    assert texts(ledger.stopped(120, at=0.31)) == "four"
    assert ledger.heard_text == "one two three"


def test_a_word_across_pieces_is_given_with_the_piece_in_which_it_ends() -> None:
    ledger = PlayoutLedger(rate_hz=RATE_HZ)
    ledger.send(200, [], at=0.0)
    ledger.send(200, [("longest", -50, 150)], at=0.2)
    assert ledger.unheard_words() == (SentWord(text="longest", start=150, end=350),)


def test_a_word_whose_beginning_was_dropped_is_never_heard() -> None:
    ledger = PlayoutLedger(rate_hz=RATE_HZ)
    ledger.send(200, [], at=0.0)
    ledger.stopped(100, at=0.1)
    ledger.send(200, [("cut", -20, 50), ("whole", 60, 150)], at=0.2)
    ledger.report_played(400, at=0.6)
    assert (ledger.heard_text, texts(ledger.unheard_words())) == ("whole", "cut")


@pytest.mark.parametrize("position", [-1, 401])
def test_a_position_that_was_never_sent_is_refused_and_changes_nothing(position: int) -> None:
    ledger = make_ledger()
    with pytest.raises(ProtocolViolation, match=f"from 0 to 400 .*, got {position}"):
        ledger.report_played(position, at=0.1)
    with pytest.raises(ProtocolViolation):
        ledger.stopped(position, at=0.1)
    assert (ledger.played, ledger.in_flight_samples) == (0, 400)


@pytest.mark.parametrize("word", [("w", 50, 20), ("w", -401, 10), ("w", 0, 101), ("w", -9, -1)])
def test_a_word_outside_what_was_sent_is_refused(word: tuple[str, int, int]) -> None:
    ledger = make_ledger()
    with pytest.raises(ValueError, match="expected a word"):
        ledger.send(100, [word], at=0.4)
    assert ledger.sent == 400


def test_times_follow_the_stream_and_pause_where_it_ran_dry() -> None:
    ledger = make_ledger()
    ledger.send(100, [], at=2.0)
    assert ledger.start_s(150) == pytest.approx(0.15)
    assert ledger.end_s(400) == pytest.approx(0.4)
    assert ledger.start_s(400) == pytest.approx(2.0)
    assert ledger.end_s(500) == pytest.approx(2.1)
    assert (ledger.start_s(500), ledger.end_s(501)) == (None, None)


def test_a_report_overrules_the_guess() -> None:
    ledger = make_ledger()
    ledger.report_played(100, at=0.35)
    assert ledger.end_s(100) == pytest.approx(0.1)  # as sent; the report only says 'by 0.35 s'
    assert ledger.end_s(400) == pytest.approx(0.65)
    ledger.report_played(300, at=0.5)
    assert ledger.end_s(300) == pytest.approx(0.5)
    assert ledger.end_s(400) == pytest.approx(0.6)
    assert ledger.position_at(0.55) == 350
    assert ledger.position_at(9.0) == 400


def test_dropped_sound_has_no_time_and_takes_none() -> None:
    ledger = make_ledger()
    ledger.stopped(150, at=0.15)
    assert (ledger.end_s(200), ledger.position_at(0.3)) == (None, 150)
    ledger.send(100, [], at=0.2)
    assert (ledger.end_s(150), ledger.start_s(400)) == (0.15, 0.2)
    assert ledger.end_s(500) == pytest.approx(0.3)
    assert ledger.position_at(0.25) == 450


def test_memory_is_bounded_over_hours() -> None:
    ledger = PlayoutLedger(rate_hz=RATE_HZ)
    for tick in range(6000):
        ledger.send(200, [("w", 0, 200)], at=0.2 * tick)
        ledger.report_played(ledger.sent, at=0.2 * tick + 0.2)
    assert len(ledger.heard_words()) == KEPT_HEARD
    assert len(ledger.take_heard()) == KEPT_HEARD
    assert ledger.heard_words() == () and ledger.unheard_words() == ()
    assert len(ledger._timeline._positions) <= 256


class LedgerAgainstSamples(RuleBasedStateMachine):
    """The ledger against a list that holds the fate of every sample."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = PlayoutLedger(rate_hz=RATE_HZ)
        self.fates: list[str] = []
        self.words: list[SentWord] = []
        self.taken: list[SentWord] = []
        self.cut: list[SentWord] = []
        self.now_s = 0.0
        self.played = 0

    @rule(lengths=st.lists(st.integers(1, 60), max_size=3), rest=st.integers(0, 50))
    def send(self, lengths: list[int], rest: int) -> None:
        words: list[tuple[str, int, int]] = []
        end = 0
        for length in lengths:
            words.append((f"w{len(self.words) + len(words)}", end, end + length))
            end += length
        start = self.ledger.send(end + rest, words, at=self.now_s)
        assert start == len(self.fates)
        self.words += [SentWord(text=t, start=start + a, end=start + b) for t, a, b in words]
        self.fates += ["flying"] * (end + rest)

    @rule(seconds=st.floats(0, 0.5))
    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    def _play(self, position: int) -> None:
        for index in range(position):
            if self.fates[index] == "flying":
                self.fates[index] = "played"
                self.played = index + 1

    @rule(data=st.data())
    def report(self, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, len(self.fates)))
        self.ledger.report_played(position, at=self.now_s)
        self._play(position)

    @rule(data=st.data())
    def stop(self, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, len(self.fates)))
        dropped = self.ledger.stopped(position, at=self.now_s)
        self._play(position)
        self.fates = ["dropped" if fate == "flying" else fate for fate in self.fates]
        assert all("dropped" in self.fates[word.start : word.end] for word in dropped)

    @rule()
    def take(self) -> None:
        self.taken += self.ledger.take_heard()

    @invariant()
    def every_word_has_its_true_fate_once(self) -> None:
        def is_heard(word: SentWord) -> bool:
            return set(self.fates[word.start : word.end]) == {"played"}

        heard = [*self.taken, *self.ledger.heard_words()]
        assert heard == [word for word in self.words if is_heard(word)]
        flying = [w for w in self.words if "flying" in self.fates[w.start : w.end]]
        unheard = self.ledger.unheard_words()
        assert list(unheard[len(unheard) - len(flying) :]) == flying
        assert not set(unheard) & set(heard)

    @invariant()
    def the_counts_are_those_of_the_samples(self) -> None:
        ledger = self.ledger
        assert ledger.sent == len(self.fates)
        assert ledger.played == self.played
        assert ledger.played_samples == self.fates.count("played")
        assert ledger.dropped_samples == self.fates.count("dropped")
        assert ledger.in_flight_samples == self.fates.count("flying")
        assert 0 <= ledger.played_fraction <= 1

    @invariant()
    def times_never_run_back_and_nothing_sounds_before_the_start(self) -> None:
        ends = [self.ledger.end_s(position) for position in range(0, len(self.fates) + 1, 7)]
        known = [end for end in ends if end is not None]
        assert known == sorted(known)
        assert all(end >= 0 for end in known)


TestLedgerAgainstSamples = LedgerAgainstSamples.TestCase
TestLedgerAgainstSamples.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@given(st.lists(st.integers(0, 400), max_size=20))
def test_the_played_position_is_the_highest_ever_reported(reports: list[int]) -> None:
    ledger = make_ledger()
    for position in reports:
        ledger.report_played(position, at=0.0)
    assert ledger.played == max(reports, default=0)
