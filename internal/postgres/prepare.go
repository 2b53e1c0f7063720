package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// prepare makes the directory, takes it for this process and settles who runs which binaries.
func (e *Embedded) prepare(ctx context.Context, binDir string) (err error) {
	if err := makeDir(e.dir); err != nil {
		return err
	}
	if err := checkPath(e.dir); err != nil {
		return err
	}
	mine, err := lock(ctx, e.path("lock"), patience)
	if err != nil {
		return err
	}
	if mine == nil {
		return errors.New("another answerable uses this directory: stop it first, or choose another directory for the data")
	}
	e.keep = append(e.keep, mine)
	if e.bin, err = choose(binDir, e.path("data")); err != nil {
		return err
	}
	if e.account, err = accountFor(e.path("data")); err != nil {
		return err
	}
	return e.reach(ctx)
}

// choose finds binaries, and with data there already, those of their major version.
func choose(binDir, data string) (Binaries, error) {
	candidates, err := candidates(binDir)
	if err != nil {
		return Binaries{}, err
	}
	if len(candidates) == 0 {
		return Binaries{}, errNoBinaries
	}
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return candidates[0], nil
	}
	if err != nil {
		return Binaries{}, err
	}
	made := strings.TrimSpace(string(text))
	var here []string
	for _, b := range candidates {
		if strconv.Itoa(b.major()) == made {
			return b, nil
		}
		here = append(here, b.Version)
	}
	return Binaries{}, fmt.Errorf("the data were made by Postgres %s, and what is to run them is Postgres %s: install "+
		"Postgres %s or name its binaries in %s, or choose another directory for new data",
		made, strings.Join(here, " or "), made, BinEnv)
}

func candidates(binDir string) ([]Binaries, error) {
	if binDir != "" {
		b, err := inspect(binDir, "a setting")
		return []Binaries{b}, err
	}
	found, err := FindBinaries()
	if os.Getenv(BinEnv) != "" && len(found) > 0 {
		return found[:1], err // whoever names one wants no other
	}
	return found, err
}

// reach makes sure that the account can run the binaries and enter the directory. A bundled Postgres in a place it
// cannot enter, such as below /root, is copied; the data have to lie where we were told.
func (e *Embedded) reach(ctx context.Context) error {
	blocked := ""
	for dir := e.dir; e.canEnter(ctx, dir) != nil; dir = filepath.Dir(dir) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		blocked = dir
	}
	if blocked != "" {
		//lint:ignore ST1005 Postgres is a name
		return fmt.Errorf("Postgres refuses to run as root, so it runs as the user %s, who may not enter %s: choose a "+
			"directory for the data that every user may pass through, such as one in /var/tmp or /srv, or run this program "+
			"as an ordinary user", e.account.name, blocked)
	}
	if e.bin.fromNPM() {
		if err := e.hydrate(ctx); err != nil {
			return fmt.Errorf("prepare the bundled Postgres: %w", err)
		}
	}
	if err := e.canRunIn(ctx, "/"); err != nil {
		return fmt.Errorf("the user %s cannot run %s/postgres: %w", e.account.name, e.bin.Dir, err)
	}
	return nil
}

// canEnter asks with a program that is everywhere: the Postgres to run may itself lie below the directory.
func (e *Embedded) canEnter(ctx context.Context, dir string) error {
	cmd := e.account.program(Binaries{Dir: "/bin"}, "sh", "-c", ":")
	cmd.Dir = dir
	return run(ctx, cmd)
}

func (e *Embedded) canRunIn(ctx context.Context, dir string) error {
	cmd := e.account.program(e.bin, "postgres", "--version")
	cmd.Dir = dir
	return run(ctx, cmd)
}

// hydrate makes the bundled Postgres whole, in its place or in a copy.
func (e *Embedded) hydrate(ctx context.Context) error {
	native := filepath.Dir(e.bin.Dir)
	if linkLibraries(native) == nil && e.canRunIn(ctx, "/") == nil {
		return nil
	}
	own := e.path("native-" + e.bin.Version)
	if strings.ContainsAny(own, "\"$`\\\n") {
		// initdb hands its own path to a shell, between double quotes.
		return fmt.Errorf("the Postgres from npm cannot run below %s: choose a directory for the data without \", $, ` and \\ in its name", e.path(""))
	}
	if err := copyNative(native, own); err != nil {
		return err
	}
	e.bin.Dir = filepath.Join(own, "bin")
	return linkLibraries(own)
}
