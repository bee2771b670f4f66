"""What goes together with converting? Attributes, tags and signals of a cohort's leads against each other."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from dashboard.domain import Stage
from dashboard.metrics.association import Association, associations

TAGS, TAGS_KNOWN, EVERYBODY = "tech_stack", "tech_stack_known", "all"
FLAGS = ("signal", "referral")
_BETWEEN = "\x1f"


def converting(cells: pl.DataFrame, stage: Stage) -> list[Association]:
    """Conversion to a stage with and without each value, the largest differences that hold up first.

    `cells` has attribute, value, leads and a column for each stage; the row of attribute `all` counts everybody. Of
    signals and referrals nothing is unknown. A lead may have several values of `tech_stack` and is compared with the
    leads whose stack is known (`tech_stack_known`) and lacks the value. q-values over all tests together.
    """
    counted = cells.select("attribute", "value", "leads", converted=pl.col(stage.value))
    whole = counted.filter(pl.col("attribute") == EVERYBODY)
    if whole.is_empty() or not whole["leads"][0]:
        return []
    rows = counted.filter(~pl.col("attribute").is_in([EVERYBODY, TAGS_KNOWN, TAGS]))
    found = associations(
        pl.concat([rows, _tag_pairs(counted)]), int(whole["leads"][0]), int(whole["converted"][0]), FLAGS
    )
    return [_without_pair(each) for each in found if not _is_complement(each)]


def _tag_pairs(counted: pl.DataFrame) -> pl.DataFrame:
    """Each tag as an attribute of its own with two values, so that leads of unknown tags stay unknown."""
    tags = counted.filter(pl.col("attribute") == TAGS)
    known = counted.filter(pl.col("attribute") == TAGS_KNOWN)
    if tags.is_empty() or known.is_empty():
        return counted.clear()
    named = tags.with_columns(attribute=pl.concat_str(pl.lit(TAGS + _BETWEEN), "value"))
    having = named.with_columns(value=pl.lit("yes"))
    lacking = named.with_columns(
        value=pl.lit("no"),
        leads=int(known["leads"][0]) - pl.col("leads"),
        converted=int(known["converted"][0]) - pl.col("converted"),
    )
    return pl.concat([having, lacking])


def _is_complement(each: Association) -> bool:
    return _BETWEEN in each.attribute and each.value == "no"


def _without_pair(each: Association) -> Association:
    name, between, tag = each.attribute.partition(_BETWEEN)
    return replace(each, attribute=name, value=tag) if between else each
