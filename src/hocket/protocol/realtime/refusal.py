"""What a client did that cannot be done, as Realtime tells it: code, message, parameter."""

from typing import Literal

from hocket.core.errors import ProtocolViolation

Blame = Literal["invalid_request_error", "server_error"]


class Refusal(ProtocolViolation):
    """One client event is refused; the session goes on."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        param: str | None = None,
        event_id: str | None = None,
        blame: Blame = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.param = code, message, param
        self.event_id, self.blame = event_id, blame
