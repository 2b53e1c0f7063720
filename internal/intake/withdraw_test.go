package intake_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"answerable/internal/intake"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// takeable is a message that its writer can take back.
func takeable(epoch string) (intake.Request, seal.Token) {
	r := anyRequest(epoch)
	var token seal.Token
	rand.Read(token[:])
	r.Withdraw = token.Commitment()
	return r, token
}

func logged(t *testing.T, s *intake.Store) (leaves []string) {
	t.Helper()
	var entries []transparency.Entry
	if err := s.DB.NewSelect().Model(&entries).Order("index").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		leaves = append(leaves, string(e.Leaf))
	}
	return leaves
}

// index is where a leaf that holds text stands, or -1.
func index(leaves []string, parts ...string) int {
	for i, leaf := range leaves {
		found := true
		for _, part := range parts {
			found = found && strings.Contains(leaf, part)
		}
		if found {
			return i
		}
	}
	return -1
}

func TestWithdrawalRemovesTheFileAtOnceAndIsLoggedAfterTheMessage(t *testing.T) {
	for _, batched := range []bool{false, true} {
		// Which of two leaves sorts first is chance, so a wrong order shows in some of these.
		s, p, _ := newStore(t)
		e := active(t, s, p)
		for range 8 {
			r, token := takeable(e.ID)
			told, err := s.Submit(t.Context(), p.ClinicID, r)
			if err != nil {
				t.Fatal(err)
			}
			if batched {
				batch(t, s)
			}
			gone, err := s.Withdraw(t.Context(), p.ClinicID, r.Anchor, token)
			if err != nil {
				t.Fatal(err)
			}
			if n := count(t, s.DB, "pending") + count(t, s.DB, "submission") + count(t, s.DB, "delivery"); n != 0 {
				t.Errorf("%d rows are left", n)
			}
			batch(t, s)
			batch(t, s)
			leaves := logged(t, s)
			message := index(leaves, "\nsubmission\n", b64(r.Anchor[:]))
			taken := index(leaves, "\nwithdrawn\n", b64(r.Anchor[:]), b64(token[:]))
			if message < 0 || taken <= message {
				t.Errorf("batched %v: the message is leaf %d and its withdrawal leaf %d", batched, message, taken)
			}
			if transparency.Leaf(leaves[message]).Hash() != told.LeafHash || transparency.Leaf(leaves[taken]).Hash() != gone.LeafHash {
				t.Error("a ticket names another leaf than the log has")
			}
			ticket, err := seal.VerifyTicket(gone.Ticket, p.TicketKey)
			if err != nil || ticket.LeafHash != gone.LeafHash {
				t.Errorf("the receipt of the withdrawal does not hold: %v", err)
			}
		}
	}
}

// A panel is told of a withdrawal only where it could miss a file: in its own clinic, and once the message is in the log.
func TestWaitingWithdrawalsAreToldToTheOwnPanelOnly(t *testing.T) {
	s, p, _ := newStore(t)
	r, token := takeable(active(t, s, p).ID)
	if _, err := s.Submit(t.Context(), p.ClinicID, r); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Withdraw(t.Context(), p.ClinicID, r.Anchor, token); err != nil {
		t.Fatal(err)
	}
	waiting := func(clinicID string, want int) {
		t.Helper()
		leaves, err := intake.WaitingWithdrawals(t.Context(), s.DB, clinicID)
		if err != nil || len(leaves) != want {
			t.Errorf("%d are told, want %d: %v", len(leaves), want, err)
		}
	}
	waiting(p.ClinicID, 0) // the message is not in the log yet
	batch(t, s)
	waiting(p.ClinicID, 1)
	waiting("00000000-0000-4000-8000-000000000001", 0)
	batch(t, s)
	waiting(p.ClinicID, 0) // its leaf says it now
}

