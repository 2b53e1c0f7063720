package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"filippo.io/age"

	"answerable/internal/client"
	"answerable/internal/seal"
)

// canaryMark begins every text of a canary. Its panel reads nothing else.
const canaryMark = "Answerable's canary, made up to see that this place works: "

// canaryCmd goes the whole way once, as a person who tells and as a reviewer who reads, in a clinic that exists for nothing
// else. In a clinic that people tell, it would take reviewers' time.
type canaryCmd struct {
	Server string `required:"" placeholder:"URL" help:"Address of the server, such as https://words.example.org."`
	Clinic string `placeholder:"SLUG" help:"A clinic that exists for nothing else; without it we only ask whether the place is ready."`
	identityConfig
	Wait      time.Duration `default:"0s" help:"How long to wait for the batch. Without it, what an earlier run told is read."`
	Patience  time.Duration `default:"0s" help:"How long to try until the place answers. In a cluster the network needs a moment to know a new pod."`
	PlainHTTP bool          `help:"Come by plain http from elsewhere than this machine, such as inside a cluster. What a canary tells is made up; people never come this way."`
}

// canaryResult says how far the way was gone.
type canaryResult struct {
	Ready   bool   `json:"ready"`
	Told    string `json:"told,omitzero"` // leaf hash, hex
	Read    bool   `json:"read"`          // what this run told was opened
	Earlier int    `json:"earlier"`       // how many of earlier runs were opened
}

// Run fails when a step of the way does, or when the panel is not given what the log says was told.
func (c *canaryCmd) Run(ctx context.Context, t *terminal) error {
	result := canaryResult{Ready: true}
	if err := c.patiently(ctx); err != nil {
		return err
	}
	if c.Clinic == "" {
		return t.show(result, "%s is ready. Name a --clinic that exists for this to go the whole way.\n", c.Server)
	}
	identity, err := c.open()
	if err != nil {
		return err
	}
	text := canaryMark + rand.Text()
	if result.Told, err = c.tell(ctx, text); err != nil {
		return err
	}
	if result.Read, result.Earlier, err = c.read(ctx, t, identity, text); err != nil {
		return err
	}
	switch {
	case result.Read:
		return t.show(result, "Told, sealed, put in its place, fetched and read. %d of earlier runs were read too.\n", result.Earlier)
	case c.Wait > 0:
		return withHint(fmt.Errorf("what was told did not come to the panel within %s", c.Wait), "Is the batch late? Ask: answerable doctor. --wait must be longer than the server's --batch-every.")
	}
	return t.show(result, "Told and sealed; it waits for the batch, and the next run reads it. %d of earlier runs were read.\n", result.Earlier)
}

// patiently asks until the place is ready, or patience is at its end.
func (c *canaryCmd) patiently(ctx context.Context) error {
	for deadline := time.Now().Add(c.Patience); ; {
		err := c.ready(ctx)
		if err == nil || !time.Now().Before(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Second):
		}
	}
}

// ready asks whether something told now could be kept.
func (c *canaryCmd) ready(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(c.Server, "/")+"/readyz", nil)
	if err != nil {
		return usage("this is not the address of a server", "Give --server an address such as https://words.example.org.")
	}
	answer, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return withHint(fmt.Errorf("%s does not answer: %w", c.Server, errors.Unwrap(err)), "Is it running, and does the network let us through?")
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return withHint(fmt.Errorf("%s is not ready", c.Server), "Its log says what it lacks; answerable doctor and answerable migrate status look further.")
	}
	return nil
}

func (c *canaryCmd) api() (*client.Client, error) {
	if c.PlainHTTP {
		return client.NewPlain(c.Server)
	}
	return client.New(c.Server)
}

// tell says something made up as anybody would, and gives the leaf hash of what was promised.
func (c *canaryCmd) tell(ctx context.Context, text string) (string, error) {
	api, err := c.api()
	if err != nil {
		return "", err
	}
	receipt, err := api.NewReceipt()
	if err != nil {
		return "", err
	}
	accepted, err := api.Submit(ctx, c.Clinic, receipt, "en", []seal.Answer{{Q: "words", A: text}})
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(accepted.LeafHash[:]), nil
}

// read pulls and opens as a reviewer does, until text is there or time is over.
func (c *canaryCmd) read(ctx context.Context, t *terminal, identity *age.HybridIdentity, text string) (found bool, earlier int, err error) {
	dir, err := os.MkdirTemp("", "answerable-canary-")
	if err != nil {
		return false, 0, withHint(fmt.Errorf("there is no place for what is pulled: %w", cause(err)), "Set TMPDIR to a folder that can be written to.")
	}
	defer os.RemoveAll(dir)
	api, err := c.api()
	if err != nil {
		return false, 0, err
	}
	reviewer, err := signInTo(ctx, t, api, c.Clinic, identity)
	if err != nil {
		return false, 0, err
	}
	for deadline := time.Now().Add(c.Wait); ; {
		pulled, err := reviewer.Pull(ctx, c.Clinic, dir, func(int, int) {})
		switch {
		case err != nil:
			return false, 0, err
		case pulled.Refused+pulled.Missing+pulled.Undelivered+len(pulled.Oddities) > 0:
			return false, 0, withHint(errors.New("the panel is not given everything that was told"), "Run answerable review pull for the same clinic: it says what is wrong.")
		}
		if found, earlier, err = countCanaries(dir, identity, text); err != nil || found || !time.Now().Before(deadline) {
			return found, earlier, err
		}
		if err := reviewer.Wait(ctx, time.Second); err != nil {
			return false, 0, err
		}
	}
}

// countCanaries opens a pulled folder.
func countCanaries(dir string, identity *age.HybridIdentity, text string) (found bool, earlier int, err error) {
	_, err = client.Open(dir, identity, func(o *client.Opened) error {
		for _, a := range o.Answers {
			switch {
			case a.A == text:
				found = true
			case strings.HasPrefix(a.A, canaryMark):
				earlier++
			}
		}
		return nil
	})
	return found, earlier, err
}
