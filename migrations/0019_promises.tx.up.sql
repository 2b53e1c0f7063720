-- What the clinic does with what it was told: who speaks for it, which findings were handed over, its answers, its promises,
-- and what those who were harmed and the panel say of them. All of it lies in the clear and is meant to be read.

-- Deadlines end with a clinic's own day.
ALTER TABLE clinic ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 64);

-- Somebody who speaks for a clinic: a role, and no name. What they wrote names the role, never the row.
CREATE TABLE liaison (
    id uuid PRIMARY KEY,
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    role text NOT NULL CHECK (octet_length(role) BETWEEN 1 AND 400),
    invited_on date NOT NULL,
    joined_on date,
    left_on date
);

-- What opens the clinic's side: an invitation until it is used, then the liaison's own words. Only hashes, and only for work
-- of the whole place: signing in comes before a clinic's walls.
CREATE TABLE liaison_key (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    liaison_id uuid NOT NULL REFERENCES liaison (id),
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    kind text NOT NULL CHECK (kind IN ('invitation', 'words')),
    ends_on date,
    CHECK ((kind = 'invitation') = (ends_on IS NOT NULL))
);

CREATE TABLE liaison_session (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    liaison_id uuid NOT NULL REFERENCES liaison (id),
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    expires_at timestamptz NOT NULL
);

-- A finding that the clinic was given. It outlives the finding: the clinic's answer and promises hang on it. answer_by, late_taken
-- and late_decided are worked out on the day itself, so that no later calendar moves them.
CREATE TABLE handover (
    id uuid PRIMARY KEY,
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    finding_id uuid UNIQUE REFERENCES finding (id) ON DELETE SET NULL,
    public boolean NOT NULL,
    themes text[] NOT NULL,
    handed_on date NOT NULL,
    handed_by text NOT NULL REFERENCES reviewer (id),
    answer_by date NOT NULL CHECK (answer_by >= handed_on),
    late_taken boolean NOT NULL,
    late_decided boolean NOT NULL,
    taken_back_on date -- with the finding, by its writer or by the panel
);

-- What does a clinic still have to answer?
CREATE INDEX handover_by_clinic ON handover (clinic_id, handed_on);

-- The clinic's answer. It is shown in public once a member of the panel has looked whether it points at somebody.
CREATE TABLE response (
    id uuid PRIMARY KEY,
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    handover_id uuid NOT NULL REFERENCES handover (id),
    role text NOT NULL CHECK (octet_length(role) BETWEEN 1 AND 400),
    power text NOT NULL CHECK (octet_length(power) BETWEEN 1 AND 4096),
    words text NOT NULL CHECK (octet_length(words) BETWEEN 1 AND 16384),
    responded_on date NOT NULL,
    shown_on date,
    shown_by text REFERENCES reviewer (id),
    CHECK ((shown_on IS NULL) = (shown_by IS NULL))
);

CREATE INDEX response_by_handover ON response (handover_id);

-- A promise never changes. What happens to it is a row of promise_event, and those never change either.
CREATE TABLE promise (
    id uuid PRIMARY KEY,
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    response_id uuid NOT NULL REFERENCES response (id),
    what text NOT NULL CHECK (octet_length(what) BETWEEN 1 AND 4096),
    who text NOT NULL CHECK (octet_length(who) BETWEEN 1 AND 400),
    how text NOT NULL CHECK (octet_length(how) BETWEEN 1 AND 4096),
    made_on date NOT NULL,
    due_on date NOT NULL CHECK (due_on > made_on) -- as it was promised first
);

CREATE INDEX promise_by_clinic ON promise (clinic_id);

CREATE TABLE promise_event (
    promise_id uuid NOT NULL REFERENCES promise (id),
    n integer NOT NULL CHECK (n BETWEEN 1 AND 1000),
    kind text NOT NULL CHECK (kind IN ('extended', 'refused', 'claimed', 'judged')),
    happened_on date NOT NULL,
    due_on date CHECK ((due_on IS NOT NULL) = (kind IN ('extended', 'refused'))),
    reason text NOT NULL DEFAULT '' CHECK (octet_length(reason) <= 4096),
    round integer CHECK ((round IS NOT NULL) = (kind = 'judged')),
    verdict text CHECK (verdict IN ('kept', 'partly', 'not_kept')),
    PRIMARY KEY (promise_id, n),
    CHECK ((verdict IS NOT NULL) = (kind = 'judged'))
);

