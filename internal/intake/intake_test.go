package intake_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
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
