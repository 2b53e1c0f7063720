package coding_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/seal"
)

var update = flag.Bool("update", false, "write the vectors anew")

// vectors are what both languages must say alike.
type vectors struct {
	Comment  string           `json:"comment"`
	Files    []fileVector     `json:"files"`
	Cards    []cardVector     `json:"cards"`
	Compared []comparedVector `json:"compared"`
	Settled  []settledVector  `json:"settled"`
	Wishes   []wishesVector   `json:"wishes"`
	Verdicts []verdictVector  `json:"verdicts"`
	Pauses   []pausesVector   `json:"pauses"`
	Shown    []shownVector    `json:"shown"`
	Said     []saidVector     `json:"said"`
	Lines    []linesVector    `json:"lines"`
	Repeats  []repeatsVector  `json:"repeats"`
	Hides    []hidesVector    `json:"hides"`
}

type fileVector struct {
	Name string `json:"name"`
	Text string `json:"text"` // before padding
	Good bool   `json:"good"`
}

type cardVector struct {
	Of      string        `json:"of"`
	Answers []seal.Answer `json:"answers"`
	Mailbox string        `json:"mailbox"`
	Actions string        `json:"actions"`
	Card    *coding.Card  `json:"card"`
	Role    string        `json:"role"` // who wrote
}

type comparedVector struct {
	A    coding.Found      `json:"a"`
	B    coding.Found      `json:"b"`
	Want coding.Comparison `json:"want"`
}

type settledVector struct {
	Codings     []coding.Coded[*coding.Coding]    `json:"codings"`
	Consensuses []coding.Coded[*coding.Consensus] `json:"consensuses"`
	Proposal    *coding.Consensus                 `json:"proposal"`
	Hashes      []string                          `json:"hashes"` // null when nothing is settled
}

// toldVector is one message of a receipt.
type toldVector struct {
	Kind    string        `json:"kind"`
	Day     string        `json:"day"`
	Answers []seal.Answer `json:"answers"`
	Consent *seal.Consent `json:"consent"`
}

type wishesVector struct {
	Said  []toldVector  `json:"said"`
	Want  coding.Wishes `json:"want"`
	Along []string      `json:"along"` // what of them goes along with words
	First bool          `json:"first"` // they wished, ever, to see it first
}

type verdictVector struct {
	Wishes   coding.Wishes    `json:"wishes"`
	Progress coding.Progress  `json:"progress"`
	Want     []coding.Verdict `json:"want"`
}

type pausesVector struct {
	Notes []coding.Noted `json:"notes"`
	Back  []coding.Came  `json:"back"`
	Today string         `json:"today"`
	Want  []coding.Pause `json:"want"`
	Days  int            `json:"days"`
}

type shownVector struct {
	Notes []coding.Noted  `json:"notes"`
	Back  []coding.Came   `json:"back"`
	Out   coding.Outgoing `json:"out"`
	Here  []string        `json:"here"`
	Asked bool            `json:"asked"`
	Want  []string        `json:"want"`
}

type saidVector struct {
	Out  coding.Outgoing `json:"out"`
	Said string          `json:"said"`
}

type linesVector struct {
	Words string `json:"words"`
	Want  string `json:"want"`
}

// repeatsVector is what of a text is the writer's own, as it is marked and as it is refused by the wishes.
type repeatsVector struct {
	Answers []seal.Answer   `json:"answers"`
	Wishes  coding.Wishes   `json:"wishes"`
	Out     coding.Outgoing `json:"out"`
	Own     []string        `json:"own"`
	Marked  []string        `json:"marked"`
	Refused []string        `json:"refused"`
}

type hidesVector struct {
	Wishes coding.Wishes `json:"wishes"`
	Form   string        `json:"form"`
	Had    []string      `json:"had"`
	Left   []string      `json:"left"` // what somebody has to look for
	Want   bool          `json:"want"` // there is more of it than there was
}

