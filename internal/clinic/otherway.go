package clinic

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// OtherWay is a way to tell that is not ours, for the time when the form is closed. Nothing told there is sealed here, so it
// says who runs it. All four texts are filled in.
type OtherWay struct {
	bun.BaseModel `bun:"table:other_way"`

	ClinicID string `bun:"clinic_id,pk"`
	Position int    `bun:"position,pk"`
	Name     string `bun:"name"`
	What     string `bun:"what"`   // what it is
	RunBy    string `bun:"run_by"` // who runs it, and so reads what is told there
	Reach    string `bun:"reach"`  // how to reach it, as text: an address, a number, a place and its hours
}

// Bounds of what is shown on a page that people read in a bad hour.
const (
	maxOtherWays = 10
	maxWayText   = 300 // bytes of each text
)

// SplitOtherWay reads a way as it is written in one line: name | what it is | who runs it | how to reach it. Errors: *Problem.
func SplitOtherWay(line string) (OtherWay, error) {
	parts := strings.Split(line, "|")
	if len(parts) != 4 {
		return OtherWay{}, &Problem{"A way to tell is four texts with | between them: its name | what it is | who runs it | how to reach it."}
	}
	w := OtherWay{Name: parts[0], What: parts[1], RunBy: parts[2], Reach: parts[3]}
	return w, w.clean()
}

// Line writes a way as SplitOtherWay reads it.
func (w OtherWay) Line() string {
	return strings.Join([]string{w.Name, w.What, w.RunBy, w.Reach}, " | ")
}

// clean takes spaces off the ends and says what is missing.
func (w *OtherWay) clean() error {
	for _, text := range []*string{&w.Name, &w.What, &w.RunBy, &w.Reach} {
		*text = strings.TrimSpace(*text)
		switch {
		case *text == "":
			return &Problem{"Each other way to tell needs a name, what it is, who runs it and how to reach it: people have a right to know whom they tell."}
		case len(*text) > maxWayText:
			return &Problem{fmt.Sprintf("Each text of another way to tell has at most %d bytes.", maxWayText)}
		case strings.ContainsAny(*text, "|\r\n"):
			return &Problem{"The texts of another way to tell have no | and no line breaks."}
		}
	}
	return nil
}

func (s *Store) otherWays(ctx context.Context, clinicID string) ([]OtherWay, error) {
	var ways []OtherWay
	if err := s.db(ctx).NewSelect().Model(&ways).Where("clinic_id = ?", clinicID).Order("position").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list other ways to tell: %w", err)
	}
	return ways, nil
}

// SetOtherWays puts ways in place of those listed, in this order; none takes them all off. Errors: *Problem.
func (s *Store) SetOtherWays(ctx context.Context, clinicID string, ways []OtherWay) error {
	return s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return s.setOtherWays(ctx, tx, clinicID, ways)
	})
}

func (s *Store) setOtherWays(ctx context.Context, tx bun.Tx, clinicID string, ways []OtherWay) error {
	if len(ways) > maxOtherWays {
		return &Problem{fmt.Sprintf("At most %d other ways to tell fit on the page.", maxOtherWays)}
	}
	for i := range ways {
		if err := ways[i].clean(); err != nil {
			return err
		}
	}
	if _, err := tx.NewDelete().Model((*OtherWay)(nil)).Where("clinic_id = ?", clinicID).Exec(ctx); err != nil {
		return fmt.Errorf("take other ways to tell off: %w", err)
	}
	for i, w := range ways {
		w.ClinicID, w.Position = clinicID, i
		if _, err := tx.NewInsert().Model(&w).Exec(ctx); err != nil {
			return fmt.Errorf("store another way to tell: %w", err)
		}
	}
	return nil
}
