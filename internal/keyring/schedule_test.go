package keyring_test

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
)

// Random schedules of days passing, offers, acknowledgements good and bad, changes of the panel, revocations and shredding,
// on two replicas. Whatever happens, states go only forward, at most one epoch is active, none without enough
// acknowledgements by the panel it was dealt to, none longer in grace than a day, and a shredded one holds nothing. A seed
// repeats its schedule exactly. Over all seeds every state is seen and every way from one to the next is gone.
func TestStateMachineHoldsOnRandomSchedules(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(16) {
		p, c := newPanel(t)
		replica := *p
		replica.Keys = &keyring.Store{DB: p.DB, Accounts: p.Keys.Accounts, TicketKey: p.TicketKey, Now: c.now, OnShred: p.Keys.OnShred}
		w := &walk{p: p, replica: &replica, c: c, rand: rand.New(rand.NewPCG(seed, 1)), at: map[string]string{}, grace: map[string]string{}, seen: seen}
		for range 50 {
			w.step(t)
			w.check(t)
			if t.Failed() {
				t.Fatalf("with seed %d", seed)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		t.Logf("%5d %s", seen[name], name)
	}
	for _, name := range slices.Concat(mustBeSeen, mustBeGone()) {
		if seen[name] == 0 {
			t.Errorf("no schedule came to: %s", name)
		}
	}
}

// ways are the steps that an epoch's state may take between two looks: the calendar can pass several at once.
var ways = map[string][]string{
	"":                        {keyring.StateOffered},
	keyring.StateOffered:      {keyring.StateLogged, keyring.StateActive, keyring.StateAbandoned},
	keyring.StateLogged:       {keyring.StateActive, keyring.StateRevoked},
	keyring.StateActive:       {keyring.StateGrace, keyring.StateClosed, keyring.StateRevoked},
	keyring.StateGrace:        {keyring.StateClosed},
	keyring.StateClosed:       {keyring.StateShredPending},
	keyring.StateRevoked:      {keyring.StateShredPending},
	keyring.StateShredPending: {keyring.StateShredded},
}

// allowed are further steps, which are right and which no schedule has to take: two of the above at once, or rare ones.
var allowed = map[string][]string{
	keyring.StateOffered: {keyring.StateClosed, keyring.StateGrace}, // acknowledged after its days
	keyring.StateLogged:  {keyring.StateGrace, keyring.StateClosed},
	keyring.StateGrace:   {keyring.StateRevoked},
	keyring.StateClosed:  {keyring.StateShredded, keyring.StateRevoked}, // called back: proposed while it was in use
	keyring.StateRevoked: {keyring.StateShredded},
}

// mustBeSeen are things that the schedules have to do.
var mustBeSeen = []string{
	"an ack is refused", "an ack is taken", "an offer is refused", "somebody joins", "somebody leaves",
	"a shredding is refused", "the form is closed",
}

func mustBeGone() (steps []string) {
	for from, to := range ways {
		for _, state := range to {
			steps = append(steps, from+" > "+state)
		}
	}
	slices.Sort(steps)
	return steps
}

type walk struct {
	p, replica *keyringtest.Place
	c          *clock
	rand       *rand.Rand
	offers     []*keyringtest.Offer
	at         map[string]string // epoch to the state at the last look
	grace      map[string]string // epoch to the one day on which it was seen in grace
	shredded   []string
	seen       map[string]int // what has happened, over all seeds
}

// note counts what the server did with a request. What it refuses, as it must some of the time, is no failure: the
// invariants are.
func (w *walk) note(what string, err error) {
	if err != nil {
		w.seen[what+" is refused"]++
		return
	}
	w.seen[what+" is taken"]++
}

// on is one of the two replicas.
func (w *walk) on() *keyringtest.Place {
	w.replica.Reviewers = w.p.Reviewers
	return []*keyringtest.Place{w.p, w.replica}[w.rand.IntN(2)]
}

// step does one thing.
func (w *walk) step(t *testing.T) {
	switch w.rand.IntN(12) {
	case 0, 1:
		w.c.pass(1 + w.rand.IntN(3))
	case 2:
		w.c.pass(w.rand.IntN(25))
	case 3, 4:
		w.offer(t)
	case 5, 6, 7:
		w.acknowledge()
	case 8:
		w.changePanel(t)
	case 9:
		if id := w.any(t, keyring.StateActive, keyring.StateLogged, keyring.StateOffered, keyring.StateGrace); id != "" {
			w.decide(t, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{id}}, 2)
		}
	case 10, 11:
		w.shred(t)
	}
}

// offer deals what the plan misses, for few days and kept for few; some are wrong.
func (w *walk) offer(t *testing.T) {
	place := w.on()
	plan, err := place.Keys.Plan(t.Context(), place.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Terms) == 0 {
		return
	}
	o := place.NewOffer(t, plan.Terms[0].NotBefore)
	o.Record.NotAfter = o.Record.NotBefore.AddDate(0, 0, w.rand.IntN(12))
	o.Record.RetainUntil = o.Record.NotAfter.AddDate(0, 0, w.rand.IntN(10))
	o.Sign(place.Reviewers[0])
	if w.rand.IntN(5) == 0 {
		o.Dealer.Signature = slices.Clone(o.Dealer.Signature)
		o.Dealer.Signature[0] ^= 1
	}
	err = place.Send(o)
	w.note("an offer", err)
	if err == nil {
		w.offers = append(w.offers, o)
	}
}

// acknowledge lets one or two members sign one of the newest offers, at once on both replicas when two do. Some signatures
// are another's, and fail.
func (w *walk) acknowledge() {
	if len(w.offers) == 0 {
		return
	}
	o := w.offers[len(w.offers)-1-w.rand.IntN(min(2, len(w.offers)))]
	w.on() // the replica knows who sits
	if w.rand.IntN(4) == 0 {
		bad := keyring.Signature{ReviewerID: w.p.Reviewers[1].ID, Signature: keyring.SignAck(w.p.Reviewers[0].Key, o.Record.Lines())}
		_, err := w.replica.Keys.AckEpoch(context.Background(), w.p.ClinicID, o.Record.ID, bad)
		w.note("an ack", err)
		return
	}
	if w.rand.IntN(2) == 0 {
		_, err := w.p.Ack(w.rand.IntN(len(w.p.Reviewers)), o)
		w.note("an ack", err)
		return
	}
	errs := make([]error, 2)
	var both sync.WaitGroup
	for n, place := range []*keyringtest.Place{w.p, w.replica} {
		both.Go(func() { _, errs[n] = place.Ack(n, o) })
	}
	both.Wait()
	for _, err := range errs {
		w.note("an ack", err)
	}
}

// changePanel lets somebody join, or somebody leave who is not one of the first two.
func (w *walk) changePanel(t *testing.T) {
	p := w.p
	if n := len(p.Reviewers); n > 2 && w.rand.IntN(2) == 0 {
		gone := p.Reviewers[n-1]
		draft, err := p.Keys.ProposeManifest(t.Context(), p.ClinicID, 2, gone.ID)
		if err != nil {
			t.Fatal(err)
		}
		p.Reviewers = slices.Clone(p.Reviewers[:n-1])
		for _, r := range p.Reviewers[:2] {
			if _, err := p.Keys.SignManifest(t.Context(), p.ClinicID, r.ID, draft.Version, keyring.SignManifest(r.Key, draft.Lines())); err != nil {
				t.Fatal(err)
			}
		}
		w.seen["somebody leaves"]++
		return
	}
	p.Reviewers = append(slices.Clone(p.Reviewers), p.Enrol(t))
	p.SignManifest(t, 2)
	w.seen["somebody joins"]++
}

// shred tries one that is over, or one that is not and must be refused; half the time the second signature stays away.
func (w *walk) shred(t *testing.T) {
	id := w.any(t, keyring.StateShredPending, keyring.StateClosed, keyring.StateRevoked)
	if w.rand.IntN(6) == 0 {
		id = w.any(t, keyring.StateActive)
	}
	if id == "" {
		return
	}
	r := keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{id}, Effective: w.c.today().AddDate(0, 0, 35)}
	if w.decide(t, r, 1+w.rand.IntN(2)) {
		w.shredded = append(w.shredded, id)
	}
}

