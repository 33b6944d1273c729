"""Asks a language model about messages that no rule understood: which ones, how often and for how long. Writes nothing and holds no transaction."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from bot.breaker import Breaker
from bot.conversation.answers import pending_of
from bot.conversation.hearing import parse_context
from bot.conversation.intents import Understanding
from bot.conversation.parsing import hearsay
from bot.conversation.turn import Turn
from bot.log import error_fields, log
from bot.metrics import Metrics
from core.db.caps import Cap, count_send
from core.db.session import Database
from core.domain.messages import ChatKind, InboundKind
from core.domain.remarks import Guess
from core.errors import ServiceUnavailable
from core.ports import Clock, Interpreter
from core.reading.source import LanguageError, table_of


class Bounds(BaseModel):
    """What second_reading.toml holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    seconds: PositiveFloat
    calls_a_person: int = Field(ge=0)
    calls_in_all: int = Field(ge=0)
    at_once: PositiveInt
    text_most: PositiveInt
    members_most: PositiveInt
    failures: PositiveInt
    rest_seconds: PositiveInt
    rest_most_seconds: PositiveInt


def read_bounds(text: str | None = None) -> Bounds:
    """The bounds of second_reading.toml, or of `text` in its form. LanguageError with the key that is missing, unknown or wrong."""
    values = table_of("second_reading.toml", files("bot").joinpath("second_reading.toml").read_text("utf-8") if text is None else text)
    try:
        return Bounds(**values)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise LanguageError(f"second_reading.toml: {wrong}") from None


class SecondReading:
    """One a process. What it cannot or may not find out stays as the rules have it."""

    def __init__(self, interpreter: Interpreter, database: Database, *, clock: Clock, metrics: Metrics, bounds: Bounds | None = None) -> None:
        hearsay.check_data()
        self.bounds = bounds or read_bounds()
        self._interpreter = interpreter
        self._database = database
        self._clock = clock
        self._metrics = metrics
        rest, rest_most = timedelta(seconds=self.bounds.rest_seconds), timedelta(seconds=self.bounds.rest_most_seconds)
        self._breaker = Breaker(failures=self.bounds.failures, rest=rest, rest_most=rest_most)
        self._asking = 0
        metrics.model_away.set(0)

    def start(self, turn: Turn, understood: Understanding) -> asyncio.Task[Understanding] | None:
        """Ask about this message, if that is allowed now: a task that ends within the seconds of the bounds, with `understood` where nothing
        came of it. None where the message is not to be asked about.
        """
        if not self._may_be_asked_about(turn, understood):
            return None
        refusal = "resting" if not self._breaker.admits(self._clock()) else "busy" if self._asking >= self.bounds.at_once else None
        if refusal is not None:
            self._count(refusal)
            return None
        self._asking += 1
        probe = self._breaker.begin()
        task = asyncio.create_task(self._read(turn, understood, probe=probe))
        task.add_done_callback(lambda done: self._ended(done, probe=probe))
        return task

    def _ended(self, task: asyncio.Task[Understanding], *, probe: bool) -> None:
        self._asking -= 1
        if task.cancelled():
            self._breaker.end(probe=probe, worked=None, now=self._clock())

    def _may_be_asked_about(self, turn: Turn, understood: Understanding) -> bool:
        """In a group only where an amount stands in the message, or where it answers us: silence beats noise."""
        message, pending = turn.message, pending_of(turn)
        mine = message.kind is InboundKind.TEXT and not message.forwarded and message.bank is None and message.consent is None
        if hearsay.openness(understood) is None or not mine or turn.capabilities.mute:
            return False
        if len(message.text) > self.bounds.text_most or (pending is not None and pending["kind"] != "proposal"):
            return False
        context = parse_context(turn, now=self._clock())
        if len(context.members) > self.bounds.members_most or not hearsay.may_leave(message.text):
            return False
        return self._is_meant_for_us(turn) or (hearsay.openness(understood) == "anything" and hearsay.names_amount(message.text, context))

    @staticmethod
    def _is_meant_for_us(turn: Turn) -> bool:
        return turn.message.chat_kind is ChatKind.PRIVATE or (turn.replied_to is not None and turn.replied_to.outbox_id is not None)

    async def _read(self, turn: Turn, understood: Understanding, *, probe: bool) -> Understanding:
        worked: bool | None = None
        try:
            async with asyncio.timeout(self.bounds.seconds):
                if await self._over_budget(turn) is not None:
                    self._count("budget")
                    return understood
                worked = False
                guess = await self._ask(turn)
                worked = True
            return self._judged(guess, turn, understood)
        except (TimeoutError, ServiceUnavailable):
            self._count("failed")
        except Exception as error:
            log.error("no second reading", stage="model", channel=turn.message.address.channel, trace_id=turn.trace_id, **error_fields(error))
            self._count("failed")
        except asyncio.CancelledError:
            worked = None
            raise
        finally:
            self._breaker.end(probe=probe, worked=worked, now=self._clock())
            self._metrics.model_away.set(self._breaker.is_open)
        return understood

    async def _ask(self, turn: Turn) -> Guess:
        began = self._clock()
        guess = await self._interpreter.interpret(hearsay.remark(turn.message.text, parse_context(turn, now=began)))
        self._metrics.took("model", start=began, now=self._clock())
        return guess

    def _judged(self, guess: Guess, turn: Turn, understood: Understanding) -> Understanding:
        only = hearsay.openness(understood) or "questions"
        found = hearsay.believed(guess, turn.message.text, parse_context(turn, now=self._clock()), only=only)
        if found is not None and found.question is None and not self._is_meant_for_us(turn):
            found = None  # nobody asked us
        self._count("none" if guess.kind == "none" else "refused" if found is None else guess.kind)
        return found or understood

    async def _over_budget(self, turn: Turn) -> str | None:
        """The scope whose budget of the day is used up. Counted before the call: what was counted and not asked costs nothing."""
        who = turn.sender.person_id if turn.sender is not None else turn.conversation.conversation_id
        caps = [Cap("model", "", self.bounds.calls_in_all), Cap("model_person", who.hex, self.bounds.calls_a_person)]
        return await count_send(self._database, caps, now=self._clock())

    def _count(self, outcome: str) -> None:
        self._metrics.model.labels(outcome).inc()

    async def close(self) -> None:
        """End the connections."""
        await self._interpreter.close()
