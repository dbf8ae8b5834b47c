"""Who writes a set of scenes: deals texts and voices, and makes sounds and moves of them.

Law: all randomness of a set comes from one seeded generator, in the order of writing; a text comes
again only after all others of its file did, and then most likely in another voice.
Source: docs/bench-scenes.md for the numbers.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from hocket.data.casting import Deck
from hocket.data.splits import Split
from hocket.data.stock import Request
from hocket.evaluation import made_sounds
from hocket.evaluation.people import People
from hocket.evaluation.scenes.scene import Anchor, Around, Move, Scene, Sound, Wish
from hocket.evaluation.scenes.texts import Text, texts_of
from hocket.evaluation.truth import Kind, Voices

RATES: Final = (0.88, 1.18)  # of synthetic voices
STOP: Final = "stop"  # the section of interruptions that want no answer
SECTIONS: Final = ("question", STOP, "correction", "disagreement")
# After the agent began: soon, since an answer that ends by itself just then looks like a yield.
OVER_S: Final = (0.4, 1.2)
TIC_MADE: Final = 0.6  # share of tics that are coughs and the like rather than words
SIDE_OWN: Final = 0.4  # share of side talk that is the user's own, to somebody else


class Desk:
    """One suite of one set in the making."""

    def __init__(self, *, suite: str, seed: int, split: Split, people: People) -> None:
        own = int(hashlib.sha256(f"{suite} {split}".encode()).hexdigest()[:8], 16)
        self.rng = np.random.default_rng((seed, own))
        self.people = people
        self._suite, self._split, self._seed = suite, split, seed
        self._texts: dict[tuple[str, str | None], Deck[Text]] = {}
        self._engines = _by_engine(people.voices, self.rng)
        self._n_voices = self._n_interruptions = 0
        self._numbers: dict[str, int] = {}

    # -- drawing ----------------------------------------------------------------------------------

    def uniform(self, low: float, high: float) -> float:
        """A number between two, to the millisecond."""
        return round(float(self.rng.uniform(low, high)), 3)

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return bool(self.rng.random() < share)

    def text(self, name: str, section: str | None = None) -> Text:
        """The next text of a file."""
        if (name, section) not in self._texts:
            self._texts[name, section] = Deck(texts_of(name, self._split, section), self.rng)
        return self._texts[name, section].deal()

    def voice(self) -> str:
        """The next synthetic voice: engines in turn, Kokoro every other time."""
        decks = self._engines
        self._n_voices += 1
        return decks[self._n_voices % len(decks)].deal()

    # -- sounds -----------------------------------------------------------------------------------

    def said(self, kind: Kind, text: Text, voice: str, **more: object) -> Sound:
        """A text in a synthetic voice."""
        request = _request(kind, text.text, voice)
        sound = {"source": request.id, "text": text.text, "voice": voice, "slots": text.slots}
        return Sound(kind=kind, request=request, **{**sound, **more})  # type: ignore[arg-type]

    def turn(self, name: str, voice: str, **more: object) -> Sound:
        """The next finished turn of a file."""
        return self.said(Kind.TURN, self.text(name), voice, **more)

    def interruption(self, voice: str) -> Sound:
        """The next interruption: the sections in turn."""
        section = SECTIONS[self._n_interruptions % len(SECTIONS)]
        self._n_interruptions += 1
        text = self.text("interruptions", section)
        return self.said(Kind.INTERRUPTION, text, voice, finished=section != STOP)

    def backchannel(self, voice: str) -> Sound:
        """The next backchannel, softer than a turn."""
        return self.said(
            Kind.BACKCHANNEL, self.text("backchannels"), voice, gain_db=self.uniform(-8, 0)
        )

    def tic(self, voice: str) -> Sound:
        """A cough, a sniff, or an "um"."""
        if self.chance(TIC_MADE):
            return self.made(Kind.TIC, made_sounds.TICS, self.uniform(-6, 3))
        return self.said(Kind.TIC, self.text("tics"), voice, gain_db=self.uniform(-6, 0))

    def noise(self) -> Sound:
        """A burst: door, horn, dog, music."""
        return self.made(Kind.NOISE, made_sounds.BURSTS, self.uniform(-8, 6))

    def side(self, voice: str) -> Sound:
        """Talk to somebody else: the user's own, turned away, or another's across the room."""
        text = self.text("sides")
        if self.chance(SIDE_OWN):
            return self.said(Kind.SIDE, text, voice, gain_db=self.uniform(-8, -3))
        return self.said(
            Kind.SIDE, text, self.other(voice), gain_db=self.uniform(-10, -2), far=True
        )

    def background(self, voice: str) -> Sound:
        """Speech somewhere else in the room: radio, television, another table."""
        return self.said(
            Kind.SIDE,
            self.text("background"),
            self.other(voice),
            gain_db=self.uniform(-14, -6),
            far=True,
        )

    def made(self, kind: Kind, names: Sequence[str], gain_db: float) -> Sound:
        """A sound made by rule."""
        name = names[int(self.rng.integers(len(names)))]
        return made_sound(kind, name, gain_db=gain_db, seed=int(self.rng.integers(2**31)))

    def other(self, voice: str) -> str:
        """A voice of somebody else."""
        others = [each for each in self.people.voices if _speaker(each) != _speaker(voice)]
        return others[int(self.rng.integers(len(others)))] if others else voice

    # -- scenes -----------------------------------------------------------------------------------

    def over(self, sound: Sound) -> Move:
        """A move onto the agent's voice."""
        return Move(sound=sound, anchor=Anchor.VOICE, after_s=self.uniform(*OVER_S))

    def answered(self, sound: Sound) -> Move:
        """A move into the silence behind an answer."""
        return Move(sound=sound, anchor=Anchor.SILENCE, after_s=self.uniform(0.9, 1.6))

    def scene(
        self,
        family: str,
        moves: Sequence[Move],
        *,
        voices: Voices = Voices.SYNTHETIC,
        fuel: Sequence[Sound] = (),
        around: Around | None = None,
        wishes: Sequence[Wish] = (),
        babble: Sequence[Sound] = (),
        tail_s: float | None = None,
    ) -> Scene:
        """The next scene of a family."""
        number = self._numbers[family] = self._numbers.get(family, 0) + 1
        hiss_db = self.uniform(-72, -58)
        return Scene(
            id=f"{self._suite}/{family}/{number:03d}",
            suite=self._suite,
            family=family,
            voices=voices,
            split=str(self._split),
            seed=int(self.rng.integers(2**31)),
            moves=tuple(moves),
            fuel=tuple(fuel),
            wishes=tuple(wishes),
            around=around or Around(hiss_db=hiss_db),
            babble=tuple(babble),
            tail_s=tail_s,
        )


