"""How the stand-in for Slack says no."""

from typing import Any


class Refused(Exception):
    """The call is answered with `ok: false` and this code."""

    def __init__(self, code: str, *messages: str, **more: Any) -> None:
        super().__init__(code, *messages)
        self.code = code
        self.messages = messages
        self.more = more

    @property
    def answer(self) -> dict[str, Any]:
        """The body of the answer."""
        body = {"ok": False, "error": self.code, **self.more}
        if self.messages:
            told = [f"[ERROR] {message}" for message in self.messages]
            body["response_metadata"] = {"messages": told}
        return body
