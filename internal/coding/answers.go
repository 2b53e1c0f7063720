package coding

import (
	"fmt"
	"slices"
	"strings"

	"answerable/internal/taxonomy"
)

// workTheme is asked only of what people told who work there.
const workTheme = "work"

// AnswersError says why a coding answers another list of codes than today's. One of Version and the two lists says it.
type AnswersError struct {
	Version string   // of the list that it answers
	Missing []string // themes of today's list to which it says neither yes nor no
	Unknown []string // codes that are on no list
}

func (e *AnswersError) Error() string {
	if e.Version != "" {
		return fmt.Sprintf("it answers list %s of themes, and today's is %s", e.Version, taxonomy.Version())
	}
	var said []string
	if len(e.Missing) > 0 {
		said = append(said, "it says neither yes nor no to "+strings.Join(e.Missing, ", "))
	}
	if len(e.Unknown) > 0 {
		said = append(said, "it holds codes that are on no list: "+strings.Join(e.Unknown, ", "))
	}
	return strings.Join(said, "; ")
}

// Answers holds a coding against today's list before it is signed: every theme is answered, and every code is known. workThere says
// whether the writer works there: whoever does not is not asked about work, and a coding may answer that all the same. own are the
// clinic's own items. An agreement may hold what the codings hold that it is of, whatever list those are from, and may name theirs;
// a coding is of none. Errors: *Error, *AnswersError.
func (f *Found) Answers(workThere bool, own []string, of ...*Found) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.Taxonomy != taxonomy.Version() {
		if slices.ContainsFunc(of, func(c *Found) bool { return c.Taxonomy == f.Taxonomy }) {
			return nil
		}
		return &AnswersError{Version: f.Taxonomy}
	}
	e := &AnswersError{}
	for _, t := range taxonomy.Themes() {
		if f.says(t.Code) == notAsked && (t.Code != workTheme || workThere) {
			e.Missing = append(e.Missing, t.Code)
		}
	}
	for _, list := range []func(*Found) []string{
		func(f *Found) []string { return slices.Concat(f.Yes, f.No) },
		func(f *Found) []string { return f.Items },
		func(f *Found) []string { return f.Own },
		func(f *Found) []string { return f.Good },
		func(f *Found) []string { return f.Involved },
		func(f *Found) []string { return f.Repair },
	} {
		known := list(today(own))
		for _, c := range of {
			known = append(known, list(c)...)
		}
		e.Unknown = append(e.Unknown, slices.DeleteFunc(slices.Clone(list(f)), func(code string) bool { return slices.Contains(known, code) })...)
	}
	if len(e.Missing)+len(e.Unknown) == 0 {
		return nil
	}
	e.Missing, e.Unknown = sorted(e.Missing), sorted(e.Unknown)
	return e
}

// today are all codes that a coding may hold.
func today(own []string) *Found {
	all := &Found{Own: own, Involved: answersOf("roles"), Repair: answersOf("wants")}
	for _, t := range taxonomy.Themes() {
		all.Yes = append(all.Yes, t.Code)
		for _, item := range t.Items {
			all.Items = append(all.Items, item.Code)
		}
	}
	for _, t := range taxonomy.Good() {
		for _, item := range t.Items {
			all.Good = append(all.Good, item.Code)
		}
	}
	return all
}

// answersOf are the codes of a question of the form, but for those that say nothing.
func answersOf(question string) []string {
	field, _ := taxonomy.FieldByKey(question)
	return slices.DeleteFunc(slices.Clone(field.Codes), func(code string) bool { return code == taxonomy.Skip || code == taxonomy.NotSure })
}
