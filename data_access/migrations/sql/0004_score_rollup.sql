-- The score rollup: each lead's state as it was last counted, the cells made of these states, and what has changed since.

CREATE TABLE eql.score_owner (
    owner_no integer generated always as identity primary key,
    partner_id text,
    channel text,
    unique nulls not distinct (partner_id, channel)
);

CREATE TABLE eql.lead_score (
    lead_id text primary key,
    created_at timestamptz not null,
    month date not null,
    owner_no integer not null,
    code bigint,
    work smallint not null,
    sqls smallint not null,
    won smallint not null,
    lost smallint not null,
    open smallint not null,
    pipeline bigint not null,
    arr bigint not null,
    fit smallint not null,
    intent smallint not null,
    gates smallint not null,
    known smallint not null,
    last_change timestamptz not null,
    next_change timestamptz,
    scored_at timestamptz not null
);
CREATE INDEX lead_score_created ON eql.lead_score (created_at);
CREATE INDEX lead_score_next_change ON eql.lead_score (next_change) WHERE next_change IS NOT NULL;

CREATE TABLE eql.score_cell (
    month date not null,
    owner_no integer not null,
    code bigint not null,
    work smallint not null,
    leads integer not null,
    sqls integer not null,
    won integer not null,
    lost integer not null,
    open integer not null,
    pipeline bigint not null,
    arr bigint not null,
    arr_squares numeric not null,
    primary key (month, owner_no, code, work)
);
-- Of most leads nothing has come yet: results are read from few cells.
CREATE INDEX score_cell_results ON eql.score_cell (month)
    WHERE sqls > 0 OR won > 0 OR lost > 0 OR open > 0 OR pipeline > 0 OR arr > 0;

CREATE TABLE eql.score_state (
    only_row boolean primary key default true check (only_row),
    structure text not null,
    definition text not null,
    model_name text not null,
    model_version bigint,
    threshold integer not null,
    required smallint not null,
    criteria smallint not null,
    zone text not null,
    currency text not null,
    recording text[] not null,
    leads bigint not null,
    valid_from timestamptz not null,
    as_of timestamptz not null,
    refreshed_at timestamptz not null default clock_timestamp(),
    rebuilt_at timestamptz not null
);

CREATE TABLE eql.score_dirty (
    entry_id bigint generated always as identity primary key,
    lead_id text
);

CREATE VIEW eql.scored_leads AS
SELECT s.lead_id, l.partner_id, l.channel, s.created_at, s.fit + s.intent AS score, s.fit, s.intent,
       (s.gates & t.required) = t.required AS qualified,
       (t.required & ~s.gates & 32) <> 0 AS lacks_score,
       (t.required & ~s.gates & 16) <> 0 AS lacks_triggers,
       (t.required & ~s.gates & 4) <> 0 AS lacks_ecosystem_signal,
       (t.required & ~s.gates & 8) <> 0 AS lacks_buying_signal,
       (t.required & ~s.gates & 2) <> 0 AS lacks_icp_match,
       (t.required & ~s.gates & 64) <> 0 AS lacks_confirmation,
       (s.gates & 128) <> 0 AS recorded_eql,
       CASE WHEN t.criteria > 0 THEN s.known::float8 / t.criteria END AS completeness,
       t.model_version, t.model_name, t.threshold, s.scored_at, t.as_of, l.crm_score, l.experiment
FROM eql.lead_score s JOIN eql.lead l USING (lead_id) CROSS JOIN eql.score_state t
WHERE s.code IS NOT NULL;

