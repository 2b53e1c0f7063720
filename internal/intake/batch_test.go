package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"answerable/internal/intake"
	"answerable/internal/postgres/pgtest"
)

// TestBatchDropsNothingUnderLoad runs batches as fast as they go while eight writers send. Every acknowledged message
// must be in the end where it belongs, exactly once, with its leaf.
func TestBatchDropsNothingUnderLoad(t *testing.T) {
	ctx := context.Background()
	s, p, _ := newStore(t)
	e := active(t, s, p)
	const writers, each = 8, 60
	var acknowledged sync.Map
	var done atomic.Bool
	var batches int
	batcher := make(chan error, 1)
	go func() {
		for !done.Load() {
			if _, err := s.Batch(ctx); err != nil {
				batcher <- err
				return
			}
			batches++
		}
		_, err := s.Batch(ctx)
		batcher <- err
	}()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				a, err := s.Submit(ctx, p.ClinicID, anyRequest(e.ID))
				if err != nil {
					t.Errorf("submit: %v", err)
					return
				}
				acknowledged.Store(a.LeafHash, true)
			}
		})
	}
	wg.Wait()
	done.Store(true)
	if err := <-batcher; err != nil {
		t.Fatal(err)
	}
	var rows []intake.Submission
	if err := s.DB.NewSelect().Model(&rows).Column("leaf_hash").Scan(ctx); err != nil {
		t.Fatal(err)
	}
	if len(rows) != writers*each || count(t, s.DB, "pending") != 0 || count(t, s.DB, "log_waiting") != 0 {
		t.Errorf("%d of %d arrived; %d still pending", len(rows), writers*each, count(t, s.DB, "pending"))
	}
	for _, r := range rows {
		if _, ok := acknowledged.LoadAndDelete([32]byte(r.LeafHash)); !ok {
			t.Errorf("%x arrived but was never acknowledged", r.LeafHash)
		}
	}
	acknowledged.Range(func(hash, _ any) bool { t.Errorf("%x was acknowledged and is lost", hash); return true })
	var orphans int
	err := s.DB.NewRaw(`SELECT count(*) FROM submission FULL JOIN log_leaf USING (leaf_hash)
		WHERE submission.file IS NULL AND convert_from(log_leaf.leaf, 'UTF8') LIKE E'answerable/leaf/v1\nsubmission\n%' OR log_leaf.leaf IS NULL`).Scan(ctx, &orphans)
	if err != nil || orphans != 0 {
		t.Errorf("%d files without leaf or leaves without file, %v", orphans, err)
	}
	t.Logf("%d messages through %d batches", len(rows), batches)
}

