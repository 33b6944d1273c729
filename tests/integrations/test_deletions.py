"""The deletion list: only ever added to, whole after a torn line, closed to others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from integrations.storage.deletions import DeletionFile, parse_deletions

AT = datetime(2025, 3, 14, 12, tzinfo=UTC)
ANNA, BEN = UUID(int=1), UUID(int=2)


async def test_what_is_added_is_read_and_stays(tmp_path: Path) -> None:
    kept = DeletionFile(tmp_path / "erased.txt")
    assert await kept.read() == {}
    await kept.add({ANNA: AT})
    await kept.add({ANNA: AT.replace(year=2026), BEN: AT})
    assert await DeletionFile(tmp_path / "erased.txt").read() == {ANNA: AT, BEN: AT}
    assert (tmp_path / "erased.txt").stat().st_mode & 0o777 == 0o600


async def test_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "erased.txt"
    file.write_text(f"{AT.isoformat()} {ANNA}\n{AT.isoformat()} 0000")
    await DeletionFile(file).add({BEN: AT})
    assert await DeletionFile(file).read() == {ANNA: AT, BEN: AT}


def test_a_line_without_a_time_zone_or_an_id_is_none() -> None:
    assert parse_deletions(f"2025-03-14T12:00:00 {ANNA}\n{AT.isoformat()} anna\nDear Anna\n") == {}
