"""The dates of HTTP, compared with the package `email`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm.s3.httpdates import date_of, date_text

MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9998, 12, 30))  # noqa: DTZ001 (the zone comes by itself)
ZONES = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))


@given(MOMENTS, ZONES)
def test_what_is_written_is_read(moment: datetime, zone: timezone) -> None:
    there = moment.replace(tzinfo=zone)
    text = date_text(there)
    assert text == format_datetime(there.astimezone(UTC), usegmt=True)
    assert date_of(text) == parsedate_to_datetime(text) == there.replace(microsecond=0)
    assert date_of(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["Fri, 2 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 04:04:05 +0100", "02 Jan 2026 03:04:05 -0000"],
)
def test_other_forms(text: str) -> None:
    assert date_of(text) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "Fri, 32 Jan 2026 03:04:05 GMT", "Fri, xx Jan 2026 03:04:05 GMT"])
def test_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        date_of(text)
