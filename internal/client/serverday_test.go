package client

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
)

// The days and addresses are those of ui/test/deliveries.test.ts.
func TestDaysThatAreApartAndServersOnThisMachineAreKnown(t *testing.T) {
	for day, apart := range map[string]bool{
		"2026-11-26": false, "2026-11-25": false, "2026-11-27": false, "2026-11-24": true, "2026-11-28": true, "": true, "today": true,
	} {
		if got := isApart(day, "2026-11-26", mostApart); got != apart {
			t.Errorf("%q: %v", day, got)
		}
	}
	if isApart("2026-11-25", "2026-11-26", 0) || isApart("2026-11-26", "2026-11-26", 0) || !isApart("2026-11-27", "2026-11-26", 0) {
		t.Error("what goes out does not wait for this machine's own day")
	}
	if isApart("2027-01-01", "2026-12-31", mostApart) || !isApart("2027-01-01", "2026-12-30", mostApart) {
		t.Error("a year ends")
	}
	for _, here := range []string{"localhost", "demo.localhost", "127.0.0.1", "::1"} {
		if !isOwnMachine(here) {
			t.Errorf("%s is said to be elsewhere", here)
		}
	}
	for _, away := range []string{"clinic.example", "127.0.0.1.clinic.example", "127.clinic.example", "localhost.example", "notlocalhost", ""} {
		if isOwnMachine(away) {
			t.Errorf("%s is said to be here", away)
		}
	}
}

func TestNothingIsSignedByADayThatIsNotOurs(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	receipt, leaf := w.tells("my_words_to_clinic")
	w.batch()
	w.agrees(leaf)
	w.claims(2, leaf, review.RoleChecker)
	w.does(2, leaf, func(b *Bench, c *Case) error {
		return b.Check(ctx, c, coding.FormQuote, "They held me down.", false, "")
	})
	off := func(days int) *Bench {
		b := w.bench(2)
		real, err := url.Parse(w.url)
		must(t, err)
		c := *b.Client
		c.http = &http.Client{Transport: elsewhere{real, b.http}}
		c.server, b.Reviewer = "https://clinic.example", &Reviewer{Client: &c, ID: b.ID, identity: b.identity, key: b.key}
		b.Now = func() time.Time { return w.now().AddDate(0, 0, days) }
		return b
	}
	for _, days := range []int{-1, 0, 1} {
		b := off(days)
		if other, signs := b.OtherDay(); other != nil || !signs {
			t.Errorf("with a clock %d days off: %v", days, other)
		}
		c, err := b.Case(leaf)
		must(t, err)
		var other *OtherDayError
		if _, err := b.Release(ctx, c); errors.As(err, &other) != (days < 0) || days >= 0 && !errors.Is(err, ErrUndecided) {
			t.Errorf("with a clock %d days off it goes out: %v", days, err)
		}
	}
	for _, days := range []int{-2, 2, 300} {
		b := off(days)
		c, err := b.Case(leaf)
		must(t, err)
		_, share := b.Share(ctx, c)
		_, release := b.Release(ctx, c)
		_, reply := b.Reply(ctx, c, "Thank you.")
		_, push := b.Push(ctx, PushOptions{}, func(*Sent) {})
		for i, err := range []error{share, release, reply, push, b.Note(ctx, c, "x"), b.Object(ctx, c, "x"), b.Keep(ctx, c, "x"), b.Close(ctx, c)} {
			var other *OtherDayError
			if !errors.As(err, &other) && !slices.Contains([]error{ErrUndecided}, err) || other != nil && (other.Server != b.Today || other.Own == b.Today) {
				t.Errorf("step %d with a clock %d days off: %v", i, days, err)
			}
		}
		tended, err := b.Tend(ctx)
		if err != nil || tended.Cards != 0 {
			t.Errorf("by itself it does %+v, %v", tended, err)
		}
	}
	w.holdsActs(receipt)
	if files := w.files(leaf, review.KindNote) + w.files(leaf, review.KindSharing); files != 0 {
		t.Errorf("%d files were sent", files)
	}
	b, c := w.on(2, leaf)
	b.Now = func() time.Time { return w.now().AddDate(0, 0, 3) }
	if other, signs := b.OtherDay(); other == nil || !signs || b.Note(ctx, c, "a server on this machine may be days ahead") != nil {
		t.Errorf("on this machine: %v, %v", other, signs)
	}
}

// elsewhere gives a server on this machine another address.
type elsewhere struct {
	at *url.URL
	by *http.Client
}

func (e elsewhere) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host, req.Host = e.at.Scheme, e.at.Host, e.at.Host
	return e.by.Do(req)
}

// files counts the review files of a kind on a message that the server has.
func (w *team) files(leaf, kind string) (n int) {
	w.t.Helper()
	must(w.t, w.tlog.DB.NewRaw(`SELECT count(*) FROM review_file WHERE encode(leaf_hash, 'hex') = ? AND kind = ?`, leaf, kind).Scan(w.t.Context(), &n))
	return n
}
