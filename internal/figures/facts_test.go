package figures_test

import (
	"fmt"

	"answerable/internal/figures"
	"answerable/internal/taxonomy"
)

// newFacts names facts from the form's and the panel's own codes; what was skipped, or is not sure, is not known, as is "".
// Seriousness is 0 to 3, or less than 0 where it is not known.
func newFacts(themes []string, service, impact string, seriousness int, when string) figures.Facts {
	f := figures.Facts{"theme": themes}
	if answered(service) {
		f["service"] = []string{"service." + service}
	}
	if answered(impact) {
		f["impact"] = []string{"impact." + impact}
	}
	if seriousness >= 0 {
		f["seriousness"] = []string{fmt.Sprintf("serious.%d", seriousness)}
	}
	switch when {
	case "this_week", "this_month", "last_3_months", "last_12_months":
		f["when"] = []string{"when.this_year"}
	case "1_to_5_years", "longer":
		f["when"] = []string{"when." + when}
	}
	return f
}

func answered(code string) bool {
	return code != "" && code != taxonomy.Skip && code != taxonomy.NotSure
}
