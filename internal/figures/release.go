package figures

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/keyring"
	"answerable/internal/postgres"
	"answerable/internal/transparency"
)

// labelRelease is what a reviewer's signature of a release begins with.
const labelRelease = "answerable/v1/" + transparency.KindRelease

// States of a release.
const (
	StateDraft    = "draft"
	StateReleased = "released"
	StateDropped  = "dropped" // by a reviewer, because nobody completed it in draftDays, or because a report of it was taken back
)

// draftDays is how long a draft waits for signatures.
const draftDays = 14

// Errors of releases.
var (
	ErrStale     = errors.New("this draft waits for no signature any more")
	ErrSignature = errors.New("this signature is not one of the release")
	ErrTampered  = errors.New("a release is not what was signed")
)

// Release is the tables of one period. Its content is for everybody once it is released; before that, for the panel only.
type Release struct {
	bun.BaseModel `bun:"table:figure_release"`

	ID          string     `bun:"id,pk"`
	ClinicID    string     `bun:"clinic_id"`
	PlanVersion int        `bun:"plan_version"`
	State       string     `bun:"state"`
	FirstOn     time.Time  `bun:"first_on,type:date"`
	LastOn      time.Time  `bun:"last_on,type:date"`
	Content     string     `bun:"content"` // Content as JSON, whose bytes the lines name by hash
	Lines       string     `bun:"lines"`
	DraftedBy   string     `bun:"drafted_by"`
	DraftedOn   time.Time  `bun:"drafted_on,type:date"`
	ReleasedOn  *time.Time `bun:"released_on,type:date"`
	LeafHash    []byte     `bun:"leaf_hash"`

	Needed     int                 `bun:"-"` // signatures, of the panel as it is now
	Signatures []keyring.Signature `bun:"-"`
}

// ReleaseSignature is one reviewer's signature of a release.
type ReleaseSignature struct {
	bun.BaseModel `bun:"table:figure_release_signature"`

	ReleaseID  string `bun:"release_id,pk"`
	ReviewerID string `bun:"reviewer_id,pk"`
	Signature  []byte `bun:"signature"`
}

// Period is the days a release is about.
func (r *Release) Period() Period { return Period{r.FirstOn.UTC(), r.LastOn.UTC()} }

// Content is what a release says.
type Content struct {
	V       int             `json:"v"` // 1
	Clinic  string          `json:"clinic"`
	Plan    int             `json:"plan"`
	First   string          `json:"first"`
	Last    string          `json:"last"`
	K       int             `json:"k"`
	Base    int             `json:"base"`
	Reports int             `json:"reports"` // that are counted, rounded
	Tables  []ReleasedTable `json:"tables"`
}

// ReleasedTable is one table, or one layer of one. With layers, the last table of a key is their sum, and its Layer is
// LayerSum.
type ReleasedTable struct {
	Key    string `json:"key"`
	Rows   string `json:"rows_are"`           // dimensions
	Cols   string `json:"cols_are,omitempty"` // "" for one column, All
	Layers string `json:"layers_are,omitempty"`
	Layer  string `json:"layer,omitempty"`
	Zeros  bool   `json:"zeros_hidden"`
	Shown  *Shown `json:"shown"`
}

// All is the one column of a table without columns.
const All = "all"

// LayerSum is the layer of a table that holds the sum of all.
const LayerSum = "sum"

// Read gives a release's content. ErrTampered when it is not the one its lines name, or not as releases are made.
func (r *Release) Read() (*Content, error) {
	lines := strings.Split(r.Lines, "\n")
	hash := sha256.Sum256([]byte(r.Content))
	if len(lines) < 8 || lines[7] != base64.StdEncoding.EncodeToString(hash[:]) {
		return nil, ErrTampered
	}
	return readContent(r.Content)
}

// Refused means that a table of a period cannot be made safe, so nothing of the period is released. It names cells: it is
// for the panel's eyes only.
type Refused struct {
	Table string
	*Unsafe
}

