"""What does the tab "Calibration" say? Its sentences and tables, made from the numbers by plain rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from dashboard import wording
from dashboard.charts.calibration import AucRow, BandRow
from dashboard.domain import Estimate
from dashboard.scoring.audit import EVERY_DAYS, AuditAge
from dashboard.scoring.calibration import Band, Calibration
from dashboard.scoring.discrimination import AucDifference
from dashboard.scoring.reweighting import FEWEST_TO_JUDGE, FEWEST_TO_LEARN, Suggestion, Verdict
from dashboard.scoring.source_points import Carries, SourcePoints

# How well a score sorts, by the AUC that it stays under; customary words, and only words.
_GRADES = ((0.6, "weakly"), (0.7, "moderately"), (0.8, "well"), (1.01, "very well"))
NO_WORK = (
    "No lead of these months is known to have been worked: the data name no assignment and no first contact. "
    "Which points go with winning can only be seen on leads that sales worked."
)
NO_OUTCOME = "Of the leads that sales worked, all were won or none: there is nothing yet to tell apart by points."
TOO_YOUNG = (
    "Nothing to judge the score on yet: it takes three months of leads that are old enough for their outcome to be "
    "known and no older than three years."
)
AI_OVERVIEWS = "AI overviews"

Safe = Callable[[object], str]


def answer(found: Estimate, wins: int) -> str:
    """How well the active score tells winners from losers, in a sentence."""
    basis = f"{wording.several(found.n, 'worked lead')}, {wording.count(wins)} won"
    said = f"AUC {area(found)}, {basis}"
    if found.value is None:
        return NO_OUTCOME
    if found.low is None or found.high is None or found.low <= 0.5 <= found.high:
        return f"Among worked leads the score tells winners from losers no better than a coin could: {said}."
    if found.high < 0.5:
        return f"Among worked leads the score points the wrong way, leads with fewer points win more often: {said}."
    grade = next(word for under, word in _GRADES if found.value < under)
    return f"Among worked leads the score tells winners from losers {grade}: {said}."


def area(found: Estimate) -> str:
    """An AUC with its interval: `0.65 (0.62 to 0.68)`."""
    if found.value is None:
        return wording.NOTHING
    if found.low is None or found.high is None:
        return f"{found.value:.2f}"
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"


def difference(found: Estimate) -> str:
    """A difference of AUCs with its interval: `+0.012 (−0.003 to +0.027)`."""
    if found.value is None:
        return wording.NOTHING
    if found.low is None or found.high is None:
        return _signed(found.value)
    return f"{_signed(found.value)} ({_signed(found.low)} to {_signed(found.high)})"


def _signed(value: float) -> str:
    text = f"{abs(value):.3f}"
    if text == "0.000":
        return "±0"
    return f"{'+' if value > 0 else wording.MINUS}{text}"


def scenario_answer(found: AucDifference) -> str:
    """How the scenario's points do on the newer leads."""
    said = f"AUC {area(found.second)}, {difference(found.difference)} against the active ones"
    low, high = found.difference.low, found.difference.high
    if low is None or high is None or low <= 0 <= high:
        return f"Your points sort the newer leads no better and no worse, as far as they tell: {said}."
    return f"Your points sort the newer leads {'better' if low > 0 else 'worse'}: {said}."


def basis(first: date, until: date, days: float | None, sourced: bool) -> str:
    """Which leads the tab is about."""
    whose = "partner-sourced leads" if sourced else "leads"
    why = "19 of 20 that will be won are won by now" if days is not None else "at least half a year old"
    return (
        f"All {whose} created in {stretch(first, until)} ({why}), whatever the page's period and filters. Only leads "
        "that sales worked count, who mostly had many points: over all leads an AUC would be higher."
    )


def stretch(first: date, until: date) -> str:
    """Whole months: `Nov 2024 – Jun 2026`; `until` is the first day after."""
    last = until - timedelta(days=1)
    return f"{first:%b %Y}" if (first.year, first.month) == (last.year, last.month) else f"{first:%b %Y} – {last:%b %Y}"


def band_name(band: Band) -> str:
    """`70–74`, or one score alone."""
    return str(band.low) if band.low == band.high else f"{band.low}–{band.high}"


def band_rows(found: Calibration) -> list[BandRow]:
    """The bands as the chart takes them, the highest first."""
    return [BandRow(band_name(own), own.observed, own.predicted, own.off) for own in reversed(found.bands)]