def made_sound(kind: Kind, name: str, *, gain_db: float, seed: int) -> Sound:
    """A sound made by rule, by its name."""
    full = f"made/{name}"
    return Sound(kind=kind, source=full, text=name, voice=full, gain_db=gain_db, seed=seed)


def _request(kind: Kind, text: str, voice: str) -> Request:
    """How a voice says a text: always alike, so that sets of all sizes and seeds share sounds."""
    seed = int(hashlib.sha256(f"{voice}: {text}".encode()).hexdigest()[:8], 16)
    rate = round(float(np.random.default_rng(seed).uniform(*RATES)), 3)
    pitch = float(voice.partition("@")[2] or 1.0)
    return Request(kind=str(kind), text=text, voice=voice, rate=rate, pitch=pitch, seed=seed)


def _by_engine(voices: Sequence[str], rng: np.random.Generator) -> list[Deck[str]]:
    """Decks of voices by engine; where there are several, Kokoro's comes between the others."""
    engines = sorted({voice.split("/")[0] for voice in voices})
    decks = {e: Deck([v for v in voices if v.startswith(f"{e}/")], rng) for e in engines}
    best = decks.pop("kokoro", None)
    others = list(decks.values())
    if best is None or not others:
        return others or ([best] if best else [])
    return [deck for other in others for deck in (best, other)]


def _speaker(voice: str) -> str:
    return voice.partition("@")[0].removesuffix("16")
