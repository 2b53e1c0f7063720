// Package doctor looks at a running place from where its operator sits: through its web address as people see it, through
// its database connection, and at the clock and the folders of this machine. For each thing it looks at it says in a
// sentence how that stands and, where something is wrong, what to do.
//
// It promises to change nothing, to call no machine but those it is given, and to print nothing that was told.
//
// It leaves mending to the operator.
package doctor

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/setup"
)

// State is how something stands.
type State string

// The states, from best to worst.
const (
	OK      State = "ok"
	Skipped State = "not looked at" // nothing was named to look at
	Warn    State = "look"          // it works, and somebody should decide about it
	Bad     State = "bad"           // people are not safe, or words may be lost
)

// Finding is how one thing stands.
type Finding struct {
	Check string // short name of what was looked at: headers, tls, clock
	State State
	Say   string // what was found
	Do    string // what to do; empty where nothing has to be done
}

// Place is what to look at. What is empty is not looked at, and the answer says so.
type Place struct {
	URL   string         // scheme and host that people see
	Roots *x509.CertPool // nil: the machine's own

	DB         *bun.DB
	Setup      *setup.Store
	BatchEvery time.Duration

	Backups, Wraps string   // folders of answerable backup --out and --wraps-out
	Keys           []string // files of the server's own keys
	Folders        []string // where a full disk would hurt

	Now func() time.Time
}

// Examine looks at everything.
func (p *Place) Examine(ctx context.Context) []Finding {
	r := &report{}
	p.web(ctx, r)
	p.database(ctx, r)
	p.clock(ctx, r)
	p.copies(ctx, r)
	p.machine(r)
	return r.findings
}

// report gathers findings in the order in which things are looked at.
type report struct{ findings []Finding }

func (r *report) ok(check, say string, args ...any) {
	r.findings = append(r.findings, Finding{Check: check, State: OK, Say: fmt.Sprintf(say, args...)})
}

func (r *report) skip(check, say, do string) {
	r.findings = append(r.findings, Finding{check, Skipped, say, do})
}

func (r *report) add(state State, check, do, say string, args ...any) {
	r.findings = append(r.findings, Finding{check, state, fmt.Sprintf(say, args...), do})
}

// Worst is the worst state of any finding.
func Worst(findings []Finding) State {
	worst := OK
	rank := map[State]int{OK: 0, Skipped: 1, Warn: 2, Bad: 3}
	for _, f := range findings {
		if rank[f.State] > rank[worst] {
			worst = f.State
		}
	}
	return worst
}
