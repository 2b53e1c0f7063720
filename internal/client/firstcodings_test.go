package client

import (
	"slices"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// codedOn is a coding of a day; grave tells one from another.
func codedOn(by, day string, grave int) Dated[*coding.Coding] {
	found := foundHere()
	found.Seriousness = grave
	return Dated[*coding.Coding]{Coded: coding.Coded[*coding.Coding]{By: by, Hash: by, Body: &coding.Coding{Found: *found}}, Day: day}
}

func TestTheFirstTwoCodingsAreCompared(t *testing.T) {
	c := &Case{Card: coding.NewCard(seal.KindSubmission, "", nil), members: []string{"ra", "rb", "rc"}, Codings: []Dated[*coding.Coding]{
		codedOn("ra", "2026-11-23", 0), codedOn("rb", "2026-11-21", 2), codedOn("rc", "2026-11-22", 2),
	}}
	for _, parts := range [][]Part{
		nil, // nobody has a part any more: the day counts
		{{nil, "ra", review.RoleThird}, {nil, "rb", review.RoleCoder}, {nil, "rc", review.RoleCoder}},
	} {
		c.Parts = parts
		if got := c.Stage("2026-11-25"); got != StageCompared {
			t.Errorf("with the parts %v: %s", parts, got)
		}
		if all, first := c.SideBySide(); !first.Agree || all[2].By != "ra" {
			t.Errorf("with the parts %v, side by side: %+v, the last by %s", parts, first, all[2].By)
		}
	}
	c.Parts = []Part{{nil, "ra", review.RoleCoder}, {nil, "rb", review.RoleCoder}} // ra came back to a part that two others have done
	if got := c.Stage("2026-11-25"); got != StageCompared {
		t.Errorf("with a coder's part and a later day: %s", got)
	}
	c.Codings[1].Day, c.Parts = "2026-11-24", []Part{{nil, "ra", review.RoleCoder}, {nil, "rc", review.RoleCoder}}
	if got := c.Stage("2026-11-25"); got != StageDiffers {
		t.Errorf("whom the third reader agrees with: %s", got)
	}
	if all, first := c.SideBySide(); first.Agree || all[0].By != "rc" || all[1].By != "ra" {
		t.Errorf("whom the third reader agrees with, side by side: %+v of %s and %s", first, all[0].By, all[1].By)
	}
}

// The third has the lowest id and agrees with one of the two coders, who differ. The case is that of ui/test/sidebyside.test.ts.
func TestAThirdWhoComesFirstByNameAgreesForNobody(t *testing.T) {
	c := &Case{
		Card: coding.NewCard(seal.KindSubmission, "", nil), members: []string{"ra", "rb", "rc"},
		Parts:   []Part{{nil, "ra", review.RoleThird}, {nil, "rb", review.RoleCoder}, {nil, "rc", review.RoleCoder}},
		Codings: []Dated[*coding.Coding]{codedOn("ra", "2026-11-23", 0), codedOn("rb", "2026-11-21", 0), codedOn("rc", "2026-11-22", 3)},
	}
	all, first := c.SideBySide()
	if got := c.Stage("2026-11-25"); got != StageDiffers || first.Agree || all[0].By != "rb" || all[1].By != "rc" || all[2].By != "ra" {
		t.Errorf("stage %s, compared %+v of %s and %s", got, first, all[0].By, all[1].By)
	}
	if one, none := (&Case{Codings: c.Codings[:1]}).SideBySide(); len(one) != 1 || none != nil {
		t.Errorf("one alone: %d, %+v", len(one), none)
	}
}

// The steps are those of ui/test/casework.test.ts.
func TestWhatTheServerAloneSaysOfAFindingMovesNothing(t *testing.T) {
	c := &Case{Card: coding.NewCard(seal.KindSubmission, "", nil), Finding: true, members: []string{"ra", "rb"}}
	b := &Bench{cases: map[[32]byte]*Case{{}: c}}
	sharing := func(decision, of, hash, day string) Dated[*coding.Sharing] {
		return dated(&coding.Sharing{Decision: decision, Of: of}, "ra", hash, day, 0)
	}
	stands := func(what, stage string, closed bool, unsigned int) {
		t.Helper()
		if got := c.Stage("2026-11-25"); got != stage || c.closed() != closed || b.unsigned() != unsigned {
			t.Errorf("%s: %s, closed %v, %d unsigned", what, got, c.closed(), b.unsigned())
		}
	}
	stands("without a decision", StageCoding, false, 1)
	c.Sharings = []Dated[*coding.Sharing]{sharing(coding.Object, "", "o", "2026-11-24")}
	stands("with an objection alone", StageCoding, false, 1)
	c.Sharings = []Dated[*coding.Sharing]{sharing(coding.Share, "", "d", "2026-11-24")}
	stands("with a decision alone", StageCoding, false, 1)
	c.given = []string{"of another"}
	stands("with a finding of another decision", StageCoding, false, 1)
	c.given = []string{"d"}
	stands("with its finding", StageReleased, true, 0)
	c.Finding = false
	stands("taken back", StageCoding, false, 0)
	c.Finding, c.Sharings = true, append(c.Sharings, sharing(coding.Object, "d", "o", "2026-11-24"), sharing(coding.Share, "", "e", "2026-11-25"))
	stands("with a newer decision", StageCoding, false, 1)
	c.Sharings = append(c.Sharings, sharing(coding.Keep, "", "k", "2026-11-25"))
	stands("kept", StageKept, true, 1)
}

func TestTooFewAreLeftToRead(t *testing.T) {
	c := &Case{Card: coding.NewCard(seal.KindSubmission, "", nil), members: []string{"ra", "rb", "rc"}}
	for _, one := range []struct {
		stage string
		parts []Part
	}{
		{StageCoding, []Part{{nil, "ra", partRecused}}},
		{StageTooFew, []Part{{nil, "ra", partRecused}, {nil, "rb", partRecused}}},
		{StageCoding, []Part{{nil, "ra", partRecused}, {nil, "rb", partRecused}, {nil, "gone", partCoded}}}, // sent before they left
	} {
		c.Parts = one.parts
		if got := c.Stage("2026-11-25"); got != one.stage {
			t.Errorf("with the parts %v: %s", one.parts, got)
		}
	}
}

// The case is that of ui/test/casework.test.ts.
func TestAThirdsCodingAfterAnAgreementStandsBesideIt(t *testing.T) {
	found := &coding.Coding{Found: coding.Found{Taxonomy: "0.2.0", Yes: []string{"force"}, No: []string{"voice"}, Seriousness: 2}}
	other := &coding.Coding{Found: coding.Found{Taxonomy: "0.2.0", Yes: []string{"voice"}, No: []string{"force"}, Seriousness: 0}}
	c := &Case{Codings: []Dated[*coding.Coding]{dated(found, "a", "ha", "2026-11-21", 0), dated(found, "b", "hb", "2026-11-21", 0)}}
	body := coding.Proposal(plainOf(c.Codings))
	c.Consensuses = []Dated[*coding.Consensus]{dated(body, "a", "sa", "2026-11-22", 0), dated(body, "b", "sb", "2026-11-23", 0)}
	for day, stands := range map[string]bool{"2026-11-22": false, "2026-11-23": true, "2026-11-25": true} {
		after := *c
		after.Codings = append(slices.Clone(c.Codings), dated(other, "c", "hc", day, 0))
		if agreed, hashes := after.Settled(); (agreed != nil) != stands || stands && !slices.Equal(hashes, []string{"sa", "sb"}) {
			t.Errorf("a third's coding of %s: agreed %v by %v", day, agreed != nil, hashes)
		}
		anew := coding.Proposal(plainOf(after.Codings))
		after.Consensuses = append(slices.Clone(c.Consensuses), dated(anew, "a", "na", "2026-11-26", 1), dated(anew, "c", "nc", "2026-11-26", 0))
		if agreed, hashes := after.Settled(); agreed != anew || !slices.Equal(hashes, []string{"na", "nc"}) {
			t.Errorf("an agreement that names it too: %v", hashes)
		}
	}
}

func TestAnAgreementOnOtherCodingsIsNotOfferedAgain(t *testing.T) {
	c := &Case{Card: coding.NewCard(seal.KindSubmission, "", nil), members: []string{"ra", "rb", "rc"}, Codings: []Dated[*coding.Coding]{
		codedOn("ra", "2026-11-21", 2), codedOn("rb", "2026-11-21", 2),
	}}
	b := &Bench{Reviewer: &Reviewer{ID: "rb"}}
	first := coding.Proposal(plainOf(c.Codings))
	first.Seriousness = 1
	c.Consensuses = []Dated[*coding.Consensus]{dated(first, "ra", "sa", "2026-11-22", 0)}
	if got, err := b.Proposal(c); err != nil || got != first {
		t.Errorf("what a colleague agreed to: %v, %v", got, err)
	}
	c.Codings = append(c.Codings, codedOn("rc", "2026-11-22", 2))
	if got, err := b.Proposal(c); err != nil || len(got.Codings) != 3 {
		t.Errorf("once there is a third coding: %v, %v", got, err)
	}
}
