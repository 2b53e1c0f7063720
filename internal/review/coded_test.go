package review_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/review"
)

// counts stands for the figures: how often the facts of a month are counted.
type counts map[time.Time]int

// counted is a desk whose codes are counted, and whose withdrawals are heard of.
func counted(t *testing.T) (*desk, counts) {
	d, c := newDesk(t), counts{}
	d.store.OnCoded = func(_ context.Context, _ bun.Tx, _ string, f review.Facts) (time.Time, error) {
		month := f.Month.AddDate(0, 1, 0) // as when a release holds the month
		c[month]++
		return month, nil
	}
	d.store.OnUncoded = func(_ context.Context, _ bun.Tx, _ string, f review.Facts) (bool, error) {
		c[f.Month]--
		return false, nil
	}
	d.in.OnGone = d.store.Forget
	return d, c
}

func facts() review.Facts {
	return review.Facts{Taxonomy: "0.2.0", Service: "ward", Themes: []string{"force"}, Items: []string{}, Good: []string{}, Seriousness: 2, Involved: []string{}, Repair: []string{}}
}

func (d *desk) code(who int, f review.Facts) error {
	signature, err := review.SignCoded(d.Reviewers[who].Key, d.ClinicID, d.leaf, &f)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.store.Code(d.t.Context(), d.ClinicID, d.reviewer[who], d.leaf, f, signature)
}

// agree codes the message twice, with or without the second agreement.
func (d *desk) agree() {
	d.t.Helper()
	d.want("agreement", errors.Join(d.take(0, review.RoleCoder), d.take(1, review.RoleCoder), d.put(0, review.KindCoding, 0), d.put(1, review.KindCoding, 0),
		d.put(0, review.KindConsensus, 0), d.put(1, review.KindConsensus, 0)), nil)
}

func (d *desk) rows(table string) (n int) {
	d.t.Helper()
	if err := d.DB.NewRaw(`SELECT count(*) FROM ?`, bun.Ident(table)).Scan(d.t.Context(), &n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

func TestCodesComeIntoTheClearWhenTwoAgreeAndAreCountedOnce(t *testing.T) {
	d, c := counted(t)
	d.want("before anybody coded", d.code(0, facts()), review.ErrNotYours)
	d.want("codings", errors.Join(d.take(0, review.RoleCoder), d.take(1, review.RoleCoder), d.put(0, review.KindCoding, 0), d.put(1, review.KindCoding, 0), d.put(0, review.KindConsensus, 0)), nil)
	d.want("before two agree", d.code(0, facts()), review.ErrEarly)
	d.want("agreement", d.put(1, review.KindConsensus, 0), nil)
	d.want("who agreed with nobody", d.code(2, facts()), review.ErrNotYours)
	d.want("codes", errors.Join(d.code(0, facts()), d.code(0, facts()), d.code(1, facts())), nil)
	december := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	if c[december] != 1 || d.rows("coded") != 1 {
		t.Errorf("counted %v, %d rows", c, d.rows("coded"))
	}
	other := facts()
	other.Seriousness = 3
	d.want("other codes", d.code(0, other), review.ErrFrozen)
	other.Seriousness = 4
	d.want("no codes", d.code(0, other), review.ErrFacts)
	other = facts()
	other.Themes, other.Items = []string{"place"}, []string{"x_riverside.cold_hall"}
	d.want("an item of the clinic's own", d.code(0, other), review.ErrFacts)
	stolen, err := review.SignCoded(d.Reviewers[1].Key, d.ClinicID, d.leaf, &other)
	d.want("signing", err, nil)
	d.want("a signature of another", d.store.Code(t.Context(), d.ClinicID, d.reviewer[0], d.leaf, facts(), stolen), review.ErrSignature)
	d.want("taking back", errors.Join(d.store.Uncode(t.Context(), d.ClinicID, d.Reviewers[2].ID, d.leaf), d.store.Uncode(t.Context(), d.ClinicID, d.Reviewers[2].ID, d.leaf)), nil)
	if c[december] != 0 || d.rows("coded") != 0 {
		t.Errorf("counted %v, %d rows", c, d.rows("coded"))
	}
}

// A report that stands in a release is counted there for good: taken out and counted again, with other codes even, it stands in
// no second one. When it is taken back altogether, nothing says any more that it was counted.
func TestAReportIsCountedOnceHoweverOftenItsWriterChangesTheirMind(t *testing.T) {
	d, c := counted(t)
	d.store.OnUncoded = func(context.Context, bun.Tx, string, review.Facts) (bool, error) { return true, nil } // a release holds the month
	d.agree()
	december, again := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), facts()
	again.Seriousness = 3
	for _, f := range []review.Facts{facts(), again, facts()} {
		d.want("codes", d.code(0, f), nil)
		var in time.Time
		if err := d.DB.NewRaw(`SELECT counted_in FROM coded`).Scan(t.Context(), &in); err != nil || !in.Equal(december) {
			t.Errorf("counted in %s, %v", in, err)
		}
		d.want("taking out", errors.Join(d.store.Uncode(t.Context(), d.ClinicID, d.Reviewers[1].ID, d.leaf), d.store.Uncode(t.Context(), d.ClinicID, d.Reviewers[1].ID, d.leaf)), nil)
	}
	if c[december] != 1 || len(c) != 1 || d.rows("coded") != 0 || d.rows("still_counted") != 1 {
		t.Errorf("counted %v, %d rows of codes, %d of counts", c, d.rows("coded"), d.rows("still_counted"))
	}
	d.want("taking back", ends["withdrawn"](d), nil)
	if n := d.rows("still_counted"); n != 0 {
		t.Errorf("%d rows still say that it was counted", n)
	}
}

func TestWhatIsCountedIsCountedOutWhenItsMessageGoes(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			d, c := counted(t)
			d.agree()
			d.want("codes", d.code(0, facts()), nil)
			d.want("the end", end(d), nil)
			for month, n := range c {
				if n != 0 {
					t.Errorf("%d are counted in %s", n, month.Format(time.DateOnly))
				}
			}
			if d.rows("coded") != 0 {
				t.Error("codes stay")
			}
		})
	}
}

