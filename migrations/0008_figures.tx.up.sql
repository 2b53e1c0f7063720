-- Figures one can publish: which tables a clinic releases, the counts they are made of, and the releases.

-- A plan is never changed, only followed by another. lines is its text, as internal/figures/FORMAT.md describes it.
CREATE TABLE figure_plan (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    version integer NOT NULL CHECK (version > 0),
    from_month date NOT NULL CHECK (extract(day FROM from_month) = 1),
    lines text NOT NULL,
    PRIMARY KEY (clinic_id, version)
);

-- How many reports stand in a cell of a table, by month: kept by the acts that make a report count, so that a release costs
-- the same however many there are. A month, because every period is made of whole ones: nothing finer is needed, and
-- anything finer would tell when somebody wrote. table_key 'reports' counts reports.
CREATE TABLE figure_count (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    table_key text NOT NULL,
    layer_code text NOT NULL,
    row_code text NOT NULL,
    col_code text NOT NULL,
    reports integer NOT NULL CHECK (reports >= 0),
    PRIMARY KEY (clinic_id, month, table_key, layer_code, row_code, col_code)
);

-- A release: content is what everybody may read once state is 'released', lines what reviewers sign.
CREATE TABLE figure_release (
    id uuid PRIMARY KEY,
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    plan_version integer NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'released', 'dropped')),
    first_on date NOT NULL,
    last_on date NOT NULL CHECK (last_on > first_on),
    content text NOT NULL,
    lines text NOT NULL,
    drafted_by text NOT NULL REFERENCES reviewer (id),
    drafted_on date NOT NULL,
    released_on date,
    leaf_hash bytea UNIQUE CHECK (octet_length(leaf_hash) = 32),
    FOREIGN KEY (clinic_id, plan_version) REFERENCES figure_plan (clinic_id, version),
    CHECK ((state = 'released') = (leaf_hash IS NOT NULL AND released_on IS NOT NULL))
);

-- Which releases hold a month? No two that count begin on one day; the code refuses those that overlap otherwise.
CREATE UNIQUE INDEX figure_release_first ON figure_release (clinic_id, first_on) WHERE state <> 'dropped';

CREATE TABLE figure_release_signature (
    release_id uuid NOT NULL REFERENCES figure_release (id),
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    PRIMARY KEY (release_id, reviewer_id)
);

-- A release never changes and never goes, whoever asks; a draft can only become released or dropped.
CREATE FUNCTION figure_release_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'a release stays';
    END IF;
    IF OLD.state <> 'draft'
        OR (NEW.id, NEW.clinic_id, NEW.plan_version, NEW.first_on, NEW.last_on, NEW.content, NEW.lines, NEW.drafted_by, NEW.drafted_on)
        IS DISTINCT FROM
           (OLD.id, OLD.clinic_id, OLD.plan_version, OLD.first_on, OLD.last_on, OLD.content, OLD.lines, OLD.drafted_by, OLD.drafted_on)
    THEN
        RAISE EXCEPTION 'a release does not change';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER figure_release_stays BEFORE UPDATE OR DELETE ON figure_release FOR EACH ROW EXECUTE FUNCTION figure_release_stays();
CREATE TRIGGER figure_releases_stay BEFORE TRUNCATE ON figure_release FOR EACH STATEMENT EXECUTE FUNCTION figure_release_stays();

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON figure_plan, figure_count, figure_release, figure_release_signature TO answerable_instance;
GRANT SELECT, INSERT ON figure_plan, figure_release_signature TO answerable_clinic;
GRANT SELECT, INSERT, UPDATE ON figure_count, figure_release TO answerable_clinic;

DO $$
DECLARE
    t text;
    own text;
BEGIN
    FOR t, own IN
        SELECT name, rule FROM (VALUES
            ('figure_plan', $q$clinic_id = here$q$),
            ('figure_count', $q$clinic_id = here$q$),
            ('figure_release', $q$clinic_id = here$q$),
            ('figure_release_signature', $q$EXISTS (SELECT FROM figure_release WHERE figure_release.id = release_id)$q$)
        ) AS rules (name, rule)
    LOOP
        own := replace(own, 'here', 'nullif(current_setting(''answerable.clinic'', true), '''')::uuid');
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY one_clinic ON %I TO answerable_clinic USING (%s) WITH CHECK (%s)', t, own, own);
        EXECUTE format('CREATE POLICY whole_place ON %I TO answerable_instance USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;
