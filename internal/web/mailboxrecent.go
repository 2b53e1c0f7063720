package web

import (
	"sync"
	"time"

	"answerable/internal/intake"
)

// recent remembers for some minutes which forms were sent, by a hash that holds the page's random nonce: a double click, or
// a form sent again after a lost answer, is one message. It knows no words and no receipt. Each replica remembers its own.
type recent struct {
	mu   sync.Mutex
	seen map[[32]byte]*recentForm
}

type recentForm struct {
	mu   sync.Mutex
	at   time.Time
	done *intake.Acceptance
}

const recentFor = 10 * time.Minute

func (r *recent) once(request [32]byte, now time.Time, send func() (*intake.Acceptance, error)) (*intake.Acceptance, error) {
	f := r.form(request, now)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done != nil {
		return f.done, nil
	}
	done, err := send()
	f.done = done
	return done, err
}

func (r *recent) form(request [32]byte, now time.Time) *recentForm {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[[32]byte]*recentForm{}
	}
	for key, f := range r.seen {
		if now.Sub(f.at) > recentFor {
			delete(r.seen, key)
		}
	}
	if r.seen[request] == nil {
		r.seen[request] = &recentForm{at: now}
	}
	return r.seen[request]
}
