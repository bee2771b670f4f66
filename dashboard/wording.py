"""How are numbers, moments and names written for people? The only place that formats them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.domain import Estimate

THIN = "\u202f"  # narrow no-break space: between number and unit, and between thousands
MINUS = "\u2212"
NOTHING = "–"

SYMBOLS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "BRL": "R$",
    "JPY": "¥",
    "CNY": "CN¥",
    "INR": "₹",
    "AUD": "A$",
    "CAD": "C$",
    "NZD": "NZ$",
    "MXN": "MX$",
    "KRW": "₩",
    "ILS": "₪",
    "PLN": "zł",
}
#: Words that a code writes small and people write large; channels, above all.
ACRONYMS = frozenset({"ai", "api", "b2b", "cpc", "crm", "eql", "icp", "llm", "mql", "ppc", "seo", "sem", "sms", "sql"})
_MAGNITUDES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def symbol(currency: str) -> str:
    """The sign that stands before an amount: `$`, `€`, `R$`; the code and a space where there is none."""
    return SYMBOLS.get(currency, f"{currency}{THIN}")


def money(value: float | None, currency: str) -> str:
    """An amount at a glance: `$1.2 M`, `$845 k`, `$287`, `−$3.50`; "–" where there is none."""
    if value is None:
        return NOTHING
    sign = MINUS if value < 0 and round(abs(value), 2) else ""
    return f"{sign}{symbol(currency)}{_short(abs(value))}"


def money_exactly(value: float | None, currency: str) -> str:
    """An amount to the cent: `$1 234 567.89`."""
    if value is None:
        return NOTHING
    sign = MINUS if value < 0 else ""
    return f"{sign}{symbol(currency)}{_thousands(f'{abs(value):,.2f}')}"


def count(value: float | None) -> str:
    """A number of things: `12 345`."""
    if value is None:
        return NOTHING
    return _thousands(f"{value:,.0f}").replace("-", MINUS)


def rate(value: float | None, digits: int = 1) -> str:
    """A share between 0 and 1: `24.3 %`."""
    if value is None:
        return NOTHING
    return f"{100 * value:.{digits}f}{THIN}%".replace("-", MINUS)


def interval(estimate: Estimate, digits: int = 1) -> str:
    """The bounds of a rate: `18.2–24.9 %`; empty where there are none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{100 * estimate.low:.{digits}f}–{100 * estimate.high:.{digits}f}{THIN}%"


def money_interval(estimate: Estimate, currency: str) -> str:
    """The bounds of an amount: `$386–$1.2 k`; empty where there are none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{money(estimate.low, currency)}–{money(estimate.high, currency)}"


def days(value: float | None, *, at_least: bool = False) -> str:
    """A length of time in days: `41 days`; `≥ 41 days` while open cases can still lengthen it."""
    if value is None:
        return NOTHING
    number = f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
    return f"{f'≥{THIN}' if at_least else ''}{number}{THIN}{'day' if number == '1' else 'days'}"


def multiple(value: float | None) -> str:
    """How many times one amount is another: `6.1×`, `140×`."""
    if value is None:
        return NOTHING
    return f"{value:.1f}×" if abs(value) < 100 else f"{_thousands(f'{value:,.0f}')}×"


def change(now: float | None, before: float | None) -> str | None:
    """The change of an amount: `+18 %`, `−4 %`, `12×`; None where there is nothing to compare with."""
    if now is None or before is None or before <= 0:
        return None
    ratio = now / before
    if ratio >= 10:
        return f"{count(ratio)}×"
    return _signed(100 * (ratio - 1), f"{THIN}%")


def change_in_points(now: float | None, before: float | None) -> str | None:
    """The change of a rate: `+3.1 pts`; None where there is nothing to compare with."""
    if now is None or before is None:
        return None
    return _signed(100 * (now - before), f"{THIN}pts", digits=1)


def change_in_days(now: float | None, before: float | None) -> str | None:
    """The change of a length of time: `−4 days`; None where there is nothing to compare with."""
    if now is None or before is None:
        return None
    return _signed(now - before, f"{THIN}{'day' if abs(round(now - before)) == 1 else 'days'}")


def moment(at: datetime, zone: str) -> str:
    """A point in time: `22 Nov 2026 09:12 UTC`."""
    local = at.astimezone(ZoneInfo(zone))
    name = local.tzname() or zone
    return f"{local.day} {local:%b %Y %H:%M} {zone if name[0] in '+-' else name}"


def day(at: datetime) -> str:
    """A calendar day: `22 Nov 2026`."""
    return f"{at.day} {at:%b %Y}"


def age(length: timedelta) -> str:
    """How long ago: `12 seconds`, `3 minutes`, `5 hours`, `2 days`."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def several(number: float, one: str, more: str | None = None) -> str:
    """A number with its noun: `1 deal`, `1 234 deals`."""
    return f"{count(number)} {one if number == 1 else more or one + 's'}"


