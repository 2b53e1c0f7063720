package client

import (
	"reflect"
	"testing"

	"answerable/internal/coding"
)

// The numbers are those of ui/test/guess.test.ts.
func TestTheCrowdIsTheLeastOverTheRolesOfOneServiceAndMonth(t *testing.T) {
	b := &Bench{Reviewer: &Reviewer{}, cases: map[[32]byte]*Case{}}
	passer := func(of, service, day string, chips []string, roles ...string) *Case {
		c := &Case{Leaf: [32]byte{byte(len(b.cases))}, Day: day, Card: &coding.Card{Of: of, Service: service, Roles: roles, Chips: chips}}
		b.cases[c.Leaf] = c
		return c
	}
	one := passer("submission", "crisis_house", "2026-11-03", nil, "nurse", "security")
	other := passer("submission", "crisis_house", "2026-11-28", nil, "nurse")
	none := passer("submission", "crisis_house", "2026-11-28", nil)
	passer("consent", "crisis_house", "2026-11-03", nil, "security")
	passer("submission", "crisis_house", "2026-12-01", nil, "security")
	passer("submission", "ward", "2026-11-03", nil, "security")
	for _, row := range []struct {
		c    *Case
		want Crowd
	}{{one, Crowd{1, "security", nil}}, {other, Crowd{2, "nurse", nil}}, {none, Crowd{1, "", nil}}} {
		if got := b.Crowd(row.c); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%v: %+v, want %+v", row.c.Card.Roles, got, row.want)
		}
	}

	b.cases = map[[32]byte]*Case{}
	rare := passer("submission", "crisis_house", "2026-11-03", []string{"force.held_down", "respect"}, "nurse")
	for range 15 {
		passer("submission", "ward", "2026-11-03", []string{"force"}, "nurse")
		passer("submission", "crisis_house", "2026-12-03", []string{"force"}, "nurse")
	}
	passer("submission", "crisis_house", "2026-11-04", []string{"respect.hurt_me"}, "nurse")
	passer("submission", "crisis_house", "2026-11-04", []string{"force"}, "doctor")
	if got, want := b.Crowd(rare), (Crowd{2, "nurse", &Rare{"force", "nurse", 1}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}

	// What its writer sent later warns of more, and belongs to it.
	b.cases = map[[32]byte]*Case{}
	told := passer("submission", "crisis_house", "2026-11-03", []string{"voice"}, "nurse")
	passer("submission", "crisis_house", "2026-11-04", []string{"voice"}, "nurse")
	further := passer("followup", "", "2026-11-12", []string{"response.payback"})
	told.later, further.first = []*Case{further}, told
	if got, want := b.Crowd(told), (Crowd{2, "nurse", &Rare{"response", "nurse", 1}}); !reflect.DeepEqual(got, want) {
		t.Errorf("with what came later: %+v, want %+v", got, want)
	}
}
