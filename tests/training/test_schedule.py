import pytest

from hocket.training.schedule import Budget, rate_factor


def factor(step: int, spent: float) -> float:
    return rate_factor(step=step, spent=spent, warmup_steps=10, decay_share=0.25)


def test_the_rate_warms_up_stays_and_decays() -> None:
    assert [factor(step, 0.0) for step in (0, 4, 9, 50)] == pytest.approx([0.1, 0.5, 1, 1])
    assert [factor(99, spent) for spent in (0.5, 0.75, 0.875, 1.0, 1.1)] == pytest.approx(
        [1, 1, 0.5, 0, 0]
    )


def test_without_decay_it_stays() -> None:
    assert rate_factor(step=99, spent=0.999, warmup_steps=0, decay_share=0.0) == 1


def test_a_budget_ends_at_the_first_limit() -> None:
    assert Budget(minutes=10).spent(step=999, elapsed_s=300) == 0.5
    assert Budget(steps=100).spent(step=25, elapsed_s=1e6) == 0.25
    assert Budget(minutes=10, steps=100).spent(step=25, elapsed_s=600) == 1


@pytest.mark.parametrize(("minutes", "steps"), [(None, None), (0.0, None), (5.0, -1)])
def test_no_budget_is_refused(minutes: float | None, steps: int | None) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Budget(minutes=minutes, steps=steps)
