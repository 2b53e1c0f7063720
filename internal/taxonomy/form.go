package taxonomy

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"slices"
)

//go:embed form_v1.json
var formJSON []byte

// Answers that every choice offers. Skip is never sent: a skipped question is simply not among the answers.
const (
	NotSure = "not_sure"
	Skip    = "skip"
	Other   = "other"
)

// A Step is one group of questions.
type Step struct {
	Key    string  `json:"key"`
	Title  string  `json:"title"` // English
	Fields []Field `json:"fields"`
}

// A Field is one question. Its key is the q of an answer.
type Field struct {
	Key     string
	Kind    Kind
	Default string   // a code chosen beforehand, or ""; always the most private one
	Codes   []string // what may be picked, in the order it is shown; empty for text and for the clinic's services
}

// Kind says how a question is answered.
type Kind int

// Kinds of answers.
const (
	Line    Kind = iota // a short text
	Text                // a text of several lines
	One                 // one code
	Several             // any number of codes, joined by "\n" in the answer
)

// Typed says whether the answer is the writer's own text.
func (k Kind) Typed() bool { return k == Line || k == Text }

// ServiceKey is the question whose codes each clinic brings itself, beside NotSure and Skip.
const ServiceKey = "service"

// Says are the questions of which at least one must be answered: one thing, in words or tiles.
func Says() []string { return []string{"words", "pictures", "themes", "items", "good", "other_text"} }

// formFile is form_v1.json, as far as this package reads it.
type formFile struct {
	Steps []struct {
		Key    string      `json:"key"`
		Title  string      `json:"title"`
		Fields []jsonField `json:"fields"`
	} `json:"steps"`
	AfterSend struct {
		Fields []jsonField `json:"fields"`
	} `json:"after_send"`
}

// jsonField is a field as the file writes it. Options is a list of codes, or a sentence naming where they are.
type jsonField struct {
	Key     string          `json:"key"`
	Type    string          `json:"type"`
	Default string          `json:"default"`
	Options json.RawMessage `json:"options"`
}

// notAsked is the question for a recording: by its own note it is off unless the panel can play one safely, and it cannot.
const notAsked = "recording"

var kinds = map[string]Kind{
	"text": Line, "textarea": Text, "radio": One,
	"checkbox": Several, "checkbox_by_theme": Several, "multi_tile": Several,
	"checkbox_self_defined": Text, // in the person's own words: no list of who people are
}

// linkKey is the question whether answers about a person belong to what they told, and LinkToReport its answer that they do.
// Whoever skips it keeps them apart.
const (
	linkKey      = "link"
	LinkToReport = "link_to_my_report"
)

var steps, aboutYou, link = parseForm()

func parseForm() (out []Step, about []Field, link Field) {
	var form formFile
	if err := json.Unmarshal(formJSON, &form); err != nil {
		panic("form_v1.json, which is compiled in, does not parse: " + err.Error())
	}
	for _, f := range form.AfterSend.Fields {
		if f.Key == linkKey {
			link = f.field()
			continue
		}
		about = append(about, f.field())
	}
	for _, s := range form.Steps {
		step := Step{Key: s.Key, Title: s.Title}
		for _, f := range s.Fields {
			if f.Key != notAsked {
				step.Fields = append(step.Fields, f.field())
			}
		}
		out = append(out, step)
	}
	return out, about, link
}

func (f jsonField) field() Field {
	kind, ok := kinds[f.Type]
	if !ok {
		panic("form_v1.json, which is compiled in, has a field of unknown type " + f.Type)
	}
	out := Field{Key: f.Key, Kind: kind, Default: f.Default}
	if json.Unmarshal(f.Options, &out.Codes) != nil { // a sentence, or nothing
		out.Codes = listedElsewhere(f.Key)
	}
	return out
}

// listedElsewhere gives the codes that the form takes from the taxonomy, and those of the faces.
func listedElsewhere(key string) []string {
	switch key {
	case "pictures":
		// The file names the themes' icons beside the faces: those are the tiles of the next questions, and are not asked twice.
		return []string{"happy", "middle", "sad"}
	case "themes":
		return append(themeCodes(codes.Themes), Other, NotSure)
	case "items":
		return itemCodes(codes.Themes)
	case "good":
		return itemCodes(codes.Positive)
	case "impact":
		return append(choiceCodes(codes.Impact), Skip)
	case "impact_on":
		return choiceCodes(codes.ImpactOn)
	case "scope":
		return append(choiceCodes(codes.Scope), Skip)
	}
	return nil
}

func themeCodes(themes []Theme) []string {
	var out []string
	for _, t := range themes {
		out = append(out, t.Code)
	}
	return out
}

func itemCodes(themes []Theme) []string {
	var out []string
	for _, t := range themes {
		for _, i := range t.Items {
			out = append(out, i.Code)
		}
	}
	return out
}

func choiceCodes(choices []Choice) []string {
	var out []string
	for _, c := range choices {
		out = append(out, c.Code)
	}
	return out
}

// Steps are the groups of questions in order. The first has no questions: it is what to know beforehand.
func Steps() []Step { return steps }

// AboutYou are the questions about a person, on a page of their own after sending. No answer is tied to what was told, unless
// Link is answered so.
func AboutYou() []Field { return aboutYou }

// Link is the question whether the answers about a person belong to what they told. Its answer stands in no sealed file: a
// mailbox that ties it does, or none.
func Link() Field { return link }

// FieldByKey finds a question.
func FieldByKey(key string) (Field, bool) {
	for _, s := range steps {
		for _, f := range s.Fields {
			if f.Key == key {
				return f, true
			}
		}
	}
	return Field{}, false
}

// FormJSON is the form definition as shipped, byte for byte.
func FormJSON() []byte { return slices.Clone(formJSON) }

// FormHash names the form in a sealed submission: base64url without padding of SHA-256 of FormJSON.
func FormHash() string {
	sum := sha256.Sum256(formJSON)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
