package export

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/clinic"
	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/postgres"
	"answerable/internal/promise"
	"answerable/internal/taxonomy"
	"answerable/internal/transparency"
)

// States of an export.
const (
	StateDraft   = "draft"
	StateSigned  = "signed"
	StateDropped = "dropped" // by a reviewer, because nobody completed it in draftDays, or because the panel's list or this program changed
)

// generatorLine is what a MANIFEST of this program has. Nobody signs a draft of another release: clients could not make it again.
var generatorLine = "\n# generator " + strconv.Itoa(Generator) + "\n"

// draftDays is how long a draft waits for signatures.
const draftDays = 14

// Errors of exports.
var (
	ErrPeriod    = errors.New("no bundle can be made of this")
	ErrStale     = errors.New("this bundle waits for no signature any more")
	ErrSignature = errors.New("these signatures are not ones of the bundle")
	ErrUnknown   = errors.New("there is no such bundle")
)

// Export is a bundle in the ledger: of which period, by which plan, proposed by whom, and its hash.
type Export struct {
	bun.BaseModel `bun:"table:export"`

	ID          string     `bun:"id,pk"`
	ClinicID    string     `bun:"clinic_id"`
	State       string     `bun:"state"`
	FirstOn     time.Time  `bun:"first_on,type:date"`
	LastOn      time.Time  `bun:"last_on,type:date"`
	AsOf        time.Time  `bun:"as_of,type:date"`
	PlanVersion *int       `bun:"plan_version"` // nil for a bundle of words
	ReleaseID   *string    `bun:"release_id"`
	BeforeID    *string    `bun:"before_id"`
	PanelHash   []byte     `bun:"panel_hash"` // leaf of the list in force when it was proposed
	Lines       string     `bun:"lines"`
	Manifest    string     `bun:"manifest"`
	Bundle      []byte     `bun:"bundle"` // the signed files as a zip; not read for lists
	Placed      *string    `bun:"placed"` // proof of the place in the log, as JSON
	ProposedBy  string     `bun:"proposed_by"`
	ProposedOn  time.Time  `bun:"proposed_on,type:date"`
	SignedOn    *time.Time `bun:"signed_on,type:date"`
	LeafHash    []byte     `bun:"leaf_hash"`

	Needed     int         `bun:"-"` // signatures, of the panel as it is now
	Signatures []Signature `bun:"-"`
}

// ExportSignature is one reviewer's two signatures of an export.
type ExportSignature struct {
	bun.BaseModel `bun:"table:export_signature"`

	ExportID     string `bun:"export_id,pk"`
	ReviewerID   string `bun:"reviewer_id,pk"`
	Signature    []byte `bun:"signature"`
	SSHSignature []byte `bun:"ssh_signature"`
}

// Store keeps exports. What it reads and writes of a bundle depends on its release, never on how many messages there are.
type Store struct {
	DB      *bun.DB
	Origin  string
	Keys    *keyring.Store
	Figures *figures.Store
	Log     *transparency.Log // proves places; nil: bundles go out without
	// Witnesses are verifier keys of those who are asked to cosign the log. What they signed of a checkpoint goes along.
	Witnesses []string
	Now       func() time.Time

	Promises *promise.Store // nil where nobody keeps any
	// Print makes a PDF of the report; nil where no browser is set up. Where it fails, the bundle goes without, and whoever set it
	// up says so to the operator.
	Print func(ctx context.Context, page []byte) ([]byte, error)
}

func (s *Store) db(ctx context.Context) bun.IDB { return postgres.Within(ctx, s.DB) }

func (s *Store) today() time.Time { return s.Now().UTC().Truncate(24 * time.Hour) }

// Asked is what somebody asks a bundle of: the days of a period, and the day as of which promises stand in it. A Last or AsOf of
// zero is the period's own and yesterday.
type Asked struct{ First, Last, AsOf time.Time }

