package keyring

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

	"answerable/internal/transparency"
)

// What a panel decides together. Each kind is the second line of its text, and the end of its signing label.
const (
	KindRevoke   = transparency.KindRevoke   // epochs that take no words any more
	KindShred    = transparency.KindShred    // an epoch whose wraps and files are destroyed
	KindCharter  = transparency.KindCharter  // who the panel is and who pays it, in its own words
	KindSupport  = transparency.KindSupport  // whether the form may open without a list of whom to turn to
	KindRotation = transparency.KindRotation // how often the key changes, how many open it, how long it is kept
	KindSettings = transparency.KindSettings // what the form says and asks here
)

// States of a decision.
const (
	DecisionDraft   = "draft"
	DecisionMade    = "made"
	DecisionDropped = "dropped" // nobody completed it in draftDays
)

// maxRetainDays is the longest time for which a panel may keep what a key sealed.
const maxRetainDays = 3650

// draftDays is how long a draft, or an epoch that was offered, waits for signatures.
const draftDays = 14

// ErrDecision means that lines are not a decision of their kind, or one that cannot be taken now.
var ErrDecision = errors.New("this decision cannot be taken")

// Decision is line text that members of a panel sign. When as many have signed as it needs, its effect happens and it
// enters the log, in one transaction.
type Decision struct {
	bun.BaseModel `bun:"table:decision"`

	ID         string     `bun:"id,pk"`
	ClinicID   string     `bun:"clinic_id"`
	Kind       string     `bun:"kind"`
	State      string     `bun:"state"`
	Lines      string     `bun:"lines"`
	Body       string     `bun:"body"` // a charter's text, or settings; "" for the others
	ProposedBy string     `bun:"proposed_by"`
	ProposedOn time.Time  `bun:"proposed_on,type:date"`
	MadeOn     *time.Time `bun:"made_on,type:date"`
	LeafHash   []byte     `bun:"leaf_hash"`

	Needed     int         `bun:"-"` // signatures, of the panel as it is now
	Signatures []Signature `bun:"-"`
}

// DecisionSignature is one member's signature of a decision.
type DecisionSignature struct {
	bun.BaseModel `bun:"table:decision_signature"`

	DecisionID string `bun:"decision_id,pk"`
	ReviewerID string `bun:"reviewer_id,pk"`
	Signature  []byte `bun:"signature"`
}

// Resolution is a decision's text, read. Only the fields of its kind are set.
type Resolution struct {
	Kind     string
	ClinicID string
	Day      time.Time // on which it was proposed

	Epochs    []string            // revoke: sorted; shred: the one
	Effective time.Time           // shred: the day on which the last copy of a backup is gone
	Charter   map[string][32]byte // charter: SHA-256 of each part by name
	Without   bool                // support: the form may open without a list
	Rotation  Rotation            // rotation
	Settings  [32]byte            // settings: SHA-256 of their text
	After     [32]byte            // settings: SHA-256 of the lines of those before; zero for the first
}

// CharterParts are the questions that a panel answers about itself, in the order of the lines.
var CharterParts = []string{"chosen", "peers", "paid", "barred", "more"}

// Rotation is how a clinic's key changes. Days of 0 means to the end of the month.
type Rotation struct {
	K          int // reviewers needed to open an epoch
	Days       int // an epoch's length
	RetainDays int // how long an epoch is kept after its last day
}

