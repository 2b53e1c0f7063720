package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"answerable/internal/client"
	"answerable/internal/clinic"
	"answerable/internal/keyring"
)

// memberConfig names a clinic and the identity of somebody on its panel.
type memberConfig struct {
	serverConfig
	identityConfig
}

// signedIn opens the identity and signs in.
func (c *memberConfig) signedIn(ctx context.Context, t *terminal) (*client.Reviewer, error) {
	identity, err := c.open()
	if err != nil {
		return nil, err
	}
	return c.reviewer(ctx, t, identity)
}

// decide proposes a decision and says how many signatures it waits for.
func (c *memberConfig) decide(ctx context.Context, t *terminal, what keyring.Resolution, body string) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	d, err := r.Decide(ctx, c.Clinic, what, body)
	if err != nil {
		return err
	}
	return showDecision(t, d)
}

func showDecision(t *terminal, d *client.Decision) error {
	return t.show(d, "%s\n%s", inWords(d), nextStep(d))
}

func nextStep(d *client.Decision) string {
	if d.State == keyring.DecisionMade {
		return "It is made and stands in the log.\n"
	}
	return fmt.Sprintf("%d of %d have signed. The others run: answerable panel decisions --sign %s\n", len(d.Signatures), d.Needed, d.ID)
}

// inWords says what one signs, worked out from the signed lines and from nothing else.
func inWords(d *client.Decision) string {
	what, err := d.Resolution()
	if err != nil {
		return "This decision does not read. Sign nothing."
	}
	day := what.Day.Format(time.DateOnly)
	switch what.Kind {
	case keyring.KindRevoke:
		return fmt.Sprintf("%s: these keys take no words any more: %s.", day, strings.Join(what.Epochs, ", "))
	case keyring.KindShred:
		return fmt.Sprintf("%s: key %s and everything sealed to it is destroyed. Copies of the database can hold it until %s.", day, what.Epochs[0], what.Effective.Format(time.DateOnly))
	case keyring.KindSupport:
		if what.Without {
			return day + ": the form may open without a list of whom to turn to."
		}
		return day + ": the form opens only with a list of whom to turn to."
	case keyring.KindCharter:
		return day + ": the panel's charter:\n" + charterText(d.Body)
	case keyring.KindSettings:
		return day + ": what the form says and asks here, and how the panel works:\n" + string(escapeUnseen([]byte(d.Body))) + planIn(d.Body)
	}
	length := "a month"
	if what.Rotation.Days > 0 {
		length = fmt.Sprintf("%d days", what.Rotation.Days)
	}
	by := "each member alone"
	if what.Rotation.K > 1 {
		by = fmt.Sprintf("any %d members together, never by one alone", what.Rotation.K)
	}
	return fmt.Sprintf("%s: a key lasts %s, is opened by %s, and what it sealed is kept for %d days after.", day, length, by, what.Rotation.RetainDays)
}

// planIn is the plan of figures that settings carry, once more with a line for each of its lines; "" where they carry none.
func planIn(body string) string {
	settings, err := clinic.ReadSettings(body)
	if err != nil || settings.Plan == "" {
		return ""
	}
	return "\nThe plan of figures in it:\n" + strings.TrimSuffix(string(escapeUnseen([]byte(settings.Plan))), "\n")
}

