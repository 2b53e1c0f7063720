package web

import (
	"strings"
	"testing"
	"time"

	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
)

// panelOf is the house's panel, for what its members do among themselves.
func (h *house) panelOf() *keyringtest.Place {
	return &keyringtest.Place{
		DB: h.db, ClinicID: h.place.ID, Keys: h.config.Keys, TicketKey: h.config.Keys.TicketKey, Reviewers: h.panel, Now: h.config.Now,
	}
}

// decide lets two members sign a decision.
func (h *house) decide(r keyring.Resolution, body string) {
	h.t.Helper()
	r.ClinicID, r.Day = h.place.ID, h.now.Truncate(24*time.Hour)
	for _, signer := range h.panel[:2] {
		by := keyring.Signature{ReviewerID: signer.ID, Signature: keyring.SignDecision(signer.Key, r.Lines())}
		_, err := h.config.Keys.Decide(h.t.Context(), h.place.ID, r.Lines(), body, by)
		h.must(err)
	}
}

const (
	charterBody = `{"chosen":"At an open <meeting>.","peers":"All three use the clinic.","paid":"Nobody.","barred":"Managers.","more":""}`
	keysPath    = "/c/riverside/keys"
)

var charterTexts = map[string]string{
	"chosen": "At an open <meeting>.", "peers": "All three use the clinic.", "paid": "Nobody.", "barred": "Managers.", "more": "",
}

func TestKeysPageShowsTheSignedCharter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.get(keysPath).says(t, "The panel has not signed its charter yet")
	h.decide(keyring.Resolution{Kind: keyring.KindCharter, Charter: keyring.HashCharter(charterTexts)}, charterBody)
	page := h.get(keysPath)
	page.says(t, "Members signed these words on 22 November 2026: ", h.panel[0].ID, "How members are chosen", "At an open <meeting>.",
		"Whether most are client community members", "All three use the clinic.", "Who pays them", "Who may not join", "Managers.")
	if strings.Contains(page.text(), "<dt>More") || strings.Contains(page.body, "<meeting>") {
		t.Error("an empty part is shown, or markup of the panel's is taken over")
	}
	h.now = h.now.AddDate(0, 0, 1)
	newer := map[string]string{"chosen": "By lot.", "peers": "Most.", "paid": "The city.", "barred": "Owners.", "more": "Come and ask."}
	h.decide(keyring.Resolution{Kind: keyring.KindCharter, Charter: keyring.HashCharter(newer)},
		`{"chosen":"By lot.","peers":"Most.","paid":"The city.","barred":"Owners.","more":"Come and ask."}`)
	page = h.get(keysPath)
	page.says(t, "By lot.", "Come and ask.", "23 November 2026")
	if strings.Contains(page.body, "All three use") {
		t.Error("the charter before is still shown")
	}
}

func TestKeysPageShowsEveryListOfMembers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.get(keysPath).says(t, "List 1.", "Since 22 November 2026. Members: 3. Signatures needed: 2.")
	h.now = h.now.AddDate(0, 0, 2)
	p := h.panelOf()
	fourth := p.Enrol(t)
	gone := h.panel[2].ID
	m, err := h.config.Keys.ProposeManifest(t.Context(), h.place.ID, 3, gone)
	h.must(err)
	if page := h.get(keysPath).text(); strings.Contains(page, fourth.ID) {
		t.Error("a draft is shown")
	}
	for _, r := range []keyringtest.Reviewer{h.panel[0], h.panel[1], fourth} {
		_, err := h.config.Keys.SignManifest(t.Context(), h.place.ID, r.ID, m.Version, keyring.SignManifest(r.Key, m.Lines()))
		h.must(err)
	}
	page := h.get(keysPath)
	page.says(t, "List 2.", "Since 24 November 2026. Members: 3. Signatures needed: 3.", fourth.ID, gone, "Left:")
	if strings.Index(page.body, "List 2.") > strings.Index(page.body, "List 1.") {
		t.Error("the newest list does not come first")
	}
}

func TestKeysPageShowsKeysThatEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	epoch := h.epochAnswer().Epoch
	h.decide(keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{epoch}}, "")
	h.get(keysPath).says(t, "Called back on 22 November 2026, so that they lock nothing any more:", ": called back.")
	h.now = h.now.AddDate(0, 0, 300)
	h.config.Keys.OnShred = h.config.Intake.Shred
	h.decide(keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{epoch}, Effective: h.now.Truncate(24*time.Hour).AddDate(0, 0, 35)}, "")
	h.get(keysPath).says(t, "Destroyed on 18 September 2027, with everything they locked:", "gone on 23 October 2027.", "destroyed, with all it locked")
}

// How many open a key is told to everybody, and what the form checks and what it does not.
func TestKeysPageSaysHowManyOpenAKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	says := func(sentences ...string) {
		t.Helper()
		body := h.get("/c/riverside/keys").body
		for _, sentence := range sentences {
			if !strings.Contains(body, sentence) {
				t.Errorf("the page does not say %q", sentence)
			}
		}
	}
	says("The panel has not decided how its keys change.", "Each member opens it alone.", "could keep from it that a list is newer")
	h.decide(keyring.Resolution{Kind: keyring.KindRotation, Rotation: keyring.Rotation{K: 2, Days: 14, RetainDays: 90}}, "")
	says("a key lasts 14 days.", "2 members open the next keys together, and never one alone.", "Words are kept for 90 days", "Each member opens it alone.")
}

func TestKeysPageSaysThatNobodyCanProveWhoHoldsAKey(t *testing.T) {
	t.Parallel()
	newHouse(t).get(keysPath).says(t, "Nobody can prove which people are behind a panel's key.", "know somebody on the panel")
}
