package review

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
)

// Practice is how a panel works: its deadlines, its days, and how much of this reading one person does.
type Practice struct {
	bun.BaseModel `bun:"table:practice"`

	ClinicID    string    `bun:"clinic_id,pk"`
	Version     int       `bun:"version,pk"`
	Taken       int       `bun:"taken"`              // working days until somebody has taken a message
	Coded       int       `bun:"coded"`              // days until both codings are there
	Decided     int       `bun:"decided"`            // days until it is decided how far it may go
	Reply       int       `bun:"reply"`              // days until somebody has answered the writer
	Feedback    int       `bun:"feedback"`           // days until the writer is told what was decided
	WorkingDays []int     `bun:"working_days,array"` // 1 is Monday, 7 Sunday
	Holidays    []string  `bun:"holidays,array"`     // as in 2026-12-25
	Sitting     int       `bun:"sitting"`            // stories in one sitting
	Serious     int       `bun:"serious"`            // of those, with seriousness 3
	Week        int       `bun:"week"`               // messages that one reviewer takes in seven days
	Gap         int       `bun:"gap"`                // minutes without a story after one of seriousness 3
	Hard        bool      `bun:"hard"`               // whether the caps stop the reader, or only say so
	AuthorID    string    `bun:"author_id"`          // who proposed it
	SetOn       time.Time `bun:"set_on,type:date"`
}

// What holds where a practice is from before panels decided on it: about a week, and the three months of Directive (EU) 2019/1937,
// article 9.
const (
	defaultReply    = 7
	defaultFeedback = 90
)

// DefaultPractice holds until a panel chooses its own.
func DefaultPractice() *Practice {
	return &Practice{
		Taken: 3, Coded: 14, Decided: 21, Reply: defaultReply, Feedback: defaultFeedback, WorkingDays: []int{1, 2, 3, 4, 5}, Holidays: []string{},
		Sitting: 6, Serious: 2, Week: 12, Gap: 10, Hard: true,
	}
}

// PracticeError says in a sentence which value cannot be, and what can.
type PracticeError struct{ Reason string }

func (e *PracticeError) Error() string { return e.Reason }

// maxHolidays bounds the list of days off: some years of them.
const maxHolidays = 200

func (p *Practice) check() error {
	for _, bound := range []struct {
		value, low, high int
		reason           string
	}{
		{p.Taken, 1, 30, "Until somebody takes a message there may be 1 to 30 working days."},
		{p.Coded, 1, 90, "Until both have coded there may be 1 to 90 days."},
		{p.Decided, p.Coded, 180, "The decision comes with the codings or after them, within 180 days."},
		{p.Reply, 1, 30, "Until a writer is first answered there may be 1 to 30 days."},
		{p.Feedback, 1, 90, "Until a writer is told what was decided there may be 1 to 90 days."},
		{p.Sitting, 1, 30, "One sitting has 1 to 30 stories."},
		{p.Serious, 1, p.Sitting, "Of the stories of a sitting at least 1 may be of seriousness 3, and no more than all."},
		{p.Week, 1, 100, "In a week one person may take 1 to 100 messages."},
		{p.Gap, 0, 120, "The pause after a story of seriousness 3 has 0 to 120 minutes."},
	} {
		if bound.value < bound.low || bound.value > bound.high {
			return &PracticeError{bound.reason}
		}
	}
	return p.checkDays()
}

func (p *Practice) checkDays() error {
	if len(p.WorkingDays) == 0 || !slices.IsSorted(p.WorkingDays) || len(slices.Compact(slices.Clone(p.WorkingDays))) != len(p.WorkingDays) ||
		p.WorkingDays[0] < 1 || p.WorkingDays[len(p.WorkingDays)-1] > 7 {
		return &PracticeError{"Name at least one working day: 1 for Monday to 7 for Sunday, in order, each once."}
	}
	if len(p.Holidays) > maxHolidays {
		return &PracticeError{"We keep at most 200 days off. Take out those that have passed."}
	}
	for i, day := range p.Holidays {
		if _, err := time.Parse(time.DateOnly, day); err != nil || i > 0 && p.Holidays[i-1] >= day {
			return &PracticeError{"Write days off as in 2026-12-25, in order, each once."}
		}
	}
	return nil
}

// Practice gives how a clinic's panel works, with who proposed it and since when it holds, the newest change first.
func (s *Store) Practice(ctx context.Context, clinicID string) (now *Practice, history []Practice, err error) {
	err = s.db(ctx).NewSelect().Model(&history).Where("clinic_id = ?", clinicID).Order("version DESC").Scan(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read practice: %w", err)
	}
	if len(history) == 0 {
		return DefaultPractice(), nil, nil
	}
	return &history[0], history, nil
}

