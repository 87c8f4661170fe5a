"""docs/reference/pathlib.md is what tools/pathlib_page.py makes."""

from __future__ import annotations

import pathlib_page


def test_page_is_up_to_date() -> None:
    assert pathlib_page.PAGE.read_text("utf-8") == pathlib_page.page(), "run: python tools/pathlib_page.py"


def test_every_name_says_what_it_does_on_s3() -> None:
    silent = [each.name for each in pathlib_page.PURE + pathlib_page.CONCRETE if not pathlib_page.on_s3(each)]
    assert silent == []