func (e *Refused) Error() string {
	return fmt.Sprintf("the table %s cannot be released: %s. A plan with fewer rows or columns, or longer periods, may do better", e.Table, e.Unsafe)
}

func (e *Refused) Unwrap() error { return e.Unsafe }

// Store keeps plans and releases.
type Store struct {
	DB   *bun.DB
	Keys *keyring.Store
	Now  func() time.Time
}

func (s *Store) db(ctx context.Context) bun.IDB { return postgres.Within(ctx, s.DB) }

func (s *Store) today() time.Time { return s.Now().UTC().Truncate(24 * time.Hour) }

// Plans are a clinic's plans, the newest first; none before anything was counted or a plan was set.
func (s *Store) Plans(ctx context.Context, clinicID string) ([]*Plan, error) {
	return plansOf(ctx, s.db(ctx), clinicID)
}

// SetPlan keeps the next version of a clinic's plan, as a member of its panel. It begins where a period of the plan before it
// begins and nothing is released or drafted; with other tables, in a month that has not begun, since what was counted by
// other tables cannot be counted again. Errors: ErrPlan, keyring.ErrNotMember.
func (s *Store) SetPlan(ctx context.Context, p *Plan, reviewerID string) error {
	if err := p.Check(); err != nil {
		return err
	}
	if err := s.Keys.RequireMember(ctx, p.ClinicID, reviewerID); err != nil {
		return err
	}
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := lockReleases(ctx, tx, p.ClinicID); err != nil {
			return err
		}
		plans, err := plansOf(ctx, tx, p.ClinicID)
		if err != nil {
			return err
		}
		made, err := ledgerOf(ctx, tx, p.ClinicID, s.oldestDraft())
		if err != nil {
			return err
		}
		if err := mayFollow(p, plans, made, s.today()); err != nil {
			return err
		}
		row := &StoredPlan{ClinicID: p.ClinicID, Version: p.Version, FromMonth: p.From, Lines: p.Lines()}
		_, err = tx.NewInsert().Model(row).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("set plan: %w", err)
	}
	return nil
}

// mayFollow refuses a plan that would overlap what is released, cut a period in two, or leave what was counted behind.
func mayFollow(p *Plan, plans []*Plan, made ledger, today time.Time) error {
	if p.Version != len(plans)+1 {
		return fmt.Errorf("%w: its version is %d, and the next one is %d", ErrPlan, p.Version, len(plans)+1)
	}
	for _, period := range made {
		if !p.From.After(period.Last) {
			return fmt.Errorf("%w: it begins on %s, and %s is released or drafted by another plan. It may begin on %s", ErrPlan, p.From.Format(time.DateOnly), period, period.Last.AddDate(0, 0, 1).Format(time.DateOnly))
		}
	}
	if len(plans) == 0 {
		return nil
	}
	newest := plans[0]
	if p.From.Before(newest.From) {
		return fmt.Errorf("%w: it begins on %s, before the plan it follows, which begins on %s", ErrPlan, p.From.Format(time.DateOnly), newest.From.Format(time.DateOnly))
	}
	if _, err := newest.periodFrom(p.From); err != nil {
		return fmt.Errorf("%w: %w", ErrPlan, err)
	}
	if !sameTables(p, newest) && !p.From.After(monthOf(today)) {
		return fmt.Errorf("%w: it has other tables, and begins on %s. What has been counted cannot be counted again: begin it in a month that has not begun", ErrPlan, p.From.Format(time.DateOnly))
	}
	return nil
}

// sameTables reports whether counts made for one plan are those of the other.
func sameTables(a, b *Plan) bool {
	x, y := *a, *b
	x.Version, x.From, x.Months, x.DelayDays, x.K = y.Version, y.From, y.Months, y.DelayDays, y.K
	return x.Lines() == y.Lines()
}

