"""The dates of HTTP: read and written without the package `email`, which costs more to import than all of tfm."""

from __future__ import annotations

from datetime import UTC, datetime

_MONTH_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), 1)}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def date_of(text: str) -> datetime:
    """Read a date of HTTP; the form that every server writes costs little.

    Args:
        text: Such as `Fri, 02 Jan 2026 03:04:05 GMT`.

    Raises:
        ValueError: It is no date.

    Source: https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats
    """
    if len(text) == 29 and text[3:5] == ", " and text[25:] == " GMT" and (month := _MONTHS.get(text[8:11])):
        day, year, hour, minute, second = text[5:7], text[12:16], text[17:19], text[20:22], text[23:25]
        return datetime(int(year), month, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    from email.utils import parsedate_to_datetime

    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def date_text(moment: datetime) -> str:
    """Write a date of HTTP.

    Args:
        moment: With a time zone.

    Source: https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats
    """
    there = moment.astimezone(UTC)
    month = _MONTH_NAMES[4 * there.month - 4 : 4 * there.month - 1]  # strftime would take the user's language
    return f"{_DAYS[there.weekday()]}, {there.day:02} {month} {there.year:04} {there:%H:%M:%S} GMT"
