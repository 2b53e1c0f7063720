package main

import (
	"errors"

	"answerable/internal/client"
)

const (
	noContactSaid     = "the writer said: do not contact me. An answer calls nobody and goes to no phone. It waits in their mailbox, and they find it only if they come back. Write it only where saying nothing would hurt them more."
	noContactQuestion = "Send it all the same?"
)

// errNoContact means that a writer who said not to be contacted is not answered just so.
var errNoContact = errors.New("not sent: the writer said not to be contacted")

// asksContact is mayContact for the writer of a message, and for nobody who has not declared on it.
func asksContact(t *terminal, b *client.Bench, one *client.Case, allTheSame bool) error {
	forbidden, err := b.NoContact(one)
	if err != nil {
		return err
	}
	return mayContact(t, forbidden, allTheSame)
}

// mayContact asks before somebody is answered who said not to be contacted, or wants the flag where nobody can be asked. What was typed is
// not lost: a terminal asks after it.
func mayContact(t *terminal, forbidden, allTheSame bool) error {
	if !forbidden || allTheSame {
		return nil
	}
	t.note("%s", noContactSaid)
	if t.asks() {
		if sure, err := t.confirm(noContactQuestion); err != nil || sure {
			return err
		}
	}
	return withHint(errNoContact, "If saying nothing would hurt them more, send it with: --though-not-to-be-contacted")
}
