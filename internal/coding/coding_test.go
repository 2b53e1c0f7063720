package coding_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

const (
	anna = "raaaaaaaa"
	bela = "rbbbbbbbb"
	cleo = "rcccccccc"
)

func hash(n byte) string { return base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{n}, 32)) }

func place(by string) coding.Place {
	return coding.Place{Epoch: "2026-12-ab3d", Origin: "panel.example/answerable", Leaf: hash(1), By: by}
}

func found() coding.Found {
	return coding.Found{
		Taxonomy: "0.2.0", Yes: []string{"force", "voice"}, No: []string{"access", "bias", "money"},
		Items: []string{"force.held_down", "voice.no_ignored"}, Good: []string{"good_care.heard"}, Seriousness: 2,
		Involved: []string{"nurse", "security"}, Repair: []string{"say_sorry"},
	}
}

func withOwn() coding.Found {
	f := found()
	f.Role, f.Own = coding.RoleClient, []string{"force.x_mill_lane.the_blue_room", "voice.x_mill_lane.no_phone"}
	return f
}

func agreed() *coding.Consensus {
	return &coding.Consensus{Found: found(), Codings: []string{hash(2), hash(3)}}
}

func allows(level string) coding.Wishes {
	w := coding.MostPrivate()
	w.ShareLevel = level
	return w
}

func shows() *coding.Note {
	return &coding.Note{Text: "I showed it to them.", Asked: true, Form: coding.FormParaphrase, Words: "Somebody was held down."}
}

// had is a showing of words that says what had come from the writer already.
func had(hashes ...string) *coding.Note {
	n := shows()
	n.Had = hashes
	return n
}

// many are so many hashes in order.
func many(n int) (out []string) {
	for i := range n {
		out = append(out, hash(byte(i)))
	}
	slices.Sort(out)
	return out
}

func tied(c *coding.Card) *coding.Card {
	c.Tie(hash(8), hash(9))
	c.Log = coding.Sighting(1203, [32]byte{1})
	return c
}

