"""How does a scorecard become the active model? One transaction: a new version, a line in the log, every lead rescored.

Nothing is rewritten: a former model is published again as a new version whose parent is the former one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from dashboard.domain import UserError
from dashboard.scoring.model import ScoringModel
from data_access.scenarios import sound_document
from data_access.score_rollup import rescore as rescore_all
from data_access.scoring_models import ActiveModel, Version, version_of
from data_access.signed_writes import PUBLISH_LOCK, audit, noted, signed, titled, writing

PUBLISH_TIMEOUT_MS = 600_000

# Scores all leads under a model, in the transaction that it is given, and says how many.
Rescore = Callable[[Connection, ScoringModel, int, datetime], int]


@dataclass(frozen=True, slots=True)
class Published:
    """The version that is active now, and how many leads were rescored under it; None where the scores wait."""

    version: int
    published_at: datetime
    rescored: int | None


class Overtaken(UserError):
    """Somebody published since one looked; `latest` is what is active now. Nothing was written."""

    def __init__(self, latest: Version) -> None:
        by = latest.published_by or latest.author
        super().__init__(
            f"{by} published version {latest.version} in the meantime: look at what it changes, then publish again."
        )
        self.latest = latest


_ACTIVE = """
SELECT version FROM eql.scoring_model
WHERE published_at <= clock_timestamp() ORDER BY published_at DESC, version DESC LIMIT 1
"""
_INSERT = """
INSERT INTO eql.scoring_model (name, definition, parent, author, note, published_at, published_by)
VALUES (:name, CAST(:definition AS jsonb), :parent, :author, :note, clock_timestamp(), :by)
RETURNING version, published_at
"""


def rescoring(zone: str, currency: str) -> Rescore:
    """What scores all leads under a model that is being published; gives the number of rows that changed."""

    def rescored(connection: Connection, model: ScoringModel, version: int, at: datetime) -> int:
        return rescore_all(connection, ActiveModel(model, version, at), at, zone, currency).changed

    return rescored


def publish(
    engine: Engine,
    model: ScoringModel,
    by: str,
    *,
    seen: int | None,
    parent: int | None,
    note: str | None = None,
    author: str | None = None,
    detail: Mapping[str, Any] | None = None,
    rescore: Rescore | None = None,
) -> Published:
    """Makes a model the active one under its own name, if the version `seen` (None: the program's own) still is.

    `by` publishes it, `author` made it (None: the same person), from the version `parent` (None: the program's own).
    `detail` goes into the log as it is. `rescore` scores all leads in the same transaction.
    UserError: no name, or a model that is not sound; Overtaken: somebody was faster; DatabaseUnavailable: nobody
    answers. Nothing is written then.
    """
    actor = signed(by)
    values = {
        "name": titled(model.name),
        "definition": json.dumps(sound_document(model)),
        "parent": parent,
        "author": signed(author) if author else actor,
        "note": noted(note),
        "by": actor,
    }
    overtaken_by: int | None = None
    with writing(engine, PUBLISH_LOCK, PUBLISH_TIMEOUT_MS) as connection:
        active = connection.execute(text(_ACTIVE)).scalar_one_or_none()
        if active == seen:
            version, at = connection.execute(text(_INSERT), values).one()
            scored = rescore(connection, model, version, at) if rescore else None
            more = {"name": values["name"], "parent": values["parent"], "replaces": seen, "rescored": scored}
            audit(connection, actor, "publish scoring model", f"version {version}", more | dict(detail or {}))
            return Published(version, at, scored)
        overtaken_by = active
    raise Overtaken(version_of(engine, int(overtaken_by or 0)))
