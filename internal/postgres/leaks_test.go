package postgres_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
)

// TestLeaksAreFoundAndTheirCureHelps begins with the private server as it is, which must leak nothing.
func TestLeaksAreFoundAndTheirCureHelps(t *testing.T) {
	for _, bin := range allBinaries(t) {
		db := open(t, startServer(t, tempDir(t), bin).DSN())
		if leaks, err := postgres.Leaks(t.Context(), db); err != nil || len(leaks) != 0 {
			t.Errorf("the private server of Postgres %s leaks %+v, %v", bin.Version, leaks, err)
		}
		db.SetMaxOpenConns(1) // what is SET belongs to one session
		for setting, value := range map[string]string{
			"log_min_error_statement": "error", "log_statement": "all", "log_min_messages": "warning", "log_error_verbosity": "default",
			"log_duration": "on", "log_min_duration_statement": "250", "log_parameter_max_length_on_error": "-1", "track_activities": "on",
			"debug_print_plan": "on",
		} {
			for _, statement := range []string{"SET " + setting + " = '" + value + "'", "RESET " + setting} {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
				leaks, err := postgres.Leaks(t.Context(), db)
				if err != nil {
					t.Fatal(err)
				}
				found := slices.ContainsFunc(leaks, func(l postgres.Leak) bool {
					return l.Setting == setting && strings.HasPrefix(l.Do, "ALTER SYSTEM SET "+setting+" = ") && l.Why != ""
				})
				if found != strings.HasPrefix(statement, "SET") {
					t.Errorf("after %s: leaks %+v", statement, leaks)
				}
			}
		}
		keepsThePast(t, db)
	}
}

// keepsThePast shows what only a restart changes: a view that says so stands before Postgres' own.
func keepsThePast(t *testing.T, db *bun.DB) {
	t.Helper()
	for _, statement := range []string{"SET search_path = pg_temp, pg_catalog", `CREATE VIEW pg_settings AS
		SELECT name, CASE WHEN name IN ('track_commit_timestamp', 'archive_mode') THEN 'on' WHEN name = 'wal_level' THEN 'logical' ELSE setting END AS setting
		FROM pg_catalog.pg_settings`} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	leaks, err := postgres.Leaks(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	unsure := map[string]bool{}
	for _, l := range leaks {
		unsure[l.Setting] = l.Unsure
		if !l.Restart || l.Why == "" {
			t.Errorf("%+v", l)
		}
	}
	if !maps.Equal(unsure, map[string]bool{"track_commit_timestamp": false, "archive_mode": true, "wal_level": true}) {
		t.Errorf("found %+v", leaks)
	}
}
