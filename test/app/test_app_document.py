from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tfm.app import document
from tfm.app.document import Document, encoding_of, hex_line, is_binary

text = st.text(st.sampled_from("ab é日\n\r\t"), max_size=60)


def read_in(data: bytes, cuts: list[int]) -> Document:
    made = Document(len(data))
    points = sorted({min(cut, len(data)) for cut in cuts} | {len(data)})
    made.begin(0, data[: points[0]])
    for start, stop in pairwise(points):
        made.append(data[start:stop])
    return made


@given(text, st.lists(st.integers(1, 60), max_size=5))
def test_lines_do_not_depend_on_where_the_reads_were_cut(content, cuts):
    data = content.encode()
    whole, parts = read_in(data, []), read_in(data, cuts)
    assert parts.encoding == "utf-8"
    assert parts.lines == whole.lines
    assert whole.lines == [line.removesuffix("\r").expandtabs(4).replace("\r", "␍") for line in _lines(content)]
    assert parts.at_end
    assert parts.read == len(data)


def _lines(content: str) -> list[str]:
    lines = content.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


short_lines = st.lists(st.text(st.sampled_from("ab é日"), max_size=8).map(lambda line: line + "\n"), max_size=30)


@given(short_lines, st.integers(0, 400), st.integers(40, 90))
def test_the_end_and_then_what_is_before_it_are_whole_lines(lines, start, step):
    data = "".join(lines).encode()
    start = min(start, len(data))
    made = Document(len(data))
    made.encoding = "utf-8"
    made.begin(start, data[start:])
    if start and b"\n" not in data[start:-1]:
        return
    plain = [line.removesuffix("\n") for line in lines]
    assert made.lines == plain[len(plain) - len(made.lines) :]
    while made.start:
        size = min(step, made.start)
        made.prepend(data[made.start - size : made.start])
    assert made.lines == plain


def test_bytes_that_are_not_text_are_shown_in_hex() -> None:
    data = bytes(range(40))
    made = read_in(data, [7, 23])
    assert made.shape == "hex"
    assert made.lines[0] == "00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  ................"
    assert made.lines[2].startswith("00000020  20 21 22 23 24 25 26 27  ")
    assert made.lines[2].endswith("   !\"#$%&'")
    assert hex_line(b"A", 16) == "00000010  41                                                A"


def test_latin_1_is_the_fallback_and_a_cut_character_is_not_a_reason() -> None:
    assert encoding_of("grün".encode()[:3]) == "utf-8"
    assert encoding_of("grün".encode("latin-1")) == "latin-1"
    made = Document(5)
    made.begin(0, b"gr\xfcn\n")
    assert made.lines == ["grün"]


def test_binary_is_told_by_nul_and_by_control_characters() -> None:
    assert is_binary(b"text\0")
    assert is_binary(bytes(range(1, 9)))
    assert not is_binary(b"plain\n\ttext \x1b[1mbold\x1b[0m")
    assert not is_binary(b"")


def test_a_file_that_became_shorter_ends_where_it_ends() -> None:
    made = Document(100)
    made.begin(0, b"one\ntw")
    made.append(b"")
    assert made.at_end
    assert made.size == 6
    assert made.lines == ["one", "tw"]


def test_a_line_without_end_is_broken_and_memory_stays_bounded(monkeypatch) -> None:
    monkeypatch.setattr(document, "LARGEST_WINDOW", 100_000)
    made = Document(10_000_000)
    made.begin(0, b"x" * 50_000)
    gone = sum(made.append(b"x" * 50_000) for _ in range(9))
    assert gone > 0
    assert made.stop - made.start <= 100_000 + document.LONGEST_LINE
    assert all(len(line) <= document.LONGEST_LINE for line in made.lines)
