package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"answerable/internal/promise"
)

// PromiseLedger is what a clinic was handed, answered and promised, as its panel sees it.
type PromiseLedger struct {
	Clinic    string           `json:"clinic"`
	Today     string           `json:"today"` // the clinic's own day
	Day       string           `json:"day"`   // the server's day in UTC, which is the one to sign
	Handovers []HandedFinding  `json:"handovers"`
	Promises  []Pledge         `json:"promises"`
	Liaisons  []ClinicSpeaker  `json:"liaisons"`
	Silences  map[string]int   `json:"silences"`
	Findings  []WaitingFinding `json:"findings,omitempty"` // that the clinic was not handed yet
}

// HandedFinding is a finding that the clinic was handed, with its answers.
type HandedFinding struct {
	ID        string         `json:"id"`
	Finding   *string        `json:"finding"`
	Public    bool           `json:"public"`
	TakenBack bool           `json:"taken_back"`
	HandedOn  string         `json:"handed_on"`
	AnswerBy  string         `json:"answer_by"`
	Responses []ClinicAnswer `json:"responses"`
}

// ClinicAnswer is what a clinic said.
type ClinicAnswer struct {
	ID    string `json:"id"`
	Role  string `json:"role"`
	Power string `json:"power"`
	Words string `json:"words"`
	Day   string `json:"day"`
	Shown bool   `json:"shown"`
}

// Pledge is a promise as a server gives it.
type Pledge struct {
	ID       string        `json:"id"`
	Handover string        `json:"handover"`
	What     string        `json:"what"`
	Who      string        `json:"who"`
	How      string        `json:"how"`
	MadeOn   string        `json:"made_on"`
	FirstDue string        `json:"first_due"`
	Due      string        `json:"due"`
	State    string        `json:"state"`
	Round    int           `json:"round"`
	ToJudge  bool          `json:"to_judge"`
	JudgeBy  *string       `json:"judge_by"`
	AskAgain *string       `json:"ask_again"`
	Members  int           `json:"members"`
	Own      string        `json:"own"`
	Events   []PledgeEvent `json:"events"`
	Repeats  []string      `json:"repeats"`

	// Doubts are what this terminal found that does not hold: signatures of judgements, or that everybody is shown something else.
	Doubts []string `json:"doubts,omitempty"`
}

// PledgeEvent is something that happened to a promise.
type PledgeEvent struct {
	Kind    string  `json:"kind"`
	Day     string  `json:"day"`
	Due     *string `json:"due"`
	Reason  string  `json:"reason"`
	Verdict string  `json:"verdict"`
}

// ClinicSpeaker is somebody who speaks for a clinic.
type ClinicSpeaker struct {
	Role  string `json:"role"`
	State string `json:"state"`
}

// WaitingFinding is a finding that may be read outside the panel, as the server gives it.
type WaitingFinding struct {
	ID        string   `json:"id"`
	Leaf      []byte   `json:"leaf"`
	Form      string   `json:"form"`
	Words     string   `json:"words"`
	Themes    []string `json:"themes"`
	MustNot   []string `json:"must_not"` // what goes along with words, for the clinic alone
	Sharing   []byte   `json:"sharing"`  // hash of the sealed decision that it comes from
	Day       string   `json:"day"`
	By        string   `json:"by"`
	Signature []byte   `json:"signature"`
}

// Promises lists what a clinic was handed, answered and promised, and which findings it was not handed yet. What members
// judged is held against their signatures: see Pledge.Doubts.
func (r *Reviewer) Promises(ctx context.Context, clinic string) (*PromiseLedger, error) {
	out := new(PromiseLedger)
	if err := r.get(ctx, clinicPath(panelAPI, clinic, "promises"), out); err != nil {
		return nil, err
	}
	if err := r.holdJudgements(ctx, clinic, out.Promises); err != nil {
		return nil, err
	}
	all, err := r.findings(ctx, clinic)
	if err != nil {
		return nil, err
	}
	handed := map[string]bool{}
	for _, h := range out.Handovers {
		if h.Finding != nil {
			handed[*h.Finding] = true
		}
	}
	for _, f := range all {
		if !handed[f.ID] {
			out.Findings = append(out.Findings, f)
		}
	}
	return out, nil
}

// ShowAnswer lets everybody read an answer of the clinic and its promises, or not.
func (r *Reviewer) ShowAnswer(ctx context.Context, clinic, response string, shown bool) error {
	in := struct {
		Shown bool `json:"shown"`
	}{shown}
	return r.post(ctx, clinicPath(panelAPI, clinic, "responses", response, "showing"), in, nil)
}

// Repeat ties a finding that was handed over to an earlier promise: it happened again.
func (r *Reviewer) Repeat(ctx context.Context, clinic, pledge, handover string) error {
	in := struct {
		Handover string `json:"handover"`
	}{handover}
	return r.post(ctx, clinicPath(panelAPI, clinic, "promises", pledge, "repeats"), in, nil)
}

// ErrPledge means that a promise does not read, so nobody should sign a word on it.
var ErrPledge = errors.New("this promise does not read")

// Judge signs a word on a promise exactly as it was fetched, for the clinic whose panel was checked, with the day that the
// server gave. Errors: ErrPledge, ErrPanel.
func (r *Reviewer) Judge(ctx context.Context, clinic, day string, p *Pledge, verdict string) (decided bool, err error) {
	panel, err := r.seatedPanel(ctx, clinic)
	if err != nil {
		return false, err
	}
	due, err := time.Parse(time.DateOnly, p.FirstDue)
	on, dayErr := time.Parse(time.DateOnly, day)
	if err != nil || dayErr != nil {
		return false, fmt.Errorf("%w: its day", ErrPledge)
	}
	if uuid.Validate(p.ID) != nil || strings.ContainsRune(p.What+p.Who+p.How, 0) || p.What == "" || p.Who == "" || p.How == "" {
		return false, ErrPledge // a zero byte parts the texts under the hash
	}
	row := &promise.Promise{ID: p.ID, ClinicID: panel.clinicID, What: p.What, Who: p.Who, How: p.How, DueOn: due}
	in := struct {
		Round     int    `json:"round"`
		Verdict   string `json:"verdict"`
		Day       string `json:"day"`
		Signature []byte `json:"signature"`
	}{p.Round, verdict, day, row.Sign(r.key, p.Round, verdict, on)}
	var out struct {
		Decided bool `json:"decided"`
	}
	err = r.post(ctx, clinicPath(panelAPI, clinic, "promises", p.ID, "judgements"), in, &out)
	return out.Decided, err
}