// bodies are one of each kind, and more where a kind has more than one shape.
func bodies() map[string]coding.Body {
	return map[string]coding.Body{
		"card": &coding.Card{Of: seal.KindSubmission, Service: "crisis_house", Roles: []string{"nurse"}, When: "this_month",
			Chips: []string{"force.held_down", "respect"}, Urgent: true, Taxonomy: "0.2.0"},
		"card of a further message":  coding.NewCard(seal.KindFollowup, hash(1), nil),
		"card of a wish to be asked": coding.NewCard(seal.KindFollowup, "", []seal.Answer{{Q: seal.CheckInKey, A: "month"}}),
		"card with its ties":         tied(coding.NewCard(seal.KindFollowup, "", nil)),
		"card of a decoy":            coding.NewCard(seal.KindDecoy, "", nil),
		"coding":                     &coding.Coding{Found: found()},
		"coding of own items":        &coding.Coding{Found: withOwn()},
		"consensus":                  agreed(),
		"consensus on own items":     &coding.Consensus{Found: withOwn(), Codings: []string{hash(2), hash(3)}},
		"note":                       &coding.Note{Text: "Is this <the> same \"ward\" & day?\n\u2028 שלום 👍🏽 \\ \b\f\x01\x7f"},
		"note that asks":             &coding.Note{Text: "I showed it to them.", Asked: true},
		"note that shows words":      shows(),
		"note that names what came":  had(hash(2), hash(3)),
		"note before anything came":  had([]string{}...),
		"note of as much as it may":  had(many(coding.MostHad)...),
		"note that shows a theme":    &coding.Note{Text: "I showed them the form.", Asked: true, Form: coding.FormTheme},
		"note of what was not sent":  &coding.Note{Text: "It did not go.", Over: hash(7), Unsent: true},
		"note that ends a wait":      &coding.Note{Text: "They said yes.", Over: hash(7)},
		"note that shows themes":     &coding.Note{Text: "I showed them the form.", Asked: true, Form: coding.FormTheme, Themes: []string{"force", "voice"}},
		"note that shows all":        &coding.Note{Text: "I showed it.", Asked: true, Form: coding.FormQuote, Words: "They held me.", MustNot: []string{"do_not_call_police"}},
		"check":                      &coding.Check{Outgoing: coding.Outgoing{Form: coding.FormParaphrase, Words: "Somebody was held down."}, Changed: "No ward, no day."},
		"check of what goes along": &coding.Check{Outgoing: coding.Outgoing{
			Form: coding.FormPublic, Words: "Somebody was held down.", MustNot: []string{"do_not_call_police", "do_not_put_in_my_notes"},
		}},
		"check of a theme": &coding.Check{Outgoing: coding.Outgoing{Form: coding.FormTheme}, Guess: true, Changed: "Only two people work there."},
		"check of themes":  &coding.Check{Outgoing: coding.Outgoing{Form: coding.FormTheme, Themes: []string{"force", "voice"}}},
		"check of what was hidden": &coding.Check{
			Outgoing: coding.Outgoing{Form: coding.FormParaphrase, Words: "Somebody was held down."},
			Hide:     []string{"the_date", "the_place"},
		},
		"sharing": &coding.Sharing{Decision: coding.Share, Form: coding.FormParaphrase, Words: "Somebody was held down.",
			Wishes: allows("my_words_to_clinic"), Consensus: []string{hash(4), hash(5)}, Check: hash(6)},
		"sharing of words that were shown": &coding.Sharing{Decision: coding.Share, Form: coding.FormParaphrase, Words: "Somebody was held down.",
			Wishes: allows("my_words_to_clinic"), Consensus: []string{hash(4), hash(5)}, Check: hash(6), Shown: hash(8)},
		"kept": &coding.Sharing{Decision: coding.Keep, Words: "Too few people work there.", Wishes: coding.MostPrivate(), Consensus: []string{}},
		"objection": &coding.Sharing{Decision: coding.Object, Words: "I would know who this is.", Wishes: allows("count_me"),
			Consensus: []string{}, Of: hash(7)},
		"draft": &coding.Draft{Fields: []coding.Field{{Q: "coding.seriousness", A: "2"}, {Q: "note", A: "half a sen"}}},
	}
}

func TestEveryReviewFileIsReadBackAndHasTheSameSize(t *testing.T) {
	for name, body := range bodies() {
		padded, err := (&coding.File{Place: place(anna), Body: body}).Encode()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(padded) != coding.Size {
			t.Errorf("%s has %d bytes, want %d", name, len(padded), coding.Size)
		}
		read, err := coding.Parse(padded)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if again, _ := read.Encode(); !bytes.Equal(again, padded) {
			t.Errorf("%s is written differently the second time", name)
		}
	}
}

