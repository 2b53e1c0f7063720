package coding

import (
	"slices"
	"strings"

	"answerable/internal/seal"
)

// Found is what a coder finds in a message. A theme that is neither in Yes nor in No was not asked: that is how a coding
// from an older list stays readable beside a newer one.
type Found struct {
	Taxonomy    string   `json:"taxonomy"` // version of the list of codes that was asked
	Yes         []string `json:"yes"`      // themes
	No          []string `json:"no"`       // themes
	Items       []string `json:"items"`    // of themes in Yes
	Good        []string `json:"good"`     // items of good care
	Seriousness int      `json:"seriousness"`
	Involved    []string `json:"involved"` // who was involved: codes of the form's roles
	Repair      []string `json:"repair"`   // what repair is asked: codes of the form's wants

	Role string   `json:"role,omitzero"` // who wrote: RoleClient or RoleWorker; missing where it is not said, and in codings of before
	Own  []string `json:"own,omitzero"`  // items of the clinic's own, each behind a theme in Yes and a dot; missing where there are none
}

// Who wrote, as coarsely as it is counted.
const (
	RoleClient = "client" // for themselves, for somebody they help, or because they saw it
	RoleWorker = "worker" // who works there
)

// RoleOf is what a writer answered to "who is it about"; "" where they did not. Coders begin with it and may think otherwise.
func RoleOf(answers []seal.Answer) string {
	i := slices.IndexFunc(answers, func(a seal.Answer) bool { return a.Q == "for_whom" })
	if i < 0 || len(known("for_whom", []string{answers[i].A})) == 0 {
		return ""
	}
	if answers[i].A == "worker_there" {
		return RoleWorker
	}
	return RoleClient
}

func (f *Found) check() error {
	if !versionPattern.MatchString(f.Taxonomy) {
		return wrong("it names no version of the list of codes")
	}
	if f.Seriousness < 0 || f.Seriousness > 3 {
		return wrong("its seriousness is not 0 to 3")
	}
	if f.Role != "" && f.Role != RoleClient && f.Role != RoleWorker {
		return wrong("who wrote is neither client nor worker")
	}
	if err := f.checkLists(); err != nil {
		return err
	}
	if slices.ContainsFunc(f.Yes, func(theme string) bool { return slices.Contains(f.No, theme) }) {
		return wrong("a theme is both there and not there")
	}
	if slices.ContainsFunc(slices.Concat(f.Items, f.Own), func(item string) bool { return !slices.Contains(f.Yes, ThemeOf(item)) }) {
		return wrong("an item belongs to no theme that was found")
	}
	return nil
}

func (f *Found) checkLists() error {
	for _, theme := range []struct {
		name  string
		codes []string
	}{{"themes", f.Yes}, {"other themes", f.No}, {"roles", f.Involved}, {"repairs", f.Repair}} {
		if err := checkCodes(theme.name, theme.codes, codePattern); err != nil {
			return err
		}
	}
	if err := checkCodes("items", f.Items, itemPattern); err != nil {
		return err
	}
	if f.Own != nil && len(f.Own) == 0 {
		return wrong("it says that there are none of the clinic's own items, where nothing says it")
	}
	if f.Own != nil {
		if err := checkCodes("own items", f.Own, ownPattern); err != nil {
			return err
		}
	}
	return checkCodes("good items", f.Good, itemPattern)
}

// ThemeOf is the theme of an item, and of one of a clinic's own as codings write it.
func ThemeOf(item string) string {
	theme, _, _ := strings.Cut(item, ".")
	return theme
}

// Coding is one coder's answer, frozen when it is sent.
type Coding struct{ Found }

// Kind names the body.
func (*Coding) Kind() string   { return KindCoding }
func (c *Coding) check() error { return c.Found.check() }

// Consensus is what coders agreed on, beside their codings and never in place of them. Each coder who agrees sends a file
// of their own with the same content: its signature is the agreement, and no second kind of signature is needed.
type Consensus struct {
	Found
	Codings []string `json:"codings"` // base64url of H of the sealed files of all codings: two, or three with a third coder
}

// Kind names the body.
func (*Consensus) Kind() string { return KindConsensus }

func (c *Consensus) check() error {
	if err := c.Found.check(); err != nil {
		return err
	}
	return checkHashes("codings", c.Codings, 2, mostCoders)
}

// Note is a reviewer's word to the others. One of them may say that the panel waits for the writer, who wanted to see first what
// goes out, or that it waits no longer. Its author's client signs the first only where the writer asked for it.
type Note struct {
	Text  string `json:"text"`
	Asked bool   `json:"asked,omitzero"` // the writer was shown what may go out: the clocks stand still
	Form  string `json:"form,omitzero"`  // in which they were shown it; missing in notes of before, which say of no words that they were shown
	Words string `json:"words,omitzero"` // as they were shown; missing where the form has none

	// base64url of the leaf hashes of what had come from the writer already, in order, never more than MostHad; nil in notes of
	// before, which do not say it
	Had     []string `json:"had,omitzero"`
	Themes  []string `json:"themes,omitzero"`   // as they were shown, of FormTheme; missing where there are none
	MustNot []string `json:"must_not,omitzero"` // what they were shown that the clinic would read beside the words; missing where there is none

	Over   string `json:"over,omitzero"`   // base64url of the hash of the sealed note that said so: the panel waits no longer
	Unsent bool   `json:"unsent,omitzero"` // what that note says was shown did not go to the writer after all
}

