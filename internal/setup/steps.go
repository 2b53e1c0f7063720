package setup

import (
	"fmt"
	"strings"

	"answerable/internal/keyring"
)

func (f *facts) stewardStep() Step {
	step := Step{Key: KeySteward, Done: f.steward, Who: Operator, Say: "This place has a steward. Stewards run it and read nothing."}
	if !f.steward {
		step.Say = "Nobody is a steward yet. Whoever runs the server makes a link for one: answerable clinic steward"
	}
	return step
}

func (f *facts) clinicStep() Step {
	return Step{Key: KeyClinic, Done: true, Who: Operator, Say: f.place.Name + " is added."}
}

func (f *facts) reviewersStep() Step {
	step := Step{Key: KeyReviewers, Done: len(f.members) >= EnoughReviewers, Who: Steward}
	open := ""
	if f.invited > 0 {
		open = fmt.Sprintf(" Not used yet: %s.", count(f.invited, "invitation"))
	}
	if step.Done {
		step.Say = fmt.Sprintf("%s have joined.%s", count(len(f.members), "reviewer"), open)
		return step
	}
	step.Say = fmt.Sprintf("%d of at least %d reviewers have joined.%s Make a link for each person and hand it over so that only they see it.",
		len(f.members), EnoughReviewers, open)
	return step
}

func (f *facts) manifestStep() Step {
	step := Step{Key: KeyManifest, Needed: true, Done: f.plan != nil, Who: Steward}
	switch {
	case f.draft != nil:
		step.Who = Reviewers
		step.Say = f.draftWords()
	case f.plan == nil:
		step.Say = "When everybody has joined, say how many of them must sign for a key to be good, and propose the list of members."
	default:
		step.Say = fmt.Sprintf("List %d is signed and in the log: %s, of whom %d must sign.",
			f.plan.Panel.Version, count(len(f.plan.Panel.Reviewers), "member"), f.plan.Panel.M)
		if left := f.joinedSince(); len(left) > 0 {
			step.Say += fmt.Sprintf(" Joined since: %s. Propose a new list, so that they are on it.", strings.Join(left, ", "))
		}
	}
	return step
}

// draftWords says whose signatures a list waits for. The first is signed by everybody on it, a later one by enough of the
// panel before and enough of the new one.
func (f *facts) draftWords() string {
	draft, err := keyring.ParseManifest(f.draft.Lines)
	if err != nil {
		return "The proposed list does not read. Propose it again."
	}
	left := strings.Join(unsigned(draft, f.draft.Signatures), ", ")
	how := " They sign on the panel's page, or with: answerable panel manifest sign"
	if f.plan == nil {
		return "The first list is proposed, and everybody on it signs it. Not yet: " + left + "." + how
	}
	return fmt.Sprintf("List %d is in force. List %d is proposed: %d of the panel before and %d of the new one sign it. Not yet: %s.",
		f.plan.Panel.Version, draft.Version, f.plan.Panel.M, draft.M, left) + how
}

// joinedSince lists who have joined and stand on no list yet.
func (f *facts) joinedSince() []string {
	var left []string
	for _, r := range f.members {
		if f.plan.Panel.Member(r.ID) == nil {
			left = append(left, r.ID)
		}
	}
	return left
}

func (f *facts) epochStep() Step {
	step := Step{Key: KeyEpoch, Needed: true, Done: f.active != nil, Who: Reviewers}
	switch {
	case f.active != nil:
		step.Say = fmt.Sprintf("Key %s is in use. Its last day is %s.", f.active.ID, day(f.active.NotAfter))
		if f.plan.WarnDays != nil && f.plan.OpenUntil != nil {
			step.Say += " No key that follows it has been checked yet. Without one, the form closes after " + day(*f.plan.OpenUntil) + "."
		}
	case f.plan == nil:
		step.Say = "Keys come after the first list of members is signed" + f.togetherWords()
	case len(f.offered) > 0:
		step.Say = f.offeredWords()
	default:
		step.Say = "No key is in use. A member of the panel signs in, and their browser makes the keys; or, from a terminal: answerable epoch make" + f.togetherWords()
	}
	return step
}

// togetherWords recommends to open keys together, before the first one is made and until the panel has decided.
func (f *facts) togetherWords() string {
	if f.made[keyring.KindRotation] != nil {
		return "."
	}
	return ". Best decide before that how many members open a key together: where it takes two or more, nobody reads alone. We recommend two: answerable panel rotation --open-by 2." +
		f.draftOf(keyring.KindRotation)
}