// lockReleases lets one act on a clinic's releases happen at a time, and no count beside it.
func lockReleases(ctx context.Context, tx bun.Tx, clinicID string) error {
	_, err := tx.NewRaw(`SELECT FROM clinic WHERE id = ? FOR NO KEY UPDATE`, clinicID).Exec(ctx)
	return err
}

// Draft makes the release of the plan's period that begins on a day, for reviewers to sign. From then on its period is
// closed: what is agreed later counts in the next. It costs the same however many reports there are.
// Errors: keyring.ErrNotMember, keyring.ErrNoPanel, ErrPeriod, ErrPlan, and *Refused, which names cells.
func (s *Store) Draft(ctx context.Context, clinicID string, first time.Time, reviewerID string) (*Release, error) {
	if err := s.Keys.RequireMember(ctx, clinicID, reviewerID); err != nil {
		return nil, err
	}
	if err := s.Sweep(ctx, clinicID); err != nil {
		return nil, err
	}
	var draft *Release
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := lockReleases(ctx, tx, clinicID); err != nil {
			return err
		}
		plan, period, err := s.admit(ctx, tx, clinicID, monthOf(first))
		if err != nil {
			return err
		}
		content, err := s.tables(ctx, tx, plan, period)
		if err != nil {
			return err
		}
		draft, err = s.newRelease(plan, period, content, reviewerID)
		if err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(draft).Exec(ctx); err != nil {
			return err
		}
		return s.fill(ctx, tx, draft)
	})
	if err != nil {
		return nil, fmt.Errorf("draft release: %w", err)
	}
	return draft, nil
}

// admit finds plan and period, and asks the ledger.
func (s *Store) admit(ctx context.Context, tx bun.Tx, clinicID string, first time.Time) (*Plan, Period, error) {
	plans, err := plansOf(ctx, tx, clinicID)
	if err != nil {
		return nil, Period{}, err
	}
	if len(plans) == 0 {
		return nil, Period{}, fmt.Errorf("%w: nothing has been counted yet, and no plan is set", ErrPeriod)
	}
	plan := inForce(plans, first)
	if err := plan.Check(); err != nil {
		return nil, Period{}, err
	}
	period, err := plan.periodFrom(first)
	if err != nil {
		return nil, Period{}, err
	}
	if last := inForce(plans, monthOf(period.Last)); last.Version != plan.Version {
		return nil, Period{}, fmt.Errorf("%w: plan %d begins on %s, within it", ErrPeriod, last.Version, last.From.Format(time.DateOnly))
	}
	made, err := ledgerOf(ctx, tx, clinicID, s.oldestDraft())
	if err != nil {
		return nil, Period{}, err
	}
	return plan, period, made.admit(plan, period, s.today())
}

// tables protects and rounds every table of a period.
func (s *Store) tables(ctx context.Context, tx bun.Tx, plan *Plan, period Period) (*Content, error) {
	counts, err := countsOf(ctx, tx, plan.ClinicID, period)
	if err != nil {
		return nil, err
	}
	reports := counts[place3{reportsKey, "", ""}][""]
	if reports < plan.enough() {
		return nil, fmt.Errorf("%w: %d reports are counted in it, and a period of %d months needs %d. Longer periods may do, or words without counts", ErrPeriod, reports, plan.Months, plan.enough())
	}
	c := &Content{
		V: 1, Clinic: plan.ClinicID, Plan: plan.Version, First: period.First.Format(time.DateOnly), Last: period.Last.Format(time.DateOnly),
		K: plan.K, Base: Base, Reports: Round(reports),
	}
	for _, t := range plan.Tables {
		shown, err := release(plan, t, counts)
		var unsafe *Unsafe
		if errors.As(err, &unsafe) {
			return nil, &Refused{t.Key, unsafe}
		}
		if err != nil {
			return nil, err
		}
		c.Tables = append(c.Tables, shown...)
	}
	return c, nil
}

// place3 is a row of a layer of a table.
type place3 struct{ table, layer, row string }