def calibrated(found: Calibration, pooled: bool) -> str:
    """Whether predictions held, in a sentence."""
    if found.expected is None:
        return "Nothing predicts these leads: none older was worked."
    off = [band_name(own) for own in found.bands if own.off]
    counts = f"{wording.count(found.expected)} wins predicted, {wording.count(found.won)} came"
    by = "One rate for all, for want of a model" if pooled else "What older leads tell"
    shift = found.shift
    if shift.low is None or shift.high is None or shift.low <= 0 <= shift.high:
        whole = f"{by} holds on newer ones: {counts}"
    else:
        whole = f"{by} is too {'low' if shift.low > 0 else 'high'} for newer ones: {counts}"
    bands = f" Outside the interval at {wording.enumeration(off)} points; chance alone puts 1 band in 20 there."
    return f"{whole}.{bands if off else ''}{_slope(found.slope)}"


def _slope(slope: Estimate) -> str:
    if slope.value is None or slope.low is None or slope.high is None:
        return ""
    said = f"calibration slope {slope.value:.2f} ({slope.low:.2f} to {slope.high:.2f})"
    if slope.high < 1:
        return f" Predictions spread too far, {said}."
    return f" Predictions spread too little, {said}." if slope.low > 1 else f" Their spread is right, {said}."


def bands_in_words(found: Calibration) -> str:
    """The chart of the bands for those who cannot see it."""
    parts = [
        f"{band_name(own)} points: {wording.rate(own.observed.value)} of {wording.count(own.observed.n)} won, "
        f"{wording.rate(own.predicted)} predicted"
        for own in reversed(found.bands)
    ]
    return f"Conversion of worked leads by score. {'; '.join(parts)}."


def auc_rows(whole: Estimate, older: Estimate, newer: Estimate, scenario: Estimate | None) -> list[AucRow]:
    """The active score as the chart takes it: all leads, older, newer; then the scenario's on the newer ones."""
    rows = [AucRow("active points", whole, True), AucRow("older leads", older, False)]
    rows.append(AucRow("newer leads", newer, False))
    return [*rows, AucRow("yours, newer leads", scenario, False)] if scenario is not None else rows


def areas_in_words(rows: Sequence[AucRow]) -> str:
    """The chart of the AUCs for those who cannot see it."""
    return "; ".join(f"AUC of {own.name}: {area(own.auc)}, n = {wording.count(own.auc.n)}" for own in rows) + "."


def sources_answer(found: Sequence[SourcePoints], safe: Safe = wording.plain) -> str:
    """Which sources carry more points than they bring, AI overviews always named where there are any."""
    too_many = [own for own in found if own.verdict is Carries.TOO_MUCH]
    too_few = [own for own in found if own.verdict is Carries.TOO_LITTLE]
    said = [f"{_name(own, safe)} {_carries(own)}." for own in (*too_many, *too_few)]
    if not said and any(own.verdict is Carries.FITTING for own in found):
        said = ["No source is seen to bring more or less than its points promise."]
    overviews = next((own for own in found if own.source == AI_OVERVIEWS), None)
    if overviews is not None and overviews not in (*too_many, *too_few):
        said.append(_overviews(overviews))
    return " ".join(said) or "Too few leads were worked to judge any source."


def _carries(own: SourcePoints) -> str:
    much = "too many" if own.verdict is Carries.TOO_MUCH else "too few"
    points, brought = own.points_too_many, _brought(own)
    if points.value is None or points.low is None or points.high is None:
        return f"leads carry {much} points: {brought}"
    low, high = sorted((abs(points.low), abs(points.high)))
    if points.low * points.high < 0:
        low = 0.0
    return f"leads carry about {abs(points.value):.0f} points {much} ({low:.0f} to {high:.0f}): {brought}"


def _overviews(own: SourcePoints) -> str:
    if own.verdict is Carries.TOO_FEW:
        return (
            f"Whether clicks from {AI_OVERVIEWS} carry too many points cannot be told: of {wording.count(own.leads)} "
            f"leads {wording.count(own.worked)} were worked."
        )
    return f"Clicks from {AI_OVERVIEWS} are not seen to carry too many points: {_brought(own)}."


def _brought(own: SourcePoints) -> str:
    bounds = wording.interval(own.conversion)
    return (
        f"{wording.rate(own.conversion.value)} won ({bounds}, n = {wording.count(own.worked)}), "
        f"{wording.rate(own.promised.value)} promised by their points"
    )


def _name(own: SourcePoints, safe: Safe) -> str:
    return AI_OVERVIEWS if own.source == AI_OVERVIEWS else safe(wording.label(own.source))


VERDICTS = {
    Carries.TOO_MUCH: "too many points",
    Carries.TOO_LITTLE: "too few points",
    Carries.FITTING: "no difference seen",
    Carries.TOO_FEW: "too few worked leads",
}


