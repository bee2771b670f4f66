"""How does the qualification read? The answer in a sentence, bars, reasons, and the leads behind each of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dashboard import wording
from dashboard.charts.waterfall import Bar
from dashboard.domain import Estimate
from dashboard.metrics.qualification import Qualification, Step
from dashboard.period import Period
from dashboard.scoring.model import Gate, ScoringModel
from dashboard.views.leads import GATE_NAMES

Link = dict[str, str | list[str] | None]

NAMES = {gate: wording.label(name) if gate is not Gate.ICP else name for gate, name in GATE_NAMES.items()}


def answer(found: Qualification, whose: str, name: str) -> str:
    """The first sentence: how many qualify, and which gate alone stops most."""
    kind = f"{whose} leads" if whose else "leads"
    if not found.leads:
        return f"There are no {kind} in {name}."
    share = f"{wording.rate(found.model_rate.value)}, {wording.interval(found.model_rate)}"
    number = "None" if not found.by_model else wording.count(found.by_model)
    verb = "qualifies" if found.by_model in (0, 1) else "qualify"
    of = f"{number} of {wording.count(found.leads)} {kind} of {name} {verb} by the scoring model ({share})"
    nearest = max(found.steps, key=lambda step: step.only, default=None)
    if nearest is None or not nearest.only:
        return f"{of}."
    return f"{of}; {wording.count(nearest.only)} more fail nothing but the {GATE_NAMES[nearest.gate]}."


def compared(found: Qualification) -> str:
    """What the CRM says beside the model, and how far they agree."""
    if not found.recorded:
        return "The CRM records none of them as EQL." if found.leads else ""
    sentence = f"The CRM records {wording.several(found.recorded, 'EQL')}"
    if not found.by_model:
        return f"{sentence}; the model qualifies none of them."
    return f"{sentence}; the model qualifies {_with_share(found.both, found.confirmed_rate)} of them too."


def overlap(found: Qualification, overlapping: bool) -> str:
    """How many have an account overlap, which is no gate."""
    if overlapping or not found.overlapping:
        return ""
    return (
        f"{wording.count(found.overlapping)} of these leads have an account overlap. "
        "An overlap alone qualifies nobody, and nobody needs one."
    )


def without_icp(found: Qualification) -> str:
    """Why fewer pass every bar than qualify: the model does not ask for an ICP match."""
    if not found.without_icp:
        return ""
    return (
        f"{wording.count(found.without_icp)} of the {wording.count(found.by_model)} that qualify stop at the ICP "
        "match: enough points, though too few of them for fit. The model does not require the match."
    )


def still_open(period: Period, as_of: datetime, model: ScoringModel) -> str:
    """Until when leads of the period can still show signals; empty where that is over."""
    end = period.end + timedelta(days=model.window_days)
    if as_of >= end:
        return ""
    return (
        f"Too early to say for all of them: a lead's signals count for {wording.days(model.window_days)}, "
        f"so leads of this period can still qualify until {wording.day(end)}."
    )


def silent(found: Qualification) -> str:
    """Said where the data hold none of the signals that the model looks at."""
    gates = {step.gate: step for step in found.steps}
    wanted = [gates[gate] for gate in (Gate.ECOSYSTEM, Gate.BUYING, Gate.TRIGGERS) if gate in gates]
    if found.leads and wanted and all(step.fails == found.leads for step in wanted):
        return "No lead shows any signal that the model counts: import signals, or publish a model that knows yours."
    return ""


def completeness(found: Qualification) -> str:
    """How much of what the model looks at is known."""
    if found.completeness is None:
        return ""
    return (
        f"{wording.rate(found.completeness, 0)} of what the model looks at is known; what is unknown gives no points."
    )


def bars(found: Qualification, model: ScoringModel) -> list[Bar]:
    """The waterfall: all leads, then what each gate leaves; at the end the model's own answer and the CRM's."""
    rows = [Bar("Leads", found.leads, 0, wording.count(found.leads), wording.several(found.leads, "lead"))]
    for step in found.steps:
        rows.append(
            Bar(
                NAMES[step.gate],
                step.passed,
                step.lost,
                f"{wording.count(step.passed)} · {wording.rate(step.rate.value)}",
                f"<b>{NAMES[step.gate]}</b>: {requirement(step.gate, model)}<br>"
                f"{wording.count(step.passed)} pass this and every gate above<br>{_hover(step.rate)} of those before",
                f"{wording.count(step.lost)} pass every gate above and stop here",
            )
        )
    for name, number, estimate in (
        ("By the model", found.by_model, found.model_rate),
        ("EQL in the CRM", found.recorded, found.recorded_rate),
    ):
        detail = f"{wording.count(number)} · {wording.rate(estimate.value)}"
        hover = f"<b>{name}</b>: {wording.count(number)}<br>{_hover(estimate)} of all leads"
        rows.append(Bar(name, number, 0, detail, hover, compared=True))
    return rows


def requirement(gate: Gate, model: ScoringModel) -> str:
    """What a gate asks for, with the model's own numbers."""
    asked = {
        Gate.ICP: f"at least {model.icp_at_least} of {model.fit_total} points for fit",
        Gate.ECOSYSTEM: f"one of {_signals(model.ecosystem)}",
        Gate.BUYING: f"one of {_signals(model.buying)}",
        Gate.TRIGGERS: f"at least {model.min_triggers} different intent signals",
        Gate.SCORE: f"at least {model.threshold} of {model.fit_total + model.intent_total} points",
        Gate.CONFIRMED: "confirmed by partner and vendor",
        Gate.OVERLAP: f"one of {_signals(model.overlap)}",
        Gate.RECORDED: "the CRM calls it an EQL",
    }
    return asked[gate]


