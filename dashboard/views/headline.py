"""What is the answer in one sentence? Made from the numbers by plain rules, never by a language model."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from dashboard import wording
from dashboard.domain import Estimate, Stage
from dashboard.metrics.summary import Summary
from dashboard.views.comparison import Versus, factor, rate_changed, sum_changed

# A change that chance could explain is told by its size only from here on; a smaller one is "about as much as".
SMALL_CHANGE = 0.15
_MAIN_SHARE = 0.5  # a reason is named where it alone makes up at least this share of the change
_SMALL = log(1.02)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who the sentence is about: `Partners`, `The 12 chosen partners`, or one by name (already safe to show)."""

    name: str = "Partners"
    singular: bool = False


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose leads and deals are counted: everybody's, those of a `kind` (`partner-sourced`), or those of an owner.

    The owner's name is safe to show.
    """

    kind: str = ""
    owner: str = ""

    def several(self, number: int, noun: str) -> str:
        """`3 059 partner-sourced leads`, `Acme’s 130 leads`."""
        counted = wording.several(number, self.kinds(noun))
        ending = "’" if self.owner.endswith("partners") else "’s"
        return f"{self.owner}{ending} {counted}" if self.owner else counted

    def no(self, noun: str) -> str:
        """`no partner-sourced lead`, `no lead of Acme`."""
        return f"no {self.kinds(noun)}{f' of {self.owner}' if self.owner else ''}"

    def kinds(self, noun: str) -> str:
        """`partner-sourced lead`, `lead`."""
        return f"{self.kind} {noun}" if self.kind else noun


@dataclass(frozen=True, slots=True)
class Setting:
    """When: the period's name, whether it is over or has begun, and the currency."""

    period: str
    over: bool
    begun: bool
    currency: str


@dataclass(frozen=True, slots=True)
class Compared:
    """How an amount compares with a former one: `18 % more than in`, to be followed by the name of its period.

    `sure`: by more than chance. `deals`: of a large change that is not, how few deals it rests on, `4 and 3 won deals`;
    a small one is told as "about as much as", which says enough.
    """

    words: str
    sure: bool = True
    deals: str = ""

    @property
    def chance(self) -> str:
        """What has to be said beside a large change that can be chance; else empty."""
        return f"with {self.deals} that can be chance" if self.deals else ""


def compared(now: float, deals: int, before: float, deals_before: int, noun: str = "won deals") -> Compared:
    """Two sums over deals, the former above 0: which is larger, by how much, and whether that can be chance."""
    size = (wording.change(now, before) or "").lstrip(f"+{wording.MINUS}")
    much = f"{size} as much as in" if size.endswith("×") else f"{size} {'more' if now > before else 'less'} than in"
    if sum_changed(now, deals, before, deals_before):
        return Compared(much)
    if not size or abs(now / before - 1) <= SMALL_CHANGE:
        return Compared("about as much as in", sure=False)
    return Compared(much, sure=False, deals=f"{wording.count(deals)} and {wording.count(deals_before)} {noun}")


def arr(subject: Subject, setting: Setting, now: Summary, before: Summary | None, versus: Versus | None) -> str:
    """What partners brought, against what, and mainly why."""
    when = f"in {setting.period}{'' if setting.over else ' so far'}"
    if not setting.begun:
        return f"{setting.period} has not begun yet."
    if _nothing(now):
        return f"{_bring(subject, setting.over)} no leads and no deals {when}."
    if now.won_deals == 0:
        return f"{_bring(subject, setting.over)} no ARR {when}: {_why_nothing(now)}."
    if now.arr == 0:
        return f"{subject.name} won {wording.several(now.won_deals, 'deal')} {when}; the data hold no ARR for them."
    brought = f"{_bring(subject, setting.over)} {wording.money(now.arr, setting.currency)} ARR {when}"
    if before is None or versus is None:
        return f"{brought}, from {wording.several(now.won_deals, 'won deal')}."
    return f"{brought}, {_against(now, before, versus, setting.currency)}."


def eqls(setting: Setting, now: Summary, before: Summary | None, versus: Versus | None) -> str:
    """How the EQLs of the period convert; empty where there are none."""
    rate = now.step_conversion.get("eql_to_won")
    if not setting.begun or rate is None or rate.value is None:
        return ""
    people = f"the {wording.several(now.eqls, 'EQL')} among the leads of {setting.period}"
    if now.maturity[Stage.WON].mature is False:
        return f"Of {people}, {wording.rate(rate.value)} are won so far; how many will be is too early to say."
    certain = f"Of {people}, {wording.rate(rate.value)} are won ({wording.interval(rate, 0)})"
    then = before.step_conversion.get("eql_to_won") if before else None
    if then is None or then.value is None or versus is None or versus.cut:
        return f"{certain}."
    return f"{certain}, {_rate_against(rate, then)} {versus.name}."


