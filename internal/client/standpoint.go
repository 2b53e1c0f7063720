package client

import (
	"cmp"
	"slices"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// A stage is where the panel stands with a message, worked out from the signed files alone: the same for every reader.
const (
	StageBeside    = "beside"     // what a writer sent later, changed, or says about themselves: it is read, and nobody codes it
	StageCoding    = "coding"     // not two codings yet
	StageDiffers   = "differs"    // two codings that differ, and no agreement yet
	StageCompared  = "compared"   // the codings agree, and the coders have not signed the same yet
	StageTooFew    = "too-few"    // fewer than two people are left who could code it
	StageOneLeft   = "one-left"   // too few who read it are left to sign together; a third can read it
	StageNoThird   = "no-third"   // the same, and nobody is left to be that third
	StageNoChecker = "no-checker" // agreed, and all who are left have coded it: it can only be kept
	StageAgreed    = "agreed"     // nobody outside the coders has looked yet whether somebody could guess who wrote
	StageChecked   = "checked"    // it can be decided
	StageObjecting = "objecting"  // decided to share; members may object
	StageObjected  = "objected"   // nothing goes out without a new decision
	StageReady     = "ready"      // two whole days have passed, and nobody objects
	StageTakenBack = "taken-back" // the finding of this decision was taken back: nothing goes out without a new one
	StageKept      = "kept"       // it stays with the panel
	StageReleased  = "released"   // a finding stands that a member signed
)

func plainOf[B any](files []Dated[B]) []coding.Coded[B] {
	out := make([]coding.Coded[B], 0, len(files))
	for _, f := range files {
		one := f.Coded
		one.On = f.Day
		out = append(out, one)
	}
	return out
}

// Stage says where the panel stands with a message on a day.
func (c *Case) Stage(today string) string {
	if c.beside() {
		return StageBeside
	}
	if c.isGiven() {
		return StageReleased
	}
	decision := c.standing()
	if decision != nil && decision.Body.Decision == coding.Keep {
		return StageKept
	}
	if c.meanwhile {
		return StageAgreed // or further, which rests on what is kept from who reads it alone
	}
	agreed, hashes := c.Settled()
	switch {
	case agreed != nil && decision != nil && c.holds(decision, hashes):
		if c.objected(decision) {
			return StageObjected
		}
		if wholeDays(decision.Day, today) < coding.ObjectionDays {
			return StageObjecting // nothing can have gone out yet, whatever the server says of findings
		}
		if slices.Contains(c.takenBack, decision.Hash) {
			return StageTakenBack
		}
		return StageReady
	case agreed != nil && c.check() != nil:
		return StageChecked
	case agreed != nil && len(c.mayCheck()) == 0:
		return StageNoChecker
	case agreed != nil:
		return StageAgreed
	case len(c.Codings) >= 2 && !c.canAgree():
		if c.thirdToCome() {
			return StageOneLeft
		}
		return StageNoThird
	case c.alike():
		return StageCompared
	case len(c.Codings) >= 2, len(c.codedBy()) >= 2 && c.thirdReads(): // the codings are kept from the third, who reads alone
		return StageDiffers
	case c.fewerThanTwo():
		return StageTooFew
	}
	return StageCoding
}

// standing is the newest decision. After one by somebody who has stepped back, no older one comes back.
func (c *Case) standing() *Dated[*coding.Sharing] {
	newest := c.newest()
	if newest == nil || !c.counts(newest.By) {
		return nil
	}
	return newest
}

// newest is the last decision to share or keep that was not taken up again, whoever signed it. Of two of one day that share, it is the
// one by which a finding stands, or else one that holds: the other can be of a check that was replaced since.
func (c *Case) newest() *Dated[*coding.Sharing] {
	all := c.newestOfDay()
	if len(all) < 2 {
		return lastOf(all, func(*Dated[*coding.Sharing]) bool { return true })
	}
	if given := lastOf(all, c.gave); given != nil {
		return given
	}
	agreed, hashes := c.Settled()
	stands := func(s *Dated[*coding.Sharing]) bool { return agreed != nil && c.counts(s.By) && c.holds(s, hashes) }
	return cmp.Or(lastOf(all, stands), all[len(all)-1])
}

func lastOf[B any](files []*Dated[B], is func(*Dated[B]) bool) *Dated[B] {
	for _, f := range slices.Backward(files) {
		if is(f) {
			return f
		}
	}
	return nil
}

// newestOfDay are the decisions of which one is the newest. Files of one day have no order between authors, so of two the one that
// shares less is it; there can be several that share.
func (c *Case) newestOfDay() (newest []*Dated[*coding.Sharing]) {
	rank := func(s *Dated[*coding.Sharing]) string {
		if s.Body.Decision == coding.Keep {
			return s.Day + " 1"
		}
		return s.Day + " 0"
	}
	for i := range c.Sharings {
		s := &c.Sharings[i]
		switch {
		case s.Body.Decision == coding.Object || s.Body.Decision == coding.Keep && c.takenUp(s.Hash):
		case len(newest) == 0 || rank(s) > rank(newest[0]):
			newest = []*Dated[*coding.Sharing]{s}
		case rank(s) == rank(newest[0]):
			newest = append(newest, s)
		}
	}
	return newest
}

// takenUp says whether a kept message was taken up again: by an objection that names the decision to keep it.
func (c *Case) takenUp(keep string) bool {
	return slices.ContainsFunc(c.Sharings, func(f Dated[*coding.Sharing]) bool { return f.Body.Decision == coding.Object && f.Body.Of == keep })
}

func (c *Case) coder(reviewer string) bool {
	return slices.ContainsFunc(c.Codings, func(f Dated[*coding.Coding]) bool { return f.By == reviewer })
}

// holds says whether a decision to share rests on the agreement there is, and on the check that stands, of the same words
// and themes, and of the same that goes along: one that came in its place asks for a decision anew. Where the writer was
// asked, it has to be what they were shown by the note which the decision names.
func (c *Case) holds(decision *Dated[*coding.Sharing], agreement []string) bool {
	check := c.check()
	if check == nil || check.Hash != decision.Body.Check {
		return false
	}
	foreign := func(hash string) bool { return !slices.Contains(agreement, hash) }
	agreed, _ := c.Settled()
	out := coding.GoesOut(decision.Body.Form, decision.Body.Words, agreed, &decision.Body.Wishes)
	named := decision.Body.Shown
	if (named != "" || coding.WasAsked(c.noted(), c.free())) && !slices.Contains(c.shown(out), named) {
		return false
	}
	return !check.Body.Guess && check.Body.Same(out) && !slices.ContainsFunc(decision.Body.Consensus, foreign)
}

// objected says whether a decision is stopped: an objection stops every decision made up to its day, since days are all there is
// to go by.
func (c *Case) objected(decision *Dated[*coding.Sharing]) bool {
	return slices.ContainsFunc(c.Sharings, func(f Dated[*coding.Sharing]) bool {
		return f.Body.Decision == coding.Object && (f.Body.Of == decision.Hash || f.Day >= decision.Day)
	})
}

// check is the newest check by somebody who is none of the coders and has not stepped back. Each author's last one counts;
// those of one day have no order between authors, so of them one that says somebody could guess stands. One of other themes
// than those agreed on counts for nothing.
func (c *Case) check() *Dated[*coding.Check] {
	rank := func(f *Dated[*coding.Check]) string {
		if f.Body.Guess {
			return f.Day + " 1"
		}
		return f.Day + " 0"
	}
	agreed, _ := c.Settled()
	var newest *Dated[*coding.Check]
	for i := range c.Checks {
		f := &c.Checks[i]
		last := i+1 == len(c.Checks) || c.Checks[i+1].By != f.By // they stand by author
		themes := coding.GoesOut(f.Body.Form, "", agreed, &coding.Wishes{}).Themes
		if last && !c.coder(f.By) && c.counts(f.By) && slices.Equal(f.Body.Themes, themes) && (newest == nil || rank(f) >= rank(newest)) {
			newest = f
		}
	}
	return newest
}

// wholeDays lie between: neither the day itself nor today counts.
func wholeDays(day, today string) int {
	from, errFrom := time.Parse(time.DateOnly, day)
	to, errTo := time.Parse(time.DateOnly, today)
	if errFrom != nil || errTo != nil {
		return 0
	}
	return max(0, int(to.Sub(from).Hours()/24)-1)
}

// further are those of the later messages that the panel works with: not what the writer says about themselves, which is read and
// nothing more.
func (c *Case) further() (out []*Case) {
	for _, l := range c.later {
		if l.Card.Of != seal.KindAboutYou {
			out = append(out, l)
		}
	}
	return out
}

// beside says whether a message is none that the panel works on by itself. Only what a writer told first is coded, shared and
// counted, with all that came later: so nobody is counted twice, and nothing goes out by half of what its writer wishes.
func (c *Case) beside() bool { return c.Card.Of != seal.KindSubmission }

// Orphan says whether a message came later from a writer whose first message is not here: it was taken back or its key destroyed,
// or this reviewer cannot open that. What its writer wished first is not known here.
func (c *Case) Orphan() bool {
	return c.first == nil && (c.Card.Of == seal.KindFollowup || c.Card.Of == seal.KindConsent)
}

// head is the message with which a writer began, where that is here.
func (c *Case) head() *Case {
	if c.first != nil {
		return c.first
	}
	return c
}

// said is what all messages of a receipt say about what may be done with them.
func (c *Case) said() (all []seal.Said) {
	head := c.head()
	for _, one := range slices.Concat([]*Case{head}, head.others, head.later) {
		if one.message != nil {
			all = append(all, seal.Said{Kind: one.Card.Of, Day: one.Day, Answers: one.message.Answers, Consent: one.message.Consent})
		}
	}
	return all
}

// wishes are what the writer allows and forbids now, with all that they sent. Where their first message is not here, they allow
// nothing. They are sealed with their words, so Bench.Plan gives them to who has declared, and to nobody else.
func (c *Case) wishes() coding.Wishes {
	w := coding.WishesOf(c.said())
	if c.head().beside() {
		w.ShareLevel = coding.MostPrivate().ShareLevel
	}
	return w
}

// Progress is how far the panel has come with a message.
func (b *Bench) Progress(c *Case) coding.Progress {
	agreed, _ := c.Settled()
	// Of a writer from whose other messages this reviewer stepped back, it is not known here what they wish.
	read := b.allRead() && !c.Orphan() && !b.left[c.Card.Receipt]
	p := coding.Progress{Agreed: agreed != nil, AllRead: read, LaterGone: b.laterGone(c)}
	if check := c.check(); check != nil {
		out := c.outgoing(check.Body.Form, check.Body.Words)
		p.Checked, p.Guess = check.Body.Same(out) && !c.hidesMore(out.Form, check.Body.Hide), check.Body.Guess
		p.Unseen = c.unseen(out)
	}
	if decision := c.standing(); decision != nil {
		p.Objected, p.WholeDays = c.objected(decision), wholeDays(decision.Day, b.Today)
	}
	return p
}

// allRead says whether everything that was told is here, and opens, or was put aside as junk by a member: what is not read may be
// a change of this writer's wishes.
func (b *Bench) allRead() bool {
	if !b.whole {
		return false
	}
	for _, c := range b.cases {
		if c.Card.Of == coding.OfJunk && !c.Carded {
			return false
		}
	}
	return true
}

// hidesMore says whether the writer wants something left out of a form by now that was not among had.
func (c *Case) hidesMore(form string, had []string) bool {
	wishes := c.wishes()
	return wishes.HidesMore(form, had)
}

// forbids says whether the writer of a message does not allow, or not any more, what a decision let out.
func (c *Case) forbids(decision *coding.Sharing, out coding.Outgoing) bool {
	wishes := c.wishes()
	return c.beside() || len(coding.Against(wishes, out.Form)) > 0 || wishes.HidesMore(out.Form, decision.Wishes.Hide) ||
		!decision.Wishes.KeepsWords() && len(c.repeats(out)) > 0 // where they were kept already, it was decided so
}

// Verdicts says for each form whether a message may be shared so.
func (b *Bench) Verdicts(c *Case) []coding.Verdict {
	verdicts := coding.Verdicts(c.wishes(), b.Progress(c))
	check := c.check()
	for i := range verdicts {
		if v := &verdicts[i]; check != nil && v.Form == check.Body.Form && len(c.repeats(check.Body.Outgoing)) > 0 {
			v.Why = append(v.Why, coding.NoQuotes)
		}
	}
	return verdicts
}

// closed says whether the panel has done what it can: it keeps the message, or a finding of it stands that a member signed.
func (c *Case) closed() bool {
	decision := c.standing()
	return decision != nil && (decision.Body.Decision == coding.Keep || c.isGiven())
}

// wrote says whether a reviewer signed a coding, a check or a decision. What the server says of parts is signed by nobody.
func (c *Case) wrote(reviewer string) bool {
	return c.coder(reviewer) ||
		slices.ContainsFunc(c.Checks, func(f Dated[*coding.Check]) bool { return f.By == reviewer }) ||
		slices.ContainsFunc(c.Sharings, func(f Dated[*coding.Sharing]) bool { return f.By == reviewer })
}

// has says whether a reviewer has a part in a message.
func (c *Case) has(reviewer, part string) bool {
	return slices.ContainsFunc(c.Parts, func(p Part) bool { return p.Reviewer == reviewer && p.Part == part })
}

// mine says whether a reviewer has any part in a message that gives a say in it: one who claimed or coded.
func (c *Case) mine(reviewer string) bool {
	return slices.ContainsFunc([]string{review.RoleCoder, review.RoleThird, review.RoleChecker, "coded"}, func(part string) bool { return c.has(reviewer, part) })
}
