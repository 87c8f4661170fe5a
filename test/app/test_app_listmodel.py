from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tfm.app.listmodel import NATURAL_LIMIT, ListModel, key_for
from tfm.app.ordering import Sort, is_directory, key_of
from tfm.info import FileInfo

names = st.text(st.sampled_from("abAB019._é"), min_size=1, max_size=5)
entries = st.lists(
    st.builds(
        FileInfo,
        names,
        st.sampled_from(["file", "directory"]),
        st.one_of(st.none(), st.integers(0, 3)),
        st.one_of(st.none(), st.sampled_from([0.0, 1.5, 7.0])),
    ),
    max_size=40,
    unique_by=key_for,
)
sorts = st.builds(Sort, st.sampled_from(["name", "size", "time", "extension"]), st.booleans())


def pages_of(all_entries: list[FileInfo], sizes: list[int]) -> list[list[FileInfo]]:
    pages, rest = [], list(all_entries)
    for size in sizes:
        pages.append(rest[:size])
        rest = rest[size:]
    return [*pages, rest]


def expected(all_entries: list[FileInfo], sort: Sort, text: str, hidden: bool, natural: bool) -> list[FileInfo]:
    """What the list must show, by plain sorting."""
    shown = [
        entry
        for entry in all_entries
        if text.casefold() in entry.name.casefold() and (hidden or not entry.name.startswith("."))
    ]
    directories = [entry for entry in shown if is_directory(entry)]
    files = [entry for entry in shown if not is_directory(entry)]
    by_directories = sort if sort.by in ("name", "time") else Sort()
    directories.sort(key=key_of(by_directories.by, natural=natural), reverse=by_directories.reverse)
    files.sort(key=key_of(sort.by, natural=natural), reverse=sort.reverse)
    return directories + files


@given(entries, st.lists(st.integers(0, 9), max_size=6), sorts, names | st.just(""), st.booleans(), st.booleans())
def test_whatever_arrives_in_whatever_pages_is_shown_in_order(all_entries, sizes, sort, text, hidden, natural):
    model = ListModel(sort, natural=natural, hidden=hidden)
    model.set_filter(text)
    for page in pages_of(all_entries, sizes):
        model.add(page)
    assert list(model) == expected(all_entries, sort, text, hidden, natural)
    assert model.hidden_count == (0 if hidden else sum(entry.name.startswith(".") for entry in all_entries))


@given(entries, st.lists(st.integers(0, 9), max_size=6), sorts, sorts, st.integers(0, 5))
def test_a_new_order_that_is_stepped_through_while_pages_arrive_ends_right(all_entries, sizes, before, after, at):
    model = ListModel(before, hidden=True)
    steps = None
    for number, page in enumerate(pages_of(all_entries, sizes)):
        if number == at:
            steps = model.resort(after)
            next(steps, None)
        model.add(page)
    if steps is None:
        steps = model.resort(after)
    for _ in steps:
        pass
    assert list(model) == expected(all_entries, after, "", True, True)


@given(entries, entries, sorts, st.integers(0, 50))
def test_the_cursor_stays_on_its_entry_whatever_happens(first, second, sort, row):
    taken = {key_for(entry) for entry in first}
    model = ListModel(hidden=True)
    model.add(first)
    model.move_to(row)
    held = model.cursor
    model.add([entry for entry in second if key_for(entry) not in taken])
    for _ in model.resort(sort):
        pass
    if held is not None:
        assert model.cursor == held
        assert model[model.cursor_row] == held
        model.set_filter(held.name)
        assert model.cursor == held
        model.set_filter("")
        assert model.cursor == held


@given(entries, st.integers(0, 50), names)
def test_a_cursor_that_the_filter_hides_goes_to_a_row_that_is_there(all_entries, row, text):
    model = ListModel(hidden=True)
    model.add(all_entries)
    model.move_to(row)
    model.set_filter(text)
    assert (model.cursor is None) == (len(model) == 0)
    assert model.cursor_row < max(1, len(model))


@given(entries, names, st.integers(0, 50), st.sampled_from([1, -1]))
def test_find_gives_the_nearest_match_and_goes_round(all_entries, text, start, step):
    model = ListModel(hidden=True)
    model.add(all_entries)
    rows = [row for row, entry in enumerate(model) if text.casefold() in entry.name.casefold()]
    found = model.find(text, start=start, step=step)
    if not rows:
        assert found is None
    else:
        turns = [(start + turn * step) % len(model) for turn in range(len(model))]
        assert found == next(row for row in turns if row in rows)


def test_the_selection_keeps_the_order_of_the_list_and_outlives_filter_and_order() -> None:
    model = ListModel()
    model.add([FileInfo(name, "file", 10) for name in ("c", "a", "b")])
    model.select(model[2])
    model.select(model[0])
    model.set_filter("b")
    for _ in model.resort(Sort("name", reverse=True)):
        pass
    assert [entry.name for entry in model.chosen()] == ["c", "a"]
    assert model.selected_bytes == 20
    model.finish()
    assert len(model.selection) == 2


def test_finishing_forgets_what_is_not_there() -> None:
    model = ListModel()
    model.selection = {("gone", "file"): 1, ("here", "file"): 2}
    model.wanted = ("gone", "file")
    model.add([FileInfo("here", "file", 2)])
    model.finish()
    assert model.selection == {("here", "file"): 2}
    assert model.wanted is None


def test_without_a_selection_the_entry_under_the_cursor_is_taken() -> None:
    model = ListModel()
    assert model.chosen() == []
    model.add([FileInfo("a", "file"), FileInfo("b", "file")])
    model.move_to(1)
    assert [entry.name for entry in model.chosen()] == ["b"]


def test_the_wanted_row_gets_the_cursor_when_it_arrives_but_not_after_a_move() -> None:
    model = ListModel()
    model.wanted = ("z", "directory")
    model.add([FileInfo("a", "file")])
    model.add([FileInfo("z", "file"), FileInfo("z", "directory")])
    assert model.cursor == FileInfo("z", "directory")
    moved = ListModel()
    moved.wanted = ("z", "")
    moved.add([FileInfo("a", "file")])
    moved.move_to(0)
    moved.add([FileInfo("z", "file")])
    assert moved.cursor == FileInfo("a", "file")


def test_an_object_and_a_prefix_of_one_name_are_two_rows() -> None:
    model = ListModel(natural=False)
    model.add([FileInfo("x", "directory"), FileInfo("x", "file", 1), FileInfo("y", "file", 1)])
    assert len(model) == 3


def test_numbers_in_names_count_only_in_short_lists() -> None:
    model = ListModel()
    model.add([FileInfo("a10", "file"), FileInfo("a9", "file")])
    assert [entry.name for entry in model] == ["a9", "a10"]
    model.move_to(0)
    model.add([FileInfo(f"b{number}", "file") for number in range(NATURAL_LIMIT)])
    assert [entry.name for entry in model][:2] == ["a10", "a9"]
    assert model.cursor == FileInfo("a9", "file")
    assert model.cursor_row == 1


def test_inverting_touches_only_what_is_shown() -> None:
    model = ListModel()
    model.add([FileInfo("a.csv", "file"), FileInfo("b.csv", "file"), FileInfo("c.txt", "file")])
    model.select_matching("*.csv", True)
    assert [name for name, _ in model.selection] == ["a.csv", "b.csv"]
    model.set_filter("b")
    model.select_where(lambda entry: not model.is_selected(entry))
    assert [name for name, _ in model.selection] == ["a.csv"]
