package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"answerable/internal/client"
	"answerable/internal/seal"
)

type submitCmd struct {
	serverConfig

	Lang string `default:"en" placeholder:"CODE" help:"Language of the words, such as en or es."`

	Fingerprint string `placeholder:"XXXX-XXXX-XXXX-XXXX-XXXX" help:"The panel's fingerprint from the poster: only its key is sealed to."`

	Prepare  bool   `help:"Send nothing: draw a receipt and print what a file sealed by hand needs."`
	Sealed   string `type:"path" placeholder:"FILE" help:"Post a file sealed by hand with age, instead of standard input."`
	Anchor   string `placeholder:"HEX" help:"With --sealed: SHA-256 of 32 random bytes, the anchor inside the file."`
	Withdraw string `placeholder:"HEX" help:"With --sealed: SHA-256 of 32 other random bytes."`
	Epoch    string `placeholder:"ID" help:"With --sealed: the epoch it was sealed for, when that is not today's."`
}

// Run posts what is on standard input as the answer to the question "words".
func (c *submitCmd) Run(ctx context.Context, t *terminal) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	api.Fingerprint = strings.ToUpper(c.Fingerprint)
	switch {
	case c.Prepare && c.Sealed != "":
		return usage("--prepare sends nothing and --sealed sends a file", "Run them one after the other.")
	case c.Prepare:
		return c.prepare(ctx, t, api)
	case c.Sealed != "":
		return c.post(ctx, t, api)
	case c.Anchor != "" || c.Withdraw != "" || c.Epoch != "":
		return usage("--anchor, --withdraw and --epoch go with --sealed only", "Leave them out, or name the sealed file.")
	}
	return c.tell(ctx, t, api)
}

// maxText bounds what is read, in bytes: enough to tell a person how much too long the text is.
const maxText = 16 << 20

// told is the result of a submission. A file sealed by hand has a receipt only its writer knows.
type told struct {
	Receipt  string `json:"receipt,omitzero"`
	Digits   string `json:"digits,omitzero"`
	LeafHash string `json:"leaf_hash"` // hex
	Ticket   string `json:"ticket"`
}

func (c *submitCmd) tell(ctx context.Context, t *terminal, api *client.Client) error {
	text, err := t.readText("write what you want to tell")
	if err != nil {
		return err
	}
	receipt, err := api.NewReceipt()
	if err != nil {
		return err
	}
	accepted, err := api.Submit(ctx, c.Clinic, receipt, c.Lang, []seal.Answer{{Q: "words", A: text}})
	var uncertain *client.UncertainError
	if errors.As(err, &uncertain) || errors.Is(err, client.ErrPromise) {
		t.note("receipt words: %s", receipt.Words())
	}
	if err != nil {
		return err
	}
	result := told{Receipt: receipt.Words(), Digits: receipt.Digits(), LeafHash: hex.EncodeToString(accepted.LeafHash[:]), Ticket: accepted.Ticket}
	return t.show(result, `Your words were sealed on this machine and are with the panel's server. Nobody reads them right away.

Your receipt:  %s
In digits:     %s

Write it down and keep it where nobody finds it. It is the only way back to what you told; we cannot show it again.

Your ticket, the server's signed promise not to drop what you told:

%s`, result.Receipt, groups(result.Digits), result.Ticket)
}

// groups sets digits in threes, so that they can be copied by hand.
func groups(digits string) string {
	var out []string
	for ; len(digits) > 3; digits = digits[3:] {
		out = append(out, digits[:3])
	}
	return strings.Join(append(out, digits), " ")
}

// prepare prints what somebody needs who seals by hand and wants to come back with receipt words.
func (c *submitCmd) prepare(ctx context.Context, t *terminal, api *client.Client) error {
	e, err := api.ProvenEpoch(ctx, c.Clinic)
	if err != nil {
		return err
	}
	receipt, err := api.NewReceipt()
	if err != nil {
		return err
	}
	keys := receipt.Derive(e.Origin)
	anchor, withdraw := keys.AnchorToken.Commitment(), keys.WithdrawToken.Commitment()
	p := seal.NewSubmission(keys, e.ID, e.Origin, e.Form, c.Lang, seal.SealedByClient, nil)
	result := struct {
		Receipt   string `json:"receipt"`
		Digits    string `json:"digits"`
		Anchor    string `json:"anchor"`   // hex
		Withdraw  string `json:"withdraw"` // hex
		Epoch     string `json:"epoch"`
		Recipient string `json:"recipient"`
		Origin    string `json:"origin"`
		Form      string `json:"form"`
		AnchorB64 string `json:"anchor_base64url"` // as it stands inside the file
		Mailbox   string `json:"mailbox"`
		ReplyTo   string `json:"reply_to"`
		Actions   string `json:"actions"`
	}{
		receipt.Words(), receipt.Digits(), hex.EncodeToString(anchor[:]), hex.EncodeToString(withdraw[:]),
		e.ID, e.Recipient, e.Origin, e.Form, anchor.String(), *p.Mailbox, *p.ReplyTo, *p.Actions,
	}
	return t.show(result, `Nothing was sent. For a file that you seal by hand:

Your receipt:  %s
In digits:     %s
anchor:        %s
withdraw:      %s
epoch:         %s

Inside the file: "anchor":"%s"
                 "mailbox":"%s"
                 "reply_to":"%s"
                 "actions":"%s"
Seal it for:     %s

Then: answerable submit --server %s --clinic %s --epoch %s \
        --sealed FILE.age --anchor %s --withdraw %s
`, result.Receipt, groups(result.Digits), result.Anchor, result.Withdraw, e.ID, result.AnchorB64, result.Mailbox, result.ReplyTo, result.Actions,
		e.Recipient, c.Server, c.Clinic, e.ID, result.Anchor, result.Withdraw)
}

// post sends a file that was sealed by hand.
func (c *submitCmd) post(ctx context.Context, t *terminal, api *client.Client) error {
	anchor, err := commitment("anchor", c.Anchor)
	if err != nil {
		return err
	}
	withdraw, err := commitment("withdraw", c.Withdraw)
	if err != nil {
		return err
	}
	file, err := os.ReadFile(c.Sealed)
	if err != nil {
		return withHint(fmt.Errorf("the sealed file cannot be read: %w", cause(err)), "Check the path given with --sealed.")
	}
	if err := seal.CheckShape(file); err != nil {
		return err
	}
	e, err := api.Epoch(ctx, c.Clinic)
	if err != nil {
		return err
	}
	if c.Epoch != "" {
		e.ID = c.Epoch
	}
	accepted, err := api.PostFile(ctx, c.Clinic, e, file, anchor, withdraw)
	if err != nil {
		return err
	}
	result := told{LeafHash: hex.EncodeToString(accepted.LeafHash[:]), Ticket: accepted.Ticket}
	return t.show(result, `Your sealed file is with the panel's server. Nobody here can see what it holds, so nobody could check that it opens.

Your ticket, the server's signed promise not to drop it:

%s`, result.Ticket)
}

func commitment(name, value string) (seal.Commitment, error) {
	b, err := hex.DecodeString(strings.TrimSpace(value))
	if err != nil || len(b) != 32 {
		return seal.Commitment{}, usage(fmt.Sprintf("--%s must be 64 hexadecimal digits", name), "It is the SHA-256 of 32 random bytes. Get a pair with: answerable submit --prepare")
	}
	return seal.Commitment(b), nil
}
