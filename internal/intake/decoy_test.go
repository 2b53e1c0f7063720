package intake_test

import (
	"context"
	"crypto/rand"
	"errors"
	"regexp"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"answerable/internal/intake"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// withLog gives a store a log of its own.
func withLog(t testing.TB, s *intake.Store) *transparency.Log {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, keyringtest.Origin)
	if err != nil {
		t.Fatal(err)
	}
	s.Log = &transparency.Log{DB: s.DB, VKey: vkey, Memory: &transparency.Memory{}}
	var errs [2]error
	s.Log.Signer, errs[0] = note.NewSigner(skey)
	s.Log.Verifier, errs[1] = note.NewVerifier(vkey)
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	return s.Log
}

const day = 24 * time.Hour

// batchOn runs the batch of a day and gives how many files it moved.
func batchOn(t testing.TB, s *intake.Store, c *clock, at time.Time) int {
	t.Helper()
	c.at = at
	n, ran, err := s.BatchIfDue(context.Background(), day)
	if err != nil || !ran {
		t.Fatalf("batch at %v: ran %v, %v", at, ran, err)
	}
	return n
}

func TestDecoysAreDrawnOncePerClinicAndDay(t *testing.T) {
	s, p, c := newStore(t)
	withLog(t, s)
	s.Decoys = &intake.Decoys{From: 3, To: 3}
	e := active(t, s, p)
	midnight := noon.Truncate(day).Add(day)
	for range 2 {
		if _, err := s.Submit(t.Context(), p.ClinicID, anyRequest(e.ID)); err != nil {
			t.Fatal(err)
		}
	}
	if n := batchOn(t, s, c, midnight); n != 5 {
		t.Errorf("the batch moved %d files, want two messages and three decoys", n)
	}
	// A restart finds the day taken, whatever batch it runs.
	again := &intake.Store{DB: s.DB, Origin: s.Origin, Tickets: s.Tickets, Keys: s.Keys, Log: s.Log, Now: c.now, Decoys: &intake.Decoys{From: 3, To: 3}}
	c.at = midnight.Add(time.Hour)
	if n, _, err := again.BatchIfDue(t.Context(), time.Hour); err != nil || n != 3 {
		t.Errorf("the first batch of the next day moved %d, %v", n, err)
	}
	c.at = midnight.Add(2 * time.Hour)
	if n, ran, err := again.BatchIfDue(t.Context(), time.Hour); err != nil || !ran || n != 0 {
		t.Errorf("a second batch of that day moved %d, %v, %v", n, ran, err)
	}
	if n, err := again.Batch(t.Context()); err != nil || n != 0 {
		t.Errorf("a batch by hand moved %d, %v", n, err)
	}
	// How many there were is written nowhere.
	if n := count(t, s.DB, "decoy_day"); n != 1 {
		t.Errorf("%d days are kept", n)
	}
	head, err := s.Log.Head(t.Context())
	if err != nil || head.Size != int64(count(t, s.DB, "log_leaf")) {
		t.Errorf("the batch signed %+v, %v", head, err)
	}
}

