package intake_test

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/intake"
	"answerable/internal/transparency"
)

// A panel that destroys an epoch has its place in the log before it comes to the files; a batch that runs just then must
// not hold the files while it waits for the log.
func TestBatchAndShreddingDoNotWaitForEachOther(t *testing.T) {
	ctx := t.Context()
	s, p, _ := newStore(t)
	withLog(t, s)
	e := active(t, s, p)
	if _, err := s.Submit(ctx, p.ClinicID, anyRequest(e.ID)); err != nil {
		t.Fatal(err)
	}
	batched := make(chan error, 1)
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := transparency.Append(ctx, tx, transparency.NewLeaf(transparency.KindShred, "one")); err != nil {
			return err
		}
		go func() {
			_, err := s.Batch(context.Background())
			batched <- err
		}()
		waitForLock(t, s.DB) // the batch has taken what it can
		return s.Shred(ctx, tx, p.ClinicID, e.ID)
	})
	if err != nil {
		t.Errorf("the shredding: %v", err)
	}
	if err := <-batched; err != nil {
		t.Errorf("the batch: %v", err)
	}
	if n := count(t, s.DB, "submission") + count(t, s.DB, "pending"); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

// A panel that signs figures holds its clinic and comes to the log; a batch holds the log and comes to the files. Somebody who
// takes a counted message back meanwhile must not hold the files while the clinic is held.
func TestBatchSigningAndTakingBackDoNotWaitForEachOther(t *testing.T) {
	ctx := t.Context()
	s, p, _ := newStore(t)
	withLog(t, s)
	s.OnGone = func(ctx context.Context, tx bun.Tx, clinicID string, _ [][]byte) error { // as counts do
		return intake.HoldClinic(ctx, tx, clinicID)
	}
	r, token := takeable(active(t, s, p).ID)
	if _, err := s.Submit(ctx, p.ClinicID, r); err != nil {
		t.Fatal(err)
	}
	batch(t, s)
	taken, batched := make(chan error, 1), make(chan error, 1)
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw(`SELECT FROM clinic WHERE id = ? FOR NO KEY UPDATE`, p.ClinicID).Exec(ctx); err != nil {
			return err
		}
		go func() {
			_, err := s.Withdraw(context.Background(), p.ClinicID, r.Anchor, token)
			taken <- err
		}()
		waitForLock(t, s.DB)
		go func() {
			_, err := s.Batch(context.Background())
			batched <- err
		}()
		time.Sleep(300 * time.Millisecond)
		return transparency.Append(ctx, tx, transparency.NewLeaf(transparency.KindRelease, "one"))
	})
	for who, err := range map[string]error{"the signature": err, "the batch": <-batched, "taking back": <-taken} {
		if err != nil {
			t.Errorf("%s: %v", who, err)
		}
	}
	if n := count(t, s.DB, "submission") + count(t, s.DB, "pending"); n != 0 {
		t.Errorf("%d files are left", n)
	}
}
