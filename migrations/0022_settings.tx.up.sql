-- What a form says and asks is the panel's to decide, once it has begun to.

ALTER TABLE decision DROP CONSTRAINT decision_kind_check;
ALTER TABLE decision ADD CONSTRAINT decision_kind_check
    CHECK (kind IN ('revoke', 'shred', 'charter', 'support', 'rotation', 'settings'));

ALTER TABLE clinic
    ADD COLUMN shared_device boolean NOT NULL DEFAULT false, -- forms are filled in on devices that others use too
    ADD COLUMN settings_on date; -- since when the panel decides; null until it has

-- What can happen at one clinic and stands on no common list. A code keeps its meaning, so none is deleted.
CREATE TABLE own_item (
    clinic_id uuid NOT NULL REFERENCES clinic (id),
    code text NOT NULL CHECK (code ~ '^x_[a-z0-9_]+\.[a-z0-9_]+$'),
    theme text NOT NULL,
    label text NOT NULL CHECK (label <> ''),
    position integer NOT NULL,
    retired_on date,
    PRIMARY KEY (clinic_id, code)
);

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON own_item TO answerable_instance;
GRANT SELECT, INSERT, UPDATE ON own_item TO answerable_clinic;

ALTER TABLE own_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE own_item FORCE ROW LEVEL SECURITY;
CREATE POLICY one_clinic ON own_item TO answerable_clinic
    USING (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid)
    WITH CHECK (clinic_id = nullif(current_setting('answerable.clinic', true), '')::uuid);
CREATE POLICY whole_place ON own_item TO answerable_instance USING (true) WITH CHECK (true);