// countsOf sums a period's months, by table, layer and row, then by column.
func countsOf(ctx context.Context, db bun.IDB, clinicID string, period Period) (map[place3]map[string]int, error) {
	var cells []Cell
	err := db.NewSelect().Model(&cells).
		Column("table_key", "layer_code", "row_code", "col_code").
		ColumnExpr("sum(reports) AS reports").
		Where("clinic_id = ?", clinicID).
		Where("month BETWEEN ? AND ?", period.First, period.Last).
		Group("table_key", "layer_code", "row_code", "col_code").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("sum counts: %w", err)
	}
	counts := map[place3]map[string]int{}
	for _, c := range cells {
		at := place3{c.TableKey, c.Layer, c.Row}
		if counts[at] == nil {
			counts[at] = map[string]int{}
		}
		counts[at][c.Col] = c.Reports
	}
	return counts, nil
}

// release makes one table of a plan safe, layer by layer.
func release(plan *Plan, t TablePlan, counts map[place3]map[string]int) ([]ReleasedTable, error) {
	layers, codes := layersOf(plan, t, counts)
	p, err := Protect(Rule{K: plan.K, Zeros: t.Zeros}, layers...)
	if err != nil {
		return nil, err
	}
	made := ReleasedTable{Key: t.Key, Rows: t.Rows, Cols: t.Cols, Zeros: t.Zeros}
	if t.Layers == "" {
		made.Shown = p.Show(0)
		return []ReleasedTable{made}, nil
	}
	made.Layers = t.Layers
	var list []ReleasedTable
	for l, code := range codes {
		made.Layer, made.Shown = code, p.Show(l)
		list = append(list, made)
	}
	made.Layer, made.Shown = LayerSum, p.ShowSum()
	return append(list, made), nil
}

// layersOf are a table's layers with the lines of its plan, and their codes. The lines Other and None are there when something
// stands in them. Small layers are merged as small lines are.
func layersOf(plan *Plan, t TablePlan, counts map[place3]map[string]int) ([]*Table, []string) {
	codes := []string{""}
	if t.Layers != "" {
		codes = plan.dimension(t.Layers).all()
	}
	rows, cols := plan.dimension(t.Rows), []string{All}
	if t.Cols != "" {
		cols = plan.dimension(t.Cols).all()
	}
	layers := make([]*Table, len(codes))
	for l, code := range codes {
		layers[l] = NewTable(rows.all(), cols)
		if rows.Many {
			layers[l].Reports = make([]int, len(cols))
		}
		for i, row := range layers[l].Rows {
			for j, col := range layers[l].Cols {
				if t.Cols == "" {
					col = ""
				}
				layers[l].Counts[i][j] = counts[place3{t.Key, code, row}][col]
				if rows.Many {
					layers[l].Reports[j] = counts[place3{t.Key, code, anyRow}][col]
				}
			}
		}
	}
	if t.Layers != "" {
		layers, codes = mergeLayers(plan.K, layers, codes)
	}
	return dropEmpty(layers), codes
}

// mergeLayers puts layers of 2k or less together, and the next smallest until they total more. The last layer is Other.
func mergeLayers(k int, layers []*Table, codes []string) ([]*Table, []string) {
	totals := &Table{Rows: []string{""}, Cols: codes, Counts: [][]int{make([]int, len(codes))}}
	for l, t := range layers {
		totals.Counts[0][l] = t.reports()
	}
	if last := len(codes) - 1; totals.Counts[0][last] == 0 { // nothing is in Other
		layers, codes = layers[:last], codes[:last]
		totals.Cols, totals.Counts[0] = codes, totals.Counts[0][:last]
	}
	merged := mergedLines(k, []*Table{totals}, false, nil)
	if len(merged) == 0 {
		return layers, codes
	}
	var kept []*Table
	var names []string
	var small []*Table
	for l, t := range layers {
		if slices.Contains(merged, l) {
			small = append(small, t)
			continue
		}
		kept, names = append(kept, t), append(names, codes[l])
	}
	return append(kept, sumOf(small)), append(names, Other)
}

