"""Read each picture of a corpus once: `python -m tools.receipts.readings CORPUS.json FOLDER --engine rapidocr` writes FOLDER/ENGINE-CORPUS/ID.json.

Pictures that were read before are left out, so that it can be stopped and started again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from integrations.receipts.decoding import Decoder
from integrations.receipts.sandbox import Child

SECONDS = 300


async def read_all(corpus: Path, folder: Path, *, engine: str, options: dict[str, Any]) -> None:
    decoder, child = Decoder(), Child(engine)
    for case in json.loads(corpus.read_text(encoding="utf-8"))["cases"]:
        file = folder / f"{case['id']}.json"
        if file.exists():
            continue
        page = (await decoder.pages((corpus.parent / case["file"]).read_bytes(), seconds=SECONDS))[0]
        said, _ = await child.ask({"width": page.width, "height": page.height, "options": options}, page.data, seconds=SECONDS)
        file.write_text(json.dumps({"boxes": said["boxes"], "size": [page.width, page.height]}, ensure_ascii=False), encoding="utf-8")
        print(file.name, flush=True)
    await child.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", choices=["rapidocr", "tesseract"], default="rapidocr")
    parser.add_argument("--side", type=int, default=960, help="RapidOCR: the longer side in pixels where rows are looked for")
    parser.add_argument("--language", default="eng", help="Tesseract: its code of the language")
    options = parser.parse_args()
    folder = options.folder / f"{options.engine}-{options.corpus.stem}"
    folder.mkdir(parents=True, exist_ok=True)
    chosen = {"side": options.side} if options.engine == "rapidocr" else {"language": options.language}
    asyncio.run(read_all(options.corpus, folder, engine=options.engine, options=chosen))


if __name__ == "__main__":
    main()
