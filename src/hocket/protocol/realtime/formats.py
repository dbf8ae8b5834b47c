"""The sound formats of a Realtime connection, and sound in and out of them.

Law: mono; 16-bit PCM at a few rates, or G.711 at 8 kHz. A chunk that is not whole samples is refused.
"""

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, assert_never

from hocket.audio import alaw, mulaw, pcm
from hocket.protocol.events import Float32
from hocket.protocol.realtime.client_messages import AudioFormat
from hocket.protocol.realtime.refusal import Refusal

PCM_RATES_HZ: Final = (8_000, 16_000, 24_000, 48_000)


class Coding(StrEnum):
    """How a sample is written; the value is beta's name."""

    PCM16 = "pcm16"
    ULAW = "g711_ulaw"
    ALAW = "g711_alaw"


GA_NAMES: Final = {
    "audio/pcm": Coding.PCM16,
    "audio/pcmu": Coding.ULAW,
    "audio/pcma": Coding.ALAW,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFormat:
    """One direction's format."""

    coding: Coding = Coding.PCM16
    rate_hz: int = 24_000

    @classmethod
    def of_ga(cls, asked: AudioFormat, *, param: str) -> "SoundFormat":
        """GA's object.

        Raises:
            Refusal: a rate that is not served.
        """
        coding = GA_NAMES[asked.type]
        rates = PCM_RATES_HZ if coding is Coding.PCM16 else (8_000,)
        rate_hz = asked.rate or (24_000 if coding is Coding.PCM16 else 8_000)
        if rate_hz not in rates:
            wanted = ", ".join(str(rate) for rate in rates)
            message = f"expected a rate of {wanted} Hz for {asked.type}, got {rate_hz}"
            raise Refusal("invalid_value", message, param=f"{param}.rate")
        return cls(coding=coding, rate_hz=rate_hz)

    @classmethod
    def of_beta(cls, name: str) -> "SoundFormat":
        """Beta's word."""
        coding = Coding(name)
        return cls(coding=coding, rate_hz=24_000 if coding is Coding.PCM16 else 8_000)

    @property
    def ga(self) -> dict[str, Any]:
        """As GA shows it; G.711 has no rate there."""
        name = next(name for name, coding in GA_NAMES.items() if coding is self.coding)
        return (
            {"type": name, "rate": self.rate_hz} if self.coding is Coding.PCM16 else {"type": name}
        )

    @property
    def width(self) -> int:
        """Bytes a sample."""
        return 2 if self.coding is Coding.PCM16 else 1

    def decode(self, data: bytes) -> Float32:
        """Whole samples as float32 at ``rate_hz``."""
        match self.coding:
            case Coding.PCM16:
                return pcm.from_bytes(data)
            case Coding.ULAW:
                return mulaw.decode(data)
            case Coding.ALAW:
                return alaw.decode(data)
            case _:
                assert_never(self.coding)

    def encode(self, samples_S: Float32) -> bytes:
        """Float32 at ``rate_hz`` as it is sent."""
        match self.coding:
            case Coding.PCM16:
                return pcm.to_bytes(samples_S)
            case Coding.ULAW:
                return mulaw.encode(samples_S)
            case Coding.ALAW:
                return alaw.encode(samples_S)
            case _:
                assert_never(self.coding)


def sound_bytes(audio: str, sound_format: SoundFormat) -> bytes:
    """The bytes of an append.

    Raises:
        Refusal: not base64, or not whole samples.
    """
    try:
        data = base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("invalid_value", f"expected base64, got {error}", param="audio") from None
    if len(data) % sound_format.width:
        message = f"expected 16-bit samples, two bytes each, got {len(data)} bytes"
        raise Refusal("invalid_value", message, param="audio")
    return data
