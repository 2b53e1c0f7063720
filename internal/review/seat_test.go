package review_test

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"

	"answerable/internal/account"
	"answerable/internal/keyring"
	"answerable/internal/review"
)

// leaves lets a reviewer leave the panel as in life: the others sign a list without them.
func (d *desk) leaves(who int) {
	d.t.Helper()
	m, err := d.Keys.ProposeManifest(d.t.Context(), d.ClinicID, 2, d.Reviewers[who].ID)
	if err != nil {
		d.t.Fatal(err)
	}
	d.sign(m, who)
}

// comesBack lets a reviewer who left accept an invitation, and all sign a list with them.
func (d *desk) comesBack(who int) {
	d.t.Helper()
	r := d.Reviewers[who]
	code, err := d.Keys.Accounts.Invite(d.t.Context(), d.ClinicID)
	if err != nil {
		d.t.Fatal(err)
	}
	recipient := r.Identity.Recipient().String()
	signature := ed25519.Sign(r.Key, account.EnrolText(code, recipient))
	if _, err := d.Keys.Enrol(d.t.Context(), code, recipient, r.Key.Public().(ed25519.PublicKey), signature); err != nil {
		d.t.Fatal(err)
	}
	m, err := d.Keys.ProposeManifest(d.t.Context(), d.ClinicID, 2)
	if err != nil {
		d.t.Fatal(err)
	}
	d.sign(m, -1)
}

// sign lets all but one sign a list.
func (d *desk) sign(m *keyring.Manifest, without int) {
	d.t.Helper()
	for who, r := range d.Reviewers {
		if who == without {
			continue
		}
		state, err := d.Keys.SignManifest(d.t.Context(), d.ClinicID, r.ID, m.Version, keyring.SignManifest(r.Key, m.Lines()))
		if err != nil {
			d.t.Fatal(err)
		}
		if state == "logged" {
			return
		}
	}
	d.t.Fatal("the list is not in force")
}

// roles are the claims that stand, by reviewer.
func (d *desk) roles(who int) (roles []string) {
	d.t.Helper()
	parts, err := d.store.Parts(d.t.Context(), d.ClinicID, d.epoch.ID, d.Reviewers[0].ID)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, p := range parts {
		if p.ReviewerID == d.Reviewers[who].ID {
			roles = append(roles, p.Part)
		}
	}
	return roles
}

func TestWhoComesBackToThePanelTakesPartsAnew(t *testing.T) {
	for _, wired := range []bool{true, false} {
		d := newDesk(t)
		if wired {
			d.Keys.OnSeat = d.store.EndParts
		}
		d.want("claims", errors.Join(d.take(0, review.RoleCoder), d.take(1, review.RoleCoder), d.put(0, review.KindCoding, 0)), nil)
		d.leaves(1)
		d.want("the part of the one who left", errors.Join(d.take(2, review.RoleCoder), d.put(2, review.KindCoding, 0)), nil)
		d.comesBack(1)
		d.want("a coding in sight of two others", d.put(1, review.KindCoding, 0), review.ErrNotYours)
		if !wired {
			continue // the coding is refused even where the claim has stayed
		}
		if got := d.roles(1); len(got) != 0 {
			t.Errorf("who came back has the parts %v", got)
		}
		d.want("a part that others have done", d.take(1, review.RoleCoder), review.ErrClaimed)
		d.want("the third's part", errors.Join(d.take(1, review.RoleThird), d.put(1, review.KindCoding, 0)), nil)
	}
}

func TestACodingKeepsItsPartWhenItsCoderLeavesAndComesBack(t *testing.T) {
	d := newDesk(t)
	d.Keys.OnSeat = d.store.EndParts
	d.want("claims", errors.Join(d.take(0, review.RoleCoder), d.take(1, review.RoleCoder), d.put(1, review.KindCoding, 0)), nil)
	d.leaves(1)
	if got := d.roles(1); !slices.Equal(got, []string{"coded"}) {
		t.Errorf("who left has the parts %v", got)
	}
	d.comesBack(1)
	if got := d.roles(1); !slices.Equal(got, []string{"coded", review.RoleCoder}) {
		t.Errorf("who came back has the parts %v", got)
	}
	d.want("a second coding", d.put(1, review.KindCoding, 1), review.ErrFrozen)
	d.want("the other coding", d.put(0, review.KindCoding, 0), nil)
}
