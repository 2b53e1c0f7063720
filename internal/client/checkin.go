package client

import (
	"context"
	"encoding/hex"
	"slices"

	"answerable/internal/coding"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// actsAnswer is the panel's acts that stand in public.
type actsAnswer struct {
	Acts []struct {
		Tag  []byte `json:"tag"`
		Code string `json:"code"`
		Day  string `json:"day"` // YYYY-MM-DD
	} `json:"acts"`
}

// acts asks for them.
func (r *Reviewer) acts(ctx context.Context, clinic string) (*actsAnswer, error) {
	var out actsAnswer
	return &out, r.get(ctx, clinicPath(panelAPI, clinic, "acts"), &out)
}

// tags are those of the acts that are in the log or on their way.
func (a *actsAnswer) tags() map[[32]byte]bool {
	tags := map[[32]byte]bool{}
	for _, act := range a.Acts {
		if len(act.Tag) == 32 {
			tags[[32]byte(act.Tag)] = true
		}
	}
	return tags
}

// answeredOn are the days of the acts that say that a writer was answered, by their tags.
func (a *actsAnswer) answeredOn() map[[32]byte]string {
	days := map[[32]byte]string{}
	for _, act := range a.Acts {
		if act.Code == transparency.ActContacted && len(act.Tag) == 32 {
			days[[32]byte(act.Tag)] = act.Day
		}
	}
	return days
}

// checkIn is the Monday from which a writer of these wishes is to be asked what happened since; "" when there is none, or they were
// asked: an answer of that week or later brought the question. Twin of checkInOf in ui/src/panel/later.ts.
func checkIn(wishes []seal.CheckIn, actions [32]byte, answered map[[32]byte]string) string {
	from := seal.CheckInFrom(wishes)
	if from != "" && slices.ContainsFunc(answersTo(actions, answered), func(week string) bool { return week >= from }) {
		return ""
	}
	return from
}

// CheckIn is the Monday, YYYY-MM-DD, from which the writer of a message wishes to be asked whether something has happened to
// their care since; "" when they do not, or were asked.
func (b *Bench) CheckIn(c *Case) string {
	if c.first != nil {
		c = c.first
	}
	var wishes []seal.CheckIn
	for _, later := range c.later {
		if later.Card.CheckIn != "" {
			wishes = append(wishes, seal.CheckIn{Wish: later.Card.CheckIn, Day: later.Day})
		}
	}
	return checkIn(wishes, c.actions, b.answeredOn)
}

// toAsk says whether the writer of a message is to be asked by now.
func (b *Bench) toAsk(c *Case) bool {
	from := b.CheckIn(c)
	return from != "" && from <= b.Today
}

// withLater is the card of a first message with what its further messages, which have no row of their own, may hold and say is urgent.
func (c *Case) withLater() *coding.Card {
	if len(c.later) == 0 {
		return c.Card
	}
	card := *c.Card
	card.Chips = slices.Clone(card.Chips)
	for _, later := range c.later {
		card.Urgent = card.Urgent || later.Card.Urgent
		card.Chips = append(card.Chips, later.Card.Chips...)
	}
	slices.Sort(card.Chips)
	card.Chips = slices.Compact(card.Chips)
	return &card
}

// CheckIn is the same for a message of a folder that Pull made; leaf is its hash in hex. The days of messages and the acts are asked of
// the server for the whole panel, never for one message. Errors: ErrNothingPulled, ErrNoMessage, *Problem.
func (r *Reviewer) CheckIn(ctx context.Context, clinic, dir, leaf string) (string, error) {
	o, _, err := openerOf(dir, r.identity)
	if err != nil {
		return "", err
	}
	defer o.folder.close()
	opened := &Opened{LeafHash: leaf}
	p, err := o.read(leaf, opened)
	if err != nil || p.Mailbox == nil {
		return "", err
	}
	actions, err := o.actionsKey(p, opened)
	if err != nil {
		return "", err
	}
	days, err := r.days(ctx, clinic)
	if err != nil {
		return "", err
	}
	acts, err := r.acts(ctx, clinic)
	if err != nil {
		return "", err
	}
	wishes, err := o.checkIns(*p.Mailbox, days)
	return checkIn(wishes, actions, acts.answeredOn()), err
}

// days are those of all messages of a clinic, by leaf hash in hex.
func (r *Reviewer) days(ctx context.Context, clinic string) (map[string]string, error) {
	known, err := r.epochs(ctx, clinic)
	if err != nil {
		return nil, err
	}
	days := map[string]string{}
	for _, e := range known.Epochs {
		if e.Files == 0 {
			continue
		}
		var work workAnswer
		if err := r.get(ctx, clinicPath(panelAPI, clinic, "epochs", e.ID, "work"), &work); err != nil {
			return nil, err
		}
		for _, m := range work.Messages {
			days[hex.EncodeToString(m.Leaf)] = m.Day
		}
	}
	return days, nil
}

// checkIns are the wishes in the follow-ups of a mailbox, among the files of the folder.
func (o *opener) checkIns(box string, days map[string]string) (wishes []seal.CheckIn, err error) {
	names, err := o.names()
	for _, name := range names {
		p, err := o.read(name, &Opened{})
		if err != nil || p.Mailbox == nil || *p.Mailbox != box || p.T != seal.KindFollowup {
			continue
		}
		if wish := coding.NewCard(p.T, "", p.Answers).CheckIn; wish != "" {
			wishes = append(wishes, seal.CheckIn{Wish: wish, Day: days[name]})
		}
	}
	return wishes, err
}
