from pathlib import Path

import numpy as np

from hocket.data.casting import Deck, casts
from hocket.data.script import Role
from tests.data.fake_bank import fake_bank


def test_a_deck_deals_every_card_once_before_any_comes_twice() -> None:
    deck = Deck("abcde", np.random.default_rng(0))
    rounds = ["".join(deck.deal() for _ in range(5)) for _ in range(20)]
    assert {"".join(sorted(each)) for each in rounds} == {"abcde"}
    assert len(set(rounds)) > 10


def test_users_have_their_own_voice_and_others_talk_beside_them(tmp_path: Path) -> None:
    people = fake_bank(tmp_path).select(split="train")
    users = casts(people, np.random.default_rng(0))
    seen = {users.deal().voice for _ in range(len(users))}
    assert seen == {"kokoro/one", "kokoro/two"}
    cast = users.deal()
    for role in (Role.TURN, Role.INTERRUPTION, Role.BACKCHANNEL, Role.TIC):
        assert cast.decks[role].deal().voice == cast.voice
    sides = cast.decks[Role.SIDE]
    beside = {sides.deal().voice for _ in range(len(sides))}
    assert beside == {"kokoro/one", "kokoro/two"}  # the user's own too, said to somebody else


def test_a_role_without_a_sound_does_not_occur_but_noise_needs_none(tmp_path: Path) -> None:
    people = [u for u in fake_bank(tmp_path).select(split="train") if u.kind != "side"]
    cast = casts(people, np.random.default_rng(0)).deal()
    assert not cast.has(Role.SIDE)
    assert cast.has(Role.NOISE)