// Facts that somebody broke in the database stop nobody who takes a message back.
func TestFactsThatDoNotReadStopNoEnd(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			d, c := counted(t)
			d.agree()
			d.want("codes", d.code(0, facts()), nil)
			if _, err := d.DB.NewRaw(`UPDATE coded SET facts = '{'`).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
			d.want("the end", end(d), nil)
			if d.rows("coded") != 0 || d.rows("submission") != 0 {
				t.Error("the message stays")
			}
			if len(c) != 1 {
				t.Errorf("counted %v", c)
			}
		})
	}
}

// decide brings a message to a decision by the third member, and gives its hash.
func (d *desk) decide() []byte {
	d.t.Helper()
	d.agree()
	d.want("decision", errors.Join(d.take(2, review.RoleChecker), d.put(2, review.KindCheck, 0), d.put(2, review.KindSharing, 0)), nil)
	return d.hashOf(2, review.KindSharing, 0)
}

func (d *desk) hashOf(who int, kind string, n int) []byte {
	d.t.Helper()
	files, _, err := d.store.Files(d.t.Context(), d.ClinicID, d.epoch.ID, d.Reviewers[who].ID, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range files {
		if f.Kind == kind && f.AuthorID == d.Reviewers[who].ID && f.N == n {
			return f.FileHash
		}
	}
	d.t.Fatalf("no %s %d of %d", kind, n, who)
	return nil
}

func (d *desk) find(who int, sharing []byte, words string) (string, error) {
	f := &review.Finding{LeafHash: d.leaf[:], Form: "paraphrase", Words: words, Themes: []string{}, MustNot: []string{"do_not_call_police"}, Sharing: sharing}
	f.Signature = f.Sign(d.Reviewers[who].Key, d.ClinicID)
	return d.store.Find(d.t.Context(), d.ClinicID, d.reviewer[who], f)
}

// TestAFindingSignedForADayIsTakenOnThatDay: what an older program signs without one is taken as before, and is the same finding.
func TestAFindingSignedForADayIsTakenOnThatDay(t *testing.T) {
	d := newDesk(t)
	decision := d.decide()
	d.days(3)
	post := func(day time.Time, label string) (string, error) {
		f := &review.Finding{LeafHash: d.leaf[:], Form: "paraphrase", Words: "held", Themes: []string{}, Sharing: decision, FoundOn: day}
		f.Signature = ed25519.Sign(d.Reviewers[2].Key, []byte(label+"\n"+f.DatedLines(d.ClinicID)))
		return d.store.Find(t.Context(), d.ClinicID, d.reviewer[2], f)
	}
	today := d.at.UTC().Truncate(24 * time.Hour)
	const dated = "answerable/v1/dated-finding"
	for day, want := range map[time.Time]error{today.AddDate(0, 0, -1): review.ErrDay, today.AddDate(0, 0, 1): review.ErrDay, {}: review.ErrSignature} {
		_, err := post(day, dated)
		d.want(day.Format(time.DateOnly), err, want)
	}
	_, err := post(today, "answerable/v1/finding")
	d.want("under the label of an older program", err, review.ErrSignature)
	id, err := post(today, dated)
	d.want("today", err, nil)
	d.days(1)
	again, err := post(today.AddDate(0, 0, 1), dated)
	d.want("the same again, when midnight has passed", err, nil)
	undated := &review.Finding{LeafHash: d.leaf[:], Form: "paraphrase", Words: "held", Themes: []string{}, Sharing: decision}
	undated.Signature = undated.Sign(d.Reviewers[2].Key, d.ClinicID)
	old, err := d.store.Find(t.Context(), d.ClinicID, d.reviewer[2], undated)
	d.want("the same by an older program", err, nil)
	kept, err := d.store.Findings(t.Context(), d.ClinicID, d.Reviewers[0].ID)
	d.want("the list", err, nil)
	if again != id || old != id || len(kept) != 1 || !kept[0].FoundOn.Equal(today) || !kept[0].Verify(d.reviewer[2].VerifyKey, d.ClinicID, kept[0].Signature) {
		t.Errorf("ids %q, %q and %q, kept %+v", id, again, old, kept)
	}
	if kept[0].FoundOn = today.AddDate(0, 0, 1); kept[0].Verify(d.reviewer[2].VerifyKey, d.ClinicID, kept[0].Signature) {
		t.Error("its signature holds on another day")
	}
}

func (d *desk) days(n int) { d.at = d.at.AddDate(0, 0, n) }

func TestAFindingWaitsTwoWholeDaysAfterTheNewestDecision(t *testing.T) {
	d := newDesk(t)
	decision := d.decide()
	for day := range 3 {
		_, err := d.find(2, decision, "held")
		d.want("day "+string(rune('0'+day)), err, review.ErrEarly)
		d.days(1)
	}
	id, err := d.find(2, decision, "held")
	d.want("the third day after", err, nil)
	again, err := d.find(2, decision, "held")
	d.want("the same again", err, nil)
	if id == "" || again != id {
		t.Errorf("ids %q and %q", id, again)
	}
	_, err = d.find(0, decision, "another's words")
	d.want("a second finding", err, review.ErrFrozen)
}

func TestAnObjectionStopsTheDecisionBeforeIt(t *testing.T) {
	d := newDesk(t)
	decision := d.decide()
	d.days(2)
	d.want("objection", d.put(0, review.KindSharing, 0), nil)
	d.days(30)
	_, err := d.find(2, decision, "held")
	d.want("the decision that was objected to", err, review.ErrEarly)
	d.want("a new decision", d.put(2, review.KindSharing, 1), nil)
	newer := d.hashOf(2, review.KindSharing, 1)
	_, err = d.find(2, newer, "held")
	d.want("at once", err, review.ErrEarly)
	d.days(3)
	_, err = d.find(2, decision, "held")
	d.want("the older decision", err, review.ErrEarly)
	_, err = d.find(2, newer, "held")
	d.want("the new decision", err, nil)
}

func TestNothingIsFoundWithoutACheck(t *testing.T) {
	d := newDesk(t)
	d.agree()
	d.want("decision", d.put(2, review.KindSharing, 0), nil)
	d.days(9)
	_, err := d.find(2, d.hashOf(2, review.KindSharing, 0), "held")
	d.want("without a check", err, review.ErrEarly)
}

func TestAFindingTakenBackLeavesNoWordsAndNeedsANewDecision(t *testing.T) {
	d := newDesk(t)
	decision := d.decide()
	d.days(3)
	id, err := d.find(2, decision, "held down for an hour")
	d.want("finding", err, nil)
	d.want("a decision, while it stands", d.put(2, review.KindSharing, 1), review.ErrOut)
	d.want("an objection, while it stands", d.put(0, review.KindSharing, 0), review.ErrOut)
	d.want("a note, while it stands", d.put(0, review.KindNote, 0), nil)
	d.want("another clinic's member", d.store.Retract(t.Context(), "7b6d2a0e-0000-4000-8000-000000000000", d.Reviewers[0].ID, id), review.ErrGone)
	d.want("retraction", errors.Join(d.store.Retract(t.Context(), d.ClinicID, d.Reviewers[0].ID, id), d.store.Retract(t.Context(), d.ClinicID, d.Reviewers[0].ID, id)), nil)
	standing, err := d.store.Findings(t.Context(), d.ClinicID, d.Reviewers[0].ID)
	var words int
	d.want("findings", errors.Join(err, d.DB.NewRaw(`SELECT count(*) FROM finding WHERE words <> '' OR themes <> '{}' OR must_not <> '{}'`).Scan(t.Context(), &words)), nil)
	if len(standing) != 0 || words != 0 {
		t.Errorf("%d findings stand, %d have words", len(standing), words)
	}
	_, err = d.find(2, decision, "held down for an hour")
	d.want("the same decision", err, review.ErrTakenBack)
	work, err := d.store.Work(t.Context(), d.ClinicID, d.epoch.ID, d.Reviewers[1].ID)
	d.want("work", err, nil)
	for _, m := range work {
		mine, told := [32]byte(m.LeafHash) == d.leaf, len(m.TakenBack) == 1 && string(m.TakenBack[0]) == string(decision)
		if mine != told || !mine && len(m.TakenBack) != 0 {
			t.Errorf("the panel is told of %x: %x", m.LeafHash, m.TakenBack)
		}
	}
	d.want("a new decision", d.put(2, review.KindSharing, 1), nil)
	d.days(3)
	_, err = d.find(2, d.hashOf(2, review.KindSharing, 1), "held")
	d.want("the new decision", err, nil)
}

func TestWhatWasCheckedOrDecidedByWhoSteppedBackLetsNothingOut(t *testing.T) {
	for name, c := range map[string]struct {
		back, by []int // who steps back; who decides, each after the one before
		want     error
	}{
		"nobody":                            {nil, []int{2}, nil},
		"who checked and decided":           {[]int{2}, []int{2}, review.ErrEarly},
		"who checked":                       {[]int{2}, []int{0}, review.ErrEarly},
		"who decided":                       {[]int{1}, []int{1}, review.ErrEarly},
		"who decided last":                  {[]int{1}, []int{0, 1}, review.ErrEarly},
		"one coder":                         {[]int{1}, []int{2}, nil},
		"who decided, and another did anew": {[]int{1}, []int{1, 0}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.agree()
			d.want("the part", d.take(2, review.RoleChecker), nil)
			d.want("check", d.put(2, review.KindCheck, 0), nil)
			var decision []byte
			for _, who := range c.by {
				d.want("decision", d.put(who, review.KindSharing, 0), nil)
				decision = d.hashOf(who, review.KindSharing, 0)
				d.days(1)
			}
			d.days(3)
			for _, who := range c.back {
				d.want("step back", d.recuse(who), nil)
			}
			_, err := d.find(0, decision, "held")
			d.want("finding", err, c.want)
		})
	}
	d := newDesk(t)
	d.agree()
	d.want("both coders step back", errors.Join(d.recuse(0), d.recuse(1)), nil)
	d.want("the part", d.take(2, review.RoleChecker), nil)
	d.want("a check where nobody who agreed is left", d.put(2, review.KindCheck, 0), review.ErrEarly)
}

