package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/mod/sumdb/note"

	"answerable/internal/witness"
)

type logWitnessCmd struct {
	Addr string   `default:"localhost:8090" placeholder:"HOST:PORT" help:"Address to listen on."`
	Data string   `required:"" type:"path" placeholder:"DIR" help:"Where this witness keeps its key and what it has seen. Never bring back an old copy of it."`
	Name string   `placeholder:"NAME" help:"This witness's name, such as hillside.example.org/witness. Needed the first time."`
	Log  []string `required:"" sep:"none" placeholder:"KEY" help:"Verifier key of a log to watch. Repeatable."`
}

// Run cosigns until it is told to stop.
func (c *logWitnessCmd) Run(ctx context.Context, t *terminal) error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", cause(err))
	}
	lock, err := lockFolder(c.Data)
	if err != nil {
		return err
	}
	defer lock.Close()
	skey, vkey, err := c.key()
	if err != nil {
		return err
	}
	server, err := witness.NewServer(skey, vkey, filepath.Join(c.Data, "seen"), c.Log)
	if err != nil {
		return withHint(err, "A log's key is what answerable log verify prints.")
	}
	listener, err := listen(c.Addr)
	if err != nil {
		return err
	}
	result := struct {
		URL  string `json:"url"`
		VKey string `json:"vkey"`
	}{localURL(listener.Addr()), server.VKey()}
	err = t.show(result, "This witness listens on %s. Whoever wants its cosignature writes into a policy file:\n\n  witness NAME %s https://ADDRESS\n\nStop it with Ctrl-C.\n", result.URL, result.VKey)
	if err != nil {
		return err
	}
	service := &http.Server{Handler: server, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	done := make(chan error, 1)
	go func() { done <- service.Serve(listener) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer cancel()
		err = service.Shutdown(stopping)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// lockFolder keeps a second witness out of the same memory: two would cosign two histories. The kernel frees it when this
// process ends.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", cause(err))
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, withHint(fmt.Errorf("another witness uses the folder %s", dir), "Stop it first, or give another --data.")
	}
	return f, nil
}

// key reads this witness's key, or makes one the first time.
func (c *logWitnessCmd) key() (skey, vkey string, err error) {
	path := filepath.Join(c.Data, "witness.key")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && c.Name == "" && c.fresh() {
		return "", "", usage("this witness has no name yet", "Give --name, such as --name hillside.example.org/witness.")
	}
	skey, err = loadOrMake(path, "--data", c.fresh(), func() (string, error) {
		made, _, err := note.GenerateKey(rand.Reader, c.Name)
		return made, err
	})
	if err != nil {
		return "", "", err
	}
	if vkey, err = verifierKey(skey); err != nil {
		return "", "", fmt.Errorf("%s does not hold a signing key", path)
	}
	return skey, vkey, nil
}

// fresh says whether nothing was cosigned yet: later, a missing key is not replaced in silence.
func (c *logWitnessCmd) fresh() bool {
	seen, err := os.ReadDir(filepath.Join(c.Data, "seen"))
	return errors.Is(err, fs.ErrNotExist) || err == nil && len(seen) == 0
}