// Lines is the text that is signed, each line ended by a newline.
func (r *Resolution) Lines() string {
	lines := []string{r.ClinicID, r.Day.Format(time.DateOnly)}
	switch r.Kind {
	case KindRevoke:
		lines = append(lines, r.Epochs...)
	case KindShred:
		lines = append([]string{r.ClinicID}, r.Epochs...)
		lines = append(lines, r.Day.Format(time.DateOnly), r.Effective.Format(time.DateOnly))
	case KindCharter:
		for _, part := range CharterParts {
			hash := r.Charter[part]
			lines = append(lines, part+" "+base64.StdEncoding.EncodeToString(hash[:]))
		}
	case KindSupport:
		word := "required"
		if r.Without {
			word = "open-without"
		}
		lines = append(lines, word)
	case KindRotation:
		length := "month"
		if r.Rotation.Days > 0 {
			length = strconv.Itoa(r.Rotation.Days)
		}
		lines = append(lines, strconv.Itoa(r.Rotation.K), length, strconv.Itoa(r.Rotation.RetainDays))
	case KindSettings:
		after := firstSettings
		if r.After != [32]byte{} {
			after = base64.StdEncoding.EncodeToString(r.After[:])
		}
		lines = append(lines, after, base64.StdEncoding.EncodeToString(r.Settings[:]))
	}
	return string(transparency.NewLeaf(r.Kind, lines...))
}

// ParseResolution reads exactly what Lines writes. Errors wrap ErrDecision.
func ParseResolution(text string) (*Resolution, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 5 {
		return nil, fmt.Errorf("%w: too few lines", ErrDecision)
	}
	r := &Resolution{Kind: transparency.Leaf(text).Kind(), ClinicID: lines[2]}
	rest := lines[3:]
	var err error
	switch r.Kind {
	case KindShred:
		err = r.parseShred(rest)
	case KindRevoke, KindCharter, KindSupport, KindRotation, KindSettings:
		if r.Day, err = time.Parse(time.DateOnly, rest[0]); err == nil {
			err = r.parseRest(rest[1:])
		}
	default:
		err = errors.New("it is of no kind we know")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDecision, err)
	}
	if r.Lines() != text {
		return nil, fmt.Errorf("%w: it is not written as we write it", ErrDecision)
	}
	return r, nil
}

func (r *Resolution) parseShred(rest []string) error {
	if len(rest) != 3 || !ValidEpochID(rest[0]) {
		return errors.New("it names no epoch")
	}
	r.Epochs = rest[:1]
	var errs [2]error
	r.Day, errs[0] = time.Parse(time.DateOnly, rest[1])
	r.Effective, errs[1] = time.Parse(time.DateOnly, rest[2])
	if errors.Join(errs[:]...) != nil || r.Effective.Before(r.Day) {
		return errors.New("its days do not read")
	}
	return nil
}

func (r *Resolution) parseRest(rest []string) error {
	switch r.Kind {
	case KindRevoke:
		if len(rest) == 0 || len(rest) > 100 || !slices.IsSorted(rest) || len(slices.Compact(slices.Clone(rest))) != len(rest) ||
			slices.ContainsFunc(rest, func(id string) bool { return !ValidEpochID(id) }) {
			return errors.New("its epochs are not ids, sorted, each once")
		}
		r.Epochs = rest
		return nil
	case KindCharter:
		return r.parseCharter(rest)
	case KindSupport:
		r.Without = rest[0] == "open-without"
		return nil
	case KindSettings:
		return r.parseSettings(rest)
	}
	return r.parseRotation(rest)
}

func (r *Resolution) parseCharter(rest []string) error {
	if len(rest) != len(CharterParts) {
		return errors.New("it has another number of parts")
	}
	r.Charter = map[string][32]byte{}
	for i, part := range CharterParts {
		name, value, _ := strings.Cut(rest[i], " ")
		hash, err := parseHash(value)
		if name != part || err != nil {
			return errors.New("a part does not read")
		}
		r.Charter[part] = hash
	}
	return nil
}

// firstSettings stands where there are no settings before.
const firstSettings = "first"

func (r *Resolution) parseSettings(rest []string) (err error) {
	if len(rest) != 2 {
		return errors.New("it has another number of lines")
	}
	if rest[0] != firstSettings {
		if r.After, err = parseHash(rest[0]); err != nil {
			return errors.New("the settings before do not read")
		}
	}
	if r.Settings, err = parseHash(rest[1]); err != nil {
		return errors.New("its settings do not read")
	}
	return nil
}

