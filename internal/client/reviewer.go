package client

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"filippo.io/age"

	"answerable/internal/account"
	"answerable/internal/seal"
)

// signInTime is how long a sign-in text stays good. The server takes at most two minutes; a clock may be a little off.
const signInTime = time.Minute

// Reviewer is somebody who holds an identity. Signed in, they work through it.
type Reviewer struct {
	*Client
	ID string

	// OnKit is given a kit for each epoch that this reviewer deals and two open; nil makes none.
	OnKit func(*Kit) error

	identity *age.HybridIdentity
	key      ed25519.PrivateKey
}

// Reviewer derives who the holder of identity is. It does not ask the server.
func (c *Client) Reviewer(identity *age.HybridIdentity) (*Reviewer, error) {
	seed, err := seal.IdentitySeed(identity)
	if err != nil {
		return nil, err
	}
	key := account.SigningKey(seed)
	return &Reviewer{Client: c, ID: account.ReviewerID(key.Public().(ed25519.PublicKey)), identity: identity, key: key}, nil
}

// Enrol uses an invitation up and joins a panel with the public halves of the reviewer's keys.
func (r *Reviewer) Enrol(ctx context.Context, invitation string) error {
	recipient := r.identity.Recipient().String()
	in := struct {
		Invitation string `json:"invitation"`
		Recipient  string `json:"recipient"`
		VerifyKey  []byte `json:"verify_key"`
		Signature  []byte `json:"signature"`
	}{invitation, recipient, r.key.Public().(ed25519.PublicKey), ed25519.Sign(r.key, account.EnrolText(invitation, recipient))}
	var out struct {
		Reviewer string `json:"reviewer"`
	}
	if err := r.post(ctx, panelAPI+"/enrol", in, &out); err != nil {
		return err
	}
	if out.Reviewer != r.ID {
		return fmt.Errorf("the server enrolled us as %q, and our key's name is %s", out.Reviewer, r.ID)
	}
	return nil
}

// SignIn signs the server's nonce for the address we were given, so that the signature is worth nothing elsewhere.
func (r *Reviewer) SignIn(ctx context.Context) error {
	var challenge struct {
		Nonce string `json:"nonce"`
	}
	if err := r.post(ctx, panelAPI+"/nonce", struct{}{}, &challenge); err != nil {
		return err
	}
	nonce, err := base64.RawURLEncoding.Strict().DecodeString(challenge.Nonce)
	if err != nil || len(nonce) != 32 {
		return errors.New("the server's nonce does not read")
	}
	text := account.SignInText(r.server, r.ID, [32]byte(nonce), r.Now().Add(signInTime))
	in := struct {
		Text      string `json:"text"`
		Signature []byte `json:"signature"`
		Device    string `json:"device"`
	}{string(text), ed25519.Sign(r.key, text), terminalDevice}
	return r.post(ctx, panelAPI+"/sign-in", in, nil)
}

// terminalDevice is how a reviewer sees this sign-in in their list.
const terminalDevice = "a terminal"

// SignOut ends this sign-in.
func (r *Reviewer) SignOut(ctx context.Context) error {
	return r.post(ctx, panelAPI+"/sign-out", struct{}{}, nil)
}
