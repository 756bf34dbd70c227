"""When a failed job is tried again."""

from datetime import timedelta

from attrs import field, frozen

from domain.model.errors import InvalidValueError
from domain.model.validation import positive_duration


@frozen
class RetryPolicy:
    """Exponential backoff with full jitter, capped.

    The wait before retry n (from 0) is uniform in [0, min(cap, base * factor ** n)]: full jitter spreads a crowd of
    failures best (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    """

    base: timedelta = field(default=timedelta(seconds=1), validator=positive_duration)
    factor: float = 2.0
    cap: timedelta = field(default=timedelta(minutes=5), validator=positive_duration)

    def backoff(self, retry_count: int, fraction: float) -> timedelta:
        """Return the wait before the next retry; ``fraction`` in [0, 1] is the randomness, passed in."""
        if not 0.0 <= fraction <= 1.0:
            raise InvalidValueError("fraction", f"must lie in [0, 1], not {fraction!r}")
        exponent = min(retry_count, 64)
        ceiling = min(self.cap.total_seconds(), self.base.total_seconds() * self.factor**exponent)
        return timedelta(seconds=ceiling * fraction)
