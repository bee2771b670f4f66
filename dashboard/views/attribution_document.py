"""What does the Attribution page hand to somebody who was not there? Its answer, lines, payouts and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dashboard import frames, wording
from dashboard.frames import attribution as asked
from dashboard.glossary import term
from dashboard.metrics.attribution import Line
from dashboard.metrics.attribution_certainty import Certainty
from dashboard.metrics.attribution_rules import Kind, Rule
from dashboard.metrics.payouts import Payout
from dashboard.reports import figures
from dashboard.reports.figures import Column
from dashboard.reports.figures import Kind as As
from dashboard.reports.page_document import PageDocument, PagePicture, PageTable
from dashboard.settings import settings
from dashboard.views import ai_referrals_document, attribution_scene, payouts
from dashboard.views import attribution as words
from dashboard.views import attribution_lines as lines
from dashboard.views import attribution_pictures as pictures
from dashboard.views.attribution import CENTS
from dashboard.views.attribution_scene import Scene
from dashboard.views.exports import Head

if TYPE_CHECKING:
    from dashboard.filters import Filters

_PLURAL = {Kind.PARTNER: "partners", Kind.ASSET: "assets", Kind.CHANNEL: "channels", Kind.CAMPAIGN: "campaigns"}


def document(scene: Scene, chosen: Filters, paid_by: Rule) -> PageDocument:
    """The page as it is looked at, with the lines of all kinds by all rules; `paid_by`: the rule of the payouts."""
    found, rule, certain = scene.found, scene.rule, attribution_scene.certain(scene, chosen)
    said, as_of = [attribution_scene.answer(scene), *_below(scene, certain)], frames.freshness().as_of
    head = Head(stem(scene), "Attribution", scene.when.period, said, _filters(scene, chosen), as_of)
    return head.document(
        [*(by_kind(scene, kind, certain) for kind in Kind), standing(scene), missed(scene),
         reconciled(scene, paid_by), *ai_referrals_document.tables(scene.period, chosen)],
        [*_pictures(scene, certain), *ai_referrals_document.pictures(scene.period, chosen)],
        [
            figures.Card(term(card.term).name, card.value, versus=card.note, detail=card.detail)
            for card in words.cards(found, rule, scene.ids, scene.currency)
        ],
    )  # fmt: skip


def stem(scene: Scene) -> str:
    """How the names of the files begin."""
    return f"attribution-{scene.period.label}"


def _below(scene: Scene, certain: Certainty | None) -> list[str]:
    """What stands below the answer."""
    first = lines.first_place(scene.found, pictures.leading(scene), scene.rule, certain) if certain else ""
    rule = f"{words.NAMES[scene.rule]}: {words.explained(scene.rule, scene.choice.options)}"
    return [attribution_scene.second(scene), first, rule, *words.remarks(scene.found, scene.currency)]


def _pictures(scene: Scene, certain: Certainty | None) -> list[PagePicture]:
    if not scene.found.total.cents:
        return []
    kind = pictures.leading(scene)
    drawn = {
        "credit": pictures.who(scene, kind, certain),
        "change": pictures.change(scene, kind),
        "rules": pictures.every_rule(scene),
        "missed": pictures.missed(scene, asked.removal_effects(scene.period, scene.choice.options)),
    }
    return [
        PagePicture(name, each.question, each.basis, each.figure.to_plotly_json(), each.alt)
        for name, each in drawn.items()
        if each.figure is not None
    ]


def _filters(scene: Scene, chosen: Filters) -> str:
    """What was chosen, in a line."""
    choice, parts = scene.choice, []
    if scene.ids is not None:
        names = [p.name for p in frames.choices().partners if p.partner_id in scene.ids]
        parts.append(wording.plain(names[0]) if len(names) == 1 else wording.several(len(names), "partner"))
    if chosen.channels:
        parts.append(wording.enumeration([wording.label(channel) for channel in chosen.channels]))
    parts.append(f"{words.NAMES[choice.rule]} beside {words.NAMES[choice.beside]}, {words.basis(choice.options)}")
    return " · ".join(parts)


def by_kind(scene: Scene, kind: Kind, certain: Certainty | None) -> PageTable:
    """The lines of a kind by all rules, the chosen one first; for every rule they add up to the total."""
    rules = [scene.rule, *(rule for rule in Rule if rule is not scene.rule)]
    columns = [Column(kind.value, lines.ONE[kind].capitalize())]
    first, *others = (Column(rule.value, words.NAMES[rule], As.MONEY) for rule in rules)
    columns += [first, Column("low", "from", As.MONEY), Column("high", "to", As.MONEY), *others]
    columns.append(Column("deals", "Deals", As.COUNT))
    if kind is Kind.PARTNER:
        columns += [Column("sourced", "Sourced", As.MONEY), Column("influenced", "Influenced", As.MONEY)]
    columns.append(Column(f"{kind.value}_id", "Key"))
    ordered = sorted(scene.found.of(kind), key=lambda line: (not line.touched, line.key is None,
                                                             -line.cents[scene.rule], line.key or ""))  # fmt: skip
    question = f"Which {lines.ONE[kind]} gets how much?"
    return PageTable(_PLURAL[kind], question, columns, [_row(line, rules, kind, certain) for line in ordered])


def _row(line: Line, rules: Sequence[Rule], kind: Kind, certain: Certainty | None) -> list[Any]:
    own = [_amount(line.sourced), _amount(line.influenced)] if kind is Kind.PARTNER else []
    sure = certain.credit(line, rules[0]) if certain else None
    bounds = [sure.low, sure.high] if sure else [None, None]
    first, *others = (line.cents[rule] / CENTS for rule in rules)
    return [words.name_of(line), first, *bounds, *others, line.deals, *own, line.key]


def _amount(cents: int | None) -> float | None:
    return None if cents is None else cents / CENTS


def standing(scene: Scene) -> PageTable:
    """What partners sourced, influenced and did not touch: the same by every rule, adding up to all deals."""
    found = scene.found
    parts = [("Sourced", found.sourced), ("Influenced", found.influenced), ("Untouched", found.untouched)]
    columns = [Column("part", "Part"), Column("deals", "Deals", As.COUNT), Column("value", "Value", As.MONEY)]
    rows = [[name, part.deals, part.cents / CENTS] for name, part in parts]
    return PageTable("sourced-influenced", "Which deals did partners bring or touch?", columns, rows)


def missed(scene: Scene) -> PageTable:
    """What the data-driven rule weighs by, with 95 % intervals and the visits that each rests on."""
    found = asked.removal_effects(scene.period, scene.choice.options)
    names = frames.choices().names
    columns = [
        Column("name", "Partner or channel"), Column("effect", "Missed wins", As.RATE), Column("low", "From", As.RATE),
        Column("high", "to", As.RATE), Column("n", "Visits", As.COUNT), Column("state", "Key"),
    ]  # fmt: skip
    ordered = sorted(found.effects.items(), key=lambda pair: (-(pair[1].value or 0.0), pair[0]))
    rows = [[lines.state_name(state, names), e.value, e.low, e.high, e.n, state] for state, e in ordered]
    return PageTable("missed", pictures.MISSED, columns, rows)


def reconciled(scene: Scene, paid_by: Rule) -> PageTable:
    """The reconciliation with payouts by the rule, the largest difference first."""
    columns = [
        Column("partner", "Partner"), Column("quarter", "Quarter"), Column("difference", "Difference", As.MONEY),
        Column("owed", "Owed", As.MONEY), Column("paid", "Paid", As.MONEY), Column("rate", "Rate", As.RATE),
        Column("credited", "Credited", As.MONEY), Column("remark", "Remark"), Column("partner_id", "Key"),
    ]  # fmt: skip
    found = asked.payouts(scene.period, paid_by, scene.choice.options)
    fiscal = settings().fiscal_year_start
    rows = [_payout(line, fiscal) for line in payouts.listed(found, scene.ids)]
    return PageTable("payouts", "Were partners paid what they are owed?", columns, rows)


def _payout(line: Payout, fiscal: int) -> list[Any]:
    amounts = (line.difference, line.owed, line.paid)
    return [
        line.name, wording.period_name(line.quarter, fiscal), *(_amount(cents) for cents in amounts), line.rate,
        line.credited / CENTS, payouts.remark(line), line.partner_id,
    ]  # fmt: skip
