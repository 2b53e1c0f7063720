COMMENT ON TABLE bun_migrations IS NULL;
