// Package taxonomy holds what a writer can be asked and what harm and good care are called here.
//
// It promises that a code, once shipped, keeps its meaning: codes are never used again, only retired. The form
// definition is named in every sealed submission by the hash of its exact bytes, so changing a byte of it makes a
// new form. English labels stand beside the codes; other languages look labels up by code.
//
// It leaves to others how questions are worded on the page (ui/locales) and which services a clinic offers.
package taxonomy

import (
	_ "embed"
	"encoding/json"
	"slices"
)

//go:embed taxonomy.json
var taxonomyJSON []byte

// Flags of an item.
const (
	flagContentWarning     = "cw"
	flagUrgent             = "urgent"
	flagUrgentIfStillGoing = "urgent_if_still_going"
)

// An Item is one thing that can have happened, such as "force.held_down".
type Item struct {
	Code  string   `json:"code"`
	Label string   `json:"label"`
	Hint  string   `json:"hint"`
	Flags []string `json:"flags"`

	// Nearest names in lists that others keep, indicative only: HCAT (domain and category of the Healthcare Complaints Analysis
	// Tool) and KO41a (subject of the NHS return of written complaints). "" where there is none.
	HCAT  string `json:"hcat"`
	KO41a string `json:"ko41a"`
}

// ContentWarning says whether a warning stands before a list that shows this item.
func (i Item) ContentWarning() bool { return slices.Contains(i.Flags, flagContentWarning) }

// Urgent says whether the panel's fast lane takes it always.
func (i Item) Urgent() bool { return slices.Contains(i.Flags, flagUrgent) }

// UrgentIfStillGoing says whether the fast lane takes it when the writer says that it still goes on.
func (i Item) UrgentIfStillGoing() bool { return slices.Contains(i.Flags, flagUrgentIfStillGoing) }

// A Theme is a group of items, such as "force". Themes of good care have no hint and no flags.
type Theme struct {
	Code  string `json:"code"`
	Label string `json:"label"`
	Hint  string `json:"hint"`
	Items []Item `json:"items"`
}

// ContentWarning says whether any item of the theme needs a warning.
func (t Theme) ContentWarning() bool { return slices.ContainsFunc(t.Items, Item.ContentWarning) }

// A Choice is a code with its English label.
type Choice struct {
	Code  string `json:"code"`
	Label string `json:"label"`
}

// Seriousness is one step of the panel's own scale, which says how grave an act was and never how much it hurt: that is the
// writer's Impact, and the two are not blended.
type Seriousness struct {
	Value  int    `json:"v"` // 0 to 3
	Code   string `json:"code"`
	Anchor string `json:"anchor"` // English: what this step means
}

// Subject is one of the subjects under which the NHS return of written complaints (KO41a) counts.
type Subject struct {
	Label    string `json:"label"`
	Verified bool   `json:"verified"` // whether the name was read in an NHS page
}

type file struct {
	Version     string             `json:"version"`
	Subjects    map[string]Subject `json:"ko41a_subjects"`
	Harm        [][]string         `json:"harm_crosswalk"`
	Themes      []Theme            `json:"themes"`
	Positive    []Theme            `json:"positive"`
	Impact      []Choice           `json:"impact_scale_reporter"`
	ImpactOn    []Choice           `json:"impact_domains"`
	Seriousness []Seriousness      `json:"panel_seriousness"`
	Scope       []Choice           `json:"scope"`
}

var codes = parse()

func parse() (f file) {
	if err := json.Unmarshal(taxonomyJSON, &f); err != nil {
		panic("taxonomy.json, which is compiled in, does not parse: " + err.Error())
	}
	return f
}

// Version is the version of the list of codes.
func Version() string { return codes.Version }

// Themes are the themes of harm in the order they are shown, "work" last.
func Themes() []Theme { return codes.Themes }

// Good are the themes of good care.
func Good() []Theme { return codes.Positive }

// Impact is the writer's own scale of how it affected them. It is not the panel's scale of seriousness.
func Impact() []Choice { return codes.Impact }

// SeriousnessScale is the panel's own scale, from the least to the gravest.
func SeriousnessScale() []Seriousness { return codes.Seriousness }

// ImpactOn lists what in a life it affected.
func ImpactOn() []Choice { return codes.ImpactOn }

// Subjects are those of KO41a, by key.
func Subjects() map[string]Subject { return codes.Subjects }

// HarmScales are, for each step of Impact in its order, the nearest steps of scales that others keep, HCAT's first: indicative only.
func HarmScales() (steps [][]string) {
	for _, line := range codes.Harm {
		steps = append(steps, line[1:])
	}
	return steps
}

// Scope lists whether it was one person, a team or a rule.
func Scope() []Choice { return codes.Scope }
