package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/intake"
	"answerable/internal/transparency"
	"answerable/internal/web"
	"answerable/internal/witness"
)

// newTransparencyLog wires the log with this server's key.
func newTransparencyLog(db *bun.DB, keys *serverKeys) (*transparency.Log, error) {
	verifier, err := note.NewVerifier(keys.logKey)
	if err != nil {
		return nil, fmt.Errorf("read the log's key: %w", err)
	}
	return &transparency.Log{DB: db, Signer: keys.log, Verifier: verifier, VKey: keys.logKey, Memory: &transparency.Memory{}}, nil
}

// watchLog sets up what a real place has and a demo has not: a memory outside the database, witnesses, daily decoys.
func (c *Config) watchLog(t *terminal, s *site) error {
	s.intake.Decoys = &intake.Decoys{From: c.DecoysFrom, To: c.DecoysTo}
	s.tlog.Memory.Path = c.CheckpointFile
	if c.CheckpointFile == "" && c.WitnessPolicyFile == "" {
		t.note("warning: nothing outside the database remembers the log, so that a database that was set back would go unnoticed. Give --checkpoint-file, or witnesses with --witness-policy-file.")
	}
	if c.WitnessPolicyFile == "" {
		return nil
	}
	policy, err := readPolicy(c.WitnessPolicyFile)
	if err != nil {
		return err
	}
	for _, w := range policy.Witnesses {
		if !strings.HasPrefix(w.URL, "https://") && !strings.HasPrefix(w.URL, "http://") {
			return usage(fmt.Sprintf("the policy does not say where the witness %s is", w.Name), "Write its address at the end of its line: witness NAME KEY https://…")
		}
	}
	s.tlog.Witnessed = policy.Satisfied
	s.witnesses = &witness.Client{Log: s.tlog, Policy: policy}
	for _, w := range policy.Witnesses {
		s.exports.Witnesses = append(s.exports.Witnesses, w.Key)
	}
	return nil
}

// readPolicy reads a policy file.
func readPolicy(path string) (*witness.Policy, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, withHint(fmt.Errorf("the policy file cannot be read: %w", cause(err)), "Check --witness-policy-file.")
	}
	return witness.ParsePolicy(string(text))
}

// openLog compares the log with its witnesses and with what is remembered of it, before anything is signed, and logs the page
// scripts of this release. A server must not run when it fails.
func (s *site) openLog(ctx context.Context) error {
	var err error
	if s.witnesses != nil {
		err = s.witnesses.Compare(ctx)
	}
	if err == nil {
		err = s.tlog.Open(ctx)
	}
	if err == nil {
		err = s.tlog.LogCode(ctx, release(), web.Scripts())
	}
	if err == nil {
		err = s.tlog.SignNow(ctx)
	}
	if err == nil && s.witnesses != nil {
		_, err = s.witnesses.Collect(ctx)
	}
	if err == nil && s.witnesses == nil {
		err = s.publish(ctx)
	}
	return recovery(err)
}

// publish gives out what was signed while another policy was in force.
func (s *site) publish(ctx context.Context) error {
	head, err := s.tlog.Head(ctx)
	if err != nil || head == nil {
		return err
	}
	_, err = s.tlog.Publish(ctx, head.Note)
	return err
}

// release is how this build names itself.
func release() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "-"
}

// recovery says what an operator does about a log that must not go on.
func recovery(err error) error {
	switch {
	case errors.Is(err, transparency.ErrRolledBack), errors.Is(err, transparency.ErrForked):
		return withHint(err, "Bring the newest copy of the database back. If there is none, what was told since is lost: tell every panel, keep the checkpoint file, which proves what was here, and only then start with another --checkpoint-file. If it is a witness that errs, take it out of the policy.")
	case errors.Is(err, transparency.ErrBroken):
		return withHint(err, "Check --log-key-file. If it is the right key, bring the newest copy of the database back; changing rows until it starts would show to everybody who follows the log.")
	case errors.Is(err, transparency.ErrCheckpoint):
		return withHint(err, "Check --checkpoint-file: it is of another place, or spoilt. Bring it back from a copy, or compare with a checkpoint that somebody else has kept before you give another.")
	}
	return err
}

// runLog signs leaves of keys soon after they were appended, and collects cosignatures. An error is logged when it is new,
// not every second.
func (s *site) runLog(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	said := ""
	for asked := 0; ; asked++ {
		err := s.tlog.SignNow(ctx)
		if err == nil && s.witnesses != nil {
			err = s.collect(ctx, asked%60 == 0)
		}
		if now := fmt.Sprint(err); now != said && ctx.Err() == nil {
			said = now
			if err != nil {
				s.log.Error("the log cannot go on; it is tried again", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// collect asks the witnesses when there is something new, and those that did not answer once a minute.
func (s *site) collect(ctx context.Context, again bool) error {
	fresh, err := s.witnesses.Fresh(ctx)
	if err != nil || !fresh && !again {
		return err
	}
	done, err := s.witnesses.Collect(ctx)
	if err == nil && !done {
		return errors.New("too few witnesses have cosigned the newest checkpoint, so the one before is still given out")
	}
	return err
}

// batchIfDue compares clocks before a batch, which would end at a wrong hour, and with the witnesses, since it is signed onto
// whatever is there.
func (s *site) batchIfDue(ctx context.Context, every time.Duration) (files int, ran bool, err error) {
	if err := s.clockHolds(ctx); err != nil {
		return 0, false, err
	}
	if s.witnesses != nil {
		due, err := s.intake.Due(ctx, every)
		if err != nil || !due {
			return 0, false, err
		}
		if err := s.witnesses.Compare(ctx); err != nil {
			return 0, false, err
		}
	}
	return s.intake.BatchIfDue(ctx, every)
}
