package review

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/intake"
)

const labelCoded = "answerable/v1/coded"

// Facts are the codes of a message that lie in the clear and are counted. Lists are sorted, each code once. A code is 1 to 32
// of a-z, 0-9 and _; an item is two with a dot. Service may be "". Role is who wrote: client, worker, or "" where it is not said.
type Facts struct {
	Taxonomy    string   `json:"taxonomy"`
	Service     string   `json:"service"`
	Role        string   `json:"role"`
	Themes      []string `json:"themes"`
	Items       []string `json:"items"`
	Good        []string `json:"good"`
	Seriousness int      `json:"seriousness"` // 0 to 3
	Involved    []string `json:"involved"`
	Repair      []string `json:"repair"`

	Month time.Time `json:"-"` // the first day of the month it is counted in, to begin with that of its batch
}

// Canonical is the one JSON of facts: members in the order of FORMAT.md, without spaces. Its hash is signed.
func (f *Facts) Canonical() ([]byte, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("%w: they are not UTF-8", ErrFacts)
	}
	return b, nil
}

var (
	codePattern    = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	itemPattern    = regexp.MustCompile(`^[a-z0-9_]{1,32}\.[a-z0-9_]{1,32}$`)
	versionPattern = regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,4}){2}$`)
)

// maxCodes bounds one list of codes.
const maxCodes = 200

func (f *Facts) check() error {
	if !versionPattern.MatchString(f.Taxonomy) || f.Seriousness < 0 || f.Seriousness > 3 {
		return fmt.Errorf("%w: the version or the seriousness", ErrFacts)
	}
	if f.Service != "" && !codePattern.MatchString(f.Service) {
		return fmt.Errorf("%w: the service", ErrFacts)
	}
	if !slices.Contains([]string{"", "client", "worker"}, f.Role) { // nothing finer about a writer lies in the clear
		return fmt.Errorf("%w: who wrote", ErrFacts)
	}
	if slices.ContainsFunc(f.Items, func(item string) bool { return strings.HasPrefix(item, "x_") }) { // what only one place has, and few name
		return fmt.Errorf("%w: an item of the clinic's own", ErrFacts)
	}
	for _, list := range []struct {
		codes   []string
		pattern *regexp.Regexp
	}{{f.Themes, codePattern}, {f.Items, itemPattern}, {f.Good, itemPattern}, {f.Involved, codePattern}, {f.Repair, codePattern}} {
		if !codesInOrder(list.codes, list.pattern) {
			return fmt.Errorf("%w: a list is not codes in order, each once", ErrFacts)
		}
	}
	return nil
}

func codesInOrder(codes []string, pattern *regexp.Regexp) bool {
	for i, code := range codes {
		if !pattern.MatchString(code) || i > 0 && codes[i-1] >= code {
			return false
		}
	}
	return codes != nil && len(codes) <= maxCodes
}

// Hash is that of Canonical.
func (f *Facts) Hash() ([32]byte, error) {
	canonical, err := f.Canonical()
	return sha256.Sum256(canonical), err
}

// CodedLines is the text that a coder who agrees signs about the facts of a message.
func CodedLines(clinicID string, leafHash [32]byte, f *Facts) (string, error) {
	hash, err := f.Hash()
	if err != nil {
		return "", err
	}
	return codedLines(clinicID, leafHash, hash), nil
}

func codedLines(clinicID string, leafHash, factsHash [32]byte) string {
	b64 := base64.StdEncoding.EncodeToString
	return lines(clinicID, b64(leafHash[:]), b64(factsHash[:]))
}

// VerifyCoded reports whether the holder of key signed the facts of a message, by their hash.
func VerifyCoded(key ed25519.PublicKey, clinicID string, leafHash, factsHash [32]byte, signature []byte) bool {
	return verify(key, labelCoded, codedLines(clinicID, leafHash, factsHash), signature)
}

// SignCoded signs the facts of a message as one of its coders.
func SignCoded(key ed25519.PrivateKey, clinicID string, leafHash [32]byte, f *Facts) ([]byte, error) {
	text, err := CodedLines(clinicID, leafHash, f)
	if err != nil {
		return nil, err
	}
	return sign(key, labelCoded, text), nil
}

// Coded is the row of a message whose codes lie in the clear.
type Coded struct {
	bun.BaseModel `bun:"table:coded"`

	LeafHash  []byte    `bun:"leaf_hash,pk"`
	Facts     string    `bun:"facts"` // Canonical
	AuthorID  string    `bun:"author_id"`
	Signature []byte    `bun:"signature"`
	CountedIn time.Time `bun:"counted_in,type:date"`
}

func (c *Coded) facts() (Facts, error) {
	var f Facts
	if err := json.Unmarshal([]byte(c.Facts), &f); err != nil {
		return f, fmt.Errorf("read facts: %w", err)
	}
	f.Month = c.CountedIn
	return f, nil
}

// AgreedThemes are the themes that two coders agreed on of a message whose codes lie in the clear; nil where they do not.
func (s *Store) AgreedThemes(ctx context.Context, leaf []byte) ([]string, error) {
	var rows []Coded
	if err := s.db(ctx).NewSelect().Model(&rows).Where("leaf_hash = ?", leaf).Scan(ctx); err != nil {
		return nil, fmt.Errorf("look up codes: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	f, err := rows[0].facts()
	return f.Themes, err
}

// Code puts the facts of a message into the clear and has them counted, in one transaction. The same facts again are no
// error. That the writer said at least "count me", and that the facts are what two coders agree on, the author's client holds to
// and signs: here it cannot be seen. Errors: ErrGone, ErrRecused, ErrFacts, ErrSignature, ErrEarly before two coders
// have sent a consensus, ErrNotYours for who is none of them, ErrFrozen while other facts stand.
func (s *Store) Code(ctx context.Context, clinicID string, by *account.Reviewer, leaf [32]byte, f Facts, signature []byte) error {
	if err := f.check(); err != nil {
		return err
	}
	text, err := CodedLines(clinicID, leaf, &f)
	if err != nil {
		return err
	}
	if !verify(by.VerifyKey, labelCoded, text, signature) {
		return ErrSignature
	}
	return s.onMessage(ctx, clinicID, by.ID, leaf, func(ctx context.Context, tx bun.Tx) error {
		canonical, err := f.Canonical()
		if err != nil {
			return err
		}
		switch had, err := codedOf(ctx, tx, leaf); {
		case err != nil:
			return err
		case had != nil && had.Facts == string(canonical):
			return nil
		case had != nil:
			return ErrFrozen
		}
		board, err := boardOf(ctx, tx, leaf)
		if err != nil {
			return err
		}
		if board.Files[KindConsensus][by.ID] == 0 {
			return ErrNotYours
		}
		if err := board.agreed(); err != nil {
			return err
		}
		if f.Month, err = s.countOnce(ctx, tx, clinicID, leaf, f); err != nil {
			return err
		}
		row := &Coded{LeafHash: leaf[:], Facts: string(canonical), AuthorID: by.ID, Signature: signature, CountedIn: f.Month}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return fmt.Errorf("keep facts: %w", err)
		}
		return nil
	})
}

// StillCounted says that a message whose codes are not in the clear any more stands in the counts of a month for good.
type StillCounted struct {
	bun.BaseModel `bun:"table:still_counted"`

	LeafHash  []byte    `bun:"leaf_hash,pk"`
	CountedIn time.Time `bun:"counted_in,type:date"`
}

// countOnce counts the facts of a message, and gives the month. One that stands in a release already is counted there, whatever
// codes it has now.
func (s *Store) countOnce(ctx context.Context, tx bun.Tx, clinicID string, leaf [32]byte, f Facts) (time.Time, error) {
	row := new(StillCounted)
	err := tx.NewDelete().Model(row).Where("leaf_hash = ?", leaf[:]).Returning("*").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return s.count(ctx, tx, clinicID, leaf, f)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("look for earlier count: %w", err)
	}
	return row.CountedIn.UTC(), nil
}

// count hands facts to OnCoded and gives the month that they were counted in.
func (s *Store) count(ctx context.Context, tx bun.Tx, clinicID string, leaf [32]byte, f Facts) (time.Time, error) {
	var day time.Time
	err := tx.NewSelect().Model((*intake.Submission)(nil)).Column("batch_day").Where("leaf_hash = ?", leaf[:]).Scan(ctx, &day)
	if err != nil {
		return day, fmt.Errorf("read day of message: %w", err)
	}
	f.Month = time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
	if s.OnCoded == nil {
		return f.Month, nil
	}
	return s.OnCoded(ctx, tx, clinicID, f)
}

func codedOf(ctx context.Context, tx bun.Tx, leaf [32]byte) (*Coded, error) {
	row := new(Coded)
	err := tx.NewSelect().Model(row).Where("leaf_hash = ?", leaf[:]).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up facts: %w", err)
	}
	return row, nil
}

// Uncode takes the codes of a message out of the clear and out of the counts: its writer asks for less than to be counted,
// or the coders think again. Any member who has not stepped back may. Nothing there is no error. Errors: ErrGone, ErrRecused.
func (s *Store) Uncode(ctx context.Context, clinicID, reviewerID string, leaf [32]byte) error {
	return s.onMessage(ctx, clinicID, reviewerID, leaf, func(ctx context.Context, tx bun.Tx) error {
		stay, err := s.uncount(ctx, tx, clinicID, [][]byte{leaf[:]})
		if err != nil {
			return err
		}
		if len(stay) > 0 {
			if _, err := tx.NewInsert().Model(&stay).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
				return fmt.Errorf("keep that a message is counted: %w", err)
			}
		}
		if _, err := tx.NewDelete().Model((*Coded)(nil)).Where("leaf_hash = ?", leaf[:]).Exec(ctx); err != nil {
			return fmt.Errorf("take facts back: %w", err)
		}
		return nil
	})
}

// Forget takes messages that are about to go out of the counts. It is intake.Store's OnGone: what hangs on a message goes
// with its row, and the counts would not. Facts that do not read are passed over, and no word says of which message: somebody's
// taking back must never fail for a count. So only the database's errors come back, and those of OnUncoded, which keeps to the
// same rule.
func (s *Store) Forget(ctx context.Context, tx bun.Tx, clinicID string, leaves [][]byte) error {
	_, err := s.uncount(ctx, tx, clinicID, leaves)
	return err
}

// uncount takes messages out of the counts, and gives those that stay in them.
func (s *Store) uncount(ctx context.Context, tx bun.Tx, clinicID string, leaves [][]byte) (stay []StillCounted, err error) {
	if len(leaves) == 0 || s.OnUncoded == nil {
		return nil, nil
	}
	var rows []Coded
	err = tx.NewSelect().Model(&rows).Where("leaf_hash IN (?)", bun.List(leaves)).Order("leaf_hash").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list facts: %w", err)
	}
	for i := range rows {
		stays := true
		if f, err := rows[i].facts(); err == nil {
			if stays, err = s.OnUncoded(ctx, tx, clinicID, f); err != nil {
				return nil, fmt.Errorf("take out of the counts: %w", err)
			}
		}
		if stays {
			stay = append(stay, StillCounted{LeafHash: rows[i].LeafHash, CountedIn: rows[i].CountedIn})
		}
	}
	return stay, nil
}
