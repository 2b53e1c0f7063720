package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/transparency"
)

// ErrFigures means that figures are not what a panel signed, or that some are left out.
var ErrFigures = errors.New("these figures do not hold")

// ErrOtherFigures means that a draft is not the one that somebody looked at.
var ErrOtherFigures = errors.New("other figures wait now than those that you looked at, and nothing was signed")

// Release is a release of figures as a server gives it. What stands outside Lines and Content is believed of nobody.
type Release struct {
	ID         string      `json:"id,omitempty"` // of drafts and releases as the panel sees them
	State      string      `json:"state,omitempty"`
	DraftedBy  string      `json:"drafted_by,omitempty"`
	DraftedOn  string      `json:"drafted_on,omitempty"`
	Needed     int         `json:"needed,omitempty"`
	First      string      `json:"first"`
	Last       string      `json:"last"`
	Lines      string      `json:"lines"`
	Content    string      `json:"content"`
	Plan       string      `json:"plan"` // the text of the plan it was made by
	ReleasedOn *string     `json:"released_on"`
	Signatures []signature `json:"signatures"`
}

// DuePeriod is a period that is neither released nor drafted.
type DuePeriod struct {
	First string `json:"first"`
	Last  string `json:"last"`
	From  string `json:"from"` // the first day on which it may be drafted
	Ready bool   `json:"ready"`
	Few   bool   `json:"few"` // so far fewer reports are counted in it than the plan needs
}

// FiguresLedger is what a panel has released, drafted and could draft, the newest first.
type FiguresLedger struct {
	Due      []DuePeriod `json:"due"`
	Releases []Release   `json:"releases"`
}

// FiguresLedger lists what a clinic's panel has released, drafted and could draft.
func (r *Reviewer) FiguresLedger(ctx context.Context, clinic string) (*FiguresLedger, error) {
	out := new(FiguresLedger)
	return out, r.get(ctx, clinicPath(panelAPI, clinic, "releases"), out)
}

// DraftRelease lets the server make the tables of the period that begins on a day. A refusal names cells.
func (r *Reviewer) DraftRelease(ctx context.Context, clinic, first string) (*Release, error) {
	in := struct {
		First string `json:"first"`
	}{first}
	out := new(Release)
	return out, r.post(ctx, clinicPath(panelAPI, clinic, "releases"), in, out)
}

// SignRelease signs a draft as it was fetched, when its content has the hash that the reviewer was shown: a server may give
// another draft under the same id each time it is asked. The panel is checked first. What the server says came of it is
// believed of nobody. Errors: ErrOtherFigures, ErrFigures, ErrPanel.
func (r *Reviewer) SignRelease(ctx context.Context, clinic string, draft *Release, sha256 string) (*Release, error) {
	if !strings.EqualFold(strings.TrimSpace(sha256), draft.Hash()) {
		return nil, ErrOtherFigures
	}
	p, err := r.seatedPanel(ctx, clinic)
	if err != nil {
		return nil, err
	}
	content, err := draft.Tables(p.clinicID)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFigures, err)
	}
	if err := r.checkApart(ctx, clinic, content); err != nil {
		return nil, err
	}
	in := struct {
		Signature []byte `json:"signature"`
	}{figures.SignRelease(r.key, draft.Lines)}
	out := new(Release)
	return out, r.post(ctx, clinicPath(panelAPI, clinic, "releases", draft.ID, "signatures"), in, out)
}

// checkApart refuses a draft of days that a release in the log is about already: one that was released is not forgotten by a
// server that drafts its days again, or a part of them.
func (r *Reviewer) checkApart(ctx context.Context, clinic string, draft *figures.Content) error {
	released, err := r.Released(ctx, clinic)
	if err != nil {
		return err
	}
	contents := []*figures.Content{draft}
	for _, one := range released {
		c, err := one.Tables(draft.Clinic)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFigures, err)
		}
		contents = append(contents, c)
	}
	if !figures.Apart(contents) {
		return fmt.Errorf("%w: days from %s to %s are in a release already, and the difference of two would be a smaller group. Sign nothing", ErrFigures, draft.First, draft.Last)
	}
	return nil
}

// DropRelease gives a draft up.
func (r *Reviewer) DropRelease(ctx context.Context, clinic, id string) error {
	return r.post(ctx, clinicPath(panelAPI, clinic, "releases", id, "drop"), nil, nil)
}

