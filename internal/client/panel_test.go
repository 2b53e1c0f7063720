package client

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"answerable/internal/keyring"
	"answerable/internal/seal"
)

func TestNoPrivateKeyLeavesTheDealer(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	id := p.newEpoch(panel)
	dir := t.TempDir()
	p.pull(panel[1], dir)
	o, _, err := openerOf(dir, panel[1].identity)
	must(t, err)
	key, err := o.epochKey(id)
	must(t, err)
	secrets := []string{key.String()}
	for _, r := range panel {
		secrets = append(secrets, r.identity.String())
	}
	for _, body := range p.bodies {
		for _, secret := range secrets {
			if bytes.Contains(body, []byte(secret)) || bytes.Contains(body, []byte(strings.ToLower(secret))) {
				t.Fatal("a private key stands in a request")
			}
		}
	}
}

func TestManifestChainIsCheckedFromTheFirst(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	newcomer := p.newReviewer()
	_, err := p.keys.ProposeManifest(t.Context(), p.clinicID, 2)
	must(t, err)
	for _, r := range []*Reviewer{panel[0], panel[1], newcomer} {
		signWaiting(t, r)
	}
	good, err := p.client().Panel(t.Context(), testClinic)
	must(t, err)
	if good.Current.Version != 2 || len(good.Current.Reviewers) != 4 || len(good.Fingerprint) != 24 {
		t.Fatalf("panel %+v", good)
	}
	for name, spoil := range map[string]func(*storedPanel){
		"first gone":      func(s *storedPanel) { s.Manifests = s.Manifests[1:] },
		"signature gone":  func(s *storedPanel) { s.Manifests[0].Signatures = s.Manifests[0].Signatures[1:] },
		"signature twice": func(s *storedPanel) { s.Manifests[0].Signatures[1] = s.Manifests[0].Signatures[0] },
		"signature bent":  func(s *storedPanel) { s.Manifests[1].Signatures[0].Signature[3] ^= 1 },
		"fewer needed": func(s *storedPanel) {
			s.Manifests[1].Lines = strings.Replace(s.Manifests[1].Lines, "\n2\nr", "\n1\nr", 1)
		},
		"newcomer did not sign": func(s *storedPanel) {
			s.Manifests[1].Signatures = slices.DeleteFunc(s.Manifests[1].Signatures, func(one signature) bool { return one.Reviewer == newcomer.ID })
		},
		"another key beside the name of one who stays": func(s *storedPanel) { s.swapRecipient(t, panel[2].ID, panel[0], panel[1], newcomer) },
		"another key beside the newcomer's name":       func(s *storedPanel) { s.swapRecipient(t, newcomer.ID, panel...) },
		"other clinic":                                 func(s *storedPanel) { s.Clinic = "00000000-0000-4000-8000-000000000000" },
		"draft as logged":                              func(s *storedPanel) { s.Manifests[1].Signatures = nil },
	} {
		var stored storedPanel
		must(t, p.client().get(t.Context(), clinicPath(publicAPI, testClinic, "panel"), &stored))
		spoil(&stored)
		if _, err := checkChain(stored.Clinic, stored.Manifests); !errors.Is(err, ErrPanel) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// swapRecipient puts another age key beside a member's name in the second list, and lets those sign it who are named.
func (s *storedPanel) swapRecipient(t *testing.T, id string, by ...*Reviewer) {
	t.Helper()
	m, err := keyring.ParseManifest(s.Manifests[1].Lines)
	must(t, err)
	other, err := age.GenerateHybridIdentity()
	must(t, err)
	m.Member(id).Recipient = other.Recipient().String()
	s.Manifests[1].Lines, s.Manifests[1].Signatures = m.Lines(), nil
	for _, r := range by {
		s.Manifests[1].Signatures = append(s.Manifests[1].Signatures, signature{r.ID, keyring.SignManifest(r.key, m.Lines())})
	}
}

func TestManifestWithOurNameAndAnothersKeysIsNotSigned(t *testing.T) {
	p := newPlace(t)
	panel := []*Reviewer{p.newReviewer(), p.newReviewer()}
	_, err := p.keys.ProposeManifest(t.Context(), p.clinicID, 1)
	must(t, err)
	stranger, err := age.GenerateHybridIdentity()
	must(t, err)
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		body := strings.ReplaceAll(answer.Body.String(), panel[0].identity.Recipient().String(), stranger.Recipient().String())
		w.WriteHeader(answer.Code)
		io.WriteString(w, body)
	})
	waiting, err := panel[0].PanelAndDraft(t.Context(), testClinic)
	must(t, err)
	if _, err := panel[0].SignManifest(t.Context(), testClinic, waiting); !errors.Is(err, ErrPanel) {
		t.Errorf("got %v", err)
	}
}

