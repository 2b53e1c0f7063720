package doctor

import "golang.org/x/sys/unix"

// kernelClock asks the kernel whether a program keeps its clock right (adjtimex(2), STA_UNSYNC).
func kernelClock() (synchronised, known bool) {
	var state unix.Timex
	if _, err := unix.Adjtimex(&state); err != nil {
		return false, false
	}
	return state.Status&unix.STA_UNSYNC == 0, true
}
