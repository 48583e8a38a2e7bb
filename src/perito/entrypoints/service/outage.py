"""Waiting for a Prefect server that is away, or whose database is, instead of giving up.

Refuses to wait for an answer that will not change by waiting: a refused login, a path that is not there.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

SERVER_ERRORS = 500
Answer = TypeVar("Answer")


@dataclass
class Outage:
    """Whether Prefect is away at present; it says so once when that begins, and once when it ends."""

    say: Callable[[str], None]
    lasting: bool = False

    async def patiently(self, ask: Callable[[], Awaitable[Answer]]) -> Answer | None:
        """What Prefect answers, or None while it is away: whoever asks every few seconds asks again."""
        import httpx

        try:
            answer = await ask()
        except httpx.TransportError as failure:
            self._begins(type(failure).__name__)
            return None
        except httpx.HTTPStatusError as failure:
            if failure.response.status_code < SERVER_ERRORS:
                raise
            self._begins(f"status {failure.response.status_code}")
            return None
        if self.lasting:
            self.lasting = False
            self.say("Prefect answers again.")
        return answer

    def _begins(self, how: str) -> None:
        if not self.lasting:
            self.lasting = True
            self.say(f"Prefect, or its database, is away ({how}): runs at work go on, and the worker waits for it.")
