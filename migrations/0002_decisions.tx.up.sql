-- What a panel decides together, and the ways a key reaches someone who was not there when it was dealt.

-- Text that members sign; when enough have, it is made and enters the log. body holds what the lines only name by hash.
CREATE TABLE decision (
    id uuid PRIMARY KEY,
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    kind text NOT NULL CHECK (kind IN ('revoke', 'shred', 'charter', 'support', 'rotation')),
    state text NOT NULL CHECK (state IN ('draft', 'made', 'dropped')),
    lines text NOT NULL,
    body text NOT NULL DEFAULT '',
    proposed_by text NOT NULL REFERENCES reviewer (id),
    proposed_on date NOT NULL,
    made_on date,
    leaf_hash bytea UNIQUE CHECK (octet_length(leaf_hash) = 32),
    UNIQUE (clinic_id, lines),
    CHECK ((state = 'made') = (leaf_hash IS NOT NULL AND made_on IS NOT NULL))
);

CREATE TABLE decision_signature (
    decision_id uuid NOT NULL REFERENCES decision (id),
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    PRIMARY KEY (decision_id, reviewer_id)
);

-- A wrap that a colleague made later, with their signature; both are null for one that was dealt with the epoch.
ALTER TABLE wrap
    ADD COLUMN from_id text REFERENCES reviewer (id),
    ADD COLUMN signature bytea CHECK (octet_length(signature) = 64),
    ADD CHECK ((from_id IS NULL) = (signature IS NULL));

-- Where k of n are needed to open an epoch: one reviewer asks, the others answer with their shares, sealed to the asker.
CREATE TABLE opening (
    id uuid PRIMARY KEY,
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    epoch_id text NOT NULL REFERENCES epoch (id),
    requester_id text NOT NULL REFERENCES reviewer (id),
    lines text NOT NULL UNIQUE,
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    requested_on date NOT NULL
);

CREATE TABLE opening_answer (
    opening_id uuid NOT NULL REFERENCES opening (id) ON DELETE CASCADE,
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    file bytea NOT NULL CHECK (octet_length(file) <= 4096),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    PRIMARY KEY (opening_id, reviewer_id)
);

-- How long copies of this database are kept: what is shredded is gone for good only after that.
ALTER TABLE clinic ADD COLUMN backup_days integer NOT NULL DEFAULT 35 CHECK (backup_days BETWEEN 0 AND 366);
