"""Where do leads get lost? What the Funnel page says: its sentences and the inputs of its charts; nothing is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from dashboard import wording
from dashboard.charts import cohorts
from dashboard.charts.funnel import Bar, Dot, Gap
from dashboard.domain import Stage
from dashboard.metrics.funnel_groups import FEWEST_LEADS, By, Funnel, Step, StepDifference, narrowest
from dashboard.metrics.performance import Partner
from dashboard.views.headline import Whose

NOUN = {
    Stage.LEAD: "lead",
    Stage.MQL: "MQL",
    Stage.EQL: "EQL",
    Stage.SQL: "SQL",
    Stage.OPPORTUNITY: "opportunity",
    Stage.WON: "won",
}
TITLE = {Stage.LEAD: "Leads", Stage.OPPORTUNITY: "Opportunities", Stage.WON: "Won"} | {
    stage: f"{NOUN[stage]}s" for stage in (Stage.MQL, Stage.EQL, Stage.SQL)
}
OF = {stage: title if stage in (Stage.MQL, Stage.EQL, Stage.SQL) else title.lower() for stage, title in TITLE.items()}
BY = {
    By.TYPE: "Partner type",
    By.TIER: "Tier",
    By.REGION: "Region of the partner",
    By.CHANNEL: "Channel",
    By.ASSET_KIND: "Kind of first page",
    By.PARTNER: "Partner",
}
ONE = {
    By.TYPE: "partner type",
    By.TIER: "tier",
    By.REGION: "region",
    By.CHANNEL: "channel",
    By.ASSET_KIND: "kind of first page",
    By.PARTNER: "partner",
}
PREVIOUS, FIRST = "Of the previous stage", "Of the first"
MOST_DOTS = 15
_ENDS = 7  # of more groups than fit, so many from either end

GroupFunnels = Mapping[str | date | None, Funnel]


def step_name(step: Step) -> str:
    """A step as people read it: `EQL → won`."""
    return f"{NOUN[step[0]]} → {NOUN[step[1]]}"


def default_step(found: Funnel, present: Sequence[Stage]) -> Step:
    """The step that a page about losses begins with: the narrowest that can be judged, else the first."""
    narrow = narrowest(found, present)
    return narrow[0] if narrow else (present[0], present[1])


def answer(whose: Whose, name: str, begun: bool, found: Funnel, present: Sequence[Stage]) -> str:
    """The first sentence: how many came, how far they got, and where most is lost; by plain rules."""
    if not begun:
        return f"{name} has not begun yet."
    leads = found.counts.get(Stage.LEAD, 0)
    if not leads:
        return f"{wording.beginning(whose.no('lead'))} was created in {name}."
    people = whose.several(leads, "lead")
    reached = _reached(found, present)
    if not reached:
        were = "was" if leads == 1 else "were"
        return f"{wording.beginning(people)} {were} created in {name}; none of the data's leads got further."
    return f"Of {people} of {name}, {reached}{_narrow(found, present)}."


def _reached(found: Funnel, present: Sequence[Stage]) -> str:
    """`24.3 % became EQLs and 6.0 % were won`; marked where that can still rise."""
    parts = []
    middle = next((stage for stage in (Stage.EQL, Stage.SQL, Stage.MQL) if stage in present), None)
    if middle:
        share = wording.rate(found.step((Stage.LEAD, middle)).value)
        parts.append(f"{share} became {TITLE[middle]}{_so_far(found, middle)}")
    if Stage.WON in present:
        share = wording.rate(found.step((Stage.LEAD, Stage.WON)).value)
        late = _so_far(found, Stage.WON)
        parts.append(f"{share} are won{late}" if late else f"{share} were won")
    elif Stage.OPPORTUNITY in present:
        share = wording.rate(found.step((Stage.LEAD, Stage.OPPORTUNITY)).value)
        parts.append(f"{share} have a deal{_so_far(found, Stage.OPPORTUNITY)}")
    return wording.enumeration(parts)


def _so_far(found: Funnel, stage: Stage) -> str:
    return " so far" if _young(found, (Stage.LEAD, stage)) else ""


def _narrow(found: Funnel, present: Sequence[Stage]) -> str:
    """Which step lets the fewest through; several where their intervals cannot tell them apart."""
    steps = narrowest(found, present)
    if not steps or len(present) < 3:
        return ""
    if len(steps) == 1:
        return f"; the narrowest step is {step_name(steps[0])}, where {wording.rate(found.step(steps[0]).value)} go on"
    if len(steps) == len(present) - 1:
        return "; which step is the narrowest the data cannot tell"
    named = [f"{step_name(step)} ({wording.rate(found.step(step).value)} go on)" for step in steps]
    return f"; the narrowest steps are {wording.enumeration(named)}, and the data cannot tell which of them"


def too_early(found: Funnel, present: Sequence[Stage]) -> str:
    """Which stages cannot be judged yet and from when on they can; empty where all can."""
    young = [stage for stage in present[1:] if _young(found, (present[0], stage))]
    if not young:
        return ""
    names = wording.enumeration([NOUN[stage] for stage in young])
    limits = [found.maturity[stage].p90_days for stage in young]
    longest = max((limit for limit in limits if limit is not None), default=0.0)
    return (
        f"Too early for {names}: one in ten of the leads that get there takes longer than "
        f"{wording.days(round(longest))}, and many of these leads are younger. The rates will rise; do not read them "
        "as a drop."
    )


def bars(found: Funnel, present: Sequence[Stage], of_first: bool) -> list[Bar]:
    """The stages of one group, each measured against the stage before it or against the first."""
    shown = []
    for place, stage in enumerate(present):
        count = found.counts[stage]
        if place == 0:
            shown.append(Bar(stage.value, TITLE[stage], count, count, None, "", False))
            continue
        base = present[0] if of_first else present[place - 1]
        share = found.step((base, stage))
        through = count if of_first else round((share.value or 0.0) * share.n)
        shown.append(Bar(stage.value, TITLE[stage], count, through, share, OF[base], _young(found, (base, stage))))
    return shown


def bars_in_words(shown: Sequence[Bar]) -> str:
    """The funnel for ears."""
    said = []
    for bar in shown:
        rate = ""
        if bar.share is not None and bar.share.value is not None:
            rate = f", {wording.rate(bar.share.value)} of {bar.of} ({wording.interval(bar.share)})"
        said.append(f"{bar.title}: {wording.count(bar.count)}{rate}{', too early to judge' if bar.young else ''}")
    return ". ".join(said) + "."


def names_of(by: By, found: GroupFunnels, partners: Sequence[Partner]) -> dict[str | date | None, str]:
    """What each group is called; partners of one name are told apart by their key."""
    if by is not By.PARTNER:
        return {key: wording.label(str(key)) if key else "Not set" for key in found}
    named = {partner.partner_id: partner.name for partner in partners}
    often = Counter(named.values())
    return {
        key: "No partner" if key is None else _told_apart(str(key), named.get(str(key), str(key)), often)
        for key in found
    }


def _told_apart(key: str, name: str, often: Counter[str]) -> str:
    return name if often[name] < 2 else f"{name} ({key})"


def dots(
    found: GroupFunnels, names: Mapping[str | date | None, str], step: Step, only: Sequence[str] = ()
) -> tuple[list[Dot], int | None, int]:
    """The groups by their rate, the best first; of more than fit the best and the worst with enough leads.

    `only`: the names to show. Second: after how many lines some are left out; third: how many are left out.
    """
    every = [
        Dot(
            "" if key is None else str(key),
            names[key],
            each.step(step),
            each.step(step).n < FEWEST_LEADS,
            _young(each, step),
        )
        for key, each in found.items()
        if not only or names[key] in only
    ]
    every = [dot for dot in every if dot.estimate.value is not None]
    every.sort(key=lambda dot: (-(dot.estimate.value or 0.0), -dot.estimate.n, dot.name))
    if len(every) <= MOST_DOTS:
        return every, None, 0
    enough = [dot for dot in every if not dot.small]
    if len(enough) <= MOST_DOTS:
        return enough, None, len(every) - len(enough)
    return enough[:_ENDS] + enough[-_ENDS:], _ENDS, len(every) - 2 * _ENDS


def dots_in_words(shown: Sequence[Dot], left_out: int) -> str:
    """The groups' rates for ears."""
    said = [
        f"{dot.name}: {wording.rate(dot.estimate.value)} ({wording.interval(dot.estimate)}, "
        f"n = {wording.count(dot.estimate.n)})"
        for dot in shown
    ]
    return ". ".join(said) + (f". {left_out} groups are not drawn." if left_out else ".")


