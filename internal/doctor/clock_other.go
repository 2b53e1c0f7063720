//go:build !linux

package doctor

// kernelClock is known on Linux only.
func kernelClock() (synchronised, known bool) { return false, false }
