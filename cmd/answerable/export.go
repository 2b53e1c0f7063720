package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/go-json-experiment/json"

	"answerable/internal/client"
)

type exportCmd struct {
	Verify exportVerifyCmd `cmd:"" help:"Check a file that somebody kept from their mailbox, or from the page after telling. Needs no network."`
}

type exportVerifyCmd struct {
	File        string `arg:"" type:"path" help:"The file as it was saved."`
	VKey        string `placeholder:"KEY" help:"The log's key, from somebody who follows the log. Without it the file's own is taken, which nobody has vouched for."`
	Fingerprint string `placeholder:"FINGERPRINT" help:"The panel's, from a poster. Without it nobody has vouched for the panel that the file names."`
}

// Run checks a kept file by itself.
func (c *exportVerifyCmd) Run(t *terminal) error {
	file, err := os.ReadFile(c.File)
	if err != nil {
		return withHint(fmt.Errorf("the file cannot be read: %w", cause(err)), "Check its path.")
	}
	vkey := c.VKey
	if vkey == "" {
		vkey = keyNamedIn(file)
		t.note("no --vkey was given, so the log's key is taken from the file itself. Ask somebody who follows the log for it.")
	}
	p, err := client.CheckPacket(file, vkey)
	if err != nil {
		return withHint(err, "Ask for the file as it was saved. Nothing in a changed one can be relied on.")
	}
	if c.Fingerprint != "" && p.Fingerprint != strings.ToUpper(strings.TrimSpace(c.Fingerprint)) {
		return withHint(errors.New("the panel in this file is not the one with that fingerprint"), "Compare the letters with a poster's once more. If they are right, do not rely on the file.")
	}
	return showPacket(t, p)
}

// keyNamedIn is the log's key by a kept file's own word; "" when there is none to read.
func keyNamedIn(file []byte) string {
	var named struct {
		VKey string `json:"vkey"`
	}
	_ = json.Unmarshal(file, &named) // what does not read is refused by the check
	return named.VKey
}
