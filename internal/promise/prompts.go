package promise

import "slices"

// Prompts is how many questions there are for therapist community members who look at themselves; they are numbered from 1.
const Prompts = 20

// byTheme are the questions that fit what a finding is about, three for each theme.
var byTheme = map[string][]int{
	"force": {7, 8, 5}, "voice": {2, 3, 17}, "respect": {1, 9, 17}, "bias": {10, 11, 12}, "access": {10, 11, 13},
	"ending": {8, 13, 16}, "boundary": {3, 2, 14}, "privacy": {9, 3, 6}, "treatment": {2, 3, 20}, "money": {4, 6, 16},
	"response": {19, 17, 16}, "place": {10, 6, 16}, "work": {16, 18, 5}, "good_care": {12, 18, 20}, "good_solidarity": {18, 12, 13}, "good_together": {12, 18, 4}, "good_repair": {15, 18, 12},
}

// general are for findings without a theme that is known here.
var general = []int{19, 16, 20}

// PromptsFor chooses three questions for a finding by its themes: the first of each theme, then the second, and so on.
func PromptsFor(themes []string) []int {
	var chosen []int
	for i := range general {
		for _, theme := range themes {
			if list := byTheme[theme]; i < len(list) && !slices.Contains(chosen, list[i]) && len(chosen) < len(general) {
				chosen = append(chosen, list[i])
			}
		}
	}
	for _, n := range general {
		if len(chosen) < len(general) && !slices.Contains(chosen, n) {
			chosen = append(chosen, n)
		}
	}
	return chosen
}