def sources_table(found: Sequence[SourcePoints]) -> dict[str, list[object]]:
    """Every source; rates as numbers in per cent, so that they sort, their intervals as text beside them."""
    columns: dict[str, list[object]] = {
        "Source": [_name(own, str) for own in found],
        "Verdict": [VERDICTS[own.verdict] for own in found],
        "Leads": [own.leads for own in found],
        "Points": [round(own.points, 1) for own in found],
        "Worked": [own.worked for own in found],
        "Won %": [_per_cent(own.conversion.value) for own in found],
        "95 %": [wording.interval(own.conversion) or wording.NOTHING for own in found],
        "Promised %": [_per_cent(own.promised.value) for own in found],
        "Difference, pts": [_per_cent(own.gap.value) for own in found],
        "95 % of it": [_bounds(own.gap) for own in found],
        "Points too many": [own.points_too_many.value for own in found],
    }
    for place, each in enumerate(found[0].ranges if found else ()):
        name = f"Won at {each.low}–{each.high}"
        columns[name] = [_range(own.ranges[place].conversion) for own in found]
    return columns


def _range(own: Estimate) -> str:
    if own.value is None:
        return wording.NOTHING
    return f"{wording.rate(own.value)} ({wording.interval(own)}, n = {wording.count(own.n)})"


def _per_cent(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 2)


def _bounds(own: Estimate) -> str:
    if own.low is None or own.high is None:
        return wording.NOTHING
    low, high = (f"{100 * bound:+.1f}".replace("-", wording.MINUS) for bound in (own.low, own.high))
    return f"{low} to {high}"


def suggestion_answer(found: Suggestion) -> str:
    """Whether other points are better, in a sentence."""
    if found.verdict is Verdict.TOO_FEW:
        return (
            f"Too few wins to suggest points: it takes {FEWEST_TO_LEARN} wins and as many others among older worked "
            f"leads (there are {wording.count(found.older.wins)} of {wording.count(found.older.leads)}) and "
            f"{FEWEST_TO_JUDGE} among newer ones ({wording.count(found.newer.wins)} of "
            f"{wording.count(found.newer.leads)})."
        )
    if found.auc is None or found.verdict is Verdict.UNCHANGED:
        return "No better than today's: older leads suggest the same points."
    said = (
        f"AUC {area(found.auc.second)} with them, {area(found.auc.first)} with today's, difference "
        f"{difference(found.auc.difference)} on {wording.several(found.newer.leads, 'newer worked lead')}"
    )
    if found.verdict is Verdict.BETTER:
        return f"Other points tell newer leads apart better than today's: {said}."
    if found.verdict is Verdict.WORSE:
        return f"The points that suited older leads do worse than today's on newer ones: {said}."
    return (
        f"No better than today's: points that suit older leads make no difference that newer ones could show: {said}."
    )


def suggestion_table(found: Suggestion) -> dict[str, list[object]]:
    """Every level with its points today and as suggested, the largest changes first."""
    levels = sorted(found.levels, key=lambda own: -abs(own.suggested - own.today))
    return {
        "Criterion": [own.criterion for own in levels],
        "Level": [own.level for own in levels],
        "Today": [own.today for own in levels],
        "Suggested": [own.suggested for own in levels],
        "Difference": [own.suggested - own.today for own in levels],
        "Worked leads": [own.leads for own in levels],
    }


def load(found: Suggestion, threshold: int) -> str:
    """At which threshold the suggested points qualify as many leads as today's do."""
    if found.same_load is None or found.verdict is Verdict.UNCHANGED:
        return ""
    if found.same_load == threshold:
        return f"At the threshold of {threshold} they qualify about as many newer leads as today's points do."
    return (
        f"About as many newer leads as with today's points at {threshold} qualify at a threshold of {found.same_load}."
    )


def audited(age: AuditAge, at: str, by: str, published: bool, note: str | None) -> str:
    """When the model was audited last; `at` and `by` ready for the screen."""
    if age.days is None:
        return f"No audit of the scoring model is on record. It is due every {EVERY_DAYS} days."
    what = "published, which counts as an audit," if published else "audited"
    said = f" “{note}”" if note else ""
    return f"The scoring model was last {what} {_ago(age.days)} ({at} by {by}).{said}"


def overdue(age: AuditAge) -> str:
    """The banner; empty where nothing is due."""
    if not age.overdue:
        return ""
    if age.days is None:
        return f"No audit of the scoring model is on record; it is due every {EVERY_DAYS} days."
    return (
        f"The last audit of the scoring model is {wording.several(age.days, 'day')} old; it is due every {EVERY_DAYS}."
    )


def _ago(days: int) -> str:
    return "today" if days == 0 else f"{wording.several(days, 'day')} ago"
