"""A model behind an OpenAI-compatible address: one question, one text as the answer. Knows nothing of what is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import httpx

from core.errors import ServiceUnavailable

Message = Mapping[str, object]


class Completions:
    """`base_url` ends in /v1; without `api_key` none is shown. An answer of more than `most` bytes is none.

    Follows no redirect, takes no compressed body and heeds no proxy settings: what is sent goes to that address alone.
    """

    def __init__(self, *, base_url: str, api_key: str | None, model: str, seconds: float, most: int) -> None:
        self._model = model
        self._most = most
        headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {api_key}"} if api_key else {})
        self._client = httpx.AsyncClient(base_url=base_url, headers=headers, timeout=seconds, follow_redirects=False, trust_env=False)

    async def ask(self, messages: Sequence[Message], *, answer_format: Mapping[str, object]) -> str:
        """The text of the first choice. Raises ServiceUnavailable for anything else, such as a refusal, half an answer or a call of a tool."""
        request = {"model": self._model, "temperature": 0, "response_format": answer_format, "messages": messages}
        try:
            choice = json.loads(await self._post(request))["choices"][0]
            said = choice["message"]["content"]
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError, RecursionError) as problem:
            raise ServiceUnavailable("model") from problem
        if not isinstance(said, str) or choice.get("finish_reason") not in (None, "stop"):
            raise ServiceUnavailable("model")
        return said

    async def close(self) -> None:
        """End the connections."""
        await self._client.aclose()

    async def _post(self, request: Mapping[str, object]) -> bytes:
        body = bytearray()
        async with self._client.stream("POST", "/chat/completions", json=request) as response:
            if response.status_code != httpx.codes.OK or response.headers.get("Content-Encoding", "identity") != "identity":
                raise ServiceUnavailable("model")
            async for part in response.aiter_raw():
                body += part
                if len(body) > self._most:
                    raise ServiceUnavailable("model")
        return bytes(body)
