-- Money: agreed commissions, the history of deal stages. Costs can be edited in the page, so the app may write them.

CREATE TABLE eql.commission (
    partner_id text not null references eql.partner,
    valid_from date not null,
    rate numeric(7,6) not null check (rate between 0 and 1),
    source text NOT NULL DEFAULT '',
    batch_id bigint,
    primary key (partner_id, valid_from)
);
COMMENT ON TABLE eql.commission IS 'The share of its credited ARR that a partner was promised, from a day on until the next row of that partner.';
COMMENT ON COLUMN eql.commission.partner_id IS 'Partner.';
COMMENT ON COLUMN eql.commission.valid_from IS 'First day on which the rate holds, by the day on which the deal closed.';
COMMENT ON COLUMN eql.commission.rate IS 'Share of the ARR, between 0 and 1.';
COMMENT ON COLUMN eql.commission.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.commission.batch_id IS 'Import batch that last wrote the row; none where it came another way.';

CREATE TABLE eql.deal_stage (
    deal_id text not null references eql.deal,
    stage text not null,
    entered_at timestamptz not null,
    source text NOT NULL DEFAULT '',
    batch_id bigint,
    primary key (deal_id, entered_at)
);
COMMENT ON TABLE eql.deal_stage IS 'When a deal entered which stage of the sales process. Without it a forecast looks at a deal''s age alone.';
COMMENT ON COLUMN eql.deal_stage.deal_id IS 'Deal.';
COMMENT ON COLUMN eql.deal_stage.stage IS 'Stage as the CRM names it, as in deal.stage.';
COMMENT ON COLUMN eql.deal_stage.entered_at IS 'When the deal entered the stage.';
COMMENT ON COLUMN eql.deal_stage.source IS 'Name of the source that the row came from.';
COMMENT ON COLUMN eql.deal_stage.batch_id IS 'Import batch that last wrote the row; none where it came another way.';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['commission', 'deal_stage'] LOOP
        EXECUTE format('CREATE TRIGGER raise_data_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON eql.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION eql.raise_data_version()', name);
    END LOOP;
END $$;
