package keyring

// Wrote says whether somebody may have written a file about a message on the day that they signed for it: they have to have been on the
// panel then, and after the message had come. lists are the clinic's signed lists, oldest first, and days are those on which each came
// into force, YYYY-MM-DD; "" where nobody knows. before is how many of the lists stand in the log before the message, or -1 where the log
// was not read; a message that the log does not have yet comes after all that it has.
//
// Who has left wrote what they wrote while they were on it, up to the day on which the list without them came, about what had come by then.
// Days are the author's word, which the server holds to: one who would lie with its help can date a file back, and only onto
// a message of their time. Twin of ui/src/wrote.ts.
func Wrote(lists []*Manifest, days []string, reviewerID string, before int, day string) bool {
	dayOf := func(i int) string {
		if i < len(days) {
			return days[i]
		}
		return ""
	}
	joined := -1
	for i, m := range lists {
		switch on := m.Member(reviewerID) != nil; {
		case on && joined < 0:
			joined = i
		case !on && joined >= 0:
			if day >= dayOf(joined) && (dayOf(i) == "" || day <= dayOf(i)) && before <= i {
				return true
			}
			joined = -1
		}
	}
	return joined >= 0 && day >= dayOf(joined)
}
