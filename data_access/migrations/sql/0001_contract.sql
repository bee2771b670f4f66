-- The data contract: schema eql, version 1.

CREATE SCHEMA IF NOT EXISTS eql;
COMMENT ON SCHEMA eql IS 'Leads, deals and costs of a partner programme, as the dashboard reads them.';

CREATE TABLE eql.partner (
    partner_id text primary key,
    name text not null,
    partner_type text not null default 'other' check (partner_type in ('marketplace','technology','backlink','content','agency','reseller','referral','other')),
    tier text,
    region text,
    manager text,
    status text not null default 'active' check (status in ('prospect','active','paused','ended')),
    joined_on date,
    ended_on date,
    source text NOT NULL DEFAULT '',
    batch_id bigint
);

CREATE TABLE eql.partner_alias (
    alias_kind text not null check (alias_kind in ('name','lead_source','utm_source','partner_key','domain')),
    alias text not null check (alias = lower(btrim(alias)) and alias <> ''),
    partner_id text not null references eql.partner,
    source text NOT NULL DEFAULT '',
    batch_id bigint,
    primary key (alias_kind, alias)
);

CREATE TABLE eql.account (
    account_id text primary key,
    name text,
    domain text,
    industry text,
    employees integer check (employees >= 0),
    country text,
    region text,
    tech_stack text[],
    use_case text,
    source text NOT NULL DEFAULT '',
    batch_id bigint
);

CREATE TABLE eql.asset (
    asset_id text primary key,
    partner_id text references eql.partner,
    kind text not null default 'page' check (kind in ('page','listing','webinar','article','case_study','integration','other')),
    origin text check (origin in ('new','syndicated')),
    title text,
    url text,
    domain_rating double precision check (domain_rating between 0 and 100),
    published_on date,
    refreshed_on date,
    retired_on date,
    source text NOT NULL DEFAULT '',
    batch_id bigint
);

CREATE TABLE eql.traffic (
    asset_id text not null references eql.asset,
    day date not null,
    sessions integer not null check (sessions >= 0),
    source text NOT NULL DEFAULT '',
    batch_id bigint,
    primary key (asset_id, day)
);

CREATE TABLE eql.lead (
    lead_id text primary key,
    account_id text references eql.account,
    partner_id text references eql.partner,
    first_asset_id text references eql.asset,
    channel text,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    email_domain text,
    region text,
    product_line text,
    owner text,
    crm_score double precision,
    created_at timestamptz not null,
    referral_at timestamptz,
    partner_confirmed_at timestamptz,
    vendor_confirmed_at timestamptz,
    mql_at timestamptz,
    eql_at timestamptz,
    sql_at timestamptz,
    assigned_at timestamptz,
    first_contacted_at timestamptz,
    disqualified_at timestamptz,
    disqualified_reason text,
    last_activity_at timestamptz,
    is_test boolean not null default false,
    deleted_at timestamptz,
    merged_into text references eql.lead deferrable initially deferred check (merged_into <> lead_id),
    merged_at timestamptz,
    experiment boolean not null default false,
    source text NOT NULL DEFAULT '',
    batch_id bigint
);

CREATE TABLE eql.signal (
    lead_id text not null references eql.lead,
    signal text not null,
    occurred_at timestamptz not null,
    source text NOT NULL DEFAULT '',
    batch_id bigint,
    primary key (lead_id, signal, occurred_at)
);

CREATE TABLE eql.touch (
    touch_id text primary key,
    lead_id text not null references eql.lead,
    partner_id text references eql.partner,
    asset_id text references eql.asset,
    channel text,
    occurred_at timestamptz not null,
    source text NOT NULL DEFAULT '',
    batch_id bigint
);

