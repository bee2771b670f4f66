"""Which pictures stand on the Attribution page? Each with its question, its basis and its answer in words."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard import frames, wording
from dashboard.charts import attribution as charts
from dashboard.metrics.attribution_certainty import Certainty
from dashboard.metrics.attribution_rules import Base, Kind
from dashboard.metrics.markov import RemovalEffects
from dashboard.views import attribution as words
from dashboard.views import attribution_lines as lines
from dashboard.views import overview
from dashboard.views.attribution import CENTS
from dashboard.views.attribution_scene import Scene

MISSED = "Who would be missed most?"
BEST_KNOWN = "It describes past paths and is no experiment: whoever stands on many of them weighs much."


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its words; `figure` None where there is nothing to draw, `alt` then says why."""

    question: str
    basis: str
    figure: go.Figure | None
    alt: str
    below: str = ""


def leading(scene: Scene) -> Kind:
    """By what the charts above the tabs are."""
    return Kind.PARTNER if words.has_partners(scene.found) else Kind.CHANNEL


def basis(scene: Scene) -> str:
    """Over which deals and touches the pictures are."""
    done = "won" if scene.choice.base is Base.ARR else "opened"
    deals = wording.several(scene.found.total.deals, f"deal {done}", f"deals {done}")
    return f"{deals} in {scene.when.period}, {words.basis(scene.choice.options)}"


def who(scene: Scene, kind: Kind, certain: Certainty | None) -> Picture:
    """The lines with most credit, as bars with their intervals where these are known."""
    shown = lines.rows(scene.found, kind, scene.choice, certain)
    question = f"Which {lines.ONE[kind]} gets how much?"
    estimated = scene.rule in words.ESTIMATED
    lined = "; line: 95 % interval" if certain else ""
    about = f"{words.NAMES[scene.rule]}{', an estimate' if estimated else ''}: {basis(scene)}{lined}"
    bars = lines.bars(shown, scene.found.total.cents, scene.choice, scene.currency)
    below = lines.beside_bars(shown, len(bars), kind, scene.currency)
    if not bars:
        return Picture(question, about, None, f"No {lines.ONE[kind]} gets anything by this rule.", below)
    below = " ".join(
        filter(None, (lines.first_place(scene.found, kind, scene.rule, certain) if certain else "", below))
    )
    ticks = lines.ticks([charts.farthest(bars)], scene.currency)
    figure = charts.credits_of(bars, ticks, estimated=estimated)
    return Picture(question, about, figure, lines.bars_in_words(bars, kind, scene.choice), below)


def change(scene: Scene, kind: Kind) -> Picture:
    """What the other rule would change, as dumbbells."""
    choice = scene.choice
    if choice.rule is choice.beside:
        why = "Choose another rule beside it to see the difference."
        why = why if words.has_touches(scene.found) else words.NO_TOUCH
        return Picture("What would another rule change?", "One rule, nothing beside it", None, why)
    question = f"What would {words.NAMES[choice.beside]} change?"
    shown = lines.rows(scene.found, kind, choice)
    said = lines.changes_hands(shown, scene.found.total.cents, kind, choice, scene.currency)
    below = f"**{words.NAMES[choice.beside]}.** {words.explained(choice.beside, choice.options)}"
    pairs = lines.pairs(shown, choice, scene.currency)
    if not pairs:
        return Picture(question, said, None, "Nothing: both rules give the same.", below)
    ticks = lines.ticks([value for pair in pairs for value in (pair.first, pair.second)], scene.currency)
    figure = charts.dumbbells(pairs, lines.sides(choice), ticks)
    return Picture(question, said, figure, lines.pairs_in_words(pairs, choice), below)


def every_rule(scene: Scene) -> Picture:
    """What partners, others and nobody get by every rule."""
    about = basis(scene)
    subtitle = f"{wording.beginning(about)}; beside each rule what partners get"
    stacks = lines.stacks(scene.found, scene.currency)
    ticks = lines.ticks([scene.found.total.cents / CENTS], scene.currency)
    figure = charts.shares(stacks, lines.PARTS, ticks)
    return Picture("How much does the rule matter?", subtitle, figure, lines.stacks_in_words(stacks))


def missed(scene: Scene, found: RemovalEffects) -> Picture:
    """What wins would lose without a partner or channel: what the data-driven rule weighs by."""
    question = MISSED
    paths = wording.several(found.paths, "won or lost deal")
    about = f"{paths} of the 24 months up to the end of {scene.when.period}; estimated, with 95 % intervals"
    shown = lines.effects(found, frames.choices().names)
    if not shown:
        return Picture(question, about, None, "No won deal has touches, so nothing could be learned.")
    ticks = [(at, wording.rate(at, 0)) for at in overview.ticks([row.high for row in shown], 4, whole=False)]
    return Picture(question, about, charts.missed(shown, ticks), lines.effects_in_words(shown), BEST_KNOWN)
