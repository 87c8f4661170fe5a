from __future__ import annotations

import pytest

from tfm import Path
from tfm.errors import RefusedError
from tfm.info import FileInfo
from tfm.operations.joining import everything
from tfm.operations.request import Asked, Request, asked, chosen
from tfm.operations.selection import Selection


def test_it_comes_back_from_json() -> None:
    sources = (Asked("/a\udcff", "directory", "b"), Asked("s3://x/y"))
    request = Request("move", sources, "/to", "newer", Selection(("*.c",)), {"by": "time"})
    assert Request.of(request.as_json()) == request


@pytest.mark.parametrize("text", ["{}", '{"verb": "copy"}', "[]", "no"])
def test_something_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Request.of(text)


def test_an_unknown_verb_is_said() -> None:
    text = Request("copy", ()).as_json().replace('"copy"', '"fly"')
    with pytest.raises(ValueError, match="'fly'"):
        Request.of(text)


def test_sources_are_absolute_and_keep_what_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    both = Path("s3://b/both")
    found = asked([Path("a"), (both, FileInfo("both", "file"))], {Path("a"): "c"})
    assert found == (Asked("/a", "", "c"), Asked("s3://b/both", "file", ""))


def test_a_function_cannot_be_written_down() -> None:
    assert chosen(None) is None
    assert chosen(everything) is None
    assert chosen(Selection(larger=1)) == Selection(larger=1)
    with pytest.raises(RefusedError, match="Selection"):
        chosen(lambda name, info: True)
