// Package export makes the bundle with which a clinic, its board, a regulator or a union takes figures, promises and answers
// into their own tools, and checks such a bundle again.
//
// It promises that a bundle is made from facts that are public already, never from a message; that the same facts give the same
// bytes; that every byte is either signed by the panel or holds itself; and that checking one needs neither network nor
// database.
//
// It leaves what may be shown to figures, who may sign to keyring, and the log to transparency. FORMAT.md is the specification.
package export

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"answerable/internal/figures"
	"answerable/internal/taxonomy"
	"answerable/internal/transparency"
)

// Generator counts what this program makes of facts: it goes up with every change of any byte in a file of a bundle, so that a
// bundle of an older program is known as one. The golden bundle in testdata breaks when it was forgotten.
const Generator = 3

// Limits of facts. They bound work, not meaning.
const (
	maxFacts   = 8 << 20 // bytes
	maxEntries = 2000    // promises, answers or silences
	maxText    = 24000   // bytes of a text; a cell of a spreadsheet holds 32767 characters
	maxName    = 200
)

// ErrFacts means that facts are none that a bundle can be made of: its message says what is wrong.
var ErrFacts = errors.New("a bundle cannot be made of this")

// Facts are all that a bundle says. Everything else in it is worked out from them.
type Facts struct {
	V         int    `json:"v"` // 1
	Generator int    `json:"generator"`
	Lang      string `json:"lang"`
	Origin    string `json:"origin"`
	Clinic    Clinic `json:"clinic"`
	First     string `json:"first"` // of the period
	Last      string `json:"last"`
	AsOf      string `json:"as_of"` // the day as of which promises stand here, after Last
	Taxonomy  string `json:"taxonomy"`
	Names     []Name `json:"names"` // of codes that are the clinic's own, sorted by code

	Release *Signed `json:"release"` // null where no figures of the period are released
	Before  *Signed `json:"before"`  // the release before that one, to stand beside it

	Accountability *Accountability `json:"accountability"` // null where nothing of it is kept
}