// SetPractice changes how a panel works from now on, without anybody's signature: for a place that is made up, such as a demo. A panel
// decides it by its settings. Error: *PracticeError.
func (s *Store) SetPractice(ctx context.Context, clinicID, reviewerID string, p *Practice) error {
	if err := p.check(); err != nil {
		return err
	}
	return s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return s.setPractice(ctx, tx, clinicID, reviewerID, p) })
}

func (s *Store) setPractice(ctx context.Context, tx bun.Tx, clinicID, reviewerID string, p *Practice) error {
	// Two who change it at once do so one after the other.
	if _, err := tx.NewRaw(`SELECT FROM clinic WHERE id = ? FOR NO KEY UPDATE`, clinicID).Exec(ctx); err != nil {
		return fmt.Errorf("lock clinic: %w", err)
	}
	last, err := newestPractice(ctx, tx, clinicID)
	if err != nil {
		return err
	}
	row := *p
	row.ClinicID, row.AuthorID, row.SetOn, row.Version = clinicID, reviewerID, s.today(), last.Version+1
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return fmt.Errorf("keep practice: %w", err)
	}
	return nil
}

// newestPractice is the practice that holds; the default, with version 0, before there is any.
func newestPractice(ctx context.Context, tx bun.Tx, clinicID string) (*Practice, error) {
	p := DefaultPractice()
	err := tx.NewSelect().Model(p).Where("clinic_id = ?", clinicID).Order("version DESC").Limit(1).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read practice: %w", err)
	}
	return p, nil
}

// Share is how much of the work lies on one member of the panel.
type Share struct {
	ReviewerID string `bun:"reviewer_id"`
	Taken      int    `bun:"taken"` // messages in the last seven days, but for those handed back with nothing sent
	Open       int    `bun:"open"`  // parts for which nothing was sent yet
}

// week is how far back a share looks, in days.
const week = 7

// taken are the messages that reviewers took, each once: from the day of a part that they hold, or, where they gave it back or stepped
// back after they sent a coding or a check, from the day of the first of these. Work that was done is no less for being handed back.
const taken = `(
	SELECT leaf_hash, reviewer_id, claimed_on AS taken_on FROM claim
	UNION ALL
	SELECT leaf_hash, author_id, min(written_on) FROM review_file
	WHERE kind IN ('coding', 'check')
	  AND NOT EXISTS (SELECT FROM claim WHERE claim.leaf_hash = review_file.leaf_hash AND claim.reviewer_id = review_file.author_id)
	GROUP BY leaf_hash, author_id
)`

// Shares says how the work lies on the members of a panel, for all of them to see.
func (s *Store) Shares(ctx context.Context, clinicID string) ([]Share, error) {
	var shares []Share
	err := s.db(ctx).NewRaw(`
		SELECT seat.reviewer_id,
		       (SELECT count(*) FROM `+taken+` AS taken JOIN submission USING (leaf_hash)
		        WHERE submission.clinic_id = seat.clinic_id AND taken.reviewer_id = seat.reviewer_id AND taken.taken_on > ?) AS taken,
		       count(claim.leaf_hash) FILTER (WHERE NOT EXISTS (
		           SELECT FROM review_file WHERE review_file.leaf_hash = claim.leaf_hash AND review_file.author_id = claim.reviewer_id
		             AND review_file.kind = CASE claim.role WHEN 'checker' THEN 'check' ELSE 'coding' END)) AS open
		FROM panel_member AS seat
		LEFT JOIN (claim JOIN submission ON submission.leaf_hash = claim.leaf_hash)
		  ON claim.reviewer_id = seat.reviewer_id AND submission.clinic_id = seat.clinic_id
		WHERE seat.clinic_id = ? AND seat.left_on IS NULL
		GROUP BY seat.clinic_id, seat.reviewer_id
		ORDER BY seat.reviewer_id`, s.today().AddDate(0, 0, -week), clinicID).Scan(ctx, &shares)
	if err != nil {
		return nil, fmt.Errorf("list shares: %w", err)
	}
	return shares, nil
}

// weekFull answers ErrWeek when a reviewer has taken as many other messages as a hard cap allows in seven days.
func (s *Store) weekFull(ctx context.Context, tx bun.Tx, clinicID, reviewerID string, leaf [32]byte) error {
	practice, err := newestPractice(ctx, tx, clinicID)
	if err != nil {
		return err
	}
	if !practice.Hard {
		return nil
	}
	// Claims on different messages lock different rows, and two at once would both find the last place free.
	seat := tx.NewRaw(`SELECT FROM panel_member WHERE clinic_id = ? AND reviewer_id = ? FOR NO KEY UPDATE`, clinicID, reviewerID)
	if _, err := seat.Exec(ctx); err != nil {
		return fmt.Errorf("lock seat: %w", err)
	}
	had, err := s.takenInWeek(ctx, tx, clinicID, reviewerID)
	if err != nil {
		return err
	}
	if len(slices.DeleteFunc(had, func(one []byte) bool { return bytes.Equal(one, leaf[:]) })) >= practice.Week {
		return ErrWeek
	}
	return nil
}
