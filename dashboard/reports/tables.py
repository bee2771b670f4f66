"""The report's document as tables and as text: JSON, CSV and a page of HTML."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.formulas import harmless

SECTIONS = (
    "funnel",
    "qualification",
    "velocity",
    "arr",
    "forecast",
    "vitals",
    "channel_comparison",
    "ai_referrals",
    "costs",
    "attribution",
    "content",
)
GROUPS = ("totals", "partner_sourced", "not_partner_sourced", "unattributed")


def as_json(document: Mapping[str, Any]) -> str:
    """The document as indented JSON."""
    return json.dumps(document, indent=1, ensure_ascii=False)


def rows(document: Mapping[str, Any]) -> Iterable[tuple[str, str, str, str, Any]]:
    """The document in long form: scope, id, name, measure (dotted), value."""
    for scope in ("as_of", "time_zone", "currency"):
        yield scope, "", "", scope, document[scope]
    for scope in ("period", *GROUPS, "ranking", "prior", "data_health"):
        for measure, value in _leaves(document[scope]):
            yield scope, "", "", measure, value
    for partner in document["partners"]:
        for measure, value in _leaves({k: v for k, v in partner.items() if k not in ("partner_id", "name")}):
            yield "partner", partner["partner_id"], partner["name"], measure, value
    for channel in document["channels"]:
        name = channel["channel"] or ""
        for measure, value in _leaves({k: v for k, v in channel.items() if k != "channel"}):
            yield "channel", name, name, measure, value
    for scope in SECTIONS:
        for measure, value in _leaves(document.get(scope, {})):
            yield scope, "", "", measure, value


def _leaves(value: Any, path: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for place, item in enumerate(value, start=1):
            yield from _leaves(item, f"{path}.{place}")
    elif isinstance(value, list | tuple):
        yield path, " ".join(map(str, value))
    else:
        yield path, value


def as_csv(document: Mapping[str, Any]) -> str:
    """One row for each number; no value stays empty; formulas in names are made harmless."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["scope", "id", "name", "measure", "value"])
    for row in rows(document):
        writer.writerow([harmless(cell) for cell in row])
    return out.getvalue()


COLUMNS = (
    ("leads", "Leads"),
    ("eqls", "EQLs"),
    ("sqls", "SQLs"),
    ("won", "Won"),
    ("arr", "ARR"),
    ("pipeline_created", "Pipeline created"),
    ("open_pipeline", "Open pipeline"),
    ("programme_cost", "Cost"),
    ("pipeline_multiple", "Pipeline ÷ cost"),
)


def as_html(document: Mapping[str, Any]) -> str:
    """A self-contained page: groups, channels and partners with their main numbers."""
    period = document["period"]
    head = f"Partner performance {period['label']}"
    note = f"Data as of {document['as_of']}, money in {document['currency']}, days in {document['time_zone']}."
    groups = [(name.replace("_", " "), document[name]) for name in GROUPS]
    channels = [(c["channel"] or "(no channel)", c) for c in document["channels"]]
    partners = [(p["name"], p) for p in document["partners"]]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{html.escape(head)}</title><style>body{{font:15px system-ui;margin:2rem}}table{{border-collapse:"
        "collapse;margin:1rem 0}td,th{padding:.3rem .7rem;border-bottom:1px solid #ccc;text-align:right}"
        "td:first-child,th:first-child{text-align:left}</style>"
        f"<h1>{html.escape(head)}</h1><p>{html.escape(note)}</p>"
        + "".join(
            _table(title, part) for title, part in (("All", groups), ("Channels", channels), ("Partners", partners))
        )
        + "</html>\n"
    )


def _table(title: str, lines: list[tuple[str, Mapping[str, Any]]]) -> str:
    header = "".join(f"<th>{name}</th>" for _, name in COLUMNS) + "<th>EQL→won (95 % interval)</th>"
    body = "".join(
        f"<tr><td>{html.escape(name)}</td>"
        + "".join(f"<td>{_number(line.get(key))}</td>" for key, _ in COLUMNS)
        + f"<td>{_rate(line['step_conversion'].get('eql_to_won'))}</td></tr>"
        for name, line in lines
    )
    return f"<h2>{title}</h2><table><tr><th></th>{header}</tr>{body}</table>"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if isinstance(value, int) or abs(value) >= 100 else f"{value:,.2f}"


def _rate(estimate: Mapping[str, Any] | None) -> str:
    if estimate is None or estimate["value"] is None:
        return "–"
    return "{:.1%} ({:.1%} to {:.1%}, n = {:,})".format(*(estimate[key] for key in ("value", "low", "high", "n")))
