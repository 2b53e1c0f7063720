package client

import (
	"context"
	"time"

	"answerable/internal/keyring"
)

// GoneLater says why nothing goes out of a message after which something came in that went with its key.
const GoneLater = "a younger key was destroyed, with something that came in after this message: its writer may have changed " +
	"there what may be done with it, and nobody can know that any more. So nothing more of it goes out or is counted. It can be " +
	"read and answered, and be kept with the panel once two coders agree"

// lastGone is the place of the last message that a clinic's panel destroyed with its key, of those that were not taken back and
// whose key is not older than an epoch's; -1 where there is none. It may have changed what the writer of any message of that epoch
// before it wishes. A change is locked to the key of its day, so none lies under a key older than that of what it changes, though
// on the day on which a key follows another the log takes messages of both. Twin of lastGone in ui/src/ledger.ts.
func (l *Ledger) lastGone(clinicID, epoch string) (last int64) {
	last = -1
	for hash, p := range l.Submissions {
		begun, known := l.begins[p.Epoch]
		older := known && begun.Before(l.begins[epoch])
		if l.Shredded[keyring.EpochOf{ClinicID: clinicID, ID: p.Epoch}] && !l.Withdrawn[hash] && !older {
			last = max(last, p.Index)
		}
	}
	return last
}

// laterGone says whether something came in after a message that nobody can read any more, and that may have been its writer's. One
// that is not in the log yet came after all; without the log nothing goes out anyway.
func (b *Bench) laterGone(c *Case) bool {
	if b.ledger == nil {
		return false
	}
	last, known := b.lastGone[c.Epoch]
	if !known {
		last = b.ledger.lastGone(b.clinicID, c.Epoch)
		b.lastGone[c.Epoch] = last
	}
	placed := b.ledger.Submissions[c.Leaf]
	return placed != nil && placed.Index < last
}

// OlderKey is a key that begins before another and still holds messages.
type OlderKey struct {
	ID    string `json:"id"`
	Files int    `json:"files"` // by the server's word
}

// OlderKeys are the keys of a clinic that begin before one that is to be destroyed and still hold messages: of those nothing goes
// out any more afterwards. None where that one holds nothing; one that its panel did not sign is left out. Errors: ErrPanel,
// *Problem. Twin of olderKeys in ui/src/panel/change.ts.
func (r *Reviewer) OlderKeys(ctx context.Context, clinic, epoch string) (older []OlderKey, err error) {
	p, known, err := r.desk(ctx, clinic)
	if err != nil {
		return nil, err
	}
	begins := map[string]time.Time{}
	for _, e := range known.Epochs {
		if record, err := p.proveRecord(&e); err == nil && e.Files > 0 {
			begins[e.ID] = record.NotBefore
		}
	}
	destroyed, holds := begins[epoch]
	for _, e := range known.Epochs {
		if begun, proven := begins[e.ID]; holds && proven && begun.Before(destroyed) {
			older = append(older, OlderKey{e.ID, e.Files})
		}
	}
	return older, nil
}
