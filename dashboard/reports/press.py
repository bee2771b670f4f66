"""How is one PDF set without its traces staying in the server? In a process of its own, started with this file.

Typst remembers what it has set, about 150 MB for 500 partners, and drops it only some documents later. Standard input
is a JSON object: `template` (path), `fonts` (folder), `machine_fonts` (also those of the machine), `stamp` (seconds
since 1970), `data`. Standard output is the PDF.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import typst


def main() -> None:
    """Sets what standard input asks for."""
    order = json.load(sys.stdin)
    template = Path(order["template"])
    fonts = typst.Fonts(order["machine_fonts"], include_embedded_fonts=False, font_paths=[order["fonts"]])
    made = typst.Compiler(template, root=template.parent, font_paths=fonts).compile(
        format="pdf", sys_inputs={"data": json.dumps(order["data"])}, timestamp=order["stamp"]
    )
    assert isinstance(made, bytes)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
