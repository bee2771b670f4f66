"""How is one paper set without its traces staying in the server? In a process of its own, started with this file.

Typst remembers what it has set, about 150 MB for 500 partners, and drops it only some documents later. Standard input
is a JSON object: `template` (path), `fonts` (folder), `machine_fonts` (also those of the machine), `stamp` (seconds
since 1970), `data`, `format`. Standard output is the PDF, or the pages as PNG: a JSON list of texts in base 64.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import typst

PPI = 192  # sharp on a projector


def main() -> None:
    """Sets what standard input asks for."""
    order = json.load(sys.stdin)
    template = Path(order["template"])
    fonts = typst.Fonts(order["machine_fonts"], include_embedded_fonts=False, font_paths=[order["fonts"]])
    inputs = {"data": json.dumps(order["data"])}
    compiler = typst.Compiler(template, root=template.parent, font_paths=fonts)
    if order["format"] == "png":
        made = compiler.compile(format="png", ppi=PPI, sys_inputs=inputs)
        pages = made if isinstance(made, list) else [made]
        sys.stdout.write(json.dumps([base64.b64encode(page).decode() for page in pages if isinstance(page, bytes)]))
        return
    paper = compiler.compile(format="pdf", sys_inputs=inputs, timestamp=order["stamp"])
    assert isinstance(paper, bytes)
    sys.stdout.buffer.write(paper)


if __name__ == "__main__":
    main()