COMMENT ON TABLE eql.score_owner IS 'Whose leads score cells are: every combination of partner and channel that leads have or had.';
COMMENT ON COLUMN eql.score_owner.owner_no IS 'Number by which score cells name it.';
COMMENT ON COLUMN eql.score_owner.partner_id IS 'The partner; none for leads without one.';
COMMENT ON COLUMN eql.score_owner.channel IS 'The channel; none where it is unknown.';
COMMENT ON TABLE eql.lead_score IS 'Each lead as it stands in the score cells, so that it can be taken out of them again. Derived; for other programs there is scored_leads.';
COMMENT ON COLUMN eql.lead_score.lead_id IS 'The lead.';
COMMENT ON COLUMN eql.lead_score.created_at IS 'When the lead was created.';
COMMENT ON COLUMN eql.lead_score.month IS 'First day of that month in the reporting time zone.';
COMMENT ON COLUMN eql.lead_score.owner_no IS 'Whose it is: a row of score_owner.';
COMMENT ON COLUMN eql.lead_score.code IS 'Its answers to all questions of the scoring model, as one number; none for a lead that does not count.';
COMMENT ON COLUMN eql.lead_score.work IS '0 never worked, 1 worked, 2 worked at random below the threshold, 3 known to be worked by what came of it.';
COMMENT ON COLUMN eql.lead_score.sqls IS '1 where sales accepted it.';
COMMENT ON COLUMN eql.lead_score.won IS '1 where a deal of it was won.';
COMMENT ON COLUMN eql.lead_score.lost IS '1 where its deals were lost, and none is won or open.';
COMMENT ON COLUMN eql.lead_score.open IS '1 where a deal of it is open and none was won.';
COMMENT ON COLUMN eql.lead_score.pipeline IS 'Amounts of its deals, in cents of the reporting currency.';
COMMENT ON COLUMN eql.lead_score.arr IS 'Annual recurring revenue of its won deals, in cents of the reporting currency.';
COMMENT ON COLUMN eql.lead_score.fit IS 'Points for fit under the active scoring model.';
COMMENT ON COLUMN eql.lead_score.intent IS 'Points for intent.';
COMMENT ON COLUMN eql.lead_score.gates IS 'Gates passed, one bit each: 1 overlap, 2 ICP, 4 ecosystem, 8 buying, 16 triggers, 32 score, 64 confirmed, 128 recorded as EQL.';
COMMENT ON COLUMN eql.lead_score.known IS 'Criteria with a known value.';
COMMENT ON COLUMN eql.lead_score.last_change IS 'The last dated event that it depends on.';
COMMENT ON COLUMN eql.lead_score.next_change IS 'The next dated event that lies ahead of it, if any.';
COMMENT ON COLUMN eql.lead_score.scored_at IS 'The moment of the data at which this row last changed.';
COMMENT ON TABLE eql.score_cell IS 'Leads counted by month of creation, owner, code and sales work. Derived from lead_score.';
COMMENT ON COLUMN eql.score_cell.month IS 'First day of the month of creation in the reporting time zone.';
COMMENT ON COLUMN eql.score_cell.owner_no IS 'Whose they are: a row of score_owner.';
COMMENT ON COLUMN eql.score_cell.code IS 'Their answers to all questions of the scoring model.';
COMMENT ON COLUMN eql.score_cell.work IS 'As in lead_score.';
COMMENT ON COLUMN eql.score_cell.leads IS 'How many leads.';
COMMENT ON COLUMN eql.score_cell.sqls IS 'Of them accepted by sales.';
COMMENT ON COLUMN eql.score_cell.won IS 'Of them won.';
COMMENT ON COLUMN eql.score_cell.lost IS 'Of them lost.';
COMMENT ON COLUMN eql.score_cell.open IS 'Of them with an open deal.';
COMMENT ON COLUMN eql.score_cell.pipeline IS 'Amounts of their deals, in cents of the reporting currency.';
COMMENT ON COLUMN eql.score_cell.arr IS 'Annual recurring revenue won, in cents of the reporting currency.';
COMMENT ON COLUMN eql.score_cell.arr_squares IS 'The squares of each lead''s arr, summed.';
COMMENT ON TABLE eql.score_state IS 'One row: what the score cells were made for. Derived.';
COMMENT ON COLUMN eql.score_state.only_row IS 'Keeps the table at one row.';
COMMENT ON COLUMN eql.score_state.structure IS 'Fingerprint of the questions that the codes answer.';
COMMENT ON COLUMN eql.score_state.definition IS 'Fingerprint of the scoring model that gave the points.';
COMMENT ON COLUMN eql.score_state.model_name IS 'Name of that model.';
COMMENT ON COLUMN eql.score_state.model_version IS 'Its version; none for the one that comes with the program.';
COMMENT ON COLUMN eql.score_state.threshold IS 'Its threshold.';
COMMENT ON COLUMN eql.score_state.required IS 'The gates that it requires, as bits of lead_score.gates.';
COMMENT ON COLUMN eql.score_state.criteria IS 'How many criteria it has.';
COMMENT ON COLUMN eql.score_state.zone IS 'The reporting time zone.';
COMMENT ON COLUMN eql.score_state.currency IS 'The reporting currency.';
COMMENT ON COLUMN eql.score_state.recording IS 'Sources that record when sales took a lead up.';
COMMENT ON COLUMN eql.score_state.leads IS 'Rows of lead_score when all leads were last counted.';
COMMENT ON COLUMN eql.score_state.valid_from IS 'Since this moment nothing dated has happened that the cells hold: they are right from here on.';
COMMENT ON COLUMN eql.score_state.as_of IS 'The moment of the data at the last refresh.';
COMMENT ON COLUMN eql.score_state.refreshed_at IS 'When that refresh ran.';
COMMENT ON COLUMN eql.score_state.rebuilt_at IS 'The moment of the data when all leads were last counted anew.';
COMMENT ON TABLE eql.score_dirty IS 'Leads that changed since the score cells were last refreshed. Filled by triggers.';
COMMENT ON COLUMN eql.score_dirty.entry_id IS 'Number of the entry.';
COMMENT ON COLUMN eql.score_dirty.lead_id IS 'The lead; none where all leads may have changed.';
COMMENT ON VIEW eql.scored_leads IS 'Every lead that counts with its score under the active model, for programs that carry it into a CRM. As of the last refresh of the score cells.';
COMMENT ON COLUMN eql.scored_leads.lead_id IS 'The lead.';
COMMENT ON COLUMN eql.scored_leads.partner_id IS 'The partner that sourced it.';
COMMENT ON COLUMN eql.scored_leads.channel IS 'Its channel.';
COMMENT ON COLUMN eql.scored_leads.created_at IS 'When it was created.';
COMMENT ON COLUMN eql.scored_leads.score IS 'Its points.';
COMMENT ON COLUMN eql.scored_leads.fit IS 'Of them for fit.';
COMMENT ON COLUMN eql.scored_leads.intent IS 'Of them for intent.';
COMMENT ON COLUMN eql.scored_leads.qualified IS 'Whether it qualifies under the model.';
COMMENT ON COLUMN eql.scored_leads.lacks_score IS 'Whether its score is below the threshold.';
COMMENT ON COLUMN eql.scored_leads.lacks_triggers IS 'Whether too few different triggers were seen.';
COMMENT ON COLUMN eql.scored_leads.lacks_ecosystem_signal IS 'Whether the model requires an ecosystem signal and none was seen.';
COMMENT ON COLUMN eql.scored_leads.lacks_buying_signal IS 'Whether the model requires a buying signal and none was seen.';
COMMENT ON COLUMN eql.scored_leads.lacks_icp_match IS 'Whether the model requires a match with the ideal customer profile and it has none.';
COMMENT ON COLUMN eql.scored_leads.lacks_confirmation IS 'Whether the model requires confirmation by both sides and it is missing.';
COMMENT ON COLUMN eql.scored_leads.recorded_eql IS 'Whether the CRM calls it an EQL.';
COMMENT ON COLUMN eql.scored_leads.completeness IS 'Share of the criteria whose value is known, 0 to 1.';
COMMENT ON COLUMN eql.scored_leads.model_version IS 'Version of the scoring model; none for the one that comes with the program.';
COMMENT ON COLUMN eql.scored_leads.model_name IS 'Name of the scoring model.';
COMMENT ON COLUMN eql.scored_leads.threshold IS 'Its threshold.';
COMMENT ON COLUMN eql.scored_leads.scored_at IS 'The moment of the data at which anything about it last changed; a sync that carries only changes asks for later ones.';
COMMENT ON COLUMN eql.scored_leads.as_of IS 'The moment of the data up to which all scores hold.';
COMMENT ON COLUMN eql.scored_leads.crm_score IS 'The score that the CRM holds.';
COMMENT ON COLUMN eql.scored_leads.experiment IS 'Worked at random below the threshold, to learn what such leads are worth.';

