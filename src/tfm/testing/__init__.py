"""Helpers for tests, also of other people's code: S3 in memory, clients that count, fail or dawdle, a clock to turn."""

from __future__ import annotations

from tfm.testing.clock import FakeClock
from tfm.testing.memory import MemoryS3
from tfm.testing.wrappers import CountingClient, FailingClient, Rule, SlowClient, WrappingClient

__all__ = ["CountingClient", "FailingClient", "FakeClock", "MemoryS3", "Rule", "SlowClient", "WrappingClient"]
