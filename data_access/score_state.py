"""What was the score rollup made for, and is it right for what is asked now?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from dashboard.scoring.model import ScoringModel
from dashboard.scoring.structure import Structure, structure_of
from data_access.scoring_models import ActiveModel

# On lead, signal, deal and fx_rate four each, on account, asset, partner and data_version one.
_TRIGGERS = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the rollup is to be made for."""

    active: ActiveModel
    as_of: datetime
    zone: str
    currency: str
    structure: Structure = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "structure", structure_of(self.active.model))

    @property
    def model(self) -> ScoringModel:
        """The scorecard."""
        return self.active.model

    @property
    def fingerprint(self) -> str:
        """What the codes depend on."""
        return f"{self.structure.identity}/{self.model.window_days}"

    @property
    def definition(self) -> str:
        """What the points depend on."""
        return hashlib.sha256(repr(self.model).encode()).hexdigest()[:32]

    @property
    def parameters(self) -> dict[str, object]:
        """The bound parameters of every statement."""
        return {"as_of": self.as_of, "zone": self.zone, "currency": self.currency}


@dataclass(frozen=True, slots=True)
class State:
    """What the rollup was made for, and what has happened since.

    `valid_from` and `next_change`: it is right for moments from the one up to, but not at, the other, unless leads are
    `dirty` (entries in the queue; `all_dirty`: one that means every lead). `watched`: triggers would tell of changes.
    """

    structure: str
    definition: str
    model_version: int | None
    zone: str
    currency: str
    recording: tuple[str, ...]
    leads: int
    valid_from: datetime
    as_of: datetime
    next_change: datetime | None
    dirty: int
    all_dirty: bool
    watched: bool

    def due(self, as_of: datetime, connection: Connection) -> int:
        """How many leads have an event that came to pass since."""
        question = text("SELECT count(*) FROM eql.lead_score WHERE next_change <= :as_of")
        return int(connection.execute(question, {"as_of": as_of}).scalar_one())


_STATE = """
SELECT s.structure, s.definition, s.model_version, s.zone, s.currency, s.recording, s.leads, s.valid_from, s.as_of,
       (SELECT min(next_change) FROM eql.lead_score) AS next_change,
       q.entries AS dirty, q.everything AS all_dirty,
       (SELECT count(*) >= :triggers FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = to_regnamespace('eql') AND t.tgname LIKE 'note!_score!_%' ESCAPE '!'
          AND t.tgenabled IN ('O', 'A')) AS watched
FROM eql.score_state s,
     (SELECT count(*) AS entries, coalesce(bool_or(lead_id IS NULL), false) AS everything FROM eql.score_dirty) AS q
"""


def read_state(connection: Connection) -> State | None:
    """What the rollup was made for; None where there is none."""
    row = connection.execute(text(_STATE), {"triggers": _TRIGGERS}).one_or_none()
    if row is None:
        return None
    values: dict[str, Any] = dict(row._mapping)
    return State(**{**values, "recording": tuple(values["recording"])})


def is_current(state: State | None, wanted: Wanted) -> bool:
    """Whether cells and scores are right for the moment and the model."""
    return (
        state is not None
        and state.definition == wanted.definition
        and state.model_version == wanted.active.version
        and holds(state, wanted.fingerprint, wanted.as_of, wanted.zone, wanted.currency)
    )


def holds(state: State, fingerprint: str, as_of: datetime, zone: str, currency: str) -> bool:
    """Whether the cells are right for the questions and the moment."""
    return (
        (state.structure, state.zone, state.currency) == (fingerprint, zone, currency)
        and not state.dirty
        and (state.watched or state.as_of == as_of)
        and state.valid_from <= as_of
        and (state.next_change is None or state.next_change > as_of)
    )


def same(state: State, wanted: Wanted) -> bool:
    """Whether its codes answer the questions asked, in the zone and currency asked for."""
    return (state.structure, state.zone, state.currency) == (wanted.fingerprint, wanted.zone, wanted.currency)