// A finding can hold the writer's words, so whoever stepped back from the message is not given it either.
func TestWhoSteppedBackIsGivenNoFinding(t *testing.T) {
	d := newDesk(t)
	decision := d.decide()
	d.days(3)
	_, err := d.find(2, decision, "held")
	d.want("finding", errors.Join(err, d.recuse(1)), nil)
	for who, want := range []int{1, 0, 1} {
		got, err := d.store.Findings(t.Context(), d.ClinicID, d.Reviewers[who].ID)
		if err != nil || len(got) != want {
			t.Errorf("member %d is given %d, %v", who, len(got), err)
		}
	}
}

func TestAFindingGoesWithItsMessage(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			decision := d.decide()
			d.days(3)
			_, err := d.find(2, decision, "held")
			d.want("finding", errors.Join(err, end(d)), nil)
			if d.rows("finding")+d.rows("review_file")+d.rows("claim") != 0 {
				t.Error("something stays")
			}
		})
	}
}

func TestOfTwoWhoPostAFindingAtOnceOneDoes(t *testing.T) {
	d := newDesk(t)
	decision := d.decide()
	d.days(3)
	var wait sync.WaitGroup
	var got [2]error
	for who := range got {
		wait.Go(func() { _, got[who] = d.find(who, decision, "words of "+d.Reviewers[who].ID) })
	}
	wait.Wait()
	if (got[0] == nil) == (got[1] == nil) || !errors.Is(errors.Join(got[:]...), review.ErrFrozen) || d.rows("finding") != 1 {
		t.Errorf("they got %v", got)
	}
}

