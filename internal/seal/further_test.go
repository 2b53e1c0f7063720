package seal

import (
	"reflect"
	"testing"
)

func TestFurtherMessagesOfAReceiptShareItsMailboxAndActionsKey(t *testing.T) {
	r := Receipt{1, 2, 3}
	first := NewSubmission(r.Derive("o"), "e", "o", "f", "en", SealedByClient, []Answer{{"words", "x"}})
	thread := Commitment{7}.String()
	more := NewFollowup(r.DeriveMessage("o", 1), "e", "o", "f", "en", SealedByServer, &thread, []Answer{{"words", "y"}})
	change := NewConsent(r.DeriveMessage("o", 2), "e", "o", SealedByClient, nil, Consent{ShareLevel: "count_me", Hold: "now"})
	about := NewTiedAboutYou(r.DeriveMessage("o", 3), "e", "o", "f", "en", SealedByClient, []Answer{{"age_band", "26_39"}})
	if *about.Mailbox != *first.Mailbox || about.Anchor == change.Anchor {
		t.Error("what somebody says about themselves is not tied by the mailbox")
	}
	if about.ReplyTo != nil || about.Actions != nil || about.Thread != nil {
		t.Error("it is tied by more than the mailbox")
	}
	if *first.Actions != *more.Actions || *first.Mailbox != *more.Mailbox || *first.Mailbox != *change.Mailbox {
		t.Error("messages of one receipt cannot be told to be so")
	}
	if first.Anchor == more.Anchor || more.Anchor == change.Anchor {
		t.Error("two messages stand under one anchor")
	}
	for _, p := range []*Plaintext{first, more, change, about} {
		padded, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParsePlaintext(padded)
		if err != nil || !reflect.DeepEqual(back, p) {
			t.Errorf("%s does not come back: %v", p.T, err)
		}
	}
}