func TestOrderLeavesNoTrace(t *testing.T) {
	ctx := context.Background()
	s, p, _ := newStore(t)
	e := active(t, s, p)
	for range 3 {
		for range 20 {
			if _, err := s.Submit(ctx, p.ClinicID, anyRequest(e.ID)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Batch(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for table, order := range map[string]string{"submission": "ctid", "log_leaf": "index"} {
		var rows []struct {
			Xmin     string `bun:"xmin"`
			LeafHash []byte `bun:"leaf_hash"`
		}
		err := s.DB.NewRaw(`SELECT xmin::text, leaf_hash FROM `+table+` WHERE leaf_hash IN (SELECT leaf_hash FROM submission) ORDER BY `+order).Scan(ctx, &rows)
		if err != nil {
			t.Fatal(err)
		}
		perBatch := map[string]int{}
		for i, r := range rows {
			perBatch[r.Xmin]++
			if i > 0 && rows[i-1].Xmin == r.Xmin && bytes.Compare(rows[i-1].LeafHash, r.LeafHash) >= 0 {
				t.Errorf("%s: row %d lies where it came, not where its hash belongs", table, i)
			}
		}
		if len(rows) != 60 || len(perBatch) != 3 {
			t.Errorf("%s: %d rows carry %d transaction ids, want 60 rows and one id for each of 3 batches", table, len(rows), len(perBatch))
		}
		for xmin, n := range perBatch {
			if n != 20 {
				t.Errorf("%s: transaction %s holds %d rows, want a whole batch of 20", table, xmin, n)
			}
		}
	}
}

// TestNoFineTimesAnywhere looks at the schema as it is. A new column of a fine time, a default of now() or a sequence
// fails here, and has to be argued for in this list.
func TestNoFineTimesAnywhere(t *testing.T) {
	ctx := context.Background()
	db := pgtest.New(t)
	allowed := map[string]bool{"sign_in_nonce.expires_at": true, "session.expires_at": true, "liaison_session.expires_at": true}
	// A bigint has room for Unix seconds, so each is named. batch_slot is such a time: of the one row about the place, the start
	// of an interval that the calendar gives. It is the same whether a thousand people wrote or nobody did.
	// The others are places in the log and its sizes.
	wide := map[string]bool{
		"instance.batch_slot": true, "log_leaf.index": true, "log_node.index": true, "log_checkpoint.size": true, "log_checkpoint.published_size": true,
	}
	var columns []struct {
		Name    string `bun:"name"`
		Type    string `bun:"type"`
		Default string `bun:"default_value"`
	}
	err := db.NewRaw(`
		SELECT table_name || '.' || column_name AS name, data_type AS type, coalesce(column_default, '') AS default_value
		FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT LIKE 'bun_migration%'`).Scan(ctx, &columns)
	if err != nil || len(columns) < 50 {
		t.Fatalf("%d columns, %v", len(columns), err)
	}
	for _, c := range columns {
		fine := strings.HasPrefix(c.Type, "time") || strings.Contains(c.Type, "interval")
		if fine && !allowed[c.Name] {
			t.Errorf("%s holds a fine time (%s)", c.Name, c.Type)
		}
		if c.Type == "bigint" && !wide[c.Name] {
			t.Errorf("%s has room for a fine time (%s)", c.Name, c.Type)
		}
		if d := strings.ToLower(c.Default); strings.Contains(d, "now(") || strings.Contains(d, "current_") || strings.Contains(d, "nextval") || strings.Contains(d, "clock_") {
			t.Errorf("%s fills itself with %s", c.Name, c.Default)
		}
	}
	var sequences int
	if err := db.NewRaw(`SELECT count(*) FROM information_schema.sequences WHERE sequence_schema = 'public' AND sequence_name NOT LIKE 'bun_migration%'`).Scan(ctx, &sequences); err != nil || sequences != 0 {
		t.Errorf("%d sequences count something, %v", sequences, err)
	}
}

func TestBatchRunsOncePerInterval(t *testing.T) {
	ctx := context.Background()
	s, p, clock := newStore(t)
	e := active(t, s, p)
	step := func(at time.Time, wantRan bool, wantFiles int) {
		t.Helper()
		clock.at = at
		files, ran, err := s.BatchIfDue(ctx, 24*time.Hour)
		if err != nil || ran != wantRan || files != wantFiles {
			t.Errorf("at %v: ran %v with %d files, %v; want %v with %d", at, ran, files, err, wantRan, wantFiles)
		}
	}
	submit := func() {
		t.Helper()
		if _, err := s.Submit(ctx, p.ClinicID, anyRequest(e.ID)); err != nil {
			t.Fatal(err)
		}
	}
	submit()
	step(noon, true, 1)
	submit()
	step(noon.Add(11*time.Hour), false, 0) // a restart, or another replica, on the same day
	step(noon.Add(12*time.Hour), true, 1)
	step(noon.Add(12*time.Hour), false, 0)
	var ran atomic.Int32
	clock.at = noon.AddDate(0, 0, 3)
	submit()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, first, err := s.BatchIfDue(ctx, 24*time.Hour); err != nil {
				t.Error(err)
			} else if first {
				ran.Add(1)
			}
		})
	}
	wg.Wait()
	if ran.Load() != 1 {
		t.Errorf("%d of four replicas ran the batch, want one", ran.Load())
	}
}

func TestLongerIntervalGoesOnFromAShorterOne(t *testing.T) {
	ctx := context.Background()
	s, _, clock := newStore(t)
	for _, c := range []struct {
		at    time.Time
		every time.Duration
		want  bool
	}{
		{noon, 5 * time.Second, true},
		{noon.Add(5 * time.Second), 5 * time.Second, true},
		{noon.Add(time.Minute), 24 * time.Hour, false}, // today's has run already
		{noon.Add(12 * time.Hour), 24 * time.Hour, true},
		{noon.Add(13 * time.Hour), time.Hour, true},
	} {
		clock.at = c.at
		if _, ran, err := s.BatchIfDue(ctx, c.every); err != nil || ran != c.want {
			t.Errorf("at %v every %v: ran %v, %v; want %v", c.at, c.every, ran, err, c.want)
		}
	}
}

func BenchmarkBatch(b *testing.B) {
	ctx := context.Background()
	s, p, _ := newStore(b)
	e := active(b, s, p)
	for _, size := range []int{100} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				for range size {
					if _, err := s.Submit(ctx, p.ClinicID, anyRequest(e.ID)); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
				if _, err := s.Batch(ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A message may look for its anchor, find nothing, and then wait behind the batch that moves the same anchor into the
// final table. Its look there must see what the batch has just written.
func TestAnchorMovedByABatchWhileWaitingIsSeen(t *testing.T) {
	ctx := context.Background()
	s, p, _ := newStore(t)
	e := active(t, s, p)
	first, second := anyRequest(e.ID), anyRequest(e.ID)
	second.Anchor = first.Anchor
	hold, err := s.DB.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hold.Rollback() }()
	// Nobody writes to pending until this lock is given back; reading goes on.
	if _, err := hold.NewRaw(`LOCK TABLE pending IN SHARE ROW EXCLUSIVE MODE`).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		_, err := s.Submit(ctx, p.ClinicID, second)
		answered <- err
	}()
	waitForLock(t, s.DB)
	row := &intake.Submission{
		LeafHash: bytes.Repeat([]byte{7}, 32), ClinicID: p.ClinicID, EpochID: e.ID, File: first.File, FileHash: make([]byte, 32),
		Anchor: first.Anchor[:], Withdraw: first.Withdraw[:], Leaf: []byte("x"), Ticket: "t", BatchDay: noon,
	}
	if _, err := hold.NewInsert().Model(row).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	if err := hold.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; !errors.Is(err, intake.ErrAnchorUsed) {
		t.Errorf("got %v, want ErrAnchorUsed", err)
	}
	if n := count(t, s.DB, "pending"); n != 0 {
		t.Errorf("%d rows wait with an anchor that is used", n)
	}
}

// waitForLock returns when some statement waits for another's lock.
func waitForLock(t *testing.T, db *bun.DB) {
	t.Helper()
	for range 500 {
		var waiting int
		err := db.NewRaw(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(context.Background(), &waiting)
		if err != nil {
			t.Fatal(err)
		}
		if waiting > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("nothing waits for a lock")
}

// A dump holds pending for as long as it runs. The batch gives way instead of stopping everyone who writes.
func TestBatchGivesWayToALongReader(t *testing.T) {
	ctx := context.Background()
	s, p, _ := newStore(t)
	e := active(t, s, p)
	dump, err := s.DB.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dump.NewRaw(`LOCK TABLE pending IN ACCESS SHARE MODE`).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Submit(ctx, p.ClinicID, anyRequest(e.ID)); err != nil {
		t.Fatal(err)
	}
	var lock *pgconn.PgError
	if _, ran, err := s.BatchIfDue(ctx, time.Hour); ran || !errors.As(err, &lock) || lock.Code != "55P03" {
		t.Fatalf("ran %v with %v, want lock_not_available", ran, err)
	}
	if _, err := s.Submit(ctx, p.ClinicID, anyRequest(e.ID)); err != nil {
		t.Fatal(err)
	}
	if err := dump.Rollback(); err != nil {
		t.Fatal(err)
	}
	if n, ran, err := s.BatchIfDue(ctx, time.Hour); n != 2 || !ran || err != nil {
		t.Errorf("moved %d, ran %v, %v; want 2 in the same interval", n, ran, err)
	}
}