func TestAPanelSetsItsOwnPracticeAndSeesWhoDid(t *testing.T) {
	d := newDesk(t)
	p, history, err := d.store.Practice(t.Context(), d.ClinicID)
	if err != nil || len(history) != 0 || p.Week != 12 || !p.Hard {
		t.Errorf("to begin with %+v, %v, %v", p, history, err)
	}
	for _, spoil := range []func(p *review.Practice){
		func(p *review.Practice) { p.Taken = 0 }, func(p *review.Practice) { p.Coded = 91 }, func(p *review.Practice) { p.Decided = p.Coded - 1 },
		func(p *review.Practice) { p.WorkingDays = []int{} }, func(p *review.Practice) { p.WorkingDays = []int{5, 1} }, func(p *review.Practice) { p.WorkingDays = []int{0} },
		func(p *review.Practice) { p.Holidays = []string{"25.12."} }, func(p *review.Practice) { p.Serious = 7 }, func(p *review.Practice) { p.Week = 0 },
		func(p *review.Practice) { p.Gap = -1 }, func(p *review.Practice) { p.Sitting = 0 },
	} {
		bad := review.DefaultPractice()
		spoil(bad)
		var refused *review.PracticeError
		if err := d.store.SetPractice(t.Context(), d.ClinicID, d.Reviewers[0].ID, bad); !errors.As(err, &refused) || refused.Reason == "" {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	var wait sync.WaitGroup
	for who := range 3 {
		wait.Go(func() {
			d.want("setting", d.store.SetPractice(t.Context(), d.ClinicID, d.Reviewers[who].ID, review.DefaultPractice()), nil)
		})
	}
	wait.Wait()
	if _, history, err = d.store.Practice(t.Context(), d.ClinicID); err != nil || len(history) != 3 || history[0].Version != 3 {
		t.Errorf("history %v, %v", history, err)
	}
}

func TestTheWeeklyCapStopsWhenItIsHardAndForgetsAfterAWeek(t *testing.T) {
	d := newDesk(t)
	p := review.DefaultPractice()
	p.Week = 1
	d.want("cap", d.store.SetPractice(t.Context(), d.ClinicID, d.Reviewers[0].ID, p), nil)
	d.want("claim", d.take(0, review.RoleCoder), nil)
	second := d.another()
	takeSecond := func() error {
		return d.store.Take(t.Context(), d.ClinicID, d.Reviewers[0].ID, second, review.RoleCoder)
	}
	d.want("one more", takeSecond(), review.ErrWeek)
	shares, err := d.store.Shares(t.Context(), d.ClinicID)
	if err != nil || len(shares) != 3 {
		t.Fatalf("shares %v, %v", shares, err)
	}
	for _, s := range shares {
		want := review.Share{ReviewerID: s.ReviewerID}
		if s.ReviewerID == d.Reviewers[0].ID {
			want.Taken, want.Open = 1, 1
		}
		if s != want {
			t.Errorf("share %+v, want %+v", s, want)
		}
	}
	d.want("handing back", d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[0].ID, d.leaf), nil)
	third := d.another()
	for range 5 { // of two messages taken at once, one is too much
		var wait sync.WaitGroup
		var got [2]error
		for i, leaf := range [][32]byte{second, third} {
			wait.Go(func() { got[i] = d.store.Take(t.Context(), d.ClinicID, d.Reviewers[0].ID, leaf, review.RoleCoder) })
		}
		wait.Wait()
		if (got[0] == nil) == (got[1] == nil) || !errors.Is(errors.Join(got[:]...), review.ErrWeek) {
			t.Fatalf("two at once got %v", got)
		}
		for _, leaf := range [][32]byte{second, third} {
			d.want("handing back", d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[0].ID, leaf), nil)
		}
	}
	d.want("after handing back", takeSecond(), nil)
	d.days(7)
	d.want("a week later", d.take(0, review.RoleCoder), nil)
	d.want("the same again", d.take(0, review.RoleCoder), nil)
	p.Hard = false
	d.want("advice", d.store.SetPractice(t.Context(), d.ClinicID, d.Reviewers[0].ID, p), nil)
	d.want("a cap that only advises", d.store.Take(t.Context(), d.ClinicID, d.Reviewers[0].ID, d.another(), review.RoleCoder), nil)
}