// dropEmpty leaves out the lines of what no list names, and of those who gave no answer, where nothing stands in them in any
// layer: they would take a line that need not be merged with them. That nobody left a question out is not hidden.
func dropEmpty(layers []*Table) []*Table {
	for _, code := range []string{Other, None} {
		row, col := slices.Index(layers[0].Rows, code), slices.Index(layers[0].Cols, code)
		emptyRow, emptyCol := row >= 0 && len(layers[0].Rows) > 1, col >= 0 && len(layers[0].Cols) > 1
		for _, t := range layers {
			emptyRow = emptyRow && t.At(row, len(t.Cols)) == 0
			emptyCol = emptyCol && t.At(len(t.Rows), col) == 0
		}
		for _, t := range layers {
			if emptyRow {
				t.Rows, t.Counts = slices.Delete(t.Rows, row, row+1), slices.Delete(t.Counts, row, row+1)
			}
			if emptyCol {
				t.dropColumn(col)
			}
		}
	}
	return layers
}

func (t *Table) dropColumn(col int) {
	t.Cols = slices.Delete(t.Cols, col, col+1)
	for i, row := range t.Counts {
		t.Counts[i] = slices.Delete(row, col, col+1)
	}
	if t.Reports != nil {
		t.Reports = slices.Delete(t.Reports, col, col+1)
	}
}

// newRelease writes down what was made, and the lines to sign.
func (s *Store) newRelease(plan *Plan, period Period, content *Content, reviewerID string) (*Release, error) {
	text, err := json.Marshal(content, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(text)
	lines := transparency.NewLeaf(transparency.KindRelease, plan.ClinicID, strconv.Itoa(plan.Version), plan.Hash(),
		period.First.Format(time.DateOnly)+" "+period.Last.Format(time.DateOnly), s.today().Format(time.DateOnly),
		base64.StdEncoding.EncodeToString(hash[:]))
	return &Release{
		ID: uuid.NewString(), ClinicID: plan.ClinicID, PlanVersion: plan.Version, State: StateDraft, FirstOn: period.First, LastOn: period.Last,
		Content: string(text), Lines: string(lines), DraftedBy: reviewerID, DraftedOn: s.today(),
	}, nil
}

// ParseRelease reads a release's lines, as newRelease writes them, and gives the clinic. Errors wrap transparency.ErrLeaf.
func ParseRelease(text string) (clinicID string, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 9 || transparency.Leaf(text).Kind() != transparency.KindRelease || lines[8] != "" {
		return "", fmt.Errorf("%w: not the lines of a release", transparency.ErrLeaf)
	}
	version, err := strconv.Atoi(lines[3])
	if err != nil || version < 1 || strconv.Itoa(version) != lines[3] {
		return "", fmt.Errorf("%w: the plan's version does not read", transparency.ErrLeaf)
	}
	for _, line := range []string{lines[4], lines[7]} {
		if hash, err := base64.StdEncoding.Strict().DecodeString(line); err != nil || len(hash) != sha256.Size {
			return "", fmt.Errorf("%w: a line is not 32 bytes in base64", transparency.ErrLeaf)
		}
	}
	first, last, _ := strings.Cut(lines[5], " ")
	for _, day := range []string{first, last, lines[6]} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return "", fmt.Errorf("%w: a day does not read", transparency.ErrLeaf)
		}
	}
	if last < first {
		return "", fmt.Errorf("%w: its last day is before its first", transparency.ErrLeaf)
	}
	return lines[2], nil
}

// SignRelease signs a release's lines as a member of the panel.
func SignRelease(key ed25519.PrivateKey, lines string) []byte {
	return ed25519.Sign(key, []byte(labelRelease+"\n"+lines))
}

