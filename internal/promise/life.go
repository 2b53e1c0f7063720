package promise

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/keyring"
	"answerable/internal/review"
	"answerable/internal/transparency"
)

// at reads one promise as it stands today, for acts that hold the clinic.
func (s *Store) at(ctx context.Context, tx bun.Tx, clinicID, id string, cal *Calendar) (*Standing, error) {
	if uuid.Validate(id) != nil {
		return nil, ErrGone
	}
	var p Promise
	err := tx.NewSelect().Model(&p).Where("id = ?", id).Where("clinic_id = ?", clinicID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, fmt.Errorf("find promise: %w", err)
	}
	var events []Event
	if err := tx.NewSelect().Model(&events).Where("promise_id = ?", id).Order("n").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read promise's life: %w", err)
	}
	one := standing(p, events, cal.Clocks, cal.Today(s.Now()))
	err = tx.NewSelect().Model((*Response)(nil)).Column("handover_id").Where("id = ?", p.ResponseID).Scan(ctx, &one.HandoverID)
	if err != nil {
		return nil, fmt.Errorf("find answer: %w", err)
	}
	return one, nil
}

func (s *Store) happen(ctx context.Context, tx bun.Tx, p *Standing, today time.Time, e Event) error {
	e.PromiseID, e.N, e.HappenedOn = p.ID, len(p.Events)+1, today
	if _, err := tx.NewInsert().Model(&e).Exec(ctx); err != nil {
		return fmt.Errorf("write into promise's life: %w", err)
	}
	return nil
}

// room says whether the clinic may add to what it said of a promise: of a kind, so often a day.
func (p *Standing) room(today time.Time, aDay int, kinds ...string) error {
	said := 0
	for _, e := range p.Events {
		if slices.Contains(kinds, e.Kind) && e.HappenedOn.Equal(today) {
			said++
		}
	}
	if said >= aDay || len(p.Events) >= mostByWords {
		return ErrOften
	}
	return nil
}

// Extend moves a promise's date, for a reason, before that date has come. A try after it moves nothing and stays in the
// promise's history, one a day: moved is false then. Errors: Faults (of due and reason), ErrGone, ErrClosed, ErrOften.
func (s *Store) Extend(ctx context.Context, clinicID, promiseID string, due time.Time, reason string) (moved bool, err error) {
	err = s.alone(ctx, clinicID, func(ctx context.Context, tx bun.Tx, cal *Calendar) error {
		today := cal.Today(s.Now())
		p, err := s.at(ctx, tx, clinicID, promiseID, cal)
		if err != nil {
			return err
		}
		if p.Closed() {
			return ErrClosed
		}
		var faults Faults
		faults.text("reason", reason, MaxText)
		faults.day("due", due, today)
		if len(faults) == 0 && !today.After(p.Due) && !due.After(p.Due) {
			faults = append(faults, Fault{"due", "early"})
		}
		if len(faults) > 0 {
			return faults
		}
		kind, aDay := KindExtended, eventsADay
		if moved = !today.After(p.Due); !moved {
			kind, aDay = KindRefused, 1
		}
		if err := p.room(today, aDay, kind); err != nil {
			return err
		}
		return s.happen(ctx, tx, p, today, Event{Kind: kind, DueOn: &due, Reason: reason})
	})
	return moved, err
}

// Claim says, for the clinic, that a promise is done, and how one can see it. Whether it is kept is for others to say. It can say
// more before it is judged: that stays beside what it said first, whose day counts. The same words on the same day are kept once.
// Errors: Faults (of reason), ErrGone, ErrClosed for one that is kept, ErrOften.
func (s *Store) Claim(ctx context.Context, clinicID, promiseID, reason string) error {
	return s.alone(ctx, clinicID, func(ctx context.Context, tx bun.Tx, cal *Calendar) error {
		p, err := s.at(ctx, tx, clinicID, promiseID, cal)
		if err != nil {
			return err
		}
		if p.Closed() {
			return ErrClosed
		}
		today := cal.Today(s.Now())
		if p.State == StateClaimed && slices.ContainsFunc(p.Events, func(e Event) bool {
			return e.Kind == KindClaimed && e.HappenedOn.Equal(today) && e.Reason == reason
		}) {
			return nil // sent twice
		}
		var faults Faults
		if faults.text("reason", reason, MaxText); len(faults) > 0 {
			return faults
		}
		if p.State == StateClaimed {
			if err := p.room(today, eventsADay, KindClaimed); err != nil {
				return err
			}
		}
		return s.happen(ctx, tx, p, today, Event{Kind: KindClaimed, Reason: reason})
	})
}

// Word is what one member says of a promise, signed. Round counts what two have decided of it before; Day is today in UTC.
type Word struct {
	Round     int
	Verdict   string
	Day       time.Time
	Signature []byte
}

