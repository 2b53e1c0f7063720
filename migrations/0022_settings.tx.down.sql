DROP TABLE own_item;
ALTER TABLE clinic DROP COLUMN shared_device, DROP COLUMN settings_on;
DELETE FROM decision_signature USING decision WHERE decision.id = decision_id AND decision.kind = 'settings';
DELETE FROM decision WHERE kind = 'settings';
ALTER TABLE decision DROP CONSTRAINT decision_kind_check;
ALTER TABLE decision ADD CONSTRAINT decision_kind_check
    CHECK (kind IN ('revoke', 'shred', 'charter', 'support', 'rotation'));
