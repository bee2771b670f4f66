"""Which commands does `python -m dashboard` have? Every module of this package that has an `add_parser`."""

from __future__ import annotations

import argparse
import pkgutil
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def version() -> str:
    """The product's version, as pyproject.toml states it."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; each command sets `run` to the function that takes the arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m dashboard", description="Partner-performance dashboard: who performs, and how sure are we?"
    )
    parser.add_argument("--version", action="version", version=f"partner-performance-dashboard {version()}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        import_module(f"{__name__}.{module.name}").add_parser(subparsers)
    return parser