// Kind names the body.
func (*Note) Kind() string { return KindNote }

// Shows is what the writer was shown by a note with a form.
func (n *Note) Shows() Outgoing { return Outgoing{n.Form, n.Words, n.Themes, n.MustNot} }

func (n *Note) check() error {
	if seal.Blank(n.Text) {
		return wrong("the note is empty")
	}
	if n.Form != "" || n.Words != "" || n.Themes != nil || n.MustNot != nil || n.Had != nil {
		if err := n.checkShowing(); err != nil {
			return err
		}
	}
	if n.Over == "" {
		if n.Unsent {
			return wrong("it does not say what was not sent")
		}
		return nil
	}
	if _, err := seal.ParseCommitment(n.Over); err != nil || n.Asked {
		return wrong("it does not say which wait is over, or begins one too")
	}
	return nil
}

func (n *Note) checkShowing() error {
	if !n.Asked {
		return wrong("it shows words to nobody")
	}
	if err := n.Shows().check(); err != nil {
		return err
	}
	if n.Had == nil {
		return nil
	}
	return checkHashes("messages", n.Had, 0, MostHad)
}

// Draft is what a reviewer has typed and not sent, sealed to nobody but that reviewer. It is the fields of the page as
// they stand, so that nothing is lost when the browser goes.
type Draft struct {
	Fields []Field `json:"fields"`
}

// Field is one field of a page: its name and what stands in it.
type Field struct {
	Q string `json:"q"`
	A string `json:"a"`
}

// Kind names the body.
func (*Draft) Kind() string { return KindDraft }

func (d *Draft) check() error {
	if d.Fields == nil || len(d.Fields) > maxCodes {
		return wrong("its fields are not a list, or too many")
	}
	for i, f := range d.Fields {
		if !fieldName(f.Q) || i > 0 && d.Fields[i-1].Q >= f.Q {
			return wrong("its fields are not in order, or one is there twice")
		}
	}
	return nil
}

func fieldName(q string) bool { return codePattern.MatchString(q) || itemPattern.MatchString(q) }

// Check is a third member's answer to "could someone guess who?", about all that may go out.
type Check struct {
	Outgoing
	Guess   bool   `json:"guess"`   // somebody could
	Changed string `json:"changed"` // what the member changed or wants changed, for the others; may be ""

	// With words alone: what Wishes.LeftOut was as the member looked, sorted; nil where it was nothing, and in checks of before
	Hide []string `json:"hide,omitzero"`
}

// Kind names the body.
func (*Check) Kind() string { return KindCheck }

func (c *Check) check() error {
	if err := c.Outgoing.check(); err != nil || c.Hide == nil {
		return err
	}
	if !hasWords(c.Form) || len(c.Hide) == 0 || slices.ContainsFunc(c.Hide, func(code string) bool { return !isLeftOut(code) }) {
		return wrong("it names what nobody asked to leave out")
	}
	return checkCodes("what is left out", c.Hide, codePattern)
}

// What a sharing file says.
const (
	Share  = "share"  // it goes out in this form, unless somebody objects within two whole days
	Keep   = "keep"   // it stays with the panel
	Object = "object" // a member objects: without a new decision nothing goes out
)

// Sharing is a decision how far a message may go, with the writer's wishes as they stood when it was made. Whoever reads
// it holds it against the message, which the server cannot do.
type Sharing struct {
	Decision  string   `json:"decision"`
	Form      string   `json:"form"`
	Words     string   `json:"words"`     // exactly those that were checked; why, to keep or object
	Wishes    Wishes   `json:"wishes"`    // of the writer
	Consensus []string `json:"consensus"` // base64url of H of the sealed files: two or more who agree
	Check     string   `json:"check"`     // base64url of H of the sealed check, "" to keep or object
	Of        string   `json:"of"`        // base64url of H of the sealed decision that is objected to, or ""

	// base64url of H of the sealed note by which the writer was shown these words, and to which, as its author read, they said yes;
	// missing where they never wished to see it first
	Shown string `json:"shown,omitzero"`
}

// Kind names the body.
func (*Sharing) Kind() string { return KindSharing }

func (s *Sharing) check() error {
	if err := s.Wishes.check(); err != nil {
		return err
	}
	switch s.Decision {
	case Share:
		return s.checkShare()
	case Keep, Object:
		return s.checkOther()
	}
	return wrong("its decision is not known")
}

func (s *Sharing) checkShare() error {
	if err := (Outgoing{Form: s.Form, Words: s.Words}).check(); err != nil {
		return err
	}
	if err := checkHashes("agreements", s.Consensus, 2, mostCoders); err != nil {
		return err
	}
	if _, err := seal.ParseCommitment(s.Check); err != nil || s.Of != "" {
		return wrong("it names no check")
	}
	if s.Shown != "" {
		if _, err := seal.ParseCommitment(s.Shown); err != nil {
			return wrong("it does not name how its words were shown")
		}
	}
	if why := s.Wishes.against(s.Form); len(why) > 0 {
		return wrong("the writer did not allow it")
	}
	return nil
}

func (s *Sharing) checkOther() error {
	if s.Form != "" || s.Check != "" || s.Shown != "" || s.Consensus == nil || len(s.Consensus) > 0 {
		return wrong("it shares nothing and names a form")
	}
	if s.Decision == Keep && s.Of == "" {
		return nil
	}
	if _, err := seal.ParseCommitment(s.Of); err != nil || s.Decision == Keep {
		return wrong("it does not name what it objects to")
	}
	return nil
}
