-- Bundles that a clinic takes away: what was made, for whom to check, and who signed. The program before this one knows none of
-- these tables and runs on beside them.

-- An export is a ledger entry that never goes. bundle holds the signed files as a zip; manifest is what reviewers sign with ssh,
-- lines what they sign for the log; placed is the proof of its place there, written once.
CREATE TABLE export (
    id uuid PRIMARY KEY,
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    state text NOT NULL CHECK (state IN ('draft', 'signed', 'dropped')),
    first_on date NOT NULL,
    last_on date NOT NULL CHECK (last_on > first_on),
    as_of date NOT NULL CHECK (as_of > last_on),
    plan_version integer,
    release_id uuid REFERENCES figure_release (id),
    before_id uuid REFERENCES figure_release (id),
    panel_hash bytea NOT NULL CHECK (octet_length(panel_hash) = 32),
    lines text NOT NULL,
    manifest text NOT NULL,
    bundle bytea NOT NULL,
    placed text,
    proposed_by text NOT NULL REFERENCES reviewer (id),
    proposed_on date NOT NULL,
    signed_on date,
    leaf_hash bytea UNIQUE CHECK (octet_length(leaf_hash) = 32),
    CHECK ((state = 'signed') = (leaf_hash IS NOT NULL AND signed_on IS NOT NULL))
);

-- Is there one of this period and day already? Asked twice, it is made once.
CREATE UNIQUE INDEX export_once ON export (clinic_id, first_on, as_of) WHERE state <> 'dropped';

CREATE TABLE export_signature (
    export_id uuid NOT NULL REFERENCES export (id),
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    ssh_signature bytea NOT NULL CHECK (octet_length(ssh_signature) = 64),
    PRIMARY KEY (export_id, reviewer_id)
);

-- What was made stays as it was made; a draft can only become signed or dropped, and a signed one gets its proof once.
CREATE FUNCTION export_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'an export stays';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' AND current_user = 'answerable_clinic' THEN
            RAISE EXCEPTION 'an export begins as a draft';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.clinic_id, NEW.first_on, NEW.last_on, NEW.as_of, NEW.plan_version, NEW.release_id, NEW.before_id, NEW.panel_hash, NEW.lines, NEW.manifest, NEW.bundle, NEW.proposed_by, NEW.proposed_on)
        IS DISTINCT FROM
       (OLD.id, OLD.clinic_id, OLD.first_on, OLD.last_on, OLD.as_of, OLD.plan_version, OLD.release_id, OLD.before_id, OLD.panel_hash, OLD.lines, OLD.manifest, OLD.bundle, OLD.proposed_by, OLD.proposed_on)
        OR OLD.state <> 'draft' AND (NEW.state, NEW.signed_on, NEW.leaf_hash) IS DISTINCT FROM (OLD.state, OLD.signed_on, OLD.leaf_hash)
        OR OLD.placed IS NOT NULL AND NEW.placed IS DISTINCT FROM OLD.placed
    THEN
        RAISE EXCEPTION 'an export does not change';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER export_stays BEFORE INSERT OR UPDATE OR DELETE ON export FOR EACH ROW EXECUTE FUNCTION export_stays();
CREATE TRIGGER exports_stay BEFORE TRUNCATE ON export FOR EACH STATEMENT EXECUTE FUNCTION export_stays();

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON export, export_signature TO answerable_instance;
GRANT SELECT, INSERT, UPDATE ON export TO answerable_clinic;
GRANT SELECT, INSERT ON export_signature TO answerable_clinic;

DO $$
DECLARE
    t text;
    own text;
BEGIN
    FOR t, own IN
        SELECT name, rule FROM (VALUES
            ('export', $q$clinic_id = here$q$),
            ('export_signature', $q$EXISTS (SELECT FROM export WHERE export.id = export_id)$q$)
        ) AS rules (name, rule)
    LOOP
        own := replace(own, 'here', 'nullif(current_setting(''answerable.clinic'', true), '''')::uuid');
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY one_clinic ON %I TO answerable_clinic USING (%s) WITH CHECK (%s)', t, own, own);
        EXECUTE format('CREATE POLICY whole_place ON %I TO answerable_instance USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;