// Work that was done counts in its week, whatever becomes of the part: handing it back makes no room for one more.
func TestWhatWasCodedOrCheckedCountsInTheWeekThoughItIsHandedBack(t *testing.T) {
	d := newDesk(t)
	p := review.DefaultPractice()
	p.Week = 1
	d.want("cap", d.store.SetPractice(t.Context(), d.ClinicID, d.Reviewers[0].ID, p), nil)
	more := d.another()
	counts := func(who int, want int) {
		t.Helper()
		shares, err := d.store.Shares(t.Context(), d.ClinicID)
		d.want("shares", err, nil)
		own, err := d.store.TakenInWeek(t.Context(), d.ClinicID, d.Reviewers[who].ID)
		d.want("own", err, nil)
		i := slices.IndexFunc(shares, func(s review.Share) bool { return s.ReviewerID == d.Reviewers[who].ID })
		if len(shares) != 3 || shares[i].Taken != want || len(own) != want {
			t.Errorf("member %d took %d by %+v and %d by their own list", who, want, shares, len(own))
		}
		err = d.store.Take(t.Context(), d.ClinicID, d.Reviewers[who].ID, more, review.RoleCoder)
		if want > 0 {
			d.want("one more", err, review.ErrWeek)
			return
		}
		d.want("one more", err, nil)
		d.want("and back", d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[who].ID, more), nil)
	}
	back := func(who int) {
		t.Helper()
		d.want("handing back", d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[who].ID, d.leaf), nil)
	}
	d.want("claim", d.take(0, review.RoleCoder), nil)
	counts(0, 1)
	back(0)
	counts(0, 0) // nothing was sent
	for who := range 2 {
		d.want("claim", d.take(who, review.RoleCoder), nil)
		d.want("coding", d.put(who, review.KindCoding, 0), nil)
		counts(who, 1)
	}
	back(0)
	counts(0, 1)
	for who := range 2 {
		d.want("agreement", d.put(who, review.KindConsensus, 0), nil)
	}
	d.want("claim", d.take(2, review.RoleChecker), nil)
	d.days(2)
	d.want("check", d.put(2, review.KindCheck, 0), nil)
	back(2)
	counts(2, 1)
	d.want("the same part again", d.take(2, review.RoleChecker), nil) // it counts already
	d.want("a check of other words", d.put(2, review.KindCheck, 1), nil)
	back(2)
	d.days(4)
	counts(0, 1) // of the day of the coding
	counts(2, 1)
	d.days(1)
	counts(0, 0)
	counts(2, 1) // of the day of the first check
	d.days(2)
	counts(2, 0)
}