func buildVectors(t *testing.T) vectors {
	v := vectors{Comment: "What reviewers write and what follows from it, as Go and TypeScript read it. Catches two reviewers " +
		"who see different things in one file, and a page that shares more than the other half would. Written by go test ./internal/coding -update."}
	v.Files = fileVectors(t)
	for i, answers := range someAnswers() {
		mailbox, actions := []string{"", hash(8), "none"}[i%3], []string{"", hash(9)}[i%2]
		for _, of := range []string{seal.KindSubmission, seal.KindFollowup, seal.KindAboutYou} {
			card := coding.NewCard(of, "", answers)
			card.Tie(mailbox, actions)
			v.Cards = append(v.Cards, cardVector{of, answers, mailbox, actions, card, coding.RoleOf(answers)})
		}
	}
	r := rand.New(rand.NewPCG(4, 1))
	for range 25 {
		a, b := anyFound(r), anyFound(r)
		v.Compared = append(v.Compared, comparedVector{a, b, coding.Compare(&a, &b)})
	}
	a, b := found(), found()
	b.Items, b.Involved, b.Repair, b.Good, b.Seriousness = []string{"voice.not_told"}, []string{"nurse"}, []string{}, []string{}, 3
	a.Role, b.Role = coding.RoleWorker, coding.RoleClient
	v.Compared = append(v.Compared, comparedVector{a, b, coding.Compare(&a, &b)})
	for range 40 {
		codings, consensuses := table(r)
		_, hashes := coding.Settled(codings, consensuses)
		v.Settled = append(v.Settled, settledVector{codings, consensuses, coding.Proposal(codings), hashes})
	}
	for i, said := range someReceipts() {
		if i%5 != 0 {
			continue
		}
		wishes := coding.WishesOf(said)
		told := []toldVector{}
		for _, m := range said {
			told = append(told, toldVector{m.Kind, m.Day, append([]seal.Answer{}, m.Answers...), m.Consent})
		}
		v.Wishes = append(v.Wishes, wishesVector{told, wishes, append([]string{}, wishes.GoAlong(coding.FormQuote)...), coding.AsksFirst(said)})
	}
	n := 0
	every(func(w coding.Wishes, p coding.Progress) {
		if n++; n%121 == 0 {
			v.Verdicts = append(v.Verdicts, verdictVector{w, p, coding.Verdicts(w, p)})
		}
	})
	for range 60 {
		v.Pauses = append(v.Pauses, anyPauses(r))
	}
	for range 150 {
		v.Shown = append(v.Shown, anyShown(r))
	}
	v.Shown = append(v.Shown, setAside(bela, cleo), setAside(bela), setAside(anna, bela, cleo))
	for _, out := range []coding.Outgoing{
		{Form: coding.FormTheme}, {Form: coding.FormTheme, Themes: []string{"force", "voice", "x_old"}}, {Form: coding.FormQuote, Words: "They held me.\n\nTwice."},
		{Form: coding.FormPublic, Words: "They held me.", MustNot: []string{"do_not_call_police", "do_not_change_my_care", "do_not_put_in_my_notes"}},
	} {
		v.Said = append(v.Said, saidVector{out, out.Said()})
	}
	for _, words := range []string{"", "a", "a\n", "a\r\n\r\n", "a\r\nb\rc\n\n", "\n a \n\r", "\r\r\n"} {
		v.Lines = append(v.Lines, linesVector{words, coding.Lines(words)})
	}
	v.Repeats, v.Hides = repeatsVectors(), hidesVectors()
	return v
}

func repeatsVectors() (out []repeatsVector) {
	answers := []seal.Answer{
		{Q: "words", A: "It was late.\nThey held me down on the cold floor, and I didn’t say a word at the end of the day."},
		{Q: "more", A: "Entonces me llevaron otra vez a la habitación sin decir nada."},
		{Q: "must_not", A: "do_not_call_police\ndo_not_put_in_my_notes"}, {Q: "one", A: "zebrafinch"},
	}
	texts := []string{
		"", "They held me down on the cold floor.", "THEY HELD ME DOWN -- on the\ncold floor; then it stopped.",
		"Somebody was held down on the cold floor.",
		"It was late. They held me down.", "And I didn't say a word at the end of the day. They held me down on the cold floor, he said.",
		"At the end of the day nobody came.", "Otra vez, A LA HABITACIÓN sin decir nada de nada.",
		"Please do not put in my notes what was said.", "zebrafinch",
		"They held me down on the cold floor, and I didn't say a word",
	}
	for _, w := range []coding.Wishes{allows("panel_summary_to_clinic"), allows("my_words_to_clinic"), withQuotesHidden()} {
		for _, form := range []string{coding.FormParaphrase, coding.FormQuote} {
			for _, text := range texts {
				o, own := coding.Outgoing{Form: form, Words: text}, coding.OwnWords(answers)
				marked, refused := coding.Repeated(text, own, coding.MarkedRun), w.Repeats(o, own)
				out = append(out, repeatsVector{answers, w, o, own, append([]string{}, marked...), append([]string{}, refused...)})
			}
		}
	}
	return out
}

func withQuotesHidden() coding.Wishes {
	w := allows("my_words_public")
	w.Hide = []string{"quotes"}
	return w
}

