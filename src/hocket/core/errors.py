"""One tree of errors, split by whose fault it is; each says what was expected and what came."""


class HocketError(Exception):
    """Root of everything that Hocket raises on purpose. ``str()`` is one helpful line."""

    exit_code = 2


class BadInput(HocketError):
    """The caller's input cannot be used: a broken recording, an unknown option."""


class BadAudio(BadInput):
    """A recording that is not what it should be."""


class BadScore(BadInput):
    """A score file that does not hold what design says."""


class ModelFileError(HocketError):
    """A model file is missing, altered, or could not be fetched from any source."""


class StorageError(HocketError):
    """The disk refused: full, read-only or not there."""


class Overloaded(HocketError):
    """The machine has no head-room for another session."""


class ProtocolViolation(HocketError):
    """A peer sent what its protocol does not allow."""


class SessionMisuse(HocketError):
    """Our own caller broke the session's order of events: a bug, not bad input."""