CREATE TABLE eql.deal (
    deal_id text primary key,
    lead_id text references eql.lead,
    account_id text references eql.account,
    name text,
    opened_at timestamptz,
    stage text,
    status text not null default 'open' check (status in ('open','won','lost')),
    amount numeric(18,2) check (amount between 0 and 1e15),
    arr numeric(18,2) check (arr between 0 and 1e15),
    currency text check (currency ~ '^[A-Z]{3}$'),
    closed_at timestamptz,
    expected_close_on date,
    owner text,
    lost_reason text,
    deleted_at timestamptz,
    source text NOT NULL DEFAULT '',
    batch_id bigint
);

CREATE TABLE eql.cost (
    cost_id text primary key,
    partner_id text references eql.partner,
    channel text,
    category text not null default 'other' check (category in ('seat','tooling','people','content','media','payout','other')),
    period_start date not null,
    period_end date not null,
    amount numeric(18,2) not null check (amount between -1e15 and 1e15),
    currency text check (currency ~ '^[A-Z]{3}$'),
    source text NOT NULL DEFAULT '',
    batch_id bigint,
    check (period_end >= period_start)
);

CREATE TABLE eql.target (
    metric text not null,
    period_start date not null,
    period_end date not null,
    partner_id text references eql.partner,
    value double precision not null,
    source text NOT NULL DEFAULT '',
    batch_id bigint,
    unique nulls not distinct (metric, period_start, period_end, partner_id),
    check (period_end >= period_start)
);

CREATE TABLE eql.fx_rate (
    base text not null check (base ~ '^[A-Z]{3}$'),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    day date not null,
    rate numeric(20,10) not null check (rate > 0 and rate < 1e9),
    source text NOT NULL DEFAULT '',
    batch_id bigint,
    primary key (base, currency, day)
);

CREATE TABLE eql.import_batch (
    batch_id bigint generated always as identity primary key,
    mapping text not null,
    mapping_sha256 text not null,
    source text not null,
    imported_at timestamptz not null default clock_timestamp(),
    imported_by text,
    rows_read bigint not null default 0,
    rows_accepted bigint not null default 0,
    rows_quarantined bigint not null default 0,
    files jsonb not null,
    warnings jsonb not null default '[]',
    undone_at timestamptz
);

CREATE TABLE eql.import_before (
    batch_id bigint not null references eql.import_batch,
    table_name text not null,
    row_key jsonb not null,
    row_before jsonb not null,
    primary key (batch_id, table_name, row_key)
);

CREATE TABLE eql.quarantine (
    quarantine_id bigint generated always as identity primary key,
    batch_id bigint not null references eql.import_batch on delete cascade,
    file text not null,
    line bigint not null,
    column_name text,
    code text not null,
    reason text not null,
    raw text not null
);

CREATE TABLE eql.scoring_model (
    version bigint generated always as identity primary key,
    name text not null,
    definition jsonb not null,
    parent bigint references eql.scoring_model,
    author text not null,
    created_at timestamptz not null default clock_timestamp(),
    note text,
    published_at timestamptz,
    published_by text
);

CREATE TABLE eql.scenario (
    scenario_id bigint generated always as identity primary key,
    name text not null,
    definition jsonb not null,
    author text not null,
    created_at timestamptz not null default clock_timestamp(),
    note text
);

CREATE TABLE eql.review_decision (
    decision_id bigint generated always as identity primary key,
    partner_id text not null,
    period text not null,
    decision text not null check (decision in ('keep','double','end','wait')),
    budget numeric(18,2) check (budget between 0 and 1e15),
    note text,
    numbers jsonb not null,
    author text not null,
    decided_at timestamptz not null default clock_timestamp()
);

CREATE TABLE eql.audit_log (
    entry_id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    actor text not null,
    action text not null,
    subject text,
    detail jsonb
);

CREATE TABLE eql.data_version (
    only_row boolean primary key default true check (only_row),
    version bigint not null,
    changed_at timestamptz not null,
    reason text not null
);