-- Before anybody asked for score cells nothing need be noted. Until this transaction ends, nobody can make the first ones
-- then: they would lack what it writes. (4591004 is the lock under which cells are made.) A transaction that sees only
-- what was there when it began cannot know whether cells were made since.
CREATE FUNCTION eql.score_is_kept() RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, eql AS $$
BEGIN
    IF EXISTS (SELECT FROM eql.score_state) OR current_setting('transaction_isolation') <> 'read committed' THEN
        RETURN true;
    END IF;
    RETURN NOT pg_try_advisory_xact_lock_shared(4591004) OR EXISTS (SELECT FROM eql.score_state);
END $$;
COMMENT ON FUNCTION eql.score_is_kept() IS 'Whether changes must be noted for the score cells.';

-- Notes which leads a statement changed; one that changed very many notes that all did (an entry without a lead). Nothing
-- is left out because such an entry stands already: a refresh that does not see this change may just be taking it away.
CREATE FUNCTION eql.note_score_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, eql AS $$
DECLARE
    most bigint := coalesce((SELECT greatest(leads / 5, 1000) FROM eql.score_state), 0);
    changed bigint := most + 1;
BEGIN
    IF NOT eql.score_is_kept() THEN
        RETURN NULL;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        changed := (SELECT count(*) FROM (SELECT FROM new_rows LIMIT most + 1) AS counted);
    ELSIF TG_OP = 'DELETE' THEN
        changed := (SELECT count(*) FROM (SELECT FROM old_rows LIMIT most + 1) AS counted);
    END IF;
    IF changed > most THEN
        INSERT INTO eql.score_dirty (lead_id) VALUES (NULL);
    ELSIF changed = 0 THEN
        RETURN NULL;
    ELSIF TG_TABLE_NAME = 'lead' AND TG_OP = 'UPDATE' THEN
        INSERT INTO eql.score_dirty (lead_id)
        SELECT DISTINCT k.lead_id
        FROM old_rows o FULL JOIN new_rows n ON n.lead_id = o.lead_id,
             unnest(ARRAY[o.lead_id, n.lead_id, o.merged_into, n.merged_into]) AS k (lead_id)
        WHERE k.lead_id IS NOT NULL
          AND ROW(o.lead_id, o.account_id, o.partner_id, o.first_asset_id, o.channel, o.utm_source, o.utm_medium,
                  o.utm_campaign, o.email_domain, o.region, o.product_line, o.created_at, o.partner_confirmed_at,
                  o.vendor_confirmed_at, o.eql_at, o.sql_at, o.assigned_at, o.first_contacted_at, o.is_test,
                  o.deleted_at, o.merged_into, o.merged_at, o.experiment, o.source)
              IS DISTINCT FROM
              ROW(n.lead_id, n.account_id, n.partner_id, n.first_asset_id, n.channel, n.utm_source, n.utm_medium,
                  n.utm_campaign, n.email_domain, n.region, n.product_line, n.created_at, n.partner_confirmed_at,
                  n.vendor_confirmed_at, n.eql_at, n.sql_at, n.assigned_at, n.first_contacted_at, n.is_test,
                  n.deleted_at, n.merged_into, n.merged_at, n.experiment, n.source);
    ELSIF TG_TABLE_NAME = 'lead' AND TG_OP = 'INSERT' THEN
        INSERT INTO eql.score_dirty (lead_id)
        SELECT lead_id FROM new_rows UNION SELECT merged_into FROM new_rows WHERE merged_into IS NOT NULL;
    ELSIF TG_TABLE_NAME = 'lead' THEN
        INSERT INTO eql.score_dirty (lead_id)
        SELECT lead_id FROM old_rows UNION SELECT merged_into FROM old_rows WHERE merged_into IS NOT NULL;
    ELSIF TG_TABLE_NAME = 'deal' AND TG_OP = 'UPDATE' THEN
        INSERT INTO eql.score_dirty (lead_id)
        SELECT DISTINCT k.lead_id
        FROM old_rows o FULL JOIN new_rows n ON n.deal_id = o.deal_id, unnest(ARRAY[o.lead_id, n.lead_id]) AS k (lead_id)
        WHERE k.lead_id IS NOT NULL
          AND ROW(o.deal_id, o.lead_id, o.opened_at, o.status, o.amount, o.arr, o.currency, o.closed_at, o.deleted_at)
              IS DISTINCT FROM
              ROW(n.deal_id, n.lead_id, n.opened_at, n.status, n.amount, n.arr, n.currency, n.closed_at, n.deleted_at);
    ELSIF TG_TABLE_NAME IN ('signal', 'deal') AND TG_OP = 'INSERT' THEN
        INSERT INTO eql.score_dirty (lead_id) SELECT DISTINCT lead_id FROM new_rows WHERE lead_id IS NOT NULL;
    ELSIF TG_TABLE_NAME IN ('signal', 'deal') AND TG_OP = 'DELETE' THEN
        INSERT INTO eql.score_dirty (lead_id) SELECT DISTINCT lead_id FROM old_rows WHERE lead_id IS NOT NULL;
    ELSIF TG_TABLE_NAME = 'signal' THEN
        INSERT INTO eql.score_dirty (lead_id) SELECT lead_id FROM old_rows UNION SELECT lead_id FROM new_rows;
    ELSIF TG_TABLE_NAME = 'account' THEN
        INSERT INTO eql.score_dirty (lead_id)
        SELECT l.lead_id FROM old_rows o JOIN new_rows n USING (account_id) JOIN eql.lead l USING (account_id)
        WHERE ROW(o.industry, o.employees, o.country, o.region, o.tech_stack, o.use_case)
              IS DISTINCT FROM ROW(n.industry, n.employees, n.country, n.region, n.tech_stack, n.use_case);
    ELSIF TG_TABLE_NAME = 'asset' THEN
        INSERT INTO eql.score_dirty (lead_id)
        SELECT l.lead_id FROM old_rows o JOIN new_rows n USING (asset_id) JOIN eql.lead l ON l.first_asset_id = n.asset_id
        WHERE ROW(o.kind, o.origin, o.domain_rating) IS DISTINCT FROM ROW(n.kind, n.origin, n.domain_rating);
    ELSIF TG_TABLE_NAME = 'partner' THEN
        INSERT INTO eql.score_dirty (lead_id)
        SELECT l.lead_id FROM old_rows o JOIN new_rows n USING (partner_id) JOIN eql.lead l USING (partner_id)
        WHERE ROW(o.partner_type, o.tier) IS DISTINCT FROM ROW(n.partner_type, n.tier);
    ELSE
        RAISE EXCEPTION 'note_score_changes does not know how % of % changes scores', TG_OP, TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION eql.note_score_changes() IS 'Queues the leads whose score cells a statement may have changed.';

