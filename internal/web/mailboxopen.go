package web

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"time"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/mailbox"
	"answerable/internal/seal"
)

type answerView struct {
	Reviewer, Text string
	On             time.Time
	Holds          bool // signed by somebody who is or was on the panel
	Asks           bool // brings the question what happened since
	to             int  // which of the receipt's messages it answers
}

// openForPage puts what the words open on the page.
func (s *server) openForPage(ctx context.Context, page *mailboxPage, keys seal.Stretched) error {
	page.Open, page.Keep = true, "write"
	own := keys.Message(0)
	anchors, until, err := s.Intake.Own(ctx, page.Clinic.ID, keys)
	if err != nil {
		return err
	}
	if !until.IsZero() {
		page.Ends = mailbox.LastDay(own.MailboxToken.Commitment(), until)
	}
	panel, err := s.panelKeys(ctx, page.Clinic)
	if err != nil {
		return err
	}
	place := map[string]int{}
	for i, a := range anchors {
		place[a.String()] = i
	}
	for n := 0; ; n++ {
		got, err := s.Mailboxes.Open(ctx, page.Clinic.ID, own.MailboxToken, n)
		if err != nil {
			return err
		}
		for _, file := range got.Answers(n) {
			reply, err := seal.OpenReply(file, own.ReplyIdentity)
			if err != nil {
				page.Unread++
				continue
			}
			on, _ := time.Parse(time.DateOnly, reply.Day) // checked when it was read
			holds := reply.Verify(s.Origin, anchors, func(id string) ed25519.PublicKey { return panel[id] }) == nil
			asks := holds && reply.Asks == seal.AsksCheckIn
			page.Asked = page.Asked || asks
			page.Answers = append(page.Answers, answerView{reply.Reviewer, reply.Text, on, holds, asks, place[reply.Anchor]})
		}
		if got.Count <= (n+1)*mailbox.PageSize {
			slices.SortStableFunc(page.Answers, func(a, b answerView) int { return cmp.Or(a.On.Compare(b.On), a.to-b.to) })
			return nil
		}
	}
}

// panelKeys are the signing keys of everybody who is or was on a clinic's panel.
func (s *server) panelKeys(ctx context.Context, place *clinic.Clinic) (keys map[string]ed25519.PublicKey, err error) {
	keys = map[string]ed25519.PublicKey{}
	err = s.Clinics.Enter(ctx, place.Slug, func(ctx context.Context, _ *clinic.Clinic) error {
		chain, err := s.Keys.Chain(ctx, place.ID)
		if errors.Is(err, keyring.ErrNoPanel) {
			return nil
		}
		if err != nil {
			return err
		}
		members, err := chain.Members("")
		for _, m := range members {
			keys[m.ID] = m.VerifyKey
		}
		return err
	})
	return keys, err
}