// VerifyRelease reports whether a member of m signed the release.
func VerifyRelease(m *keyring.Manifest, lines string, s keyring.Signature) bool {
	r := m.Member(s.ReviewerID)
	return r != nil && len(r.VerifyKey) == ed25519.PublicKeySize && ed25519.Verify(r.VerifyKey, []byte(labelRelease+"\n"+lines), s.Signature)
}

// ReleaseLeaf is a release's lines with its signatures, sorted by reviewer, as it enters the log.
func ReleaseLeaf(lines string, signatures []keyring.Signature) transparency.Leaf {
	sorted := slices.SortedFunc(slices.Values(signatures), func(a, b keyring.Signature) int { return strings.Compare(a.ReviewerID, b.ReviewerID) })
	var b strings.Builder
	b.WriteString(lines)
	for _, s := range sorted {
		fmt.Fprintf(&b, "signature %s %s\n", s.ReviewerID, base64.StdEncoding.EncodeToString(s.Signature))
	}
	return transparency.Leaf(b.String())
}

// Sign adds a reviewer's signature. With as many as the panel needs, the draft is released and enters the log, in one
// transaction. Errors: ErrStale, ErrSignature, ErrTampered, keyring.ErrNotMember, keyring.ErrNoPanel.
func (s *Store) Sign(ctx context.Context, clinicID, id string, by keyring.Signature) (*Release, error) {
	if err := s.Sweep(ctx, clinicID); err != nil { // before the act, which takes back what it did when it is refused
		return nil, err
	}
	var r *Release
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := lockReleases(ctx, tx, clinicID); err != nil {
			return err
		}
		var err error
		if r, err = s.draftOf(ctx, tx, clinicID, id); err != nil {
			return err
		}
		_, panel, err := s.Keys.Current(ctx, tx, clinicID)
		if err != nil {
			return err
		}
		switch _, err := r.Read(); {
		case err != nil:
			return err
		case panel.Member(by.ReviewerID) == nil:
			return keyring.ErrNotMember
		case !VerifyRelease(panel, r.Lines, by):
			return ErrSignature
		}
		row := &ReleaseSignature{ReleaseID: r.ID, ReviewerID: by.ReviewerID, Signature: by.Signature}
		if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		if err := s.fill(ctx, tx, r); err != nil || len(r.Signatures) < r.Needed {
			return err
		}
		return s.publish(ctx, tx, r)
	})
	if err != nil {
		return nil, fmt.Errorf("sign release: %w", err)
	}
	return r, nil
}

// draftOf locks a draft that waits for signatures. Error: ErrStale.
func (s *Store) draftOf(ctx context.Context, tx bun.Tx, clinicID, id string) (*Release, error) {
	if uuid.Validate(id) != nil {
		return nil, ErrStale
	}
	r := new(Release)
	err := tx.NewSelect().Model(r).Where("id = ?", id).Where("clinic_id = ?", clinicID).Where("state = ?", StateDraft).
		Where("drafted_on >= ?", s.oldestDraft()).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrStale
	}
	return r, err
}

func (s *Store) publish(ctx context.Context, tx bun.Tx, r *Release) error {
	leaf := ReleaseLeaf(r.Lines, r.Signatures)
	if err := transparency.Append(ctx, tx, leaf); err != nil {
		return err
	}
	hash, today := leaf.Hash(), s.today()
	r.State, r.LeafHash, r.ReleasedOn = StateReleased, hash[:], &today
	_, err := tx.NewUpdate().Model(r).Column("state", "leaf_hash", "released_on").WherePK().Exec(ctx)
	return err
}

