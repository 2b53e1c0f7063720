package leave

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No row, whoever wrote it, names a file outside of the folder, and none names another's.
func FuzzRowsNameTheirOwnFiles(f *testing.F) {
	f.Add("submission", `{"epoch_id":"2026-12-abcd","leaf_hash":"\\x00ff","file":"sealed/2026-12-abcd/00ff.age"}`)
	f.Add("decision", `{"clinic_id":"../..","id":"a/b","lines":"/etc/passwd","body":7}`)
	f.Add("panel_manifest", `{"clinic_id":"c","version":1,"lines":null}`)
	f.Fuzz(func(t *testing.T, table, line string) {
		r, err := parseRow([]byte(line))
		if err != nil {
			return
		}
		for _, l := range lifted[table] {
			path, err := l.at(r)
			if err != nil {
				continue
			}
			if !fs.ValidPath(path) || strings.Contains(path, "..") || strings.Count(path, "/") != strings.Count(l.path, "/") {
				t.Errorf("%s of %s lies at %q", l.column, table, path)
			}
		}
	})
}

func FuzzManifestNeverPanics(f *testing.F) {
	good, _ := json.Marshal(Manifest{V: 1, Origin: "words.example/answerable"})
	f.Add(good)
	f.Add([]byte(`{"v":1,"rows":{"clinic":-1}}`))
	dir := f.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, manifestFile), text, 0o600); err != nil {
			t.Fatal(err)
		}
		i := &importer{root: root}
		if err := i.readManifest(); err == nil && i.manifest.V != 1 {
			t.Error("another version was taken")
		}
		if _, err := i.file("../x"); err == nil {
			t.Error("a file outside of the folder was read")
		}
	})
}

// FORMAT.md is what others read an export by.
func TestFormatNamesEveryPlace(t *testing.T) {
	format, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for table, lifts := range lifted {
		for _, l := range lifts {
			if dir, _, _ := strings.Cut(l.path, "/"); !strings.Contains(string(format), "`"+dir+"/") {
				t.Errorf("FORMAT.md does not say where %s of %s lies (%s)", l.column, table, l.path)
			}
		}
	}
	for _, table := range leftOut {
		if !strings.Contains(string(format), "`"+table+"`") {
			t.Errorf("FORMAT.md does not say that %s stays behind", table)
		}
	}
}
