"""By which headings, in several languages, do companies call the fields of the contract?"""

from __future__ import annotations

from collections.abc import Mapping


def _list(words: str) -> tuple[str, ...]:
    return tuple(words.split(" | "))


#: Headings in lower case, words apart, for `field` or `table.field`; earlier ones are surer.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "lead.lead_id": _list(
        "lead id | contact id | record id | prospect id | person id | mql id | kontakt id | id de lead | id | "
        "lead | uuid | lead nr | lead nummer | kundennummer"
    ),
    "lead.created_at": _list(
        "created at | created date | create date | created | created on | creation date | date created | "
        "first contact date | first contact | date added | lead date | signup date | erstellt am | "
        "erstellt | erstelldatum | anlagedatum | angelegt am | eingang | fecha de creación | fecha de "
        "creacion | fecha creación | fecha de alta | creado | data de criação | data de criacao | criado "
        "em | data criação | date de création | date creation | créé le | timestamp | date | datum | fecha "
        "| data | received | received at | received on | registered | registered on | added | added on | "
        "captured"
    ),
    "deal.lead_id": _list(
        "lead id | contact id | record id | prospect id | person id | mql id | kontakt id | id de lead | "
        "associated contact ids | lead | contact"
    ),
    "deal.deal_id": _list(
        "deal id | opportunity id | record id | deal key | opportunity | deal number | id | angebotsnummer | "
        "auftragsnummer | id de oportunidad | id da oportunidade"
    ),
    "deal.name": _list("deal name | opportunity name | deal | name | title | betreff | nombre | nome | titel"),
    "deal.opened_at": _list(
        "opened at | engage date | open date | opened | start date | created at | created date | create "
        "date | created | created on | creation date | date created | first contact date | first contact | "
        "date added | lead date | signup date | erstellt am | erstellt | erstelldatum | anlagedatum | "
        "angelegt am | eingang | fecha de creación | fecha de creacion | fecha creación | fecha de alta | "
        "creado | data de criação | data de criacao | criado em | data criação | date de création | date "
        "creation | créé le | timestamp | date | datum | fecha | data | opened on | opening date | date "
        "opened"
    ),
    "deal.closed_at": _list(
        "closed at | close date | closed date | won date | closing date | closed on | closed | date closed "
        "| end date | abgeschlossen am | abschlussdatum | abschluss | geschlossen am | fecha de cierre | "
        "data de fechamento | data fechamento | fecha cierre | date de clôture | won on | won at | closing "
        "| close | actual close date"
    ),
    "deal.expected_close_on": _list(
        "expected close date | expected close | forecast date | erwartetes abschlussdatum | fecha de "
        "cierre esperada | previsão de fechamento | expected closing date | estimated close date | "
        "projected close date | planned close date"
    ),
    "deal.status": _list(
        "status | deal status | outcome | result | won lost | deal stage | stage | opportunity stage | "
        "ergebnis | phase | estado | etapa | situação | situacao | statut"
    ),
    "deal.stage": _list("stage | deal stage | pipeline stage | opportunity stage | phase | etapa | fase | étape"),
    "deal.arr": _list(
        "arr | annual recurring revenue | annual contract value | acv | jahresumsatz | annual value | yearly value"
    ),
    "deal.lost_reason": _list(
        "lost reason | loss reason | closed lost reason | reason lost | verlustgrund | motivo de pérdida | "
        "motivo da perda"
    ),
    "deal.account_id": _list(
        "account id | company id | organization id | organisation id | customer id | account | account name | "
        "company | company name | organization | organisation | client | customer | firma | unternehmen | "
        "kunde | empresa | cuenta | cliente | conta | société | entreprise"
    ),
    "lead.account_id": _list(
        "account id | company id | organization id | organisation id | customer id | account | account name | "
        "company | company name | organization | organisation | client | customer | firma | unternehmen | "
        "kunde | empresa | cuenta | cliente | conta | société | entreprise"
    ),
    "amount": _list(
        "amount | deal amount | deal value | close value | closed amount | opportunity amount | value | "
        "expected revenue | revenue | contract value | total | price | betrag | auftragswert | wert | "
        "umsatz | importe | monto | valor | ingresos | montant | summe | deal size | opportunity value | "
        "net amount | order value | sum | worth"
    ),
    "currency": _list(
        "currency | currency code | amount currency | deal currency | währung | waehrung | moneda | divisa | "
        "moeda | devise"
    ),
    "owner": _list(
        "owner | lead owner | deal owner | contact owner | opportunity owner | account owner | sales rep | "
        "rep | assigned to | salesperson | sales agent | seller | verantwortlich | zuständig | vertriebler | "
        "besitzer | bearbeiter | propietario | responsable | vendedor | responsável | responsavel | comercial"
    ),
    "partner_id": _list(
        "partner | partner name | partner account | referral partner | referring partner | partner company "
        "| referred by | referrer | affiliate | reseller | agency | vermittler | partnername | empfohlen "
        "von | socio | parceiro | nombre del socio | nome do parceiro | partenaire | partner id | partner "
        "key | introduced by | recommended by | channel partner"
    ),
    "partner.partner_id": _list("partner id | partner key | id | key | partnernummer | partner"),
    "partner.name": _list("partner name | partner | name | company | company name | partnername | firma | empresa"),
    "partner.partner_type": _list("partner type | type | kind | partnertyp | typ | tipo | category"),
    "partner.tier": _list("tier | partner tier | level | group | stufe | nivel | nível"),
    "partner.manager": _list("partner manager | manager | owner | betreuer | gestor"),
    "partner.joined_on": _list(
        "joined on | joined | start date | joined date | since | seit | beginn | created at | created date | "
        "create date | created | created on | creation date | date created | first contact date | first "
        "contact | date added | lead date | signup date | erstellt am | erstellt | erstelldatum | anlagedatum "
        "| angelegt am | eingang | fecha de creación | fecha de creacion | fecha creación | fecha de alta | "
        "creado | data de criação | data de criacao | criado em | data criação | date de création | date "
        "creation | créé le | timestamp | date | datum | fecha | data"
    ),
    "partner.ended_on": _list("ended on | end date | ended | ende"),
    "account.account_id": _list(
        "account id | company id | organization id | organisation id | customer id | account | account name | "
        "company | company name | organization | organisation | client | customer | firma | unternehmen | "
        "kunde | empresa | cuenta | cliente | conta | société | entreprise"
    ),
    "account.name": _list("account name | company name | name | company | firma | empresa"),
    "domain": _list(
        "domain | website | company domain | web | url | webseite | sitio web | site | company domain name "
        "| domain name | company website | website url | web site | homepage"
    ),
    "industry": _list(
        "industry | sector | branche | industria | setor | segment | secteur | company industry | vertical"
    ),
    "employees": _list(
        "employees | number of employees | headcount | company size | mitarbeiter | mitarbeiterzahl | "
        "empleados | funcionários | employee count | number employees | no of employees | staff"
    ),
    "country": _list(
        "country | country region | office location | land | país | pais | pays | country code | country "
        "name | company country | billing country | nation"
    ),
    "region": _list("region | territory | sales region | state | gebiet | región | região | bundesland"),
    "lead.channel": _list(
        "channel | lead source | source | original source | origin | traffic source | marketing channel | "
        "quelle | kanal | leadquelle | herkunft | fuente | canal | origen | origem | fonte | medio | lead "
        "channel | acquisition channel"
    ),
    "touch.channel": _list("channel | source | kanal | canal"),
    "email_domain": _list(
        "email domain | email | e mail | email address | e mail adresse | mail | correo | correo electrónico "
        "| e mail address | courriel"
    ),
    "utm_source": _list("utm source"),
    "utm_medium": _list("utm medium | medium"),
    "utm_campaign": _list("utm campaign | campaign | campaign name | kampagne | campaña | campanha"),
    "product_line": _list("product line | product | product interest | produkt | producto | produto | produit"),
    "crm_score": _list("crm score | lead score | score | hubspot score | punktzahl | puntuación | pontuação"),
    "mql_at": _list(
        "mql at | mql date | became a marketing qualified lead date | date mql | mql datum | mql | "
        "marketing qualified | marketing qualified at"
    ),
    "eql_at": _list(
        "eql at | eql date | eql | became an ecosystem qualified lead date | ecosystem qualified | "
        "ecosystem qualified at"
    ),
    "sql_at": _list(
        "sql at | sql date | became a sales qualified lead date | date sql | sql | converted date | sales "
        "qualified | sales qualified at | sales qualified on"
    ),
    "assigned_at": _list("assigned at | assigned date | owner assigned date | assigned on | zugewiesen am | assigned"),
    "first_contacted_at": _list(
        "first contacted at | first outreach date | contacted at | first response | first contacted | "
        "first touch | erstkontakt | primer contacto | primeiro contato | contacted | contacted on | first "
        "call"
    ),
    "referral_at": _list(
        "referral at | referral date | referred at | referred on | empfehlungsdatum | referred | referral"
    ),
    "disqualified_at": _list(
        "disqualified at | disqualified date | rejected at | disqualified | disqualified on | rejected | rejected on"
    ),
    "disqualified_reason": _list(
        "disqualified reason | disqualification reason | unqualified reason | rejection reason"
    ),
    "last_activity_at": _list(
        "last activity at | last activity date | last activity | last contacted | letzte aktivität | last "
        "seen | last active | last contact | last contact date"
    ),
    "first_asset_id": _list("first asset id | landing page | landing page id | first page seen | asset | zielseite"),
    "is_test": _list("is test | test | test lead"),
    "cost.cost_id": _list("cost id | invoice number | invoice | id | rechnungsnummer"),
    "cost.category": _list("category | cost type | type | kategorie | kostenart | categoría | categoria"),
    "cost.amount": _list(
        "cost | spend | kosten | costo | custo | gasto | amount | deal amount | deal value | close value | "
        "closed amount | opportunity amount | value | expected revenue | revenue | contract value | total | "
        "price | betrag | auftragswert | wert | umsatz | importe | monto | valor | ingresos | montant | summe"
    ),
    "cost.channel": _list("channel | kanal | canal"),
    "period_start": _list("period start | start | start date | from | month | von | desde | beginn | monat"),
    "period_end": _list("period end | end | end date | to | until | bis | hasta | ende"),
    "traffic.asset_id": _list("asset id | page | landing page | url | page path | seite"),
    "traffic.day": _list("day | date | tag | datum | fecha | data"),
    "traffic.sessions": _list("sessions | visits | visitors | views | besuche | sitzungen | visitas | sesiones"),
    "fx_rate.rate": _list("rate | exchange rate | kurs | wechselkurs | tipo de cambio | taxa"),
    "fx_rate.day": _list("day | date | datum | fecha | data"),
    "fx_rate.base": _list("base | base currency | to currency"),
}