def links(found: Qualification, overlapping: bool) -> list[tuple[Link, Link]]:
    """For each bar the leads behind it and behind what it lost, as parameters of the page of leads."""
    base = ["overlap"] if overlapping else []
    passed: list[str] = []
    behind: list[tuple[Link, Link]] = [({"passes": base}, {"passes": base})]
    for step in found.steps:
        gate = link_name(step.gate)
        behind.append(({"passes": [*base, *passed, gate]}, {"passes": base + passed, "fails": gate}))
        passed.append(gate)
    model: Link = {"passes": [*base, "model"]}
    recorded: Link = {"passes": [*base, "recorded"]}
    return [*behind, (model, model), (recorded, recorded)]


def link_name(gate: Gate) -> str:
    """A gate as a link names it."""
    return str(gate.name).lower()


def lists(found: Qualification, overlapping: bool) -> dict[str, Link]:
    """Lists worth opening, by what they are called: one step away first, then what fails at all, then disagreements."""
    base = ["overlap"] if overlapping else []
    order = [link_name(step.gate) for step in found.steps]
    offered: dict[str, Link] = {}
    for step in sorted(found.steps, key=lambda step: -step.only):
        if step.only:
            others = [gate for gate in order if gate != link_name(step.gate)]
            offered[f"Only the {GATE_NAMES[step.gate]} is missing ({wording.count(step.only)})"] = {
                "passes": base + others, "fails": link_name(step.gate),
            }  # fmt: skip
    for step in found.steps:
        if step.fails:
            offered[f"{NAMES[step.gate]} is missing ({wording.count(step.fails)})"] = {
                "passes": base, "fails": link_name(step.gate),
            }  # fmt: skip
    for said, number, gates, fails in (
        ("Qualify, and are no EQL in the CRM", found.model_only, ["model"], "recorded"),
        ("EQL in the CRM, and do not qualify", found.recorded_only, ["recorded"], "model"),
        ("Qualify by the model", found.by_model, ["model"], None),
    ):
        if number:
            offered[f"{said} ({wording.count(number)})"] = {"passes": base + gates, "fails": fails}
    return offered


def reasons(steps: Sequence[Step], model: ScoringModel) -> dict[str, list[object]]:
    """Why leads fail, whatever the order of the gates: a column each."""
    return {
        "gate": [NAMES[step.gate] for step in steps],
        "only": [step.only for step in steps],
        "fails": [step.fails for step in steps],
        "share": [f"{wording.rate(step.failing.value)} ({wording.interval(step.failing)})" for step in steps],
        "asks": [requirement(step.gate, model) for step in steps],
    }


def disqualified(found: Qualification) -> dict[str, list[object]]:
    """Why leads were disqualified, as the CRM says: a column each."""
    return {
        "reason": [wording.label(each.reason) if each.reason else "No reason given" for each in found.disqualified],
        "leads": [each.leads for each in found.disqualified],
        "share": [f"{wording.rate(each.share.value)} ({wording.interval(each.share)})" for each in found.disqualified],
        "eqls": [each.eqls for each in found.disqualified],
    }


def bars_in_words(found: Qualification) -> str:
    """The waterfall for those who cannot see it."""
    steps = [f"{wording.count(step.passed)} after {GATE_NAMES[step.gate]}" for step in found.steps]
    return (
        f"Of {wording.several(found.leads, 'lead')}: {', '.join(steps)}. By the model {wording.count(found.by_model)} "
        f"qualify, the CRM records {wording.count(found.recorded)}."
    )


def _signals(names: Sequence[str]) -> str:
    return ", ".join(wording.plain(wording.label(name).lower()) for name in names)


def _with_share(number: int, share: Estimate) -> str:
    return f"{wording.count(number)} ({wording.rate(share.value)}, {wording.interval(share)})"


def _hover(estimate: Estimate) -> str:
    return (
        f"{wording.rate(estimate.value)} ({wording.interval(estimate)}, 95 % interval, n = {wording.count(estimate.n)})"
    )