COMMENT ON TABLE eql.partner IS 'A company that brings leads: a marketplace, a technology or content partner, an agency, a reseller, a referrer.';
COMMENT ON COLUMN eql.partner.partner_id IS 'Key as the source gives it.';
COMMENT ON COLUMN eql.partner.name IS 'Name as shown on screen.';
COMMENT ON COLUMN eql.partner.partner_type IS 'Kind of partnership: marketplace, technology, backlink, content, agency, reseller, referral or other.';
COMMENT ON COLUMN eql.partner.tier IS 'Programme tier, as the company names it (for instance gold, silver, bronze).';
COMMENT ON COLUMN eql.partner.region IS 'Sales region of the partner.';
COMMENT ON COLUMN eql.partner.manager IS 'Partner manager in charge.';
COMMENT ON COLUMN eql.partner.status IS 'prospect, active, paused or ended. Carries no date: taken as it is now.';
COMMENT ON COLUMN eql.partner.joined_on IS 'First day of the partnership; unknown where empty.';
COMMENT ON COLUMN eql.partner.ended_on IS 'Last day of the partnership.';
COMMENT ON COLUMN eql.partner.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.partner.batch_id IS 'Import batch that last wrote the row; none where it came another way.';
COMMENT ON TABLE eql.partner_alias IS 'Other names by which a source knows a partner. CRMs hold partners as free text.';
COMMENT ON COLUMN eql.partner_alias.alias_kind IS 'Where the alias is met: name, lead_source, utm_source, partner_key or domain.';
COMMENT ON COLUMN eql.partner_alias.alias IS 'The alias, trimmed and in lower case.';
COMMENT ON COLUMN eql.partner_alias.partner_id IS 'The partner meant.';
COMMENT ON COLUMN eql.partner_alias.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.partner_alias.batch_id IS 'Import batch that last wrote the row; none where it came another way.';
COMMENT ON TABLE eql.account IS 'A company that may buy.';
COMMENT ON COLUMN eql.account.account_id IS 'Key as the source gives it.';
COMMENT ON COLUMN eql.account.name IS 'Name of the company.';
COMMENT ON COLUMN eql.account.domain IS 'Web domain, without protocol.';
COMMENT ON COLUMN eql.account.industry IS 'Industry, as the source names it.';
COMMENT ON COLUMN eql.account.employees IS 'Number of employees.';
COMMENT ON COLUMN eql.account.country IS 'Country, as the source names it.';
COMMENT ON COLUMN eql.account.region IS 'Sales region.';
COMMENT ON COLUMN eql.account.tech_stack IS 'Technologies in use; an empty list is known to be empty, null is unknown.';
COMMENT ON COLUMN eql.account.use_case IS 'What the company wants to use the product for.';
COMMENT ON COLUMN eql.account.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.account.batch_id IS 'Import batch that last wrote the row; none where it came another way.';
COMMENT ON TABLE eql.asset IS 'Something that a partner publishes and that can bring a lead: a page, listing, webinar, article, case study or integration.';
COMMENT ON COLUMN eql.asset.asset_id IS 'Key as the source gives it.';
COMMENT ON COLUMN eql.asset.partner_id IS 'The partner whose asset it is; none for the company''s own pages.';
COMMENT ON COLUMN eql.asset.kind IS 'page, listing, webinar, article, case_study, integration or other.';
COMMENT ON COLUMN eql.asset.origin IS 'new or syndicated content.';
COMMENT ON COLUMN eql.asset.title IS 'Title.';
COMMENT ON COLUMN eql.asset.url IS 'Address.';
COMMENT ON COLUMN eql.asset.domain_rating IS 'Strength of the domain''s backlink profile, 0 to 100.';
COMMENT ON COLUMN eql.asset.published_on IS 'Day of publication.';
COMMENT ON COLUMN eql.asset.refreshed_on IS 'Day of the last refresh.';
COMMENT ON COLUMN eql.asset.retired_on IS 'Day on which it was taken down.';
COMMENT ON COLUMN eql.asset.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.asset.batch_id IS 'Import batch that last wrote the row; none where it came another way.';
COMMENT ON TABLE eql.traffic IS 'Visits per asset and day.';
COMMENT ON COLUMN eql.traffic.asset_id IS 'The asset visited.';
COMMENT ON COLUMN eql.traffic.day IS 'Calendar day in the reporting time zone.';
COMMENT ON COLUMN eql.traffic.sessions IS 'Visits on that day.';
COMMENT ON COLUMN eql.traffic.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.traffic.batch_id IS 'Import batch that last wrote the row; none where it came another way.';
COMMENT ON TABLE eql.lead IS 'A person or company that showed interest, with the moments at which it reached each stage.';
COMMENT ON COLUMN eql.lead.lead_id IS 'Key as the source gives it.';
COMMENT ON COLUMN eql.lead.account_id IS 'The company behind the lead.';
COMMENT ON COLUMN eql.lead.partner_id IS 'The partner that sourced it; none for other channels.';
COMMENT ON COLUMN eql.lead.first_asset_id IS 'The asset that brought it first.';
COMMENT ON COLUMN eql.lead.channel IS 'Marketing channel: partner, paid_search, paid_social, organic, direct, email, ai_referral or what the source says.';
COMMENT ON COLUMN eql.lead.utm_source IS 'utm_source of the first visit.';
COMMENT ON COLUMN eql.lead.utm_medium IS 'utm_medium of the first visit.';
COMMENT ON COLUMN eql.lead.utm_campaign IS 'utm_campaign of the first visit.';
COMMENT ON COLUMN eql.lead.email_domain IS 'Domain of the e-mail address, in lower case.';
COMMENT ON COLUMN eql.lead.region IS 'Sales region of the lead.';
COMMENT ON COLUMN eql.lead.product_line IS 'Product line of interest.';
COMMENT ON COLUMN eql.lead.owner IS 'Sales representative in charge.';
COMMENT ON COLUMN eql.lead.crm_score IS 'Score as recorded by the CRM.';
COMMENT ON COLUMN eql.lead.created_at IS 'When the lead came in. Every cohort is cut by it.';
COMMENT ON COLUMN eql.lead.referral_at IS 'When the partner referred it.';
COMMENT ON COLUMN eql.lead.partner_confirmed_at IS 'When the partner confirmed fit and intent.';
COMMENT ON COLUMN eql.lead.vendor_confirmed_at IS 'When we confirmed fit and intent.';
COMMENT ON COLUMN eql.lead.mql_at IS 'When it became marketing-qualified.';
COMMENT ON COLUMN eql.lead.eql_at IS 'When it became ecosystem-qualified, as recorded by the CRM.';
COMMENT ON COLUMN eql.lead.sql_at IS 'When it became sales-qualified.';
COMMENT ON COLUMN eql.lead.assigned_at IS 'When it was assigned to a sales representative.';
COMMENT ON COLUMN eql.lead.first_contacted_at IS 'When sales first contacted it.';
COMMENT ON COLUMN eql.lead.disqualified_at IS 'When it was disqualified.';
COMMENT ON COLUMN eql.lead.disqualified_reason IS 'Why it was disqualified.';
COMMENT ON COLUMN eql.lead.last_activity_at IS 'Last activity seen on it.';
COMMENT ON COLUMN eql.lead.is_test IS 'A test record: counts nowhere, and nothing that hangs on it does.';
COMMENT ON COLUMN eql.lead.deleted_at IS 'When it was deleted in the source; its deals stay.';
COMMENT ON COLUMN eql.lead.merged_into IS 'The lead that it was merged into; what hangs on it belongs there.';
COMMENT ON COLUMN eql.lead.merged_at IS 'When it was merged, where known.';
COMMENT ON COLUMN eql.lead.experiment IS 'Worked at random below the threshold, to learn what such leads are worth.';
COMMENT ON COLUMN eql.lead.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.lead.batch_id IS 'Import batch that last wrote the row; none where it came another way.';
COMMENT ON TABLE eql.signal IS 'Something that a lead did or that was confirmed about it.';
COMMENT ON COLUMN eql.signal.lead_id IS 'The lead.';
COMMENT ON COLUMN eql.signal.signal IS 'pricing_page_view, demo_request, integration_click, integration_install, webinar_attended, partner_referral, budget_confirmed, use_case_confirmed, account_overlap or others: an open list.';
COMMENT ON COLUMN eql.signal.occurred_at IS 'When it happened.';
COMMENT ON COLUMN eql.signal.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.signal.batch_id IS 'Import batch that last wrote the row; none where it came another way.';
COMMENT ON TABLE eql.touch IS 'A contact of a lead with an asset or channel, for attribution.';
COMMENT ON COLUMN eql.touch.touch_id IS 'Key as the source gives it.';
COMMENT ON COLUMN eql.touch.lead_id IS 'The lead.';
COMMENT ON COLUMN eql.touch.partner_id IS 'The partner whose asset or person was met.';
COMMENT ON COLUMN eql.touch.asset_id IS 'The asset met.';
COMMENT ON COLUMN eql.touch.channel IS 'Channel of the touch.';
COMMENT ON COLUMN eql.touch.occurred_at IS 'When it happened.';
COMMENT ON COLUMN eql.touch.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.touch.batch_id IS 'Import batch that last wrote the row; none where it came another way.';
COMMENT ON TABLE eql.deal IS 'A sales opportunity. It belongs to its lead''s partner and channel; without a lead it is unattributed.';
COMMENT ON COLUMN eql.deal.deal_id IS 'Key as the source gives it.';
COMMENT ON COLUMN eql.deal.lead_id IS 'The lead that it came from.';
COMMENT ON COLUMN eql.deal.account_id IS 'The company that may buy.';
COMMENT ON COLUMN eql.deal.name IS 'Name of the deal.';
COMMENT ON COLUMN eql.deal.opened_at IS 'When it was opened; unknown where the source does not say.';
COMMENT ON COLUMN eql.deal.stage IS 'Stage, as the source names it.';
COMMENT ON COLUMN eql.deal.status IS 'open, won or lost.';
COMMENT ON COLUMN eql.deal.amount IS 'Value of the deal in its currency.';
COMMENT ON COLUMN eql.deal.arr IS 'Annual recurring revenue in its currency.';
COMMENT ON COLUMN eql.deal.currency IS 'ISO 4217 code; where it is missing the deal counts as unconverted.';
COMMENT ON COLUMN eql.deal.closed_at IS 'When it was won or lost.';
COMMENT ON COLUMN eql.deal.expected_close_on IS 'When the owner expects it to close.';
COMMENT ON COLUMN eql.deal.owner IS 'Sales representative in charge.';
COMMENT ON COLUMN eql.deal.lost_reason IS 'Why it was lost.';
COMMENT ON COLUMN eql.deal.deleted_at IS 'When it was deleted in the source.';
COMMENT ON COLUMN eql.deal.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.deal.batch_id IS 'Import batch that last wrote the row; none where it came another way.';
COMMENT ON TABLE eql.cost IS 'What the partner programme or a channel cost. A row with neither partner nor channel is overhead.';
COMMENT ON COLUMN eql.cost.cost_id IS 'Key as the source gives it.';
COMMENT ON COLUMN eql.cost.partner_id IS 'The partner it was spent on.';
COMMENT ON COLUMN eql.cost.channel IS 'The channel it was spent on; with a channel and no partner it is no programme cost.';
COMMENT ON COLUMN eql.cost.category IS 'seat, tooling, people, content, media, payout or other.';
COMMENT ON COLUMN eql.cost.period_start IS 'First day that the cost covers.';
COMMENT ON COLUMN eql.cost.period_end IS 'Last day that the cost covers, included.';
COMMENT ON COLUMN eql.cost.amount IS 'Amount in its currency; refunds and credits are negative.';
COMMENT ON COLUMN eql.cost.currency IS 'ISO 4217 code; where it is missing the row counts as unconverted.';
COMMENT ON COLUMN eql.cost.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.cost.batch_id IS 'Import batch that last wrote the row; none where it came another way.';
COMMENT ON TABLE eql.target IS 'A goal for a metric over a period.';
COMMENT ON COLUMN eql.target.metric IS 'Name of the metric, for instance arr or eqls.';
COMMENT ON COLUMN eql.target.period_start IS 'First day of the goal''s period.';
COMMENT ON COLUMN eql.target.period_end IS 'Last day of the goal''s period, included.';
COMMENT ON COLUMN eql.target.partner_id IS 'The partner it is set for; none for the whole programme.';
COMMENT ON COLUMN eql.target.value IS 'The goal, in the metric''s unit (money in the reporting currency).';
COMMENT ON COLUMN eql.target.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.target.batch_id IS 'Import batch that last wrote the row; none where it came another way.';
COMMENT ON TABLE eql.fx_rate IS 'Exchange rates. A deal is converted at the rate of its own day, never at today''s.';
COMMENT ON COLUMN eql.fx_rate.base IS 'Currency converted to.';
COMMENT ON COLUMN eql.fx_rate.currency IS 'Currency converted from.';
COMMENT ON COLUMN eql.fx_rate.day IS 'Day of the rate; it holds until the next one, for 7 days at most.';
COMMENT ON COLUMN eql.fx_rate.rate IS 'Units of base per unit of currency.';
COMMENT ON COLUMN eql.fx_rate.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.fx_rate.batch_id IS 'Import batch that last wrote the row; none where it came another way.';
COMMENT ON TABLE eql.import_batch IS 'One import of one or more files; it can be taken back whole.';
COMMENT ON COLUMN eql.import_batch.batch_id IS 'Number of the batch.';
COMMENT ON COLUMN eql.import_batch.mapping IS 'Name of the mapping used.';
COMMENT ON COLUMN eql.import_batch.mapping_sha256 IS 'Fingerprint of the mapping''s text.';
COMMENT ON COLUMN eql.import_batch.source IS 'Name of the source.';
COMMENT ON COLUMN eql.import_batch.imported_at IS 'When it was imported.';
COMMENT ON COLUMN eql.import_batch.imported_by IS 'Who ran it.';
COMMENT ON COLUMN eql.import_batch.rows_read IS 'Data rows in the files.';
COMMENT ON COLUMN eql.import_batch.rows_accepted IS 'Rows understood.';
COMMENT ON COLUMN eql.import_batch.rows_quarantined IS 'Rows set aside.';
COMMENT ON COLUMN eql.import_batch.files IS 'Per file: name, sha256, bytes, encoding, delimiter, rows read, accepted, quarantined, and what each table gained.';
COMMENT ON COLUMN eql.import_batch.warnings IS 'What was odd but accepted: code, count, example.';
COMMENT ON COLUMN eql.import_batch.undone_at IS 'When the batch was taken back.';
COMMENT ON TABLE eql.import_before IS 'What a row held before a batch changed it, so that the batch can be taken back.';
COMMENT ON COLUMN eql.import_before.batch_id IS 'The batch.';
COMMENT ON COLUMN eql.import_before.table_name IS 'The table.';
COMMENT ON COLUMN eql.import_before.row_key IS 'Its key columns.';
COMMENT ON COLUMN eql.import_before.row_before IS 'The whole row before the change.';
COMMENT ON TABLE eql.quarantine IS 'Rows of imported files that could not be understood.';
COMMENT ON COLUMN eql.quarantine.quarantine_id IS 'Number of the row.';
COMMENT ON COLUMN eql.quarantine.batch_id IS 'The batch.';
COMMENT ON COLUMN eql.quarantine.file IS 'File name.';
COMMENT ON COLUMN eql.quarantine.line IS 'Line in the file, counted from 1.';
COMMENT ON COLUMN eql.quarantine.column_name IS 'Column in which the trouble lies.';
COMMENT ON COLUMN eql.quarantine.code IS 'Stable code of the reason.';
COMMENT ON COLUMN eql.quarantine.reason IS 'The reason in one sentence.';
COMMENT ON COLUMN eql.quarantine.raw IS 'The row as it stood in the file.';
COMMENT ON TABLE eql.scoring_model IS 'Versions of the scorecard; append-only.';
COMMENT ON COLUMN eql.scoring_model.version IS 'Version number.';
COMMENT ON COLUMN eql.scoring_model.name IS 'Name of the model.';
COMMENT ON COLUMN eql.scoring_model.definition IS 'The scorecard: criteria, levels, points, gates, threshold.';
COMMENT ON COLUMN eql.scoring_model.parent IS 'The version that it was made from.';
COMMENT ON COLUMN eql.scoring_model.author IS 'Who made it.';
COMMENT ON COLUMN eql.scoring_model.created_at IS 'When it was made.';
COMMENT ON COLUMN eql.scoring_model.note IS 'Why it was made.';
COMMENT ON COLUMN eql.scoring_model.published_at IS 'When it became the active model.';
COMMENT ON COLUMN eql.scoring_model.published_by IS 'Who published it.';
COMMENT ON TABLE eql.scenario IS 'What-if scenarios that somebody saved.';
COMMENT ON COLUMN eql.scenario.scenario_id IS 'Number of the scenario.';
COMMENT ON COLUMN eql.scenario.name IS 'Name.';
COMMENT ON COLUMN eql.scenario.definition IS 'The model and filters as they stood.';
COMMENT ON COLUMN eql.scenario.author IS 'Who saved it.';
COMMENT ON COLUMN eql.scenario.created_at IS 'When it was saved.';
COMMENT ON COLUMN eql.scenario.note IS 'Why it was saved.';
COMMENT ON TABLE eql.review_decision IS 'Decisions of the quarterly review; never rewritten, only superseded by a later row.';
COMMENT ON COLUMN eql.review_decision.decision_id IS 'Number of the decision.';
COMMENT ON COLUMN eql.review_decision.partner_id IS 'The partner.';
COMMENT ON COLUMN eql.review_decision.period IS 'The quarter reviewed, for instance 2025-Q3.';
COMMENT ON COLUMN eql.review_decision.decision IS 'keep, double, end or wait.';
COMMENT ON COLUMN eql.review_decision.budget IS 'Budget for the coming quarter, in the reporting currency.';
COMMENT ON COLUMN eql.review_decision.note IS 'Why.';
COMMENT ON COLUMN eql.review_decision.numbers IS 'The numbers as they stood when it was made.';
COMMENT ON COLUMN eql.review_decision.author IS 'Who decided.';
COMMENT ON COLUMN eql.review_decision.decided_at IS 'When.';
COMMENT ON TABLE eql.audit_log IS 'Who did what, append-only.';
COMMENT ON COLUMN eql.audit_log.entry_id IS 'Number of the entry.';
COMMENT ON COLUMN eql.audit_log.at IS 'When.';
COMMENT ON COLUMN eql.audit_log.actor IS 'Who.';
COMMENT ON COLUMN eql.audit_log.action IS 'What was done.';
COMMENT ON COLUMN eql.audit_log.subject IS 'To what.';
COMMENT ON COLUMN eql.audit_log.detail IS 'Particulars.';
COMMENT ON TABLE eql.data_version IS 'One row: a number that rises with every write that changes an answer. Caches are keyed by it.';
COMMENT ON COLUMN eql.data_version.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN eql.data_version.version IS 'The number.';
COMMENT ON COLUMN eql.data_version.changed_at IS 'When it last rose.';
COMMENT ON COLUMN eql.data_version.reason IS 'What raised it.';