func (r *Resolution) parseRotation(rest []string) error {
	if len(rest) != 3 {
		return errors.New("it has another number of lines")
	}
	k, err := strconv.Atoi(rest[0])
	days, daysErr := strconv.Atoi(rest[1])
	if rest[1] == "month" {
		days, daysErr = 0, nil
	}
	retain, retainErr := strconv.Atoi(rest[2])
	if errors.Join(err, daysErr, retainErr) != nil {
		return errors.New("a number does not read")
	}
	if k < 1 || k > maxReviewers || days < 0 || days >= maxEpochDays || rest[1] == "0" || retain < 30 || retain > maxRetainDays {
		return fmt.Errorf("an epoch lasts 1 to %d days or to the end of the month, and is kept for 30 to %d days after it", maxEpochDays-1, maxRetainDays)
	}
	r.Rotation = Rotation{K: k, Days: days, RetainDays: retain}
	return nil
}

// HashCharter gives the hashes that a charter's lines name.
func HashCharter(parts map[string]string) map[string][32]byte {
	hashes := map[string][32]byte{}
	for _, part := range CharterParts {
		hashes[part] = sha256.Sum256([]byte(parts[part]))
	}
	return hashes
}

// Bounds of what stands beside lines, in bytes.
const (
	maxCharter  = 16 << 10
	maxSettings = 64 << 10
)

// CheckBody makes sure that a charter's text, or settings, are those that the lines name, and that no other kind brings text.
func (r *Resolution) CheckBody(body string) error {
	if r.Kind == KindSettings {
		if len(body) > maxSettings {
			return fmt.Errorf("%w: the settings are longer than %d bytes", ErrDecision, maxSettings)
		}
		if sha256.Sum256([]byte(body)) != r.Settings {
			return fmt.Errorf("%w: the settings are not the ones that were signed", ErrDecision)
		}
		return nil
	}
	if r.Kind != KindCharter {
		if body != "" {
			return fmt.Errorf("%w: only a charter and settings have a text beside their lines", ErrDecision)
		}
		return nil
	}
	var parts map[string]string
	if len(body) > maxCharter {
		return fmt.Errorf("%w: the charter is longer than %d bytes", ErrDecision, maxCharter)
	}
	if err := json.Unmarshal([]byte(body), &parts); err != nil || len(parts) != len(CharterParts) {
		return fmt.Errorf("%w: the charter's text does not read", ErrDecision)
	}
	for _, part := range CharterParts {
		if hash := sha256.Sum256([]byte(parts[part])); hash != r.Charter[part] {
			return fmt.Errorf("%w: the charter's text is not the one that was signed", ErrDecision)
		}
		if part != "more" && strings.TrimSpace(parts[part]) == "" {
			return fmt.Errorf("%w: the charter leaves a question empty", ErrDecision)
		}
	}
	return nil
}

// SignDecision signs a decision's lines as a member of the panel; the label names the kind.
func SignDecision(key ed25519.PrivateKey, lines string) []byte {
	return signLines(key, labelDecision(lines), lines)
}

// VerifyDecision reports whether a member of m signed the decision.
func VerifyDecision(m *Manifest, lines string, s Signature) bool {
	r := m.Member(s.ReviewerID)
	return r != nil && verifyLines(r.VerifyKey, labelDecision(lines), lines, s.Signature)
}

func labelDecision(lines string) string { return "answerable/v1/" + transparency.Leaf(lines).Kind() }

// DecisionLeaf is a decision with its signatures, sorted by reviewer, as it enters the log.
func DecisionLeaf(lines string, signatures []Signature) transparency.Leaf {
	return transparency.Leaf(lines + signatureLines("signature", signatures))
}

