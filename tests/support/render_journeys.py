"""`make docs`: every journey as chat screens on one static page, so that the tests are the manual. Writes HTML only, reads transcripts only."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path

from tests.support.transcripts import Act, Chat, Prose, Said, Transcript, read_transcript

REPOSITORY = Path(__file__).parents[2]
JOURNEYS = REPOSITORY / "tests" / "journeys"
PAGE = Path(__file__).with_name("journeys_page.html")
_BILL = re.compile(r"= (?P<chat>\S+) (?P<day>\d{4}-\d\d-\d\d) (?P<what>.*) (?P<amount>[\d.]+) (?P<currency>[A-Z]{3}): (?P<shares>.*)")
_BALANCES = re.compile(r"= (?P<chat>\S+) (?P<currency>[A-Z]{3}) (?P<row>.*)")
HUES = ("blue", "plum", "teal", "rust", "olive", "rose")


@dataclass
class Screen:
    """One phone: what is said in one chat without a break, and the prose beside it. `me` is whose phone it is."""

    chat: Chat
    me: str
    rows: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    day: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path, help="where to write, such as docs/journeys.html")
    page: Path = parser.parse_args().page
    journeys = {path.stem: read_transcript(path.read_text(encoding="utf-8")) for path in sorted(JOURNEYS.glob("*.txt"))}
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(render_page(journeys), encoding="utf-8")


def render_page(journeys: dict[str, Transcript]) -> str:
    """The whole page, from file name (without its ending) to transcript."""
    links = "".join(f'<li><a href="#{escape(name)}">{escape(journey.title)}</a></li>' for name, journey in journeys.items())
    parts = {"links": links, "journeys": "\n".join(render_journey(name, journey) for name, journey in journeys.items())}
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], PAGE.read_text(encoding="utf-8"))


def render_journey(name: str, journey: Transcript) -> str:
    hues = {who: HUES[place % len(HUES)] for place, who in enumerate(dict.fromkeys(act.who for act in journey.acts if act.who))}
    screens = "\n".join(_screen(screen) for screen in _screens(journey, hues))
    finals = "".join(f"<li>{_final(line)}</li>" for line in journey.finals)
    stands = f'<aside class="stands"><h3>What stands in the end</h3><ul>{finals}</ul></aside>' if finals else ""
    return f'<section class="journey" id="{escape(name)}"><h2>{escape(journey.title)}</h2>\n{screens}\n{stands}</section>'


def _screens(journey: Transcript, hues: dict[str, str]) -> list[Screen]:
    """Cut a journey where the chat changes or prose begins a new thought."""
    screens: list[Screen] = []
    prose: list[str] = []
    narrator = next((act.who for act in journey.acts if act.who), "")
    for part in journey.parts:
        if isinstance(part, Prose):
            prose.append(part.text)
            continue
        if prose or not screens or screens[-1].chat != part.chat:
            screens.append(Screen(part.chat, part.who if part.chat.kind == "private" and part.who else narrator, prose=prose))
            prose = []
        _add(screens[-1], part, hues)
    return screens


def _add(screen: Screen, act: Act, hues: dict[str, str]) -> None:
    day = f"{act.at:%A} {act.at.day} {act.at:%B}"
    if screen.day != day:
        screen.rows.append(f'<li class="day"><span>{day}</span></li>')
        screen.day = day
    screen.rows.append(_act(screen, act, hues))
    screen.rows += [_said(message, act.at) for message in act.said]
    if not act.said and act.kind in ("text", "photo", "file", "edit"):
        screen.rows.append('<li class="note quiet">Tuppence keeps quiet</li>')


def _act(screen: Screen, act: Act, hues: dict[str, str]) -> str:
    who = escape(act.who.capitalize())
    doing = {
        "button": f"{who} taps <b>{escape(act.text)}</b>" + (f" on “{escape(act.about)}…”" if act.about else ""),
        "join": f"{who} joins the chat",
        "leave": f"{who} leaves the chat",
        "reaction": f"{who} reacts {escape(act.text)} to “{escape(act.about or '')}”",
        "tick": "Time passes",
        "again": "The same message arrives a second time",
    }.get(act.kind)
    if doing:
        return f'<li class="note">{doing}</li>'
    mine = act.who == screen.me
    name = "" if mine or screen.chat.kind == "private" else f'<span class="who {hues[act.who]}">{who}</span>'
    quote = f'<q class="quote">{escape(act.about)}</q>' if act.about and act.kind == "text" else ""
    photo = f'<span class="photo">▣ {escape(act.file)}</span>' if act.file else ""
    edited = f' <span class="tag">edited, was “{escape(act.about or "")}”</span>' if act.kind == "edit" else ""
    heard = f'<span class="hidden">{who} writes: </span>' if not name else ""
    side = "mine" if mine else "theirs"
    return f'<li class="row {side}"><p class="bubble">{name}{heard}{quote}{photo}{_text(act.text)}{edited}{_time(act.at)}</p></li>'


def _said(message: Said, at: datetime) -> str:
    edited = ' <span class="tag">replaced in place</span>' if message.edited else ""
    apart = f'<span class="tag">only to {escape(message.chat.capitalize())}</span> ' if message.chat else ""
    files = "".join(f'<span class="photo">▤ {escape(name)}</span>' for name in message.files)
    keys = "".join(f'<span class="key">{escape(label)}</span>' for label in message.buttons)
    keys = f'<span class="keys" aria-label="Buttons">{keys}</span>' if keys else ""
    body = f'<p class="bubble"><span class="hidden">Tuppence answers: </span>{apart}{files}{_text(message.text)}{edited}{_time(at)}</p>'
    return f'<li class="row bot{" toast" if message.chat else ""}">{body}{keys}</li>'


def _screen(screen: Screen) -> str:
    title = screen.chat.name.capitalize() if screen.chat.kind == "group" else "Tuppence"
    where = "group" if screen.chat.kind == "group" else "just the two of you"
    prose = "".join(f"<p>{escape(text)}</p>" for text in screen.prose)
    rows = "\n".join(screen.rows)
    return f"""<div class="scene"><div class="prose">{prose}</div>
