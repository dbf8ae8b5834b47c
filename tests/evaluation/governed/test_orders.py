import pytest

from hocket.evaluation.governed.orders import Orders
from hocket.protocol.events import ModeChosen, Muted, OutsideEvent, StopPressed, TextTyped
from hocket.protocol.floor import Floor
from hocket.protocol.modes import Mode, Switches
from hocket.protocol.score import Ahead, ScoreTick, ScoreUser
from tests.evaluation.metrics.hand_made import tick


def line(
    *,
    floor: Floor = Floor.SPEAK,
    speaks: float = 0.0,
    level_db: int = -20,
    end_db: int | None = None,  # of the last 80 ms
) -> ScoreTick:
    made = tick(0, floor=floor, sent=100)
    end = level_db if end_db is None else end_db
    user = ScoreUser(level_db=level_db, levels_db=(*[level_db] * 12, *[end] * 8))
    return made.model_copy(update={"ahead": Ahead(user=(speaks,) * 4), "user": user})


def against(*events: OutsideEvent, of: ScoreTick, **started: object) -> int:
    orders = Orders(
        mode=started.get("mode", Mode.RESPONSIVE),  # type: ignore[arg-type]
        switches=started.get("switches", Switches()),  # type: ignore[arg-type]
    )
    for event in events:
        orders.take(event)
    orders.judge(of)
    return orders.samples_against


MUTED, STOPPED = Muted(on=True), StopPressed()


@pytest.mark.parametrize(
    ("events", "samples"),
    [
        ((), 0),
        ((MUTED,), 100),
        ((MUTED, Muted(on=False)), 0),
        ((MUTED, TextTyped(text="a")), 100),
        ((STOPPED,), 100),
        ((STOPPED, TextTyped(text="a")), 0),
        ((STOPPED, Muted(on=False)), 100),
    ],
)
def test_mute_and_stop_hold_until_they_are_taken_back(
    events: tuple[OutsideEvent, ...], samples: int
) -> None:
    assert against(*events, of=line()) == samples


def test_reserved_mode_is_against_sound_while_the_user_speaks_aloud() -> None:
    assert against(of=line(speaks=1.0)) == 0
    assert against(of=line(speaks=1.0), mode=Mode.RESERVED) == 100
    assert against(of=line(speaks=1.0, level_db=-70), mode=Mode.RESERVED) == 0
    assert against(ModeChosen(mode=Mode.RESERVED), of=line(speaks=0.9)) == 100


@pytest.mark.parametrize(("end_db", "samples"), [(-90, 0), (-40, 0), (-30, 100), (-10, 100)])
def test_who_has_fallen_silent_by_the_end_of_the_tick_speaks_no_more(
    end_db: int, samples: int
) -> None:
    assert against(of=line(speaks=1.0, end_db=end_db), mode=Mode.RESERVED) == samples


@pytest.mark.parametrize(
    ("mode", "switch", "samples"),
    [
        (Mode.RESPONSIVE, None, 0),
        (Mode.RESERVED, None, 100),
        (Mode.RESERVED, True, 0),
        (Mode.PROACTIVE, False, 100),
    ],
)
def test_backchannels_are_of_the_mode_or_the_switch(
    mode: Mode, switch: bool | None, samples: int
) -> None:
    murmur = line(floor=Floor.BACKCHANNEL)
    assert against(of=murmur, mode=mode, switches=Switches(backchannel=switch)) == samples