// refusals changes a good file so that it must not be read; each is one edit of the kind's JSON.
var refusals = []struct{ name, of, old, new string }{
	{"a member that is not known", "note", `"v":1,`, `"v":1,"x":1,`},
	{"a member twice", "note", `"v":1,`, `"v":1,"v":1,`},
	{"a member of the content twice", "note", `{"text":`, `{"text":"a","text":`},
	{"a member of the content that is not known", "note", `{"text":`, `{"x":1,"text":`},
	{"members in another order", "check", `"guess":false,"changed":"No ward, no day."`, `"changed":"No ward, no day.","guess":false`},
	{"a space between members", "note", `"v":1,`, `"v":1, `},
	{"a letter spelled as an escape", "check", "No ward", `\u004eo ward`},
	{"another version", "note", `"v":1`, `"v":2`},
	{"a version that is no whole number", "note", `"v":1,`, `"v":1.0,`},
	{"another kind", "note", `"t":"note"`, `"t":"rumour"`},
	{"a kind that every object has", "note", `"t":"note"`, `"t":"constructor"`},
	{"a kind with another's content", "note", `"t":"note"`, `"t":"draft"`},
	{"a leaf that is none", "note", `"leaf":"AQEB`, `"leaf":"`},
	{"an author who is none", "note", anna, "Raaaaaaaa"},
	{"a note that does not ask and says so", "note that asks", `"asked":true`, `"asked":false`},
	{"a note that asks in words", "note that asks", `"asked":true`, `"asked":"yes"`},
	{"a note that ends no wait and says so", "note that ends a wait", `"over":"` + hash(7) + `"`, `"over":""`},
	{"a note that ends what is no note", "note that ends a wait", hash(7), "yesterday"},
	{"a note that begins and ends a wait", "note that ends a wait", `"over":`, `"asked":true,"over":`},
	{"a note that shows words and asks nobody", "note that shows words", `"asked":true,`, ``},
	{"a note that shows words in no form", "note that shows words", `"form":"paraphrase",`, ``},
	{"a note that shows a form without its words", "note that shows words", `,"words":"Somebody was held down."`, ``},
	{"a note that shows no words and says so", "note that shows a theme", `"form":"theme"`, `"form":"theme","words":""`},
	{"a note that names what came and shows nothing", "note that asks", `"asked":true`, `"asked":true,"had":[]`},
	{"a note that names what came and asks nobody", "note", `"t":"note"`, `"t":"note","had":[]`},
	{"a note that says of nothing that it came", "note that names what came", `"had":["` + hash(2) + `","` + hash(3) + `"]`, `"had":null`},
	{"what came out of order", "note that names what came", `"` + hash(2) + `","` + hash(3) + `"`, `"` + hash(3) + `","` + hash(2) + `"`},
	{"what came twice", "note that names what came", hash(3), hash(2)},
	{"what came and is no message", "note that names what came", hash(3), "yesterday"},
	{"more that came than a note names", "note before anything came", `"had":[]`, `"had":["` + strings.Join(many(coding.MostHad+1), `","`) + `"]`},
	{"what came in a note that ends a wait", "note that ends a wait", `"over":`, `"had":[],"over":`},
	{"a note that shows a count", "note that shows a theme", `"form":"theme"`, `"form":"count"`},
	{"a note that shows no themes and says so", "note that shows themes", `["force","voice"]`, `[]`},
	{"a note that shows themes beside words", "note that shows words", `"words":"Somebody was held down."`, `"words":"Somebody was held down.","themes":["force"]`},
	{"a note that shows themes to nobody", "note", `"text":"`, `"themes":["force"],"text":"`},
	{"a note of a theme with what goes along", "note that shows a theme", `"form":"theme"`, `"form":"theme","must_not":["do_not_call_police"]`},
	{"themes out of order", "check of themes", `["force","voice"]`, `["voice","force"]`},
	{"themes that are words", "check of themes", `["force","voice"]`, `["force","no, voice"]`},
	{"themes beside words that were checked", "check", `"words":"Somebody was held down."`, `"words":"Somebody was held down.","themes":["force"]`},
	{"what goes along twice", "check of what goes along", `"do_not_call_police",`, `"do_not_call_police","do_not_call_police",`},
	{"what goes along and is the program's to keep", "check of what goes along", `"do_not_call_police",`, `"do_not_call_police","do_not_contact_me",`},
	{"what was hidden out of order", "check of what was hidden", `["the_date","the_place"]`, `["the_place","the_date"]`},
	{"what was hidden of an unknown kind", "check of what was hidden", `["the_date","the_place"]`, `["the_ward"]`},
	{"their own words, which nobody has to look for", "check of what was hidden", `["the_date","the_place"]`, `["quotes","the_date"]`},
	{"nothing that was hidden", "check of what was hidden", `["the_date","the_place"]`, `[]`},
	{"what was hidden in a theme", "check of a theme", `"changed":"Only two people work there."`, `"changed":"","hide":["the_date"]`},
	{"nothing that goes along", "check of what goes along", `["do_not_call_police","do_not_put_in_my_notes"]`, `[]`},
	{"a note of nothing that was not sent", "note of what was not sent", `"over":"` + hash(7) + `",`, ``},
	{"a note of what was sent after all", "note of what was not sent", `"unsent":true`, `"unsent":false`},
	{"words shown by what is no note", "sharing of words that were shown", hash(8), "yesterday"},
	{"words shown by nothing", "sharing of words that were shown", hash(8), ""},
	{"kept as it was shown", "kept", `"of":""`, `"of":"","shown":"` + hash(8) + `"`},
	{"an empty note", "note", `{"text":"`, `{"text":" \u200b","x":"`},
	{"null for text", "kept", `"words":"Too few people work there."`, `"words":null`},
	{"null for a list", "coding", `"yes":["force","voice"]`, `"yes":null`},
	{"a member left out", "coding", `"seriousness":2,`, ``},
	{"half a character", "check", "No ward", `\ud83d`},
	{"seriousness 4", "coding", `"seriousness":2`, `"seriousness":4`},
	{"seriousness between two", "coding", `"seriousness":2`, `"seriousness":1.5`},
	{"seriousness less than nothing", "coding", `"seriousness":2`, `"seriousness":-0`},
	{"codes out of order", "coding", `["force","voice"]`, `["voice","force"]`},
	{"a code twice", "coding", `["force","voice"]`, `["force","force","voice"]`},
	{"a code that is words", "coding", `["force","voice"]`, `["force","no, voice"]`},
	{"a theme both there and not", "coding", `"no":["access"`, `"no":["force","access"`},
	{"a theme both there and not, in order", "coding", `"no":["access","bias","money"]`, `"no":["access","voice"]`},
	{"an item without its theme", "coding", `"yes":["force","voice"]`, `"yes":["force"]`},
	{"an own item without its theme", "coding of own items", `"own":["force.`, `"own":["access.`},
	{"an own item that does not say its theme", "coding of own items", `"own":["force.x_`, `"own":["x_`},
	{"an item of the common list among own ones", "coding of own items", `force.x_mill_lane.the_blue_room`, `force.held_down`},
	{"an own item among those of the common list", "coding of own items", `"items":["force.held_down"`, `"items":["force.x_mill_lane.the_blue_room"`},
	{"own items out of order", "coding of own items", `"own":["force.x_mill_lane.the_blue_room","voice.x_mill_lane.no_phone"]`, `"own":["voice.x_mill_lane.no_phone","force.x_mill_lane.the_blue_room"]`},
	{"an own item that is words", "consensus on own items", `the_blue_room`, `the blue room`},
	{"a list of no own items", "coding", `"repair":["say_sorry"]`, `"repair":["say_sorry"],"own":[]`},
	{"own items before who wrote", "coding of own items", `"role":"client","own":["force.x_mill_lane.the_blue_room","voice.x_mill_lane.no_phone"]`, `"own":["force.x_mill_lane.the_blue_room","voice.x_mill_lane.no_phone"],"role":"client"`},
	{"no version of the codes", "coding", `"0.2.0"`, `"today"`},
	{"one coding agreeing with itself", "consensus", `,"` + hash(3) + `"]`, `]`},
	{"the same coding twice", "consensus", hash(3), hash(2)},
	{"a form that is not known", "check", `"form":"paraphrase"`, `"form":"gossip"`},
	{"a count to be checked for its words", "check", `"form":"paraphrase"`, `"form":"count"`},
	{"a theme with words", "check", `"form":"paraphrase"`, `"form":"theme"`},
	{"a quote without words", "check", `"words":"Somebody was held down."`, `"words":""`},
	{"more shared than was allowed", "sharing", `"share_level":"my_words_to_clinic"`, `"share_level":"count_me"`},
	{"shared though the writer wants to see it first", "sharing", `"ask_me_first":false`, `"ask_me_first":true`},
	{"shared though the writer said to wait", "sharing", `"hold":"now"`, `"hold":"wait_until_i_say"`},
	{"told to somebody's worker", "sharing", `"must_not":[]`, `"must_not":["do_not_tell_my_worker"]`},
	{"wishes nobody can have", "sharing", `"must_not":[]`, `"must_not":["do_not_pay"]`},
	{"shared without a check", "sharing", `"check":"` + hash(6) + `"`, `"check":""`},
	{"shared by one who agrees alone", "sharing", `,"` + hash(5) + `"]`, `]`},
	{"an objection to nothing", "objection", hash(7), ""},
	{"kept and shared", "kept", `"form":""`, `"form":"quote"`},
	{"a card that stands for nothing", "card", `"of":"submission"`, `"of":"person"`},
	{"a card with words in it", "card", `"service":"crisis_house"`, `"service":"the house in Mill Lane"`},
	{"a card that is perhaps urgent", "card", `"urgent":true`, `"urgent":1`},
	{"a card of a wish for a day", "card of a wish to be asked", `"check_in":"month"`, `"check_in":"2026-12-26"`},
	{"a card of no wish that says so", "card of a wish to be asked", `"check_in":"month"`, `"check_in":""`},
	{"a card with an empty tie", "card with its ties", coding.ReceiptOf(hash(8)), ""},
	{"a card whose ties stand in another order", "card with its ties", `,"receipt":"` + coding.ReceiptOf(hash(8)) + `","actions":"` + hash(9) + `"`, `,"actions":"` + hash(9) + `","receipt":"` + coding.ReceiptOf(hash(8)) + `"`},
	{"a card of a log without leaves", "card with its ties", `"log":"1203 `, `"log":"0 `},
	{"a card of a log without a root", "card with its ties", coding.Sighting(1203, [32]byte{1}), "1203"},
	{"a card with a key that is none", "card with its ties", hash(9), "key"},
	{"fields of a draft out of order", "draft", `"q":"note"`, `"q":"a"`},
	{"a field of a draft without a name", "draft", `"q":"note"`, `"q":""`},
}

