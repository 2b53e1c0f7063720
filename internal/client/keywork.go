package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"answerable/internal/keyring"
	"answerable/internal/seal"
)

// ProblemDaysTaken answers an epoch whose days another key has: somebody else was faster.
const ProblemDaysTaken = "days-taken"

type plan struct {
	K     int `json:"k"`
	Terms []struct {
		NotBefore   string `json:"not_before"`
		NotAfter    string `json:"not_after"`
		RetainUntil string `json:"retain_until"`
	} `json:"terms"`
}

// furthest is how many days ahead a server may ask for a key to begin, so that it cannot have keys made for years.
const furthest = 100

// MissingTerms asks which epochs the clinic still needs, and refuses days that no honest plan has.
func (r *Reviewer) MissingTerms(ctx context.Context, clinic string) ([]Term, error) {
	var p plan
	if err := r.get(ctx, clinicPath(panelAPI, clinic, "plan"), &p); err != nil {
		return nil, err
	}
	today := r.Now().UTC().Truncate(24 * time.Hour)
	var terms []Term
	for _, t := range p.Terms {
		var term Term
		var errs [3]error
		term.NotBefore, errs[0] = time.Parse(time.DateOnly, t.NotBefore)
		term.NotAfter, errs[1] = time.Parse(time.DateOnly, t.NotAfter)
		term.RetainUntil, errs[2] = time.Parse(time.DateOnly, t.RetainUntil)
		if errors.Join(errs[:]...) != nil || term.NotBefore.Before(today.AddDate(0, 0, -1)) || term.NotBefore.After(today.AddDate(0, 0, furthest)) {
			return nil, errors.New("the server asks for keys of days that cannot be; make one with --not-before and --days")
		}
		terms = append(terms, term)
	}
	return terms, nil
}

// openBy is how many reviewers open the next epochs, by what the panel decided last. The server's plan must say the same: one
// that works with one member alone would gain from a smaller number.
func (r *Reviewer) openBy(ctx context.Context, clinic string, p *Panel) (int, error) {
	if p.waits {
		return 0, ErrNotLogged
	}
	var asked plan
	if err := r.get(ctx, clinicPath(panelAPI, clinic, "plan"), &asked); err != nil {
		return 0, err
	}
	k := 1
	if decided := p.standing.Rotation(); decided != nil {
		k = min(decided.K, len(p.Current.Reviewers))
	}
	if asked.K != k {
		return 0, fmt.Errorf("%w: the server wants keys that %d open, and the panel has decided on %d", ErrPanel, asked.K, k)
	}
	return k, nil
}

// DealMissing makes every epoch that the clinic still needs. One that somebody else makes at the same time is left to
// them. progress hears after each how many of how many are done.
func (r *Reviewer) DealMissing(ctx context.Context, clinic string, progress func(done, total int)) (ids []string, p *Panel, err error) {
	terms, err := r.MissingTerms(ctx, clinic)
	if err != nil {
		return nil, nil, err
	}
	if p, err = r.Panel(ctx, clinic); err != nil {
		return nil, nil, err
	}
	for i, term := range terms {
		id, panel, err := r.Deal(ctx, clinic, term)
		var taken *Problem
		switch {
		case err == nil:
			ids, p = append(ids, id), panel
		case !errors.As(err, &taken) || !taken.Kind(ProblemDaysTaken):
			return ids, p, err
		}
		progress(i+1, len(terms))
	}
	return ids, p, nil
}

// wrapsAtOnce is how many wraps one request brings.
const wrapsAtOnce = 20

type lateWrap struct {
	Epoch     string `json:"epoch"`
	Reviewer  string `json:"reviewer"`
	File      []byte `json:"file"`
	Signature []byte `json:"signature"`
}

// Given says what was handed on to a member.
type Given struct {
	Keys     int       `json:"given"`
	Together []string  `json:"together"` // epochs that they have no part of, and that only an opening can give them
	Skipped  []Skipped `json:"skipped"`  // epochs whose own key does not open here
}