// Judge keeps a member's signed word on a promise. Once two members say the same, the round is decided, enters the log in the same
// transaction and never changes; decided says so. Until then a member may say something else. Words count of members whom the signed list in force names, and
// only those that were given since the clinic said that it is done. The caller holds that the member is on the list. Errors: ErrGone, ErrVerdict, review.ErrDay, ErrSignature, ErrEarly, ErrDecided for another round than the one that is open.
func (s *Store) Judge(ctx context.Context, clinicID string, by *account.Reviewer, promiseID string, w Word) (decided bool, err error) {
	round, verdict := w.Round, w.Verdict
	if !slices.Contains(Verdicts, verdict) {
		return false, ErrVerdict
	}
	err = s.alone(ctx, clinicID, func(ctx context.Context, tx bun.Tx, cal *Calendar) error {
		p, err := s.at(ctx, tx, clinicID, promiseID, cal)
		if err != nil {
			return err
		}
		if !p.Verify(by.VerifyKey, round, verdict, w.Day, w.Signature) {
			return ErrSignature
		}
		if !w.Day.Equal(s.Now().UTC().Truncate(24 * time.Hour)) {
			return review.ErrDay
		}
		today := cal.Today(s.Now())
		switch {
		case round != p.Rounds:
			return ErrDecided
		case !p.ToJudge(today):
			return ErrEarly
		}
		row := &Judgement{PromiseID: p.ID, Round: round, ReviewerID: by.ID, Verdict: verdict, JudgedOn: w.Day, Signature: w.Signature, AfterN: len(p.Events)}
		_, err = tx.NewInsert().Model(row).On("CONFLICT (promise_id, round, reviewer_id) DO UPDATE").
			Set("verdict = EXCLUDED.verdict").Set("judged_on = EXCLUDED.judged_on").Set("signature = EXCLUDED.signature").Set("after_n = EXCLUDED.after_n").Exec(ctx)
		if err != nil {
			return fmt.Errorf("keep judgement: %w", err)
		}
		same, err := s.agreeing(ctx, tx, p, verdict)
		if err != nil {
			return err
		}
		if decided = len(same) >= judgesNeeded; !decided {
			return nil
		}
		_, err = tx.NewUpdate().Model((*Judgement)(nil)).Set("counted = true").
			Where("promise_id = ?", p.ID).Where("round = ?", round).Where("reviewer_id IN ?", bun.Tuple(same)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("count judgements: %w", err)
		}
		if err := s.happen(ctx, tx, p, today, Event{Kind: KindJudged, Round: &round, Verdict: &verdict}); err != nil {
			return err
		}
		return appendDecided(ctx, tx, p, round, verdict)
	})
	return decided, err
}

// appendDecided writes what decided a round into the log.
func appendDecided(ctx context.Context, tx bun.Tx, p *Standing, round int, verdict string) error {
	decided, err := decidedOf(ctx, tx, p, round, verdict)
	if err != nil {
		return err
	}
	return transparency.Append(ctx, tx, decided.Leaf())
}

// decidedOf is what decided a round, of the words that counted.
func decidedOf(ctx context.Context, tx bun.Tx, p *Standing, round int, verdict string) (*Decided, error) {
	var words []Judgement
	err := tx.NewSelect().Model(&words).Where("promise_id = ?", p.ID).Where("round = ?", round).Where("counted").Order("reviewer_id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read judgements that count: %w", err)
	}
	decided := p.round(round, verdict)
	for _, w := range words {
		decided.By = append(decided.By, Said{w.ReviewerID, w.JudgedOn, w.Signature})
	}
	return decided, nil
}

// agreeing are the members whose words in the open round count, and are the same.
func (s *Store) agreeing(ctx context.Context, tx bun.Tx, p *Standing, verdict string) (members []string, err error) {
	err = tx.NewSelect().Model((*Judgement)(nil)).Column("reviewer_id").Where("promise_id = ?", p.ID).Where("round = ?", p.Rounds).
		Where("verdict = ?", verdict).Where("after_n >= ?", p.claimedAt).Scan(ctx, &members)
	if err != nil {
		return nil, fmt.Errorf("read judgements: %w", err)
	}
	_, panel, err := (&keyring.Store{DB: s.DB, Now: s.Now}).Current(ctx, tx, p.ClinicID)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(members, func(id string) bool { return panel.Member(id) == nil }), nil
}

// judgesNeeded is how many members say the same before it counts.
const judgesNeeded = 2

// Waiting says how many members have given a word that can still count in the round of a promise that is open, and which one a member gave: ""
// for none. What a colleague said is not told before it is decided, so that nobody follows.
func (s *Store) Waiting(ctx context.Context, clinicID, reviewerID string) (map[string]Open, error) {
	var all []Judgement
	err := s.db(ctx).NewSelect().Model(&all).
		Join("JOIN promise ON promise.id = judgement.promise_id").
		Where("promise.clinic_id = ?", clinicID).
		Where("judgement.after_n >= coalesce((SELECT min(e.n) FROM promise_event AS e WHERE e.promise_id = judgement.promise_id AND e.kind = ?"+
			" AND e.n > coalesce((SELECT max(j.n) FROM promise_event AS j WHERE j.promise_id = judgement.promise_id AND j.kind = ?), 0)), 0)", KindClaimed, KindJudged).
		Where("judgement.round = (SELECT count(*) FROM promise_event AS e WHERE e.promise_id = judgement.promise_id AND e.kind = ?)", KindJudged).
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list judgements: %w", err)
	}
	open := map[string]Open{}
	for _, j := range all {
		one := open[j.PromiseID]
		one.Members++
		if j.ReviewerID == reviewerID {
			one.Own = j.Verdict
		}
		open[j.PromiseID] = one
	}
	return open, nil
}

// Open is a round that is not decided.
type Open struct {
	Members int
	Own     string
}
