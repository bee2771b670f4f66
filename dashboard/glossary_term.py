"""What is an entry of the glossary? Its name on screen, its meaning, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One entry: its name on screen, what it means, and how it is read (basis, limits)."""

    name: str
    meaning: str
    reading: str = ""

    @property
    def help(self) -> str:
        """The text of the tooltip."""
        return f"{self.meaning}\n\n{self.reading}" if self.reading else self.meaning
