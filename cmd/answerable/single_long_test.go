//go:build long

package main

import (
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// TestLongUnitsAreClosedIn asks systemd how much a unit leaves open: 0 is nothing, 10 everything. make test-long installs
// systemd-analyze where it is missing.
func TestLongUnitsAreClosedIn(t *testing.T) {
	level := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`)
	for _, unit := range []string{"answerable.service", "answerable-backup.service"} {
		out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", "../../charts/single/"+unit).CombinedOutput()
		m := level.FindSubmatch(out)
		if err != nil || m == nil {
			t.Fatalf("%s: %v\n%s", unit, err, out)
		}
		if open, err := strconv.ParseFloat(string(m[1]), 64); err != nil || open >= 2 {
			t.Errorf("%s leaves %s open, %v; below 2.0 is asked for\n%s", unit, m[1], err, out)
		}
	}
}

// TestLongNothingLeavesTheServerUnasked is the short test for those who are not root.
func TestLongNothingLeavesTheServerUnasked(t *testing.T) { inOwnNetwork(t) }