// Propose makes the bundle of a period, for reviewers to sign. Asked twice, it is made once: the one that is there is given.
// Errors: keyring.ErrNotMember, keyring.ErrNoPanel, and ErrPeriod with the reason and a way forward.
func (s *Store) Propose(ctx context.Context, place *clinic.Clinic, asked Asked, reviewerID string) (*Export, error) {
	if err := s.Keys.RequireMember(ctx, place.ID, reviewerID); err != nil {
		return nil, err
	}
	yesterday, err := s.yesterday(ctx, place.ID)
	if err != nil {
		return nil, fmt.Errorf("propose export: %w", err)
	}
	if asked.AsOf.IsZero() {
		asked.AsOf = yesterday
	}
	if asked.AsOf.After(yesterday) {
		return nil, fmt.Errorf("propose export: %w: promises can stand in it as of any day that is over, %s at the latest. Of a day that goes on more may be said", ErrPeriod, yesterday.Format(time.DateOnly))
	}
	printed, err := s.print(ctx, place, asked)
	if err != nil {
		return nil, fmt.Errorf("propose export: %w", err)
	}
	var e *Export
	err = s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw(`SELECT FROM clinic WHERE id = ? FOR NO KEY UPDATE`, place.ID).Exec(ctx); err != nil {
			return err
		}
		stored, _, err := s.Keys.Current(ctx, tx, place.ID)
		if err != nil {
			return err
		}
		if err := s.sweep(ctx, tx, place.ID, stored.LeafHash); err != nil {
			return err
		}
		src, err := s.sources(ctx, place.ID, asked)
		if err != nil {
			return err
		}
		if e, err = s.there(ctx, tx, place.ID, src, asked.AsOf); err != nil || e != nil {
			return err
		}
		if e, err = s.make(ctx, place, asked, src, printed, stored.LeafHash, reviewerID); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(e).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("propose export: %w", err)
	}
	return e, s.fill(ctx, s.db(ctx), e)
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

// sources are the releases that a bundle is made of, and its period.
type sources struct {
	first, last     time.Time
	release, before *figures.Release
	plans           []*figures.Plan
}

// sources finds what is asked for. Only whole periods are given out, each as it was released: of a part of one, or of two that
// overlap, somebody could work out a smaller group.
func (s *Store) sources(ctx context.Context, clinicID string, asked Asked) (*sources, error) {
	releases, err := s.Figures.Released(ctx, clinicID) // the newest first
	if err != nil {
		return nil, err
	}
	src := &sources{}
	if src.plans, err = s.Figures.Plans(ctx, clinicID); err != nil {
		return nil, err
	}
	periods, err := s.periods(ctx, clinicID, releases, src.plans)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(periods, func(p figures.Period) bool { return p.First.Equal(asked.First) })
	if i < 0 || !asked.Last.IsZero() && !periods[i].Last.Equal(asked.Last) {
		return nil, refusal(asked, periods)
	}
	src.first, src.last = periods[i].First, periods[i].Last
	if !asked.AsOf.After(src.last) {
		return nil, fmt.Errorf("%w: promises can stand in it as of any day from %s to yesterday", ErrPeriod, src.last.AddDate(0, 0, 1).Format(time.DateOnly))
	}
	for _, r := range releases {
		switch p := r.Period(); {
		case p.First.Equal(src.first):
			src.release = r
		case src.before == nil && p.Last.Before(src.first):
			src.before = r
		}
	}
	if src.release == nil {
		src.before = nil // words stand alone
	}
	return src, nil
}

// Periods are those that a bundle can be made of, the newest first: what is released, and what is over without a release, of
// which there are words only.
func (s *Store) Periods(ctx context.Context, clinicID string) ([]figures.Period, error) {
	releases, err := s.Figures.Released(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	plans, err := s.Figures.Plans(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	return s.periods(ctx, clinicID, releases, plans)
}

func (s *Store) periods(ctx context.Context, clinicID string, releases []*figures.Release, plans []*figures.Plan) (periods []figures.Period, err error) {
	for _, r := range releases {
		periods = append(periods, r.Period())
	}
	due, err := s.Figures.Due(ctx, clinicID)
	if err != nil {
		return nil, err
	}
	for _, d := range due {
		if !s.today().Before(d.From) {
			periods = append(periods, d.Period)
		}
	}
	if len(plans) == 0 { // nothing was ever counted: the quarters of the default plan
		p := figures.DefaultPlan(clinicID, s.today(), nil)
		for first := p.From.AddDate(0, -p.Months, 0); len(periods) < 4; first = first.AddDate(0, -p.Months, 0) {
			if last := first.AddDate(0, p.Months, -1); !s.today().Before(last.AddDate(0, 0, p.DelayDays)) {
				periods = append(periods, figures.Period{First: first, Last: last})
			}
		}
	}
	slices.SortFunc(periods, func(a, b figures.Period) int { return b.First.Compare(a.First) })
	return periods, nil
}

// refusal says why what is asked for cannot be had, and what can.
func refusal(asked Asked, periods []figures.Period) error {
	if len(periods) == 0 {
		return fmt.Errorf("%w: no period is over yet, with the 30 days after it. Come back then", ErrPeriod)
	}
	var can []string
	for _, p := range periods[:min(4, len(periods))] {
		can = append(can, p.String())
	}
	way := "Ask for a whole one: " + strings.Join(can, "; ")
	last := asked.Last
	if last.IsZero() {
		last = asked.First
	}
	for _, p := range periods {
		if !asked.First.After(p.Last) && !p.First.After(last) {
			return fmt.Errorf("%w: these days share some with %s and are not the same. The difference of the two would be a smaller group of reports. %s", ErrPeriod, p, way)
		}
	}
	return fmt.Errorf("%w: no period begins on %s, or it is not over yet with the days after it. %s", ErrPeriod, asked.First.Format(time.DateOnly), way)
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

// Sign adds a reviewer's signatures. With as many as the panel needs, the export is signed and enters the log, in one
// transaction. Errors: ErrStale, ErrSignature, keyring.ErrNotMember, keyring.ErrNoPanel.
func (s *Store) Sign(ctx context.Context, clinicID, id string, by Signature) (*Export, error) {
	var e *Export
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		stored, panel, err := s.Keys.Current(ctx, tx, clinicID)
		if err != nil {
			return err
		}
		if e, err = s.draft(ctx, tx, clinicID, id); err != nil {
			return err
		}
		switch {
		case !bytes.Equal(stored.LeafHash, e.PanelHash):
			return ErrStale
		case panel.Member(by.ReviewerID) == nil:
			return keyring.ErrNotMember
		case !by.Verify(panel, e.Lines, []byte(e.Manifest)):
			return ErrSignature
		}
		row := &ExportSignature{ExportID: e.ID, ReviewerID: by.ReviewerID, Signature: by.Lines, SSHSignature: by.SSH}
		if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		if err := s.fill(ctx, tx, e); err != nil || len(e.Signatures) < e.Needed {
			return err
		}
		return s.publish(ctx, tx, e)
	})
	if err != nil {
		return nil, fmt.Errorf("sign export: %w", err)
	}
	return e, nil
}

// draft locks one that waits for signatures. Error: ErrStale.
func (s *Store) draft(ctx context.Context, tx bun.Tx, clinicID, id string) (*Export, error) {
	if uuid.Validate(id) != nil {
		return nil, ErrStale
	}
	e := new(Export)
	err := tx.NewSelect().Model(e).ExcludeColumn("bundle").Where("id = ?", id).Where("clinic_id = ?", clinicID).Where("state = ?", StateDraft).
		Where("proposed_on >= ?", s.today().AddDate(0, 0, -draftDays)).Where("strpos(manifest, ?) > 0", generatorLine).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrStale
	}
	return e, err
}

