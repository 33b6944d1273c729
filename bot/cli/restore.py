"""`tuppence restore`: an archive of `tuppence backup` into an empty database. Overwrites nothing, and brings nobody back who was erased since."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path
from uuid import UUID

from bot.cli.backup import BLOBS, DELETIONS, FORMAT, key_mark
from bot.jobs.erasures import Erasures
from bot.parts import open_blobs
from bot.settings import MASTER_KEY_FILE, Settings
from core.db.crypto import Keys
from core.db.migrate import migrate
from core.db.session import Database
from core.errors import DomainError
from integrations.dumps import load_database
from integrations.postgres import binary_folders, start_embedded
from integrations.storage.deletions import DeletionFile, parse_deletions

HELP = "Load an archive of `tuppence backup` into an empty database."

ROLES = ("tuppence_app", "tuppence_auditor")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The archive, and deletion lists newer than it."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the archive to read")
    parser.add_argument(
        "--erased", type=Path, action="append", default=[], metavar="LIST",
        help="erase again who is on this list: an erased.txt of TUPPENCE_HOME, or a newer archive, which holds one",
    )  # fmt: skip
    parser.epilog = (
        "The database must be empty, and the master key the one it was written with: put master.key into TUPPENCE_HOME first, "
        "and erased.txt where it is still there."
    )


def run(options: argparse.Namespace) -> int:
    """0 when everything is loaded; 1, with nothing changed, where an archive, a list, the key or the database does not fit."""
    settings = Settings.load()
    try:
        listed = {person: at for path in options.erased for person, at in _deletions(path).items()}
        with tarfile.open(options.file, mode="r:") as archive:
            problem = _restore(archive, settings, listed)
    except (OSError, tarfile.TarError, KeyError, TypeError, ValueError) as error:
        problem = f"{options.file} cannot be read as a backup: {error}"
    if problem:
        print(f"tuppence restore: {problem}", file=sys.stderr)
        return 1
    print(f"{options.file}: restored")
    return 0


def _deletions(path: Path) -> dict[UUID, datetime]:
    """Of a list, or of the archive that holds one. ValueError for what is neither."""
    if tarfile.is_tarfile(path):
        with tarfile.open(path, mode="r:") as archive:
            return _deletions_in(archive)
    text = path.read_text("ascii", "replace")
    found = parse_deletions(text)
    if text.strip() and not found:
        raise ValueError(f"{path} is no deletion list")
    return found


def _deletions_in(archive: tarfile.TarFile) -> dict[UUID, datetime]:
    """Nobody in an archive from before there was a list."""
    return parse_deletions(_member(archive, DELETIONS).decode("ascii", "replace")) if DELETIONS in archive.getnames() else {}


def _restore(archive: tarfile.TarFile, settings: Settings, listed: dict[UUID, datetime]) -> str:
    """What is wrong, or an empty text when all is loaded."""
    manifest = json.loads(_member(archive, "manifest.json"))
    if manifest["format"] != FORMAT:
        return f"an archive of format {manifest['format']}, this version reads {FORMAT}"
    if settings.master_key_text is None and not (settings.home / MASTER_KEY_FILE).exists():
        return f"no master key: put the {MASTER_KEY_FILE} that belongs to this backup into {settings.home}, or set TUPPENCE_MASTER_KEY"
    if manifest["key"] != key_mark(settings.master_key):
        return "the master key is not the one that this backup was written with"
    blobs = settings.blob_folder
    if blobs.is_dir() and any(blobs.iterdir()):
        return f"{blobs} is not empty: restore into a new TUPPENCE_HOME"
    dsn = settings.database_url or start_embedded(settings.home)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix="restore.") as place:
        _unpack(archive, Path(place))
        # Kept first: if this comes to no end, every start of the service tries again before it serves anybody.
        asyncio.run(DeletionFile(settings.deletion_list).add({**_deletions_in(archive), **listed}))
        try:
            load_database(dsn, Path(place) / "database.dump", folders=binary_folders(), roles=ROLES)
        except DomainError:
            return "the database is not empty: restore into a new TUPPENCE_HOME or DATABASE_URL"
        if (Path(place) / BLOBS).is_dir():
            blobs.mkdir(mode=0o700, exist_ok=True)
            shutil.copytree(Path(place) / BLOBS, blobs, dirs_exist_ok=True)
    asyncio.run(_erase_again(dsn, settings))
    return ""


async def _erase_again(dsn: str, settings: Settings) -> None:
    deletions = DeletionFile(settings.deletion_list)
    if not await deletions.read():
        return
    await asyncio.to_thread(migrate, dsn)  # the archive may be of an older version
    database = await Database.open(dsn, keys=Keys(settings.master_key), pool_size=2, durable=False)  # nothing is served here
    try:
        count = await Erasures(database, blobs=open_blobs(settings), deletions=deletions).repeat()
    finally:
        await database.close()
    if count:
        print(f"{count} {'person' if count == 1 else 'people'} erased again, who asked for it after this backup")


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    stream = archive.extractfile(name)
    if stream is None:
        raise ValueError(f"{name} is no file")
    with stream:
        return stream.read()


def _unpack(archive: tarfile.TarFile, place: Path) -> None:
    """Plain files below the place only, whatever the archive says of links, owners and paths."""
    for member in archive:
        target = (place / member.name).resolve()
        if not member.isfile() or not target.is_relative_to(place.resolve()):
            continue
        stream = archive.extractfile(member)
        if stream is not None:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with stream, target.open("xb") as file:
                shutil.copyfileobj(stream, file)