// Clinic is whose bundle it is.
type Clinic struct {
	ID   string `json:"id"`
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// Name says what a code means.
type Name struct {
	Code  string `json:"code"`
	Words string `json:"words"`
}

// Signed is a release as its panel signed it (internal/figures/FORMAT.md), with the text of its plan.
type Signed struct {
	Lines   string `json:"lines"`
	Content string `json:"content"`
	Plan    string `json:"plan"`
}

// Accountability is what became of what was told, as of a day. Whoever keeps promises fills it in.
type Accountability struct {
	Responses []Response `json:"responses"`
	Promises  []Promise  `json:"promises"`
	Silences  []Silence  `json:"silences"`
}

// Response is an answer of the clinic.
type Response struct {
	On    string `json:"on"`
	Theme string `json:"theme"` // code; "" for none
	Role  string `json:"role"`  // in which somebody answers, and what power it has
	Text  string `json:"text"`
}

// States of a promise. Kept, partly and not kept are the judgement of those who told and of the panel, never the clinic's own.
const (
	StateOpen    = "open"
	StateOverdue = "overdue"
	StateClaimed = "done-claimed"
	StateKept    = "kept"
	StatePartly  = "partly-kept"
	StateNotKept = "not-kept"
)

var states = map[string]string{
	StateOpen: "open", StateOverdue: "overdue", StateClaimed: "the clinic says it is done", StateKept: "kept", StatePartly: "partly kept", StateNotKept: "not kept",
}

// Promise is what the clinic said it would do.
type Promise struct {
	Theme    string `json:"theme"`
	What     string `json:"what"`
	Who      string `json:"who"` // a role
	MadeOn   string `json:"made_on"`
	Due      string `json:"due"`
	How      string `json:"how"` // how one will know
	State    string `json:"state"`
	StateOn  string `json:"state_on"`
	Extended int    `json:"extended"` // times
}

// Silence is a number of findings to which something is owed.
type Silence struct {
	Whose string `json:"whose"` // clinic or panel
	What  string `json:"what"`
	Count int    `json:"count"`
}

// Text is the facts as they stand in a bundle.
func (f *Facts) Text() ([]byte, error) { return json.Marshal(f, json.Deterministic(true)) }

// ReadFacts reads exactly what Text writes of facts that Check lets through. Errors wrap ErrFacts.
func ReadFacts(text []byte) (*Facts, error) {
	if len(text) > maxFacts {
		return nil, fmt.Errorf("%w: it has more than %d MiB", ErrFacts, maxFacts>>20)
	}
	f := new(Facts)
	if err := json.Unmarshal(text, f, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%w: it does not read", ErrFacts)
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	again, err := f.Text()
	if err != nil || string(again) != string(text) {
		return nil, fmt.Errorf("%w: it is not written as we write it", ErrFacts)
	}
	return f, nil
}

var (
	uuidPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	slugPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	codePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,79}$`)
	wordPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
)

// Check refuses what no bundle is made of. Errors wrap ErrFacts.
func (f *Facts) Check() error {
	switch {
	case f.V != 1 || f.Generator < 1 || f.Lang != "en":
		return fmt.Errorf("%w: its version is not known here", ErrFacts)
	case !uuidPattern.MatchString(f.Clinic.ID) || !slugPattern.MatchString(f.Clinic.Slug) || !isLine(f.Clinic.Name) || !isLine(f.Origin) || !isLine(f.Taxonomy):
		return fmt.Errorf("%w: it does not say whose it is", ErrFacts)
	case !isDay(f.First) || !isDay(f.Last) || !isDay(f.AsOf) || f.Last < f.First || f.AsOf <= f.Last:
		return fmt.Errorf("%w: its days are not in order. A period has to be over before a bundle is made of it", ErrFacts)
	case !isWholeMonths(f.First, f.Last):
		return fmt.Errorf("%w: a period is of whole months. Words of a few days would tell of a smaller group", ErrFacts)
	case len(f.Names) > maxEntries:
		return fmt.Errorf("%w: it names too many codes", ErrFacts)
	}
	for i, n := range f.Names {
		if !codePattern.MatchString(n.Code) || !isLine(n.Words) || i > 0 && f.Names[i-1].Code >= n.Code {
			return fmt.Errorf("%w: the names of codes are not in order", ErrFacts)
		}
	}
	if err := f.checkReleases(); err != nil {
		return err
	}
	return f.Accountability.check(f.AsOf)
}

func (f *Facts) checkReleases() error {
	if f.Release != nil {
		content, err := f.Release.check(f.Clinic.ID)
		if err != nil {
			return err
		}
		if content.First != f.First || content.Last != f.Last {
			return fmt.Errorf("%w: its release is of another period. A part of one, or of two together, would be a smaller group of reports than either", ErrFacts)
		}
	}
	if f.Before == nil {
		return nil
	}
	content, err := f.Before.check(f.Clinic.ID)
	if err == nil && content.Last >= f.First {
		return fmt.Errorf("%w: the release before shares days with its period", ErrFacts)
	}
	return err
}

func (s *Signed) check(clinicID string) (*figures.Content, error) {
	content, err := figures.CheckRelease(clinicID, s.Lines, s.Content)
	if err != nil {
		return nil, fmt.Errorf("%w: a release in it is not what was signed", ErrFacts)
	}
	if _, err := figures.CheckPlan(s.Lines, content, s.Plan); err != nil {
		return nil, fmt.Errorf("%w: a release in it is not made by the plan that was signed", ErrFacts)
	}
	return content, nil
}

// content and plan of what check let through.
func (s *Signed) read(clinicID string) (*figures.Content, *figures.Plan, error) {
	content, err := figures.CheckRelease(clinicID, s.Lines, s.Content)
	if err != nil {
		return nil, nil, err
	}
	plan, err := figures.CheckPlan(s.Lines, content, s.Plan)
	return content, plan, err
}

func (a *Accountability) check(asOf string) error {
	if a == nil {
		return nil
	}
	if len(a.Responses) > maxEntries || len(a.Promises) > maxEntries || len(a.Silences) > maxEntries {
		return fmt.Errorf("%w: it has more than %d promises, answers or silences", ErrFacts, maxEntries)
	}
	till := func(days ...string) bool {
		return !slices.ContainsFunc(days, func(day string) bool { return !isDay(day) || day > asOf })
	}
	for _, r := range a.Responses {
		if !till(r.On) || !isTheme(r.Theme) || !isText(r.Role) || !isText(r.Text) {
			return fmt.Errorf("%w: an answer in it does not read, or is of after %s", ErrFacts, asOf)
		}
	}
	for _, p := range a.Promises {
		known := states[p.State] != ""
		if !known || !till(p.MadeOn, p.StateOn) || !isDay(p.Due) || !isTheme(p.Theme) || p.Extended < 0 || !isText(p.What) || !isText(p.Who) || !isText(p.How) {
			return fmt.Errorf("%w: a promise in it does not read, or stands as it did after %s", ErrFacts, asOf)
		}
	}
	for _, s := range a.Silences {
		if s.Whose != "clinic" && s.Whose != "panel" || !wordPattern.MatchString(s.What) || s.Count < 0 || s.Count > 1<<30 {
			return fmt.Errorf("%w: a silence in it does not read", ErrFacts)
		}
	}
	return nil
}

func isTheme(code string) bool { return code == "" || codePattern.MatchString(code) }

func isDay(day string) bool {
	_, err := time.Parse(time.DateOnly, day)
	return err == nil && len(day) == len(time.DateOnly)
}

// isWholeMonths says whether days, which are ones, are the first of a month and the last of one.
func isWholeMonths(first, last string) bool {
	end, err := time.Parse(time.DateOnly, last)
	return err == nil && strings.HasSuffix(first, "-01") && end.AddDate(0, 0, 1).Day() == 1
}

// isLine says whether a text is one line with something in it.
func isLine(s string) bool {
	return s != "" && len(s) <= maxName && !strings.ContainsAny(s, "\n\t") && isText(s)
}

// isText says whether a text can stand in every file of a bundle as it is: XML, and so a spreadsheet, has no control
// characters and none of the two that are no characters at all.
func isText(s string) bool {
	return len(s) <= maxText && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '\n' && r != '\t' && unicode.IsControl(r) || r == 0xfffe || r == 0xffff
	})
}

// words gives what codes mean: those of the list of codes, then the clinic's own. What nothing names stands as it is.
func (f *Facts) words() func(code string) string {
	names := map[string]string{figures.All: "All reports", figures.Other: "All other", figures.None: "Not known", figures.LayerSum: "All together", "total": "All that is shown"}
	for _, theme := range slices.Concat(taxonomy.Themes(), taxonomy.Good()) {
		names[theme.Code] = theme.Label
		for _, item := range theme.Items {
			names[item.Code] = item.Label
		}
	}
	for _, step := range taxonomy.SeriousnessScale() {
		names[fmt.Sprintf("serious.%d", step.Value)] = step.Anchor
	}
	names["role.client"], names["role.worker"] = "People who come here, or stand by them", "People who work here"
	for _, n := range f.Names {
		if names[n.Code] == "" { // nobody's own name takes the place of one in the list
			names[n.Code] = n.Words
		}
	}
	return func(code string) string {
		if name := names[code]; name != "" {
			return name
		}
		return code
	}
}

// Lines are what members of the panel sign of a bundle of these facts whose MANIFEST has a hash.
func (f *Facts) Lines(manifest [32]byte) string {
	return string(transparency.Export{ClinicID: f.Clinic.ID, First: f.First, Last: f.Last, AsOf: f.AsOf, Manifest: manifest}.Leaf())
}
