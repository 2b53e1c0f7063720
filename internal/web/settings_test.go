package web

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"testing"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/seal"
)

// settled is what a panel of riverside proposes in these tests.
const settled = `{"intro":"First words.","shared":true,"services":[{"code":"attic","label":"The attic"}],` +
	`"items":[{"theme":"place","code":"x_riverside.cold_hall","label":"The hall was cold"}],` +
	`"support":[{"name":"A line","what":"Peers.","run_by_peers":true,"contacts_emergency_services":"never","mandatory_reporting":"none","can_trace":"no","ways":["voice"],` +
	`"languages":["English"],"hours":"always","time_zone":"Europe/London","region":"any","cost":"free","source_url":"https://line.example","checked_on":"2026-11-20","checked_by":"panel"}]}`

func settingsOf(body string, after [32]byte) keyring.Resolution {
	return keyring.Resolution{Kind: keyring.KindSettings, Settings: sha256.Sum256([]byte(body)), After: after}
}

func TestThePanelDecidesWhatTheFormSaysAndAsks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.config.Keys.Settings = h.config.Clinics
	h.decide(settingsOf(settled, [32]byte{}), settled)

	about := h.get("/c/riverside")
	about.says(t, "First words.", "A line")
	form := h.get("/c/riverside/tell")
	form.says(t, "The attic", "The hall was cold", "A line", "Others use this device.")
	h.tell("items", "x_riverside.cold_hall", "service", "attic").hasStatus(t, http.StatusOK)
	if got := h.opened()[0].Answers; got[0] != (seal.Answer{Q: "items", A: "x_riverside.cold_hall"}) {
		t.Errorf("got %v", got)
	}
	if answer := h.tell("words", "x", "service", "day_clinic"); answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a service that the panel took out is taken: %d", answer.StatusCode)
	} else {
		answer.says(t, "One answer here is not on our list.")
	}

	// Whoever runs the server changes none of it any more.
	var problem *clinic.Problem
	place, err := h.config.Clinics.BySlug(t.Context(), "riverside")
	h.must(err)
	if err := h.config.Clinics.SetSupportLines(t.Context(), place.ID, nil); !errors.As(err, &problem) {
		t.Errorf("the operator takes the lines off: %v", err)
	}
	if err := h.config.Clinics.SetServices(t.Context(), place.ID, nil); !errors.As(err, &problem) {
		t.Errorf("the operator takes the services off: %v", err)
	}
	place.LegalNotice = "Another notice."
	h.must(h.config.Clinics.Edit(t.Context(), place))
	place.Intro = "Other words."
	if err := h.config.Clinics.Edit(t.Context(), place); !errors.As(err, &problem) {
		t.Errorf("the operator changes the first words: %v", err)
	}

	// The next settings name these; others were written without knowing them.
	next := strings.Replace(settled, "First words.", "Later words.", 1)
	made, err := h.config.Keys.LatestDecision(t.Context(), place.ID, keyring.KindSettings)
	h.must(err)
	for name, bad := range map[string]struct {
		body  string
		after [32]byte
	}{
		"without knowing what holds":     {next, [32]byte{}},
		"a code under another theme":     {strings.Replace(next, `"theme":"place"`, `"theme":"force"`, 1), sha256.Sum256([]byte(made.Lines))},
		"a code of another clinic":       {strings.Replace(next, "x_riverside.", "x_harbor.", 1), sha256.Sum256([]byte(made.Lines))},
		"a line that nobody checked":     {strings.Replace(next, "2026-11-20", "", 1), sha256.Sum256([]byte(made.Lines))},
		"a line without a police policy": {strings.Replace(next, `"never"`, `"sometimes"`, 1), sha256.Sum256([]byte(made.Lines))},
		"text that does not read":        {"{}x", sha256.Sum256([]byte(made.Lines))},
	} {
		r := settingsOf(bad.body, bad.after)
		r.ClinicID, r.Day = place.ID, h.now
		by := keyring.Signature{ReviewerID: h.panel[0].ID, Signature: keyring.SignDecision(h.panel[0].Key, r.Lines())}
		if _, err := h.config.Keys.Decide(t.Context(), place.ID, r.Lines(), bad.body, by); !errors.Is(err, keyring.ErrDecision) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	h.decide(settingsOf(next, sha256.Sum256([]byte(made.Lines))), next)
	h.get("/c/riverside").says(t, "Later words.")
}