func hidesVectors() (out []hidesVector) {
	lists := [][]string{{}, {"quotes"}, {"the_date"}, {"quotes", "the_date", "the_role"}, {"a_new_code", "the_place"}}
	for _, form := range coding.Forms {
		for _, hide := range lists {
			for _, had := range lists {
				w := allows("my_words_public")
				w.Hide = hide
				out = append(out, hidesVector{w, form, had, append([]string{}, w.LeftOut(form)...), w.HidesMore(form, had)})
			}
		}
	}
	return out
}

// anyPauses are notes and answers of one month, in no order.
func anyPauses(r *rand.Rand) pausesVector {
	span := []int{4, 28}[r.IntN(2)]
	day := func() string { return fmt.Sprintf("2026-11-%02d", 1+r.IntN(span)) }
	v := pausesVector{Notes: []coding.Noted{}, Back: []coding.Came{}, Today: "2026-11-28"}
	for i := range r.IntN(6) {
		n := &coding.Note{Text: "x"}
		switch r.IntN(3) {
		case 0:
			n.Over = hash(byte(r.IntN(6)))
		case 1:
			n.Asked = true
			if r.IntN(2) == 0 {
				n.Form, n.Had = coding.FormTheme, anyHad(r)
			}
		}
		v.Notes = append(v.Notes, coding.Noted{Coded: coding.Coded[*coding.Note]{By: anna, Hash: hash(byte(i)), Body: n}, Day: day()})
	}
	for i := range r.IntN(3) {
		v.Back = append(v.Back, coding.Came{Leaf: hash(byte(i)), Day: day()})
	}
	v.Want = coding.Pauses(v.Notes, v.Back)
	v.Days = coding.PausedDays(v.Want, v.Today)
	return v
}

// anyHad are some of the messages that came.
func anyHad(r *rand.Rand) []string {
	return slices.DeleteFunc(many(3), func(string) bool { return r.IntN(2) == 0 })
}

// setAside is a note without words of what was shown, against which two have signed.
func setAside(here ...string) shownVector {
	note := func(n byte, by string, body coding.Note) coding.Noted {
		body.Text = "x"
		return coding.Noted{Coded: coding.Coded[*coding.Note]{By: by, Hash: hash(n), Body: &body}, Day: "2026-11-03"}
	}
	against := coding.Note{Over: hash(1), Unsent: true}
	notes := []coding.Noted{note(1, anna, coding.Note{Asked: true}), note(2, bela, against), note(3, cleo, against)}
	out := coding.Outgoing{Form: coding.FormTheme}
	return shownVector{notes, []coding.Came{}, out, here, coding.WasAsked(notes, here), coding.Shown(notes, nil, out)}
}

// anyShown are notes and answers of a few days, of which some show the words that are to go out.
func anyShown(r *rand.Rand) shownVector {
	v := shownVector{Notes: []coding.Noted{}, Back: []coding.Came{}, Out: coding.Outgoing{Form: coding.FormParaphrase, Words: "Somebody was held down."}}
	along := [][]string{nil, {"do_not_call_police"}, {"do_not_call_police", "do_not_change_my_care"}}
	themes := [][]string{nil, {"force"}, {"force", "voice"}}
	v.Out.MustNot = along[r.IntN(2)]
	if r.IntN(4) == 0 {
		v.Out = coding.Outgoing{Form: coding.FormTheme, Themes: themes[r.IntN(2)]}
	}
	day := func() string { return fmt.Sprintf("2026-11-%02d", 1+r.IntN(3)) }
	for i := range r.IntN(5) {
		n := &coding.Note{Text: "x"}
		switch r.IntN(7) {
		case 0:
			n.Over, n.Unsent = hash(byte(r.IntN(5))), r.IntN(3) > 0
		case 1:
			n.Asked = true
		case 2:
			n.Asked, n.Form, n.Words = true, coding.FormParaphrase, "Other words."
		case 3:
			n.Asked, n.Form, n.Themes = true, coding.FormTheme, themes[r.IntN(3)]
		default:
			n.Asked, n.Form, n.Words, n.MustNot = true, coding.FormParaphrase, "Somebody was held down.", along[r.IntN(3)]
		}
		if n.Asked && n.Form != "" && r.IntN(2) == 0 {
			n.Form, n.Words, n.Themes, n.MustNot = v.Out.Form, v.Out.Words, v.Out.Themes, v.Out.MustNot
		}
		if n.Form != "" && r.IntN(2) == 0 {
			n.Had = anyHad(r)
		}
		by := []string{anna, anna, bela, cleo}[r.IntN(4)]
		v.Notes = append(v.Notes, coding.Noted{Coded: coding.Coded[*coding.Note]{By: by, Hash: hash(byte(i)), Body: n}, Day: day()})
	}
	for i := range r.IntN(3) {
		v.Back = append(v.Back, coding.Came{Leaf: hash(byte(i)), Day: day()})
	}
	v.Here = slices.DeleteFunc([]string{anna, bela, cleo}, func(string) bool { return r.IntN(4) == 0 })
	v.Asked, v.Want = coding.WasAsked(v.Notes, v.Here), coding.Shown(v.Notes, v.Back, v.Out)
	return v
}