def leads(whose: Whose, setting: Setting, now: Summary, dated: bool = True) -> str:
    """What became of the leads and how many deals were won, for data that know no ARR.

    `dated` says whether the data hold the dates of deals.
    """
    if not setting.begun:
        return f"{setting.period} has not begun yet."
    if _nothing(now):
        return f"There is {whose.no('lead')} and {whose.no('deal')} in {setting.period}."
    deals = _decided(now, whose) if dated or not now.won else "when is not in the data: their deals carry no dates"
    if not now.leads:
        return f"{wording.beginning(whose.no('lead'))} was created in {setting.period}; {deals}."
    rate = now.step_conversion.get("lead_to_won")
    if rate is None or rate.value is None:
        were = f"{_were(now.leads)} created in {setting.period}"
        return f"{wording.beginning(whose.several(now.leads, 'lead'))} {were}; {deals}."
    people = f"{whose.several(now.leads, 'lead')} created in {setting.period}"
    so_far = "" if now.maturity[Stage.WON].mature else " so far"
    return (
        f"{wording.count(now.won)} of {people} {_are(now.won)} won{so_far} "
        f"({wording.rate(rate.value)}, {wording.interval(rate, 0)}); {deals}."
    )


def leads_against(setting: Setting, now: Summary, before: Summary | None, versus: Versus | None) -> str:
    """The conversion of the leads beside that of the other period; empty where there is nothing to compare."""
    rate, then = (s.step_conversion.get("lead_to_won") if s else None for s in (now, before))
    if not setting.begun or rate is None or rate.value is None:
        return ""
    if now.maturity[Stage.WON].mature is False:
        return "How many will be won is too early to say: many of these leads are still young."
    if then is None or then.value is None or versus is None or versus.cut:
        return ""
    if not rate_changed(rate, then):
        return f"That is about as large a share as the {wording.rate(then.value)} of {versus.name}."
    word = "larger" if rate.value > then.value else "smaller"
    return f"That is a {word} share than the {wording.rate(then.value)} of {versus.name}."


def _decided(now: Summary, whose: Whose) -> str:
    """What was decided in the period: `719 deals were won and 80 lost in that time`."""
    if now.won_deals + now.lost_deals == 0:
        still = f", {wording.count(now.open_deals)} {_are(now.open_deals)} open now" if now.open_deals else ""
        return f"{whose.no('deal')} closed in that time{still}"
    won = f"{wording.several(now.won_deals, whose.kinds('deal'))} {_were(now.won_deals)} won"
    return f"{won} and {wording.count(now.lost_deals)} lost in that time" if now.lost_deals else f"{won} in that time"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _nothing(now: Summary) -> bool:
    return now.leads == 0 and now.won_deals + now.lost_deals == 0 and now.opportunities_opened == 0


def _bring(subject: Subject, over: bool) -> str:
    if over:
        return f"{subject.name} brought"
    return f"{subject.name} {'has' if subject.singular else 'have'} brought"


def _why_nothing(now: Summary) -> str:
    decided = now.won_deals + now.lost_deals
    if decided:
        return f"none of the {wording.several(decided, 'decided deal')} was won"
    if now.open_deals:
        return f"no deal was decided; {wording.several(now.open_deals, 'deal')} {_are(now.open_deals)} open"
    return "there were no deals to decide"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _against(now: Summary, before: Summary, versus: Versus, currency: str) -> str:
    if before.arr == 0:
        return f"after none in {versus.name}"
    size = compared(now.arr, now.won_deals, before.arr, before.won_deals)
    if size.sure:
        return f"{size.words} {versus.name}{_reason(now, before, currency)}"
    chance = f"; {size.chance}" if size.chance else ""
    return f"{size.words} {versus.name} ({wording.money(before.arr, currency)}){chance}"


def _reason(now: Summary, before: Summary, currency: str) -> str:
    """ARR is decided deals × the share won × ARR a deal: the factor that alone explains most of the change, if any."""
    decided_now, decided_before = now.won_deals + now.lost_deals, before.won_deals + before.lost_deals
    change = factor(now.arr, before.arr)
    if change is None or abs(change) < _SMALL:
        return ""
    up = change > 0
    size_now, size_before = now.arr / now.won_deals, before.arr / before.won_deals
    reasons = {
        f"{'more' if up else 'fewer'} deals were decided "
        f"({wording.count(decided_now)} instead of {wording.count(decided_before)})": factor(
            decided_now, decided_before
        ),
        f"a {'larger' if up else 'smaller'} share of them was won "
        f"({wording.rate(now.win_rate.value, 0)} instead of {wording.rate(before.win_rate.value, 0)})": factor(
            now.win_rate.value, before.win_rate.value
        ),
        f"the won deals were {'larger' if up else 'smaller'} "
        f"({wording.money(size_now, currency)} a deal instead of {wording.money(size_before, currency)})": factor(
            size_now, size_before
        ),
    }
    best, share = max(((text, (part or 0.0) / change) for text, part in reasons.items()), key=lambda pair: pair[1])
    return f", mainly because {best}" if share >= _MAIN_SHARE else ""


def _rate_against(now: Estimate, then: Estimate) -> str:
    if not rate_changed(now, then):
        return f"about as many as the {wording.rate(then.value)} of"
    return f"{'more' if (now.value or 0) > (then.value or 0) else 'fewer'} than the {wording.rate(then.value)} of"
