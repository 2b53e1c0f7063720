package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestSchemaAndProgramMayComeInEitherOrder puts a newer schema under a server that runs, and an older one under one that
// starts. What is called newer here is a step this program has never seen.
func TestSchemaAndProgramMayComeInEitherOrder(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	defer func() { p.stop() }()
	ready := func(want int) {
		t.Helper()
		if got := statusOf(t, p.url+"/readyz"); got != want {
			t.Errorf("ready is %d, want %d", got, want)
		}
	}

	// The schema first: this release goes on, starts anew, and may run beside the next.
	p.inDatabase(t, `INSERT INTO bun_migrations (name, group_id) VALUES ('9998', 99)`, `ALTER TABLE clinic ADD COLUMN motto text NOT NULL DEFAULT ''`,
		`CREATE TABLE later (n integer)`)
	ready(http.StatusOK)
	first := p.tell(t, "while it changed")
	p.stop()
	p.start(t)
	second := p.tell(t, "after it changed")
	if read := p.read(t, filepath.Join(p.dir, "pulled")); read[first.LeafHash] != "while it changed" || read[second.LeafHash] != "after it changed" {
		t.Errorf("read %v", read)
	}
	if said := string(answerable(t, "", "migrate", "status")); !strings.Contains(said, "from a newer release") {
		t.Errorf("status says %s", said)
	}

	// A step that it could not live with stops it from starting, and a server that runs is no longer ready.
	p.inDatabase(t, `COMMENT ON TABLE bun_migrations IS 'oldest program: 9998'`)
	ready(http.StatusServiceUnavailable)
	ends(t, exitFailed, "the database is newer than this program", "run the newer release", append([]string{"serve", "--addr", "127.0.0.1:0"}, p.flags()...)...)

	// The program first: it says what to do, and does no harm; the one before goes on.
	p.inDatabase(t, `DELETE FROM bun_migrations WHERE name IN ('9998', '0013')`, `COMMENT ON TABLE bun_migrations IS NULL`)
	ends(t, exitFailed, "the database is older than this program (migration 0013_readers is missing)", "run `answerable migrate up`", append([]string{"serve", "--addr", "127.0.0.1:0"}, p.flags()...)...)
	answerable(t, "", "migrate", "up")
	ready(http.StatusOK)
	p.stop()
	p.start(t)
	p.tell(t, "upgraded")
}