// offeredWords says who has to check the keys that are made.
func (f *facts) offeredWords() string {
	waiting := make([]string, 0, len(f.offered))
	for _, o := range f.offered {
		waiting = append(waiting, fmt.Sprintf("%s (%d more of %s)", o.id, max(o.missing, 0), strings.Join(o.left, ", ")))
	}
	return "Made, and not yet checked by enough: " + strings.Join(waiting, "; ") +
		". Those members sign in, and their browsers check; or, from a terminal: answerable epoch ack"
}

func (f *facts) aheadStep() Step {
	step := Step{Key: KeyAhead, Who: Reviewers}
	switch {
	case f.plan == nil:
		step.Say = "Keys come after the first list of members is signed."
	case len(f.plan.Terms) > 0:
		step.Say = fmt.Sprintf("%s still to be made, so that the next months are covered. A member signs in, and their browser makes them; or, from a terminal: answerable epoch make",
			count(len(f.plan.Terms), "key"))
	case len(f.offered) > 0:
		step.Say = f.offeredWords()
	default:
		step.Done = true
		step.Say = "The keys of the next months are made and checked."
		if f.plan.CoveredUntil != nil {
			step.Say = fmt.Sprintf("Keys are made and checked until %s.", day(*f.plan.CoveredUntil))
		}
	}
	return step
}

func (f *facts) noticeStep() Step {
	step := Step{Key: KeyNotice, Needed: true, Who: Operator, Done: strings.TrimSpace(f.place.LegalNotice) != ""}
	step.Say = "It says what the law may make the panel do."
	if p := f.place.ProposedNotice(); p != nil {
		step.Who = Reviewers
		step.Say = fmt.Sprintf("Another text has been proposed on %s. It holds when enough of the panel have signed settings with it: on their page /panel/settings, or with: answerable panel settings --take-notice", day(p.On))
		return step
	}
	if !step.Done {
		step.Say = "Nobody has written what the law may make the panel do. Find out for your place, and write it in plain words: people have a right to know it before they tell."
	}
	return step
}

func (f *facts) supportStep() Step {
	step := Step{Key: KeySupport, Needed: true, Who: Reviewers}
	if n := len(f.place.SupportLines); n > 0 {
		step.Done, step.Say = true, fmt.Sprintf("%s to turn to now, checked in the last 90 days.", count(n, "line"))
		return step
	}
	if d := f.made[keyring.KindSupport]; d != nil {
		r, err := keyring.ParseResolution(d.Lines)
		if err == nil && r.Without {
			step.Done, step.Say = true, fmt.Sprintf("No line is listed. The panel decided on %s that the form may open without a list.", day(*d.MadeOn))
			return step
		}
	}
	step.Say = "No line to turn to now is listed, or none was checked in the last 90 days. Either whoever runs the server lists one (answerable clinic support), or the panel decides to open without (answerable panel support --open-without)." +
		f.draftOf(keyring.KindSupport)
	return step
}

func (f *facts) charterStep() Step {
	step := Step{Key: KeyCharter, Needed: true, Who: Reviewers}
	if d := f.made[keyring.KindCharter]; d != nil {
		step.Done, step.Say = true, fmt.Sprintf("Signed by the panel on %s, and shown on the page that checks the keys.", day(*d.MadeOn))
		return step
	}
	step.Say = "The panel says in its own words how its members are chosen, whether most are client community members, who pays them and who may not join, and signs it: on the panel's page, or with: answerable panel charter." +
		f.draftOf(keyring.KindCharter)
	return step
}

func (f *facts) otherWaysStep() Step {
	step := Step{Key: KeyOtherWays, Who: Steward, Done: len(f.place.OtherWays) > 0}
	if step.Done {
		step.Say = fmt.Sprintf("While the form is closed, its page names %s.", count(len(f.place.OtherWays), "other way"))
		return step
	}
	step.Say = "No other way to tell is filled in. When the form is closed, its page then leaves people with nothing to do but wait. Name ways that exist, and who runs each: on the stewards' page, or with: answerable clinic edit --other-way"
	return step
}

// draftOf says how far a decision has come that waits for signatures.
func (f *facts) draftOf(kind string) string {
	d := f.drafts[kind]
	if d == nil {
		return ""
	}
	return fmt.Sprintf(" Proposed: %d of %d have signed.", len(d.Signatures), d.Needed)
}

func (f *facts) formStep(missing []Step) Step {
	step := Step{Key: KeyForm, Who: Steward, Done: f.place.Open}
	switch {
	case f.place.Open && f.active == nil:
		step.Say = "It is open, but takes nothing while no key is in use. Its page shows the other ways to tell that are filled in."
	case f.place.Open && len(missing) > 0:
		step.Say = "It is open. Something it needed has lapsed since; nothing is closed by itself. See above."
	case f.place.Open:
		step.Say = "It is open."
	case len(missing) > 0:
		step.Say = (&NotReadyError{missing}).Error()
	default:
		step.Say = "Everything is there. It can open."
	}
	return step
}