// Released fetches a clinic's releases and checks them without believing the server: the panel's chain of lists, the bytes
// that were signed, as many signatures as the list in force asked for when the release entered the log, and that the log
// has no release which is not shown, and that no two share a day. Errors wrap ErrPanel, ErrUnread or ErrFigures.
func (c *Client) Released(ctx context.Context, clinic string) ([]Release, error) {
	p, err := c.Panel(ctx, clinic)
	if err != nil {
		return nil, err
	}
	logged, err := c.loggedReleases(ctx, p.clinicID) // first: what is in it by now must be shown
	if err != nil {
		return nil, err
	}
	var out struct {
		Clinic   string    `json:"clinic"`
		Releases []Release `json:"releases"`
	}
	if err := c.get(ctx, clinicPath(publicAPI, clinic, "releases"), &out); err != nil {
		return nil, err
	}
	var contents []*figures.Content
	for _, r := range out.Releases {
		content, err := r.Tables(p.clinicID)
		if err != nil {
			return nil, fmt.Errorf("%w: those from %s on: %w", ErrFigures, r.First, err)
		}
		contents = append(contents, content)
		hash := figures.ReleaseLeaf(r.Lines, signatures(r.Signatures)).Hash()
		if !logged[hash] {
			return nil, fmt.Errorf("%w: those from %s on are not in the public log, or too few of the panel had signed them. What was released a moment ago gets its place within seconds", ErrFigures, r.First)
		}
		delete(logged, hash)
	}
	if len(logged) > 0 {
		return nil, fmt.Errorf("%w: the log has %d releases that the server does not show", ErrFigures, len(logged))
	}
	if !figures.Apart(contents) {
		return nil, fmt.Errorf("%w: two releases are about the same days, and their difference is a smaller group", ErrFigures)
	}
	return out.Releases, nil
}

// loggedReleases are the leaves of a clinic's releases in the log that enough of the list in force had signed. Errors wrap
// ErrUnread.
func (c *Client) loggedReleases(ctx context.Context, clinicID string) (map[[32]byte]bool, error) {
	pinned, err := c.pinned(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnread, err)
	}
	now, err := Newest(ctx, c.source(), pinned.VKey, pinned.Checkpoint)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnread, err)
	}
	standing, found := &keyring.Standing{ClinicID: clinicID}, map[[32]byte]bool{}
	err = transparency.Walk(ctx, c.source(), now, 0, func(_ int64, l transparency.Leaf) error {
		if l.Kind() == transparency.KindPanel {
			standing.Add(l)
		}
		if l.Kind() == transparency.KindRelease && figures.SignedBy(standing.Panel(), clinicID, l) {
			found[l.Hash()] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnread, err)
	}
	if c.LogFile == "" {
		return found, nil
	}
	pinned.Checkpoint = now
	return found, pinned.Write(c.LogFile)
}

// Tables gives what a release says, after its bytes and its plan were held against its lines.
func (r *Release) Tables(clinicID string) (*figures.Content, error) {
	content, err := figures.CheckRelease(clinicID, r.Lines, r.Content)
	if err != nil {
		return nil, err
	}
	if _, err := figures.CheckPlan(r.Lines, content, r.Plan); err != nil {
		return nil, err
	}
	return content, nil
}

// FiguresPlans are a clinic's plans of figures, and what a panel needs to make the next one.
type FiguresPlans struct {
	Clinic       string        `json:"clinic"`
	Plans        []FiguresPlan `json:"plans"` // the newest first
	ReportsAYear int           `json:"reports_a_year"`
	Months       int           `json:"months"` // that a period should have with so many reports; 0 for words and no counts
	Offered      []struct {
		Key   string   `json:"key"`
		Many  bool     `json:"many"`
		Codes []string `json:"codes"`
	} `json:"offered"`
}

// FiguresPlan is one plan as a text, with its hash as releases name it.
type FiguresPlan struct {
	Version int    `json:"version"`
	From    string `json:"from"`
	Lines   string `json:"lines"`
	Hash    string `json:"hash"`

	DecidedOn *string `json:"decided_on"` // null where no panel decided it
}

// FiguresPlans lists a clinic's plans of figures, for its panel.
func (r *Reviewer) FiguresPlans(ctx context.Context, clinic string) (*FiguresPlans, error) {
	out := new(FiguresPlans)
	return out, r.get(ctx, clinicPath(panelAPI, clinic, "figures", "plans"), out)
}

// DecideFiguresPlan proposes a clinic's next plan, with its settings as they hold, and signs that. It holds when enough of the panel
// have signed. Errors: those of Decide.
func (r *Reviewer) DecideFiguresPlan(ctx context.Context, clinic string, plan *figures.Plan) (*Decision, error) {
	now, _, after, err := r.Settings(ctx, clinic)
	if err != nil {
		return nil, err
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(now, &members); err != nil {
		return nil, err
	}
	if members["plan"], err = json.Marshal(plan.Lines()); err != nil {
		return nil, err
	}
	body, err := json.Marshal(members, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	return r.Decide(ctx, clinic, keyring.Resolution{Kind: keyring.KindSettings, Settings: sha256.Sum256(body), After: after}, string(body))
}

// Hash is SHA-256 of the content in hexadecimal, as sha256sum prints it for the downloaded file.
func (r *Release) Hash() string { return (&figures.Release{Content: r.Content}).Hash() }

// ClinicID is the clinic that a release's lines name.
func (r *Release) ClinicID() string {
	lines := strings.Split(r.Lines, "\n")
	if len(lines) < 3 {
		return ""
	}
	return lines[2]
}