// signaturesFor says how many members must sign: m, and for what cannot be undone two at least.
func (m *Manifest) signaturesFor(kind string) int {
	if kind == KindShred {
		return min(2, len(m.Reviewers))
	}
	return m.M
}

// Decide proposes a decision with the proposer's own signature. The same lines again are the same decision.
// Errors: ErrDecision, ErrNoPanel, ErrNotMember, ErrSignature, ErrStale.
func (s *Store) Decide(ctx context.Context, clinicID, lines, body string, by Signature) (*Decision, error) {
	r, err := ParseResolution(lines)
	if err != nil {
		return nil, err
	}
	if err := r.CheckBody(body); err != nil {
		return nil, err
	}
	var made *Decision
	err = s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := lockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		if err := s.mayDecide(ctx, tx, clinicID, r, false); err != nil {
			return err
		}
		if r.Kind == KindSettings {
			if err := s.checkSettings(ctx, tx, clinicID, body); err != nil {
				return err
			}
		}
		_, panel, err := s.Current(ctx, tx, clinicID)
		if err != nil {
			return err
		}
		if panel.Member(by.ReviewerID) == nil {
			return ErrNotMember
		}
		d := &Decision{
			ID: uuid.NewString(), ClinicID: clinicID, Kind: r.Kind, State: DecisionDraft, Lines: lines, Body: body,
			ProposedBy: by.ReviewerID, ProposedOn: s.today(),
		}
		if _, err := tx.NewInsert().Model(d).On("CONFLICT (clinic_id, lines) DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		if err := tx.NewSelect().Model(d).Where("clinic_id = ?", clinicID).Where("lines = ?", lines).Scan(ctx); err != nil {
			return err
		}
		made, err = s.signDecision(ctx, tx, d.ID, clinicID, by)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("decide: %w", err)
	}
	return made, nil
}

// SignDecision adds a member's signature. Errors: ErrStale when the decision waits for none, ErrNotMember, ErrSignature,
// ErrDecision when it cannot be taken any more.
func (s *Store) SignDecision(ctx context.Context, clinicID, id string, by Signature) (*Decision, error) {
	var signed *Decision
	err := s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := lockClinic(ctx, tx, clinicID); err != nil {
			return err
		}
		var err error
		signed, err = s.signDecision(ctx, tx, id, clinicID, by)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sign decision: %w", err)
	}
	return signed, nil
}

// lockClinic lets one act on a clinic's keys happen at a time, on all replicas.
func lockClinic(ctx context.Context, tx bun.Tx, clinicID string) error {
	_, err := tx.NewRaw(`SELECT FROM clinic WHERE id = ? FOR NO KEY UPDATE`, clinicID).Exec(ctx)
	return err
}

func (s *Store) signDecision(ctx context.Context, tx bun.Tx, id, clinicID string, by Signature) (*Decision, error) {
	if uuid.Validate(id) != nil {
		return nil, ErrStale
	}
	d := new(Decision)
	err := tx.NewSelect().Model(d).Where("id = ?", id).Where("clinic_id = ?", clinicID).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) || err == nil && d.State == DecisionDropped {
		return nil, ErrStale
	}
	if err != nil {
		return nil, err
	}
	_, panel, err := s.Current(ctx, tx, clinicID)
	if err != nil {
		return nil, err
	}
	if panel.Member(by.ReviewerID) == nil {
		return nil, ErrNotMember
	}
	if !VerifyDecision(panel, d.Lines, by) {
		return nil, ErrSignature
	}
	if d.State == DecisionMade { // the last signature was faster
		return d, s.fillDecisions(ctx, tx, panel, d)
	}
	row := &DecisionSignature{DecisionID: d.ID, ReviewerID: by.ReviewerID, Signature: by.Signature}
	if _, err := tx.NewInsert().Model(row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
		return nil, err
	}
	if err := s.fillDecisions(ctx, tx, panel, d); err != nil {
		return nil, err
	}
	return d, s.completeDecision(ctx, tx, panel, d)
}

