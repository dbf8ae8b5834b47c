"""Drills as the ears hear them: spoken by made voices, in rooms and noise, and read back with every error.

Law: the ears are the real ones, fed tick by tick as in serving, so nothing here is simulated but the place.
An answer that nobody could know is read and not learned: one behind words that were mostly missed, or that
names what the ears did not hear. Equal generators give equal chats.
Source: drills.py for the texts, stock.py for the voices, heard_chats.py for the same of whole sessions.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np

from hocket.audio.levels import from_db
from hocket.core.errors import BadInput
from hocket.core.units import TICK_USER_SAMPLES, USER_RATE_HZ
from hocket.data.bank import LEVEL_DB, levelled
from hocket.data.chats import Message
from hocket.data.heard_chats import plain, share_heard
from hocket.data.mix import convolved, pink
from hocket.data.rooms import made_room, made_rooms
from hocket.data.spans import Float32
from hocket.data.splits import split_of
from hocket.data.stock import request, say
from hocket.data.texts import Kind
from hocket.engine.port import EarsStream

LEAST_HEARD: Final = 0.5  # share of a question's words that were heard, where its answer is learned
NAMING: Final = 3  # letters and more: shorter words of an answer name nothing
IN_A_ROOM: Final = 0.4  # of the chats
SNR_DB: Final = (8.0, 40.0)
LEAD_S, TAIL_S = 0.8, 1.4  # of noise alone around a question; words are agreed within the tail


def heard_drill(
    messages: Sequence[Message], voice: str, ears: EarsStream, rng: np.random.Generator
) -> tuple[Message, ...]:
    """The same chat, its questions spoken by ``voice`` in one place and heard by ``ears``, fresh ones."""
    seed, snr_db = int(rng.integers(1 << 31)), float(rng.uniform(*SNR_DB))
    rooms = made_rooms(str(split_of(voice)))
    room = rooms[int(rng.integers(len(rooms)))] if rng.random() < IN_A_ROOM else None
    found: list[Message] = []
    asked = heard = ""
    for message in messages:
        if message.role == "user":
            asked, sound = (
                message.text,
                levelled(say(request(Kind.TURN, message.text, voice, seed)), trim=True),
            )
            heard = _heard(_placed(sound[0], room, snr_db, rng), ears) if sound else ""
            found.append(replace(message, text=heard))
        else:
            known = message.learned and learnable(asked, message.text, heard)
            found.append(replace(message, learned=known))
    return tuple(found)


def learnable(asked: str, answer: str, heard: str) -> bool:
    """Whether who heard that of a question could give the answer: it names nothing of it that was missed."""
    said, got = Counter(plain(asked)), Counter(plain(heard))
    named = {word for word in plain(answer) if len(word) >= NAMING and word in said}
    return share_heard(said, got) >= LEAST_HEARD and named <= got.keys()


def write_chats(path: Path, chats: Iterable[Sequence[Message]]) -> None:
    """A line of JSON a chat; the file appears when all are in it."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as lines:
        for chat in chats:
            lines.write(
                json.dumps([asdict(message) for message in chat], ensure_ascii=False) + "\n"
            )
    part.replace(path)


def read_chats(path: Path) -> Iterator[tuple[Message, ...]]:
    """The chats of a file.

    Raises:
        BadInput: there is none, or it holds something else.
    """
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield tuple(Message(**message) for message in json.loads(line))
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(f"expected a chat a line in {path}, got: {error}") from error


def _placed(said_S: Float32, room: str | None, snr_db: float, rng: np.random.Generator) -> Float32:
    """Speech in its room with noise before, behind and under it, whole ticks."""
    if room is not None:
        said_S = convolved(said_S, made_room(room))
    around = np.pad(said_S, (round(LEAD_S * USER_RATE_HZ), round(TAIL_S * USER_RATE_HZ)))
    around = np.pad(around, (0, -len(around) % TICK_USER_SAMPLES))
    noise = pink(len(around), rng) * np.float32(from_db(LEVEL_DB - snr_db))
    return np.clip(around + noise, -1, 1).astype(np.float32)


def _heard(samples_S: Float32, ears: EarsStream) -> str:
    """All words that the ears agree on."""
    ticks = samples_S.reshape(-1, TICK_USER_SAMPLES)
    return " ".join(word for tick_S in ticks for word in ears.step(tick_S).heard)
