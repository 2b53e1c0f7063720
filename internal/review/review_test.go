package review_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"testing"
	"time"

	"answerable/internal/intake"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/review"
	"answerable/internal/seal"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestDelivery checks order, pages, the walls between clinics and epochs, and what is written down about it: a day.
func TestDelivery(t *testing.T) {
	ctx := context.Background()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	now := func() time.Time { return noon }
	p := keyringtest.New(t, pgtest.New(t), now)
	epoch := p.Deal(t, noon)
	in := &intake.Store{DB: p.DB, Origin: keyringtest.Origin, Tickets: p.Tickets, Keys: p.Keys, Now: now}
	const total = review.PageSize + 3
	file, err := seal.Seal(&seal.Plaintext{V: 1, T: seal.KindDecoy}, epoch.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	for range total {
		r := intake.Request{Epoch: epoch.ID, File: bytes.Clone(file)}
		rand.Read(r.Anchor[:])
		rand.Read(r.Withdraw[:])
		if _, err := in.Submit(ctx, p.ClinicID, r); err != nil {
			t.Fatal(err)
		}
	}
	s := &review.Store{DB: p.DB, Now: now}
	if files, more, err := s.Deliver(ctx, p.ClinicID, epoch.ID, p.Reviewers[0].ID, nil); err != nil || more || len(files) != 0 {
		t.Errorf("before the batch: %d files, more %v, %v", len(files), more, err)
	}
	if _, err := in.Batch(ctx); err != nil {
		t.Fatal(err)
	}
	first, more, err := s.Deliver(ctx, p.ClinicID, epoch.ID, p.Reviewers[0].ID, nil)
	if err != nil || !more || len(first) != review.PageSize {
		t.Fatalf("first page: %d files, more %v, %v", len(first), more, err)
	}
	second, more, err := s.Deliver(ctx, p.ClinicID, epoch.ID, p.Reviewers[0].ID, first[len(first)-1].LeafHash)
	if err != nil || more || len(second) != 3 {
		t.Fatalf("second page: %d files, more %v, %v", len(second), more, err)
	}
	all := append(first, second...)
	for i := 1; i < len(all); i++ {
		if bytes.Compare(all[i-1].LeafHash, all[i].LeafHash) >= 0 {
			t.Errorf("file %d is out of order", i)
		}
	}
	var delivered int
	if err := p.DB.NewRaw(`SELECT count(*) FROM delivery WHERE delivered_on = '2026-11-22'`).Scan(ctx, &delivered); err != nil || delivered != total {
		t.Errorf("%d marked delivered, %v", delivered, err)
	}
	for name, args := range map[string][2]string{"another clinic": {"7b6d2a0e-0000-4000-8000-000000000000", epoch.ID}, "another epoch": {p.ClinicID, "2026-12-none"}} {
		if files, _, err := s.Deliver(ctx, args[0], args[1], p.Reviewers[0].ID, nil); err != nil || len(files) != 0 {
			t.Errorf("%s is given %d files, %v", name, len(files), err)
		}
	}
	counts, err := s.CountFiles(ctx, p.ClinicID, p.Reviewers[0].ID)
	if err != nil || counts[epoch.ID] != total {
		t.Errorf("counted %v, %v", counts, err)
	}
}
