"""What people say about budgets, alerts, bills to come, reports and tips: files of sayings, each with what it must come to."""

from pathlib import Path

import pytest

from tests.support.sayings import fits, read, said, shown

SAYINGS = sorted(Path(__file__).parent.joinpath("ahead").glob("*.txt"))
MOST_OPEN = 0.1  # of the sayings of a file


@pytest.mark.parametrize("path", SAYINGS, ids=lambda path: path.stem)
def test_every_saying_comes_to_what_is_meant(path: Path) -> None:
    wrong = [f"{saying.text!r} is {shown(found)}" for saying in read(path) if not saying.open and not fits(saying, found := said(saying))]
    assert not wrong, "\n".join([f"{len(wrong)} sayings", *wrong])


@pytest.mark.parametrize("path", SAYINGS, ids=lambda path: path.stem)
def test_what_is_not_understood_yet_is_marked_and_little(path: Path) -> None:
    sayings = read(path)
    marked = [saying for saying in sayings if saying.open]
    understood = [saying.text for saying in marked if fits(saying, said(saying))]
    assert not understood, "these need no mark any more: " + ", ".join(understood)
    assert len(marked) <= MOST_OPEN * len(sayings)