func (s *Store) publish(ctx context.Context, tx bun.Tx, e *Export) error {
	leaf := (&Proof{Signatures: e.Signatures}).Leaf(e.Lines)
	if err := transparency.Append(ctx, tx, leaf); err != nil {
		return err
	}
	hash, today := leaf.Hash(), s.today()
	e.State, e.LeafHash, e.SignedOn = StateSigned, hash[:], &today
	_, err := tx.NewUpdate().Model(e).Column("state", "leaf_hash", "signed_on").WherePK().Exec(ctx)
	return err
}

// Drop gives a draft up, as a member of the panel. Errors: ErrStale, keyring.ErrNotMember.
func (s *Store) Drop(ctx context.Context, clinicID, id, reviewerID string) error {
	if err := s.Keys.RequireMember(ctx, clinicID, reviewerID); err != nil {
		return err
	}
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.draft(ctx, tx, clinicID, id)
		if err != nil {
			return err
		}
		e.State = StateDropped
		_, err = tx.NewUpdate().Model(e).Column("state").WherePK().Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop export: %w", err)
	}
	return nil
}

// fill reads signatures. While an export is a draft, only those of members of the panel as it is now count.
func (s *Store) fill(ctx context.Context, db bun.IDB, exports ...*Export) error {
	for _, e := range exports {
		_, panel, err := s.Keys.Current(ctx, db, e.ClinicID)
		if err != nil {
			return err
		}
		var rows []ExportSignature
		if err := db.NewSelect().Model(&rows).Where("export_id = ?", e.ID).Order("reviewer_id").Scan(ctx); err != nil {
			return err
		}
		e.Signatures, e.Needed = nil, panel.M
		for _, row := range rows {
			by := Signature{row.ReviewerID, row.Signature, row.SSHSignature}
			if e.State != StateDraft || by.Verify(panel, e.Lines, []byte(e.Manifest)) {
				e.Signatures = append(e.Signatures, by)
			}
		}
	}
	return nil
}

// Ledger lists all exports of a clinic, drafts and dropped ones included, the newest first, without their files. For the panel.
func (s *Store) Ledger(ctx context.Context, clinicID string) ([]*Export, error) {
	return s.list(ctx, clinicID, StateDraft, StateSigned, StateDropped)
}

// Signed lists what everybody may take: exports that enough reviewers signed, the newest first, without their files.
func (s *Store) Signed(ctx context.Context, clinicID string) ([]*Export, error) {
	return s.list(ctx, clinicID, StateSigned)
}

