"""Owns RapidOCR (PP-OCRv6 models inside its package, on ONNX Runtime): pixels to boxes of text. Runs in the confined child only."""

from __future__ import annotations

from typing import Any

import numpy
from rapidocr import RapidOCR

NAME = "rapidocr"
# One thread: the machine has other work, and the time of a photo is told for one core. Rows are read one by one and as narrow as they are:
# in batches they are padded to the widest, which costs half as much again and 200 MB.
_SETTINGS = {
    "Global.use_cls": False,
    "Global.log_level": "error",
    "Global.max_side_len": 6000,
    "Global.text_score": 0.3,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Det.limit_type": "max",
    "Det.limit_side_len": 960,
    "Rec.rec_img_shape": [3, 48, 96],
    "Rec.rec_batch_num": 1,
}


class Rapid:
    """The engine, loaded once a process. Rows are found at `side` pixels of the longer side and read at the full size of the picture."""

    def __init__(self) -> None:
        self._engine = RapidOCR(params=_SETTINGS)

    def read(self, width: int, height: int, pixels: bytes, *, side: int, turns: int = 0) -> dict[str, object]:
        """`boxes`: `[[x0, y0 ... x3, y3], text, score]` each, of the picture turned so many times by a quarter against the clock."""
        image = numpy.rot90(numpy.frombuffer(pixels, dtype=numpy.uint8).reshape(height, width, 3)[:, :, ::-1], turns)
        self._engine.cfg.Det.limit_side_len = side
        if self._engine.text_det is not None:
            self._engine.text_det.limit_side_len = side
        found: Any = self._engine(numpy.ascontiguousarray(image))
        if not getattr(found, "txts", None):
            return {"boxes": []}
        boxes = [
            [[round(float(number), 1) for corner in box for number in corner], str(text), round(float(score), 4)]
            for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        ]
        return {"boxes": boxes}
