package intake

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/uptrace/bun"
)

// originPattern is a host name without a port, which may change, and the word that every place has.
var originPattern = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/answerable$`)

// ErrOrigin means that this database belongs to a place of another name.
var ErrOrigin = errors.New("this database has another origin")

// CheckOrigin says in a sentence why a name cannot be that of a place.
func CheckOrigin(origin string) error {
	if !originPattern.MatchString(origin) {
		return fmt.Errorf("origin %q is not a host name followed by /answerable, such as words.example.org/answerable", origin)
	}
	return nil
}

// SettleOrigin stores the name of this place at first start and gives the stored one ever after. wanted may be empty
// once it is stored. The origin goes into every seal, receipt and leaf, so it cannot be changed: a different wanted
// answers ErrOrigin.
func SettleOrigin(ctx context.Context, db *bun.DB, wanted string) (string, error) {
	if wanted != "" {
		if err := CheckOrigin(wanted); err != nil {
			return "", err
		}
		if _, err := db.NewRaw(`INSERT INTO instance (origin) VALUES (?) ON CONFLICT DO NOTHING`, wanted).Exec(ctx); err != nil {
			return "", fmt.Errorf("store origin: %w", err)
		}
	}
	var origins []string
	if err := db.NewRaw(`SELECT origin FROM instance`).Scan(ctx, &origins); err != nil {
		return "", fmt.Errorf("read origin: %w", err)
	}
	if len(origins) == 0 {
		return "", errors.New("no origin is chosen yet: name this place once with --origin, such as --origin words.example.org/answerable")
	}
	if wanted != "" && wanted != origins[0] {
		return "", fmt.Errorf("%w: it is %q and cannot become %q, or old receipts would open nothing", ErrOrigin, origins[0], wanted)
	}
	return origins[0], nil
}