-- One member's signed word on a promise. Two that are the same decide a round, and those are counted. after_n is how many events
-- the promise had when the word was given: one that was given before "it is done" says nothing of it. It holds nothing of whom the
-- panel asked.
CREATE TABLE judgement (
    promise_id uuid NOT NULL REFERENCES promise (id),
    round integer NOT NULL CHECK (round BETWEEN 0 AND 1000),
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    verdict text NOT NULL CHECK (verdict IN ('kept', 'partly', 'not_kept')),
    judged_on date NOT NULL,
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    after_n integer NOT NULL CHECK (after_n BETWEEN 0 AND 1000),
    counted boolean NOT NULL DEFAULT false,
    PRIMARY KEY (promise_id, round, reviewer_id)
);

-- It happened again: the panel ties a finding to an earlier promise.
CREATE TABLE promise_repeat (
    promise_id uuid NOT NULL REFERENCES promise (id),
    handover_id uuid NOT NULL REFERENCES handover (id),
    linked_on date NOT NULL,
    linked_by text NOT NULL REFERENCES reviewer (id),
    PRIMARY KEY (promise_id, handover_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON
    liaison, liaison_key, liaison_session, handover, response, promise, promise_event, judgement, promise_repeat
    TO answerable_instance;
GRANT SELECT ON liaison TO answerable_clinic;
GRANT SELECT, INSERT, UPDATE ON handover TO answerable_clinic;
GRANT SELECT, INSERT, UPDATE (shown_on, shown_by) ON response TO answerable_clinic;
GRANT SELECT, INSERT ON promise, promise_event, promise_repeat TO answerable_clinic;
GRANT SELECT, INSERT, UPDATE ON judgement TO answerable_clinic;

DO $$
DECLARE
    t text;
    own text;
BEGIN
    FOREACH t IN ARRAY ARRAY['liaison', 'handover', 'response', 'promise', 'promise_event', 'judgement', 'promise_repeat'] LOOP
        own := CASE
            WHEN t IN ('promise_event', 'judgement', 'promise_repeat')
                THEN format('EXISTS (SELECT FROM promise WHERE promise.id = %I.promise_id)', t)
            ELSE $q$clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid$q$
        END;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY one_clinic ON %I TO answerable_clinic USING (%s) WITH CHECK (%s)', t, own, own);
        EXECUTE format('CREATE POLICY whole_place ON %I TO answerable_instance USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;

-- A finding that is taken back, by its writer or by the panel, takes along what was copied of it. Words whose time is over go
-- with their key, and what was copied stays: then the epoch waits to be shredded, and its wraps are gone before its files.
CREATE FUNCTION handover_taken_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'finding' THEN
        UPDATE handover SET taken_back_on = coalesce(taken_back_on, NEW.retracted_on), themes = '{}' WHERE finding_id = NEW.id;
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM epoch WHERE epoch.id = OLD.epoch_id AND epoch.state <> 'shred-pending')
        OR EXISTS (SELECT FROM wrap WHERE wrap.epoch_id = OLD.epoch_id) THEN
        UPDATE handover SET taken_back_on = coalesce(taken_back_on, (now() AT TIME ZONE clinic.time_zone)::date), themes = '{}'
        FROM finding, clinic
        WHERE clinic.id = handover.clinic_id AND handover.finding_id = finding.id AND finding.leaf_hash = OLD.leaf_hash;
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER handover_taken_back AFTER UPDATE OF retracted_on ON finding
    FOR EACH ROW WHEN (OLD.retracted_on IS NULL AND NEW.retracted_on IS NOT NULL) EXECUTE FUNCTION handover_taken_back();
CREATE TRIGGER handover_taken_back BEFORE DELETE ON submission FOR EACH ROW EXECUTE FUNCTION handover_taken_back();

-- Which finding belongs to a message that goes?
CREATE INDEX finding_by_leaf ON finding (leaf_hash);

-- Nobody sets a promise to kept but two members of the panel, who signed. Whoever brings a copy of the whole place back works for
-- no clinic, and brings events back as they are.
CREATE FUNCTION promise_judged_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'judged' AND current_user = 'answerable_clinic' AND 2 > (
        SELECT count(*) FROM judgement
        WHERE judgement.promise_id = NEW.promise_id AND judgement.round = NEW.round AND judgement.verdict = NEW.verdict AND judgement.counted
    ) THEN
        RAISE EXCEPTION 'a promise is judged by two members of the panel';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER promise_judged_by_two BEFORE INSERT ON promise_event FOR EACH ROW EXECUTE FUNCTION promise_judged_by_two();
