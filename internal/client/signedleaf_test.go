package client

import (
	"slices"
	"strings"
	"testing"
	"time"

	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/promise"
	"answerable/internal/transparency"
)

// signedLog is a log of one clinic's panel: three members of whom two must sign, an epoch of theirs, and a second list without
// the third.
type signedLog struct {
	*hostileBuilder
	one, two, three, stranger hostileMember
}

const signedClinic, signedEpoch = "6f1f3f5e-7d1b-4c58-9a25-0c6c0b6d1f10", "2026-12-abcd"

func newSignedLog(t testing.TB) *signedLog {
	b := &hostileBuilder{t, &hostileLogs{Leaves: map[string]string{}}}
	l := &signedLog{hostileBuilder: b, one: b.member(1), two: b.member(2), three: b.member(3), stranger: b.member(9)}
	panel := b.panel("list 1", signedClinic, 2, l.one, l.two, l.three)
	b.panelAfter("list 2", "list 1", 2, l.one, l.two)
	b.epoch("epoch", signedClinic, signedEpoch, "AA==", panel, l.one, l.two, l.three)
	b.told("told", signedEpoch, 1, 1, 1)
	return l
}

// odd reads leaves, each by its name or as it is, and says which are odd.
func (l *signedLog) odd(leaves ...string) []Oddity {
	ledger := newLedger()
	for i, leaf := range leaves {
		if known, ok := l.v.Leaves[leaf]; ok {
			leaf = known
		}
		must(l.t, ledger.add(int64(i), transparency.Leaf(leaf)))
	}
	return ledger.Oddities
}

// lines are those of a leaf of each kind that a panel, or one of it, signs, by kind.
func (l *signedLog) lines() map[string]string {
	day := time.Date(2026, 12, 9, 0, 0, 0, 0, time.UTC)
	hash := strings.Repeat("A", 43) + "="
	decision := func(r keyring.Resolution) string {
		r.ClinicID, r.Day = signedClinic, day
		return r.Lines()
	}
	return map[string]string{
		keyring.KindRevoke:       decision(keyring.Resolution{Kind: keyring.KindRevoke, Epochs: []string{signedEpoch}}),
		keyring.KindCharter:      decision(keyring.Resolution{Kind: keyring.KindCharter, Charter: map[string][32]byte{}}),
		keyring.KindSupport:      decision(keyring.Resolution{Kind: keyring.KindSupport, Without: true}),
		keyring.KindRotation:     decision(keyring.Resolution{Kind: keyring.KindRotation, Rotation: keyring.Rotation{K: 2, RetainDays: 180}}),
		transparency.KindRelease: string(transparency.NewLeaf(transparency.KindRelease, signedClinic, "1", hash, "2026-10-01 2026-12-31", "2026-12-09", hash)),
		transparency.KindExport:  string(transparency.Export{ClinicID: signedClinic, First: "2026-07-01", Last: "2026-09-30", AsOf: "2026-12-09", Manifest: [32]byte{7}}.Leaf()),
		transparency.KindOpen: (&keyring.OpeningRequest{
			ClinicID: signedClinic, EpochID: signedEpoch, Requester: l.one.id, Recipient: l.one.identity.Recipient().String(), Day: day,
		}).Lines(),
	}
}

// Whoever has nothing but the log finds every leaf that its panel has not signed as it must, and is told what is wrong with it.
func TestSignedLeavesAreCheckedFromTheLogAlone(t *testing.T) {
	l := newSignedLog(t)
	sign := func(lines string, by ...hostileMember) string {
		return string(keyring.DecisionLeaf(lines, signedAs(lines, keyring.SignDecision, by...)))
	}
	for kind, lines := range l.lines() {
		at := func(reason, signer string) []Oddity { return []Oddity{{3, kind, reason, signer}} }
		by := []hostileMember{l.one, l.two}
		if kind == transparency.KindOpen {
			by = by[:1]
		}
		good := sign(lines, by...)
		signer := keyring.SplitDecision(transparency.Leaf(good)).Signatures[0].ReviewerID
		last := strings.LastIndex(strings.TrimSuffix(good, "\n"), "\n") + 1
		named := func(id string) string {
			return strings.Replace(sign(lines, l.one), "signature "+l.one.id, "signature "+id, 1)
		}
		for name, c := range map[string]struct {
			leaf string
			want []Oddity
		}{
			"as it must be":            {good, nil},
			"no signature":             {lines, at(OddFew, "")},
			"one signer twice":         {good + good[last:], at(OddForm, "")},
			"another's signature":      {named(l.two.id), at(OddForged, l.two.id)},
			"one who left":             {sign(lines, l.one, l.three), at(OddOutsider, l.three.id)},
			"one who left beside all":  {sign(lines, append(slices.Clone(by), l.three)...), at(OddOutsider, l.three.id)},
			"a stranger":               {sign(lines, l.stranger), at(OddOutsider, l.stranger.id)},
			"a day that nobody signed": {strings.Replace(good, "\n2026-12-09\n", "\n2026-12-10\n", 1), at(OddForged, signer)},
			"another clinic":           {strings.Replace(good, signedClinic, "11111111-2222-4333-8444-555555555555", 1), at(OddListless, "")},
			"a name that is none":      {named("r\x1b[2J"), at(OddForm, "")},
			"a line too many":          {strings.Replace(good, "signature ", "MORE\nsignature ", 1), at(OddForm, "")},
		} {
			got := l.odd("list 1", "epoch", "list 2", c.leaf)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, %s: %v, want %v", kind, name, got, c.want)
			}
			for _, o := range got {
				if said := o.String(); !strings.HasPrefix(said, "leaf 3 ("+kind+"): ") || !strings.Contains(said, o.Signer) {
					t.Errorf("%s, %s: %q", kind, name, said)
				}
			}
		}
		if got := l.odd("list 1", "epoch", "list 2", good, "told", good); !slices.Equal(got, []Oddity{{5, kind, OddAgain, ""}}) {
			t.Errorf("%s twice: %v", kind, got)
		}
		if got := l.odd(good, "list 1"); !slices.Equal(got, []Oddity{{0, kind, OddListless, ""}}) {
			t.Errorf("%s before its list: %v", kind, got)
		}
		if kind == transparency.KindOpen {
			continue
		}
		if got := l.odd("list 1", "epoch", "list 2", sign(lines, l.one)); !slices.Equal(got, at(OddFew, "")) {
			t.Errorf("%s by one of two: %v", kind, got)
		}
	}
}

