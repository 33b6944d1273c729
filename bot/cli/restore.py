"""`tuppence restore`: an archive of `tuppence backup` into an empty database. Never overwrites anything."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

from bot.cli.backup import BLOBS, FORMAT, key_mark
from bot.settings import MASTER_KEY_FILE, Settings
from core.errors import DomainError
from integrations.dumps import load_database
from integrations.postgres import binary_folders, start_embedded

HELP = "Load an archive of `tuppence backup` into an empty database."

ROLES = ("tuppence_app", "tuppence_auditor")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One argument: the archive."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the archive to read")
    parser.epilog = "The database must be empty, and the master key the one it was written with: put master.key into TUPPENCE_HOME first."


def run(options: argparse.Namespace) -> int:
    """0 when everything is loaded; 1, with nothing changed, where the archive, the key or the database does not fit."""
    settings = Settings.load()
    try:
        with tarfile.open(options.file, mode="r:") as archive:
            problem = _restore(archive, settings)
    except (OSError, tarfile.TarError, KeyError, TypeError, ValueError) as error:
        problem = f"{options.file} cannot be read as a backup: {error}"
    if problem:
        print(f"tuppence restore: {problem}", file=sys.stderr)
        return 1
    print(f"{options.file}: restored")
    return 0


def _restore(archive: tarfile.TarFile, settings: Settings) -> str:
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
        try:
            load_database(dsn, Path(place) / "database.dump", folders=binary_folders(), roles=ROLES)
        except DomainError:
            return "the database is not empty: restore into a new TUPPENCE_HOME or DATABASE_URL"
        if (Path(place) / BLOBS).is_dir():
            blobs.mkdir(mode=0o700, exist_ok=True)
            shutil.copytree(Path(place) / BLOBS, blobs, dirs_exist_ok=True)
    return ""


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