// fillDecisions reads signatures, and counts only those of members of the panel as it is now.
func (s *Store) fillDecisions(ctx context.Context, db bun.IDB, panel *Manifest, decisions ...*Decision) error {
	for _, d := range decisions {
		var rows []DecisionSignature
		if err := db.NewSelect().Model(&rows).Where("decision_id = ?", d.ID).Order("reviewer_id").Scan(ctx); err != nil {
			return err
		}
		d.Signatures = nil
		for _, row := range rows {
			if sig := (Signature{row.ReviewerID, row.Signature}); d.State != DecisionDraft || VerifyDecision(panel, d.Lines, sig) {
				d.Signatures = append(d.Signatures, sig)
			}
		}
		d.Needed = panel.signaturesFor(d.Kind)
	}
	return nil
}

// mayDecide refuses what cannot be taken now, when it is proposed and again when it is signed. A revocation that was
// proposed in time stands though one of its epochs has ended by itself since.
func (s *Store) mayDecide(ctx context.Context, tx bun.Tx, clinicID string, r *Resolution, proposed bool) error {
	if r.ClinicID != clinicID {
		return fmt.Errorf("%w: it names another clinic", ErrDecision)
	}
	if r.Day.After(s.today().AddDate(0, 0, 1)) || r.Day.Before(s.today().AddDate(0, 0, -draftDays)) {
		return fmt.Errorf("%w: its day is not one of the last %d", ErrDecision, draftDays)
	}
	epochs, err := s.epochs(ctx, tx, clinicID)
	if err != nil {
		return err
	}
	for _, id := range r.Epochs {
		i := slices.IndexFunc(epochs, func(e Epoch) bool { return e.ID == id })
		if i < 0 {
			return fmt.Errorf("%w: epoch %s is not one of this clinic", ErrDecision, id)
		}
		if proposed && r.Kind == KindRevoke {
			continue
		}
		if err := s.mayEnd(ctx, tx, r, &epochs[i]); err != nil {
			return err
		}
	}
	switch r.Kind {
	case KindRotation:
		return s.mayRotate(ctx, tx, r)
	case KindSettings:
		return s.maySet(ctx, tx, r)
	}
	return nil
}

// maySet refuses settings that were written without knowing the newest: they would undo what others decided meanwhile.
func (s *Store) maySet(ctx context.Context, tx bun.Tx, r *Resolution) error {
	d, err := s.latestDecision(ctx, tx, r.ClinicID, KindSettings)
	if err != nil {
		return err
	}
	newest := [32]byte{}
	if d != nil {
		newest = sha256.Sum256([]byte(d.Lines))
	}
	if r.After != newest && (d == nil || d.Lines != r.Lines()) {
		return fmt.Errorf("%w: other settings have been decided meanwhile; look at them and propose yours again", ErrDecision)
	}
	return nil
}

// checkSettings asks whoever keeps clinics whether settings can be taken.
func (s *Store) checkSettings(ctx context.Context, tx bun.Tx, clinicID, body string) error {
	if s.Settings == nil {
		return errors.New("nothing here takes settings")
	}
	if err := s.Settings.CheckSettings(ctx, tx, clinicID, body); err != nil {
		return fmt.Errorf("%w: %w", ErrDecision, err)
	}
	return nil
}

// mayRotate refuses what a panel cannot do, and what would bring an older decision back: whoever has only the log takes the
// newest by the day of its proposal.
func (s *Store) mayRotate(ctx context.Context, tx bun.Tx, r *Resolution) error {
	_, panel, err := s.Current(ctx, tx, r.ClinicID)
	if err != nil {
		return err
	}
	if r.Rotation.K > len(panel.Reviewers) {
		return fmt.Errorf("%w: %d cannot be needed of a panel of %d", ErrDecision, r.Rotation.K, len(panel.Reviewers))
	}
	d, err := s.latestDecision(ctx, tx, r.ClinicID, KindRotation)
	if d == nil || err != nil {
		return err
	}
	made, err := ParseResolution(d.Lines)
	if err != nil {
		return err
	}
	if r.Day.Before(made.Day) {
		return fmt.Errorf("%w: it was proposed before what is decided now; propose it again", ErrDecision)
	}
	return nil
}