// fill reads signatures, and counts only those of members of the panel as it is now while a release is a draft.
func (s *Store) fill(ctx context.Context, db bun.IDB, releases ...*Release) error {
	for _, r := range releases {
		_, panel, err := s.Keys.Current(ctx, db, r.ClinicID)
		if err != nil {
			return err
		}
		var rows []ReleaseSignature
		if err := db.NewSelect().Model(&rows).Where("release_id = ?", r.ID).Order("reviewer_id").Scan(ctx); err != nil {
			return err
		}
		r.Signatures, r.Needed = nil, panel.M
		for _, row := range rows {
			if sig := (keyring.Signature{ReviewerID: row.ReviewerID, Signature: row.Signature}); r.State != StateDraft || VerifyRelease(panel, r.Lines, sig) {
				r.Signatures = append(r.Signatures, sig)
			}
		}
	}
	return nil
}

// oldestDraft is the first day whose drafts still wait for signatures.
func (s *Store) oldestDraft() time.Time { return s.today().AddDate(0, 0, -draftDays) }

// Sweep gives up drafts that nobody completed in draftDays: their periods are open again.
func (s *Store) Sweep(ctx context.Context, clinicID string) error {
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := lockReleases(ctx, tx, clinicID); err != nil {
			return err
		}
		_, err := tx.NewUpdate().Model((*Release)(nil)).
			Set("state = ?", StateDropped).
			Where("clinic_id = ?", clinicID).
			Where("state = ?", StateDraft).
			Where("drafted_on < ?", s.oldestDraft()).
			Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep drafts of figures: %w", err)
	}
	return nil
}

// Drop gives a draft up, as a member of the panel. Its period can be drafted again: nobody outside has seen it.
// Errors: ErrStale, keyring.ErrNotMember.
func (s *Store) Drop(ctx context.Context, clinicID, id, reviewerID string) error {
	if err := s.Keys.RequireMember(ctx, clinicID, reviewerID); err != nil {
		return err
	}
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := lockReleases(ctx, tx, clinicID); err != nil {
			return err
		}
		r, err := s.draftOf(ctx, tx, clinicID, id)
		if err != nil {
			return err
		}
		_, err = tx.NewUpdate().Model(r).Set("state = ?", StateDropped).WherePK().Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("drop draft: %w", err)
	}
	return nil
}

// Ledger lists all releases of a clinic with their drafts and what was dropped, the newest first. For the panel only.
func (s *Store) Ledger(ctx context.Context, clinicID string) ([]*Release, error) {
	var releases []*Release
	err := s.db(ctx).NewSelect().Model(&releases).
		Where("clinic_id = ?", clinicID).
		Order("first_on DESC", "drafted_on DESC", "id").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list ledger: %w", err)
	}
	for _, r := range releases {
		if r.State == StateDraft && r.DraftedOn.Before(s.oldestDraft()) {
			r.State = StateDropped // what Sweep writes down
		}
	}
	return releases, s.fill(ctx, s.db(ctx), releases...)
}

// Released lists what everybody may read: releases that enough reviewers signed, the newest first. It is ErrTampered when
// one is not what was signed, or its leaf does not stand in the log.
func (s *Store) Released(ctx context.Context, clinicID string) ([]*Release, error) {
	var releases []*Release
	err := s.db(ctx).NewSelect().Model(&releases).
		Where("clinic_id = ?", clinicID).
		Where("state = ?", StateReleased).
		Order("first_on DESC").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	if len(releases) == 0 {
		return nil, nil
	}
	if err := s.fill(ctx, s.db(ctx), releases...); err != nil {
		return nil, err
	}
	for _, r := range releases {
		leaf := ReleaseLeaf(r.Lines, r.Signatures)
		if _, err := r.Read(); err != nil {
			return nil, err
		}
		if hash := leaf.Hash(); string(hash[:]) != string(r.LeafHash) {
			return nil, ErrTampered
		}
		logged, err := s.db(ctx).NewSelect().Model((*transparency.Entry)(nil)).Where("leaf_hash = ?", r.LeafHash).Exists(ctx)
		if err != nil {
			return nil, fmt.Errorf("look for release in the log: %w", err)
		}
		if !logged {
			return nil, ErrTampered
		}
	}
	return releases, nil
}
