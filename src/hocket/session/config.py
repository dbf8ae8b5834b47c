"""What a session is configured with. Every threshold stands beside its reason."""

from dataclasses import dataclass, field

from hocket.protocol.modes import Mode, Switches


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionConfig:
    """Frozen at the start; mode, mute and stop change through events."""

    model: str
    voice_rate_hz: int
    mode: Mode = Mode.RESPONSIVE
    switches: Switches = field(default_factory=Switches)
    seed: int = 0
    instructions: str = ""
    # A stop is heard as a click under 20 ms and as lagging over 40 ms.
    fade_ms: int = 30
    # Sent once at each onset, so that a later tick that computes longer leaves no gap in the sound.
    cushion_ms: int = 60
    # How long a tick waits for user audio that is late before it is filled with silence. Chunks of
    # 20-40 ms over a local socket jitter by less than this.
    audio_grace_ms: int = 80
    # User audio that may wait (a client that sends faster than real time); beyond it the oldest goes.
    backlog_s: float = 30.0
    # Keep this much sound prepared ahead of the voice while speaking.
    ahead_s: float = 1.2
    # After the user's recording ends: how long to wait in silence, and for how long at most.
    quiet_s: float = 2.0
    tail_s: float = 10.0
    # Below this level nobody is taken to speak, whatever the detector says (noise floor of headsets).
    speech_level_db: float = -55.0
