package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"answerable/internal/client"
	"answerable/internal/figures"
)

type figuresDueCmd struct{ memberConfig }

// Run lists what the panel can release, what waits for signatures, and what is released.
func (c *figuresDueCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	ledger, err := r.FiguresLedger(ctx, c.Clinic)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, d := range ledger.Due {
		switch {
		case d.Ready && d.Few:
			fmt.Fprintf(&b, "%s to %s  too few reports so far: a draft would be refused\n", d.First, d.Last)
		case d.Ready:
			fmt.Fprintf(&b, "%s to %s  can be drafted: answerable figures draft --first %s\n", d.First, d.Last, d.First)
		default:
			fmt.Fprintf(&b, "%s to %s  can be drafted from %s on\n", d.First, d.Last, d.From)
		}
	}
	for _, one := range ledger.Releases {
		fmt.Fprintf(&b, "%s to %s  %s  %s\n", one.First, one.Last, one.State, one.ID)
		if one.State == figures.StateDraft {
			fmt.Fprintf(&b, "  %d of %d have signed. Look at it: answerable figures sign %s\n", len(one.Signatures), one.Needed, one.ID)
		}
	}
	if b.Len() == 0 {
		b.WriteString("Nothing has been counted yet.\n")
	}
	return t.show(ledger, "%s", b.String())
}

type figuresDraftCmd struct {
	memberConfig
	First string `required:"" placeholder:"DAY" help:"The first day of the period, such as 2026-04-01."`
}

// Run drafts a release and shows exactly what would be published. Nobody outside the panel sees it.
func (c *figuresDraftCmd) Run(ctx context.Context, t *terminal) error {
	if _, err := time.Parse(time.DateOnly, c.First); err != nil {
		return usage("the first day is no day", "Give --first as 2026-04-01. What can be drafted: answerable figures due")
	}
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	draft, err := r.DraftRelease(ctx, c.Clinic, c.First)
	if err != nil {
		return err
	}
	return showRelease(t, draft)
}

// shownRelease is a draft with the name by which it is signed.
type shownRelease struct {
	client.Release
	SHA256 string `json:"sha256"`
}

// showRelease shows what would be published, and ends with how to sign exactly that.
func showRelease(t *terminal, r *client.Release) error {
	text, err := releaseText(r)
	if err != nil {
		return err
	}
	return t.show(shownRelease{*r, r.Hash()}, "%s\n%d of %d have signed. SHA-256 of these figures: %s\nSign exactly these: answerable figures sign %s --sha256 %s\n",
		text, len(r.Signatures), r.Needed, r.Hash(), r.ID, r.Hash())
}

// releaseText is what one signs, worked out from the bytes that the signed lines name, and from nothing else.
func releaseText(r *client.Release) (string, error) {
	content, err := r.Tables(r.ClinicID())
	if err != nil {
		return "", fmt.Errorf("sign nothing: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s to %s: about %d reports, by plan %d. Counts are rounded to %d; a star is hidden.\n", content.First, content.Last, content.Reports, content.Plan, content.Base)
	for _, table := range content.Tables {
		fmt.Fprintf(&b, "\n%s\n", tableTitle(&table))
		if err := table.Shown.WriteCSV(&b); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// tableTitle says all that stands in a table besides its counts.
func tableTitle(t *figures.ReleasedTable) string {
	title := t.Key + ": " + t.Rows
	if t.Cols != "" {
		title += " by " + t.Cols
	}
	if t.Layers != "" {
		title += ", " + t.Layers + " " + t.Layer
	}
	if t.Zeros {
		return title + "; 0 is hidden too"
	}
	return title + "; 0 is shown"
}

type figuresSignCmd struct {
	memberConfig
	ID     string `arg:"" placeholder:"ID" help:"The draft, as answerable figures due lists it."`
	SHA256 string `name:"sha256" placeholder:"HASH" help:"SHA-256 of the figures you have looked at, as answerable figures draft and figures sign show it. Without it you are shown the figures and asked."`
}

// Run shows a draft, and signs exactly what it has shown. Where nobody can be asked, the figures are named by their hash.
func (c *figuresSignCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	ledger, err := r.FiguresLedger(ctx, c.Clinic)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(ledger.Releases, func(one client.Release) bool { return one.ID == c.ID && one.State == figures.StateDraft })
	if i < 0 {
		return withHint(errors.New("no draft of this name waits for signatures"), "See what waits: answerable figures due")
	}
	draft := &ledger.Releases[i]
	hash := c.SHA256
	if hash == "" && !t.asks() {
		t.note("nothing is signed yet; look at it, then name it with --sha256")
		return showRelease(t, draft)
	}
	if hash == "" {
		if hash, err = lookedAt(t, draft); err != nil {
			return err
		}
	}
	after, err := r.SignRelease(ctx, c.Clinic, draft, hash)
	if errors.Is(err, client.ErrOtherFigures) {
		return withHint(err, "Look at them: answerable figures sign "+c.ID)
	}
	if err != nil {
		return err
	}
	return showSignedRelease(t, draft, after.State)
}

// lookedAt shows a draft and asks for a yes. It gives the hash of what was shown.
func lookedAt(t *terminal, draft *client.Release) (string, error) {
	text, err := releaseText(draft)
	if err != nil {
		return "", err
	}
	t.note("%s\nSHA-256 of these figures: %s", text, draft.Hash())
	yes, err := t.confirm("Sign these figures?")
	if err == nil && !yes {
		err = errors.New("nothing was signed")
	}
	return draft.Hash(), err
}

// showSignedRelease says what was signed, as this program read it. Of the server's answer it takes one word.
func showSignedRelease(t *terminal, draft *client.Release, state string) error {
	next := "The server says that it waits for more signatures. The others look at it: answerable figures sign " + draft.ID
	if state == figures.StateReleased {
		next = "The server says that it is released. Check that: answerable figures show"
	} else {
		state = figures.StateDraft
	}
	text, err := releaseText(draft)
	if err != nil {
		return err
	}
	result := struct {
		ID     string `json:"id"`
		SHA256 string `json:"sha256"`
		State  string `json:"state"`
	}{draft.ID, draft.Hash(), state}
	return t.show(result, "%s\nYou signed these figures, SHA-256 %s.\n%s\n", text, draft.Hash(), next)
}

type figuresDropCmd struct {
	memberConfig
	ID string `arg:"" placeholder:"ID" help:"The draft, as answerable figures due lists it."`
}

// Run gives a draft up. Its period can be drafted again.
func (c *figuresDropCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if err := r.DropRelease(ctx, c.Clinic, c.ID); err != nil {
		return err
	}
	return t.show(map[string]string{"dropped": c.ID}, "The draft is dropped. Nobody outside the panel has seen it.\n")
}

type figuresShowCmd struct{ serverConfig }

// Run shows what was released, after it was checked against signatures and log.
func (c *figuresShowCmd) Run(ctx context.Context, t *terminal) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	released, err := api.Released(ctx, c.Clinic)
	if err != nil {
		return err
	}
	var b strings.Builder
	for i := range released {
		text, err := releaseText(&released[i])
		if err != nil {
			return err
		}
		var by []string
		for _, sig := range released[i].Signatures {
			by = append(by, sig.Reviewer)
		}
		fmt.Fprintf(&b, "%s\nSigned by %s. The signatures hold, and it stands in the log.\n\n", text, strings.Join(by, ", "))
	}
	if len(released) == 0 {
		b.WriteString("This panel has released no figures yet.\n")
	}
	return t.show(released, "%s", b.String())
}