def gaps(found: Sequence[StepDifference]) -> list[Gap]:
    """What sets two groups apart, step by step, as the chart takes it."""
    return [Gap(step_name(each.step), each.difference, each.discovered) for each in found]


def compared(a: str, b: str, found: Sequence[StepDifference]) -> str:
    """The difference of two groups in a sentence: what is more than chance, largest first (names are safe to show)."""
    sure = sorted((each for each in found if each.discovered), key=lambda each: -abs(each.difference.value or 0.0))
    if not sure:
        return f"{a} and {b} differ at no step by more than chance could make."
    said = [
        f"{step_name(each.step)}: {wording.rate(each.a.value)} against {wording.rate(each.b.value)} "
        f"({points(each.difference.value)})"
        for each in sure
    ]
    return f"{a} differs from {b} by more than chance at {wording.enumeration(said)}."


def points(value: float | None) -> str:
    """A difference of two rates: `+3.1 pts`."""
    return wording.change_in_points(value, 0.0) or wording.NOTHING


def months(found: Mapping[date, Funnel], step: Step, first: date, end: date) -> list[cohorts.Month]:
    """The chosen step month by month; months without leads stay empty."""
    shown = []
    month = first
    while month < end:
        each = found.get(month)
        if each is not None:
            shown.append(cohorts.Month(month, each.step(step), _young(each, step)))
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return shown


