"""A Realtime session's settings: what a client may change, and how they are shown to it.

Law: an update is taken as a whole or not at all, except that tools are left out and named in an error.
What is shown is what holds: turn detection is always the model's own, whatever was asked.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from hocket.protocol.realtime.client_messages import (
    AudioInput,
    AudioOutput,
    SessionFields,
    TurnDetection,
)
from hocket.protocol.realtime.formats import SoundFormat
from hocket.protocol.realtime.refusal import Refusal

Json: TypeAlias = dict[str, Any]
TRANSCRIBER: Final = "moonshine-tiny-en"
VOICE: Final = "joe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One connection's settings."""

    model: str
    instructions: str = ""
    heard: SoundFormat = field(default_factory=SoundFormat)
    spoken: SoundFormat = field(default_factory=SoundFormat)
    detects: bool = True  # tells when the user speaks; off means push to talk
    answers: bool = True  # answers unasked
    transcribes: bool = True
    aloud: bool = True  # else the answer is text alone

    def updated(self, fields: SessionFields) -> "Settings":
        """What holds after an update.

        Raises:
            Refusal: a value that cannot be had.
        """
        new = self
        if fields.instructions is not None:
            new = replace(new, instructions=fields.instructions)
        if (modalities := fields.output_modalities or fields.modalities) is not None:
            new = replace(new, aloud="audio" in modalities)
        new = new._beta(fields)
        if fields.audio is not None and fields.audio.input is not None:
            new = new._heard(fields.audio.input)
        if fields.audio is not None and fields.audio.output is not None:
            new = new._spoken(fields.audio.output)
        return new

    def _heard(self, fields: AudioInput) -> "Settings":
        new = self
        if fields.format is not None:
            found = SoundFormat.of_ga(fields.format, param="session.audio.input.format")
            new = replace(new, heard=found)
        if "turn_detection" in fields.model_fields_set:
            new = new._turns(fields.turn_detection)
        if "transcription" in fields.model_fields_set:
            new = replace(new, transcribes=fields.transcription is not None)
        return new

    def _spoken(self, fields: AudioOutput) -> "Settings":
        _check_speed(fields.speed, "session.audio.output.speed")
        if fields.format is None:
            return self
        found = SoundFormat.of_ga(fields.format, param="session.audio.output.format")
        return replace(self, spoken=found)

    def _beta(self, fields: SessionFields) -> "Settings":
        _check_speed(fields.speed, "session.speed")
        new = self
        if fields.input_audio_format is not None:
            new = replace(new, heard=SoundFormat.of_beta(fields.input_audio_format))
        if fields.output_audio_format is not None:
            new = replace(new, spoken=SoundFormat.of_beta(fields.output_audio_format))
        if "turn_detection" in fields.model_fields_set:
            new = new._turns(fields.turn_detection)
        if "input_audio_transcription" in fields.model_fields_set:
            new = replace(new, transcribes=fields.input_audio_transcription is not None)
        return new

    def _turns(self, asked: TurnDetection | None) -> "Settings":
        answers = asked is not None and asked.create_response is not False
        return replace(self, detects=asked is not None, answers=answers)

    @property
    def turn_detection(self) -> Json | None:
        """As it is: semantic, the model's own, and interruptible."""
        if not self.detects:
            return None
        return {
            "type": "semantic_vad",
            "eagerness": "auto",
            "create_response": self.answers,
            "interrupt_response": True,
        }

    @property
    def transcription(self) -> Json | None:
        """Who writes down what the user said."""
        return {"model": TRANSCRIBER, "language": "en"} if self.transcribes else None

    @property
    def modalities(self) -> list[str]:
        """GA's ``output_modalities``."""
        return ["audio"] if self.aloud else ["text"]

    def shown(self, session_id: str) -> Json:
        """GA's session object."""
        return {
            "type": "realtime",
            "object": "realtime.session",
            "id": session_id,
            "model": self.model,
            "instructions": self.instructions,
            "output_modalities": self.modalities,
            "audio": {
                "input": {
                    "format": self.heard.ga,
                    "transcription": self.transcription,
                    "noise_reduction": None,
                    "turn_detection": self.turn_detection,
                },
                "output": {"format": self.spoken.ga, "voice": VOICE, "speed": 1.0},
            },
            "tools": [],
            "tool_choice": "none",
            "max_output_tokens": "inf",
            "tracing": None,
        }

    def shown_beta(self, session_id: str) -> Json:
        """Beta's session object."""
        return {
            "object": "realtime.session",
            "id": session_id,
            "model": self.model,
            "instructions": self.instructions,
            "modalities": ["audio", "text"] if self.aloud else ["text"],
            "voice": VOICE,
            "speed": 1.0,
            "input_audio_format": str(self.heard.coding),
            "output_audio_format": str(self.spoken.coding),
            "input_audio_transcription": self.transcription,
            "turn_detection": self.turn_detection,
            "tools": [],
            "tool_choice": "none",
            "temperature": 0.8,
            "max_response_output_tokens": "inf",
        }


def _check_speed(speed: object, param: str) -> None:
    if speed not in (None, 1, 1.0):
        raise Refusal("unsupported_value", f"expected a speed of 1.0, got {speed}", param=param)
