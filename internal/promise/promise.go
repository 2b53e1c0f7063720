// Package promise is what a clinic does with what it was told: the findings that it is handed, its answers, its promises, and
// what becomes of them. Silence is counted beside them, the clinic's and the panel's own.
//
// It promises that a clinic can say that something is done and never that a promise is kept: that takes two members of the
// panel who sign the same word. They are to ask those who were harmed before, and nothing here can see that they do. It promises that a promise is never rewritten: a
// date moves only before it has come, each move is counted, and a try after it stays in the promise's history. It promises that
// nothing is kept of who was asked or how many answered.
//
// Whether a promise is late is worked out from dates each time, in the clinic's own days, and never stored.
//
// What reviewers sign is in FORMAT.md. Asking the writers goes through their mailboxes, which this package knows nothing of.
package promise

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
)

// Bounds of what a clinic says. How long it and its panel have is the panel's to decide: clinic.Clocks.
const (
	maxAheadDays = 730 // of a due date
	repeatDays   = 365 // after which what happens again is no repeat of a promise that was kept

	// A clinic's own events in a promise's life have an end, far below the 1000 that the database keeps of all, so that nobody
	// fills it until neither "it is done" nor a judgement has room.
	eventsADay  = 5   // by the clinic, of which one try after the date
	mostByWords = 900 // events of all kinds after which only "it is done" and judgements go on
)

// Verdicts of the panel on a promise.
const (
	Kept    = "kept"
	Partly  = "partly"
	NotKept = "not_kept"
)

// Verdicts that there are.
var Verdicts = []string{Kept, Partly, NotKept}

// Errors that somebody can act on.
var (
	ErrGone      = errors.New("this is not here")
	ErrTakenBack = errors.New("the panel or the writer took this finding back")
	ErrEarly     = errors.New("it is not time to judge this promise")
	ErrClosed    = errors.New("this promise is kept, and takes no more")
	ErrOften     = errors.New("so much was said about this promise that no more is kept now")
	ErrSignature = errors.New("the signature does not hold")
	ErrVerdict   = errors.New("there is no such verdict")
	ErrDecided   = errors.New("two members have judged this already")
)

// Handover is a finding that a clinic was given.
type Handover struct {
	bun.BaseModel `bun:"table:handover"`

	ID          string     `bun:"id,pk"`
	ClinicID    string     `bun:"clinic_id"`
	FindingID   *string    `bun:"finding_id"` // nil once it is not kept any more
	Public      bool       `bun:"public"`     // its writer lets everybody read it
	Themes      []string   `bun:"themes,array"`
	Praise      bool       `bun:"praise"` // of a public one alone: two coders found good things in it and nothing else
	HandedOn    time.Time  `bun:"handed_on,type:date"`
	HandedBy    string     `bun:"handed_by"`
	AnswerBy    time.Time  `bun:"answer_by,type:date"`     // the last day for an answer
	LateTaken   bool       `bun:"late_taken"`              // the panel took the message later than it says it does
	LateDecided bool       `bun:"late_decided"`            // and this one it decided late
	TakenBackOn *time.Time `bun:"taken_back_on,type:date"` // the day on which the finding was taken back
}

// Response is a clinic's answer to a finding, in its own words.
type Response struct {
	bun.BaseModel `bun:"table:response"`

	ID          string     `bun:"id,pk"`
	ClinicID    string     `bun:"clinic_id"`
	HandoverID  string     `bun:"handover_id"`
	Role        string     `bun:"role"`  // of who answers
	Power       string     `bun:"power"` // what that role can change
	Words       string     `bun:"words"`
	RespondedOn time.Time  `bun:"responded_on,type:date"`
	ShownOn     *time.Time `bun:"shown_on,type:date"` // nil until a member of the panel lets it be read by everybody
	ShownBy     *string    `bun:"shown_by"`
}

// Promise is what a clinic promised, as it promised it.
type Promise struct {
	bun.BaseModel `bun:"table:promise"`

	ID         string    `bun:"id,pk"`
	ClinicID   string    `bun:"clinic_id"`
	ResponseID string    `bun:"response_id"`
	What       string    `bun:"what"`
	Who        string    `bun:"who"` // by role
	How        string    `bun:"how"` // how everybody will know
	MadeOn     time.Time `bun:"made_on,type:date"`
	DueOn      time.Time `bun:"due_on,type:date"` // the first date; Standing has the one that holds
}

// Kinds of events of a promise.
const (
	KindExtended = "extended" // DueOn is the new date, Reason why
	KindRefused  = "refused"  // a date that somebody wanted to move after it had come
	KindClaimed  = "claimed"  // the clinic says that it is done; Reason is what it says
	KindJudged   = "judged"   // Round and Verdict
)

// Event is something that happened to a promise. N counts from 1.
type Event struct {
	bun.BaseModel `bun:"table:promise_event"`

	PromiseID  string     `bun:"promise_id,pk"`
	N          int        `bun:"n,pk"`
	Kind       string     `bun:"kind"`
	HappenedOn time.Time  `bun:"happened_on,type:date"`
	DueOn      *time.Time `bun:"due_on,type:date"`
	Reason     string     `bun:"reason"`
	Round      *int       `bun:"round"`
	Verdict    *string    `bun:"verdict"`
}

// Judgement is one member's signed word on a promise.
type Judgement struct {
	bun.BaseModel `bun:"table:judgement"`

	PromiseID  string    `bun:"promise_id,pk"`
	Round      int       `bun:"round,pk"` // counts what two have decided before
	ReviewerID string    `bun:"reviewer_id,pk"`
	Verdict    string    `bun:"verdict"`
	JudgedOn   time.Time `bun:"judged_on,type:date"`
	Signature  []byte    `bun:"signature"`
	AfterN     int       `bun:"after_n"` // events that the promise had when the word was given
	Counted    bool      `bun:"counted"` // it is one of those that decided its round
}

// Repeat ties a finding to an earlier promise: it happened again.
type Repeat struct {
	bun.BaseModel `bun:"table:promise_repeat"`

	PromiseID  string    `bun:"promise_id,pk"`
	HandoverID string    `bun:"handover_id,pk"`
	LinkedOn   time.Time `bun:"linked_on,type:date"`
	LinkedBy   string    `bun:"linked_by"`
}

// Store keeps answers and promises.
type Store struct {
	DB  *bun.DB
	Now func() time.Time
}

// On is the store on a day, which may lie in the past: acts are dated with it. For a demo, and for bringing old records in.
func (s *Store) On(day time.Time) *Store {
	noon := time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, time.UTC)
	return &Store{DB: s.DB, Now: func() time.Time { return noon }}
}

func (s *Store) db(ctx context.Context) bun.IDB { return postgres.Within(ctx, s.DB) }

// alone runs act behind a clinic's walls while nothing else is done with its answers and promises, on any replica.
func (s *Store) alone(ctx context.Context, clinicID string, act func(ctx context.Context, tx bun.Tx, cal *Calendar) error) error {
	return postgres.InClinic(ctx, s.DB, clinicID, func(ctx context.Context, tx bun.Tx) error {
		if err := postgres.LockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		cal, err := s.Calendar(ctx, clinicID)
		if err != nil {
			return err
		}
		return act(ctx, tx, cal)
	})
}
