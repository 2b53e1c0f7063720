package mailbox_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"

	"answerable/internal/intake"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/mailbox"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/seal"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

type house struct {
	*mailbox.Store
	place *keyringtest.Place
	until time.Time
	at    time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{at: noon}
	now := func() time.Time { return h.at }
	h.place = keyringtest.New(t, pgtest.New(t), now)
	h.until = h.place.Deal(t, noon).RetainUntil
	h.Store = &mailbox.Store{DB: h.place.DB, Now: now}
	return h
}

func (h *house) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryPageOfEveryMailboxHasTheSameSize(t *testing.T) {
	h := newHouse(t)
	token := seal.Token{1}
	const many = mailbox.PageSize + 1
	sent := map[string]bool{}
	for range many {
		file := answer(t)
		sent[string(file)] = true
		h.must(t, h.Post(t.Context(), h.place.ClinicID, token.Commitment(), file, h.until))
	}
	for n := range 3 {
		for _, who := range []seal.Token{token, {2}} {
			page, err := h.Open(t.Context(), h.place.ClinicID, who, n)
			h.must(t, err)
			for _, place := range page.Places {
				if len(place) != seal.SmallBucket+seal.Overhead {
					t.Errorf("a place has %d bytes", len(place))
				}
			}
			for _, file := range page.Answers(n) {
				delete(sent, string(file))
			}
			if want := map[bool]int{true: many}[who == token]; page.Count != want {
				t.Errorf("page %d counts %d, want %d", n, page.Count, want)
			}
		}
	}
	if len(sent) > 0 {
		t.Errorf("%d answers are on no page", len(sent))
	}
}

// The same days as in ui/test/reply.test.ts.
func TestAMailboxEndsOnADayDrawnFromItsID(t *testing.T) {
	for _, c := range []struct {
		id          seal.Commitment
		until, want string
	}{
		{seal.Commitment{0, 0}, "2027-06-30", "2027-06-30"},
		{seal.Commitment{1, 4}, "2027-06-30", "2027-06-10"},
		{seal.Commitment{255, 255}, "2027-03-01", "2027-02-14"},
	} {
		until, err := time.Parse(time.DateOnly, c.until)
		h := mailbox.LastDay(c.id, until).Format(time.DateOnly)
		if err != nil || h != c.want {
			t.Errorf("got %s, want %s", h, c.want)
		}
		if first := mailbox.FirstDay(until).Format(time.DateOnly); h < first || h > c.until {
			t.Errorf("%s is not between %s and %s", h, first, c.until)
		}
	}
}

