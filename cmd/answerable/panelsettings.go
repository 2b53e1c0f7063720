package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"answerable/internal/client"
	"answerable/internal/clinic"
	"answerable/internal/keyring"
)

type panelSettingsCmd struct {
	memberConfig
	File string `type:"path" placeholder:"FILE" help:"JSON with intro, shared, services, items, support and clocks, all of them, language where it is not English, panel_note, legal_notice, practice and plan where they change, and after as it was shown; without it what holds now is shown, to be changed and proposed."`

	Language   string `placeholder:"CODE" help:"Propose this as the language in which you and your clinic write: en, es or ar, as the pages have it. With the settings of the file, or with those that hold now."`
	TakeNotice bool   `help:"Propose the legal notice that whoever runs the server proposes to you, with the settings of the file, or with those that hold now."`
}

// Run shows what the form says and asks now, or proposes what it will.
func (c *panelSettingsCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	body, proposed, after, err := r.Settings(ctx, c.Clinic)
	if err != nil {
		return err
	}
	if c.File == "" && !c.TakeNotice && c.Language == "" {
		if proposed != nil {
			t.note("On %s whoever runs the server proposed another legal notice:\n\n%s\n\nIt holds when enough of you have signed it. Propose that: answerable panel settings --take-notice", proposed.On, escapeUnseen([]byte(proposed.Text)))
		}
		if body, err = withAfter(body, after); err != nil {
			return err
		}
		return t.show(jsontext.Value(body), "%s\n", escapeUnseen(body))
	}
	if c.File != "" {
		if body, err = os.ReadFile(c.File); err != nil {
			return withHint(fmt.Errorf("the settings cannot be read: %w", cause(err)), "Check the path given with --file.")
		}
	}
	if c.File != "" {
		if body, err = beginningFrom(body, after); err != nil {
			return err
		}
	}
	if body, err = c.withFlags(body, proposed); err != nil {
		return err
	}
	d, err := r.Decide(ctx, c.Clinic, keyring.Resolution{Kind: keyring.KindSettings, Settings: sha256.Sum256(body), After: after}, string(body))
	if err != nil {
		return err
	}
	return showDecision(t, d)
}

// withFlags reads settings, and puts in the language and the legal notice that flags name.
func (c *panelSettingsCmd) withFlags(body []byte, proposed *client.ProposedNotice) ([]byte, error) {
	settings, err := clinic.ReadSettings(string(body))
	if err != nil {
		return nil, usage(err.Error(), beginSettings)
	}
	if !c.TakeNotice && c.Language == "" {
		return body, nil
	}
	if c.TakeNotice && proposed == nil {
		return nil, withHint(errors.New("no legal notice is proposed to you"), "Whoever runs the server proposes one with: answerable clinic edit --legal-notice")
	}
	if c.TakeNotice {
		settings.LegalNotice = &proposed.Text
	}
	if c.Language != "" {
		settings.Write(c.Language)
	}
	return json.Marshal(settings)
}

const beginSettings = "Write down what holds now, change it and propose that: answerable panel settings > settings.json"

// beginningFrom takes the name of the settings that a file begins from off it, and refuses any but those decided last.
func beginningFrom(file []byte, after [32]byte) ([]byte, error) {
	from, settings, err := splitAfter(file)
	if err != nil {
		return nil, usage("the settings do not read: they are no JSON object", beginSettings)
	}
	if from != afterText(after) && (from != "" || after != [32]byte{}) {
		return nil, usage("this file does not begin from what your panel decided last, and would undo it", beginSettings)
	}
	return settings, nil
}

// afterFirst is what a file of settings has in the place of a hash before any were decided.
const afterFirst = "first"

func afterText(after [32]byte) string {
	if after == [32]byte{} {
		return afterFirst
	}
	return base64.StdEncoding.EncodeToString(after[:])
}

// withAfter puts the name of the settings that a file begins from into it, so that an old file is never taken for a new one.
func withAfter(settings []byte, after [32]byte) ([]byte, error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(settings, &members); err != nil {
		return nil, err
	}
	name, err := json.Marshal(afterText(after))
	if err != nil {
		return nil, err
	}
	members["after"] = name
	return json.Marshal(members, json.Deterministic(true))
}

// splitAfter takes the name off, "" where there is none: what is signed are the settings alone.
func splitAfter(file []byte) (after string, settings []byte, err error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(file, &members); err != nil {
		return "", nil, err
	}
	name, named := members["after"]
	if !named {
		return "", file, nil
	}
	if err := json.Unmarshal(name, &after); err != nil {
		return "", nil, err
	}
	delete(members, "after")
	settings, err = json.Marshal(members, json.Deterministic(true))
	return after, settings, err
}
