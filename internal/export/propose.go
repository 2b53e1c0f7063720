package export

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/clinic"
	"answerable/internal/figures"
	"answerable/internal/postgres"
	"answerable/internal/promise"
	"answerable/internal/taxonomy"
	"answerable/internal/transparency"
)

// Asked is what somebody asks a bundle of: the days of a period, and the day as of which promises stand in it. A Last or AsOf of
// zero is the period's own and yesterday.
type Asked struct{ First, Last, AsOf time.Time }

// Propose makes the bundle of a period, for reviewers to sign. Asked twice, it is made once: the one that is there is given.
// Errors: keyring.ErrNotMember, keyring.ErrNoPanel, and ErrPeriod with the reason and a way forward.
func (s *Store) Propose(ctx context.Context, place *clinic.Clinic, asked Asked, reviewerID string) (*Export, error) {
	if err := s.Keys.RequireMember(ctx, place.ID, reviewerID); err != nil {
		return nil, err
	}
	asked, err := s.dated(ctx, place.ID, asked)
	if err != nil {
		return nil, fmt.Errorf("propose export: %w", err)
	}
	printed, err := s.print(ctx, place, asked)
	if err != nil {
		return nil, fmt.Errorf("propose export: %w", err)
	}
	var e *Export
	err = s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		e, err = s.thereOrMade(ctx, tx, place, asked, printed, reviewerID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("propose export: %w", err)
	}
	return e, s.fill(ctx, s.db(ctx), e)
}

// thereOrMade holds the clinic, so that of two who ask at once one makes the bundle.
func (s *Store) thereOrMade(ctx context.Context, tx bun.Tx, place *clinic.Clinic, asked Asked, printed *printout, reviewerID string) (*Export, error) {
	if err := postgres.LockClinic(ctx, tx, place.ID); err != nil {
		return nil, err
	}
	stored, _, err := s.Keys.Current(ctx, tx, place.ID)
	if err != nil {
		return nil, err
	}
	if err := s.sweep(ctx, tx, place.ID, stored.LeafHash); err != nil {
		return nil, err
	}
	src, err := s.sources(ctx, place.ID, asked)
	if err != nil {
		return nil, err
	}
	if e, err := s.there(ctx, tx, place.ID, src, asked.AsOf); err != nil || e != nil {
		return e, err
	}
	e, err := s.make(ctx, place, asked, src, printed, stored.LeafHash, reviewerID)
	if err != nil {
		return nil, err
	}
	_, err = tx.NewInsert().Model(e).Exec(ctx)
	return e, err
}

// dated sets the day as of which promises stand where nobody asked for one, and refuses one that is not over.
func (s *Store) dated(ctx context.Context, clinicID string, asked Asked) (Asked, error) {
	yesterday, err := s.yesterday(ctx, clinicID)
	if err != nil {
		return asked, err
	}
	if asked.AsOf.IsZero() {
		asked.AsOf = yesterday
	}
	if asked.AsOf.After(yesterday) {
		return asked, fmt.Errorf("%w: promises can stand in it as of any day that is over, %s at the latest. Of a day that goes on more may be said", ErrPeriod, yesterday.Format(time.DateOnly))
	}
	return asked, nil
}

// yesterday is the last day that is over, both where the clinic is and by the days of the ledger: what is said on a day that goes
// on would be missing for good in a bundle as of it.
func (s *Store) yesterday(ctx context.Context, clinicID string) (time.Time, error) {
	today := s.today()
	if s.Promises != nil {
		there, err := s.Promises.Today(ctx, clinicID)
		if err != nil {
			return time.Time{}, err
		}
		if there.Before(today) {
			today = there
		}
	}
	return today.AddDate(0, 0, -1), nil
}

// printout is a report and the PDF of it.
type printout struct{ page, pdf []byte }

// print makes the PDF of a bundle that is not there yet. A browser takes seconds, or hangs, and the clinic must not be held
// meanwhile: others would wait who take something back. So it is done before, and left out where the report is another by then or
// the browser fails.
func (s *Store) print(ctx context.Context, place *clinic.Clinic, asked Asked) (*printout, error) {
	if s.Print == nil {
		return nil, nil
	}
	src, err := s.sources(ctx, place.ID, asked)
	if err != nil {
		return nil, err
	}
	there, err := s.db(ctx).NewSelect().Model((*Export)(nil)).Where("clinic_id = ?", place.ID).Where("first_on = ?", src.first).Where("as_of = ?", asked.AsOf).
		Where("state = ? OR state = ? AND release_id IS NOT NULL", StateSigned, StateDraft).Exists(ctx)
	if err != nil || there {
		return nil, err
	}
	f, err := s.facts(ctx, place, asked, src)
	if err != nil {
		return nil, err
	}
	page, err := f.report()
	if err != nil {
		return nil, err
	}
	pdf, err := s.Print(ctx, page)
	if err != nil {
		return nil, nil // MANIFEST says so
	}
	return &printout{page, pdf}, nil
}

