package transparency

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrRolledBack means that this log has signed a larger tree than the database holds. A copy that was restored agrees with
// itself, so only what is remembered outside of it can tell: a file, or witnesses.
var ErrRolledBack = errors.New("the database is older than what this log has already signed")

// ErrForked means that this log has signed two trees of which neither begins with the other.
var ErrForked = errors.New("the database holds another log than the one that was signed")

// Memory keeps the newest checkpoint of a log outside its database: in this process, and in a file when Path names one.
// Each replica has a file of its own.
type Memory struct {
	Path string

	mu   sync.Mutex
	last *Checkpoint
}

// recall gives the newest checkpoint remembered; nil when there is none.
func (m *Memory) recall(l *Log) (*Checkpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last != nil || m.Path == "" {
		return m.last, nil
	}
	content, err := os.ReadFile(m.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint file: %w", err)
	}
	if m.last, err = ParseCheckpoint(content, l.Verifier); err != nil {
		return nil, fmt.Errorf("the checkpoint file %s: %w", m.Path, err)
	}
	return m.last, nil
}

// remember keeps a checkpoint that is newer than the last. The file is on disk under its name before it returns.
func (m *Memory) remember(c *Checkpoint) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last != nil && m.last.Size >= c.Size {
		return nil
	}
	if m.Path != "" {
		if err := WriteDurably(m.Path, []byte(c.Note)); err != nil {
			return fmt.Errorf("write checkpoint file: %w", err)
		}
	}
	m.last = c
	return nil
}

// WriteDurably replaces a file so that the old one or the whole new one is there whenever the machine stops.
func WriteDurably(path string, content []byte) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".part-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone already when all went well
	_, err = tmp.Write(content)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// compared reads the newest checkpoint and refuses a database that lacks what was signed, or holds something else in its
// place. Memory is asked first: what it knows was committed before.
func (l *Log) compared(ctx context.Context, db bun.IDB) (*Checkpoint, error) {
	var known *Checkpoint
	if l.Memory != nil {
		var err error
		if known, err = l.Memory.recall(l); err != nil {
			return nil, err
		}
	}
	head, err := l.head(ctx, db)
	if err != nil || known == nil {
		return head, err
	}
	return head, l.extends(ctx, db, head, known)
}

// extends checks that head, out of the database, begins with the tree of a checkpoint known from elsewhere. Errors:
// ErrRolledBack, ErrForked, ErrBroken.
func (l *Log) extends(ctx context.Context, db bun.IDB, head, known *Checkpoint) error {
	if head == nil || head.Size < known.Size {
		return ErrRolledBack
	}
	root := head.Root
	if known.Size < head.Size {
		var err error
		if root, err = tlog.TreeHash(known.Size, l.hashes(ctx, db, head)); err != nil {
			return fmt.Errorf("%w: %w", ErrBroken, err)
		}
	}
	if root != known.Root {
		return ErrForked
	}
	return nil
}

// Keep compares the database with Memory and remembers its newest checkpoint, whichever replica signed it. Errors:
// ErrRolledBack, ErrForked, ErrBroken.
func (l *Log) Keep(ctx context.Context) error {
	head, err := l.compared(ctx, l.DB)
	if err != nil || head == nil || l.Memory == nil {
		return err
	}
	return l.Memory.remember(head)
}
