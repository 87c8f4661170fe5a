from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tfm.app.format import fit, fit_end
from tfm.wording import bytes_text, duration_text, size_text, time_text, visible


@pytest.mark.parametrize(
    ("size", "text"),
    [(None, ""), (0, "0"), (1023, "1023"), (1024, "1.0K"), (10188, "9.9K"), (10190, "10K"), (1048063, "1023K"),
     (1048064, "1.0M"), (64 << 20, "64M"), (4402341478, "4.1G"), (1 << 62, "4.0E"), (1 << 80, "1048576E")],
)  # fmt: skip
def test_sizes_are_short(size: int | None, text: str) -> None:
    assert size_text(size) == text


def test_sizes_in_sentences() -> None:
    assert [bytes_text(size) for size in (1, 2, 1536, 3 << 30)] == ["1 byte", "2 bytes", "1.5 KB", "3.0 GB"]


def test_times_that_no_calendar_has_are_left_out() -> None:
    assert time_text(None) == ""
    assert time_text(1e30) == ""
    assert time_text(float("inf")) == ""
    assert len(time_text(0.0)) == 16


def test_durations() -> None:
    assert [duration_text(seconds) for seconds in (8.4, 200, 7500)] == ["8 s", "3 min 20 s", "2 h 5 min"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("plain", "plain"), ("new\nline\ttab", "new␊line␉tab"), ("\x7f\x1b[31m", "␡␛[31m"), ("bad\udcff", "bad\ufffd"),
     ("rtl\u202egpj.exe", "rtl\ufffdgpj.exe"), ("a\u00a0b", "a b"), ("❤\ufe0f", "❤"), ("日本", "日本")],
)  # fmt: skip
def test_names_show_what_they_are(name: str, shown: str) -> None:
    assert visible(name) == shown


@given(st.text(max_size=30), st.integers(0, 40))
def test_fitted_text_has_exactly_its_width(text: str, width: int) -> None:
    assert cell_len(fit(visible(text), width)) == width
    assert cell_len(fit_end(visible(text), width)) <= width


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    assert fit("a-long-name-of-a-file.parquet", 20) == "a-long-name-o…arquet"