func unpadded(t testing.TB, body coding.Body) string {
	t.Helper()
	padded, err := (&coding.File{Place: place(anna), Body: body}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimRight(string(padded), " \n")
}

func padText(text string) []byte {
	return []byte(text + strings.Repeat(" ", coding.Size-1-len(text)) + "\n")
}

func TestAFileThatIsNotSpelledTheOneWayIsRefused(t *testing.T) {
	all := bodies()
	for _, r := range refusals {
		good := unpadded(t, all[r.of])
		bad := strings.Replace(good, r.old, r.new, 1)
		if bad == good {
			t.Errorf("%s: the file does not hold %s", r.name, r.old)
			continue
		}
		var refused *coding.Error
		if _, err := coding.Parse(padText(bad)); !errors.As(err, &refused) {
			t.Errorf("%s: got %v, want a refusal", r.name, err)
		}
	}
	for _, size := range []int{0, 1, coding.Size - 1, coding.Size + 1, seal.LargeBucket} {
		if _, err := coding.Parse(bytes.Repeat([]byte{'\n'}, size)); err == nil {
			t.Errorf("%d bytes are read", size)
		}
	}
}

func TestANoteThatDoesNotFitSaysByHowMuch(t *testing.T) {
	var long *coding.TooLongError
	_, err := (&coding.File{Place: place(anna), Body: &coding.Note{Text: strings.Repeat("a", coding.Size)}}).Encode()
	if !errors.As(err, &long) || long.Limit != coding.Size-1 || long.Bytes <= coding.Size {
		t.Errorf("got %v", err)
	}
}

func TestAFileIsKnownToBeWhereItWasWrittenFor(t *testing.T) {
	f := &coding.File{Place: place(anna), Body: &coding.Note{Text: "x"}}
	if err := f.At(place(anna)); err != nil {
		t.Error(err)
	}
	for _, elsewhere := range []coding.Place{
		place(bela), {Epoch: "2026-12-zzzz", Origin: f.Origin, Leaf: f.Leaf, By: f.By},
		{Epoch: f.Epoch, Origin: "other.example/answerable", Leaf: f.Leaf, By: f.By},
		{Epoch: f.Epoch, Origin: f.Origin, Leaf: hash(9), By: f.By},
	} {
		if f.At(elsewhere) == nil {
			t.Errorf("taken for %+v", elsewhere)
		}
	}
}

func TestNoWordOfAFileStandsInALogOrAnError(t *testing.T) {
	f := &coding.File{Place: place(anna), Body: &coding.Note{Text: "zebrafinch"}}
	_, err := coding.Parse(padText(strings.Replace(unpadded(t, f.Body), `"v":1`, `"zebrafinch":1`, 1)))
	for _, said := range []string{fmt.Sprint(f), fmt.Sprintf("%#v", f), f.LogValue().String(), err.Error()} {
		if strings.Contains(said, "zebrafinch") {
			t.Errorf("it says %q", said)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, body := range bodies() {
		f.Add([]byte(unpadded(f, body)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > coding.Size-1 {
			return
		}
		padded := padText(string(text))
		read, err := coding.Parse(padded)
		if err != nil {
			return
		}
		again, err := read.Encode()
		if err != nil || !bytes.Equal(again, padded) {
			t.Fatalf("read a file that is written differently: %v", err)
		}
	})
}

func TestACardHoldsCodesThatWerePickedAndNoWords(t *testing.T) {
	card := coding.NewCard(seal.KindSubmission, "", []seal.Answer{
		{Q: "words", A: "Nurse Quillwort held me down"}, {Q: "names", A: "Quillwort"}, {Q: "other_text", A: "Mill Lane"},
		{Q: "service", A: "Mill Lane, 3rd floor"}, {Q: "roles", A: "nurse\nQuillwort\nnot_sure"}, {Q: "when", A: "on Tuesday"},
		{Q: "themes", A: "force\nrespect\nQuillwort"}, {Q: "items", A: "force.held_down\nforce.Quillwort"},
	})
	if card.Service != "" || card.When != "" || !slices.Equal(card.Roles, []string{"nurse"}) {
		t.Errorf("got %+v", card)
	}
	if !slices.Equal(card.Chips, []string{"force.held_down", "respect"}) || !card.Urgent {
		t.Errorf("got %+v", card)
	}
}

// A face is the writer's own: it is shown with their words, and nothing is worked out of it.
func TestAFaceIsNeverCoded(t *testing.T) {
	answers := []seal.Answer{{Q: "pictures", A: "happy\nsad"}}
	got := coding.NewCard(seal.KindSubmission, "", answers)
	if want := coding.NewCard(seal.KindSubmission, "", nil); !reflect.DeepEqual(got, want) {
		t.Errorf("a card tells of a face: %+v", got)
	}
}

func TestEveryFlagOfTheTaxonomyReachesTheCard(t *testing.T) {
	for _, theme := range taxonomy.Themes() {
		for _, item := range theme.Items {
			answers := []seal.Answer{{Q: "themes", A: theme.Code}, {Q: "items", A: item.Code}}
			calm := coding.NewCard(seal.KindSubmission, "", answers)
			going := coding.NewCard(seal.KindSubmission, "", append(answers, seal.Answer{Q: "still_going", A: "yes"}))
			if got := slices.Contains(calm.Chips, item.Code); got != item.ContentWarning() {
				t.Errorf("%s: a chip is %v", item.Code, got)
			}
			if calm.Urgent != item.Urgent() || going.Urgent != (item.Urgent() || item.UrgentIfStillGoing()) {
				t.Errorf("%s: urgent %v, while it goes on %v", item.Code, calm.Urgent, going.Urgent)
			}
		}
	}
}
