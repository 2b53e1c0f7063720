-- The first house: who is here, which keys are valid, what was told, and the log of acts.
-- Days are the finest time kept; the only fine times are in sign_in_nonce and session, which belong to reviewers.

-- One row, written at first start. The origin names this place in every seal, receipt and leaf, so it never
-- changes and never comes from a request. batch_slot is the start of the interval (in Unix seconds) whose batch ran last.
CREATE TABLE instance (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    origin text NOT NULL CHECK (origin ~ '^[a-z0-9.:-]+/answerable$'),
    batch_slot bigint NOT NULL DEFAULT 0
);

CREATE TABLE clinic (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,39}$'),
    name text NOT NULL,
    intro text NOT NULL DEFAULT '',
    panel_note text NOT NULL DEFAULT '',
    legal_notice text NOT NULL DEFAULT '',
    retention_days integer NOT NULL DEFAULT 180 CHECK (retention_days BETWEEN 30 AND 3650),
    open boolean NOT NULL DEFAULT false,
    CHECK (NOT open OR legal_notice <> '')
);

-- Services a writer may name. Codes are never used again: a service that ends is retired with a day.
CREATE TABLE service (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    code text NOT NULL CHECK (code ~ '^[a-z0-9_]{1,40}$'),
    label text NOT NULL,
    position integer NOT NULL,
    retired_on date,
    PRIMARY KEY (clinic_id, code)
);

-- Whom to turn to now. Ships empty; a line is hidden ninety days after it was last checked.
CREATE TABLE support_line (
    id uuid PRIMARY KEY,
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    name text NOT NULL,
    what text NOT NULL,
    run_by_peers boolean NOT NULL,
    contacts_emergency_services text NOT NULL
        CHECK (contacts_emergency_services IN ('never', 'only_if_you_agree', 'may_without_asking', 'unknown')),
    mandatory_reporting text NOT NULL CHECK (mandatory_reporting IN ('none', 'some_law_duties', 'unknown')),
    can_trace text NOT NULL CHECK (can_trace IN ('no', 'yes', 'unknown')),
    ways text[] NOT NULL,
    languages text[] NOT NULL,
    hours text NOT NULL,
    time_zone text NOT NULL,
    region text NOT NULL,
    cost text NOT NULL CHECK (cost IN ('free', 'local_call', 'other')),
    source_url text NOT NULL,
    checked_on date NOT NULL,
    checked_by text NOT NULL
);

-- A reviewer is two public keys and nothing else: no name, no address. The private half never comes here.
CREATE TABLE reviewer (
    id text PRIMARY KEY CHECK (id ~ '^r[a-z2-7]{8}$'),
    recipient text NOT NULL UNIQUE CHECK (recipient LIKE 'age1pq1%'),
    verify_key bytea NOT NULL UNIQUE CHECK (octet_length(verify_key) = 32)
);

CREATE TABLE panel_member (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    joined_on date NOT NULL,
    left_on date,
    PRIMARY KEY (clinic_id, reviewer_id)
);

-- One-time invitations to a panel. Only a hash is kept; the row goes when it is used.
CREATE TABLE panel_invitation (
    code_hash bytea PRIMARY KEY CHECK (octet_length(code_hash) = 32),
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    expires_on date NOT NULL
);

-- Panel manifests form a chain: each names the leaf of the one before.
CREATE TABLE panel_manifest (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    version integer NOT NULL CHECK (version > 0),
    state text NOT NULL CHECK (state IN ('draft', 'logged')),
    lines text NOT NULL,
    leaf_hash bytea UNIQUE CHECK (octet_length(leaf_hash) = 32),
    PRIMARY KEY (clinic_id, version),
    CHECK ((state = 'logged') = (leaf_hash IS NOT NULL))
);

CREATE TABLE panel_manifest_signature (
    clinic_id uuid NOT NULL,
    version integer NOT NULL,
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    PRIMARY KEY (clinic_id, version, reviewer_id),
    FOREIGN KEY (clinic_id, version) REFERENCES panel_manifest (clinic_id, version)
);

