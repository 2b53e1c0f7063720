// Package keyringtest gives tests a clinic with an open form, a panel of three and an active epoch, made through the
// same acts as in life: invitations, enrolment, a manifest everyone signed, a dealt and acknowledged epoch.
package keyringtest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/account"
	"answerable/internal/keyring"
	"answerable/internal/seal"
)

// Origin names the place in tests; WebOrigin is where its reviewers sign in.
const (
	Origin    = "clinic.example/answerable"
	WebOrigin = "http://localhost:8080"
)

// Reviewer is a panel member with both private halves.
type Reviewer struct {
	ID       string
	Identity *age.HybridIdentity
	Key      ed25519.PrivateKey
}

// NewReviewer makes a reviewer nobody knows yet.
func NewReviewer(t testing.TB) Reviewer {
	t.Helper()
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := seal.IdentitySeed(identity)
	if err != nil {
		t.Fatal(err)
	}
	key := account.SigningKey(seed)
	return Reviewer{ID: account.ReviewerID(key.Public().(ed25519.PublicKey)), Identity: identity, Key: key}
}

// Place is a clinic with its panel and, after Deal, its epochs' private halves by epoch id.
type Place struct {
	DB        *bun.DB
	ClinicID  string
	Keys      *keyring.Store
	Tickets   note.Signer
	TicketKey string
	Reviewers []Reviewer
	Epochs    map[string]*age.HybridIdentity
	Now       func() time.Time
}

// New makes a place with a clinic whose panel of three has signed its manifest (two signatures needed) and which has no
// epoch yet.
func New(t testing.TB, db *bun.DB, now func() time.Time) *Place {
	t.Helper()
	clinicID := uuid.NewString()
	_, err := db.NewRaw(`INSERT INTO clinic (id, slug, name, legal_notice, open) VALUES (?, 'riverside', 'Riverside', 'Nothing.', true)`, clinicID).
		Exec(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return NewPanel(t, db, now, clinicID)
}

// NewPanel is New for a clinic that is there already.
func NewPanel(t testing.TB, db *bun.DB, now func() time.Time, clinicID string) *Place {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, seal.TicketKeyName(Origin))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	accounts := &account.Store{DB: db, Origins: []string{WebOrigin}, Now: now}
	p := &Place{
		DB: db, ClinicID: clinicID, Tickets: signer, TicketKey: vkey, Now: now,
		Keys:   &keyring.Store{DB: db, Accounts: accounts, TicketKey: vkey, Now: now},
		Epochs: map[string]*age.HybridIdentity{},
	}
	if _, err := db.NewRaw(`INSERT INTO instance (origin) VALUES (?) ON CONFLICT DO NOTHING`, Origin).Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		p.Reviewers = append(p.Reviewers, p.Enrol(t))
	}
	p.SignManifest(t, 2)
	return p
}

// Enrol invites a new reviewer to the panel, who accepts.
func (p *Place) Enrol(t testing.TB) Reviewer {
	t.Helper()
	ctx := context.Background()
	code, err := p.Keys.Accounts.Invite(ctx, p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	r := NewReviewer(t)
	recipient := r.Identity.Recipient().String()
	signature := ed25519.Sign(r.Key, account.EnrolText(code, recipient))
	if _, err := p.Keys.Enrol(ctx, code, recipient, r.Key.Public().(ed25519.PublicKey), signature); err != nil {
		t.Fatal(err)
	}
	return r
}

// SignManifest proposes a manifest with m signatures needed, and everyone signs it.
func (p *Place) SignManifest(t testing.TB, m int) *keyring.Manifest {
	t.Helper()
	ctx := context.Background()
	manifest, err := p.Keys.ProposeManifest(ctx, p.ClinicID, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Reviewers {
		state, err := p.Keys.SignManifest(ctx, p.ClinicID, r.ID, manifest.Version, keyring.SignManifest(r.Key, manifest.Lines()))
		if err != nil {
			t.Fatal(err)
		}
		if state == "logged" {
			break
		}
	}
	return manifest
}

// Offer is a dealt epoch on its way to the server.
type Offer struct {
	Record   *keyring.Record
	Dealer   keyring.Signature
	Wraps    map[string][]byte
	Identity *age.HybridIdentity
}

// NewOffer deals an epoch that begins on a day and lasts 30, without sending it.
func (p *Place) NewOffer(t testing.TB, begins time.Time) *Offer {
	t.Helper()
	ctx := context.Background()
	stored, panel, err := p.Keys.Current(ctx, p.DB, p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	previous, err := p.Keys.LastLogged(ctx, p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	begins = begins.UTC().Truncate(24 * time.Hour)
	o := &Offer{Identity: identity, Wraps: map[string][]byte{}, Record: &keyring.Record{
		ClinicID: p.ClinicID, ID: keyring.NewEpochID(begins), Previous: previous, Recipient: identity.Recipient().String(),
		NotBefore: begins, NotAfter: begins.AddDate(0, 0, 30), RetainUntil: begins.AddDate(0, 0, 200), K: 1, N: len(panel.Reviewers),
		Manifest: [32]byte(stored.LeafHash), TicketKey: p.TicketKey,
	}}
	var files [][]byte
	for _, member := range panel.Reviewers {
		file, err := seal.WrapEpochKey(o.Record.ID, identity, member.Recipient)
		if err != nil {
			t.Fatal(err)
		}
		o.Wraps[member.ID] = file
		files = append(files, file)
	}
	o.Record.Wraps = keyring.HashWraps(files)
	o.Sign(p.Reviewers[0])
	return o
}

// Sign signs the record as it now is.
func (o *Offer) Sign(dealer Reviewer) {
	o.Dealer = keyring.Signature{ReviewerID: dealer.ID, Signature: keyring.SignDeal(dealer.Key, o.Record.Lines())}
}

// Send offers the epoch to the server.
func (p *Place) Send(o *Offer) error {
	_, err := p.Keys.OfferEpoch(context.Background(), p.ClinicID, o.Record.Lines(), o.Dealer, o.Wraps)
	return err
}

// Ack acknowledges an epoch as the n-th reviewer.
func (p *Place) Ack(n int, o *Offer) (state string, err error) {
	r := p.Reviewers[n]
	ack := keyring.Signature{ReviewerID: r.ID, Signature: keyring.SignAck(r.Key, o.Record.Lines())}
	return p.Keys.AckEpoch(context.Background(), p.ClinicID, o.Record.ID, ack)
}

// Deal makes an epoch that begins on a day, acknowledged by two and in the log.
func (p *Place) Deal(t testing.TB, begins time.Time) *keyring.Record {
	t.Helper()
	o := p.NewOffer(t, begins)
	if err := p.Send(o); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		if _, err := p.Ack(n, o); err != nil {
			t.Fatal(err)
		}
	}
	p.Epochs[o.Record.ID] = o.Identity
	return o.Record
}