-- A rate holds for the seven days after its own; whole days more, since days are those of a time zone.
CREATE FUNCTION eql.note_score_rates() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, eql AS $$
DECLARE
    changed bigint := 1001;
BEGIN
    IF NOT eql.score_is_kept() THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        changed := (SELECT count(*) FROM (SELECT FROM new_rows LIMIT 1001) AS counted);
    ELSIF TG_OP = 'DELETE' THEN
        changed := (SELECT count(*) FROM (SELECT FROM old_rows LIMIT 1001) AS counted);
    END IF;
    IF changed > 1000 THEN
        INSERT INTO eql.score_dirty (lead_id) VALUES (NULL);
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO eql.score_dirty (lead_id)
        SELECT d.lead_id FROM new_rows r JOIN eql.deal d ON d.currency = r.currency
        WHERE d.lead_id IS NOT NULL AND (d.opened_at >= r.day - 1 AND d.opened_at < r.day + 10
                                         OR d.closed_at >= r.day - 1 AND d.closed_at < r.day + 10);
    ELSE
        INSERT INTO eql.score_dirty (lead_id)
        SELECT d.lead_id FROM old_rows r JOIN eql.deal d ON d.currency = r.currency
        WHERE d.lead_id IS NOT NULL AND (d.opened_at >= r.day - 1 AND d.opened_at < r.day + 10
                                         OR d.closed_at >= r.day - 1 AND d.closed_at < r.day + 10);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION eql.note_score_rates() IS 'Queues the leads whose deals an exchange rate converts.';