-- An epoch is a recipient with dates. record holds its lines exactly as dealer and reviewers signed them.
-- What the calendar decides (active, grace, closed) is worked out from the dates, never stored.
CREATE TABLE epoch (
    id text PRIMARY KEY CHECK (id ~ '^[a-z0-9-]{4,32}$'),
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    state text NOT NULL
        CHECK (state IN ('offered', 'logged', 'abandoned', 'revoked', 'shred-pending', 'shredded')),
    recipient text NOT NULL UNIQUE CHECK (recipient LIKE 'age1pq1%'),
    match_recipient text,
    not_before date NOT NULL,
    not_after date NOT NULL CHECK (not_after >= not_before),
    retain_until date NOT NULL CHECK (retain_until >= not_after),
    quorum_k integer NOT NULL CHECK (quorum_k >= 1),
    quorum_n integer NOT NULL CHECK (quorum_n >= quorum_k),
    manifest_version integer NOT NULL,
    record text NOT NULL,
    dealer_id text NOT NULL REFERENCES reviewer (id),
    dealer_signature bytea NOT NULL CHECK (octet_length(dealer_signature) = 64),
    offered_on date NOT NULL,
    revoked_on date,
    shredded_on date,
    leaf_hash bytea UNIQUE CHECK (octet_length(leaf_hash) = 32),
    FOREIGN KEY (clinic_id, manifest_version) REFERENCES panel_manifest (clinic_id, version),
    CHECK (state NOT IN ('logged', 'revoked', 'shred-pending', 'shredded') OR leaf_hash IS NOT NULL)
);

-- Which epoch takes words today? Asked on every view of the form.
CREATE INDEX epoch_by_clinic_and_start ON epoch (clinic_id, not_before);

-- One age file per reviewer. In a table of its own, so that backups can leave it out.
CREATE TABLE wrap (
    epoch_id text NOT NULL REFERENCES epoch (id),
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    file bytea NOT NULL,
    PRIMARY KEY (epoch_id, reviewer_id)
);

CREATE TABLE epoch_ack (
    epoch_id text NOT NULL REFERENCES epoch (id),
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    PRIMARY KEY (epoch_id, reviewer_id)
);

-- What was told since the last batch. Rows leave together, sorted by leaf hash, and the table is emptied, so that
-- neither row order nor transaction ids tell who came first. No day, no serial number.
CREATE TABLE pending (
    leaf_hash bytea PRIMARY KEY CHECK (octet_length(leaf_hash) = 32),
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    epoch_id text NOT NULL REFERENCES epoch (id),
    file bytea NOT NULL CHECK (octet_length(file) IN (18043, 67195)),
    file_hash bytea NOT NULL CHECK (octet_length(file_hash) = 32),
    anchor bytea NOT NULL UNIQUE CHECK (octet_length(anchor) = 32),
    withdraw bytea NOT NULL UNIQUE CHECK (octet_length(withdraw) = 32),
    leaf bytea NOT NULL,
    ticket text NOT NULL
);

CREATE TABLE submission (
    leaf_hash bytea PRIMARY KEY CHECK (octet_length(leaf_hash) = 32),
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    epoch_id text NOT NULL REFERENCES epoch (id),
    file bytea NOT NULL CHECK (octet_length(file) IN (18043, 67195)),
    file_hash bytea NOT NULL CHECK (octet_length(file_hash) = 32),
    anchor bytea NOT NULL UNIQUE CHECK (octet_length(anchor) = 32),
    withdraw bytea NOT NULL UNIQUE CHECK (octet_length(withdraw) = 32),
    leaf bytea NOT NULL,
    ticket text NOT NULL,
    batch_day date NOT NULL,
    held boolean NOT NULL DEFAULT false
);

-- A reviewer fetches whole epochs in order of leaf hash.
CREATE INDEX submission_by_epoch ON submission (clinic_id, epoch_id, leaf_hash);

-- Which files the panel has fetched, and on which day. Apart from submission, whose rows stay as their batch wrote them.
CREATE TABLE delivery (
    leaf_hash bytea PRIMARY KEY REFERENCES submission (leaf_hash) ON DELETE CASCADE,
    delivered_on date NOT NULL
);

-- Leaves that wait for the day, emptied with the batch like pending.
CREATE TABLE log_waiting (
    leaf_hash bytea PRIMARY KEY CHECK (octet_length(leaf_hash) = 32),
    leaf bytea NOT NULL CHECK (octet_length(leaf) <= 65535)
);

CREATE TABLE log_leaf (
    index bigint PRIMARY KEY CHECK (index >= 0),
    leaf_hash bytea NOT NULL UNIQUE CHECK (octet_length(leaf_hash) = 32),
    leaf bytea NOT NULL CHECK (octet_length(leaf) <= 65535)
);

CREATE TABLE sign_in_nonce (
    nonce bytea PRIMARY KEY CHECK (octet_length(nonce) = 32),
    expires_at timestamptz NOT NULL
);

CREATE TABLE session (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    reviewer_id text NOT NULL REFERENCES reviewer (id),
    expires_at timestamptz NOT NULL
);
