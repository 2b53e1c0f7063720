// Package notice tells people at fixed hours that it is time to look in.
//
// It promises that a notice says nothing about what was written, by its words or by being sent: all are alike, and they go
// out at their hour whether there is something to do or not. A notice that came only with news would tell whoever carries
// mail in which week somebody wrote. It holds no count, no clinic, no name, no link.
//
// Addresses stand in two files, apart from the database: one that the operator writes, and one to which people add
// themselves from a page. Nothing joins them to the ids of reviewers, and a line that is gone gets nothing more. They cannot
// be sealed, since the server has to use them.
package notice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// The words of every notice. Reading them tells a stranger that the reader looks after something, and nothing else.
const (
	Subject = "Time to look in"
	Text    = `It is time to look in. There may be something to do for you, or nothing.

This message comes at the same hour each time, with the same words, whether
anybody wrote or not. It holds no link: go the way you know.

To get no more of these, tell the person who runs the server.
`
)

// Sender sends notices.
type Sender struct {
	File   string // addresses that the operator wrote, one in a line; read anew each time; empty where there are none
	Joined string // addresses of people who joined by themselves; empty where nobody may
	When   Schedule
	Mail   *Mail // nil where no server for mail is named
	Log    *slog.Logger
	Now    func() time.Time
}

// Run sends a notice to everybody at each hour of the schedule until ctx ends. An hour at which it does not run is left out:
// the next one says the same.
func (s *Sender) Run(ctx context.Context) {
	var hour time.Time
	for {
		now := s.Now()
		after := now
		if hour.After(now) {
			after = hour // the clock was set back: nobody is told twice for one hour
		}
		hour = s.When.Next(after)
		wait := time.NewTimer(hour.Sub(now))
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
			s.Send(ctx)
		}
	}
}

// Check reads the file as Send will, and says what is wrong with it.
func (s *Sender) Check() error {
	_, err := s.targets()
	return err
}

// sendWithin bounds one notice, tries included.
const sendWithin = time.Minute

// Send tells everybody once. One that fails does not keep the others from theirs. What is logged names no address.
func (s *Sender) Send(ctx context.Context) (sent int) {
	targets, err := s.targets()
	if err != nil {
		s.Log.Error("notices were not sent", "error", err)
		return 0
	}
	for _, to := range targets {
		ctx, cancel := context.WithTimeout(ctx, sendWithin)
		err := to.send(ctx, s)
		cancel()
		if err == nil {
			sent++
			continue
		}
		s.Log.Warn("a notice was not sent", "kind", to.kind, "line", to.line, "joined", to.stranger)
	}
	return sent
}

// ErrFile means that the file of addresses does not read.
var ErrFile = errors.New("the file of addresses for notices does not read")

func (s *Sender) targets() ([]target, error) {
	var all []target
	for _, path := range []string{s.File, s.Joined} {
		some, err := s.targetsIn(path)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func (s *Sender) targetsIn(path string) ([]target, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && path == s.Joined {
		return nil, nil // nobody has joined yet
	}
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	targets, err := parse(text)
	if err != nil {
		return nil, err
	}
	for i, t := range targets {
		targets[i].stranger = path == s.Joined
		if t.kind == kindMail && s.Mail == nil {
			return nil, fmt.Errorf("%w: line %d is a mail address, and no server for mail is named", ErrFile, t.line)
		}
	}
	return targets, nil
}
