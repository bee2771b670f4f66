"""Which documents do the tests set? Made up, seeded, of any size, with the names that break naive software."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np

from dashboard.metrics.intervals import rate
from dashboard.reports.figures import Card
from dashboard.reports.partner_pack import (
    Compared,
    CurvePoint,
    Decided,
    FunnelStep,
    Month,
    OpenDeal,
    PageLine,
    PartnerDocument,
    PartnerHeader,
)
from dashboard.reports.review_pack import (
    Budget,
    BudgetLine,
    Consequence,
    PastDecision,
    RankLine,
    ReviewDocument,
    ReviewLine,
    Zone,
)

NASTY = (
    "<b>Bold</b> & <script>alert(1)</script>",
    "#panic() $x^2$ *star* _under_ `code` @cite <label> ]",
    '=HYPERLINK("https://example.org","click")',
    "شركة الشراكة للبرمجيات",
    "חברת שותפים בע״מ",
    "🚀 Rocket 👩‍👩‍👧 partners 😀",
    "株式会社パートナー",
    "Long " + "Wide Name " * 19 + "X",
    "x" * 200,
    "tab\tline\nbreak\x07bell\x00zero \u202eevil",
)
MOMENT = datetime(2026, 11, 22, 9, 12, tzinfo=UTC)
STEMS = ("Northwind", "Contoso", "Acme", "Blue Harbor", "Lumen", "Quartz", "Sable", "Tidewater", "Umber", "Vireo")
ENDINGS = ("Integrations", "Media", "Consulting", "Labs", "Cloud", "Group")
DEFINITIONS = (
    ("EQL", "Ecosystem-qualified lead: it came through a partner, and partner and vendor confirmed fit and intent."),
    ("Pipeline ÷ cost", "Pipeline created in the period ÷ programme cost of the period. The gate is 5×."),
    ("Rank interval", "The ranks that the partner's true rank is among with a probability of at least 90 %."),
    ("Win rate", "Deals won ÷ (won + lost), among the deals that closed in the period. Open deals are not in it."),
)


def names(number: int, *, nasty: bool = False) -> list[str]:
    usual = [f"{STEMS[k % 10]} {ENDINGS[k // 10 % 6]}{f' {k // 60 + 1}' if k >= 60 else ''}" for k in range(number)]
    if nasty:
        usual[1 : 1 + len(NASTY)] = NASTY[: max(0, number - 1)]
    return usual[:number]


def review(number: int, *, nasty: bool = False, decided: bool = True) -> ReviewDocument:
    """A review of so many partners, a twelfth of them surely at the bottom."""
    random = np.random.default_rng(number)
    zone = number // 5
    ranks, rows = [], []
    for rank, name in enumerate(names(number, nasty=nasty), start=1):
        wide = int(random.integers(0, max(2, number // 3)))
        low, high = max(1, rank - wide // 2), min(number, rank + wide)
        sure = Zone.TOP if high <= zone else Zone.BOTTOM if low > number - zone else Zone.MIDDLE
        p_top, p_bottom = (0.97, 0.0) if sure is Zone.TOP else (0.0, 0.93) if sure is Zone.BOTTOM else (0.2, 0.15)
        ranks.append(RankLine(name, rank, low, high, p_top, p_bottom, sure))
        eqls = int(random.integers(3, 300))
        suggestion = {Zone.TOP: "Double", Zone.BOTTOM: "End"}.get(sure, "Wait" if wide > number / 5 else "Keep")
        rows.append(
            ReviewLine(
                partner_id=f"p{rank:03}",
                name=name,
                rank=rank,
                rank_low=low,
                rank_high=high,
                p_top=p_top,
                p_bottom=p_bottom,
                last_rank=None if rank % 7 == 0 else int(random.integers(1, number + 1)),
                eqls=eqls,
                sqls=eqls // 2,
                won=eqls // 9,
                win_rate=rate(eqls // 9, eqls // 4),
                arr=float(random.integers(0, 900_000)),
                pipeline=float(random.integers(10_000, 3_000_000)),
                pages=int(random.integers(1, 40)),
                per_page=float(random.integers(500, 90_000)),
                cost=float(random.integers(4_000, 90_000)),
                multiple=float(random.uniform(0.3, 40)),
                badges=tuple(b for b, on in (("too few EQLs", eqls < 50), ("new partner", rank % 11 == 0)) if on),
                suggestion=suggestion,
                reason=f"The true rank is between {low} and {high} with 90 %; it was so in the quarter before."
                if sure is not Zone.MIDDLE
                else "The interval reaches into the middle.",
                decision=suggestion if decided else "",
                note="Agreed with the manager; contract ends in March." if decided and rank == 1 else "",
                budget={"Double": 40_000.0, "End": 0.0}.get(suggestion, 20_000.0) if decided else None,
            )
        )
    moves = [r for r in rows if r.suggestion in ("Double", "End")]
    freed = 20_000.0 * sum(r.suggestion == "End" for r in moves)
    needed = 20_000.0 * sum(r.suggestion == "Double" for r in moves)
    ends, doubles = (sum(r.suggestion == s for r in moves) for s in ("End", "Double"))
    return ReviewDocument(
        title="Quarterly partner review",
        period="Q3 2026",
        as_of="22 Nov 2026 09:12 UTC",
        currency="USD",
        headline=f"{ends} of {number} partners are surely in the bottom fifth, {doubles} surely in the top fifth.",
        second="For the others the data cannot tell yet: chance alone could have put them where they stand.",
        moment=MOMENT,
        notes=(
            "3 deals in a currency without a rate for their day are in no sum.",
            "Leads of September are still young: more of them will become deals.",
        ),
        cards=(
            Card("ARR won", "$1.2\u202fM", "+18\u202f% on Q2"),
            Card("Pipeline created", "$9.8\u202fM", "−4\u202f% on Q2"),
            Card("EQLs", "4\u202f812", "+2\u202f% on Q2"),
            Card("Programme cost", "$1.6\u202fM", "+1\u202f% on Q2"),
            Card("Pipeline ÷ cost", "6.1×", "gate 5×"),
        ),
        zone_size=zone,
        ranks=ranks,
        rows=rows,
        unranked=[
            ("Fresh Partner", "Joined after the period began"),
            ("Idle Partner", "Not active"),
            ("Second Idle", "Not active"),
        ],
        budget=Budget(
            freed, needed, freed - needed, [BudgetLine(r.name, r.decision, 20_000.0, r.budget) for r in moves]
        )
        if decided
        else Budget(),
        consequences=(
            Consequence("End the bottom fifth of the table", zone, 0.31, 0.69),
            Consequence("End where P(bottom fifth) is at least 80 %", ends, 0.07, 0.45),
            Consequence("Double the top fifth of the table", zone, 0.26, 0.74),
            Consequence("Double where P(top fifth) is at least 80 %", doubles, 0.04, 0.5),
        ),
        consequences_note="In 400 simulated worlds like this one, with the luck of each quarter drawn anew, a rule "
        "named partners that were not truly in the outer fifth (wrong) and found some of those that were (found).",
        last_decisions=(
            PastDecision(
                "Northwind Media", "Double", "M. Ito", "28 Aug 2026", "Pipeline per page rose from $12 k to $19 k."
            ),
            PastDecision("Acme Labs", "End", "M. Ito", "28 Aug 2026", "Ended on 30 Sep; 12 leads still open."),
        ),
        definitions=DEFINITIONS,
    )


def partner(
    name: str = "Northwind Integrations", *, months: int = 12, pages: int = 12, deals: int = 9
) -> PartnerDocument:
    """A partner's quarter, every part filled."""
    random = np.random.default_rng(7)
    reached = {"Lead": 812, "EQL": 301, "SQL": 160, "Opportunity": 92, "Won": 31}
    counts = list(reached.values())
    return PartnerDocument(
        header=PartnerHeader(name, "Integration", "Gold", "EMEA", "M. Ito", "12 Mar 2024", "Active"),
        title=f"Business review: {name}",
        period="Q3 2026",
        as_of="22 Nov 2026 09:12 UTC",
        currency="USD",
        sentence=f"{name} brought $312 k ARR in Q3 2026, about as much as in Q2; it stands above most integrations.",
        moment=MOMENT,
        type_name="integrations",
        cards=(
            Card("ARR won", "$312\u202fk", "+3\u202f% on Q2", "median of integrations: $120\u202fk"),
            Card("EQLs", "301", "+12\u202f% on Q2", "median: 140"),
            Card("EQL → won", "10.3\u202f%", "+0.4\u202fpts", "7.4–14.2\u202f%, n = 301"),
            Card("Open pipeline", "$1.1\u202fM", "", "weighted: $240\u202fk"),
            Card("Pipeline ÷ cost", "9.2×", "+1.1", "gate 5×"),
        ),
        funnel=[
            FunnelStep(stage, n, rate(after, n) if after is not None else FunnelStep("", 0).to_next, stage == "SQL")
            for (stage, n), after in zip(reached.items(), [*counts[1:], None], strict=True)
        ],
        months=[
            Month(
                date(2025 + (9 + k) // 12, (9 + k) % 12 + 1, 1),
                int(random.integers(800, 2000)),
                int(random.integers(40, 90)),
                int(random.integers(10, 40)),
                int(random.integers(5, 20)),
                int(random.integers(0, 6)),
                float(random.integers(0, 60_000)) if k != 3 else None,
                float(random.integers(0, 300_000)),
            )
            for k in range(months)
        ],
        compared=(
            Compared("Pipeline per referring page", "$21\u202fk", "$9\u202fk", 88, 70, 97),
            Compared("EQL → won", "10.3\u202f%", "8.1\u202f%", 61, 22, 90),
            Compared("Median days to close", "61\u202fdays", "58\u202fdays", 45, 12, 80),
            Compared("Cost per EQL", "$212", "$340"),
        ),
        curve=[
            CurvePoint(d, v := 0.12 * (1 - np.exp(-d / 60)), v * 0.75, v * 1.3, v * 0.8, v * 0.7, v * 0.9)
            for d in range(0, 181, 6)
        ],
        pages=[
            PageLine(
                f"How to connect {name} to everything, part {k}", "Integration page", 90 - k, 40 - k, 4, 1e5 / (k + 1)
            )
            for k in range(pages)
        ],
        deals=[
            OpenDeal(f"Customer {k} & Sons", "Proposal", 12_000.0 * (k + 1), 20.0 + 17 * k, 61.0) for k in range(deals)
        ],
        gaps=("12 leads carry no company size: they cannot reach the score of an EQL.", "3 deals have no amount."),
        notes=("Leads of September are still young: more of them will become deals.",),
        decisions=(
            Decided("Q2 2026", "Keep", 20_000.0, "Wait for the new pages.", "M. Ito", "28 Aug 2026"),
            Decided("Q1 2026", "Double", 20_000.0, "", "M. Ito", "2 Jun 2026"),
        ),
        definitions=DEFINITIONS,
    )