func TestActsAreAllThatThereEverWere(t *testing.T) {
	d := newDesk(t)
	if got, err := d.store.Acts(t.Context(), d.ClinicID); err != nil || len(got) != 0 {
		t.Errorf("before any act: %v, %v", got, err)
	}
	_, err := d.DB.NewRaw(`INSERT INTO act VALUES (?, ?, 'received', '2026-11-22', ?), (?, ?, 'received', '2026-01-01', ?)`,
		make([]byte, 32), d.ClinicID, make([]byte, 32), append(make([]byte, 31), 1), d.ClinicID, append(make([]byte, 31), 1)).Exec(t.Context())
	d.want("acts", err, nil)
	if got, err := d.store.Acts(t.Context(), d.ClinicID); err != nil || len(got) != 2 || got[0].Code != "received" {
		t.Errorf("acts %v, %v", got, err)
	}
}

// TestWordsGoOutWithoutThemes holds the server to what was looked at: beside words stands only what the writer said must not
// happen, and beside themes nothing.
func TestWordsGoOutWithoutThemes(t *testing.T) {
	d := newDesk(t)
	decision := d.decide()
	d.days(3)
	post := func(f review.Finding) error {
		f.LeafHash, f.Sharing = d.leaf[:], decision
		f.Signature = f.Sign(d.Reviewers[2].Key, d.ClinicID)
		_, err := d.store.Find(t.Context(), d.ClinicID, d.reviewer[2], &f)
		return err
	}
	none, police := []string{}, []string{"do_not_call_police"}
	for name, f := range map[string]review.Finding{
		"themes beside words":                    {Form: "paraphrase", Words: "held", Themes: []string{"force"}},
		"what goes along beside themes":          {Form: "theme", Themes: []string{"force"}, MustNot: police},
		"what is not for the clinic to keep":     {Form: "quote", Words: "held", Themes: none, MustNot: []string{"do_not_contact_me"}},
		"a word of the member's beside words":    {Form: "quote", Words: "held", Themes: none, MustNot: []string{"call_nurse_quillwort"}},
		"what goes along, in any order or twice": {Form: "quote", Words: "held", Themes: none, MustNot: append(police, police...)},
	} {
		d.want(name, post(f), review.ErrFacts)
	}
	d.want("words and what goes along", post(review.Finding{Form: "quote", Words: "held", Themes: none, MustNot: police}), nil)
}

