"""What does the page say about one lead? Its score in a sentence, what would have qualified it, and rows for tables."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import polars as pl

from dashboard import wording
from dashboard.frames.lead_why import Explained
from dashboard.scoring.model import OPTIONAL, Criterion, Gate, Group, Kind, ScoringModel
from dashboard.scoring.why import MOST_CHANGES, Change, Does, Line, Why
from data_access.lead_why import Fate, LeadFacts

GATES = {
    Gate.SCORE: "Enough points",
    Gate.TRIGGERS: "Enough triggers",
    Gate.ICP: "ICP match",
    Gate.ECOSYSTEM: "Ecosystem signal",
    Gate.BUYING: "Buying signal",
    Gate.CONFIRMED: "Confirmed by both sides",
}
_MISSING = {
    Gate.TRIGGERS: "too few triggers",
    Gate.ICP: "no ICP match",
    Gate.ECOSYSTEM: "no ecosystem signal",
    Gate.BUYING: "no buying signal",
    Gate.CONFIRMED: "no confirmation by both sides",
}
HAND_OVER = {
    "assigned_at": "it was assigned to sales",
    "first_contacted_at": "sales contacted it",
    "sql_at": "it became sales-qualified",
    "opened_at": "its first deal was opened",
}
_SUMMED = {2: "twice", 3: "three times", 4: "four times"}


def called(lead: LeadFacts) -> str:
    """The lead by its company, else by its e-mail domain, else by its key; safe in Markdown."""
    return wording.plain(lead.company or lead.email_domain or f"Lead {lead.lead_id}")


def answer(explained: Explained) -> str:
    """The first line: score, threshold, whether it qualifies, and what the scenario would say."""
    now, then = explained.now, explained.then
    said = f"{called(explained.lead)} has {now.score} of {_top(now.model)} points {_verdict(now)}"
    if now.model == then.model:
        return f"{said}."
    return f"{said}. In the scenario it has {then.score} {_verdict(then)}."


def _top(model: ScoringModel) -> int:
    return model.fit_total + model.intent_total


def _verdict(why: Why) -> str:
    if why.qualified:
        return f"and qualifies (threshold {why.model.threshold})"
    lacks = [f"{wording.several(why.lacking, 'point')} below {why.model.threshold}"] if why.lacking else []
    lacks += [text for gate, text in _MISSING.items() if why.missing & gate]
    return f"and does not qualify: {wording.enumeration(lacks)}"


def about(lead: LeadFacts, why: Why, zone: str) -> str:
    """Where it came from, when sales took it, and how much is known of it."""
    parts = [f"Lead {wording.plain(lead.lead_id)}"]
    if lead.partner:
        parts.append(f"through {wording.plain(lead.partner)}")
    parts.append(f"created {wording.moment(lead.created_at, zone)}")
    if lead.handed_over_at and lead.handed_over_by:
        parts.append(f"handed over {wording.moment(lead.handed_over_at, zone)}, when {HAND_OVER[lead.handed_over_by]}")
    else:
        parts.append("not handed over to sales")
    parts.append("an EQL in the CRM" if lead.eql_at else "no EQL in the CRM")
    if lead.crm_score is not None:
        parts.append(f"CRM score {lead.crm_score:g}")
    if lead.experiment:
        parts.append("worked as an experiment")
    share = wording.rate(why.known / len(why.lines), 0) if why.lines else wording.NOTHING
    return f"{', '.join(parts)}. {share} of what the scorecard asks is known."


def ways(why: Why) -> list[str]:
    """What would have qualified it, one way a line; a sentence where there is none or nothing is lacking."""
    if why.qualified:
        return []
    if not why.ways:
        return [f"No {wording.count(MOST_CHANGES)} changes would have qualified it."]
    lines = [wording.enumeration([change_words(own) for own in way]) for way in why.ways]
    if why.more:
        lines.append(f"{wording.several(why.more, 'more way')} with as many changes")
    return lines


def lacks(why: Why) -> str:
    """How a list of ways begins: `Two more points are missing; any of these would have done:`."""
    if not why.ways:
        return ""
    size = len(why.ways[0])
    one = "Any one of these" if len(why.ways) > 1 else "This"
    what = one if size == 1 else f"{one}, {wording.count(size)} changes together,"
    return f"{what} would have qualified it:"


def change_words(change: Change) -> str:
    """`pricing page view (+8)`, `tech stack known to be “CRM or warehouse” (+7)`, with the gates that it opens."""
    brings = [f"+{change.points}"] if change.points else []
    brings += [GATES[gate].lower() for gate in OPTIONAL if change.opens & gate]
    brings += ["one trigger more"] if change.trigger and not change.points else []
    said = f" ({', '.join(brings)})" if brings else ""
    if change.does is Does.CONFIRMED:
        return "partner and vendor confirm it"
    if change.does is Does.KNOWN:
        ((criterion, level),) = change.criteria
        return f"{wording.plain(criterion.name)} known to be “{wording.plain(level.name)}”{said}"
    times = "" if change.times == 1 else f" seen {_SUMMED.get(change.times, f'{change.times} times')}"
    return f"{wording.plain(wording.label(change.subject).lower())}{times}{said}"


def scorecard(explained: Explained) -> pl.DataFrame:
    """One row a criterion: group, criterion, what is known, level, points, the most, points in the scenario."""
    now, then = explained.now, {line.criterion.name: line for line in explained.then.lines}
    counted = Counter(explained.signals_now.filter(pl.col("fate") == Fate.COUNTS.value)["signal"].to_list())
    order = sorted(now.lines, key=lambda line: line.criterion.group is Group.INTENT)
    rows: list[dict[str, object]] = [
        {
            "group": wording.label(line.criterion.group.value),
            "criterion": line.criterion.name,
            "known": _known(line.criterion, explained.lead, counted),
            "level": line.level.name if line.level else ("unknown" if not line.known else "none"),
            "points": line.points,
            "most": line.criterion.most,
            "scenario": then[line.criterion.name].points if line.criterion.name in then else None,
        }
        for line in order
    ]
    names = {line.criterion.name for line in now.lines}
    rows += [_only_then(line, explained.lead) for name, line in then.items() if name not in names]
    schema = dict.fromkeys(("group", "criterion", "known", "level"), pl.String) | dict.fromkeys(
        ("points", "most", "scenario"), pl.Int64
    )
    return pl.DataFrame(rows, schema=schema)


def _only_then(line: Line, lead: LeadFacts) -> dict[str, object]:
    return {
        "group": wording.label(line.criterion.group.value),
        "criterion": f"{line.criterion.name} (scenario only)",
        "known": None if line.criterion.kind is Kind.SIGNAL else lead.fields.get(line.criterion.looks_at),
        "level": line.level.name if line.level else "none",
        "points": None,
        "most": line.criterion.most,
        "scenario": line.points,
    }


def _known(criterion: Criterion, lead: LeadFacts, counted: Counter[str]) -> str | None:
    if criterion.kind is not Kind.SIGNAL:
        value = lead.fields.get(criterion.looks_at)
        return ", ".join(_tags(value)) if value and criterion.kind is Kind.TAGS else value
    times = counted[criterion.looks_at]
    return "not seen" if not times else "seen once" if times == 1 else f"seen {_SUMMED.get(times, f'{times} times')}"


def _tags(text: str) -> list[str]:
    """The entries of a list as Postgres writes it."""
    return [tag.strip('"') for tag in text.strip("{}").split(",") if tag]


def gates(explained: Explained, zone: str) -> pl.DataFrame:
    """One row a gate: its name, passed or not under both models, and what it was passed by."""
    now, then = explained.now, explained.then
    wanted = [gate for gate in GATES if gate in now.model.required | then.model.required or gate is Gate.ICP]
    return pl.DataFrame(
        {
            "gate": [GATES[gate] + ("" if gate in now.model.required else " (not required)") for gate in wanted],
            "passed": [bool(now.gates & gate) for gate in wanted],
            "scenario": [bool(then.gates & gate) for gate in wanted],
            "by": [_by(gate, explained, zone) for gate in wanted],
        },
        schema={"gate": pl.String, "passed": pl.Boolean, "scenario": pl.Boolean, "by": pl.String},
    )


def _by(gate: Gate, explained: Explained, zone: str) -> str:
    model, now = explained.now.model, explained.now
    if gate is Gate.SCORE:
        return f"{now.score} of at least {model.threshold}"
    if gate is Gate.ICP:
        return f"{now.fit} of at least {model.icp_at_least} points of fit"
    if gate is Gate.CONFIRMED:
        return "partner and vendor" if now.gates & gate else "not by both"
    signals = {Gate.TRIGGERS: model.triggers, Gate.ECOSYSTEM: model.ecosystem, Gate.BUYING: model.buying}[gate]
    seen = explained.signals_now.filter((pl.col("fate") == Fate.COUNTS.value) & pl.col("signal").is_in(list(signals)))
    firsts = seen.unique("signal", keep="first", maintain_order=True)
    named = [
        f"{wording.label(name).lower()} on {_day(at, zone)}"
        for name, at in firsts.select("signal", "occurred_at").iter_rows()
    ]
    if gate is Gate.TRIGGERS:
        return f"{now.triggers} of at least {model.min_triggers}{': ' if named else ''}{', '.join(named)}"
    return ", ".join(named) or f"none of {', '.join(wording.label(name).lower() for name in signals)}"


def _day(at: datetime, zone: str) -> str:
    return " ".join(wording.moment(at, zone).split()[:3])


def signals(explained: Explained) -> pl.DataFrame:
    """When which signal was seen, how many days after the lead's creation, and whether it counts."""
    model = explained.now.model
    named = set(model.signals())
    counts = {
        Fate.COUNTS.value: "counts",
        Fate.AFTER_HAND_OVER.value: "no: seen after the hand-over to sales",
        Fate.OUTSIDE_WINDOW.value: f"no: more than {model.window_days} days from the lead's creation",
    }
    found = explained.signals_now
    far = {own.looks_at: own.within_days for own in model.criteria if own.kind is Kind.SIGNAL and own.within_days}
    said = []
    for signal, days, fate in found.select("signal", "days", "fate").iter_rows():
        if fate == Fate.COUNTS.value and signal not in named:
            said.append("not asked by the scorecard")
        elif fate == Fate.COUNTS.value and abs(days) > far.get(signal, model.window_days):
            said.append(f"for gates only: points within {far[signal]} days")
        else:
            said.append(counts[fate])
    return found.select(
        pl.col("occurred_at"),
        pl.Series("signal", [wording.label(name) for name in found["signal"]], dtype=pl.String),
        pl.col("days").round(1),
        pl.Series("counts", said, dtype=pl.String),
    )


def option(row: tuple[str, str | None, str | None, str | None, datetime]) -> str:
    """A found lead in a list: company, domain, partner, day, key."""
    lead_id, company, domain, partner, created = row
    parts = [company or domain or "company unknown", partner, wording.day(created), lead_id]
    return " · ".join(part for part in parts if part)
