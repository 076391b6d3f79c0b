"""Which of a store's servers to ask: those that the user named, and the one that writes, as they say; what was learned is kept."""

from __future__ import annotations

from idweave.channels import Endpoint, Reach
from idweave.errors import (
    DeadlineError,
    DeposedError,
    IdweaveClientError,
    NotServingError,
    NotWriterError,
    StoreAwayError,
    UnavailableError,
)

FIRST_PAUSE, LAST_PAUSE = 0.1, 1.0  # seconds between two rounds of all servers, the first time and in the end
AWAY_PAUSE = 1.0  # seconds, where a server that cannot reach its database does not say how long


class Route:
    """Shared by all calls of a client; threads may share it."""

    def __init__(self, addresses: tuple[str, ...], reach: Reach) -> None:
        """Raises ValueError where one of the addresses cannot be used."""
        self.reach = reach
        self.named = tuple(reach.endpoint(address, alone=len(addresses) == 1) for address in addresses)
        self.current: Endpoint = self.named[0]

    def __str__(self) -> str:
        return ",".join(endpoint.address for endpoint in self.named)

    @property
    def several(self) -> bool:
        """Whether there is another server to ask than the current one."""
        return len(self.named) > 1 or self.current.address != self.named[0].address

    def follow(self, leader: str) -> bool:
        """Ask the server at this address from now on; whether that is allowed and possible."""
        try:
            named = next((endpoint for endpoint in self.named if endpoint.address == leader), None)
            self.current = named or self.reach.endpoint(leader, alone=False)
        except ValueError:  # another machine in plain text, say
            return False
        return True

    def leave(self, asked: Endpoint) -> None:
        """Ask another one from now on, unless another call has seen to that already."""
        if self.current.address == asked.address:
            addresses = [endpoint.address for endpoint in self.named]
            at = addresses.index(asked.address) + 1 if asked.address in addresses else 0
            self.current = self.named[at % len(self.named)]


class Way:
    """The way of one call: whom it has asked, and whom it asks next."""

    def __init__(self, route: Route, *, repeatable: bool) -> None:
        self._route, self._repeatable = route, repeatable
        self._followed = False
        self._tried = 0  # since the last pause
        self._pause = FIRST_PAUSE

    def after(self, error: IdweaveClientError, asked: Endpoint) -> float | None:
        """Seconds to wait until the route's current server is asked; None where the call is not to be made again."""
        match error:
            case NotWriterError():
                return self._after_standby(error, asked)
            case DeadlineError():
                self._route.leave(asked)  # for the calls to come; this one's time is up
                return None
            case UnavailableError():
                return self._after_silence(error, asked)
        return None

    def _after_standby(self, error: NotWriterError, asked: Endpoint) -> float:
        """Nothing was done: ask the one that writes, and where it does not answer, or writes no more, wait until another one does."""
        if error.leader and error.leader != asked.address and not self._followed and self._route.follow(error.leader):
            self._followed = True
            return 0.0
        self._route.leave(asked)
        return self._next_round()

    def _after_silence(self, error: UnavailableError, asked: Endpoint) -> float | None:
        several = self._route.several
        if several:
            self._route.leave(asked)
        if not (self._repeatable or isinstance(error, NotServingError | DeposedError)):
            return None  # it may have been done
        if several:
            self._tried += 1
            return 0.0 if self._tried < len(self._route.named) + self._followed else self._next_round()
        if isinstance(error, StoreAwayError):
            return AWAY_PAUSE if error.retry_after is None else max(error.retry_after, 0.01)
        return None

    def _next_round(self) -> float:
        pause, self._pause = self._pause, min(2 * self._pause, LAST_PAUSE)
        self._followed, self._tried = False, 0
        return pause