-- Indexes for the questions that are asked: cohorts by creation, stages by their moment, deals by opening and closing.
-- What is counted travels in the indexes, so that counting a million leads reads no lead.
CREATE INDEX lead_created ON eql.lead (created_at)
    INCLUDE (lead_id, partner_id, channel, mql_at, eql_at, sql_at, is_test, deleted_at, merged_into, merged_at);
CREATE INDEX lead_mql ON eql.lead (mql_at)
    INCLUDE (created_at, is_test, deleted_at, merged_into, merged_at) WHERE mql_at IS NOT NULL;
CREATE INDEX lead_eql ON eql.lead (eql_at)
    INCLUDE (partner_id, channel, created_at, is_test, deleted_at, merged_into, merged_at) WHERE eql_at IS NOT NULL;
CREATE INDEX lead_sql ON eql.lead (sql_at)
    INCLUDE (partner_id, channel, created_at, is_test, deleted_at, merged_into, merged_at) WHERE sql_at IS NOT NULL;
CREATE INDEX lead_partner ON eql.lead (partner_id, created_at)
    INCLUDE (first_asset_id, is_test, deleted_at, merged_into, merged_at) WHERE partner_id IS NOT NULL;
CREATE INDEX lead_account ON eql.lead (account_id);
CREATE INDEX lead_first_asset ON eql.lead (first_asset_id) WHERE first_asset_id IS NOT NULL;
CREATE INDEX lead_merged ON eql.lead (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX deal_lead ON eql.deal (lead_id);
CREATE INDEX deal_opened ON eql.deal (opened_at);
CREATE INDEX deal_closed ON eql.deal (closed_at);
CREATE INDEX deal_account ON eql.deal (account_id);
CREATE INDEX touch_lead ON eql.touch (lead_id, occurred_at);
CREATE INDEX traffic_day ON eql.traffic (day);
CREATE INDEX asset_partner ON eql.asset (partner_id);
CREATE INDEX cost_period ON eql.cost (period_start, period_end);
CREATE INDEX quarantine_batch ON eql.quarantine (batch_id);
CREATE INDEX review_decision_partner ON eql.review_decision (partner_id, period);

-- Money is converted per deal and rounded half-even to cents, so that sums are whole numbers and exact.
CREATE FUNCTION eql.to_cents(value numeric) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN abs(value * 100 - trunc(value * 100)) = 0.5
                THEN (2 * round(value * 100 / 2))::bigint
                ELSE round(value * 100)::bigint END;
COMMENT ON FUNCTION eql.to_cents(numeric) IS 'An amount in whole cents, ties rounded to the even cent.';

-- The version rises in the same transaction as the data; max(id) would miss updates.
CREATE FUNCTION eql.raise_data_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, eql AS $$
BEGIN
    UPDATE eql.data_version
       SET version = version + 1, changed_at = clock_timestamp(), reason = lower(TG_OP) || ' ' || TG_TABLE_NAME;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION eql.raise_data_version() IS 'Raises the data version after a statement that changed an answer.';
INSERT INTO eql.data_version (version, changed_at, reason) VALUES (1, clock_timestamp(), 'created');

CREATE FUNCTION eql.refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'eql.% is append-only: add a row that supersedes the old one', TG_TABLE_NAME;
END $$;
COMMENT ON FUNCTION eql.refuse_rewriting() IS 'Keeps append-only tables append-only.';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['partner','partner_alias','account','asset','traffic','lead','signal','touch','deal',
                                'cost','target','fx_rate','scoring_model','review_decision','import_batch'] LOOP
        EXECUTE format('CREATE TRIGGER raise_data_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON eql.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION eql.raise_data_version()', name);
    END LOOP;
    -- Append-only tables refuse to be rewritten, whoever asks.
    FOREACH name IN ARRAY ARRAY['review_decision','audit_log'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON eql.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION eql.refuse_rewriting()', name);
    END LOOP;
END $$;