// Whoever signs a list has looked at it: who joins, who leaves, and how many sign from then on. One that a server, or
// somebody who may propose, puts in its place meanwhile is not signed.
func TestExactlyTheListThatWasShownIsSigned(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	newcomer := p.newReviewer()
	must(t, panel[0].ProposePanel(ctx, testClinic, 3, panel[2].ID))
	shown, err := panel[0].PanelAndDraft(ctx, testClinic)
	must(t, err)
	change := shown.Change()
	if change.Version != 2 || change.M != 3 || !slices.Equal(change.Joined, []string{newcomer.ID}) || !slices.Equal(change.Left, []string{panel[2].ID}) || len(change.Members) != 3 || len(change.Hash) != 24 {
		t.Fatalf("shown %+v", change)
	}
	intruder := p.newReviewer()
	must(t, panel[1].ProposePanel(ctx, testClinic, 3, panel[2].ID))
	if _, err := panel[0].SignManifest(ctx, testClinic, shown); !errors.Is(err, ErrReplaced) {
		t.Errorf("another list waits, with %s on it: got %v", intruder.ID, err)
	}
	again, err := panel[0].PanelAndDraft(ctx, testClinic)
	must(t, err)
	if len(again.SignedBy) != 0 || again.Change().Hash == change.Hash {
		t.Errorf("signed by %v", again.SignedBy)
	}
	// Replaced after the last look: what was sent is a signature of the list that was shown, and good for no other.
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/manifest/signatures") {
			_, err := p.keys.ProposeManifest(ctx, p.clinicID, 1)
			must(t, err)
		}
		next.ServeHTTP(w, r)
	})
	if _, err := panel[0].SignManifest(ctx, testClinic, again); err == nil {
		t.Error("a list that came in between was signed")
	}
	p.setMeddler(nil)
	if last, err := panel[0].PanelAndDraft(ctx, testClinic); err != nil || len(last.SignedBy) != 0 || last.Draft.M != 1 {
		t.Errorf("the draft is %+v, %v", last, err)
	}
}

func TestWrapWithAnotherKeyIsNotAcknowledged(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	current, err := p.client().Panel(t.Context(), testClinic)
	must(t, err)
	known, err := panel[0].epochs(t.Context(), testClinic)
	must(t, err)
	record, _, wraps, err := deal(current, known, p.term(), 1)
	must(t, err)
	// The dealer gives the second reviewer a key of another epoch, and the record says so as the server wants it.
	other, err := age.GenerateHybridIdentity()
	must(t, err)
	var files [][]byte
	for i := range wraps {
		if wraps[i].Reviewer == panel[1].ID {
			wraps[i].File, err = seal.WrapEpochKey(record.ID, other, panel[1].identity.Recipient().String())
			must(t, err)
		}
		files = append(files, wraps[i].File)
	}
	record.Wraps = keyring.HashWraps(files)
	must(t, panel[0].post(t.Context(), clinicPath(panelAPI, testClinic, "epochs"), map[string]any{
		"record": record.Lines(), "signature": keyring.SignDeal(panel[0].key, record.Lines()), "wraps": wraps,
	}, nil))
	if _, err := panel[1].Ack(t.Context(), testClinic); !errors.Is(err, seal.ErrWrap) {
		t.Errorf("got %v", err)
	}
	acked, err := panel[2].Ack(t.Context(), testClinic)
	must(t, err)
	if len(acked) != 1 || acked[0].State != keyring.StateOffered {
		t.Errorf("one honest ack of two: %+v", acked)
	}
	if _, err := p.client().Epoch(t.Context(), testClinic); err == nil {
		t.Error("an epoch that one reviewer cannot open takes words after a single ack of two")
	}
}

func TestRecordForAnotherPanelIsNotAcknowledged(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(2, 2)
	_, _, err := panel[0].Deal(t.Context(), testClinic, p.term())
	must(t, err)
	known, err := panel[1].epochs(t.Context(), testClinic)
	must(t, err)
	current, err := panel[1].heldPanel(t.Context(), testClinic)
	must(t, err)
	offered := known.Epochs[0]
	_, err = panel[1].checkOffer(current, &offered)
	must(t, err)
	for name, spoil := range map[string]func(p *Panel, e *panelEpoch){
		"another manifest": func(p *Panel, _ *panelEpoch) { p.Leaf[0] ^= 1 },
		"another dealer":   func(_ *Panel, e *panelEpoch) { e.Dealer = panel[1].ID },
		"signature bent":   func(_ *Panel, e *panelEpoch) { e.DealerSignature[0] ^= 1 },
		"another name":     func(_ *Panel, e *panelEpoch) { e.ID = "2020-01-aaaa" },
		"longer than dealt": func(_ *Panel, e *panelEpoch) {
			e.Record = strings.Replace(e.Record, "\n1/2\n", "\n2/2 "+base64.StdEncoding.EncodeToString(make([]byte, 32))+"\n", 1)
		},
		"no wrap": func(_ *Panel, e *panelEpoch) { e.Wrap = nil },
	} {
		spoiltPanel, spoilt := *current, offered
		spoilt.DealerSignature = slices.Clone(offered.DealerSignature)
		spoil(&spoiltPanel, &spoilt)
		if _, err := panel[1].checkOffer(&spoiltPanel, &spoilt); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}
