"""Crops of packed sessions as tensors: what the network sees, and what it should say.

Law: ``F`` of a tick holds the action and the playback of the tick before it, also where a crop begins;
before a session's first tick we listened in silence. Source: data/pack.py for the arrays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hocket.audio.dmel import MELS
from hocket.audio.levels import FLOOR_DB
from hocket.core.units import TICK_S
from hocket.data.pack import Pack, Packs, SessionTicks
from hocket.model.duplex_config import DuplexConfig, Sound
from hocket.model.inputs import TickTensors
from hocket.model.layout import Layout, lay_out
from hocket.protocol.floor import FLOORS, Floor
from hocket.protocol.modes import Manner
from hocket.training import recent
from hocket.training.crops import Crop
from hocket.training.manners import manner_of
from hocket.training.other_voices import OtherVoices
from hocket.training.word_vectors import WordVectors

SILENCE_S: Final = 1.6
Piece = tuple[SessionTicks, Crop]


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What T ticks should say; float32."""

    floor_TC: Tensor  # a distribution over FLOORS
    nods_T: Tensor  # 1 where a backchannel would be as right as to listen
    weight_T: Tensor
    user_ahead_TB: Tensor
    agent_ahead_TB: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Ticks and their targets, in the same order."""

    ticks: TickTensors
    targets: Targets


def collate(
    pack: Pack | Packs,
    crops: Sequence[Crop],
    network: DuplexConfig,
    vectors: WordVectors | None,
    *,
    silence_weight: float = 1.0,
    voices: OtherVoices | None = None,
) -> Batch:
    """Crops of a pack, one a row; those that are moved towards other voices need ``voices``."""
    pieces = [(pack[crop.session], crop) for crop in crops]
    if voices is not None:
        pieces = [(voices.heard(session, crop), crop) for session, crop in pieces]
    return Batch(
        ticks=tick_tensors(pieces, network, vectors),
        targets=targets(pieces, silence_weight=silence_weight),
    )


def targets(pieces: Sequence[Piece], *, silence_weight: float = 1.0) -> Targets:
    """The targets of all ticks; ``silence_weight`` multiplies that of ``silent_ticks``."""
    names = ("target", "weight", "user_ahead", "agent_ahead")
    floor, weight, user, agent = (torch.from_numpy(_rows(pieces, name)) for name in names)
    if silence_weight != 1:
        inside = [silent_ticks(session)[crop.first : crop.stop] for session, crop in pieces]
        weight = weight * (1 + (silence_weight - 1) * torch.from_numpy(np.concatenate(inside)))
    nods = [crop.manner is not None and crop.manner.backchannel for _, crop in pieces]
    return Targets(
        floor_TC=floor,
        nods_T=torch.from_numpy(_each_tick(pieces, nods).astype(np.float32)),
        weight_T=weight,
        user_ahead_TB=user,
        agent_ahead_TB=agent,
    )


def silent_ticks(session: SessionTicks) -> NDArray[np.float32]:
    """1 in the first 1.6 s of every pause and behind every end of a turn, while nobody speaks [T].

    There the floor is decided, in one tick of twenty; class weights, which are by action, do not see it.
    """
    inside_T = np.zeros(len(session), np.float32)
    for mark in session.about["marks"]:
        if mark["kind"] in ("pause", "turn_end"):
            end_s = min(float(mark["end_s"]), float(mark["start_s"]) + SILENCE_S)
            first = int(float(mark["start_s"]) / TICK_S)
            inside_T[first : int(end_s / TICK_S)] = 1
    return inside_T


def tick_tensors(
    pieces: Sequence[Piece], network: DuplexConfig, vectors: WordVectors | None
) -> TickTensors:
    """What the network sees of all ticks.

    Raises:
        ValueError: the network reads words and no vectors were given.
    """
    sounding = [piece for piece in pieces if piece[1].sound]
    tokens = [_tokens(session, crop) for session, crop in pieces]
    with_features = bool(sounding) and network.sound is Sound.FEATURES
    with_dmel = bool(sounding) and network.sound is Sound.DMEL
    kinds_N = np.concatenate([kinds for _, kinds, _ in tokens])
    heard = recent.user_voices(pieces) if network.user_voice else None
    places = _places(pieces, np.concatenate([counts for *_, counts in tokens]))
    return TickTensors(
        rows=places.rows,
        length=places.length,
        tick_at_T=torch.from_numpy(places.tick_at_T),
        sound_at_S=torch.from_numpy(places.sound_at_S),
        token_at_N=torch.from_numpy(places.token_at_N),
        last_at_T=torch.from_numpy(places.last_at_T),
        last_floor_T=_before(pieces, "floor", FLOORS.index(Floor.LISTEN)).long(),
        levels_TL=_levels(pieces, network, heard),
        played_dmel_TM=_before(pieces, "played_dmel", np.zeros(MELS)).long(),
        features_AQE=torch.from_numpy(_rows(sounding, "features")) if with_features else None,
        dmel_AFM=torch.from_numpy(_rows(sounding, "dmel")).long() if with_dmel else None,
        tokens_NE=_embedded(pieces, [inside for inside, *_ in tokens], vectors),
        token_kinds_N=torch.from_numpy(kinds_N.astype(np.int64)) if len(kinds_N) else None,
        **recent.summary(pieces, network, vectors, heard),
    )


def _places(pieces: Sequence[Piece], n_tokens_T: NDArray[np.int64]) -> Layout:
    rows_T = _each_tick(pieces, range(len(pieces)))
    return lay_out(n_tokens_T, _sounding(pieces), rows_T)


def _tokens(session: SessionTicks, crop: Crop) -> tuple[slice, NDArray[Any], NDArray[Any]]:
    """Which of the session's tokens, their kinds [N] and how many each tick has [T]."""
    if not crop.words:
        return slice(0, 0), np.zeros(0, np.uint8), np.zeros(len(crop), np.int64)
    end = np.concatenate(([0], session.input_end))[crop.first : crop.stop + 1]
    inside = slice(int(end[0]), int(end[-1]))
    return inside, session.input_kinds[inside], np.diff(end)


