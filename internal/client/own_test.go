package client

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sync"
	"testing"

	"filippo.io/age"

	"answerable/internal/keyring"
)

// ownBook is a reviewer's own part of a new folder; each call stands for another command.
func ownBook(t *testing.T, dir string, identity *age.HybridIdentity) *notebook {
	t.Helper()
	f, err := makeFolder(dir)
	must(t, err)
	t.Cleanup(f.close)
	by, err := new(Client).Reviewer(identity)
	must(t, err)
	return &notebook{folder: f, by: by}
}

func TestTwoCommandsInOneFolderLoseNothing(t *testing.T) {
	dir := t.TempDir()
	identity, err := age.GenerateHybridIdentity()
	must(t, err)
	const each = 20
	var all sync.WaitGroup
	for who := range 2 {
		n := ownBook(t, dir, identity)
		all.Go(func() {
			for i := range each {
				err := n.change(func(o *own) error {
					o.Declared = append(o.Declared, fmt.Sprintf("%d-%d", who, i))
					return nil
				})
				if err != nil {
					t.Errorf("command %d, change %d: %v", who, i, err)
				}
			}
		})
	}
	all.Wait()
	o, err := ownBook(t, dir, identity).read()
	must(t, err)
	if len(o.Declared) != 2*each {
		t.Errorf("%d changes were kept, and %d are there", 2*each, len(o.Declared))
	}
}

// Whoever takes own.age away takes steps and steps back with it. No command goes on as if there had been none.
func TestAnOwnPartThatWasTakenAwayIsNoticed(t *testing.T) {
	dir := t.TempDir()
	identity, err := age.GenerateHybridIdentity()
	must(t, err)
	n := ownBook(t, dir, identity)
	must(t, n.change(func(*own) error { return nil }))
	must(t, n.write(path.Join(deskDir, fetchedFile), []byte("a list, in whatever state")))
	must(t, os.Remove(filepath.Join(dir, deskDir, ownFile)))

	again := ownBook(t, dir, identity)
	if _, err := again.read(); !errors.Is(err, ErrOwnGone) || !errors.Is(err, ErrOwn) {
		t.Errorf("it reads: %v", err)
	}
	if err := again.change(func(*own) error { return nil }); !errors.Is(err, ErrOwnGone) {
		t.Errorf("another is begun: %v", err)
	}
	if _, err := Waiting(dir, again.by); !errors.Is(err, ErrOwnGone) {
		t.Errorf("nothing waits: %v", err)
	}
}

// The key of a shredded epoch would open any copy of its files, so it goes as they do. Another clinic's shredding takes nothing.
func TestTheKeyOfAShreddedEpochLeavesTheFolder(t *testing.T) {
	f, err := makeFolder(t.TempDir())
	must(t, err)
	defer f.close()
	const gone, stays = "2026-01-aaaa", "2026-02-bbbb"
	exts := []string{recordExt, ageExt, partExt, askedExt}
	for _, id := range []string{gone, stays} {
		for _, ext := range exts {
			must(t, f.write(path.Join(epochsDir, id+ext), []byte(id)))
		}
	}
	p := &puller{Reviewer: new(Reviewer), folder: f, panel: &Panel{Current: &keyring.Manifest{ClinicID: "this"}}}
	p.Client = new(Client)
	must(t, p.destroy(&Ledger{Shredded: map[keyring.EpochOf]bool{{ClinicID: "this", ID: gone}: true, {ClinicID: "other", ID: stays}: true}}))
	for _, ext := range exts {
		if has := f.has(path.Join(epochsDir, gone+ext)); has != (ext == recordExt) {
			t.Errorf("%s of a shredded epoch is there: %t", ext, has)
		}
		if !f.has(path.Join(epochsDir, stays+ext)) {
			t.Errorf("%s of another clinic's epoch is gone", ext)
		}
	}
}

// A folder called as an unfinished file is would stop every pull, were it taken for one.
func TestAFolderNamedAsAnUnfinishedFileStopsNoPull(t *testing.T) {
	dir := t.TempDir()
	identity, err := age.GenerateHybridIdentity()
	must(t, err)
	n := ownBook(t, dir, identity)
	must(t, os.MkdirAll(filepath.Join(dir, ".part-x", "y"), 0o700))
	must(t, n.write(".part-z", []byte("unfinished")))
	must(t, (&keeper{folder: n.folder, by: n.by}).sweep())
	if n.has(".part-z") {
		t.Error("what a machine that stopped left is still there")
	}
}
