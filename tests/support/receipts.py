"""Receipts for tests, written by hand as rows of text: as boxes for the extraction, as a drawn picture for the engines."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from integrations.receipts.boxes import Box

LETTER, LINE = 11.0, 30.0


def boxes_of(text: str, *, width: int = 40) -> list[Box]:
    """A box for each column of each line; columns are parted by three blanks or more, the last one ends at the right margin."""
    boxes = []
    for number, line in enumerate(text.strip("\n").splitlines()):
        columns = [column.strip() for column in line.split("   ") if column.strip()]
        place = len(line) - len(line.lstrip())
        for index, column in enumerate(columns):
            last = index == len(columns) - 1 and len(columns) > 1
            left = (width - len(column) if last else place) * LETTER
            boxes.append(Box(column, 0.97, left, number * LINE, left + len(column) * LETTER, number * LINE + 22))
            place += len(column) + (width - sum(map(len, columns))) // max(1, len(columns))
    return boxes


def draw(text: str, *, kind: str = "JPEG", size: int = 26, **options: object) -> bytes:
    """The same text as a picture, black on white."""
    lines = text.strip("\n").splitlines()
    font = ImageFont.load_default(size)
    image = Image.new("RGB", (int(40 * size * 0.62) + 80, len(lines) * int(size * 1.6) + 80), "white")
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        columns = [column.strip() for column in line.split("   ") if column.strip()]
        top = 40 + number * int(size * 1.6)
        for index, column in enumerate(columns):
            last = index == len(columns) - 1 and len(columns) > 1
            left = image.width - 40 - pen.textlength(column, font) if last else 40
            pen.text((left, top), column, "black", font)
    return encode(image, kind, **options)


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def pdf(pages: int, *, content: bytes = b"") -> bytes:
    """A PDF of empty pages (or of one content stream on each), written by hand."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)]
    kids = []
    for _ in range(pages):
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] /Contents 3 0 R /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>")  # fmt: skip  # noqa: E501
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, b" ".join(kids))
    return _written(objects)


def _written(objects: Sequence[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
