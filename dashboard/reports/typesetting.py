"""How do a document's words, numbers and pictures become a PDF? With Typst, fonts beside it, names never as markup.

The templates (`*.typ`) lay out and compute nothing. Data reach them as one JSON value, so that a name such as `#x()`
or `<b>` is text and cannot be anything else. The same input gives the same bytes.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard import palette
from dashboard.domain import UserError

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
PRESS = HERE / "press.py"
COLOURS = ("PARTNER", "OTHER", "WON", "LOST", "OPEN", "REFERENCE", "ATTENTION", "BREACH")
LONGEST_SETTING = 60  # seconds
LONGEST_WORD = 24  # more signs in a row than this may be broken anywhere
JOINERS = {"\u200c", "\u200d"}  # Persian words and family emoji are spelled with them
STEERING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# What the fonts beside this file can show; only for other writing the machine's own fonts are searched.
_FOREIGN = re.compile(
    "[^\u0000-\u052f\u0590-\u06ff\u0750-\u077f\u1e00-\u1eff\u2000-\u27bf\ufb1d-\ufb4f\ufe0f\ufffd\U0001f000-\U0001faff]"
)


def pdf(template: str, data: Mapping[str, Any], moment: datetime | None = None) -> bytes:
    """The PDF of a template of this folder, filled with data that JSON can hold.

    `moment` (aware) becomes the file's date; without it the file has none. Signs that no font knows show as boxes.
    UserError where setting takes longer than a minute, RuntimeError where a template is wrong.
    """
    return _press(_order(template, data, moment, "pdf"))


def png(template: str, data: Mapping[str, Any]) -> list[bytes]:
    """Each page of a template of this folder as PNG; errors as of `pdf`."""
    return [base64.b64decode(page) for page in json.loads(_press(_order(template, data, None, "png")))]


def _order(template: str, data: Mapping[str, Any], moment: datetime | None, form: str) -> bytes:
    colours = {name.lower(): getattr(palette, name) for name in COLOURS}
    texts = _clean({**data, "colours": colours, "dated": moment is not None})
    order = {
        "template": str(HERE / template),
        "fonts": str(FONTS),
        "machine_fonts": _FOREIGN.search(json.dumps(texts, ensure_ascii=False)) is not None,
        "stamp": int(moment.timestamp()) if moment else 0,
        "data": texts,
        "format": form,
    }
    return json.dumps(order).encode()


def _press(order: bytes) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(PRESS)], input=order, capture_output=True, timeout=LONGEST_SETTING
        )
    except subprocess.TimeoutExpired as late:
        raise UserError("Setting the PDF took more than a minute; choose fewer partners, or take the XLSX.") from late
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    return done.stdout


def one_line(text: object) -> str:
    """A text from the data on one line, without signs that steer: line breaks, controls, changes of direction."""
    kept = (c if c in JOINERS or unicodedata.category(c) not in STEERING else " " for c in str(text))
    return re.sub(" +", " ", "".join(kept)).strip()


def shortened(text: object, longest: int) -> str:
    """A text of at most so many signs, its end replaced by "…"."""
    flat = one_line(text)
    return flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.startswith("<svg") else _breakable(one_line(value))
    if isinstance(value, Mapping):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


def _breakable(text: str) -> str:
    """Very long words get places where a line may end, so that they do not run off the paper."""
    return re.sub(rf"\w{{{LONGEST_WORD},}}", lambda word: "\u200b".join(re.findall(".{1,8}", word[0])), text)