// A judgement is of two members, each with a day of their own, and a round of a promise is decided once.
func TestJudgementsAreCheckedFromTheLogAlone(t *testing.T) {
	l := newSignedLog(t)
	judged := func(round int, verdict string, by ...hostileMember) string {
		p := &promise.Promise{ID: "6f9a1c3e-0000-4000-8000-000000000002", ClinicID: signedClinic, What: "Open doors.", Who: "manager", How: "Try it.", DueOn: time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)}
		d := &promise.Decided{ClinicID: p.ClinicID, PromiseID: p.ID, TextHash: p.TextHash(), Round: round, Verdict: verdict}
		for i, m := range by {
			day := time.Date(2027, 1, 2+i, 0, 0, 0, 0, time.UTC)
			d.By = append(d.By, promise.Said{ReviewerID: m.id, Day: day, Signature: p.Sign(m.key, round, verdict, day)})
		}
		slices.SortFunc(d.By, func(a, b promise.Said) int { return strings.Compare(a.ReviewerID, b.ReviewerID) })
		return string(d.Leaf())
	}
	good := judged(0, promise.Kept, l.one, l.two)
	first := min(l.one.id, l.two.id) // it stands first in the leaf, and is looked at first
	for name, c := range map[string]struct{ leaf, reason, signer string }{
		"as it must be":               {good, "", ""},
		"the next round":              {judged(1, promise.NotKept, l.one, l.two), "", ""},
		"by one":                      {judged(0, promise.Kept, l.one), OddFew, ""},
		"by nobody":                   {judged(0, promise.Kept), OddFew, ""},
		"one who left":                {judged(0, promise.Kept, l.one, l.three), OddOutsider, l.three.id},
		"a stranger beside two":       {judged(0, promise.Kept, l.one, l.two, l.stranger), OddOutsider, l.stranger.id},
		"another verdict":             {strings.Replace(good, "\nkept\n", "\nnot_kept\n", 1), OddForged, first},
		"another round":               {strings.Replace(good, "\n0\n", "\n3\n", 1), OddForged, first},
		"a verdict that there is not": {strings.Replace(good, "\nkept\n", "\ngreat\n", 1), OddForm, ""},
		"another clinic":              {strings.Replace(good, signedClinic, "11111111-2222-4333-8444-555555555555", 1), OddListless, ""},
	} {
		var want []Oddity
		if c.reason != "" {
			want = []Oddity{{3, transparency.KindJudgement, c.reason, c.signer}}
		}
		if got := l.odd("list 1", "epoch", "list 2", c.leaf); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if got := l.odd("list 1", good, judged(0, promise.NotKept, l.one, l.two)); !slices.Equal(got, []Oddity{{2, transparency.KindJudgement, OddAgain, ""}}) {
		t.Errorf("a round decided again: %v", got)
	}
}

func TestRequestsToOpenAreOfWhoAsksAndOfAKeyInTheLog(t *testing.T) {
	l := newSignedLog(t)
	lines := l.lines()[transparency.KindOpen]
	sign := func(by ...hostileMember) string {
		return string(keyring.DecisionLeaf(lines, signedAs(lines, keyring.SignDecision, by...)))
	}
	if got := l.odd("list 1", sign(l.one)); !slices.Equal(got, []Oddity{{1, transparency.KindOpen, OddEpochless, ""}}) {
		t.Errorf("before its key: %v", got)
	}
	if got := l.odd("list 1", "epoch", sign(l.two)); !slices.Equal(got, []Oddity{{2, transparency.KindOpen, OddOutsider, l.two.id}}) {
		t.Errorf("in another's name: %v", got)
	}
}

