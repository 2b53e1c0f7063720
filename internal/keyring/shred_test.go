package keyring_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/transparency"
)

func shred(t testing.TB, p *keyringtest.Place, c *clock, r *keyring.Record) {
	t.Helper()
	text := lines(p, c, keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{r.ID}, Effective: c.today().AddDate(0, 0, 35)})
	d, err := p.Keys.Decide(t.Context(), p.ClinicID, text, "", sign(p.Reviewers[0], text))
	if err != nil {
		t.Fatal(err)
	}
	if got := states(t, p)[r.ID]; got != keyring.StateShredPending {
		t.Fatalf("after one signature it is %s", got)
	}
	if _, err := p.Keys.SignDecision(t.Context(), p.ClinicID, d.ID, sign(p.Reviewers[1], text)); err != nil {
		t.Fatal(err)
	}
}

func TestShreddingDestroysWrapsAndFiles(t *testing.T) {
	p, c := newPanel(t)
	gone, kept := p.Deal(t, monday), p.Deal(t, monday.AddDate(0, 0, 31))
	for i, e := range []*keyring.Record{gone, gone, kept} {
		hash := sha256.Sum256([]byte{byte(i)})
		row := &intake.Submission{LeafHash: hash[:], ClinicID: p.ClinicID, EpochID: e.ID, File: make([]byte, 18043), FileHash: hash[:],
			Anchor: hash[:], Withdraw: hash[:], Leaf: hash[:], Ticket: "t", BatchDay: monday}
		if _, err := p.DB.NewInsert().Model(row).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.DB.NewRaw(`INSERT INTO delivery VALUES (?, ?)`, hash[:], monday).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.pass(201)
	shred(t, p, c, gone)
	if got := states(t, p); got[gone.ID] != keyring.StateShredded {
		t.Errorf("it is %s", got[gone.ID])
	}
	for table, want := range map[string]int{"submission": 1, "delivery": 1, "wrap": 3} {
		var n int
		if err := p.DB.NewRaw(`SELECT count(*) FROM ?`, bun.Ident(table)).Scan(t.Context(), &n); err != nil || n != want {
			t.Errorf("%s holds %d rows, %v, want %d of the other epoch", table, n, err, want)
		}
	}
}

// Three members sign at the same moment on two replicas, two of them the last signature: the key is destroyed once, the log says it
// once, and whoever came a moment too late is told what became of it.
func TestOfTwoLastSignaturesOnTwoReplicasOneDestroys(t *testing.T) {
	p, c := newPanel(t)
	gone := p.Deal(t, monday)
	c.pass(201)
	var destroyed atomic.Int32
	counted := func(of *keyring.Store) *keyring.Store {
		of.OnShred = func(ctx context.Context, tx bun.Tx, clinicID, epochID string) error {
			destroyed.Add(1)
			return (&intake.Store{DB: p.DB, Keys: of, Now: c.now}).Shred(ctx, tx, clinicID, epochID)
		}
		return of
	}
	replicas := []*keyring.Store{counted(p.Keys), counted(&keyring.Store{DB: p.DB, Accounts: p.Keys.Accounts, TicketKey: p.TicketKey, Now: c.now})}
	text := lines(p, c, keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{gone.ID}, Effective: c.today().AddDate(0, 0, 35)})
	draft, err := p.Keys.Decide(t.Context(), p.ClinicID, text, "", sign(p.Reviewers[0], text))
	if err != nil {
		t.Fatal(err)
	}
	var last sync.WaitGroup
	for n, r := range p.Reviewers[1:3] {
		last.Go(func() {
			made, err := replicas[n].SignDecision(t.Context(), p.ClinicID, draft.ID, sign(r, text))
			if err != nil || made.State != keyring.DecisionMade {
				t.Errorf("replica %d: %+v, %v", n, made, err)
			}
		})
	}
	last.Wait()
	if n := destroyed.Load(); n != 1 {
		t.Errorf("destroyed %d times", n)
	}
	if got := states(t, p)[gone.ID]; got != keyring.StateShredded {
		t.Errorf("it is %s", got)
	}
	n, err := p.DB.NewSelect().Model((*transparency.Entry)(nil)).Where("convert_from(leaf, 'UTF8') LIKE ?", "%\nshred\n%").Count(t.Context())
	if err != nil || n != 1 {
		t.Errorf("the log says it %d times, %v", n, err)
	}
}

// A key of an older list ended when a newer list's key began: somebody who left may hold it. Destroying the newer one must
// not give it back its days.
func TestShreddingANewerListsKeyReopensNoOlderOne(t *testing.T) {
	p, c := newPanel(t)
	older := p.Deal(t, monday)
	p.Reviewers = append(p.Reviewers, p.Enrol(t))
	p.SignManifest(t, 2)
	newer := p.NewOffer(t, monday)
	newer.Record.NotAfter = newer.Record.NotBefore.AddDate(0, 0, 2)
	newer.Record.RetainUntil = newer.Record.NotAfter
	newer.Sign(p.Reviewers[0])
	if err := p.Send(newer); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		if _, err := p.Ack(n, newer); err != nil {
			t.Fatal(err)
		}
	}
	c.pass(2)
	decide(t, p, lines(p, c, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{newer.Record.ID}}), "")
	c.pass(1)
	text := lines(p, c, keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{newer.Record.ID}, Effective: c.today().AddDate(0, 0, 35)})
	d, err := p.Keys.Decide(t.Context(), p.ClinicID, text, "", sign(p.Reviewers[0], text))
	if err != nil {
		t.Fatal(err)
	}
	check := func(newerState string) {
		t.Helper()
		if got := states(t, p); got[newer.Record.ID] != newerState || got[older.ID] != keyring.StateClosed {
			t.Errorf("the newer one is %s, want %s; the older one is %s, want closed", got[newer.Record.ID], newerState, got[older.ID])
		}
	}
	check(keyring.StateShredPending)
	if _, err := p.Keys.SignDecision(t.Context(), p.ClinicID, d.ID, sign(p.Reviewers[1], text)); err != nil {
		t.Fatal(err)
	}
	check(keyring.StateShredded)
}

func TestAKeyInUseIsNotShredded(t *testing.T) {
	p, c := newPanel(t)
	o := p.NewOffer(t, monday)
	o.Record.RetainUntil = o.Record.NotAfter
	o.Sign(p.Reviewers[0])
	if err := p.Send(o); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		if _, err := p.Ack(n, o); err != nil {
			t.Fatal(err)
		}
	}
	propose := func() error {
		text := lines(p, c, keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{o.Record.ID}, Effective: c.today().AddDate(0, 0, 35)})
		_, err := p.Keys.Decide(t.Context(), p.ClinicID, text, "", sign(p.Reviewers[0], text))
		return err
	}
	c.pass(40) // its days and its time are over, and nothing follows it
	if err := propose(); !errors.Is(err, keyring.ErrDecision) {
		t.Errorf("late and in use: got %v, want ErrDecision", err)
	}
	c.pass(10)
	if err := propose(); err != nil {
		t.Errorf("closed: %v", err)
	}
}
