from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from hocket.model.duplex import Duplex  # noqa: E402
from hocket.model.duplex_config import DuplexConfig, Sound  # noqa: E402
from hocket.training.batches import tick_tensors  # noqa: E402
from hocket.training.crops import Crop  # noqa: E402
from tests.training import toy  # noqa: E402

VARIANTS = [
    toy.config(sound=Sound.NONE).network,
    toy.config(words=False).network,
    toy.config(sound=Sound.DMEL, words=False).network,
    toy.config(user_voice=True).network,
]


def network(config: DuplexConfig) -> Duplex:
    torch.manual_seed(0)
    made = Duplex(config)
    torch.nn.init.normal_(made.heads.floor.weight)
    made.backbone.reset_parameters()  # a young network's layers add nothing
    return made.eval()


def crop(config: DuplexConfig, n_ticks: int, *, first: int = 0) -> Crop:
    shown = config.sound is not Sound.NONE
    return Crop(session=0, first=first, stop=n_ticks, sound=shown, words=config.words)


@pytest.mark.parametrize("config", VARIANTS, ids=lambda config: f"{config.sound}-{config.words}")
def test_the_future_does_not_reach_the_past(config: DuplexConfig) -> None:
    whole, made = toy.session(20, 1), network(config)
    with torch.no_grad():
        long = made(tick_tensors([(whole, crop(config, 20))], config, toy.VECTORS))
        short = made(tick_tensors([(whole, crop(config, 13))], config, toy.VECTORS))
    assert long.floor_TC.shape == (20, 5) and long.user_ahead_TB.shape == (20, 4)
    assert torch.allclose(long.floor_TC[:13], short.floor_TC, atol=1e-5)


@pytest.mark.parametrize("config", VARIANTS, ids=lambda config: f"{config.sound}-{config.words}")
def test_rows_do_not_see_one_another(config: DuplexConfig) -> None:
    made = network(config)
    pieces = [(toy.session(n, n), crop(config, n)) for n in (9, 15)]
    with torch.no_grad():
        together = made(tick_tensors(pieces, config, toy.VECTORS)).floor_TC
        alone = [made(tick_tensors([piece], config, toy.VECTORS)).floor_TC for piece in pieces]
    assert torch.allclose(together, torch.cat(alone), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("features", VARIANTS[1]),
        ("dmel", VARIANTS[2]),
        ("input_kinds", VARIANTS[0]),
        ("level_db", VARIANTS[3]),
        ("played_db", VARIANTS[0]),
        ("played_share", VARIANTS[0]),
        ("played_dmel", VARIANTS[0]),
        ("floor", VARIANTS[0]),
    ],
)
def test_each_input_counts(name: str, config: DuplexConfig) -> None:
    made, one, other = network(config), toy.session(6, 1), toy.session(6, 2)
    rows = getattr(other, name)
    changed = replace(one, **{name: rows[: len(getattr(one, name))]})
    if name == "input_kinds":
        changed = replace(one, input_kinds=(one.input_kinds + 1) % 4)
    with torch.no_grad():
        before, after = (
            made(tick_tensors([(each, crop(config, 6))], config, toy.VECTORS)).floor_TC
            for each in (one, changed)
        )
    assert not torch.allclose(before, after, atol=1e-4)


def test_what_we_do_in_a_tick_is_not_known_in_it() -> None:
    config = VARIANTS[3]
    made, one, other = network(config), toy.session(6, 1), toy.session(6, 2)
    own = ("floor", "played_db", "played_share", "played_dmel")
    changed = replace(one, **{name: getattr(other, name) for name in own})
    for name in own:
        getattr(changed, name)[:5] = getattr(one, name)[:5]  # they differ in the last tick alone
    with torch.no_grad():
        before, after = (
            made(tick_tensors([(each, crop(config, 6))], config, toy.VECTORS)).floor_TC
            for each in (one, changed)
        )
    assert torch.equal(before, after)


def test_a_row_that_is_too_long_is_refused() -> None:
    config = VARIANTS[1]
    pieces = [(toy.session(110, 1), crop(config, 110))]
    with pytest.raises(ValueError, match="at most 512 positions in a row, got 550"):
        network(config)(tick_tensors(pieces, config, toy.VECTORS))


def test_a_network_that_sees_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="got none of them"):
        DuplexConfig(backbone=toy.BACKBONE, sound=Sound.NONE, words=False)


def test_a_young_networks_layers_add_nothing() -> None:
    config = toy.config().network
    young = Duplex(config).eval()
    torch.nn.init.normal_(young.heads.floor.weight)
    ticks = tick_tensors([(toy.session(9, 1), crop(config, 9))], config, toy.VECTORS)
    with torch.no_grad():
        inputs_RND = young.embedding(ticks)
        hidden_RND = young.backbone(inputs_RND)
        norm = inputs_RND.pow(2).mean(-1, keepdim=True).sqrt()
    assert torch.allclose(hidden_RND, inputs_RND / norm, atol=1e-3)