// Skipped is an epoch that was left out, and why.
type Skipped struct {
	Epoch string `json:"epoch"`
	Why   string `json:"why"`
}

// Give hands the keys of past epochs on to a member who was not there when they were dealt: all that this reviewer holds
// and the member lacks. What the server says is checked: the member must be on the signed list, each own wrap must open to
// the recipient of its record; one that does not is skipped and named. Work that was cut off goes on where it was. progress hears how many of how many are sent.
func (r *Reviewer) Give(ctx context.Context, clinic, to string, progress func(done, total int)) (*Given, error) {
	given := &Given{Together: []string{}, Skipped: []Skipped{}}
	p, err := r.heldPanel(ctx, clinic)
	if err != nil {
		return nil, err
	}
	if p.Current == nil || p.Current.Member(to) == nil {
		return nil, fmt.Errorf("%w: the signed list does not name %s", ErrPanel, to)
	}
	var missing struct {
		Members []struct {
			Reviewer string   `json:"reviewer"`
			Epochs   []string `json:"epochs"`
		} `json:"members"`
	}
	if err := r.get(ctx, clinicPath(panelAPI, clinic, "wraps", "missing"), &missing); err != nil {
		return nil, err
	}
	known, err := r.epochs(ctx, clinic)
	if err != nil {
		return nil, err
	}
	given.Together = p.withoutPart(known, to)
	var wraps []lateWrap
	for _, m := range missing.Members {
		if m.Reviewer != to {
			continue
		}
		for _, id := range m.Epochs {
			w, err := r.rewrap(p, known, id, to)
			if errors.Is(err, seal.ErrWrap) {
				given.Skipped = append(given.Skipped, Skipped{id, err.Error()})
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("epoch %s: %w", id, err)
			}
			wraps = append(wraps, *w)
		}
	}
	for batch := range slices.Chunk(wraps, wrapsAtOnce) {
		var out struct {
			Added int `json:"added"`
		}
		in := struct {
			Wraps []lateWrap `json:"wraps"`
		}{batch}
		if err := r.post(ctx, clinicPath(panelAPI, clinic, "wraps"), in, &out); err != nil {
			return given, err
		}
		given.Keys += out.Added
		progress(given.Keys, len(wraps))
	}
	return given, nil
}

func (r *Reviewer) rewrap(all *Panel, known *panelEpochs, id, to string) (*lateWrap, error) {
	i := slices.IndexFunc(known.Epochs, func(e panelEpoch) bool { return e.ID == id })
	if i < 0 || len(known.Epochs[i].Wrap) == 0 {
		return nil, fmt.Errorf("%w: the server names an epoch whose key we do not hold", ErrPanel)
	}
	e := &known.Epochs[i]
	record, err := all.proveRecord(e)
	if err != nil {
		return nil, err
	}
	identity, err := seal.OpenEpochKey(e.Wrap, r.identity, record.ID, record.Recipient)
	if err != nil {
		return nil, err
	}
	file, err := seal.WrapEpochKey(id, identity, all.Current.Member(to).Recipient)
	if err != nil {
		return nil, err
	}
	return &lateWrap{Epoch: id, Reviewer: to, File: file, Signature: keyring.SignWrap(r.key, id, to, file)}, nil
}

// ErrOpens means that a wrap is as it should be.
var ErrOpens = errors.New("your copy of this key opens, and holds the key that its record names")

// Refuse says, signed, that this reviewer's own wrap of an epoch does not open, after trying it, so that a colleague gives the
// key again. Errors: ErrOpens, ErrPanel.
func (r *Reviewer) Refuse(ctx context.Context, clinic, id string) error {
	p, err := r.seatedPanel(ctx, clinic)
	if err != nil {
		return err
	}
	known, err := r.epochs(ctx, clinic)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(known.Epochs, func(e panelEpoch) bool { return e.ID == id })
	if i < 0 || len(known.Epochs[i].Wrap) == 0 {
		return fmt.Errorf("you hold no copy of epoch %s; a colleague gives you one with: answerable epoch give", id)
	}
	e := &known.Epochs[i]
	record, err := p.proveRecord(e)
	if err != nil {
		return err
	}
	if _, err := seal.OpenEpochKey(e.Wrap, r.identity, record.ID, record.Recipient); err == nil {
		return ErrOpens
	}
	in := struct {
		Signature []byte `json:"signature"`
	}{keyring.SignRefusal(r.key, id, r.ID, e.Wrap)}
	return r.post(ctx, clinicPath(panelAPI, clinic, "epochs", id, "refusals"), in, nil)
}

