package intake_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// newStore makes a place with an active epoch and the intake in front of it.
func newStore(t testing.TB) (*intake.Store, *keyringtest.Place, *clock) {
	c := &clock{at: noon}
	p := keyringtest.New(t, pgtest.New(t), c.now)
	p.Deal(t, noon)
	return &intake.Store{DB: p.DB, Origin: keyringtest.Origin, Tickets: p.Tickets, Keys: p.Keys, Now: c.now}, p, c
}

func newReceipt(t testing.TB) seal.Receipt {
	t.Helper()
	r, err := seal.NewReceipt(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sealedFile is a real sealed file; its content does not matter where only the shape is looked at.
var sealedFile = sync.OnceValue(func() []byte {
	receipt, _ := seal.NewReceipt(rand.Reader)
	keys := receipt.Derive(keyringtest.Origin)
	p := seal.NewSubmission(keys, "e", "o", "f", "en", seal.SealedByClient, nil)
	file, err := seal.Seal(p, keys.ReplyIdentity.Recipient().String())
	if err != nil {
		panic(err)
	}
	return file
})

// anyRequest is a well-formed message with random commitments; its payload differs, so that no two files are the same.
func anyRequest(epoch string) intake.Request {
	r := intake.Request{Epoch: epoch, File: bytes.Clone(sealedFile())}
	rand.Read(r.File[len(r.File)-32:])
	rand.Read(r.Anchor[:])
	rand.Read(r.Withdraw[:])
	return r
}

func active(t testing.TB, s *intake.Store, p *keyringtest.Place) *keyring.Epoch {
	t.Helper()
	e, err := s.Keys.Active(context.Background(), p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func count(t testing.TB, db *bun.DB, table string) int {
	t.Helper()
	var n int
	if err := db.NewRaw("SELECT count(*) FROM "+table).Scan(context.Background(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhatIsToldCanBeReadByThePanelOnly(t *testing.T) {
	ctx := context.Background()
	s, p, _ := newStore(t)
	e := active(t, s, p)
	keys := newReceipt(t).Derive(s.Origin)
	text := seal.NewSubmission(keys, e.ID, s.Origin, "f", "en", seal.SealedByClient, []seal.Answer{{Q: "words", A: "the words"}})
	file, err := seal.Seal(text, e.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Submit(ctx, p.ClinicID, intake.Request{Epoch: e.ID, File: file, Anchor: keys.AnchorToken.Commitment(), Withdraw: keys.WithdrawToken.Commitment()})
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := seal.VerifyTicket(got.Ticket, p.TicketKey)
	if err != nil || ticket.LeafHash != got.LeafHash || ticket.LogBy.Format(time.DateOnly) != "2026-11-24" {
		t.Errorf("ticket: %+v, %v", ticket, err)
	}
	if n, err := s.Batch(ctx); err != nil || n != 1 {
		t.Fatalf("batch moved %d, %v", n, err)
	}
	var row intake.Submission
	if err := s.DB.NewSelect().Model(&row).Scan(ctx); err != nil {
		t.Fatal(err)
	}
	leaf, err := transparency.ParseSubmission(row.Leaf)
	if err != nil || transparency.Leaf(row.Leaf).Hash() != got.LeafHash || leaf.FileHash != seal.FileHash(row.File) {
		t.Fatalf("leaf: %v", err)
	}
	opened, err := seal.Open(row.File, p.Epochs[e.ID])
	if err != nil || opened.Answers[0].A != "the words" {
		t.Fatalf("opened: %v", err)
	}
	if err := opened.Check(e.ID, s.Origin, leaf.Anchor); err != nil {
		t.Error(err)
	}
}

func TestSameMessageAgainGetsTheSameTicket(t *testing.T) {
	ctx := context.Background()
	s, p, clock := newStore(t)
	r := anyRequest(active(t, s, p).ID)
	first, err := s.Submit(ctx, p.ClinicID, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"while pending", "after the batch", "on another day"} {
		again, err := s.Submit(ctx, p.ClinicID, r)
		if err != nil || *again != *first {
			t.Errorf("%s: got %v, %v", step, again, err)
		}
		if _, err := s.Batch(ctx); err != nil {
			t.Fatal(err)
		}
		if step == "after the batch" {
			clock.at = noon.AddDate(0, 0, 1)
		}
	}
	if n := count(t, s.DB, "submission") + count(t, s.DB, "pending"); n != 1 {
		t.Errorf("stored %d rows, want 1", n)
	}
	if n := count(t, s.DB, "log_leaf WHERE convert_from(leaf, 'UTF8') LIKE '%submission%'"); n != 1 {
		t.Errorf("logged %d leaves, want 1", n)
	}
}

func TestDoubleClickStoresOneRow(t *testing.T) {
	ctx := context.Background()
	s, p, _ := newStore(t)
	r := anyRequest(active(t, s, p).ID)
	receipt := newReceipt(t)
	for name, send := range map[string]func() (*intake.Acceptance, error){
		"with script": func() (*intake.Acceptance, error) { return s.Submit(ctx, p.ClinicID, r) },
		"without script": func() (*intake.Acceptance, error) {
			return s.SealAndSubmit(ctx, p.ClinicID, receipt, "en", "f", []seal.Answer{{Q: "words", A: "x"}})
		},
	} {
		before := count(t, s.DB, "pending")
		answers := make([]*intake.Acceptance, 8)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				var err error
				if answers[i], err = send(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		wg.Wait()
		for _, a := range answers {
			if a == nil || *a != *answers[0] {
				t.Errorf("%s: answers differ", name)
			}
		}
		if n := count(t, s.DB, "pending") - before; n != 1 {
			t.Errorf("%s: stored %d rows, want 1", name, n)
		}
	}
}

func TestCommitmentsAreUsedOnce(t *testing.T) {
	ctx := context.Background()
	s, p, _ := newStore(t)
	e := active(t, s, p)
	for _, batched := range []bool{false, true} {
		r := anyRequest(e.ID)
		if _, err := s.Submit(ctx, p.ClinicID, r); err != nil {
			t.Fatal(err)
		}
		if batched {
			if _, err := s.Batch(ctx); err != nil {
				t.Fatal(err)
			}
		}
		sameAnchor, sameWithdraw := anyRequest(e.ID), anyRequest(e.ID)
		sameAnchor.Anchor, sameWithdraw.Withdraw = r.Anchor, r.Withdraw
		if _, err := s.Submit(ctx, p.ClinicID, sameAnchor); !errors.Is(err, intake.ErrAnchorUsed) {
			t.Errorf("batched %v: got %v, want ErrAnchorUsed", batched, err)
		}
		if _, err := s.Submit(ctx, p.ClinicID, sameWithdraw); !errors.Is(err, intake.ErrWithdrawUsed) {
			t.Errorf("batched %v: got %v, want ErrWithdrawUsed", batched, err)
		}
	}
	if n := count(t, s.DB, "pending") + count(t, s.DB, "submission"); n != 2 {
		t.Errorf("stored %d rows, want 2", n)
	}
	if n := count(t, s.DB, "log_waiting"); n != 0 {
		t.Errorf("refused messages left %d leaves waiting", n)
	}
}

func TestEpochMustBeOpen(t *testing.T) {
	ctx := context.Background()
	s, p, clock := newStore(t)
	first := active(t, s, p)
	p.Deal(t, noon.AddDate(0, 0, 31))
	for _, c := range []struct {
		days int
		ok   bool
	}{{0, true}, {30, true}, {31, true}, {32, false}} {
		clock.at = noon.AddDate(0, 0, c.days)
		_, err := s.Submit(ctx, p.ClinicID, anyRequest(first.ID))
		if (err == nil) != c.ok || !c.ok && !errors.Is(err, keyring.ErrNoEpoch) {
			t.Errorf("day %d: got %v", c.days, err)
		}
	}
	if _, err := s.Submit(ctx, p.ClinicID, anyRequest("2026-12-none")); !errors.Is(err, keyring.ErrNoEpoch) {
		t.Errorf("an unknown epoch: got %v, want ErrNoEpoch", err)
	}
}

func TestMisshapenFilesAreRefused(t *testing.T) {
	ctx := context.Background()
	s, p, _ := newStore(t)
	r := anyRequest(active(t, s, p).ID)
	r.File = r.File[:len(r.File)-1]
	var shape *seal.ShapeError
	if _, err := s.Submit(ctx, p.ClinicID, r); !errors.As(err, &shape) {
		t.Errorf("got %v, want a ShapeError", err)
	}
}

func TestServerSealedMessageSaysSo(t *testing.T) {
	ctx := context.Background()
	s, p, _ := newStore(t)
	e := active(t, s, p)
	if _, err := s.SealAndSubmit(ctx, p.ClinicID, newReceipt(t), "en", "f", []seal.Answer{{Q: "words", A: "x"}}); err != nil {
		t.Fatal(err)
	}
	var row intake.Pending
	if err := s.DB.NewSelect().Model(&row).Scan(ctx); err != nil {
		t.Fatal(err)
	}
	opened, err := seal.Open(row.File, p.Epochs[e.ID])
	if err != nil || opened.SealedBy != seal.SealedByServer {
		t.Errorf("opened %v, %v", opened, err)
	}
	var tooLong *seal.TooLongError
	_, err = s.SealAndSubmit(ctx, p.ClinicID, newReceipt(t), "en", "f", []seal.Answer{{Q: "words", A: strings.Repeat("x", 70000)}})
	if !errors.As(err, &tooLong) {
		t.Errorf("70 000 bytes: got %v, want a TooLongError", err)
	}
}

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

func TestOriginIsChosenOnce(t *testing.T) {
	ctx := context.Background()
	db := pgtest.New(t)
	if _, err := intake.SettleOrigin(ctx, db, ""); err == nil {
		t.Error("an instance starts without an origin")
	}
	for _, bad := range []string{"https://x/answerable", "Host/answerable", "x", "a b/answerable", "x/answerable\n"} {
		if _, err := intake.SettleOrigin(ctx, db, bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	for _, wanted := range []string{"demo.localhost/answerable", "", "demo.localhost/answerable"} {
		if got, err := intake.SettleOrigin(ctx, db, wanted); err != nil || got != "demo.localhost/answerable" {
			t.Errorf("wanted %q: got %q, %v", wanted, got, err)
		}
	}
	if _, err := intake.SettleOrigin(ctx, db, "other.example/answerable"); !errors.Is(err, intake.ErrOrigin) {
		t.Errorf("another origin: got %v, want ErrOrigin", err)
	}
}

func BenchmarkSubmit(b *testing.B) {
	ctx := context.Background()
	s, p, _ := newStore(b)
	e := active(b, s, p)
	for b.Loop() {
		if _, err := s.Submit(ctx, p.ClinicID, anyRequest(e.ID)); err != nil {
			b.Fatal(err)
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

// A second clinic on the same instance: neither its epochs nor its messages can be reached through the first.
func TestClinicsAreWalledOff(t *testing.T) {
	ctx := context.Background()
	s, p, c := newStore(t)
	other := uuid.NewString()
	if _, err := s.DB.NewRaw(`INSERT INTO clinic (id, slug, name, legal_notice, open) VALUES (?, 'hill', 'Hill', 'Nothing.', true)`, other).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	q := keyringtest.NewPanel(t, s.DB, c.now, other)
	q.Keys.TicketKey = p.TicketKey
	q.TicketKey = p.TicketKey
	theirs := q.Deal(t, noon)
	ours, err := p.Keys.Active(ctx, p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}

	if _, err := s.Submit(ctx, p.ClinicID, anyRequest(theirs.ID)); !errors.Is(err, keyring.ErrNoEpoch) {
		t.Errorf("a file for another clinic's epoch: got %v, want ErrNoEpoch", err)
	}
	r := anyRequest(theirs.ID)
	if _, err := s.Submit(ctx, other, r); err != nil {
		t.Fatal(err)
	}
	for _, batched := range []bool{false, true} {
		if batched {
			if _, err := s.Batch(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if a, err := s.Recall(ctx, p.ClinicID, r); a != nil || err != nil {
			t.Errorf("batched %v: another clinic's message was recalled: %v, %v", batched, a, err)
		}
		again := anyRequest(ours.ID)
		again.Anchor = r.Anchor
		if _, err := s.Submit(ctx, p.ClinicID, again); !errors.Is(err, intake.ErrAnchorUsed) {
			t.Errorf("batched %v: the same anchor at another clinic: got %v, want ErrAnchorUsed", batched, err)
		}
		again = anyRequest(ours.ID)
		again.Withdraw = r.Withdraw
		if _, err := s.Submit(ctx, p.ClinicID, again); !errors.Is(err, intake.ErrWithdrawUsed) {
			t.Errorf("batched %v: the same withdrawal at another clinic: got %v, want ErrWithdrawUsed", batched, err)
		}
	}
	receipt := newReceipt(t)
	answers := []seal.Answer{{Q: "words", A: "told there"}}
	if _, err := s.SealAndSubmit(ctx, other, receipt, "en", "f", answers); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SealAndSubmit(ctx, p.ClinicID, receipt, "en", "f", answers); !errors.Is(err, intake.ErrAnchorUsed) {
		t.Errorf("the same receipt at another clinic: got %v, want ErrAnchorUsed", err)
	}
	if a, err := s.RecallReceipt(ctx, p.ClinicID, receipt); a != nil || err != nil {
		t.Errorf("another clinic's message was recalled: %v, %v", a, err)
	}
	if a, err := s.RecallReceipt(ctx, other, receipt); a == nil || err != nil {
		t.Errorf("its own clinic does not recall it: %v", err)
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
