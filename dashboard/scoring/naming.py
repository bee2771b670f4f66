"""Which criterion does a person mean who writes `company_size`?"""

from __future__ import annotations

import re

from dashboard.domain import UserError
from dashboard.scoring.model import Criterion, ScoringModel


def word(name: str) -> str:
    """A name as one writes it on a command line or in a link: lower case, _ for blanks."""
    return re.sub(r"\s+", "_", name.strip().casefold())


def criterion_named(model: ScoringModel, text: str) -> Criterion:
    """The criterion of that name, in any case and with _ for blanks; UserError where there is none, or two."""
    exact = [own for own in model.criteria if own.name.casefold() == text.strip().casefold()]
    found = exact or [own for own in model.criteria if word(own.name) == word(text)]
    if not found:
        known = ", ".join(word(own.name) for own in model.criteria) or "none"
        raise UserError(f"There is no criterion “{text.strip()}”; known are {known}.")
    if len(found) > 1:
        names = " and ".join(f"“{own.name}”" for own in found)
        raise UserError(f"“{text.strip()}” may mean {names}: write the name with its blanks.")
    return found[0]