// Whose codes they are is given to the whole panel, with what was signed; who reads the message as the third is not given what the
// two others agree on, which they could guess at by its hash, before their own coding is in.
func TestCodesInTheClearAreGivenWithWhatWasSigned(t *testing.T) {
	d, _ := counted(t)
	given := func(who int) review.Standing {
		t.Helper()
		rows, err := d.store.Work(t.Context(), d.ClinicID, d.epoch.ID, d.Reviewers[who].ID)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d messages, %v", len(rows), err)
		}
		return rows[0]
	}
	if m := given(2); m.Coded || m.Facts != "" || m.CodedBy != "" || m.CodedSignature != nil {
		t.Errorf("before there are any: %+v", m)
	}
	d.agree()
	f := facts()
	d.want("codes", d.code(1, f), nil)
	hash, err := f.Hash()
	d.want("hash", err, nil)
	for who := range 3 {
		m := given(who)
		signed := review.VerifyCoded(d.reviewer[1].VerifyKey, d.ClinicID, d.leaf, hash, m.CodedSignature)
		if !m.Coded || m.CodedBy != d.Reviewers[1].ID || sha256.Sum256([]byte(m.Facts)) != hash || !signed {
			t.Errorf("member %d is given %+v", who, m)
		}
	}
	d.want("a third's claim", d.take(2, review.RoleThird), nil)
	if m := given(2); !m.Coded || m.Facts != "" || m.CodedBy != "" {
		t.Errorf("who reads alone is given %+v", m)
	}
	d.want("the third's coding", d.put(2, review.KindCoding, 0), nil)
	if m := given(2); m.CodedBy == "" {
		t.Error("with their own coding in, they are not given it")
	}
}