-- Whoever raises the data version by hand says that data changed which no trigger saw.
CREATE FUNCTION eql.note_score_unknown() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, eql AS $$
BEGIN
    IF eql.score_is_kept() THEN
        INSERT INTO eql.score_dirty (lead_id) VALUES (NULL);
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION eql.note_score_unknown() IS 'Queues all leads for the score cells.';
CREATE TRIGGER note_score_refresh AFTER UPDATE ON eql.data_version
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION eql.note_score_unknown();

-- A view has no such triggers; where one stands for a base table, the rollup is made anew for every moment asked for.
DO $$
DECLARE
    name text;
    event text;
    rows text;
    action text;
BEGIN
    FOR name, event IN
        SELECT t, e FROM unnest(ARRAY['lead','signal','deal','fx_rate']) t, unnest(ARRAY['INSERT','UPDATE','DELETE','TRUNCATE']) e
        UNION ALL SELECT t, 'UPDATE' FROM unnest(ARRAY['account','asset','partner']) t
    LOOP
        CONTINUE WHEN (SELECT relkind FROM pg_class WHERE oid = to_regclass('eql.' || name)) NOT IN ('r', 'p');
        rows := CASE event WHEN 'INSERT' THEN 'REFERENCING NEW TABLE AS new_rows'
                           WHEN 'DELETE' THEN 'REFERENCING OLD TABLE AS old_rows'
                           WHEN 'UPDATE' THEN 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows' ELSE '' END;
        action := CASE name WHEN 'fx_rate' THEN 'note_score_rates' ELSE 'note_score_changes' END;
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON eql.%I %s FOR EACH STATEMENT EXECUTE FUNCTION eql.%I()',
                       'note_score_' || lower(event), event, name, rows, action);
    END LOOP;
    IF (SELECT relkind FROM pg_class WHERE oid = to_regclass('eql.lead')) = 'r' THEN
        CREATE INDEX lead_taken_up ON eql.lead (source) WHERE assigned_at IS NOT NULL OR first_contacted_at IS NOT NULL;
    END IF;
END $$;