func (s *Store) mayEnd(ctx context.Context, tx bun.Tx, r *Resolution, e *Epoch) error {
	if r.Kind == KindRevoke {
		switch e.Effective {
		case StateOffered, StateLogged, StateActive, StateGrace:
			return nil
		}
		return fmt.Errorf("%w: epoch %s takes no words already", ErrDecision, e.ID)
	}
	switch {
	case e.State != StateLogged && e.State != StateRevoked && e.State != StateShredPending:
		return fmt.Errorf("%w: epoch %s holds nothing that could be shredded", ErrDecision, e.ID)
	case e.Effective == StateActive || e.Effective == StateGrace || e.Effective == StateLogged:
		return fmt.Errorf("%w: epoch %s is in use or will be, and is kept until %s", ErrDecision, e.ID, e.RetainUntil.Format(time.DateOnly))
	case !s.today().After(e.RetainUntil):
		return fmt.Errorf("%w: epoch %s is kept until %s", ErrDecision, e.ID, e.RetainUntil.Format(time.DateOnly))
	}
	var horizon int
	if err := tx.NewRaw(`SELECT backup_days FROM clinic WHERE id = ?`, e.ClinicID).Scan(ctx, &horizon); err != nil {
		return err
	}
	if want := r.Day.AddDate(0, 0, horizon); !r.Effective.Equal(want) {
		return fmt.Errorf("%w: copies are kept for %d days, so it takes effect on %s", ErrDecision, horizon, want.Format(time.DateOnly))
	}
	return nil
}

func (s *Store) completeDecision(ctx context.Context, tx bun.Tx, panel *Manifest, d *Decision) error {
	r, err := ParseResolution(d.Lines)
	if err != nil {
		return err
	}
	if err := s.mayDecide(ctx, tx, d.ClinicID, r, true); err != nil {
		return err
	}
	if len(d.Signatures) < d.Needed {
		return s.announceShred(ctx, tx, r)
	}
	leaf := DecisionLeaf(d.Lines, d.Signatures)
	if err := transparency.Append(ctx, tx, leaf); err != nil {
		return err
	}
	hash, today := leaf.Hash(), s.today()
	d.State, d.LeafHash, d.MadeOn = DecisionMade, hash[:], &today
	if _, err := tx.NewUpdate().Model(d).Column("state", "leaf_hash", "made_on").WherePK().Exec(ctx); err != nil {
		return err
	}
	switch r.Kind {
	case KindRevoke:
		return s.revoke(ctx, tx, r)
	case KindShred:
		return s.shred(ctx, tx, r)
	case KindRotation:
		return s.abandonUnfit(ctx, tx, r)
	case KindSettings:
		if err := s.checkSettings(ctx, tx, d.ClinicID, d.Body); err != nil {
			return err
		}
		return s.Settings.ApplySettings(ctx, tx, d.ClinicID, d.Body, d.ProposedBy, today)
	}
	return nil
}

// abandonUnfit puts away what was offered under the decision before: nobody acknowledges it any more.
func (s *Store) abandonUnfit(ctx context.Context, tx bun.Tx, r *Resolution) error {
	epochs, err := s.epochs(ctx, tx, r.ClinicID)
	if err != nil {
		return err
	}
	for _, e := range epochs {
		record, err := ParseRecord(e.Record)
		if err != nil {
			return err
		}
		if e.State != StateOffered || r.Rotation.Fits(record) == nil {
			continue
		}
		if _, err := tx.NewUpdate().Model(&e).Set("state = ?", StateAbandoned).WherePK().Exec(ctx); err != nil {
			return err
		}
	}
	return dropAbandonedWraps(ctx, tx, r.ClinicID)
}