func charterText(body string) string {
	var parts map[string]string
	if json.Unmarshal([]byte(body), &parts) != nil {
		return "  (it does not read)"
	}
	var b strings.Builder
	for _, part := range keyring.CharterParts {
		if parts[part] != "" {
			fmt.Fprintf(&b, "  %s: %s\n", part, escapeUnseen([]byte(parts[part])))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

type panelDecisionsCmd struct {
	memberConfig
	Sign string `placeholder:"ID" help:"Sign this one."`
	Yes  bool   `help:"Do not ask where a key would be destroyed while an older one still holds messages."`
}

// Run lists what the panel decides, or signs one of it.
func (c *panelDecisionsCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	decisions, err := r.Decisions(ctx, c.Clinic)
	if err != nil {
		return err
	}
	if c.Sign != "" {
		i := slices.IndexFunc(decisions, func(d client.Decision) bool { return d.ID == c.Sign && d.State == keyring.DecisionDraft })
		if i < 0 {
			return withHint(errors.New("no decision of this name waits for signatures"), "See what waits: answerable panel decisions")
		}
		if epoch := destroyedBy(&decisions[i]); epoch != "" {
			if err := c.mayDestroy(ctx, t, r, epoch, c.Yes); err != nil {
				return err
			}
		}
		signed, err := r.SignDecision(ctx, c.Clinic, &decisions[i])
		if err != nil {
			return err
		}
		return showDecision(t, signed)
	}
	var lines strings.Builder
	for _, d := range decisions {
		fmt.Fprintf(&lines, "%s  %s\n  %s\n", d.ID, d.State, strings.ReplaceAll(inWords(&d), "\n", "\n  "))
		if d.State == keyring.DecisionDraft {
			lines.WriteString("  " + nextStep(&d))
			if err := c.noteYounger(ctx, t, r, &d); err != nil {
				return err
			}
		}
	}
	if len(decisions) == 0 {
		lines.WriteString("This panel has decided nothing yet.\n")
	}
	return t.show(decisions, "%s", lines.String())
}

// noteYounger says beside a list what it means to sign that a key is destroyed while older ones still hold messages.
func (c *panelDecisionsCmd) noteYounger(ctx context.Context, t *terminal, r *client.Reviewer, d *client.Decision) error {
	epoch := destroyedBy(d)
	if epoch == "" {
		return nil
	}
	older, err := r.OlderKeys(ctx, c.Clinic, epoch)
	if err == nil && len(older) > 0 {
		t.note("warning: to sign %s: %s", d.ID, destroysYounger(epoch, older))
	}
	return err
}

// destroyedBy is the key that a decision destroys; "" for any other decision.
func destroyedBy(d *client.Decision) string {
	what, err := d.Resolution()
	if err != nil || what.Kind != keyring.KindShred {
		return ""
	}
	return what.Epochs[0]
}

type panelCharterCmd struct {
	memberConfig
	File string `required:"" type:"path" placeholder:"FILE" help:"JSON with the texts chosen, peers, paid, barred and more."`
}

// Run proposes the panel's words about itself.
func (c *panelCharterCmd) Run(ctx context.Context, t *terminal) error {
	content, err := os.ReadFile(c.File)
	if err != nil {
		return withHint(fmt.Errorf("the charter cannot be read: %w", cause(err)), "Check the path given with --file.")
	}
	var parts map[string]string
	if json.Unmarshal(content, &parts) != nil || len(parts) != len(keyring.CharterParts) || slices.ContainsFunc(keyring.CharterParts, func(p string) bool { _, ok := parts[p]; return !ok }) {
		return usage("the charter is not JSON with the five texts chosen, peers, paid, barred and more", "Say how members are chosen, whether most are client community members, who pays them, who may not join, and what else there is to say (it may be empty).")
	}
	body, err := json.Marshal(parts, json.Deterministic(true))
	if err != nil {
		return err
	}
	return c.decide(ctx, t, keyring.Resolution{Kind: keyring.KindCharter, Charter: keyring.HashCharter(parts)}, string(body))
}

type panelSupportCmd struct {
	memberConfig
	OpenWithout bool `help:"The form may open though no support line is filled in; without this flag it may not."`
}

// Run proposes whether the form may open without a list of whom to turn to.
func (c *panelSupportCmd) Run(ctx context.Context, t *terminal) error {
	return c.decide(ctx, t, keyring.Resolution{Kind: keyring.KindSupport, Without: c.OpenWithout}, "")
}

type panelRotationCmd struct {
	memberConfig
	OpenBy     int `placeholder:"K" help:"How many members open a key together, from the next one on; as now when left out. We recommend 2 or more."`
	Days       int `placeholder:"N" help:"How many days a key is in use, 1 to 92; to the end of the month when left out."`
	RetainDays int `default:"180" help:"How many days after its last day what it sealed is kept, 30 to 3650."`
}

// Run proposes how the key changes from its next one on.
func (c *panelRotationCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	now, members, err := r.Decided(ctx, c.Clinic)
	if err != nil {
		return err
	}
	if c.OpenBy == 0 {
		c.OpenBy = 1
		if now != nil {
			c.OpenBy = now.K
		}
	}
	if c.OpenBy > 1 && c.OpenBy == members {
		t.note("warning: all %d of you would be needed. When one loses their key, nobody can read what was told; fewer than all is safer.", members)
	}
	d, err := r.Decide(ctx, c.Clinic, keyring.Resolution{Kind: keyring.KindRotation, Rotation: keyring.Rotation{K: c.OpenBy, Days: c.Days, RetainDays: c.RetainDays}}, "")
	if err != nil {
		return err
	}
	return showDecision(t, d)
}
