package keyring_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/transparency"
)

// shredVectors are a panel's leaves, a shredding that its members signed, and such that they did not.
type shredVectors struct {
	Manifests []string `json:"manifests"`
	Epoch     string   `json:"epoch"`
	Records   []string `json:"records"` // epoch leaves: of this clinic, and of another with another epoch
	Shred     string   `json:"shred"`
	Forged    []string `json:"forged"`
}

func buildShredVectors(t *testing.T) *shredVectors {
	t.Helper()
	const clinic, elsewhere = "6f1f3f5e-7d1b-4c58-9a25-0c6c0b6d1f10", "11111111-2222-4333-8444-555555555555"
	a, b, c, x := member(t, 1), member(t, 2), member(t, 3), member(t, 9)
	m1 := manifestOf(clinic, nil, nil, 2, a, b, c)
	h1 := m1.Leaf(signedBy(m1.Lines(), keyring.SignManifest, a, b, c))
	hash := h1.Hash()
	m2 := manifestOf(clinic, m1, &hash, 2, a, b, c, x)
	usurped := manifestOf(clinic, m1, &hash, 1, x)
	v := &shredVectors{
		Epoch: "2026-12-abcd",
		Manifests: []string{
			string(h1),
			string(m2.Leaf(signedBy(m2.Lines(), keyring.SignManifest, x))),                                                                 // not signed by the panel before
			string(usurped.Leaf(signedBy(usurped.Lines(), keyring.SignManifest, x))),                                                       // nor this
			string(manifestOf(clinic, nil, nil, 1, x).Leaf(signedBy(manifestOf(clinic, nil, nil, 1, x).Lines(), keyring.SignManifest, x))), // a second first
			string(manifestOf(elsewhere, nil, nil, 1, x).Leaf(signedBy(manifestOf(elsewhere, nil, nil, 1, x).Lines(), keyring.SignManifest, x))),
		},
	}
	theirs := manifestOf(elsewhere, nil, nil, 1, x)
	hashElsewhere := theirs.Leaf(signedBy(theirs.Lines(), keyring.SignManifest, x)).Hash()
	v.Records = []string{
		recordLeaf(t, clinic, v.Epoch, h1.Hash(), a, b, c),
		recordLeaf(t, elsewhere, "2026-12-efgh", hashElsewhere, x, x),
	}
	on := time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)
	shred := &keyring.Resolution{Kind: keyring.KindShred, ClinicID: clinic, Epochs: []string{v.Epoch}, Day: on, Effective: on.AddDate(0, 0, 35)}
	lines := shred.Lines()
	v.Shred = string(keyring.DecisionLeaf(lines, signedBy(lines, keyring.SignDecision, a, c)))
	shred.ClinicID = elsewhere
	theirShred := shred.Lines()
	v.Forged = []string{
		string(keyring.DecisionLeaf(lines, nil)),
		string(keyring.DecisionLeaf(lines, signedBy(lines, keyring.SignDecision, a))),
		string(keyring.DecisionLeaf(lines, signedBy(lines, keyring.SignDecision, a, x))),
		strings.Replace(v.Shred, "2027-07-01", "2027-07-02", 1),
		strings.Replace(v.Shred, clinic, elsewhere, 1),
		string(keyring.DecisionLeaf(theirShred, signedBy(theirShred, keyring.SignDecision, x))), // of a panel whose epoch it is not
		v.Shred + v.Shred[strings.LastIndex(v.Shred, "\nsignature ")+1:],
	}
	return v
}

// recordLeaf is an epoch of December as it enters the log.
func recordLeaf(t *testing.T, clinicID, id string, panel [32]byte, dealer keyringtest.Reviewer, acks ...keyringtest.Reviewer) string {
	t.Helper()
	from := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	r := &keyring.Record{
		ClinicID: clinicID, ID: id, Recipient: member(t, 40).Identity.Recipient().String(), NotBefore: from, NotAfter: from.AddDate(0, 0, 30),
		RetainUntil: from.AddDate(0, 6, 0), K: 1, N: 3, Wraps: [32]byte{1}, Manifest: panel, TicketKey: "clinic.example/answerable/ticket+00000000+AA==",
	}
	lines := r.Lines()
	return string(keyring.RecordLeaf(lines, signedBy(lines, keyring.SignDeal, dealer)[0], signedBy(lines, keyring.SignAck, acks...)))
}

// Somebody who has only the log tells a shredding that the panel signed from one that a server made up.
func TestShredVectors(t *testing.T) {
	const path = "testdata/shred.json"
	if *update {
		out, err := json.Marshal(buildShredVectors(t), jsontext.WithIndent("  "))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(out, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v shredVectors
	if err := json.Unmarshal(content, &v); err != nil || len(v.Forged) < 5 {
		t.Fatalf("%d forged, %v", len(v.Forged), err)
	}
	var panels keyring.Panels
	for i, leaf := range v.Manifests {
		if ok := panels.Add(transparency.Leaf(leaf)); ok != (i == 0 || i == len(v.Manifests)-1) {
			t.Errorf("manifest %d counts: %v", i, ok)
		}
	}
	if _, ok := panels.Shredded(transparency.Leaf(v.Shred)); ok {
		t.Error("an epoch that is not in the log was destroyed")
	}
	for i, leaf := range v.Records {
		if _, err := panels.Epoch(transparency.Leaf(leaf)); err != nil {
			t.Errorf("record %d: %v", i, err)
		}
	}
	if epoch, ok := panels.Shredded(transparency.Leaf(v.Shred)); !ok || epoch.ID != v.Epoch {
		t.Errorf("what two members signed: %q, %v", epoch, ok)
	}
	for i, leaf := range v.Forged {
		if _, ok := panels.Shredded(transparency.Leaf(leaf)); ok {
			t.Errorf("forged %d counts", i)
		}
	}
}