def enumeration(names: list[str]) -> str:
    """A list in a sentence: `A`, `A and B`, `A, B and C`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def period_name(label: str, fiscal_year_start: int = 1) -> str:
    """What people call a period: `Q3 2026`, `July 2026`, `2026`, `FY 2026`, `1 Jan – 30 Jun 2026`."""
    year = "FY " if fiscal_year_start != 1 else ""
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", label):
        return f"Q{found[2]} {year}{found[1]}"
    if re.fullmatch(r"\d{4}", label):
        return f"{year}{label}"
    if re.fullmatch(r"\d{4}-\d{2}", label):
        return f"{datetime.fromisoformat(f'{label}-01'):%B %Y}"
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2}", label):
        first, end = (datetime.fromisoformat(part) for part in label.split(".."))
        return _stretch(first, end - timedelta(days=1))
    return label


def label(text: str | None) -> str:
    """A code from the data as a label: `paid_search` → `Paid search`, `ai_referral` → `AI referral`; `Not set` where it
    is missing. Only what is written as a code has its acronyms raised: other texts mean what they say.
    """
    if not text:
        return "Not set"
    words = text.replace("_", " ").strip().split(" ")
    if "_" in text or len(words) == 1:
        words = [word.upper() if word in ACRONYMS else word for word in words]
    return beginning(" ".join(words))


def beginning(text: str) -> str:
    """A text as a sentence or a label begins with it."""
    return f"{text[:1].upper()}{text[1:]}"


_MARKUP = r"[\\`*_{}\[\]()<>#+\-.!|~$:^&]"


def plain(text: object) -> str:
    """A name from the data, safe inside Markdown: nothing in it is read as a link, an image, markup or a directive."""
    flat = re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in str(text))).strip()
    return re.sub(f"({_MARKUP})", r"\\\1", flat)


def unmarked(text: str) -> str:
    """The same for paper and files: a sentence without the signs that keep Markdown from reading names as markup."""
    return re.sub(rf"\\({_MARKUP})", r"\1", text)


def _stretch(first: datetime, last: datetime) -> str:
    if first == last:
        return day(first)
    begin = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    return f"{begin} – {day(last)}"


def _short(value: float) -> str:
    for size, unit in _MAGNITUDES:
        if value >= size * 0.9995:
            scaled = value / size
            return f"{scaled:.1f}{THIN}{unit}" if scaled < 99.95 else f"{scaled:.0f}{THIN}{unit}"
    return f"{value:.0f}" if value >= 9.995 or value < 0.005 else f"{value:.2f}"


def _signed(value: float, unit: str, digits: int = 0) -> str:
    text = _thousands(f"{abs(value):,.{digits}f}")
    if not any(c in "123456789" for c in text):
        return f"±0{unit}"
    return f"{'+' if value > 0 else MINUS}{text}{unit}"


def _thousands(text: str) -> str:
    return text.replace(",", THIN)