// On the day of grace after a key's end somebody can still write to it. Their message does not stand alone there.
func TestDecoysKeepAKeyInGraceCompany(t *testing.T) {
	s, p, c := newStore(t)
	withLog(t, s)
	s.Decoys = &intake.Decoys{From: 3, To: 3}
	old := active(t, s, p)
	from := old.NotAfter.AddDate(0, 0, 1)
	p.Deal(t, from)
	c.at = from.Add(time.Hour)
	next := active(t, s, p)
	if next.ID == old.ID {
		t.Fatal("the next key is not in use")
	}
	if _, err := s.Submit(t.Context(), p.ClinicID, anyRequest(old.ID)); err != nil {
		t.Fatal(err)
	}
	if n := batchOn(t, s, c, from.Add(day)); n != 7 {
		t.Errorf("the batch moved %d files, want a message and three decoys for each key", n)
	}
	of := func(id string) (n int) {
		if err := s.DB.NewRaw(`SELECT count(*) FROM submission WHERE epoch_id = ?`, id).Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := of(old.ID); n != 4 {
		t.Errorf("%d files lie under the key in grace, want the message and three decoys", n)
	}
	if of(next.ID) != 3 {
		t.Errorf("%d files lie under the key in use, want three decoys", of(next.ID))
	}
}

func TestDecoysOfADemoComeOncePerStart(t *testing.T) {
	s, _, c := newStore(t)
	for start := range 3 {
		s.Decoys = &intake.Decoys{From: 2, To: 2, EachStart: true}
		for i, want := range []int{2, 0, 0} {
			c.at = noon.Add(time.Duration(start*10+i+1) * time.Minute)
			if n, ran, err := s.BatchIfDue(t.Context(), 5*time.Second); err != nil || !ran || n != want {
				t.Errorf("start %d, batch %d: moved %d, %v, %v; want %d", start, i, n, ran, err, want)
			}
		}
	}
}

func TestNoDecoysWithoutAKeyInUse(t *testing.T) {
	s, _, c := newStore(t)
	s.Decoys = &intake.Decoys{From: 5, To: 5}
	if n := batchOn(t, s, c, noon.AddDate(0, 9, 0)); n != 0 {
		t.Errorf("moved %d files for a key whose time is over", n)
	}
}

// Each number between the bounds is as likely as the others, the bounds included.
func TestDecoysAreDrawnUniformly(t *testing.T) {
	s, _, c := newStore(t)
	s.Decoys = &intake.Decoys{From: 1, To: 3}
	seen := map[int]int{}
	at := noon.Truncate(day)
	for range 40 { // an epoch's time
		at = at.Add(day)
		c.at = at
		n, ran, err := s.BatchIfDue(t.Context(), day)
		if err != nil || !ran {
			t.Fatal(n, ran, err)
		}
		seen[n]++
	}
	delete(seen, 0) // days after the last key
	total := 0
	for n, times := range seen {
		total += times
		if n < 1 || n > 3 {
			t.Errorf("%d decoys on %d days", n, times)
		}
	}
	// With 25 days and more, a number that never comes or fills them all has odds below 1 in 10 000.
	if len(seen) != 3 || total < 25 {
		t.Errorf("drawn %v", seen)
	}
}

var leafShape = regexp.MustCompile(`^answerable/leaf/v1\nsubmission\n[a-z0-9-]{4,32}\n([A-Za-z0-9+/]{43}=\n){3}$`)

// Nothing that lies in the clear tells a decoy from a report: neither leaf nor row, neither size nor day nor ticket.
func TestDecoysLookLikeEverythingElse(t *testing.T) {
	s, p, c := newStore(t)
	withLog(t, s)
	s.Decoys = &intake.Decoys{From: 60, To: 60}
	e := active(t, s, p)
	real := map[string]bool{}
	for range 20 {
		accepted, err := s.Submit(t.Context(), p.ClinicID, anyRequest(e.ID))
		if err != nil {
			t.Fatal(err)
		}
		real[string(accepted.LeafHash[:])] = true
	}
	batchOn(t, s, c, noon.Truncate(day).Add(day))
	var rows []struct {
		intake.Submission
		Xmin string `bun:"xmin"`
	}
	if err := s.DB.NewRaw(`SELECT *, xmin::text FROM submission ORDER BY ctid`).Scan(t.Context(), &rows); err != nil {
		t.Fatal(err)
	}
	sizes, decoys, runs := map[int]int{}, 0, 0
	for i, r := range rows {
		if !leafShape.Match(r.Leaf) || r.EpochID != e.ID || r.Held || r.Xmin != rows[0].Xmin || !r.BatchDay.Equal(rows[0].BatchDay) {
			t.Errorf("row %d stands out: %s", i, r.Leaf)
		}
		ticket, err := seal.VerifyTicket(r.Ticket, p.TicketKey)
		if err != nil || ticket.LogBy.Format(time.DateOnly) != "2026-11-24" || [32]byte(r.LeafHash) != ticket.LeafHash {
			t.Errorf("row %d has the ticket %+v, %v", i, ticket, err)
		}
		if i > 0 && real[string(r.LeafHash)] != real[string(rows[i-1].LeafHash)] {
			runs++
		}
		if real[string(r.LeafHash)] {
			continue
		}
		decoys++
		sizes[len(r.File)]++
		opened, err := seal.Open(r.File, p.Epochs[e.ID])
		if err != nil || opened.T != seal.KindDecoy || opened.Check(e.ID, s.Origin, seal.Commitment(r.Anchor)) != nil {
			t.Errorf("a decoy opens to %v, %v", opened, err)
		}
	}
	if decoys != 60 || runs < 10 {
		t.Errorf("%d decoys lie in %d runs", decoys, runs)
	}
	if small := sizes[seal.SmallBucket+seal.Overhead]; small+sizes[seal.LargeBucket+seal.Overhead] != 60 || small < 40 {
		t.Errorf("sizes %v", sizes)
	}
	var waiting int
	if err := s.DB.NewRaw(`SELECT (SELECT count(*) FROM pending) + (SELECT count(*) FROM log_waiting)`).Scan(t.Context(), &waiting); err != nil || waiting != 0 {
		t.Errorf("%d rows stayed behind, %v", waiting, err)
	}
}