func batch(t *testing.T, s *intake.Store) {
	t.Helper()
	if _, err := s.Batch(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyTheWriterCanTakeWordsBack(t *testing.T) {
	db := pgtest.New(t)
	c := &clock{at: noon}
	p := keyringtest.New(t, db, c.now)
	p.Deal(t, noon)
	s := &intake.Store{DB: db, Origin: keyringtest.Origin, Tickets: p.Tickets, Keys: p.Keys, Now: c.now}
	r, token := takeable(active(t, s, p).ID)
	if _, err := s.Submit(t.Context(), p.ClinicID, r); err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]struct {
		clinic string
		anchor seal.Commitment
		token  seal.Token
	}{
		"another token":        {p.ClinicID, r.Anchor, seal.Token{1}},
		"the commitment":       {p.ClinicID, r.Anchor, seal.Token(r.Withdraw)},
		"another anchor":       {p.ClinicID, seal.Commitment{1}, token},
		"words of other place": {"00000000-0000-4000-8000-000000000000", r.Anchor, token},
	} {
		if _, err := s.Withdraw(t.Context(), try.clinic, try.anchor, try.token); !errors.Is(err, intake.ErrNothingToWithdraw) {
			t.Errorf("%s: got %v, want ErrNothingToWithdraw", name, err)
		}
	}
	if n := count(t, s.DB, "pending"); n != 1 {
		t.Errorf("%d messages are left, want 1", n)
	}
}

func TestTwoDevicesTakeOneMessageBackOnce(t *testing.T) {
	s, p, _ := newStore(t)
	r, token := takeable(active(t, s, p).ID)
	if _, err := s.Submit(t.Context(), p.ClinicID, r); err != nil {
		t.Fatal(err)
	}
	answers := make([]*intake.Acceptance, 6)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			var err error
			if answers[i], err = s.Withdraw(t.Context(), p.ClinicID, r.Anchor, token); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, a := range answers {
		if a == nil || *a != *answers[0] {
			t.Error("two devices got different receipts")
		}
	}
	if n := count(t, s.DB, "withdrawal"); n != 1 {
		t.Errorf("%d withdrawals, want 1", n)
	}
}

// The token is public after a withdrawal: a message under the same commitments could be taken back by anybody.
func TestCommitmentsOfWithdrawnWordsAreNeverUsedAgain(t *testing.T) {
	for _, batched := range []bool{false, true} {
		s, p, _ := newStore(t)
		e := active(t, s, p)
		r, token := takeable(e.ID)
		if _, err := s.Submit(t.Context(), p.ClinicID, r); err != nil {
			t.Fatal(err)
		}
		if batched {
			batch(t, s)
		}
		if _, err := s.Withdraw(t.Context(), p.ClinicID, r.Anchor, token); err != nil {
			t.Fatal(err)
		}
		again, anchored := anyRequest(e.ID), anyRequest(e.ID)
		again.Withdraw, anchored.Anchor = r.Withdraw, r.Anchor
		for want, request := range map[error]intake.Request{intake.ErrWithdrawUsed: again, intake.ErrAnchorUsed: anchored} {
			if _, err := s.Submit(t.Context(), p.ClinicID, request); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
		if _, err := s.Submit(t.Context(), p.ClinicID, r); !errors.Is(err, intake.ErrAnchorUsed) {
			t.Errorf("the same message sent again: got %v, want ErrAnchorUsed", err)
		}
		batch(t, s)
		batch(t, s)
	}
}

// A writer comes back after the key of what they told first was destroyed. Their next message gets a place of its own, and all that
// is still here can be taken back.
func TestCommitmentsOfDestroyedWordsAreNeverUsedAgain(t *testing.T) {
	for _, batched := range []bool{false, true} {
		s, p, _ := newStore(t)
		e := active(t, s, p)
		receipt := seal.Receipt{1, 2, 3}
		keys := receipt.Stretch(s.Origin)
		if _, err := s.SealAndSubmit(t.Context(), p.ClinicID, receipt, "en", "f", []seal.Answer{{Q: "words", A: "x"}}); err != nil {
			t.Fatal(err)
		}
		further := func() {
			t.Helper()
			_, err := s.SealFurther(t.Context(), p.ClinicID, keys, func(f intake.Further) *seal.Plaintext {
				return seal.NewFollowup(f.Keys, f.Epoch, s.Origin, "f", "en", seal.SealedByServer, f.Thread, []seal.Answer{{Q: "words", A: "y"}})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		further()
		if batched {
			batch(t, s)
		}
		err := postgres.InClinic(t.Context(), s.DB, p.ClinicID, func(ctx context.Context, tx bun.Tx) error { return s.Shred(ctx, tx, p.ClinicID, e.ID) })
		if err != nil {
			t.Fatal(err)
		}
		further()
		var anchor []byte
		if err := s.DB.NewRaw(`SELECT anchor FROM pending`).Scan(t.Context(), &anchor); err != nil {
			t.Fatal(err)
		}
		if third, _ := keys.Place(2); third.Commitment() != seal.Commitment(anchor) {
			t.Error("the message got the place of one that was destroyed")
		}
		if gone, err := s.WithdrawAll(t.Context(), p.ClinicID, keys); err != nil || len(gone) != 1 {
			t.Errorf("taken back: %d, %v", len(gone), err)
		}
	}
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
