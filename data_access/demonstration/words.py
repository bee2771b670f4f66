"""What are people, companies and pages called? Invented words; every domain ends in the reserved `.example`."""

from __future__ import annotations

REGIONS = ("EMEA", "Americas", "APAC")
REGION_WEIGHTS = (0.40, 0.42, 0.18)
COUNTRIES = (
    ("Germany", "France", "Netherlands", "Spain", "Italy", "Austria", "United Kingdom", "Sweden", "Switzerland"),
    ("United States", "Canada", "Brazil", "Mexico"),
    ("Australia", "Japan", "India", "Singapore"),
)
COUNTRY_WEIGHTS = (
    (0.24, 0.15, 0.11, 0.08, 0.07, 0.04, 0.20, 0.06, 0.05),
    (0.78, 0.13, 0.05, 0.04),
    (0.36, 0.25, 0.22, 0.17),
)
EURO = frozenset(("Germany", "France", "Netherlands", "Spain", "Italy", "Austria"))

CHANNELS = ("partner", "paid_search", "paid_social", "organic", "direct", "email", "ai_referral")
PRODUCTS = ("Core", "Insights", "Connect")
MANAGERS = ("Ines Varga", "Tomas Brandl", "Priya Nandan", "Lucia Ferro", "Owen Hartley")
REPRESENTATIVES = (
    ("Mara Lindqvist", "Jonas Keller", "Elif Demirel", "Pauline Mercier", "Callum Rees"),
    ("Dana Whitlock", "Rafael Ortega", "Keisha Monroe", "Grant Sorensen", "Noelle Baptiste"),
    ("Hana Mori", "Arjun Pillai", "Wei Ling Tan"),
)
ALL_REPRESENTATIVES = tuple(name for region in REPRESENTATIVES for name in region)

PARTNER_FIRST = (
    "Alder", "Amber", "Basalt", "Birch", "Cedar", "Cinder", "Clover", "Cobalt", "Copper", "Coral", "Delta", "Ember",
    "Fern", "Flint", "Garnet", "Harbor", "Hazel", "Heron", "Indigo", "Juniper", "Kestrel", "Lark", "Linden", "Lumen",
    "Maple", "Marble", "Meadow", "Nectar", "Ochre", "Onyx", "Orchid", "Osprey", "Pebble", "Pine", "Prairie", "Quartz",
    "Raven", "Reef", "Rowan", "Saffron", "Sable", "Sierra", "Slate", "Sorrel", "Sparrow", "Summit", "Tamar", "Thistle",
    "Tidal", "Topaz", "Umber", "Velvet", "Verdant", "Walnut", "Willow", "Wren", "Yarrow", "Zephyr", "Zinnia", "Aster",
)  # fmt: skip
PARTNER_SECOND = {
    "marketplace": ("Market", "Exchange", "Bazaar", "App Square"),
    "technology": ("Systems", "Software", "Cloudworks", "Data"),
    "backlink": ("Digest", "Review", "Weekly", "Field Notes"),
    "content": ("Media", "Press", "Studio", "Stories"),
    "agency": ("Agency", "Partners", "& Daughters", "Collective"),
    "reseller": ("Distribution", "Solutions", "Trading", "Supply"),
    "referral": ("Advisors", "Network", "Circle", "Consulting"),
    "other": ("Foundation", "Institute", "Alliance", "Lab"),
}
ACCOUNT_FIRST = (
    "Arvo", "Belto", "Cando", "Dorvi", "Elmar", "Fenno", "Galdi", "Hespo", "Ilvan", "Jorda", "Kelmi", "Lorvan",
    "Mirto", "Nelvo", "Ostra", "Pelvi", "Quillo", "Rasmo", "Selvi", "Tarno", "Ulmen", "Vesto", "Wendo", "Xanti",
    "Ylvar", "Zelmo", "Brano", "Clevo", "Drimo", "Frelo", "Grisa", "Krono",
)  # fmt: skip
ACCOUNT_SECOND = (
    "bach", "brook", "crest", "dale", "fold", "gate", "grove", "haven", "hurst", "lane", "leaf", "mark",
    "mere", "mont", "nest", "path", "point", "quay", "ridge", "shore", "side", "span", "stead", "stone",
    "ton", "vale", "view", "ward", "way", "well", "wick", "worth",
)  # fmt: skip
ACCOUNT_THIRD = (
    "Bank", "Capital", "Clinics", "Energy", "Foods", "Freight", "Group", "Health", "Holdings", "Homes", "Insurance",
    "Labs", "Logistics", "Machines", "Mobility", "Networks", "Payments", "Retail", "Software", "Studios", "Tools",
    "Travel", "Works", "Wholesale",
)  # fmt: skip
FREE_MAIL = ("gmail.com", "outlook.com")

ASSET_TITLES = {
    "page": "Guide", "listing": "Listing", "webinar": "Webinar", "article": "Article",
    "case_study": "Case study", "integration": "Integration", "other": "Template",
}  # fmt: skip
TOPICS = (
    "partner reporting", "revenue attribution", "lead routing", "clean CRM data", "joint selling", "pipeline reviews",
    "usage analytics", "pricing pages", "onboarding", "data sharing", "forecasting", "renewals",
)  # fmt: skip
DISQUALIFIED = ("no budget", "no answer", "wrong size", "competitor", "student or private", "not the right time")
LOST = ("price", "no decision", "competitor", "missing feature", "timing")
