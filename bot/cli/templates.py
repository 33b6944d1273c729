"""`tuppence templates`: every sentence that is said, as a channel shows it, and whether it fits. Reads the catalogues, touches no database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from bot.conversation.replies.catalogue import COMMAND, add_sentences, catalogue, languages
from bot.conversation.replies.formats import Voice
from bot.conversation.replies.samples import sampled
from bot.settings import Settings
from core.reading.source import LanguageError
from integrations.channels.limits import CAPABILITIES, SMS_PARTS_MOST
from integrations.channels.twilio.alphabet import cost, plain

HELP = "what Tuppence says, in every language, as a channel shows it"
CHANNELS = tuple(name for name, each in CAPABILITIES.items() if each.talks)
PLACED_ELSEWHERE = ("about", "about_short", "forward_on", COMMAND)  # never sent by SMS: a bot's introduction, and an address with its secret
_COUNTS = (0, 1, 2, 5, 11, 21, 100)  # one of each plural that any language has


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with samples in it. `segments`: how many SMS it takes, None on other channels; `fault`: why it cannot be sent so."""

    code: str
    language: str
    text: str
    segments: int | None
    fault: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("codes", nargs="*", metavar="CODE", help="which ones; * stands for anything (budget_*). Without: all")
    parser.add_argument("--language", choices=languages(), help="one language; else all")
    parser.add_argument("--channel", choices=CHANNELS, default="telegram", help="as it is shown there (telegram)")
    parser.add_argument("--folder", type=Path, help="with own sentences of this folder, as by TUPPENCE_TEMPLATES")
    parser.add_argument("--check", action="store_true", help="print only what does not fit, in all languages and channels")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(options: argparse.Namespace) -> int:
    """0; 1 where one does not fit, where own sentences are wrong, or where no sentence is called so."""
    folder = options.folder or Settings.load().templates
    try:
        if folder is not None:
            add_sentences(folder)
    except (LanguageError, OSError) as problem:
        print(f"tuppence templates: {problem}", file=sys.stderr)
        return 1
    spoken = [options.language] if options.language else languages()
    places = CHANNELS if options.check else [options.channel]
    found = [(channel, each) for channel in places for language in spoken for each in templates(language, channel, options.codes)]
    if not found:
        print(f"tuppence templates: no sentence is called {' or '.join(options.codes)}", file=sys.stderr)
        return 1
    wrong = [(channel, each) for channel, each in found if each.fault]
    for channel, each in wrong if options.check else found:
        print(_as_json(channel, each) if options.json else _as_text(channel, each))
    if not options.json:
        versions = ", ".join(f"{language} {catalogue(language).version}" for language in spoken)
        print(f"{len(found)} sentences, {len(wrong)} that do not fit; {versions}")
    return 1 if wrong else 0


def templates(language: str, channel: str, codes: Iterable[str] = ()) -> Iterator[Template]:
    """The sentences of a language as a channel shows them, in the order of the catalogue; a counting one in its longest form."""
    wanted = list(codes)
    voice = Voice(language, plain=channel == "sms")
    for code in catalogue(language).codes():
        if wanted and not any(fnmatchcase(code, each) for each in wanted):
            continue
        counts = _COUNTS if "count" in voice.fields(code) else _COUNTS[:1]
        text = max((sampled(voice, code, count=count) for count in counts), key=len)
        yield _template(code, language, channel, text)


def _template(code: str, language: str, channel: str, text: str) -> Template:
    if channel != "sms":
        most = CAPABILITIES[channel].text_limit
        return Template(code, language, text, None, f"{len(text)} characters, {most} at most" if len(text) > most else "")
    if code.startswith(PLACED_ELSEWHERE):
        return Template(code, language, text, None, "")
    shown = plain(text)  # not shortened as it would be sent: what is cut off is a fault
    price = cost(shown)
    faults = ["" if price.plain else "letters that GSM-7 has not", f"{price.segments} segments" if price.segments > SMS_PARTS_MOST else ""]
    return Template(code, language, shown, price.segments, ", ".join(filter(None, faults)))


def _as_text(channel: str, each: Template) -> str:
    size = f"{each.segments} SMS" if each.segments is not None else f"{len(each.text)}"
    fault = f"  !! {channel}: {each.fault}" if each.fault else ""
    indented = each.text.replace("\n", "\n    ")
    return f"{each.code} [{each.language}, {size}]{fault}\n    {indented}"


def _as_json(channel: str, each: Template) -> str:
    said = {"code": each.code, "language": each.language, "channel": channel, "text": each.text, "segments": each.segments}
    return json.dumps(said | {"fault": each.fault or None}, ensure_ascii=False)
