package main

import (
	"crypto/rand"
	"io"
	"log/slog"
	"path/filepath"
	"testing"

	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// The stores are wired by hand, so a part that is not ended with its reviewer's seat would be seen by no store's own test.
func TestAPartEndsWithTheSeatOfWhoHasIt(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	database := privateDatabase(t)
	useDatabase(t, database)
	answerable(t, "", "migrate", "up")
	db, err := postgres.Open(database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	dir := t.TempDir()
	files := keyFiles{filepath.Join(dir, "log.key"), filepath.Join(dir, "ticket.key"), filepath.Join(dir, "server.secret")}
	s, err := newSite(t.Context(), db, keyringtest.Origin, files, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	panel := keyringtest.New(t, db, now)
	epoch := panel.Deal(t, now())
	in := &intake.Store{DB: db, Origin: keyringtest.Origin, Tickets: panel.Tickets, Keys: panel.Keys, Now: now}
	message := intake.Request{Epoch: epoch.ID}
	rand.Read(message.Anchor[:])
	rand.Read(message.Withdraw[:])
	if message.File, err = seal.Seal(&seal.Plaintext{V: 1, T: seal.KindDecoy}, epoch.Recipient); err != nil {
		t.Fatal(err)
	}
	said, err := in.Submit(t.Context(), panel.ClinicID, message)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Batch(t.Context()); err != nil {
		t.Fatal(err)
	}
	leaver, others := panel.Reviewers[0], panel.Reviewers[1:]
	if err := s.review.Take(t.Context(), panel.ClinicID, leaver.ID, said.LeafHash, review.RoleCoder); err != nil {
		t.Fatal(err)
	}
	list, err := s.keys.ProposeManifest(t.Context(), panel.ClinicID, 2, leaver.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range others {
		signature := keyring.SignManifest(r.Key, list.Lines())
		if _, err := s.keys.SignManifest(t.Context(), panel.ClinicID, r.ID, list.Version, signature); err != nil {
			t.Fatal(err)
		}
	}
	var seats, parts int
	err = db.NewRaw(`SELECT (SELECT count(*) FROM panel_member WHERE left_on IS NULL), (SELECT count(*) FROM claim)`).
		Scan(t.Context(), &seats, &parts)
	if err != nil {
		t.Fatal(err)
	}
	if seats != 2 || parts != 0 {
		t.Errorf("with %d seats left, %d parts stand", seats, parts)
	}
}
