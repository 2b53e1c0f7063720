package web

import (
	"strings"
	"time"

	"answerable/internal/promise"
)

// liaisonField is a field of the clinic's forms.
type liaisonField struct {
	shape, question, hint string
	rows                  int
}

// liaisonFields are by name, without the number of a promise.
var liaisonFields = map[string]liaisonField{
	"answer": {"text", "question.answer", "liaison.hint.answer", 10},
	"speaks": {"line", "question.speaks", "liaison.hint.speaks", 0},
	"power":  {"text", "question.power", "liaison.hint.power", 3},
	"what":   {"text", "question.what", "liaison.hint.what", 3},
	"who":    {"line", "question.who", "liaison.hint.who", 0},
	"due":    {"date", "question.due", "liaison.hint.due", 0},
	"how":    {"text", "question.how", "liaison.hint.how", 3},
	"reason": {"text", "question.reason", "", 4},
	"done":   {"text", "question.done", "liaison.hint.done", 4},
	"until":  {"date", "question.until", "", 0},
}

func fieldBase(key string) string { return strings.TrimRight(key, "123456789") }

func (in *pages) ownField(sent form, problems map[string]string, key string) fieldView {
	def := liaisonFields[fieldBase(key)]
	f := fieldView{Key: key, Shape: def.shape, Rows: def.rows, Question: in.say(def.question), Problem: problems[key], Value: strings.ToValidUTF8(sent.typed(key), "\ufffd")}
	if def.hint != "" {
		f.Hint = in.say(def.hint)
	}
	return f
}

// fieldNames are what the forms call the fields of package promise.
var fieldNames = map[string]string{"role": "speaks", "words": "answer"}

func fieldOf(f promise.Fault) string {
	if name := fieldNames[f.Field]; name != "" {
		return name
	}
	return f.Field
}

func (in *pages) faultsOf(faults promise.Faults) map[string]string {
	out := map[string]string{}
	for _, f := range faults {
		out[fieldOf(f)] = in.say("promise.fault." + f.Kind)
	}
	return out
}

func (in *pages) problemsOf(faults promise.Faults) (out []problemView) {
	for _, f := range faults {
		key := fieldOf(f)
		question := in.say(liaisonFields[fieldBase(key)].question)
		out = append(out, problemView{key, key, in.say("promise.fault_at", "Question", question, "Fault", in.say("promise.fault."+f.Kind))})
	}
	return out
}

func trimmed(text string) string { return strings.TrimSpace(text) }

// dayIn reads a day as browsers send it; none is the zero day.
func dayIn(text string) (time.Time, error) {
	if text = strings.TrimSpace(text); text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}
