package seal

import "slices"

// How far a typed word may be from those of the list that are offered for it, and how many are.
const (
	nearEdits = 2
	nearMost  = 3
)

// Near gives the words of a language's list, without accents, that somebody may have meant, the nearest first: those that two slips of the hand (a
// letter more, less, other, or two swapped) turn into what was typed.
func Near(typed, lang string) []string {
	var found [nearEdits + 1][]string
	for _, w := range listFor(lang).folded {
		if d := slips(typed, w); d <= nearEdits {
			found[d] = append(found[d], w)
		}
	}
	near := slices.Concat(found[:]...)
	return near[:min(len(near), nearMost)]
}

// slips is the optimal string alignment distance, or more than nearEdits.
func slips(a, b string) int {
	if len(a)-len(b) > nearEdits || len(b)-len(a) > nearEdits {
		return nearEdits + 1
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			other := 1
			if a[i-1] == b[j-1] {
				other = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+other)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}
