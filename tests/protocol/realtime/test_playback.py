from hocket.protocol.realtime.playback import LAG_S, WAIT_S, AssumedPlayback

RATE = 1_000
LAG = round(LAG_S * RATE)


def playing() -> AssumedPlayback:
    """A second of sound from time 0 on."""
    playback = AssumedPlayback(rate_hz=RATE)
    playback.sent(0, 1_000, at_s=0.0)
    return playback


def test_sound_plays_at_its_rate_a_little_late() -> None:
    playback = playing()
    assert playback.report(0.1) is None
    assert playback.report(0.5) == 500 - LAG
    assert playback.in_flight
    assert playback.report(5.0) == 1_000
    assert playback.report(6.0) is None
    assert not playback.in_flight


def test_after_a_cut_nothing_is_reported_until_the_wait_is_over() -> None:
    playback = playing()
    playback.cut(0.5)
    assert playback.waits
    assert playback.report(0.6) is None
    assert playback.overdue(0.5 + WAIT_S - 0.01) is None
    assert playback.overdue(0.5 + WAIT_S) == 500 - LAG
    assert playback.overdue(9.0) is None


def test_the_clients_word_overrules_the_assumption() -> None:
    playback = playing()
    playback.cut(0.5)
    assert playback.settle(450, 0.6) == 450
    assert playback.overdue(2.0) is None


def test_what_was_reported_was_played() -> None:
    playback = playing()
    assert playback.report(0.7) == 700 - LAG
    assert playback.settle(100, 0.7) == 700 - LAG


def test_sound_behind_a_cut_is_reported_in_its_own_time() -> None:
    playback = playing()
    playback.cut(0.5)
    playback.settle(400, 0.6)
    playback.sent(1_000, 500, at_s=2.0)
    assert playback.report(2.1) is None
    assert playback.report(2.4) == 1_400 - LAG
    assert playback.report(9.0) == 1_500
