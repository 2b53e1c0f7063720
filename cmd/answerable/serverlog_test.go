package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

// A line of the server is one that somebody should act on, with names and values, and with no hour.
func TestLinesOfTheServerHaveNoHour(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	defer slog.SetDefault(slog.Default())
	log := logger(file)
	log.Debug("a request went well")
	log.Info("a request went well")
	log.Warn("a batch waits", "rounds", 2)
	said, err := os.ReadFile(path)
	if err != nil || string(said) != "level=WARN msg=\"a batch waits\" rounds=2\n" {
		t.Errorf("said %q, %v", said, err)
	}
}
