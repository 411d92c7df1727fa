"""How often, and after which pauses, a session writes again what met another writer."""

import attrs

__all__ = ["Backoff"]


@attrs.frozen(kw_only=True)
class Backoff:
    """The n-th pause is a random part of `min(cap, base * 2 ** (n - 1))` seconds; after `limit` it is over.

    The randomness keeps writers that met each other once from meeting again and again. Who has lost often can
    lose again to those who only now begin: of eight processes that write one document all the time, on a
    busy machine, one lost 24 times in a row. So the limit, about a minute, is far beyond that.
    """

    limit: int = 100
    base: float = 0.02
    cap: float = 1.0

    def pause(self, number: int, random: float) -> float:
        """Return the seconds to wait before repetition `number`; `random` is from 0 to 1."""
        return random * min(self.cap, self.base * 2.0 ** min(number - 1, 60))
