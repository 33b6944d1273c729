"""The QR campaign: payments of every rail drawn, spoilt as chats spoil pictures, and read by a reader that is none of ours."""

from __future__ import annotations

import argparse
import io
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import zxingcpp
from PIL import Image

from integrations.documents.qr import picture
from tests.support.payments import READERS, any_offer, values

WIDTHS = (200, 600)  # pixels
QUALITY = 60  # what messengers leave of a JPEG
ENOUGH = 0.999

Draw = Callable[..., bytes]


@dataclass(frozen=True, slots=True)
class Shown:
    """One code as it was drawn and read. `read` None: nothing was found."""

    rail: str
    text: str
    width: int
    read: str | None

    @property
    def right(self) -> bool:
        return self.read == self.text


def payments(chance: Random) -> Iterator[tuple[str, str]]:
    """Rail and text: by turns what a payer is offered, and whatever the rail can write."""
    while True:
        asked = any_offer(chance)
        yield asked.made.rail.value, asked.made.code
        rail = chance.choice(sorted(READERS))
        yield rail, READERS[rail].write(values(rail, chance))


def spoilt(png: bytes, width: int) -> Image.Image:
    """Made smaller and compressed."""
    made = Image.open(io.BytesIO(png)).convert("RGB").resize((width, width), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    made.save(data, "JPEG", quality=QUALITY)
    return Image.open(data)


def show(rail: str, text: str, width: int, *, draw: Draw = picture) -> Shown:
    """Draw, spoil, read."""
    found = zxingcpp.read_barcodes(spoilt(draw(text, cross=rail == "qr_bill"), width), formats=zxingcpp.BarcodeFormat.QRCode)
    return Shown(rail, text, width, found[0].bytes.decode("utf-8", "replace") if found else None)


def campaign(*, count: int, seed: int, draw: Draw = picture) -> list[Shown]:
    """`count` codes at widths by chance."""
    chance = Random(seed)
    source = payments(chance)
    return [show(*next(source), chance.randint(*WIDTHS), draw=draw) for _ in range(count)]


def report(shown: list[Shown]) -> int:
    """Print what came of it; the exit status. A code that reads as another one is never forgiven."""
    wrong = [each for each in shown if not each.right]
    mistaken = [each for each in wrong if each.read is not None]
    for each in wrong[:20]:
        print(f"{each.rail} of {len(each.text.encode())} bytes at {each.width} pixels: {'nothing' if each.read is None else repr(each.read)}")
    print(f"{len(shown) - len(wrong)} of {len(shown)} read as they were written, {len(mistaken)} as something else")
    return 1 if mistaken or len(wrong) > (1 - ENOUGH) * len(shown) else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    begun = time.monotonic()
    status = report(campaign(count=options.count, seed=options.seed))
    print(f"{time.monotonic() - begun:.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main())
