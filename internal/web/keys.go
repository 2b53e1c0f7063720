package web

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/postgres"
)

// keysPage lets anybody check that words are locked for the panel and for nobody else, and who the panel says it is.
type keysPage struct {
	page
	Fingerprint                string       // "" until the panel has signed its first list
	Lists                      []memberList // the newest first
	Charter                    *charter     // nil until the panel has signed one
	Epochs                     []keyring.Epoch
	Decided                    *keyring.Rotation // how keys change; nil when the panel has not decided
	Ended                      []ending          // keys called back and destroyed, the newest first
	ListCommand, SubmitCommand string
}

// memberList is one list of the panel's members, with what it changed.
type memberList struct {
	Version, Members, Needed int
	Since                    *time.Time // nil for lists from before days were kept
	Joined, Left             []string   // reviewers
}

// charter is what a panel says of itself.
type charter struct {
	Day     time.Time
	Signers []string // reviewers
	Parts   []charterPart
}

// charterPart is one answer; Key is one of keyring.CharterParts.
type charterPart struct{ Key, Text string }

// ending is a decision that ended keys.
type ending struct {
	Kind      string // keyring.KindRevoke or keyring.KindShred
	Day       time.Time
	Epochs    []string
	Effective time.Time // of a shredding: when the last copy is gone
}

func (s *server) showKeys(c *fiber.Ctx) error {
	place := clinicOf(c)
	data := keysPage{
		page:          s.page(c, place),
		ListCommand:   fmt.Sprintf("curl %s/api/v1/c/%s/epochs", s.address(), place.Slug),
		SubmitCommand: s.submitCommand(place.Slug),
	}
	var err error
	if data.Fingerprint, data.Lists, err = s.memberLists(c.UserContext(), place); err != nil {
		return err
	}
	if data.Charter, data.Ended, err = s.decided(c.UserContext(), place); err != nil {
		return err
	}
	if data.Decided, err = s.Keys.Decided(c.UserContext(), place.ID); err != nil {
		return err
	}
	if data.Epochs, err = s.Keys.Epochs(c.UserContext(), place.ID); err != nil {
		return err
	}
	return s.in(c).render(c, fiber.StatusOK, "keys", data)
}

// memberLists gives the fingerprint of a panel and all lists of its members that were ever in force. Drafts are its own.
func (s *server) memberLists(ctx context.Context, place *clinic.Clinic) (fingerprint string, lists []memberList, err error) {
	chain, err := s.Keys.Manifests(ctx, postgres.Within(ctx, s.DB), place.ID)
	if err != nil {
		return "", nil, err
	}
	var before []keyring.Member
	for _, stored := range chain {
		if stored.State != "logged" {
			continue
		}
		m, err := keyring.ParseManifest(stored.Lines)
		if err != nil {
			return "", nil, err
		}
		if m.Version == 1 {
			fingerprint = keyring.Fingerprint(stored.Lines)
		}
		lists = append(lists, memberList{
			Version: m.Version, Members: len(m.Reviewers), Needed: m.M, Since: stored.LoggedOn,
			Joined: onlyIn(m.Reviewers, before), Left: onlyIn(before, m.Reviewers),
		})
		before = m.Reviewers
	}
	slices.Reverse(lists)
	return fingerprint, lists, nil
}

// onlyIn lists the members of one list who are not on the other.
func onlyIn(these, others []keyring.Member) (ids []string) {
	for _, m := range these {
		if !slices.ContainsFunc(others, func(o keyring.Member) bool { return o.ID == m.ID }) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// decided gives the panel's newest charter, and the keys it has called back or destroyed.
func (s *server) decided(ctx context.Context, place *clinic.Clinic) (words *charter, ended []ending, err error) {
	newest, err := s.Keys.LatestDecision(ctx, place.ID, keyring.KindCharter)
	if err != nil {
		return nil, nil, err
	}
	all, err := s.Keys.Decisions(ctx, place.ID)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range all {
		if d.State != keyring.DecisionMade {
			continue
		}
		r, err := keyring.ParseResolution(d.Lines)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case newest != nil && d.ID == newest.ID:
			if words, err = newCharter(d); err != nil {
				return nil, nil, err
			}
		case d.Kind == keyring.KindRevoke, d.Kind == keyring.KindShred:
			ended = append(ended, ending{d.Kind, *d.MadeOn, r.Epochs, r.Effective})
		}
	}
	return words, ended, nil
}

func newCharter(d *keyring.Decision) (*charter, error) {
	var texts map[string]string
	if err := json.Unmarshal([]byte(d.Body), &texts); err != nil {
		return nil, fmt.Errorf("read charter: %w", err)
	}
	words := &charter{Day: *d.MadeOn}
	for _, sig := range d.Signatures {
		words.Signers = append(words.Signers, sig.ReviewerID)
	}
	for _, key := range keyring.CharterParts {
		if texts[key] != "" {
			words.Parts = append(words.Parts, charterPart{key, texts[key]})
		}
	}
	return words, nil
}
