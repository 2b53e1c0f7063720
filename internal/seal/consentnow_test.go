package seal

import (
	"reflect"
	"testing"
)

func TestConsentVectors(t *testing.T) {
	type consent struct {
		ShareLevel string `json:"share_level"`
		AskMeFirst bool   `json:"ask_me_first"`
		Hold       string
		Hide       []string
	}
	var v struct {
		Comment string
		Cases   []struct {
			Comment  string
			Messages []struct {
				Kind, Day string
				Answers   []Answer
				Consent   *consent
			}
			Now consent
		}
	}
	load(t, "consent.json", &v)
	if len(v.Cases) < 24 {
		t.Fatal("no vectors")
	}
	for _, c := range v.Cases {
		var said []Said
		for _, m := range c.Messages {
			one := Said{Kind: m.Kind, Day: m.Day, Answers: m.Answers}
			if m.Consent != nil {
				one.Consent = (*Consent)(m.Consent)
			}
			said = append(said, one)
		}
		if got := ConsentNow(said); !reflect.DeepEqual(got, Consent(c.Now)) {
			t.Errorf("%s: got %+v, want %+v", c.Comment, got, c.Now)
		}
	}
}
