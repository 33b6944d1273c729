"""The Interpreter of a model behind an OpenAI-compatible address: the message goes out as quoted data, the answer must fit a closed schema."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from core.domain.remarks import Asked, Guess, Kind, Remark, Sharing
from core.errors import ServiceUnavailable
from integrations.completions import Completions

ANSWER_MOST = 16 * 1024  # bytes, the envelope included
TEXT_MOST = 200
PEOPLE_MOST = 50


def _day(value: object) -> object:
    """A day is written as one; a number of seconds, which pydantic would also take, is not."""
    if isinstance(value, str):
        return date.fromisoformat(value)
    if value is not None:
        raise ValueError("no day")
    return value


Day = Annotated[date | None, BeforeValidator(_day)]


class Answer(BaseModel):
    """What the model must answer: every key, and no other."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Kind
    amount: str | None
    currency: str | None
    description: str | None
    category: str | None
    day: Day
    person: str | None
    sharing: Sharing
    people: list[str]
    sender: str | None
    receiver: str | None
    asked: Asked | None
    start: Day
    end: Day


def schema(categories: Sequence[str]) -> dict[str, Any]:
    """The JSON schema of the answer, in the form that strict structured output asks for."""
    made = Answer.model_json_schema()
    made["properties"]["category"] = {"anyOf": [{"type": "string", "enum": list(categories)}, {"type": "null"}]}
    return made


@cache
def instruction() -> str:
    """What the model is told once, before the message."""
    return files("integrations.llm").joinpath("instruction.txt").read_text("utf-8")


class ModelInterpreter:
    """Asks one model. `base_url` ends in /v1; `seconds` without a sign of life end a question."""

    def __init__(self, *, base_url: str, api_key: str | None, model: str, seconds: float) -> None:
        self._model = Completions(base_url=base_url, api_key=api_key, model=model, seconds=seconds, most=ANSWER_MOST)

    async def interpret(self, remark: Remark) -> Guess:
        """As the port says."""
        messages = [{"role": "system", "content": instruction()}, {"role": "user", "content": quoted(remark)}]
        wanted = {"name": "meaning", "strict": True, "schema": schema(remark.categories)}
        return guess_of(await self._model.ask(messages, answer_format={"type": "json_schema", "json_schema": wanted}))

    async def close(self) -> None:
        """End the connections."""
        await self._model.close()


def quoted(remark: Remark) -> str:
    """The message and what it may name, as one JSON object: nothing in it can end the quotation."""
    return json.dumps(
        {
            "message": remark.text,
            "speaker": remark.speaker,
            "members": remark.members,
            "categories": remark.categories,
            "currency": remark.currency,
            "today": remark.today.isoformat(),
        }
    )


def guess_of(said: str) -> Guess:
    """Raises ServiceUnavailable for what does not fit: other keys, other types, the same key twice, texts of great length."""
    try:
        answer = Answer.model_validate(json.loads(said, object_pairs_hook=_once))
    except (ValidationError, ValueError, RecursionError) as problem:
        raise ServiceUnavailable("model") from problem
    values = {field.name: getattr(answer, field.name) for field in fields(Guess)}
    texts = [value for value in (*values.values(), *answer.people) if isinstance(value, str)]
    if len(answer.people) > PEOPLE_MOST or any(len(text) > TEXT_MOST for text in texts):
        raise ServiceUnavailable("model")
    return Guess(**values | {"people": tuple(answer.people)})


def _once(pairs: Sequence[tuple[str, object]]) -> Mapping[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