// any draws one of the epochs that are in one of these states. Ids are random, so the order is that in which they were dealt.
func (w *walk) any(t *testing.T, wanted ...string) string {
	now := states(t, w.p)
	var ids []string
	for _, o := range w.offers {
		if slices.Contains(wanted, now[o.Record.ID]) {
			ids = append(ids, o.Record.ID)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return ids[w.rand.IntN(len(ids))]
}

// decide lets so many members sign, and reports whether it is decided.
func (w *walk) decide(t *testing.T, r keyring.Resolution, signers int) bool {
	text := lines(w.p, w.c, r)
	d, err := w.p.Keys.Decide(t.Context(), w.p.ClinicID, text, "", sign(w.p.Reviewers[0], text))
	if r.Kind == keyring.KindShred {
		w.note("a shredding", err)
	}
	if err != nil {
		return false
	}
	if signers > 1 {
		d, err = w.replica.Keys.SignDecision(t.Context(), w.p.ClinicID, d.ID, sign(w.p.Reviewers[1], text))
	}
	return err == nil && d.State == keyring.DecisionMade
}

func (w *walk) check(t *testing.T) {
	t.Helper()
	ctx, p := t.Context(), w.p
	epochs, err := w.replica.Keys.Epochs(ctx, p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	today := w.c.today().Format(time.DateOnly)
	active, logged := 0, false
	for _, e := range epochs {
		w.moved(t, &e)
		logged = logged || e.LeafHash != nil
		switch e.Effective {
		case keyring.StateActive:
			active++
		case keyring.StateGrace:
			if day, seen := w.grace[e.ID]; seen && day != today {
				t.Errorf("%s is in grace on %s and on %s", e.ID, day, today)
			}
			w.grace[e.ID] = today
		}
		if inLog := e.Effective != keyring.StateOffered && e.Effective != keyring.StateAbandoned; inLog != (e.LeafHash != nil) {
			t.Errorf("%s is %s and its leaf is %x", e.ID, e.Effective, e.LeafHash)
		}
		if e.LeafHash == nil {
			continue
		}
		if acks, err := p.Keys.Acks(ctx, p.DB, e.ID); err != nil || len(acks) < 2 {
			t.Errorf("%s is %s with %d acknowledgements, %v", e.ID, e.Effective, len(acks), err)
		}
	}
	if active > 1 {
		t.Errorf("%d epochs are active on %s: %v", active, today, states(t, p))
	}
	if active == 0 && logged {
		w.seen["the form is closed"]++
	}
	for _, id := range w.shredded {
		if left, err := p.DB.NewSelect().Model((*keyring.Wrap)(nil)).Where("epoch_id = ?", id).Count(ctx); left != 0 || err != nil {
			t.Errorf("%s was shredded and %d wraps of it are left, %v", id, left, err)
		}
		if _, err := p.Keys.Accepting(ctx, p.DB, p.ClinicID, id); !errors.Is(err, keyring.ErrNoEpoch) {
			t.Errorf("%s was shredded and takes words: %v", id, err)
		}
	}
}

// moved compares an epoch with the last look: it has stayed, or gone a way that there is.
func (w *walk) moved(t *testing.T, e *keyring.Epoch) {
	t.Helper()
	from := w.at[e.ID]
	if from == e.Effective {
		return
	}
	// The one way back: a key that stood in before its days, and one made in the place of the revoked one takes over.
	stoodIn := from == keyring.StateActive && e.Effective == keyring.StateLogged && e.NotBefore.After(w.c.today())
	if !stoodIn && !slices.Contains(ways[from], e.Effective) && !slices.Contains(allowed[from], e.Effective) {
		t.Errorf("%s went from %q to %s", e.ID, from, e.Effective)
	}
	w.seen[from+" > "+e.Effective]++
	w.at[e.ID] = e.Effective
}
