package taxonomy

import (
	_ "embed"
	"encoding/json"
	"slices"
)

// Example is an invented report on which a new reviewer tries out reading and coding, with what we find in it and why.
type Example struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Imagine     string   `json:"imagine"` // who the reader is in this example
	StepBack    bool     `json:"step_back"`
	StepBackWhy string   `json:"step_back_why"`
	Service     string   `json:"service"` // invented, in words
	ForWhom     string   `json:"for_whom"`
	Pictures    []string `json:"pictures"` // the faces that the writer picked
	Themes      []string `json:"themes"`   // what else they picked
	Items       []string `json:"items"`
	Words       string   `json:"words"`
	Impact      string   `json:"impact"`
	Key         Key      `json:"key"`
	Why         []Reason `json:"why"`
	Guess       string   `json:"guess"` // what could tell who wrote it
}

// Key is what we find in an example. Every list is in order, and a theme that is not in Yes is a no.
type Key struct {
	Yes         []string `json:"yes"`
	Items       []string `json:"items"`
	Good        []string `json:"good"`
	Seriousness int      `json:"seriousness"` // 0 to 3
	Involved    []string `json:"involved"`
	Repair      []string `json:"repair"`
}

// Reason says why a code is in the key: an item, something good, or "seriousness".
type Reason struct {
	Code    string `json:"code"`
	Because string `json:"because"`
}

//go:embed training.json
var trainingJSON []byte

var examples = parseTraining()

func parseTraining() []Example {
	var f struct {
		Note     string    `json:"note"`
		Examples []Example `json:"examples"`
	}
	if err := json.Unmarshal(trainingJSON, &f); err != nil {
		panic("training.json: " + err.Error()) // it is embedded: a test finds it first
	}
	return f.Examples
}

// Examples are invented reports for practice, from easy to hard.
func Examples() []Example { return slices.Clone(examples) }

// Warnings are the picked items of an example that carry a warning: what its card shows before anything is read.
func (e Example) Warnings() (codes []string) {
	for _, code := range codesWithWarnings() {
		if slices.Contains(e.Items, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

func codesWithWarnings() (codes []string) {
	for _, theme := range Themes() {
		for _, item := range theme.Items {
			if item.ContentWarning() {
				codes = append(codes, item.Code)
			}
		}
	}
	return codes
}