func (s *Store) list(ctx context.Context, clinicID string, of ...string) ([]*Export, error) {
	var exports []*Export
	err := s.db(ctx).NewSelect().Model(&exports).ExcludeColumn("bundle").
		Where("clinic_id = ?", clinicID).
		Where("state IN (?)", bun.List(of)).
		Order("first_on DESC", "as_of DESC", "proposed_on DESC", "id").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list exports: %w", err)
	}
	for _, e := range exports {
		if e.State == StateDraft && (e.ProposedOn.Before(s.today().AddDate(0, 0, -draftDays)) || !strings.Contains(e.Manifest, generatorLine)) {
			e.State = StateDropped // what the next proposal writes down
		}
	}
	return exports, s.fill(ctx, s.db(ctx), exports...)
}

// WriteZip writes a whole bundle: its files, its signatures so far, and the proof of its place in the log when that has it.
// Errors: ErrUnknown.
func (s *Store) WriteZip(ctx context.Context, w io.Writer, clinicID, id string) error {
	e := new(Export)
	if uuid.Validate(id) != nil {
		return ErrUnknown
	}
	err := s.db(ctx).NewSelect().Model(e).Where("id = ?", id).Where("clinic_id = ?", clinicID).Where("state <> ?", StateDropped).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrUnknown
	}
	if err == nil {
		err = s.fill(ctx, s.db(ctx), e)
	}
	if err != nil {
		return fmt.Errorf("find export: %w", err)
	}
	files, _, err := readZip(bytes.NewReader(e.Bundle), int64(len(e.Bundle)))
	if err != nil {
		return fmt.Errorf("read export: %w", err)
	}
	proof, err := s.proof(ctx, e)
	if err != nil {
		return err
	}
	all := slices.Concat([]File{{manifestPath, []byte(e.Manifest)}}, files, proof.files(e.Lines, []byte(e.Manifest)))
	sortFiles(all)
	return writeZip(w, all)
}

// proof gathers lists, signatures and places.
func (s *Store) proof(ctx context.Context, e *Export) (*Proof, error) {
	chain, err := s.Keys.Chain(ctx, e.ClinicID)
	if err != nil {
		return nil, err
	}
	p := &Proof{Signatures: e.Signatures, Placed: map[string][]byte{}}
	for _, leaf := range chain.Manifests {
		p.Lists = append(p.Lists, leaf)
		if hash := transparency.Leaf(leaf).Hash(); bytes.Equal(hash[:], e.PanelHash) {
			break
		}
	}
	releases, err := s.Figures.Released(ctx, e.ClinicID)
	if err != nil {
		return nil, err
	}
	for _, r := range releases {
		if e.ReleaseID != nil && r.ID == *e.ReleaseID {
			p.Release = string(leafOf(r))
		}
		if e.BeforeID != nil && r.ID == *e.BeforeID {
			p.Before = string(leafOf(r))
		}
	}
	return p, s.place(ctx, e, p)
}

// placed is a proof as it is kept.
type placed struct {
	VKey      string            `json:"vkey"`
	Witnesses []string          `json:"witnesses,omitempty"`
	Proofs    map[string][]byte `json:"proofs"`
}

// place proves the places of the leaves once the log that everybody is given has them, and keeps that: from then on the bundle is
// the same for everybody who takes it.
func (s *Store) place(ctx context.Context, e *Export, p *Proof) error {
	if e.Placed != nil {
		var had placed
		if err := json.Unmarshal([]byte(*e.Placed), &had); err != nil {
			return fmt.Errorf("read places: %w", err)
		}
		p.VKey, p.Witnesses, p.Placed = had.VKey, had.Witnesses, had.Proofs
		return nil
	}
	if e.State != StateSigned || s.Log == nil {
		return nil
	}
	now := placed{VKey: s.Log.VKey, Proofs: map[string][]byte{}}
	asked := slices.Sorted(slices.Values(s.Witnesses))
	for _, name := range placedNames {
		leaf := p.leaf(name, e.Lines)
		if len(leaf) == 0 {
			continue
		}
		proof, err := s.Log.ProvePublished(ctx, leaf)
		if err != nil || proof == nil {
			return err
		}
		var by []string
		if now.Proofs[name], by, err = PlacedBy(proof, s.Log.Verifier, asked); err != nil {
			return err
		}
		now.Witnesses = append(now.Witnesses, by...)
	}
	// A key of which nothing is signed would be a line that nothing holds.
	slices.Sort(now.Witnesses)
	now.Witnesses = slices.Compact(now.Witnesses)
	text, err := json.Marshal(now, json.Deterministic(true))
	if err != nil {
		return err
	}
	kept := string(text)
	err = s.db(ctx).NewRaw(`UPDATE export SET placed = coalesce(placed, ?) WHERE id = ? RETURNING placed`, kept, e.ID).Scan(ctx, &kept)
	if err != nil {
		return fmt.Errorf("keep places: %w", err)
	}
	e.Placed = &kept // by whoever was faster
	return s.place(ctx, e, p)
}