func fileVectors(t *testing.T) (out []fileVector) {
	all := bodies()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, fileVector{name, unpadded(t, all[name]), true})
	}
	for _, r := range refusals {
		out = append(out, fileVector{r.name, strings.Replace(unpadded(t, all[r.of]), r.old, r.new, 1), false})
	}
	return out
}

func someAnswers() [][]seal.Answer {
	return [][]seal.Answer{
		{},
		{{Q: "words", A: "Nurse Quillwort held me down"}, {Q: "service", A: "Mill Lane, 3rd floor"}, {Q: "roles", A: "nurse\nQuillwort\nnot_sure"}, {Q: "when", A: "on Tuesday"}},
		{{Q: "for_whom", A: "worker_there"}, {Q: "service", A: "crisis_house"}, {Q: "roles", A: "security\nnurse\nnurse"}, {Q: "when", A: "this_month"}, {Q: "themes", A: "respect\nforce"},
			{Q: "items", A: "force.held_down\nrespect.rude"}, {Q: "share_level", A: "my_words_to_clinic"}, {Q: "hide", A: "the_role\nquotes\nx"}},
		{{Q: "pictures", A: "happy\nsad"}, {Q: "for_whom", A: "saw_it"}, {Q: "service", A: "not_sure"}, {Q: "when", A: "skip"}, {Q: "themes", A: "boundary\nmoney\nconstructor"}, {Q: "items", A: "response.payback"}, {Q: "still_going", A: "yes"}, {Q: "check_in", A: "three_months"},
			{Q: "share_level", A: "my_words_public"}, {Q: "ask_me_first", A: "show_me_before_sharing"}, {Q: "hold_until", A: "skip"}},
		{{Q: "for_whom", A: "I work there"}, {Q: "check_in", A: "on Tuesday at ten"}, {Q: "items", A: "respect.hurt_me\nforce.searched\n"}, {Q: "share_level", A: "constructor"}, {Q: "hold_until", A: "later"}, {Q: "must_not", A: "do_not_tell_my_worker\ndo_not_put_in_my_notes\ndo_not_call_police\nx"}},
	}
}

// someReceipts are what writers said on different days: first messages, changes, more of it in both orders, and about themselves.
func someReceipts() (all [][]seal.Said) {
	answers := someAnswers()
	changes := []seal.Consent{
		{ShareLevel: "my_words_public", Hold: "now", Hide: []string{"the_date", "quotes"}}, {ShareLevel: "count_me", AskMeFirst: true, Hold: "wait_until_i_say", Hide: []string{}},
	}
	day := func(n int) string { return fmt.Sprintf("2026-11-%02d", n) }
	for i, first := range answers {
		said := []seal.Said{{Kind: seal.KindSubmission, Day: day(1), Answers: first}}
		all = append(all, said)
		for n, change := range changes {
			said = append(slices.Clone(said), seal.Said{Kind: seal.KindConsent, Day: day(n + 3), Consent: &change})
			all = append(all, said)
		}
		for j, more := range answers {
			further := []seal.Said{{Kind: seal.KindFollowup, Day: day(4), Answers: more}, {Kind: seal.KindFollowup, Day: day(2 + i), Answers: answers[(i+j)%len(answers)]}}
			one, other := slices.Concat(said[:1+j%3], further), slices.Concat(said[:1+j%3], further[1:], further[:1])
			all = append(all, one, other, further, append(slices.Clone(one), seal.Said{Kind: seal.KindSubmission, Day: day(2), Answers: more}))
		}
		all = append(all, append(slices.Clone(said[:1]), seal.Said{Kind: seal.KindAboutYou, Day: day(2), Answers: answers[(i+2)%len(answers)]}))
	}
	return append(all, []seal.Said{})
}

func TestVectorsAreWhatThisCodeBuilds(t *testing.T) {
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(buildVectors(t)); err != nil {
		t.Fatal(err)
	}
	const path = "testdata/coding.json"
	if *update {
		if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Fatalf("%s is not what this test builds (%v): run it with -update", path, err)
	}
}
