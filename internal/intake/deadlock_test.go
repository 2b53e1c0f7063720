package intake_test

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

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
		time.Sleep(300 * time.Millisecond) // the batch has taken what it can
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