// checkGiver makes sure that a key which was handed on comes from somebody who sat on the panel, then or now; a dealt one
// is checked by its record.
func (r *Reviewer) checkGiver(p *Panel, e *panelEpoch) error {
	if e.WrapFrom == nil {
		return nil
	}
	from := keyring.Signature{ReviewerID: e.WrapFrom.Reviewer, Signature: e.WrapFrom.Signature}
	if !slices.ContainsFunc(p.All, func(m *keyring.Manifest) bool { return keyring.VerifyWrap(m, e.ID, r.ID, e.Wrap, from) }) {
		return fmt.Errorf("%w: nobody on the panel signed the key that was handed on for epoch %s", ErrPanel, e.ID)
	}
	return nil
}

// proveRecord holds an epoch's record against the list that it names: somebody on it dealt it and, unless it is still an
// offer, enough of it have acknowledged it. Errors wrap keyring.ErrRecord or ErrPanel.
func (p *Panel) proveRecord(e *panelEpoch) (*keyring.Record, error) {
	record, err := keyring.ParseRecord(e.Record)
	if err != nil || record.ID != e.ID {
		return nil, keyring.ErrRecord
	}
	i := slices.Index(p.Leaves, record.Manifest)
	if i < 0 || record.ClinicID != p.All[i].ClinicID {
		return nil, fmt.Errorf("%w: epoch %s is another panel's", ErrPanel, e.ID)
	}
	panel := p.All[i]
	if !keyring.VerifyDeal(panel, e.Record, keyring.Signature{ReviewerID: e.Dealer, Signature: e.DealerSignature}) {
		return nil, fmt.Errorf("%w: nobody on the panel signed epoch %s as its dealer", ErrPanel, e.ID)
	}
	acked := map[string]bool{}
	for _, ack := range signatures(e.Acks) {
		acked[ack.ReviewerID] = acked[ack.ReviewerID] || keyring.VerifyAck(panel, e.Record, ack)
	}
	enough := 0
	for _, holds := range acked {
		if holds {
			enough++
		}
	}
	if e.State != keyring.StateOffered && e.State != keyring.StateAbandoned && enough < panel.M {
		return nil, fmt.Errorf("%w: too few of the panel signed epoch %s", ErrPanel, e.ID)
	}
	return record, nil
}

// Decision is something that the panel decides together.
type Decision struct {
	ID         string      `json:"id"`
	Kind       string      `json:"kind"`
	State      string      `json:"state"`
	Lines      string      `json:"lines"`
	Body       string      `json:"body"`
	ProposedBy string      `json:"proposed_by"`
	Needed     int         `json:"needed"`
	Signatures []signature `json:"signatures"`
}

// Resolution reads what a decision says, and holds the text beside its lines against the hashes in them: whoever signs is
// shown the very text.
func (d *Decision) Resolution() (*keyring.Resolution, error) {
	r, err := keyring.ParseResolution(d.Lines)
	if err != nil {
		return nil, err
	}
	return r, r.CheckBody(d.Body)
}

