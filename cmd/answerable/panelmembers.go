package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

type panelMembersCmd struct{ memberConfig }

// Run lists who has joined the panel, and whom the signed list names.
func (c *panelMembersCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	seats, err := r.Seats(ctx, c.Clinic)
	if err != nil {
		return err
	}
	var b strings.Builder
	waiting := false
	for _, s := range seats {
		where := "on the signed list"
		if !s.Listed {
			where, waiting = "joined "+s.JoinedOn+", on no signed list yet", true
		}
		fmt.Fprintf(&b, "%s  %s\n", s.Reviewer, where)
	}
	if waiting {
		b.WriteString("\nMeet who is new first, and compare their id with what they see. Then: answerable panel add\n")
	}
	return t.show(seats, "%s", b.String())
}

type panelAddCmd struct {
	memberConfig
	Reviewer []string `required:"" placeholder:"ID" help:"Who has joined, such as rabcdefgh; may be given more than once."`
	M        int      `placeholder:"N" help:"Signatures needed from then on; as many as now when left out."`
}

// Run proposes the panel with those who have joined, and signs when the list is exactly that.
func (c *panelAddCmd) Run(ctx context.Context, t *terminal) error {
	ids := slices.Sorted(slices.Values(c.Reviewer))
	return c.proposeList(ctx, t, c.M, slices.Compact(ids), nil)
}

type panelRemoveCmd struct {
	memberConfig
	Reviewer string `required:"" placeholder:"ID" help:"Who leaves, such as rabcdefgh."`
	M        int    `placeholder:"N" help:"Signatures needed from then on; as many as now when left out."`
}

// Run proposes the panel without somebody, and signs when the list is exactly that.
func (c *panelRemoveCmd) Run(ctx context.Context, t *terminal) error {
	return c.proposeList(ctx, t, c.M, nil, []string{c.Reviewer})
}

type panelReplaceCmd struct {
	memberConfig
	Reviewer string `required:"" placeholder:"ID" help:"Whose key is lost, such as rabcdefgh."`
	With     string `required:"" placeholder:"ID" help:"As whom they have joined anew."`
	M        int    `placeholder:"N" help:"Signatures needed from then on; as many as now when left out."`
}

// Run proposes the panel with a new key in place of an old one, and signs when the list is exactly that.
func (c *panelReplaceCmd) Run(ctx context.Context, t *terminal) error {
	if err := c.proposeList(ctx, t, c.M, []string{c.With}, []string{c.Reviewer}); err != nil {
		return err
	}
	t.note("%s is somebody else to every program: what %s stepped back from comes up again, and they step back again. What they coded before they neither check nor read as the third.", c.With, c.Reviewer)
	return nil
}

// proposeList proposes the next list and signs it, unless it is another one than was asked for: everybody who has joined is on
// what the server proposes.
func (c *memberConfig) proposeList(ctx context.Context, t *terminal, m int, joins, leaves []string) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if err := r.ProposePanel(ctx, c.Clinic, m, leaves...); err != nil {
		return err
	}
	panel, err := r.PanelAndDraft(ctx, c.Clinic)
	if err != nil {
		return err
	}
	change := panel.Change()
	if change == nil || !slices.Equal(change.Joined, joins) || !slices.Equal(change.Left, leaves) || m != 0 && change.M != m {
		return withHint(errors.New("a list is proposed, and it is not just what you asked for, so you have not signed it"),
			"See who joins and leaves by it, and sign it if that is right: answerable panel manifest draft")
	}
	state, err := r.SignManifest(ctx, c.Clinic, panel)
	if err != nil {
		return err
	}
	result := struct {
		Version int    `json:"version"`
		List    string `json:"list"`
		State   string `json:"state"`
	}{panel.Draft.Version, change.Hash, state}
	next := ""
	if len(leaves) > 0 {
		next = fmt.Sprintf(", and call back the keys that %s holds: answerable epoch revoke", strings.Join(leaves, ", "))
	}
	return t.show(result, `Version %d is proposed and signed by you: %s. It is now %s.

Who joins and the others look at it and sign it: answerable panel manifest sign
Then make keys for those who are on it (answerable epoch make, epoch ack)%s
`, panel.Draft.Version, describe(panel.Draft), stateWord(state), next)
}
