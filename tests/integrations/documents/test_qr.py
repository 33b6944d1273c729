"""QR codes as they are drawn: read by a reader that is none of ours, black on white, the Swiss cross where it belongs."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image, ImageChops

from integrations.documents.qr import drawing, picture

TEXTS = [
    "upi://pay?pa=anna@okaxis&pn=Anna&cu=INR",
    "BCD\n002\n1\nSCT\n\nAnna Müller\nDE71110220330123456789\nEUR12.3\n\n\nS2345ABCDE",
    "山田 é",
    "A" * 700,
]


def read(png: bytes) -> zxingcpp.Barcode:
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return found


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("cross", [False, True])
def test_a_picture_is_read_byte_for_byte(text: str, cross: bool) -> None:
    found = read(picture(text, cross=cross))
    assert found.bytes == text.encode()
    assert (found.format, found.ec_level) == (zxingcpp.BarcodeFormat.QRCode, "M")


def test_a_picture_is_at_least_as_wide_as_asked_and_whole_pixels_a_module() -> None:
    modules = int(ElementTree.fromstring(drawing(TEXTS[0])).attrib["viewBox"].split()[2])
    for pixels in (1, 200, 601):
        image = Image.open(io.BytesIO(picture(TEXTS[0], pixels=pixels)))
        assert image.width == image.height >= pixels
        assert image.width % modules == 0
        assert image.getpixel((0, 0)) == 255
        assert set(image.tobytes()) == {0, 255}


def test_the_cross_stands_in_the_middle() -> None:
    bare, crossed = (Image.open(io.BytesIO(picture(TEXTS[3], cross=cross, pixels=2000))) for cross in (False, True))
    changed = ImageChops.difference(bare, crossed).getbbox()
    assert changed is not None
    left, top, right, bottom = changed
    assert abs(left + right - bare.width) < 20 and abs(top + bottom - bare.width) < 20
    assert 0.10 < (right - left) / bare.width < 7 / 46
    middle = bare.width // 2
    third = (right - left) // 3
    assert (crossed.getpixel((middle, middle)), crossed.getpixel((middle - third, middle - third))) == (255, 0)


def test_a_drawing_is_the_picture() -> None:
    for cross in (False, True):
        svg = ElementTree.fromstring(drawing(TEXTS[1], cross=cross))
        size = int(svg.attrib["viewBox"].split()[2])
        image = Image.open(io.BytesIO(picture(TEXTS[1], cross=False, pixels=1))).convert("1")
        scale = image.width // size
        black = set()
        path = next(each for each in svg if each.tag.endswith("path")).attrib["d"]
        for part in path.strip("Mz").split("zM"):
            place, _, run = part.partition("h")
            x, y = map(int, place.split())
            black |= {(x + step, y) for step in range(int(run.split("v")[0]))}
        wanted = {(x, y) for x in range(size) for y in range(size) if not image.getpixel((x * scale, y * scale))}
        assert black == wanted
        assert (len(svg) == 3) is cross


def test_a_drawing_brings_no_style_and_no_script() -> None:
    text = drawing('"><script>alert(1)</script>', cross=True)
    assert "style" not in text and "script" not in text and "http" not in text.replace("http://www.w3.org/2000/svg", "")