// Settings gives what the form of a clinic says and asks now, as JSON that can be changed and proposed again, the legal
// notice that whoever runs the server proposes (nil where none waits), and the hash that a proposal names: of the lines of the
// settings decided last, zero before the first.
func (r *Reviewer) Settings(ctx context.Context, clinic string) (body []byte, notice *ProposedNotice, after [32]byte, err error) {
	decisions, err := r.Decisions(ctx, clinic)
	if err != nil {
		return nil, nil, after, err
	}
	followed := map[[32]byte]bool{}
	var made []string
	for _, d := range decisions {
		if what, err := keyring.ParseResolution(d.Lines); err == nil && what.Kind == keyring.KindSettings && d.State == keyring.DecisionMade {
			followed[what.After] = true
			made = append(made, d.Lines)
		}
	}
	for _, lines := range made {
		if hash := sha256.Sum256([]byte(lines)); !followed[hash] {
			after = hash
		}
	}
	var out map[string]jsontext.Value
	if err := r.get(ctx, clinicPath(panelAPI, clinic, "settings"), &out); err != nil {
		return nil, nil, after, err
	}
	if waits, ok := out["notice_proposed"]; ok {
		if err := json.Unmarshal(waits, &notice); err != nil {
			return nil, nil, after, err
		}
		delete(out, "notice_proposed") // no member of settings
	}
	body, err = json.Marshal(out, json.Deterministic(true))
	return body, notice, after, err
}

// ProposedNotice is a legal notice that whoever runs the server proposes to the panel. On is YYYY-MM-DD.
type ProposedNotice struct {
	Text string `json:"text"`
	On   string `json:"on"`
}

// Decisions lists what a clinic's panel decides and has decided: what waits first, then the newest.
func (r *Reviewer) Decisions(ctx context.Context, clinic string) ([]Decision, error) {
	var out struct {
		Decisions []Decision `json:"decisions"`
	}
	err := r.get(ctx, clinicPath(panelAPI, clinic, "decisions"), &out)
	return out.Decisions, err
}

// Decide proposes a decision with this reviewer's signature. Clinic and day are filled in; the panel is checked first.
func (r *Reviewer) Decide(ctx context.Context, clinic string, what keyring.Resolution, body string) (*Decision, error) {
	p, err := r.seatedPanel(ctx, clinic)
	if err != nil {
		return nil, err
	}
	what.ClinicID, what.Day = p.Current.ClinicID, r.Now().UTC().Truncate(24*time.Hour)
	lines := what.Lines()
	in := struct {
		Lines     string `json:"lines"`
		Body      string `json:"body"`
		Signature []byte `json:"signature"`
	}{lines, body, keyring.SignDecision(r.key, lines)}
	var out Decision
	return &out, r.post(ctx, clinicPath(panelAPI, clinic, "decisions"), in, &out)
}

// SignDecision signs a decision that waits. shown is the one that the reviewer was shown: exactly its lines are signed.
func (r *Reviewer) SignDecision(ctx context.Context, clinic string, shown *Decision) (*Decision, error) {
	what, err := shown.Resolution()
	if err != nil {
		return nil, err
	}
	p, err := r.heldPanel(ctx, clinic)
	if err != nil {
		return nil, err
	}
	if p.Current == nil || what.ClinicID != p.Current.ClinicID {
		return nil, fmt.Errorf("%w: the decision is another clinic's", ErrPanel)
	}
	in := struct {
		Signature []byte `json:"signature"`
	}{keyring.SignDecision(r.key, shown.Lines)}
	var out Decision
	return &out, r.post(ctx, clinicPath(panelAPI, clinic, "decisions", shown.ID, "signatures"), in, &out)
}

// ProposePanel drafts the next manifest without somebody, and with m signatures needed from then on (0: as many as now).
func (r *Reviewer) ProposePanel(ctx context.Context, clinic string, m int, without ...string) error {
	p, err := r.Panel(ctx, clinic)
	if err != nil {
		return err
	}
	if p.Current == nil {
		return fmt.Errorf("%w: there is no signed list yet", ErrPanel)
	}
	for _, id := range without {
		if p.Current.Member(id) == nil {
			return fmt.Errorf("%w: the signed list does not name %s", ErrPanel, id)
		}
	}
	if m == 0 {
		m = min(p.Current.M, len(p.Current.Reviewers)-len(without))
	}
	in := struct {
		M       int      `json:"m"`
		Without []string `json:"without"`
	}{m, without}
	return r.post(ctx, clinicPath(panelAPI, clinic, "manifest", "proposals"), in, nil)
}
