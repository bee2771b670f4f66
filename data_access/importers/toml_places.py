"""Is what stands at a place of a TOML file of the kind that belongs there?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any


class Wrong(Exception):
    """Something in the mapping is wrong at a place; becomes a UserError that names the file."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}" if where else what)


def only(body: Mapping[str, Any], allowed: Sequence[str], where: str) -> None:
    """Refuses keys that are not allowed here, with the nearest that is."""
    for key in body:
        if key not in allowed:
            near = get_close_matches(key, allowed, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; known here: {', '.join(allowed) or 'nothing'}"
            raise Wrong(f"{where}.{key}".strip("."), f"this key is not known{hint.removesuffix('?')}")


def table_at(given: Any, where: str) -> dict[str, Any]:
    """A table, or a refusal."""
    if not isinstance(given, dict):
        raise Wrong(where, "must be a table")
    return given


def tables_at(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The tables under a key."""
    return table_at(content.get(key, {}), key)


def text_at(body: Mapping[str, Any], key: str, where: str) -> str | None:
    """A text under a key, None where there is none."""
    if key in body and not isinstance(body[key], str):
        raise Wrong(f"{where}.{key}".strip("."), "must be a text in quotation marks")
    return body.get(key)


def word_of(given: Any, where: str) -> str:
    """A single value as text."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, dict | list):
        raise Wrong(where, "must be a single value")
    return str(given)


def texts_at(body: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """A list of texts under a key; one text is a list of one."""
    given = body.get(key, [])
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise Wrong(f"{where}.{key}".strip("."), "must be a list of texts")
    return tuple(given)


def flag_at(body: Mapping[str, Any], key: str, where: str) -> bool:
    """True or false under a key."""
    given = body.get(key, False)
    if not isinstance(given, bool):
        raise Wrong(f"{where}.{key}".strip("."), "must be true or false")
    return given


def choice_at(body: Mapping[str, Any], key: str, choices: tuple[str, ...], where: str) -> str | None:
    """One of some words under a key."""
    given = body.get(key)
    if given is not None and given not in choices:
        raise Wrong(f"{where}.{key}".strip("."), f"must be one of {', '.join(choices)}")
    return given
