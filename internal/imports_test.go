package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// floors says how high each package stands. An import may skip floors; it never climbs and never runs level. A package
// below one listed here (postgres/pgtest) stands where its parent stands, which may use it, and tests may use it from anywhere.
var floors = map[string]int{
	"migrations": -1,
	"seal":       0, "draw": 0, "taxonomy": 0, "account": 0, "transparency": 0, "postgres": 0, "notice": 0,
	"coding": 1, "keyring": 1, "clinic": 1, "witness": 1, "leave": 1, "liaison": 1,
	"intake": 2, "setup": 2,
	"review": 3, "mailbox": 3, "figures": 4, "promise": 4,
	"client": 5, "export": 5,
	"ui": 5, "web": 6, "doctor": 6, "metrics": 6,
	"cmd": 7, "charts": 7,
}

// onlyHere lists libraries that one package alone may import.
var onlyHere = map[string][]string{
	"github.com/gofiber/fiber": {"web"},
	"filippo.io/age":           {"seal", "keyring", "client", "cmd"},
	"github.com/alecthomas/":   {"cmd"},
	"github.com/xuri/excelize": {"export"},
}

// testSupport are packages that only tests import.
var testSupport = []string{"internal/postgres/pgtest", "internal/keyring/keyringtest"}

func TestImportsKeepTheFloors(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		files++
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, problem := range importProblems(t, filepath.ToSlash(rel), source) {
			t.Error(problem)
		}
		return nil
	})
	if err != nil || files < 30 {
		t.Fatalf("looked at %d files, %v", files, err)
	}
}

// packageOf names the floor's package for a path such as internal/keyring/epoch.go: keyring.
func packageOf(path string) string {
	path = strings.TrimPrefix(path, "internal/")
	name, _, _ := strings.Cut(path, "/")
	return name
}

func importProblems(t *testing.T, path string, source []byte) (problems []string) {
	t.Helper()
	test := strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "internal/postgres/pgtest/") || strings.HasPrefix(path, "internal/keyring/keyringtest/")
	file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	from := packageOf(path)
	floor, known := floors[from]
	if from == strings.TrimPrefix(path, "internal/") {
		return nil // a test of the whole house, such as this one
	}
	if !known {
		return []string{path + ": its package has no floor in floors; decide where it stands"}
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if inside, ok := strings.CutPrefix(imported, "answerable/"); ok && !test {
			for _, support := range testSupport {
				if inside == support {
					problems = append(problems, path+": imports "+inside+", which is for tests")
				}
			}
			if strings.HasPrefix(inside, filepath.ToSlash(filepath.Dir(path))+"/") {
				continue // a package that stands inside of this one
			}
			to := packageOf(inside)
			if target, ok := floors[to]; !ok || target >= floor {
				problems = append(problems, path+": imports "+inside+", which does not stand below it")
			}
		}
		for library, packages := range onlyHere {
			if strings.HasPrefix(imported, library) && !test && !contains(packages, from) {
				problems = append(problems, path+": imports "+imported+", which only "+strings.Join(packages, ", ")+" may")
			}
		}
	}
	return problems
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// TestPlantedViolationsAreFound keeps the test above honest.
func TestPlantedViolationsAreFound(t *testing.T) {
	for path, source := range map[string]string{
		"internal/seal/x.go":    "package seal\nimport _ \"answerable/internal/account\"",
		"internal/keyring/x.go": "package keyring\nimport _ \"answerable/internal/intake\"",
		"internal/intake/x.go":  "package intake\nimport _ \"github.com/gofiber/fiber/v2\"",
		"internal/review/x.go":  "package review\nimport _ \"answerable/internal/postgres/pgtest\"",
		"internal/helpers/x.go": "package helpers",
		"cmd/answerable/x.go":   "package main\nimport _ \"answerable/internal/keyring/keyringtest\"",
	} {
		if len(importProblems(t, path, []byte(source))) == 0 {
			t.Errorf("%s: not found", path)
		}
	}
	if got := importProblems(t, "internal/web/x.go", []byte("package web\nimport _ \"answerable/internal/review\"")); len(got) != 0 {
		t.Errorf("a lawful import is refused: %v", got)
	}
}
