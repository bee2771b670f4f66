"""The simulated company's leads as score cells under the default model, and what each kind would have brought."""

from __future__ import annotations

import numpy as np

from dashboard.scoring.cells import Work
from dashboard.scoring.model import Criterion, Gate, Kind, ScoringModel
from dashboard.scoring.scorecard_file import default_model
from dashboard.scoring.structure import AnyOf, Flag, HowMany, Question, asked, structure_of
from data_access.demonstration.conversion import ARR_SHARE_MEAN
from data_access.demonstration.options import DemoOptions, Selection
from data_access.demonstration.scorecard import LEVELS, SIGNALS
from data_access.demonstration.worked import Queue
from data_access.demonstration.world import World as Company
from data_access.demonstration.world import build_world
from tests.calibration.outcomes_worlds import World, counted

FIELDS = {
    "account.employees": "company_size",
    "account.industry": "industry",
    "account.tech_stack": "tech_stack",
    "account.use_case": "use_case",
}


def company_world(options: DemoOptions, model: ScoringModel | None = None) -> World:
    """All leads that partners brought, however long their deals take; those whom inbound sales works are left out."""
    model, company = model or default_model(), build_world(options)
    sourced = company.arrivals.sourced & (company.desk.queue != Queue.INBOUND)
    structure = structure_of(model)
    digits = np.stack([_answers(company, model, question)[sourced] for question in structure.questions]).astype(
        np.uint8
    )
    work = _work(company, options)[sourced]
    outcomes = company.outcomes
    worked = work != Work.NEVER
    arr = np.rint(np.where(outcomes.wins, outcomes.arr, 0.0)[sourced] * 100)
    win = company.odds.win(company.desk.inside_share)[sourced]
    chances = (win, company.odds.sql[sourced], win * company.odds.mean_amount[sourced] * ARR_SHARE_MEAN * 100)
    return counted(
        model, structure, digits, company.arrivals.partner[sourced], work, outcomes.reaches_sql[sourced] & worked,
        outcomes.wins[sourced] & worked, np.where(worked, arr, 0).astype(np.int64), chances,
    )  # fmt: skip


def _work(company: Company, options: DemoOptions) -> np.ndarray:
    below = Work.EXPERIMENT if options.below_threshold is Selection.RANDOM else Work.WORKED
    return np.select(
        [company.desk.queue == Queue.NONE, company.desk.queue == Queue.BELOW], [Work.NEVER, below], Work.WORKED
    ).astype(np.uint8)


def _answers(company: Company, model: ScoringModel, question: Question) -> np.ndarray:
    """What every lead answers; recorded fields and signals before the hand-over, as the sales desk saw them."""
    seen = company.signals.seen
    if isinstance(question, AnyOf | HowMany):
        columns = [SIGNALS.index(name) for name in question.signals if name in SIGNALS]
        count = seen[:, columns].sum(axis=1)
        return np.minimum(count, 1) if isinstance(question, AnyOf) else count
    if isinstance(question, Flag):
        return np.zeros(len(seen), np.int64) if question.gate is Gate.RECORDED else company.desk.eql.astype(np.int64)
    if question.kind is Kind.SIGNAL:
        return np.where(seen[:, SIGNALS.index(question.looks_at)], 1, 2)
    named = next(criterion for criterion in model.criteria if asked(criterion) == question)
    name = FIELDS[named.looks_at]
    table = np.array([_level(named, number, level) for number, level in enumerate(LEVELS[name])])
    account = company.arrivals.account
    known = company.accounts.known[name][account]
    return np.where(known, table[company.accounts.level[name]][account], 0)


def _level(criterion: Criterion, number: int, name: str) -> int:
    """Which level of the criterion a simulated level falls into."""
    if criterion.looks_at == "account.employees":
        return number + 1
    if criterion.looks_at == "account.tech_stack":
        return {"crm and warehouse": 1, "crm or warehouse": 2, "neither": 3}[name]
    levels = enumerate(criterion.levels, 1)
    return next(place for place, level in levels if level.otherwise or name in level.any_of)
