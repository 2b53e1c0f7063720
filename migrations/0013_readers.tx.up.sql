-- Schema and program are put in place one after the other. This says how old a program may be that still works on this schema:
-- the number of the newest step it has to know. Each later step that an older program could not live with writes it anew.
COMMENT ON TABLE bun_migrations IS 'oldest program: 0012';
