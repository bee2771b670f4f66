"""Which texts would a spreadsheet run? Names from data come out of every CSV file as text."""

from __future__ import annotations

from typing import TypeVar

STARTS = ("=", "+", "-", "@", "\t", "\r")
Cell = TypeVar("Cell")


def harmless(cell: Cell) -> Cell | str:
    """A text that begins like a formula gets an apostrophe in front; everything else stays as it is."""
    if isinstance(cell, str) and (cell.startswith(STARTS) or cell.lstrip().startswith(STARTS)):
        return f"'{cell}"
    return cell
