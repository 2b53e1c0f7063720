package client

import (
	"slices"

	"answerable/internal/coding"
	"answerable/internal/seal"
)

// noContact is what a writer picks who is not to be answered.
const noContact = "do_not_contact_me"

// NoContact says whether the writer of a message said not to be contacted. Errors: ErrNotDeclared.
func (b *Bench) NoContact(c *Case) (bool, error) {
	if !b.declared(c) {
		return false, ErrNotDeclared
	}
	return slices.Contains(c.wishes().MustNot, noContact), nil
}

// NoContact says whether the writer who is answered said not to be contacted, in any message of their mailbox.
func (s *SealedReply) NoContact() bool { return s.noContact }

// saidNoContact looks through the files of a folder for a message of a mailbox that says so.
func (o *opener) saidNoContact(box string) (bool, error) {
	names, err := o.names()
	if err != nil {
		return false, err
	}
	var said []seal.Said
	for _, name := range names {
		if p, err := o.read(name, &Opened{}); err == nil && p.Mailbox != nil && *p.Mailbox == box {
			said = append(said, seal.Said{Kind: p.T, Answers: p.Answers})
		}
	}
	return slices.Contains(coding.WishesOf(said).MustNot, noContact), nil
}
