"""Lays letters out as HTML for mail readers: one column, readable on a phone, light or dark as the reader is. Fetches nothing, runs nothing."""

from __future__ import annotations

from html import escape

from core.domain.sheets import Bar, Block, Sheet
from integrations.documents.charts import DARK, LIGHT

# What mail programs leave of style sheets differs: all that matters for reading stands in the elements, the dark colours alone in the head.
_HEAD = """<!doctype html>
<html{lang}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>{title}</title>
<style>@media (prefers-color-scheme: dark) {{
.page, .card {{ background: {dark.paper} !important; }} .ink {{ color: {dark.ink} !important; }} .soft {{ color: {dark.soft} !important; }}
.track {{ background: {dark.track} !important; }} .fill {{ background: {dark.bar} !important; }} .rule {{ border-color: {dark.line} !important; }}
}}</style></head>
<body class="page" style="margin:0;padding:0;background:{light.track};-webkit-text-size-adjust:100%">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:16px 8px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0"
 style="max-width:560px;background:{light.paper};border-radius:12px">
<tr><td dir="auto"
 style="padding:24px 20px;font-family:-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif;font-size:16px;line-height:1.5">
"""
_FOOT = "</td></tr></table>{footer}</td></tr></table></body></html>\n"
_INK, _SOFT = f"color:{LIGHT.ink}", f"color:{LIGHT.soft}"


def letter_page(text: str, footer: str) -> str:
    """A letter of plain words: its first line stands out, the others below it as they are."""
    first, _, rest = text.strip().partition("\n")
    lines = [f'<p class="ink" style="margin:0 0 12px;font-size:18px;line-height:1.4;{_INK}">{escape(first)}</p>']
    lines += [f'<p class="ink" style="margin:0 0 8px;{_INK}">{escape(line)}</p>' for line in rest.split("\n") if line.strip()]
    return _page("".join(lines), title=first, language="", footer=footer)


def report_page(sheet: Sheet) -> bytes:
    """A report: its total large, then a bar for every category, place and group or person. Its bills are in the file beside it."""
    parts = [
        f'<h1 class="ink" style="margin:0;font-size:18px;font-weight:600;{_INK}">{escape(sheet.title)}</h1>',
        f'<p class="soft" style="margin:2px 0 12px;font-size:14px;{_SOFT}">{escape(sheet.subtitle)}</p>',
        f'<p class="ink" style="margin:0 0 8px;font-size:34px;line-height:1.15;font-weight:700;{_INK}">{escape(sheet.figure)}</p>',
        *(f'<p class="soft" style="margin:0 0 8px;{_SOFT}">{escape(note)}</p>' for note in sheet.notes if note),
        *(_block(block) for block in sheet.blocks if len(block.bars) > 1 or block is sheet.blocks[0]),
    ]
    return _page("".join(parts), title=sheet.title, language=sheet.language, footer=sheet.words.get("footer", "")).encode()


def _page(body: str, *, title: str, language: str, footer: str) -> str:
    below = "".join(f"<br>{escape(line)}" if number else escape(line) for number, line in enumerate(footer.strip().split("\n")))
    said = f'<p class="soft" style="margin:14px 12px;max-width:536px;font:13px/1.5 Arial,sans-serif;{_SOFT}">{below}</p>' if below else ""
    tongue = f' lang="{escape(language)}"' if language else ""
    return _HEAD.format(lang=tongue, title=escape(title), light=LIGHT, dark=DARK) + body + _FOOT.format(footer=said)


def _block(block: Block) -> str:
    most = max((abs(bar.amount.minor) for bar in block.bars), default=0)
    heading = (
        f'<h2 class="soft rule" style="margin:20px 0 8px;padding-top:14px;border-top:1px solid {LIGHT.line};font-size:14px;font-weight:600;{_SOFT}">'
        f"{escape(block.heading)}</h2>"
    )
    return heading + "".join(_bar(bar, most) for bar in block.bars)


def _bar(bar: Bar, most: int) -> str:
    """A row: what it is and its amount, and below a bar as long as its part of the largest."""
    width = max(1, abs(bar.amount.minor) * 100 // most) if most else 1
    note = f'<div class="soft" style="font-size:13px;{_SOFT}">{escape(bar.note)}</div>' if bar.note else ""
    return (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 10px"><tr>'
        f'<td class="ink" dir="auto" style="{_INK}">{escape(bar.label)}</td>'
        f'<td class="ink" align="right" style="white-space:nowrap;padding-left:12px;font-variant-numeric:tabular-nums;{_INK}">{escape(bar.text)}</td>'
        f'</tr><tr><td colspan="2"><div class="track" style="background:{LIGHT.track};border-radius:3px;height:6px;margin:3px 0">'
        f'<div class="fill" style="background:{LIGHT.bar};border-radius:3px;height:6px;width:{width}%"></div></div>{note}</td></tr></table>'
    )