// An old decision counts for nothing when its leaf is written after a newer one's.
func TestOldRotationsAreNamed(t *testing.T) {
	l := newSignedLog(t)
	rotate := func(day, days int) string {
		r := keyring.Resolution{Kind: keyring.KindRotation, ClinicID: signedClinic, Day: time.Date(2026, 12, day, 0, 0, 0, 0, time.UTC), Rotation: keyring.Rotation{K: 1, Days: days, RetainDays: 90}}
		return string(keyring.DecisionLeaf(r.Lines(), signedAs(r.Lines(), keyring.SignDecision, l.one, l.two)))
	}
	if got := l.odd("list 1", rotate(9, 30), rotate(9, 31), rotate(8, 32), rotate(10, 33)); !slices.Equal(got, []Oddity{{3, keyring.KindRotation, OddOlder, ""}}) {
		t.Errorf("got %v", got)
	}
}

func (l *signedLog) act(tag byte, code string, day int, by hostileMember) string {
	a := &transparency.Action{Tag: [32]byte{tag}, Code: code, Day: time.Date(2026, 12, day, 0, 0, 0, 0, time.UTC), ReviewerID: by.id}
	a.Sign(by.key)
	return string(a.Leaf())
}

// An act is its reviewer's, of a list in force or of one in force since the batch before.
func TestActsAreCheckedFromTheLogAlone(t *testing.T) {
	l := newSignedLog(t)
	const assessed, contacted = transparency.ActAssessed, transparency.ActContacted
	good := l.act(1, assessed, 9, l.one)
	last := strings.LastIndex(strings.TrimSuffix(good, "\n"), "\n") + 1
	monday := l.act(1, contacted, 7, l.one)
	for name, c := range map[string]struct {
		leaf, reason, signer string
	}{
		"as it must be":             {good, "", ""},
		"a contact":                 {monday, "", ""},
		"unsigned":                  {good[:last], OddForm, ""},
		"signed twice":              {good + good[last:], OddForm, ""},
		"by a stranger":             {l.act(1, assessed, 9, l.stranger), OddOutsider, l.stranger.id},
		"in another's name":         {strings.Replace(good, l.one.id, l.two.id, 1), OddForged, l.two.id},
		"with another code":         {strings.Replace(good, assessed, "closed", 1), OddForged, l.one.id},
		"with no code that we know": {strings.Replace(good, assessed, "forgotten", 1), OddForm, ""},
		"with another outcome":      {strings.Replace(good, "\n-\n", "\nupheld\n", 1), OddForged, l.one.id},
		"of another day":            {strings.Replace(good, "2026-12-09", "2026-12-10", 1), OddForged, l.one.id},
		"of a day that is none":     {strings.Replace(good, "2026-12-09", "2026-12-32", 1), OddForm, ""},
		"a contact dated to a day":  {strings.Replace(monday, "2026-12-07", "2026-12-09", 1), OddForm, ""},
	} {
		var want []Oddity
		if c.reason != "" {
			want = []Oddity{{2, transparency.KindAction, c.reason, c.signer}}
		}
		if got := l.odd("list 1", "epoch", c.leaf); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if got := l.odd("list 1", good, l.act(1, "closed", 9, l.two)); !slices.Equal(got, []Oddity{{2, transparency.KindAction, OddAgain, ""}}) {
		t.Errorf("one tag twice: %v", got)
	}
	if got := l.odd(good, "list 1"); !slices.Equal(got, []Oddity{{0, transparency.KindAction, OddOutsider, l.one.id}}) {
		t.Errorf("before its list: %v", got)
	}
	// The act waits for its batch while the third leaves.
	waited := l.act(3, assessed, 9, l.three)
	if got := l.odd("list 1", "epoch", "told", "list 2", good, waited); got != nil {
		t.Errorf("an act of who left since the batch before: %v", got)
	}
	charter := string(keyring.DecisionLeaf(l.lines()[keyring.KindCharter], signedAs(l.lines()[keyring.KindCharter], keyring.SignDecision, l.one, l.two)))
	if got := l.odd("list 1", "epoch", "told", "list 2", good, charter, waited); !slices.Equal(got, []Oddity{{6, transparency.KindAction, OddOutsider, l.three.id}}) {
		t.Errorf("an act of who left before the batch before: %v", got)
	}
}

// What the figures write into the log is read here.
func TestReleaseLinesAreRead(t *testing.T) {
	l := newSignedLog(t)
	lines := l.lines()[transparency.KindRelease]
	if clinic, err := figures.ParseRelease(lines); err != nil || clinic != signedClinic {
		t.Fatalf("%q, %v", clinic, err)
	}
	for _, bad := range []string{
		"", lines[:len(lines)-1], lines + "\n", strings.Replace(lines, "\n1\n", "\n01\n", 1), strings.Replace(lines, "\n1\n", "\n0\n", 1),
		strings.Replace(lines, "A=\n", "B=\n", 1), strings.Replace(lines, "2026-12-31", "2026-09-30", 1), strings.Replace(lines, "2026-12-09", "today", 1),
		strings.Replace(lines, "\nrelease\n", "\ncharter\n", 1),
	} {
		if _, err := figures.ParseRelease(bad); err == nil {
			t.Errorf("read %q", bad)
		}
	}
}
