from itertools import product

import pytest

from hocket.policy.permits import RULES, Facts, permit
from hocket.protocol.floor import FLOORS, SILENT, SOUNDING, Floor
from hocket.protocol.modes import Mode, Switches


def facts(**changes: object) -> Facts:
    base: dict[str, object] = {
        "mode": Mode.RESPONSIVE,
        "switches": Switches(),
        "muted": False,
        "stopped": False,
        "user_speaking": False,
        "last_floor": Floor.LISTEN,
    }
    return Facts(**(base | changes))  # type: ignore[arg-type]


EVERY = [
    facts(mode=m, switches=Switches(backchannel=b, interject=i), muted=x, stopped=s,
          user_speaking=u, last_floor=f)
    for m, b, i, x, s, u, f in product(
        Mode, (None, True, False), (None, True, False), (True, False), (True, False),
        (True, False), Floor,
    )
]  # fmt: skip


def test_silence_is_always_allowed_and_every_answer_has_a_reason() -> None:
    for each in EVERY:
        answer = permit(each)
        assert answer.allowed >= SILENT
        assert answer.rule
        assert answer.reason
        assert (answer.rule == "open") == (answer.allowed == frozenset(FLOORS))


def test_mute_and_stop_win_over_everything() -> None:
    for each in EVERY:
        if each.muted or each.stopped:
            assert not permit(each).allowed & SOUNDING


def test_reserved_makes_no_sound_while_the_user_speaks() -> None:
    assert not permit(facts(mode=Mode.RESERVED, user_speaking=True)).allowed & SOUNDING
    assert Floor.SPEAK in permit(facts(mode=Mode.RESERVED)).allowed


@pytest.mark.parametrize(("mode", "may"), [(Mode.RESPONSIVE, False), (Mode.PROACTIVE, True)])
def test_only_proactive_may_begin_to_speak_over_the_user(mode: Mode, may: bool) -> None:
    assert (Floor.SPEAK in permit(facts(mode=mode, user_speaking=True)).allowed) is may


@pytest.mark.parametrize("floor", [Floor.SPEAK, Floor.HOLD])
def test_an_answer_under_way_is_not_stopped_by_the_permit_in_responsive_mode(floor: Floor) -> None:
    assert Floor.SPEAK in permit(facts(user_speaking=True, last_floor=floor)).allowed


def test_a_switch_overrides_what_the_mode_would_choose() -> None:
    off = facts(switches=Switches(backchannel=False))
    on = facts(mode=Mode.RESERVED, switches=Switches(backchannel=True))
    assert Floor.BACKCHANNEL not in permit(off).allowed
    assert Floor.BACKCHANNEL in permit(on).allowed
    assert Floor.BACKCHANNEL not in permit(facts(mode=Mode.RESERVED)).allowed


def test_rule_ids_are_unique_and_each_rule_can_decide() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert {permit(each).rule for each in EVERY} == {rule.id for rule in RULES} | {"open"}