// sweep drops drafts that nobody completed in time, and those of an earlier list of members or of another release of this program.
func (s *Store) sweep(ctx context.Context, tx bun.Tx, clinicID string, panel []byte) error {
	_, err := tx.NewUpdate().Model((*Export)(nil)).
		Set("state = ?", StateDropped).
		Where("clinic_id = ?", clinicID).
		Where("state = ?", StateDraft).
		Where("proposed_on < ? OR panel_hash <> ? OR strpos(manifest, ?) = 0", s.today().AddDate(0, 0, -draftDays), panel, generatorLine).
		Exec(ctx)
	return err
}

// there finds the export of a period and day that is not dropped; nil where there is none. One of words gives way to figures that
// were released since, unless it is signed already.
func (s *Store) there(ctx context.Context, tx bun.Tx, clinicID string, src *sources, asOf time.Time) (*Export, error) {
	e := new(Export)
	err := tx.NewSelect().Model(e).Where("clinic_id = ?", clinicID).Where("first_on = ?", src.first).Where("as_of = ?", asOf).
		Where("state <> ?", StateDropped).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil || src.release == nil || e.ReleaseID != nil:
		return e, err
	case e.State == StateSigned:
		return nil, fmt.Errorf("%w: there is a bundle of words as of %s already, and figures were released since. Ask for one as of a later day", ErrPeriod, asOf.Format(time.DateOnly))
	}
	_, err = tx.NewUpdate().Model((*Export)(nil)).Set("state = ?", StateDropped).Where("id = ?", e.ID).Exec(ctx)
	return nil, err
}

// facts gathers all that the bundle of a period says.
func (s *Store) facts(ctx context.Context, place *clinic.Clinic, asked Asked, src *sources) (*Facts, error) {
	f := &Facts{
		V: 1, Generator: Generator, Lang: "en", Origin: s.Origin, Clinic: Clinic{place.ID, place.Slug, place.Name},
		First: src.first.Format(time.DateOnly), Last: src.last.Format(time.DateOnly), AsOf: asked.AsOf.Format(time.DateOnly),
		Taxonomy: taxonomy.Version(), Names: []Name{},
	}
	for _, service := range place.Services {
		f.Names = append(f.Names, Name{"service." + service.Code, service.Label})
	}
	slices.SortFunc(f.Names, func(a, b Name) int { return strings.Compare(a.Code, b.Code) })
	if src.release != nil {
		f.Release = signedRelease(src.release, src.plans)
	}
	if src.before != nil {
		f.Before = signedRelease(src.before, src.plans)
	}
	var err error
	f.Accountability, err = s.account(ctx, place.ID, promise.Period{First: src.first, Last: src.last}, asked.AsOf)
	return f, err
}

func (s *Store) make(ctx context.Context, place *clinic.Clinic, asked Asked, src *sources, printed *printout, panel []byte, reviewerID string) (*Export, error) {
	e := &Export{
		ID: uuid.NewString(), ClinicID: place.ID, State: StateDraft, FirstOn: src.first, LastOn: src.last, AsOf: asked.AsOf, PanelHash: panel,
		ProposedBy: reviewerID, ProposedOn: s.today(),
	}
	if src.release != nil {
		e.ReleaseID, e.PlanVersion = &src.release.ID, &src.release.PlanVersion
	}
	if src.before != nil {
		e.BeforeID = &src.before.ID
	}
	f, err := s.facts(ctx, place, asked, src)
	if err != nil {
		return nil, err
	}
	b, err := build(f, printed, [32]byte(panel), src)
	if err != nil {
		return nil, err
	}
	var zipped bytes.Buffer
	if err := writeZip(&zipped, b.Files); err != nil {
		return nil, err
	}
	e.Lines, e.Manifest, e.Bundle = b.Lines(), string(b.Manifest), zipped.Bytes()
	return e, nil
}

func build(f *Facts, printed *printout, panel [32]byte, src *sources) (*Bundle, error) {
	var pdf []byte
	if printed != nil {
		page, err := f.report()
		if err != nil {
			return nil, err
		}
		if bytes.Equal(page, printed.page) {
			pdf = printed.pdf
		}
	}
	return Build(f, panel, leafOf(src.release), leafOf(src.before), pdf)
}

func leafOf(r *figures.Release) transparency.Leaf {
	if r == nil {
		return nil
	}
	return figures.ReleaseLeaf(r.Lines, r.Signatures)
}

func signedRelease(r *figures.Release, plans []*figures.Plan) *Signed {
	signed := &Signed{Lines: r.Lines, Content: r.Content}
	for _, p := range plans {
		if p.Version == r.PlanVersion {
			signed.Plan = p.Lines()
		}
	}
	return signed
}
