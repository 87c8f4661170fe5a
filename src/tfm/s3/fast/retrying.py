"""What is sent again, when, and how often: botocore's standard mode.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from typing import Any, Literal

Kind = Literal["throttled", "transient"]

THROTTLED = frozenset(
    {
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
        "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "RequestThrottled", "SlowDown",
        "PriorRequestNotComplete", "EC2ThrottledException",
    }
)  # fmt: skip
TRANSIENT = frozenset({"RequestTimeout", "RequestTimeoutException", "InternalError"})

LONGEST = 20.0
"""Seconds that a wait takes at most."""

CAPACITY = 500
"""What a client may spend on requests that it sends again, before it gives up at once."""

_COST: dict[Kind, int] = {"throttled": 5, "transient": 14}
_FIRST: dict[Kind, float] = {"throttled": 1.0, "transient": 0.05}


class Quota:
    """Limits how much is sent again while a server fails; what succeeds pays back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = CAPACITY

    def spend(self, kind: Kind) -> bool:
        """Take what it costs to send a request again; False when it is not there."""
        with self._lock:
            if self._left < _COST[kind]:
                return False
            self._left -= _COST[kind]
            return True

    def repay(self, kind: Kind | None) -> None:
        """Give back for a request that succeeded, by the kind of its last failure."""
        if self._left < CAPACITY:
            with self._lock:
                self._left = min(CAPACITY, self._left + (1 if kind is None else _COST[kind]))


def kind_of(answer: Mapping[str, Any]) -> Kind | None:
    """Tell whether a refused request may be sent again, and as what.

    Args:
        answer: With `Error` and `ResponseMetadata`.
    """
    code, status = answer["Error"].get("Code", ""), answer["ResponseMetadata"]["HTTPStatusCode"]
    if code in THROTTLED or status == 429:
        return "throttled"
    return "transient" if code in TRANSIENT or status in (408, 500, 502, 503, 504) else None


def delay(kind: Kind, attempt: int, asked: str | None) -> float:
    """Give the seconds to wait: at random, twice as long each time, and as long as the server asks within reason.

    Args:
        kind: Of the failure.
        attempt: How often the request was sent.
        asked: The header `x-amz-retry-after`, in milliseconds.
    """
    wait = random.random() * min(_FIRST[kind] * 2.0 ** (attempt - 1), LONGEST)
    if asked is not None and asked.isascii() and asked.isdecimal():
        return max(wait, min(int(asked) / 1000, wait + 5))
    return wait
