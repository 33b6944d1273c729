"""Owns turning a file that somebody sent into upright pixels without anything else in it. Runs in the confined child only."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import pillow_heif
import pypdfium2
from PIL import Image, ImageOps

from integrations.receipts.sniffing import MAX_BYTES, MAX_PIXELS, Kind, Refusal, sniff

LONGEST_PIXELS = 2000  # of the longer side, for reading
LONG_STRIP = 3.0  # beyond this ratio of the sides it is the shorter one that matters
SHORT_SIDE_PIXELS = 760
MAX_SIDE_PIXELS = 6000
THUMBNAIL_PIXELS = 480
PDF_PAGES = 3
PDF_MOST_PAGES = 500
_FORMATS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP"}


@dataclass(frozen=True, slots=True)
class Page:
    """Pixels of one page: three bytes each, red, green, blue, from the top left."""

    width: int
    height: int
    pixels: bytes


def pages_of(data: bytes) -> Iterator[Page]:
    """The pages of a picture (one) or of a PDF (the first ones). Raises Refusal with a code for what is not to be read."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    if len(data) > MAX_BYTES:
        raise Refusal("too_large")
    kind = sniff(data)
    try:
        if kind is Kind.PDF:
            yield from (_page(image) for image in _pdf(data))
        else:
            yield _page(_picture(data, kind))
    except Refusal:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as problem:
        raise Refusal("too_many_pixels") from problem
    except Exception as problem:  # decoders raise what they like at broken files
        raise Refusal("broken") from problem


def _picture(data: bytes, kind: Kind) -> Image.Image:
    if kind is Kind.HEIC:
        heif = pillow_heif.open_heif(data, convert_hdr_to_8bit=True)
        _check_pixels(*heif.size)
        return ImageOps.exif_transpose(heif.to_pillow())
    image: Image.Image = Image.open(io.BytesIO(data), formats=[_FORMATS[kind]])
    _check_pixels(*image.size)
    if kind is not Kind.JPEG and getattr(image, "is_animated", False):  # a phone's JPEG may carry a second picture
        raise Refusal("animated")
    if kind is Kind.JPEG:
        longest = max(image.size)
        if longest >= 2 * LONGEST_PIXELS and longest < LONG_STRIP * min(image.size):
            image.draft("RGB", (image.size[0] // 2, image.size[1] // 2))
    image.load()
    return ImageOps.exif_transpose(image)


def _pdf(data: bytes) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(data)
    if not len(document):
        raise Refusal("broken")
    if len(document) > PDF_MOST_PAGES:
        raise Refusal("too_many_pages")
    for number in range(min(PDF_PAGES, len(document))):
        page = document[number]
        width, height = page.get_size()
        if not (0 < width < 20000 and 0 < height < 20000):
            raise Refusal("too_many_pixels")
        scale = min(200 / 72, _scale(width, height))
        _check_pixels(int(width * scale) + 1, int(height * scale) + 1)
        yield page.render(scale=scale, may_draw_forms=False).to_pil()


def as_jpeg(page: Page) -> bytes:
    """The page as a JPEG of its own, with nothing of the file it came from."""
    stream = io.BytesIO()
    Image.frombytes("RGB", (page.width, page.height), page.pixels).save(stream, "JPEG", quality=88)
    return stream.getvalue()


def as_thumbnail(page: Page) -> bytes:
    """The page as a small JPEG."""
    image = Image.frombytes("RGB", (page.width, page.height), page.pixels)
    image.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return stream.getvalue()


def fingerprint(page: Page) -> int:
    """64 bits, signed: whether each of 8 x 8 places is darker than its right neighbour. Source: "Kind of Like That" (dHash), N. Krawetz, 2013."""
    image = Image.frombytes("RGB", (page.width, page.height), page.pixels).convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    grey = image.tobytes()
    bits = sum(1 << (8 * row + column) for row in range(8) for column in range(8) if grey[9 * row + column] < grey[9 * row + column + 1])
    return bits - (1 << 64) if bits >> 63 else bits


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or width < 1 or height < 1:
        raise Refusal("too_many_pixels")
    if min(width, height) < 16:
        raise Refusal("too_small")


def _page(image: Image.Image) -> Page:
    """White behind what is transparent, eight bits, no larger than is useful."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    scale = _scale(*image.size)
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    image = image.convert("RGB")
    return Page(image.width, image.height, image.tobytes())


def _scale(width: float, height: float) -> float:
    """What makes the longer side LONGEST_PIXELS; a long strip keeps SHORT_SIDE_PIXELS across, or its type would be lost."""
    longest, shortest = max(width, height), max(1.0, min(width, height))
    scale = LONGEST_PIXELS / longest
    if longest > LONG_STRIP * shortest:
        scale = max(scale, min(SHORT_SIDE_PIXELS / shortest, MAX_SIDE_PIXELS / longest))
    return scale