<figure class="phone"><figcaption><span class="avatar" aria-hidden="true">{escape(title[:1])}</span><span><b>{escape(title)}</b>
<small>{where} · {escape(screen.chat.channel)}, on {escape(screen.me.capitalize())}’s screen</small></span></figcaption>
<ol class="chat">{rows}</ol></figure></div>"""


def _text(text: str) -> str:
    return f'<span class="text">{escape(text)}</span>'


def _time(at: datetime) -> str:
    return f'<time datetime="{at.isoformat()}">{at:%H:%M}</time>'


def _final(line: str) -> str:
    """A line of what stands: a bill, or the balances with their amounts in colour and sign."""
    if bill := _BILL.fullmatch(line):
        day = datetime.fromisoformat(bill["day"])
        what = f"<b>{escape(bill['what'])}</b> {bill['amount']} {bill['currency']} <small>{escape(bill['chat'])}, {day.day} {day:%b}</small>"
        return f"{what}<span>{escape(bill['shares'])}</span>"
    if balances := _BALANCES.fullmatch(line):
        signed = re.sub(r"\S+\d(?=,|$)", lambda match: _signed(match[0]), escape(balances["row"]))
        return f"<b>Balance</b> {balances['currency']} <small>{escape(balances['chat'])}</small><span>{signed}</span>"
    return escape(line.removeprefix("= "))


def _signed(amount: str) -> str:
    if not amount.strip("0.-"):
        return amount
    sign, kind = ("−", "minus") if amount.startswith("-") else ("+", "plus")
    return f'<span class="{kind}">{sign}{amount.removeprefix("-")}</span>'


if __name__ == "__main__":
    main()
