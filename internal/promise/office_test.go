package promise_test

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"answerable/internal/account"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/promise"
	"answerable/internal/review"
	"answerable/internal/seal"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// office is a clinic with a panel of three, and its answers and promises. Its Monday is 2026-11-23.
type office struct {
	*keyringtest.Place
	t      *testing.T
	store  *promise.Store
	review *review.Store
	in     *intake.Store
	at     time.Time
	member []*account.Reviewer
	token  map[string]seal.Token // that takes the message of a finding back
	anchor map[string]seal.Commitment
	leaf   map[string][]byte
}

func newOffice(t *testing.T) *office {
	o := &office{t: t, at: day("2026-11-23").Add(12 * time.Hour), token: map[string]seal.Token{}, anchor: map[string]seal.Commitment{}, leaf: map[string][]byte{}}
	now := func() time.Time { return o.at }
	o.Place = keyringtest.New(t, pgtest.New(t), now)
	o.Deal(t, o.at)
	o.store, o.review = &promise.Store{DB: o.DB, Now: now}, &review.Store{DB: o.DB, Now: now}
	o.in = &intake.Store{DB: o.DB, Origin: keyringtest.Origin, Tickets: o.Tickets, Keys: o.Keys, Now: now, OnGone: o.review.Forget}
	o.Keys.OnShred = o.in.Shred
	for _, r := range o.Reviewers {
		row, err := o.Keys.Accounts.Reviewer(t.Context(), o.DB, r.ID)
		o.must(err)
		o.member = append(o.member, row)
	}
	return o
}

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) want(what string, got, want error) {
	o.t.Helper()
	if !errors.Is(got, want) {
		o.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (o *office) on(text string) { o.at = day(text).Add(12 * time.Hour) }

// finding makes one that stands, as the row that the panel's acts leave: they are tested where they are.
func (o *office) finding(form string) string {
	o.t.Helper()
	var epoch struct{ ID, Recipient string }
	o.must(o.DB.NewRaw(`SELECT id, recipient FROM epoch LIMIT 1`).Scan(o.t.Context(), &epoch))
	file, err := seal.Seal(&seal.Plaintext{V: 1, T: seal.KindDecoy}, epoch.Recipient)
	o.must(err)
	r := intake.Request{Epoch: epoch.ID, File: file}
	var token seal.Token
	rand.Read(r.Anchor[:])
	rand.Read(token[:])
	r.Withdraw = token.Commitment()
	got, err := o.in.Submit(o.t.Context(), o.ClinicID, r)
	o.must(err)
	_, err = o.in.Batch(o.t.Context())
	o.must(err)
	decision := sha256.Sum256(got.LeafHash[:])
	themes := map[string][]string{"theme": {"force"}}[form]
	f := &review.Finding{
		ID: uuid.NewString(), LeafHash: got.LeafHash[:], Form: form, Words: "They locked the door.", Themes: append([]string{}, themes...), MustNot: []string{}, Sharing: decision[:],
		AuthorID: o.Reviewers[0].ID, FoundOn: o.at.Truncate(24 * time.Hour),
	}
	f.Signature = f.Sign(o.Reviewers[0].Key, o.ClinicID)
	_, err = o.DB.NewInsert().Model(f).Exec(o.t.Context())
	o.must(err)
	o.token[f.ID], o.anchor[f.ID], o.leaf[f.ID] = token, r.Anchor, got.LeafHash[:]
	return f.ID
}

func (o *office) handOver(findingID string) string {
	o.t.Helper()
	id, err := o.store.HandOver(o.t.Context(), o.ClinicID, o.Reviewers[0].ID, findingID)
	o.must(err)
	return id
}

func anAnswer(due string) promise.Answer {
	return promise.Answer{
		Role: "practice manager", Power: "I set the hours of the ward.", Words: "We locked it, and that was wrong.",
		Promises: []promise.Draft{{What: "The door stays open from 7 to 22.", Who: "ward manager", Due: day(due), How: "Anybody can try the door."}},
	}
}

func (o *office) answer(handover string, a promise.Answer) string {
	o.t.Helper()
	id, err := o.store.Answer(o.t.Context(), o.ClinicID, handover, a)
	o.must(err)
	return id
}

func (o *office) account(on string) *promise.Account {
	o.t.Helper()
	a, err := o.store.Account(o.t.Context(), o.ClinicID, promise.Period{}, day(on))
	o.must(err)
	return a
}

// only is the one promise there is, as it stands on a day.
func (o *office) only(on string) *promise.Standing {
	o.t.Helper()
	a := o.account(on)
	if len(a.Promises) != 1 {
		o.t.Fatalf("%d promises on %s", len(a.Promises), on)
	}
	return a.Promises[0]
}

func (o *office) judge(who int, p *promise.Standing, verdict string) (bool, error) {
	today := o.at.Truncate(24 * time.Hour)
	w := promise.Word{Round: p.Rounds, Verdict: verdict, Day: today, Signature: p.Sign(o.Reviewers[who].Key, p.Rounds, verdict, today)}
	return o.store.Judge(o.t.Context(), o.ClinicID, o.member[who], p.ID, w)
}

func (o *office) bothJudge(p *promise.Standing, verdict string) {
	o.t.Helper()
	for who := range 2 {
		decided, err := o.judge(who, p, verdict)
		if err != nil || decided != (who == 1) {
			o.t.Fatalf("member %d judges: decided %v, %v", who, decided, err)
		}
	}
}

// unlist logs a next list that does not name a member, as the row that signing leaves: that is tested where it is.
func (o *office) unlist(who int) {
	o.t.Helper()
	stored, m, err := o.Keys.Current(o.t.Context(), o.DB, o.ClinicID)
	o.must(err)
	m.Reviewers = slices.DeleteFunc(m.Reviewers, func(one keyring.Member) bool { return one.ID == o.Reviewers[who].ID })
	m.Version, m.Previous = m.Version+1, (*[32]byte)(stored.LeafHash)
	stored.Version, stored.Lines = m.Version, m.Lines()
	next := sha256.Sum256([]byte(stored.Lines))
	stored.LeafHash = next[:]
	_, err = o.DB.NewInsert().Model(stored).Exec(o.t.Context())
	o.must(err)
}