def _embedded(
    pieces: Sequence[Piece], tokens: Sequence[slice], vectors: WordVectors | None
) -> Tensor | None:
    read = [
        (s, part) for (s, _), part in zip(pieces, tokens, strict=True) if part.stop > part.start
    ]
    if not read:
        return None
    if vectors is None:
        raise ValueError("expected token vectors for a network that reads words, got none")
    return torch.from_numpy(np.concatenate([vectors.of(session, part) for session, part in read]))


def _levels(
    pieces: Sequence[Piece], network: DuplexConfig, heard: Sequence[NDArray[np.float32]] | None
) -> Tensor:
    """The numbers in ``F`` [T, own_width]: decibels from -90 to 0 as 0..1, shares, and flags."""
    played_T = 1 - _before(pieces, "played_db", FLOOR_DB) / FLOOR_DB
    columns = [played_T, _before(pieces, "played_share", 0.0)]
    if heard is not None:
        inside = [each[crop.first :] for (_, crop), each in zip(pieces, heard, strict=True)]
        columns += torch.from_numpy(np.concatenate(inside)).unbind(1)
    if network.manner:
        columns += [_flag(pieces, each.name) for each in fields(Manner)]
    return torch.stack(columns, dim=1)


def _flag(pieces: Sequence[Piece], switch: str) -> Tensor:
    """1 where a session is shown with the switch on [T]."""
    on = [getattr(crop.manner or manner_of(session.about), switch) for session, crop in pieces]
    return torch.from_numpy(_each_tick(pieces, on).astype(np.float32))


def _sounding(pieces: Sequence[Piece]) -> NDArray[np.bool_]:
    """Whether a tick's sound is shown [T]."""
    return _each_tick(pieces, [crop.sound for _, crop in pieces])


def _each_tick(pieces: Sequence[Piece], values: Sequence[Any]) -> NDArray[Any]:
    """A value a piece, for each of its ticks [T]."""
    return np.repeat(np.asarray(values), [len(crop) for _, crop in pieces])


def _rows(pieces: Sequence[Piece], name: str) -> NDArray[np.float32]:
    rows = [getattr(session, name)[crop.first : crop.stop] for session, crop in pieces]
    return np.concatenate(rows).astype(np.float32)


def _before(pieces: Sequence[Piece], name: str, at_start: object) -> Tensor:
    """The array one tick earlier, float32."""
    rows = []
    for session, crop in pieces:
        array = getattr(session, name)
        first = array[crop.first - 1] if crop.first else np.asarray(at_start)
        rows += [first[None], array[crop.first : crop.stop - 1]]
    return torch.from_numpy(np.concatenate(rows).astype(np.float32))
