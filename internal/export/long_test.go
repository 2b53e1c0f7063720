//go:build long

package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"answerable/internal/export"
)

// LibreOffice opens the workbook, and finds in it what the CSV file says.
func TestLongLibreOfficeOpensTheWorkbook(t *testing.T) {
	m := newMade(t)
	_, dir := unpacked(t, m.zip(t))
	run(t, dir, "", "soffice", "-env:UserInstallation=file://"+t.TempDir(), "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1", "tables.xlsx")
	for _, name := range []string{"figures", "answers"} {
		got := records(t, filepath.Join(dir, "tables-"+name+".csv"))
		want := records(t, filepath.Join(dir, name+".csv"))
		if len(got) != len(want) {
			t.Errorf("%s: %d rows, want %d", name, len(got), len(want))
			continue
		}
		for i := range want {
			for j := range want[i] {
				if w := strings.TrimPrefix(want[i][j], "'"); got[i][j] != w && got[i][j] != strings.TrimPrefix(w, "'") {
					t.Errorf("%s, row %d, column %d: %q, want %q", name, i, j, got[i][j], w)
				}
			}
		}
	}
}

func records(t *testing.T, path string) [][]string {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Ten years of 200 clinics are written and checked in flat memory, and can be stopped.
func TestLongANetworkOfTenYearsNeedsFlatMemory(t *testing.T) {
	m := newMade(t)
	file := m.zip(t)
	var bundles []export.Listed
	for c := range 200 {
		for q := range 40 {
			bundles = append(bundles, export.Listed{
				Path:   "clinic-" + string(rune('a'+c%26)) + strings.Repeat("x", c/26) + "/" + string(rune('a'+q%26)) + strings.Repeat("y", q/26) + ".zip",
				Clinic: "riverside", First: "2026-07-01", Last: "2026-09-30", AsOf: "2026-11-20",
			})
		}
	}
	var most uint64
	get := func(export.Listed) ([]byte, error) { return file, nil }
	told := func(done int, _ export.Listed) {
		if done%500 == 0 {
			var now runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	}
	if err := export.WriteCollection(t.Context(), io.Discard, bundles, get, told); err != nil {
		t.Fatal(err)
	}
	if most > 64<<20 {
		t.Errorf("it needed %d MiB", most>>20)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := export.WriteCollection(ctx, io.Discard, bundles, get, func(done int, _ export.Listed) {
		if done == 3 {
			cancel()
		}
	})
	if err == nil {
		t.Error("it goes on though it was stopped")
	}
}
