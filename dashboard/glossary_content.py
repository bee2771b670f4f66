"""What do the words about content and backlink prospects mean? That part of the glossary."""

from __future__ import annotations

from dashboard.glossary_term import Term

CONTENT_TERMS = {
    "asset": Term(
        "Asset",
        "Something that is published and can bring a lead: a page, listing, webinar, article, case study, integration.",
        "Counted where it was out on at least one day of the period. A lead belongs to its first asset.",
    ),
    "eqls_per_asset_quarter": Term(
        "EQLs per asset and quarter",
        "EQLs that came through live assets in the period ÷ the quarters (91.25 days) that these assets were out.",
    ),
    "expected_eqls": Term(
        "Expected EQLs per asset and quarter",
        "What an asset of this group may be expected to bring, with a 95 % interval.",
        "A few partners bring most, so the interval is far wider than chance alone; small groups are drawn to the "
        "others.",
    ),
    "content_mix": Term(
        "New and syndicated content",
        "The share of new assets among the live ones whose origin is known.",
        "Reference: 60 % new, 40 % syndicated, said to bring twice the EQLs for 25–30 % more cost.",
    ),
    "content_cost_per_eql": Term(
        "Content cost per EQL",
        "Cost rows of category content, by the share of their days in the period ÷ EQLs of the period that came "
        "through an asset.",
    ),
    "asset_age": Term(
        "Age of an asset", "Whole months since the later of publication and last refresh, at the end of the period."
    ),
    "due_refresh": Term(
        "Due for a refresh",
        "A live asset whose publication and last refresh both lie six months back or more.",
        "Overdue: days since these six months were over.",
    ),
    "silent_asset": Term(
        "Silent asset",
        "An asset that is out, was published at least 90 days before the end of the period, and brought no EQL in it.",
        "Told for periods of a quarter and more.",
    ),
    "p_silence": Term(
        "Silence by chance",
        "How likely an ordinary asset of this kind is to bring no EQL in the days that this one was out.",
        "Assets of one kind differ widely, which the model takes into account. A small number is worth a look.",
    ),
    "p_silence_given_past": Term(
        "Silence by chance, given its past",
        "The same for an asset that brought what this one did in the 12 months before, if it had gone on as it was.",
        "Small: it has fallen silent.",
    ),
    "prospect_page": Term(
        "Backlink prospect", "A page of a partner with status prospect: it could link to us and does not yet."
    ),
    "expected_pipeline": Term(
        "Expected pipeline per quarter",
        "What a page of this kind and domain rating may be expected to bring a quarter, learned from the pages of "
        "existing partners over the last 12 months.",
        "An estimate: the mean over partners and pages, good and bad ones.",
    ),
    "pipeline_interval": Term(
        "90 % interval of a page",
        "Where the pipeline per quarter of such a page would lie, averaged over a year, in 9 of 10 cases.",
        "The shortest such range; where many pages bring nothing it begins at 0.",
    ),
    "domain_rating": Term(
        "Domain rating", "Strength of a domain’s backlink profile, 0 to 100, as the source gives it."
    ),
    "rank_by_rating": Term(
        "Rank by domain rating",
        "The place of the page if domain rating alone decided; equal ratings share the better place.",
    ),
    "rank_correlation": Term(
        "Rank correlation",
        "How well a ranking of pages agrees with what they brought: 1 perfectly, 0 not at all (Spearman).",
        "Measured on pages of partners that the model had not seen.",
    ),
}
