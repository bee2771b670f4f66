"""How is a forecast put into words, bars and rows? Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dashboard import wording
from dashboard.charts import forecast as charts
from dashboard.charts import theme
from dashboard.domain import Estimate
from dashboard.metrics.back_test import BackTest, Tested
from dashboard.metrics.forecast import FEWEST_CLOSED, Forecast, OpenGroup, QuarterForecast
from dashboard.views.overview import ticks

# Past quarters that stand beside the coming ones, for comparison.
BESIDE = 2


def sentence(found: Forecast, currency: str, fiscal: int) -> str:
    """What is coming, in one sentence."""
    if found.too_early:
        return too_early(found)
    this, following = found.quarters
    name, later = (wording.period_name(own.label, fiscal) for own in found.quarters)
    seen = f", of which {wording.money(this.won_so_far, currency)} is won already" if this.won_so_far else ""
    least, most = (wording.money(bound, currency) for bound in (this.total.low, this.total.high))
    brings = f"{wording.money(this.total.value, currency)} (80 % interval {least} to {most})"
    return f"{name} should bring {brings}{seen}; {later} about {about(following.total, currency)}."


def about(total: Estimate, currency: str) -> str:
    """`$4.4 M ($3.7–5.3 M)`."""
    return f"{wording.money(total.value, currency)} ({bounds(total, currency)})"


def bounds(own: Estimate, currency: str) -> str:
    """The bounds of an amount: `$3.7 M to $5.3 M`."""
    return f"{wording.money(own.low, currency)} to {wording.money(own.high, currency)}"


def too_early(found: Forecast) -> str:
    """Why there is no forecast."""
    kind = "deal" if found.everybody else "partner-sourced deal"
    if found.closed >= FEWEST_CLOSED:
        return "Too early to say what is coming: no won deal of the last 24 months has an ARR."
    return (
        f"Too early to say what is coming: {wording.several(found.closed, kind)} opened in the last 24 months "
        f"{'has' if found.closed == 1 else 'have'} closed, and a forecast needs {FEWEST_CLOSED}."
    )


def basis(found: Forecast) -> str:
    """What the chances are learned from."""
    kind = "deals" if found.everybody else "partner-sourced deals"
    how = "age and stage" if found.by_stage else "age alone, since too few deals have a recorded stage"
    return f"Chances by {how}, learned from {wording.count(found.deals)} {kind} opened in the last 24 months"


def tested_sentence(found: BackTest) -> str:
    """How former forecasts fared."""
    if not found.told:
        return "Too early to tell how good such a forecast is: none could have been made in the past six quarters."
    said = f"**{found.held} of {found.told} held**, that is, what came lay inside the 80 % interval."
    own, naive = found.error(), found.error("last")
    if own is not None:
        said += f" The forecasts were {wording.rate(own, 0)} off on average"
        said += f"; repeating the quarter before would have been {wording.rate(naive, 0)} off." if naive else "."
    return said


def bars(found: Forecast, tested: BackTest, currency: str, fiscal: int) -> list[charts.Bar]:
    """The last quarters as they were, this and the next as they should be."""
    return [_past(own, currency, fiscal) for own in tested.quarters[-BESIDE:]] + [
        _coming(own, currency, fiscal, found.last_day >= own.start - timedelta(days=1)) for own in found.quarters
    ]


def _past(own: Tested, currency: str, fiscal: int) -> charts.Bar:
    name, arr = wording.period_name(own.label, fiscal), wording.money(own.arr, currency)
    nothing = wording.NOTHING
    return charts.Bar(_label(name), name, own.arr, 0.0, 0.0, None, None, (arr, nothing, nothing, arr), arr)


def _coming(own: QuarterForecast, currency: str, fiscal: int, running: bool) -> charts.Bar:
    name = wording.period_name(own.label, fiscal)
    parts = [_with_bounds(part, currency) for part in (own.open, own.new, own.total)]
    return charts.Bar(
        label=_label(name),
        title=f"{name}{'' if running else ', not begun'}",
        seen=own.won_so_far,
        open=own.open.value or 0.0,
        new=own.new.value or 0.0,
        low=own.total.low,
        high=own.total.high,
        said=(wording.money(own.won_so_far, currency), parts[0], parts[1], f"All: {parts[2]}"),
        note=wording.money(own.total.value, currency),
    )


def _with_bounds(own: Estimate, currency: str) -> str:
    return f"{wording.money(own.value, currency)} ({bounds(own, currency)})"


def _label(name: str) -> str:
    return theme.name(name).replace(" ", "<br>", 1)


def outcomes(found: BackTest, currency: str, fiscal: int) -> list[charts.Outcome]:
    """The past quarters with what was forecast and what came."""
    drawn = []
    for own in found.quarters:
        name, total = wording.period_name(own.label, fiscal), own.total
        drawn.append(
            charts.Outcome(
                label=_label(name),
                title=name,
                low=total.low if total else None,
                value=total.value if total else None,
                high=total.high if total else None,
                came=own.arr,
                held=own.held,
                naive=own.last,
                said=(
                    _with_bounds(total, currency) if total else "too early to say",
                    wording.money(own.arr, currency),
                    wording.money(own.last, currency),
                ),
            )
        )
    return drawn


def axis(values: Sequence[float | None], currency: str) -> charts.Axis:
    """Round marks on the axis of amounts."""
    marks = ticks([value for value in values if value is not None], 5, False)
    return charts.Axis(marks, [wording.money(mark, currency) for mark in marks])


def bars_in_words(found: Forecast, currency: str, fiscal: int) -> str:
    """The first chart for those who do not see it."""
    said = []
    for own in found.quarters:
        said.append(
            f"{wording.period_name(own.label, fiscal)}: won so far {wording.money(own.won_so_far, currency)}, expected "
            f"of open deals {wording.money(own.open.value, currency)}, of new deals "
            f"{wording.money(own.new.value, currency)}, together {_with_bounds(own.total, currency)}"
        )
    return "; ".join(said)


def tested_in_words(found: BackTest, currency: str, fiscal: int) -> str:
    """The second chart for those who do not see it."""
    said = []
    for own in found.quarters:
        name = wording.period_name(own.label, fiscal)
        told = f"forecast {_with_bounds(own.total, currency)}" if own.total else "too early to forecast"
        said.append(f"{name}: {told}, came {wording.money(own.arr, currency)}")
    return "; ".join(said)


def ages(own: OpenGroup) -> str:
    """An age band: `14–29 days`, `180 days and more`."""
    if own.first is None:
        return "Opening unknown"
    return f"{own.first} days and more" if own.last is None else f"{own.first}–{own.last} days"


def columns(found: Forecast, fiscal: int) -> dict[str, list[object]]:
    """The open deals by age and stage; the stage only where it is used."""
    names = [wording.period_name(own.label, fiscal) for own in found.quarters]
    rows: dict[str, list[object]] = {"Age": [ages(own) for own in found.groups]}
    if found.by_stage:
        rows["Stage"] = [wording.label(own.stage) for own in found.groups]
    rows["Open deals"] = [own.deals for own in found.groups]
    rows["ARR"] = [own.arr for own in found.groups]
    for place, name in enumerate(names):
        rows[f"Chance in {name}"] = [100 * own.wins[place] / own.deals for own in found.groups]
        rows[f"Expected in {name}"] = [own.expected[place] for own in found.groups]
    return rows


def gaps(found: Forecast) -> str:
    """What is missing from the sums."""
    said = []
    if found.unvalued:
        said.append(f"{wording.several(found.unvalued, 'open deal')} without amount and ARR: counted, worth nothing")
    if found.unconverted:
        said.append(f"{wording.several(found.unconverted, 'open deal')} without an exchange rate: in no sum")
    return f"{'; '.join(said)}." if said else ""
