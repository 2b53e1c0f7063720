package coding_test

import (
	"errors"
	"slices"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/taxonomy"
)

// whole is a coding that answers all of today's list, as of somebody who does not work there.
func whole() coding.Found {
	f := found()
	f.Taxonomy, f.No, f.Items, f.Good, f.Involved, f.Repair = taxonomy.Version(), []string{}, []string{"force.held_down"}, []string{}, []string{"nurse"}, []string{}
	for _, theme := range taxonomy.Themes() {
		if !slices.Contains(f.Yes, theme.Code) && theme.Code != "work" {
			f.No = append(f.No, theme.Code)
		}
	}
	slices.Sort(f.No)
	return f
}

func TestACodingAnswersAllOfTodaysListAndNothingElse(t *testing.T) {
	own := []string{"force.x_mill_lane.the_blue_room"}
	not := func(f *coding.Found, theme string) {
		f.No = slices.DeleteFunc(f.No, func(no string) bool { return no == theme })
	}
	for name, c := range map[string]struct {
		change func(*coding.Found)
		works  bool
		of     []*coding.Found
		want   string
	}{
		"whole":                    {func(*coding.Found) {}, false, nil, ""},
		"of who works there":       {func(*coding.Found) {}, true, nil, "it says neither yes nor no to work"},
		"with an answer on work":   {func(f *coding.Found) { f.Yes = append(f.Yes, "work") }, true, nil, ""},
		"work, of anybody":         {func(f *coding.Found) { f.No = append(f.No, "work") }, false, nil, ""},
		"two left open":            {func(f *coding.Found) { not(f, "bias"); not(f, "money") }, false, nil, "it says neither yes nor no to bias, money"},
		"all left open":            {func(f *coding.Found) { f.Yes, f.No, f.Items = f.Items[:0], f.Items[:0], f.Items[:0] }, false, nil, "*"},
		"a theme of no list":       {func(f *coding.Found) { f.No = append(f.No, "zeal") }, false, nil, "it holds codes that are on no list: zeal"},
		"a misspelt theme":         {func(f *coding.Found) { f.Yes, f.Items = []string{"forse", "voice"}, []string{} }, false, nil, "it says neither yes nor no to force; it holds codes that are on no list: forse"},
		"an item of no list":       {func(f *coding.Found) { f.Items = []string{"force.hold"} }, false, nil, "it holds codes that are on no list: force.hold"},
		"good of no list":          {func(f *coding.Found) { f.Good = []string{"good_care.herd"} }, false, nil, "it holds codes that are on no list: good_care.herd"},
		"a role of no list":        {func(f *coding.Found) { f.Involved = []string{"nurze"} }, false, nil, "it holds codes that are on no list: nurze"},
		"a role that says nothing": {func(f *coding.Found) { f.Involved = []string{taxonomy.NotSure} }, false, nil, "it holds codes that are on no list: not_sure"},
		"repair of no list":        {func(f *coding.Found) { f.Repair = []string{"say_sory"} }, false, nil, "it holds codes that are on no list: say_sory"},
		"the clinic's own":         {func(f *coding.Found) { f.Own = own }, false, nil, ""},
		"own of no settings":       {func(f *coding.Found) { f.Own = []string{"force.x_mill_lane.attic"} }, false, nil, "it holds codes that are on no list: force.x_mill_lane.attic"},
		"of an older list":         {func(f *coding.Found) { f.Taxonomy = "0.1.0" }, false, nil, "it answers list 0.1.0 of themes, and today's is " + taxonomy.Version()},
		"an agreement of one":      {func(f *coding.Found) { f.Taxonomy = "0.1.0"; not(f, "bias") }, false, []*coding.Found{{Taxonomy: "0.1.0"}}, ""},
		"an agreement with its code": {func(f *coding.Found) { f.Yes = []string{"force", "leaving", "voice"} }, false,
			[]*coding.Found{{Taxonomy: "0.1.0", Yes: []string{"leaving"}}}, ""},
		"an agreement that leaves open": {func(f *coding.Found) { not(f, "bias") }, false, []*coding.Found{{Taxonomy: taxonomy.Version()}}, "it says neither yes nor no to bias"},
	} {
		f := whole()
		c.change(&f)
		err := f.Answers(c.works, own, c.of...)
		var open *coding.AnswersError
		switch {
		case c.want == "" && err != nil, c.want != "" && !errors.As(err, &open), c.want != "*" && err != nil && err.Error() != c.want:
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		case c.want == "*" && len(open.Missing) != len(taxonomy.Themes())-1:
			t.Errorf("%s: missing %v", name, open.Missing)
		}
	}
	var wrong *coding.Error
	if f := (coding.Found{}); !errors.As(f.Answers(false, nil), &wrong) {
		t.Error("what is no coding answers")
	}
}
