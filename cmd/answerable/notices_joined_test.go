package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A server that lets people join starts with no file of addresses at all, and the unit names one that it may write.
func TestServerKeepsAddressesOfThoseWhoJoin(t *testing.T) {
	t.Parallel()
	joined := filepath.Join(t.TempDir(), "joined")
	c := noticeConfig{NoticesJoinedFile: joined, NoticesAt: "daily 9"}
	s, err := c.sender(os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Join("ntfy", "https://ntfy.example.org/topic", true); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(joined); err != nil || string(text) != "ntfy https://ntfy.example.org/topic\n" {
		t.Errorf("%q, %v", text, err)
	}
	if unit := single(t, "charts/single/answerable.service"); !strings.Contains(unit, "\nEnvironment=ANSWERABLE_NOTICES_JOINED_FILE=%S/answerable/notices.joined\n") {
		t.Error("the unit names no file for those who join")
	}
}