// answer is a file of the right shape and size.
func answer(t *testing.T) []byte {
	t.Helper()
	file, err := seal.Seal(&seal.Plaintext{V: 1, T: seal.KindDecoy}, seal.Stretched{}.Message(0).ReplyIdentity.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAnswersAreFoundByTheirTokenOnly(t *testing.T) {
	h := newHouse(t)
	token := seal.Token{1}
	want := [][]byte{answer(t), answer(t)}
	for _, file := range [][]byte{want[0], want[1], want[0]} { // one of them sent twice
		if err := h.Post(t.Context(), h.place.ClinicID, token.Commitment(), file, h.until); err != nil {
			t.Fatal(err)
		}
	}
	page, err := h.Open(t.Context(), h.place.ClinicID, token, 0)
	h.must(t, err)
	got := page.Answers(0)
	if len(got) != 2 {
		t.Fatalf("got %d answers, %v", len(got), err)
	}
	for _, file := range want {
		if !slices.ContainsFunc(got, func(g []byte) bool { return bytes.Equal(g, file) }) {
			t.Error("an answer is missing")
		}
		if kept, err := h.Has(t.Context(), h.place.ClinicID, seal.FileHash(file)); err != nil || !kept {
			t.Errorf("whoever posted it is not told that it is kept: %v, %v", kept, err)
		}
	}
	for name, try := range map[string]struct {
		clinic string
		file   []byte
	}{"one that was never posted": {h.place.ClinicID, answer(t)}, "one at another clinic": {"00000000-0000-4000-8000-000000000000", want[0]}} {
		if kept, err := h.Has(t.Context(), try.clinic, seal.FileHash(try.file)); err != nil || kept {
			t.Errorf("%s: kept %v, %v", name, kept, err)
		}
	}
	for name, try := range map[string]struct {
		clinic string
		token  seal.Token
	}{
		"wrong words":             {h.place.ClinicID, seal.Token{2}},
		"the id for the token":    {h.place.ClinicID, seal.Token(token.Commitment())},
		"words of another clinic": {"00000000-0000-4000-8000-000000000000", token},
	} {
		if got, err := h.Open(t.Context(), try.clinic, try.token, 0); err != nil || got.Count != 0 || len(got.Answers(0)) != 0 {
			t.Errorf("%s: got %d answers, %v", name, got.Count, err)
		}
	}
}

func TestMailboxesEndOnTheirDay(t *testing.T) {
	h := newHouse(t)
	token := seal.Token{1}
	last := mailbox.LastDay(token.Commitment(), h.until)
	if err := h.Post(t.Context(), h.place.ClinicID, token.Commitment(), answer(t), last); err != nil {
		t.Fatal(err)
	}
	for days, want := range []int{1, 0} {
		h.at = last.AddDate(0, 0, days).Add(23 * time.Hour)
		got, err := h.Open(t.Context(), h.place.ClinicID, token, 0)
		if err != nil || got.Count != want {
			t.Errorf("%d days after the last: got %d answers, want %d, %v", days, got.Count, want, err)
		}
	}
	if err := h.Post(t.Context(), h.place.ClinicID, token.Commitment(), answer(t), last); !errors.Is(err, mailbox.ErrExpired) {
		t.Errorf("an answer to an expired mailbox: got %v", err)
	}
	if err := h.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := h.DB.NewSelect().Model((*mailbox.Reply)(nil)).Count(t.Context()); err != nil || n != 0 {
		t.Errorf("%d expired answers are left, %v", n, err)
	}
}

func TestAnswersThatNobodyCouldFindOrThatWouldStandOutAreRefused(t *testing.T) {
	h := newHouse(t)
	id := seal.Token{1}.Commitment()
	large := make([]byte, seal.LargeBucket+seal.Overhead)
	copy(large, answer(t))
	var shape *seal.ShapeError
	for _, file := range [][]byte{large, answer(t)[1:], nil} {
		if err := h.Post(t.Context(), h.place.ClinicID, id, file, h.until); !errors.As(err, &shape) {
			t.Errorf("%d bytes: got %v", len(file), err)
		}
	}
	if err := h.Post(t.Context(), h.place.ClinicID, id, answer(t), h.until.AddDate(0, 0, 1)); !errors.Is(err, mailbox.ErrTooLate) {
		t.Errorf("a day after everything is destroyed: got %v", err)
	}
	_, err := h.DB.NewRaw(`INSERT INTO reply SELECT sha256(n::text::bytea), ?, ?, repeat('x', 18043)::bytea, ?::date FROM generate_series(1, ?) n`,
		h.place.ClinicID, id[:], h.until.Format(time.DateOnly), mailbox.MostReplies).Exec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Post(t.Context(), h.place.ClinicID, id, answer(t), h.until); !errors.Is(err, mailbox.ErrFull) {
		t.Errorf("one too many: got %v", err)
	}
}

// TestNothingTiesAMailboxToAMessage looks at the whole database while a message and its answer are both there: of what
// the message's rows hold, only the clinic is in the answer's, and the other way round.
func TestNothingTiesAMailboxToAMessage(t *testing.T) {
	h := newHouse(t)
	in := &intake.Store{DB: h.DB, Origin: keyringtest.Origin, Tickets: h.place.Tickets, Keys: h.place.Keys, Now: h.Now}
	receipt, _ := seal.NewReceipt(rand.Reader)
	keys := receipt.Derive(keyringtest.Origin)
	for range 2 { // once pending, once in its place
		if _, err := in.SealAndSubmit(t.Context(), h.place.ClinicID, receipt, "en", "f", []seal.Answer{{Q: "words", A: "x"}}); err != nil {
			t.Fatal(err)
		}
		id := keys.MailboxToken.Commitment()
		if err := h.Post(t.Context(), h.place.ClinicID, id, answer(t), mailbox.LastDay(id, h.until)); err != nil {
			t.Fatal(err)
		}
		for _, table := range tables(t, h) {
			var rows []string
			if err := h.DB.NewRaw(`SELECT t::text FROM `+table+` t`).Scan(t.Context(), &rows); err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				message := holds(row, keys.AnchorToken.Commitment()) || holds(row, keys.WithdrawToken.Commitment())
				box := holds(row, id)
				if message && box || box && table != "reply" || holds(row, seal.Commitment(keys.MailboxToken)) || holds(row, seal.Commitment(keys.ActionsKey)) {
					t.Errorf("a row of %s ties a mailbox to a message, or opens it", table)
				}
			}
		}
		if _, err := in.Batch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var columns []string
	err := h.DB.NewRaw(`SELECT column_name::text FROM information_schema.columns WHERE table_name = 'reply' ORDER BY 1`).Scan(t.Context(), &columns)
	if err != nil || !slices.Equal(columns, []string{"clinic_id", "expires_on", "file", "file_hash", "mailbox"}) {
		t.Errorf("answers have the columns %v, %v: could a new one say which message they belong to?", columns, err)
	}
}

func tables(t *testing.T, h *house) (names []string) {
	t.Helper()
	if err := h.DB.NewRaw(`SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`).Scan(t.Context(), &names); err != nil || len(names) < 20 {
		t.Fatalf("%d tables, %v", len(names), err)
	}
	return names
}

// holds looks for 32 bytes as bytea prints them, as base64url and as base64.
func holds(row string, id seal.Commitment) bool {
	for _, spelling := range spellings(id) {
		if bytes.Contains([]byte(row), []byte(spelling)) {
			return true
		}
	}
	return false
}

func spellings(id seal.Commitment) []string {
	standard := base64.StdEncoding.EncodeToString(id[:])
	return []string{hex.EncodeToString(id[:]), id.String(), standard, hex.EncodeToString([]byte(standard)), hex.EncodeToString([]byte(id.String()))}
}
