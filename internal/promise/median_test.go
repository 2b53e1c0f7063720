package promise

import "testing"

// The two groups are those of Miller's study of leukaemia, data set aml of R's package survival, whose survfit gives 31 and 23.
func TestMedianWaitIsThePublishedOne(t *testing.T) {
	open := func(days int) wait { return wait{days: days} }
	closed := func(days int) wait { return wait{days, true} }
	for want, waits := range map[int][]wait{
		31: {closed(9), closed(13), open(13), closed(18), closed(23), open(28), closed(31), closed(34), open(45), closed(48), open(161)},
		23: {closed(5), closed(5), closed(8), closed(8), closed(12), open(16), closed(23), closed(27), closed(30), closed(33), closed(43), closed(45)},
		7:  {closed(7)},
		2:  {closed(9), closed(2)},
	} {
		if got := medianWait(waits); got == nil || *got != want {
			t.Errorf("got %v, want %d", got, want)
		}
	}
	for _, waits := range [][]wait{nil, {open(90)}, {closed(3), open(90), open(90)}} {
		if got := medianWait(waits); got != nil {
			t.Errorf("%v: half is said to have an answer after %d days", waits, *got)
		}
	}
}
