-- Answers of the panel, and words taken back.

-- A sealed answer. It names a mailbox and no message: which message it answers stands inside the seal. All have one size.
-- The day it ends is worked out by clients from the mailbox's id, so it says nothing about the day it came.
CREATE TABLE reply (
    file_hash bytea PRIMARY KEY CHECK (octet_length(file_hash) = 32),
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    mailbox bytea NOT NULL CHECK (octet_length(mailbox) = 32),
    file bytea NOT NULL CHECK (octet_length(file) = 18043),
    expires_on date NOT NULL
);

-- What is in this mailbox?
CREATE INDEX reply_by_mailbox ON reply (clinic_id, mailbox);

-- Commitments of words that were taken back. The token behind them is public now, so they must never be used again.
CREATE TABLE withdrawal (
    anchor bytea PRIMARY KEY CHECK (octet_length(anchor) = 32),
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    withdraw bytea NOT NULL UNIQUE CHECK (octet_length(withdraw) = 32),
    ticket text NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON reply, withdrawal TO answerable_instance;
GRANT SELECT, INSERT, DELETE ON reply TO answerable_clinic;
GRANT SELECT, INSERT ON withdrawal TO answerable_clinic;

DO $$
DECLARE
    t text;
    own text := $q$clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid$q$;
BEGIN
    FOREACH t IN ARRAY ARRAY['reply', 'withdrawal'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY one_clinic ON %I TO answerable_clinic USING (%s) WITH CHECK (%s)', t, own, own);
        EXECUTE format('CREATE POLICY whole_place ON %I TO answerable_instance USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION commitments_in_use(anchor bytea, withdraw bytea, OUT anchor_used boolean, OUT withdraw_used boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    BEGIN ATOMIC
        SELECT EXISTS (SELECT FROM submission AS s WHERE s.anchor = commitments_in_use.anchor)
                   OR EXISTS (SELECT FROM withdrawal AS w WHERE w.anchor = commitments_in_use.anchor),
               EXISTS (SELECT FROM submission AS s WHERE s.withdraw = commitments_in_use.withdraw)
                   OR EXISTS (SELECT FROM withdrawal AS w WHERE w.withdraw = commitments_in_use.withdraw);
    END;
