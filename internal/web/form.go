package web

import (
	"bytes"
	"encoding/base64"
	"errors"
	"mime"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

const (
	nonceKey   = "nonce"
	nonceBytes = 16
)

// A form is what a person sent, in the order in which it came: sending the same again must give the same bytes.
type form []formField

type formField struct{ Key, Value string }

// isForm says whether a page's form came. Its type may be missing or broken: some filters take headers away, and browsers send
// nothing else to these addresses.
func isForm(c *fiber.Ctx) bool {
	kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	return err != nil || kind == fiber.MIMEApplicationForm
}

var errBrokenForm = errors.New("not a urlencoded form")

// parseForm reads application/x-www-form-urlencoded strictly: what does not decode is refused, never repaired. With
// errBrokenForm come the fields that did decode, so that a person gets them back.
func parseForm(body []byte) (f form, err error) {
	for part := range bytes.SplitSeq(body, []byte{'&'}) {
		if len(part) == 0 {
			continue
		}
		key, value, found := bytes.Cut(part, []byte{'='})
		k, keyErr := url.QueryUnescape(string(key))
		v, valueErr := url.QueryUnescape(string(value))
		if !found || keyErr != nil || valueErr != nil {
			err = errBrokenForm
			continue
		}
		f = append(f, formField{k, v})
	}
	return f, err
}

// all gives every value sent for a question.
func (f form) all(key string) []string {
	var values []string
	for _, field := range f {
		if field.Key == key {
			values = append(values, field.Value)
		}
	}
	return values
}

// first gives the first value sent for a question, or "".
func (f form) first(key string) string {
	if values := f.all(key); len(values) > 0 {
		return values[0]
	}
	return ""
}

// typed gives a text as the person wrote it: browsers send every line break as CR LF, whatever was typed.
func (f form) typed(key string) string { return strings.ReplaceAll(f.first(key), "\r\n", "\n") }

// takeLanguage takes out what the language switch put into the form, and makes the answer speak that language. A form that
// was sent by the switch asks for nothing else.
func (f form) takeLanguage(c *fiber.Ctx) (rest form, switched bool) {
	for _, field := range f {
		switch {
		case field.Key != languageKey:
			rest = append(rest, field)
		case knownLanguage(field.Value):
			switchTo(c, field.Value)
			switched = true
		}
	}
	return rest, switched
}

// nonce gives the random bytes that the page carried. Without them a receipt would be made of the words alone, and
// whoever guesses the words would hold it.
func (f form) nonce() ([]byte, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(f.first(nonceKey))
	return b, err == nil && len(b) == nonceBytes && len(f.all(nonceKey)) == 1
}

// A fault is something in the form that a person can put right. Key names the question, "" the form as a whole.
type fault struct {
	Key  string
	Say  string // key of the sentence
	With []any  // names and values in it
	Gone string // of notListed: the code, as it was sent, which nobody but a program reads
}

// check reads the answers: of every question that was answered, in the order of the form. Faults come in the same order.
func (f form) check(place *clinic.Clinic) (answers []seal.Answer, faults []fault) {
	if _, ok := f.nonce(); !ok {
		faults = append(faults, fault{Say: "problem.nonce"})
	}
	if slices.ContainsFunc(f, func(field formField) bool { return !asked(field.Key) }) {
		faults = append(faults, fault{Say: "problem.unknown"})
	}
	for _, step := range taxonomy.Steps() {
		for _, q := range step.Fields {
			answer, wrong := f.answer(q, place)
			if wrong != nil {
				faults = append(faults, *wrong)
			} else if answer != "" {
				answers = append(answers, seal.Answer{Q: q.Key, A: answer})
			}
		}
	}
	if len(faults) == 0 && !saysSomething(answers) {
		faults = append(faults, fault{Key: "words", Say: "problem.nothing"})
	}
	if len(faults) == 0 && f.first(surelyKey) == "" {
		faults = doubted(slices.Concat(answers, f.skippedBesides()))
	}
	return answers, faults
}

// skippedBesides are the questions in which somebody ticked to skip them and something else too.
func (f form) skippedBesides() (skipped []seal.Answer) {
	for _, step := range taxonomy.Steps() {
		for _, q := range step.Fields {
			if values := f.all(q.Key); !q.Kind.Typed() && len(values) > 1 && slices.Contains(values, taxonomy.Skip) {
				skipped = append(skipped, seal.Answer{Q: q.Key, A: taxonomy.Skip})
			}
		}
	}
	return skipped
}

func asked(key string) bool {
	_, ok := taxonomy.FieldByKey(key)
	return ok || key == nonceKey || key == surelyKey
}

// answer gives what was said to one question: "" when it was skipped.
func (f form) answer(q taxonomy.Field, place *clinic.Clinic) (answer string, wrong *fault) {
	values := f.all(q.Key)
	if slices.ContainsFunc(values, func(v string) bool { return !utf8.ValidString(v) }) {
		return "", &fault{Key: q.Key, Say: "problem.utf8"}
	}
	if len(values) > 1 && q.Kind != taxonomy.Several {
		return "", &fault{Key: q.Key, Say: "problem.doubled"}
	}
	if q.Kind.Typed() {
		return f.answerTyped(q.Key), nil
	}
	codes := codesOf(q, place)
	answer, say := pick(codes, values)
	if say != "" {
		wrong = &fault{Key: q.Key, Say: say}
	}
	if say == notListed {
		wrong.Gone = gone(codes, values)
	}
	return answer, wrong
}

// notListed is said of a code that the form does not have, and hasEnded of one that it has no more: a service can end while
// somebody writes.
const (
	notListed = "problem.code"
	hasEnded  = "problem.ended"
)

// gone is the first answer that is not on the list.
func gone(codes, values []string) string {
	i := slices.IndexFunc(values, func(v string) bool { return !slices.Contains(codes, v) })
	if i < 0 {
		return ""
	}
	return values[i]
}

// answerTyped gives a text as it is, untrimmed. A text in which a reader would see nothing says nothing.
func (f form) answerTyped(key string) string {
	text := f.typed(key)
	if seal.Blank(text) {
		return ""
	}
	return text
}

// codesOf are the codes that a question takes at this clinic, which brings its services and items of its own. Without a
// clinic they are those of the common list.
func codesOf(q taxonomy.Field, place *clinic.Clinic) []string {
	codes := slices.Clone(q.Codes)
	if place == nil {
		place = &clinic.Clinic{}
	}
	switch q.Key {
	case taxonomy.ServiceKey:
		for _, s := range place.Services {
			codes = append(codes, s.Code)
		}
		return append(codes, taxonomy.NotSure, taxonomy.Skip)
	case "items":
		for _, item := range place.OwnItems {
			codes = append(codes, item.Code)
		}
	}
	return codes
}

// pick puts the codes sent into the order of the list, so that the order of ticking tells nothing. Skip is no answer, and what is
// ticked beside it is none.
func pick(codes, values []string) (answer, say string) {
	for i, v := range values {
		if v == "" || !slices.Contains(codes, v) {
			return "", notListed
		}
		if slices.Contains(values[:i], v) {
			return "", "problem.doubled_code"
		}
	}
	if slices.Contains(values, taxonomy.Skip) {
		return "", ""
	}
	var picked []string
	for _, code := range codes {
		if slices.Contains(values, code) {
			picked = append(picked, code)
		}
	}
	return strings.Join(picked, "\n"), ""
}

func saysSomething(answers []seal.Answer) bool {
	return slices.ContainsFunc(answers, func(a seal.Answer) bool { return slices.Contains(taxonomy.Says(), a.Q) })
}

// aboutPerson are the questions of the page about the person, the one whether they belong to what was told last.
func aboutPerson() []taxonomy.Field {
	return slices.Concat(taxonomy.AboutYou(), []taxonomy.Field{taxonomy.Link()})
}

// question is one of the form's, or one about the person.
func question(key string) (taxonomy.Field, bool) {
	if q, ok := taxonomy.FieldByKey(key); ok {
		return q, true
	}
	for _, q := range aboutPerson() {
		if q.Key == key {
			return q, true
		}
	}
	return taxonomy.Field{}, false
}

// keep makes the fields that give a person's words back. Bytes that are no text are shown as such; a browser makes the
// line breaks CR LF again.
func (f form) keep() []keptField {
	var fields []keptField
	for _, field := range f {
		q, ok := question(field.Key)
		if !ok && field.Key != nonceKey && field.Key != surelyKey && field.Key != receiptKey {
			continue
		}
		value := strings.ReplaceAll(strings.ToValidUTF8(field.Value, "\ufffd"), "\r\n", "\n")
		fields = append(fields, keptField{Key: field.Key, Value: value, Typed: ok && q.Kind.Typed()})
	}
	return fields
}
