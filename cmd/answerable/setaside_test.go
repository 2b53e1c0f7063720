package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"answerable/internal/account"
	"answerable/internal/coding"
	"answerable/internal/postgres"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// notesBarely puts down, as a reviewer of the demo, that a writer was asked, and not of which words. No command writes such a note
// any more, and some lie in panels of before.
func (d *demoProcess) notesBarely(t *testing.T, who int, leaf string) {
	t.Helper()
	identity, err := (&identityConfig{Identity: d.Identities[who]}).open()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := seal.IdentitySeed(identity)
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(d.data, "postgres/run")
	db, err := postgres.Open("postgres:///postgres?host=" + run + "&port=5432&user=answerable&sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	key := account.SigningKey(seed)
	by, err := (&account.Store{DB: db, Now: now}).Reviewer(t.Context(), db, account.ReviewerID(key.Public().(ed25519.PublicKey)))
	if err != nil {
		t.Fatal(err)
	}
	hash, err := hex.DecodeString(leaf)
	if err != nil {
		t.Fatal(err)
	}
	var clinic, epoch, origin, recipient string
	err = db.NewRaw(`SELECT epoch.clinic_id, epoch.id, instance.origin, epoch.recipient
		FROM submission JOIN epoch ON epoch.id = submission.epoch_id, instance WHERE submission.leaf_hash = ?`, hash).
		Scan(t.Context(), &clinic, &epoch, &origin, &recipient)
	if err != nil {
		t.Fatal(err)
	}
	place := coding.Place{Epoch: epoch, Origin: origin, Leaf: seal.Commitment(hash).String(), By: by.ID}
	padded, err := (&coding.File{Place: place, Body: &coding.Note{Text: "We asked.", Asked: true}}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	file, err := seal.SealReview(padded, recipient)
	if err != nil {
		t.Fatal(err)
	}
	day := now().Truncate(24 * time.Hour)
	e := &review.Envelope{ClinicID: clinic, LeafHash: [32]byte(hash), Kind: review.KindNote, FileHash: seal.FileHash(file), Day: day}
	if err := (&review.Store{DB: db, Now: now}).Put(t.Context(), e, by, file, e.Sign(key)); err != nil {
		t.Fatal(err)
	}
}

// In a terminal, too, two who have read all that a writer sent set aside what somebody who stepped back says of them.
func TestTwoSetANoteOfSomebodyWhoIsGoneAsideInATerminal(t *testing.T) {
	t.Parallel()
	demo := shared.start(t)
	leaf := demo.submit(t, "they shut the door").LeafHash
	batch()
	dirs := []string{t.TempDir(), t.TempDir(), t.TempDir()}
	args := func(who int, words ...string) []string {
		out := append([]string{"review"}, words...)
		out = append(out, "--server", demo.URL, "--clinic", demo.Clinic, "--leaf", leaf)
		return append(out, "--identity", demo.Identities[who], "--from", dirs[who])
	}
	aside := func(who int) []string { return args(who, "show-first", "--set-aside") }
	for who := range dirs {
		answerable(t, "", args(who, "declare", "--yes")...)
	}
	if out := refusal(t, "", aside(1)...); !strings.Contains(out, "there is no note that you can set aside") {
		t.Errorf("where there is no such note: %s", out)
	}
	demo.notesBarely(t, 0, leaf)
	if out := refusal(t, "", aside(1)...); !strings.Contains(out, "there is no note that you can set aside") {
		t.Errorf("while its author can take it back: %s", out)
	}
	for _, other := range [][]string{{"--unsent"}, {"--form", "theme"}} {
		out := refusal(t, "", append(aside(1), other...)...)
		if !strings.Contains(out, "--set-aside") || !strings.Contains(out, other[0]) {
			t.Errorf("two things at once: %s", out)
		}
	}
	out := refusal(t, "", args(1, "show-first", "--unsent")...)
	if !strings.Contains(out, "you have shown the writer of this message nothing") {
		t.Errorf("taking back what was not shown: %s", out)
	}
	answerable(t, "", args(0, "recuse")...)
	if out := string(answerable(t, "", aside(1)...)); !strings.Contains(out, "once another of you signs the same") {
		t.Errorf("the first of two: %s", out)
	}
	if out := string(answerable(t, "", aside(2)...)); !strings.Contains(out, "No such note binds any more") {
		t.Errorf("the second: %s", out)
	}
}