// revoke ends epochs at once. One that was only offered is abandoned.
func (s *Store) revoke(ctx context.Context, tx bun.Tx, r *Resolution) error {
	_, err := tx.NewUpdate().Model((*Epoch)(nil)).
		Set("state = CASE state WHEN ? THEN ? ELSE ? END", StateOffered, StateAbandoned, StateRevoked).
		Set("revoked_on = CASE state WHEN ? THEN NULL ELSE ?::date END", StateOffered, s.today()).
		Where("id IN (?)", bun.List(r.Epochs)).
		Where("state IN (?, ?)", StateOffered, StateLogged).
		Exec(ctx)
	if err != nil {
		return err
	}
	return dropAbandonedWraps(ctx, tx, r.ClinicID)
}

// dropAbandonedWraps destroys the wraps of keys that never took words.
func dropAbandonedWraps(ctx context.Context, tx bun.IDB, clinicID string) error {
	_, err := tx.NewRaw(`
		DELETE FROM wrap
		USING epoch
		WHERE epoch.id = wrap.epoch_id AND epoch.clinic_id = ? AND epoch.state = ?`, clinicID, StateAbandoned).Exec(ctx)
	return err
}

func (s *Store) announceShred(ctx context.Context, tx bun.Tx, r *Resolution) error {
	if r.Kind != KindShred {
		return nil
	}
	_, err := tx.NewUpdate().Model((*Epoch)(nil)).Set("state = ?", StateShredPending).Where("id = ?", r.Epochs[0]).Exec(ctx)
	return err
}

// shred destroys an epoch's wraps and, through OnShred, its files. What the log says of them stays.
func (s *Store) shred(ctx context.Context, tx bun.Tx, r *Resolution) error {
	id := r.Epochs[0]
	for _, model := range []any{(*Opening)(nil), (*Wrap)(nil)} {
		if _, err := tx.NewDelete().Model(model).Where("epoch_id = ?", id).Exec(ctx); err != nil {
			return err
		}
	}
	if s.OnShred == nil {
		return errors.New("nothing here can destroy an epoch's files")
	}
	if err := s.OnShred(ctx, tx, r.ClinicID, id); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model((*Epoch)(nil)).
		Set("state = ?", StateShredded).Set("shredded_on = ?", s.today()).Where("id = ?", id).Exec(ctx)
	return err
}

// Decisions lists what a panel decides and has decided: drafts first, then the rest, the newest first.
func (s *Store) Decisions(ctx context.Context, clinicID string) ([]*Decision, error) {
	var decisions []*Decision
	err := s.db(ctx).NewSelect().Model(&decisions).
		Where("clinic_id = ?", clinicID).
		OrderExpr("state <> 'draft', COALESCE(made_on, proposed_on) DESC, id").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list decisions: %w", err)
	}
	_, panel, err := s.Current(ctx, s.db(ctx), clinicID)
	if errors.Is(err, ErrNoPanel) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decisions, s.fillDecisions(ctx, s.db(ctx), panel, decisions...)
}

// LatestDecision is the newest one made of a kind, by its place in the log; nil when there is none.
func (s *Store) LatestDecision(ctx context.Context, clinicID, kind string) (*Decision, error) {
	return s.latestDecision(ctx, s.db(ctx), clinicID, kind)
}

func (s *Store) latestDecision(ctx context.Context, db bun.IDB, clinicID, kind string) (*Decision, error) {
	d := new(Decision)
	err := db.NewSelect().Model(d).
		Join("JOIN log_leaf ON log_leaf.leaf_hash = decision.leaf_hash").
		Where("decision.clinic_id = ?", clinicID).
		Where("decision.kind = ?", kind).
		Order("log_leaf.index DESC").
		Limit(1).
		Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find latest decision: %w", err)
	}
	return d, nil
}