def months_in_words(shown: Sequence[cohorts.Month], step: Step) -> str:
    """The months in a sentence: from the first that can be judged to the last, and what is too early."""
    known = [month for month in shown if month.estimate.value is not None]
    judged = [month for month in known if not month.young]
    if not known:
        return f"No lead of these 13 months got far enough for {step_name(step)}."
    if not judged:
        return f"All these months are too early to judge for {step_name(step)}."
    first, last = judged[0], judged[-1]
    young = len(known) - len(judged)
    later = f" {_young_months(young)}" if young else ""
    if first is last:
        return f"{step_name(step)} was {wording.rate(last.estimate.value)} for leads of {last.first:%B %Y}.{later}"
    overlap = _overlap(first, last)
    trend = "about as high as" if overlap else "higher than" if _value(last) > _value(first) else "lower than"
    return (
        f"{step_name(step)} of the leads of {last.first:%B %Y} ({wording.rate(last.estimate.value)}) is {trend} "
        f"that of {first.first:%B %Y} ({wording.rate(first.estimate.value)}).{later}"
    )


def _young_months(number: int) -> str:
    return (
        "The last month is too early to judge."
        if number == 1
        else f"The last {number} months are too early to judge and drawn hollow: their rates will rise."
    )


def _overlap(a: cohorts.Month, b: cohorts.Month) -> bool:
    return (a.estimate.low or 0.0) <= (b.estimate.high or 0.0) and (b.estimate.low or 0.0) <= (a.estimate.high or 0.0)


def _value(month: cohorts.Month) -> float:
    return month.estimate.value or 0.0


def _young(found: Funnel, step: Step) -> bool:
    return found.mature(step) is False
