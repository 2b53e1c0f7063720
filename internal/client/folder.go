package client

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"

	"answerable/internal/seal"
)

// Limits of what is read from a folder, in bytes: whoever had it in their hands may have put anything into it.
const (
	mostOrigin = 1 << 10
	mostLeaf   = 8 << 10
	mostRecord = 64 << 10
	mostWrap   = 64 << 10
	mostPinned = 64 << 10
	mostSealed = seal.LargeBucket + seal.Overhead
)

// mostEntries bounds how many names of a folder are looked at.
const mostEntries = 200_000

// Errors about folders.
var (
	// ErrFolder means that a folder holds what no pull makes: a link, a device, a file that is too large, too many files.
	ErrFolder = errors.New("this folder holds what review pull does not make")
)

// quietTime is the time that every file of a folder carries: when somebody reads and writes is nobody's business.
var quietTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// folder is a folder of pulled files. It may have been on a stick and in strange hands, so nothing in it leads out of it, nothing is
// read that is no plain file, and nothing beyond its limit.
type folder struct{ root *os.Root }

// openFolder opens one that is there. Errors: fs.ErrNotExist, ErrFolder.
func openFolder(dir string) (*folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	f := &folder{root}
	for _, sub := range []string{epochsDir, deskDir} {
		// A link within the folder leads not out of it, and still to another place than is meant.
		if info, err := root.Lstat(sub); err == nil && !info.IsDir() {
			return nil, errors.Join(fmt.Errorf("%w: %s is no folder", ErrFolder, sub), root.Close())
		}
	}
	return f, nil
}

// makeFolder opens one, and makes it when it is not there.
func makeFolder(dir string) (*folder, error) {
	if err := os.MkdirAll(dir, privateDir); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	for _, sub := range []string{epochsDir, deskDir} {
		if err := f.root.Mkdir(sub, privateDir); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("make folder: %w", err)
		}
	}
	return f, nil
}

// read gives a plain file of at most limit bytes. Errors: fs.ErrNotExist, ErrFolder.
func (f *folder) read(name string, limit int64) ([]byte, error) {
	seen, err := f.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !seen.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is no plain file", ErrFolder, name)
	}
	// A pipe that took its place meanwhile would let us wait for ever.
	file, err := f.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !os.SameFile(seen, info) || info.Size() > limit {
		return nil, fmt.Errorf("%w: %s is larger than such a file is, or was changed just now", ErrFolder, name)
	}
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = fmt.Errorf("%w: %s grows while it is read", ErrFolder, name)
	}
	return content, err
}

// has says whether a plain file is there.
func (f *folder) has(name string) bool {
	info, err := f.root.Lstat(name)
	return err == nil && info.Mode().IsRegular()
}

// same says whether a file holds just this.
func (f *folder) same(name string, want []byte) bool {
	got, err := f.read(name, int64(len(want)))
	return err == nil && bytes.Equal(got, want)
}

// write leaves either the old file or the whole new one, whenever the machine stops. What is there already is not written again.
func (f *folder) write(name string, content []byte) error { return f.put(name, content, false) }

// writeDurably comes back when a stick may be pulled out.
func (f *folder) writeDurably(name string, content []byte) error { return f.put(name, content, true) }

func (f *folder) put(name string, content []byte, durably bool) error {
	if f.same(name, content) {
		return nil
	}
	var random [8]byte
	_, _ = rand.Read(random[:])
	part := path.Join(path.Dir(name), ".part-"+hex.EncodeToString(random[:]))
	file, err := f.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, privateFile)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = file.Write(content)
	if err == nil && durably {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), f.root.Remove(part))
	}
	if err := errors.Join(f.root.Chtimes(part, quietTime, quietTime), f.root.Rename(part, name)); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), f.root.Remove(part))
	}
	return f.settle(path.Dir(name), durably)
}

// settle takes from a folder when something in it changed last.
func (f *folder) settle(sub string, durably bool) error {
	if durably {
		dir, err := f.root.Open(sub)
		if err != nil {
			return err
		}
		_ = dir.Sync() // not every file system can; the file itself is written
		if err := dir.Close(); err != nil {
			return err
		}
	}
	return f.root.Chtimes(sub, quietTime, quietTime)
}

// lock waits until no other command changes what is the reviewer's own. It ends with the process, and leaves no file.
func (f *folder) lock() (unlock func(), err error) {
	dir, err := f.root.Open(deskDir)
	if err != nil {
		return nil, fmt.Errorf("lock folder: %w", err)
	}
	for {
		err = syscall.Flock(int(dir.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock folder: %w", err), dir.Close())
	}
	return func() { _ = dir.Close() }, nil
}

// remove takes a file away; one that is not there is no error.
func (f *folder) remove(name string) error {
	err := f.root.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("take %s away: %w", name, err)
	}
	return f.settle(path.Dir(name), false)
}

// names lists what lies in a folder below, "." for itself. Errors: ErrFolder for more than anybody pulls.
func (f *folder) names(sub string) ([]string, error) {
	dir, err := f.root.Open(sub)
	if err != nil {
		return nil, fmt.Errorf("list folder: %w", err)
	}
	defer dir.Close()
	var names []string
	for {
		some, err := dir.Readdirnames(1000)
		names = append(names, some...)
		if len(names) > mostEntries {
			return nil, fmt.Errorf("%w: more than %d files", ErrFolder, mostEntries)
		}
		if errors.Is(err, io.EOF) {
			return names, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list folder: %w", err)
		}
	}
}

// close lets the folder go. Reading never fails because of it.
func (f *folder) close() { _ = f.root.Close() }