#: Words in a heading or file name that speak for a table.
TABLE_WORDS: Mapping[str, tuple[str, ...]] = {
    "lead": _list("lead | contact | mql | utm | kontakt | prospect | contacto | contato | signup"),
    "deal": _list("deal | opportunit | pipeline | won | close date | angebot | abschluss | oportunidad | venda"),
    "partner": _list("partner type | partner tier | partners"),
    "account": _list("employees | industry | mitarbeiter | accounts | companies"),
    "cost": _list("cost | spend | invoice | kosten | gasto | custo"),
    "traffic": _list("sessions | visits | traffic | besuche | visitas"),
    "fx_rate": _list("exchange rate | wechselkurs | fx"),
}

#: Words for the outcome of a deal and other closed lists.
STATUS_WORDS: Mapping[str, tuple[str, ...]] = {
    "won": _list(
        "won | closed won | win | gewonnen | abgeschlossen gewonnen | ganado | ganada | ganho | ganha | "
        "cerrado ganado | fechado ganho | gagné | success | converted | customer | signed | auftrag"
    ),
    "lost": _list(
        "lost | closed lost | loss | verloren | perdido | perdida | cerrado perdido | fechado perdido | perdu "
        "| failed | rejected | declined | abandoned | abgelehnt | churned"
    ),
    "open": _list(
        "open | in progress | new | prospecting | qualification | engaging | negotiation | proposal | "
        "discovery | demo | offen | in bearbeitung | abierto | abierta | em aberto | aberto | ouvert | "
        "pending | contract sent | qualified"
    ),
    "active": _list("active | aktiv | activo | ativo | actif"),
    "ended": _list("ended | inactive | terminated | inaktiv | beendet | inactivo | inativo"),
    "paused": _list("paused | on hold | pausiert | pausado"),
    "prospect": _list("prospect | invited | interessent"),
}

#: Texts that often stand for nothing.
BLANK_WORDS = _list(
    "- | -- | n/a | #n/a | none | null | nan | select | (no value) | (not set) | not set | keine angabe | "
    "k.a. | sin datos | n.d."
)
