package client

import (
	"fmt"
	"net/url"
	"time"
)

// mostApart is by how many days the server's day and this machine's may differ: midnight passes in between, and no clock is quite right.
const mostApart = 1

// An OtherDayError means that nothing was signed, since the server says another day than this machine. What members sign carries the
// server's day, and one that chose it could end the time in which they object, or make an objection look late. Twin of
// ui/src/panel/serverday.ts.
type OtherDayError struct{ Server, Own string }

func (e *OtherDayError) Error() string {
	return fmt.Sprintf("nothing is signed: the server says that today is %s, and this machine that it is %s. A wrong day could cut short the time to object. "+
		"If this machine is wrong, set its date right. If it is right, tell the whole panel, by a way that is not this server", e.Server, e.Own)
}

// OtherDay says that the server's day is not this machine's own; nil where it is, or as good as. Where the server is on this very
// machine, it is one's own, or a demo that works days ahead: signs is true there all the same. A folder has the day of its pull.
func (b *Bench) OtherDay() (other *OtherDayError, signs bool) {
	return b.otherDay(mostApart)
}

func (b *Bench) otherDay(ahead int) (other *OtherDayError, signs bool) {
	own := b.Now().UTC().Format(time.DateOnly)
	if b.offline != nil || !isApart(b.Today, own, ahead) {
		return nil, true
	}
	at, err := url.Parse(b.server)
	return &OtherDayError{b.Today, own}, err == nil && isOwnMachine(at.Hostname())
}

// dated refuses where nothing may be signed by the server's day, which may be later than this machine's by so many days. Errors: *OtherDayError.
func (b *Bench) dated(ahead int) error {
	if other, signs := b.otherDay(ahead); !signs {
		return other
	}
	return nil
}

// isApart says whether two days differ by more than they may: the server's may be later by ahead. One that does not read is none to sign.
func isApart(theirs, own string, ahead int) bool {
	there, errThere := time.Parse(time.DateOnly, theirs)
	here, errHere := time.Parse(time.DateOnly, own)
	days := int(there.Sub(here) / (24 * time.Hour))
	return errThere != nil || errHere != nil || days > ahead || days < -mostApart
}
