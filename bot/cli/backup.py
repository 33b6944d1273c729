"""`tuppence backup`: the database and the stored files into one archive. Never holds the master key, only a mark to know it by."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import io
import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path

from bot.settings import Settings
from core.db.erasure import erased_people
from integrations.dumps import dump_database
from integrations.postgres import binary_folders, start_embedded
from integrations.storage.deletions import DeletionFile, write_deletions

HELP = "Save the database and the stored files into one archive, also while the service runs."

FORMAT = 1
BLOBS = "blobs"  # the name of the folder of stored files in the archive
DELETIONS = "erased.txt"  # and of the deletion list: an archive also tells an older one who was erased since


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One argument: the archive."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the archive to write; it must not exist yet")
    parser.epilog = "The archive does not hold the master key: keep master.key of TUPPENCE_HOME (or TUPPENCE_MASTER_KEY) apart from it."


def run(options: argparse.Namespace) -> int:
    """0 when the archive is whole and on disk, 1 where the file is there already or the database cannot be dumped."""
    file: Path = options.file
    settings = Settings.load()
    if file.exists():
        print(f"tuppence backup: {file} is there already", file=sys.stderr)
        return 1
    if not file.absolute().parent.is_dir():
        print(f"tuppence backup: there is no folder {file.absolute().parent}", file=sys.stderr)
        return 1
    dsn = settings.database_url or start_embedded(settings.home)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix="backup.") as place:
        dump = Path(place) / "database.dump"
        dump_database(dsn, dump, folders=binary_folders())
        deletions = asyncio.run(_deletions(dsn, settings.deletion_list))
        manifest: dict[str, str | int] = {"format": FORMAT, "key": key_mark(settings.master_key)}
        _write(file, dump=dump, blobs=settings.blob_folder, deletions=deletions, manifest=manifest)
    print(f"{file}: {file.stat().st_size} bytes")
    return 0


def key_mark(master_key: bytes) -> str:
    """16 hex digits by which a restore knows the right key; they do not help to guess 32 random bytes."""
    return hashlib.sha256(b"tuppence backup key mark" + master_key).hexdigest()[:16]


async def _deletions(dsn: str, path: Path) -> str:
    """The list of TUPPENCE_HOME, brought up to date from the database."""
    kept = DeletionFile(path)
    await kept.add(await erased_people(dsn))
    return write_deletions(await kept.read())


def _write(file: Path, *, dump: Path, blobs: Path, deletions: str, manifest: dict[str, str | int]) -> None:
    """Under another name until it is whole, readable by its owner only."""
    draft = file.with_name(f"{file.name}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for name, text in (("manifest.json", json.dumps(manifest)), (DELETIONS, deletions)):
                header = tarfile.TarInfo(name)
                header.size = len(text.encode())
                archive.addfile(header, io.BytesIO(text.encode()))
            archive.add(dump, "database.dump")
            for blob in sorted(blobs.rglob("*")):
                with contextlib.suppress(FileNotFoundError):  # erased since the folder was listed
                    archive.add(blob, f"{BLOBS}/{blob.relative_to(blobs).as_posix()}", recursive=False)
        stream.flush()
        os.fsync(stream.fileno())
    draft.rename(file)
