package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"filippo.io/age"

	"answerable/internal/account"
	"answerable/internal/seal"
)

type identityCmd struct {
	New  identityNewCmd  `cmd:"" help:"Make an identity: a file that the public age command can read, too."`
	Show identityShowCmd `cmd:"" help:"Show the public half of an identity."`
}

// publicIdentity is what others may know of a reviewer.
type publicIdentity struct {
	Reviewer  string `json:"reviewer"`
	Recipient string `json:"recipient"`  // seals to this reviewer
	VerifyKey string `json:"verify_key"` // base64; checks what this reviewer signs
}

func publicHalf(identity *age.HybridIdentity) (*publicIdentity, error) {
	seed, err := seal.IdentitySeed(identity)
	if err != nil {
		return nil, err
	}
	key := account.SigningKey(seed).Public().(ed25519.PublicKey)
	return &publicIdentity{
		Reviewer: account.ReviewerID(key), Recipient: identity.Recipient().String(),
		VerifyKey: base64.StdEncoding.EncodeToString(key),
	}, nil
}

type identityNewCmd struct {
	Out        string `required:"" type:"path" placeholder:"FILE" help:"Where to write it. A file that exists is never replaced."`
	Passphrase bool   `help:"Protect the file with eight random words, shown once."`
}

// Run writes a new identity, readable by its owner only.
func (c *identityNewCmd) Run(t *terminal) error {
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return fmt.Errorf("make identity: %w", err)
	}
	public, err := publicHalf(identity)
	if err != nil {
		return err
	}
	content := fmt.Appendf(nil, "# created: %s\n# public key: %s\n%s\n", time.Now().UTC().Format(time.DateOnly), public.Recipient, identity)
	phrase := ""
	if c.Passphrase {
		if content, phrase, err = protect(content); err != nil {
			return err
		}
	}
	if err := writeNew(c.Out, content); err != nil {
		return err
	}
	result := struct {
		File string `json:"file"`
		publicIdentity
		Passphrase string `json:"passphrase,omitzero"`
	}{c.Out, *public, phrase}
	if phrase != "" {
		return t.show(result, "Identity of reviewer %s written to %s.\n\nIts passphrase, shown only now:\n\n    %s\n\nWrite it down. Without it the file opens nothing.\n", public.Reviewer, c.Out, phrase)
	}
	return t.show(result, "Identity of reviewer %s written to %s.\n\nWhoever has this file can read what your panel reads. Keep a copy on paper or on a stick, in a safe place.\n", public.Reviewer, c.Out)
}

// workFactor is log2 of scrypt's cost: about a second on a laptop, and still possible on an old phone.
const workFactor = 17

// protect seals an identity file with a passphrase of eight random words, 88 bits. People do not choose their own:
// somebody who gets hold of the file could guess those.
func protect(content []byte) (file []byte, phrase string, err error) {
	drawn, err := seal.NewReceipt(rand.Reader)
	if err != nil {
		return nil, "", err
	}
	phrase = drawn.Words()
	recipient, err := age.NewScryptRecipient(phrase)
	if err != nil {
		return nil, "", fmt.Errorf("protect identity: %w", err)
	}
	recipient.SetWorkFactor(workFactor)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipient)
	if err != nil {
		return nil, "", fmt.Errorf("protect identity: %w", err)
	}
	_, err = w.Write(content)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, "", fmt.Errorf("protect identity: %w", err)
	}
	return out.Bytes(), phrase, nil
}

// writeNew writes a secret to a file that did not exist, for its owner's eyes only.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return withHint(fmt.Errorf("%s exists already, and nothing is overwritten here", path), "Choose another name.")
	}
	if err != nil {
		return withHint(fmt.Errorf("%s cannot be written: %w", path, cause(err)), "Choose a folder that exists and that you may write to.")
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(path) // half an identity is none
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	return nil
}

type identityShowCmd struct{ identityConfig }

// Run prints the public half.
func (c *identityShowCmd) Run(t *terminal) error {
	identity, err := c.open()
	if err != nil {
		return err
	}
	public, err := publicHalf(identity)
	if err != nil {
		return err
	}
	return t.show(public, "reviewer    %s\nverify key  %s\nrecipient   %s\n", public.Reviewer, public.VerifyKey, public.Recipient)
}
