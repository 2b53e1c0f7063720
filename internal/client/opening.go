package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"answerable/internal/keyring"
	"answerable/internal/seal"
)

// requestDays is how old a request may be that is answered: a server keeps them for seven, and clocks may be off by one.
const requestDays = 8

var (
	// ErrAlone means that an epoch is opened by each reviewer alone.
	ErrAlone = errors.New("each reviewer opens this epoch alone; nobody has to be asked")
	// ErrOpenHere means that an epoch was opened before, into this folder.
	ErrOpenHere = errors.New("this epoch is open in this folder already")
	// ErrRequest means that a request to open is not what it says it is. Nobody should answer it.
	ErrRequest = errors.New("this request to open does not hold")
	// ErrNothingAsked means that a folder holds no request of one's own.
	ErrNothingAsked = errors.New("nothing was asked for from this folder")
)

// quorumOf is what a record says about opening its epoch together.
func quorumOf(r *keyring.Record) *seal.Quorum {
	return &seal.Quorum{Epoch: r.ID, Recipient: r.Recipient, K: r.K, N: r.N, Shares: r.Shares}
}

// placeOf is a reviewer's place in a manifest, which is that of their part; -1 when they are not on it.
func placeOf(m *keyring.Manifest, id string) int {
	return slices.IndexFunc(m.Reviewers, func(r keyring.Member) bool { return r.ID == id })
}

// dealt is an epoch's record with the panel that it was dealt to.
type dealt struct {
	*keyring.Record
	panel *keyring.Manifest
}

// dealtEpoch finds an epoch that the server names and holds its record against the panel that it was dealt to. Errors wrap
// keyring.ErrRecord or ErrPanel.
func (p *Panel) dealtEpoch(known *panelEpochs, id string) (*dealt, *panelEpoch, error) {
	i := slices.IndexFunc(known.Epochs, func(e panelEpoch) bool { return e.ID == id })
	if i < 0 {
		return nil, nil, fmt.Errorf("epoch %s is not one of this clinic", id)
	}
	e := &known.Epochs[i]
	record, err := p.proveRecord(e)
	if err != nil {
		return nil, nil, err
	}
	panel := p.All[slices.Index(p.Leaves, record.Manifest)]
	if record.N != len(panel.Reviewers) || !epochName.MatchString(id) {
		return nil, nil, keyring.ErrRecord
	}
	return &dealt{record, panel}, e, nil
}

// withoutPart lists the epochs that several open and that a member has no part of.
func (p *Panel) withoutPart(known *panelEpochs, member string) []string {
	ids := []string{}
	for _, e := range known.Epochs {
		d, _, err := p.dealtEpoch(known, e.ID)
		live := e.State != keyring.StateAbandoned && e.State != keyring.StateShredded
		if err == nil && live && d.K > 1 && d.panel.Member(member) == nil {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// desk is what a member needs to have in hand for every act of opening.
func (r *Reviewer) desk(ctx context.Context, clinic string) (*Panel, *panelEpochs, error) {
	p, err := r.seatedPanel(ctx, clinic)
	if err != nil {
		return nil, nil, err
	}
	known, err := r.epochs(ctx, clinic)
	return p, known, err
}

// Asked is one's own request to open an epoch.
type Asked struct {
	ID        string `json:"id"`
	Epoch     string `json:"epoch"`
	K         int    `json:"k"` // parts needed, of
	N         int    `json:"n"`
	OthersDue int    `json:"others_due"` // colleagues who have to answer
	Days      int    `json:"days"`       // for which a request waits
}

// Ask asks the panel to open an epoch together. Answers will be sealed to a key made for this request alone, which waits in
// dir, sealed to this reviewer, until Collect takes it away. Asking again before that sends the same key. Errors: ErrAlone,
// ErrOpenHere, ErrOtherPlace, ErrPanel.
func (r *Reviewer) Ask(ctx context.Context, clinic, epoch, dir string) (*Asked, error) {
	p, known, err := r.desk(ctx, clinic)
	if err != nil {
		return nil, err
	}
	d, e, err := p.dealtEpoch(known, epoch)
	if err != nil {
		return nil, err
	}
	if d.K == 1 {
		return nil, ErrAlone
	}
	f, err := prepareFolder(dir, known.Origin)
	if err != nil {
		return nil, err
	}
	defer f.close()
	base := path.Join(epochsDir, epoch)
	if f.has(base + ageExt) {
		return nil, ErrOpenHere
	}
	if err := f.write(base+recordExt, []byte(e.Record)); err != nil {
		return nil, err
	}
	answers, err := r.askingKey(f, base+askedExt)
	if err != nil {
		return nil, err
	}
	request := keyring.OpeningRequest{
		ClinicID: p.Current.ClinicID, EpochID: epoch, Requester: r.ID, Recipient: answers.Recipient().String(), Day: r.Now().UTC().Truncate(24 * time.Hour),
	}
	lines := request.Lines()
	in := struct {
		Lines     string `json:"lines"`
		Signature []byte `json:"signature"`
	}{lines, keyring.SignOpening(r.key, lines)}
	var out opening
	if err := r.post(ctx, clinicPath(panelAPI, clinic, "openings"), in, &out); err != nil {
		return nil, err
	}
	asked := &Asked{ID: out.ID, Epoch: epoch, K: d.K, N: d.N, OthersDue: d.K, Days: requestDays - 1}
	if placeOf(d.panel, r.ID) >= 0 {
		asked.OthersDue--
	}
	return asked, nil
}

// askingKey reads the key of a request that waits, or makes one. It is on the disk before anybody is asked, so that no
// answer can come to a key that is lost.
func (r *Reviewer) askingKey(f *folder, name string) (*age.HybridIdentity, error) {
	if file, err := f.read(name, mostWrap); err == nil {
		return seal.OpenIdentity(file, r.identity)
	}
	key, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fmt.Errorf("make a key for answers: %w", err)
	}
	file, err := seal.SealIdentity(key, r.identity.Recipient().String())
	if err != nil {
		return nil, err
	}
	return key, f.writeDurably(name, file)
}

// opening is a request as the server keeps it.
type opening struct {
	ID          string          `json:"id"`
	Epoch       string          `json:"epoch"`
	Requester   string          `json:"requester"`
	Lines       string          `json:"lines"`
	Signature   []byte          `json:"signature"`
	RequestedOn string          `json:"requested_on"`
	Answers     []openingAnswer `json:"answers"`
}

type openingAnswer struct {
	Reviewer  string `json:"reviewer"`
	File      []byte `json:"file"` // null for everybody but the asker
	Signature []byte `json:"signature"`
}

func (r *Reviewer) openings(ctx context.Context, clinic string) ([]opening, error) {
	var out struct {
		Openings []opening `json:"openings"`
	}
	err := r.get(ctx, clinicPath(panelAPI, clinic, "openings"), &out)
	return out.Openings, err
}

// Request is somebody's request to open an epoch, checked.
type Request struct {
	ID       string   `json:"id"`
	Epoch    string   `json:"epoch"`
	Asker    string   `json:"asker"`
	Day      string   `json:"day"`
	K        int      `json:"k"`
	N        int      `json:"n"`
	LastDay  string   `json:"last_day"` // of the epoch: what is told until then opens, too
	Answered []string `json:"answered"` // who has given their part
	Mine     bool     `json:"mine"`     // this reviewer asks
	Given    bool     `json:"given"`    // this reviewer has answered
	Refused  string   `json:"refused,omitzero"`

	lines, recipient string
	epoch            *dealt
	wrap             []byte
}

// Requests lists who asks to open which epoch, the newest first. One that does not hold says why in Refused, and Answer
// will not touch it.
func (r *Reviewer) Requests(ctx context.Context, clinic string) ([]Request, error) {
	p, known, err := r.desk(ctx, clinic)
	if err != nil {
		return nil, err
	}
	openings, err := r.openings(ctx, clinic)
	if err != nil {
		return nil, err
	}
	requests := []Request{}
	for i := range openings {
		requests = append(requests, *r.checkRequest(p, known, &openings[i]))
	}
	return requests, nil
}

func (r *Reviewer) checkRequest(p *Panel, known *panelEpochs, o *opening) *Request {
	q := &Request{ID: o.ID, Epoch: o.Epoch, Asker: o.Requester, Answered: []string{}, lines: o.Lines}
	asked, err := keyring.ParseOpeningRequest(o.Lines)
	if err != nil {
		q.Refused = "it does not read"
		return q
	}
	// From here on what counts is what was signed, whatever the server says beside it.
	q.Epoch, q.Asker, q.Day, q.recipient = asked.EpochID, asked.Requester, asked.Day.Format(time.DateOnly), asked.Recipient
	q.Mine = q.Asker == r.ID
	today := r.Now().UTC().Truncate(24 * time.Hour)
	d, e, err := p.dealtEpoch(known, q.Epoch)
	switch {
	case p.Current.Member(q.Asker) == nil:
		q.Refused = q.Asker + " is not on the panel"
	case !keyring.VerifyOpening(p.Current, o.Lines, keyring.Signature{ReviewerID: q.Asker, Signature: o.Signature}):
		q.Refused = q.Asker + " did not sign it: somebody asks in their name"
	case asked.ClinicID != p.Current.ClinicID:
		q.Refused = "it is another clinic's"
	case asked.Day.Before(today.AddDate(0, 0, -requestDays)) || asked.Day.After(today.AddDate(0, 0, 1)):
		q.Refused = "it is not of these days"
	case err != nil:
		q.Refused = err.Error()
	case d.K == 1:
		q.Refused = "each reviewer opens this epoch alone"
	default:
		q.K, q.N, q.LastDay, q.epoch, q.wrap = d.K, d.N, d.NotAfter.Format(time.DateOnly), d, e.Wrap
	}
	for _, a := range o.Answers {
		q.Answered = append(q.Answered, a.Reviewer)
		q.Given = q.Given || a.Reviewer == r.ID
	}
	return q
}

// Answer gives the own part of an epoch's key to a colleague who asks, after checking that they do and that the part is the
// one that was dealt. shown is the request as the reviewer was shown it: exactly its lines are answered. Errors: ErrRequest,
// seal.ErrWrap.
func (r *Reviewer) Answer(ctx context.Context, clinic string, shown *Request) error {
	switch {
	case shown.Refused != "":
		return fmt.Errorf("%w: %s", ErrRequest, shown.Refused)
	case shown.Mine:
		return fmt.Errorf("%w: it is your own; the others answer it", ErrRequest)
	case placeOf(shown.epoch.panel, r.ID) < 0:
		return fmt.Errorf("%w: you joined after epoch %s was dealt and hold no part of it", ErrRequest, shown.Epoch)
	}
	q := quorumOf(shown.epoch.Record)
	part, err := seal.OpenEpochShare(shown.wrap, r.identity, q, placeOf(shown.epoch.panel, r.ID))
	if err != nil {
		return fmt.Errorf("epoch %s: %w", shown.Epoch, err)
	}
	file, err := seal.SealEpochShare(q, part, shown.recipient)
	if err != nil {
		return err
	}
	in := struct {
		File      []byte `json:"file"`
		Signature []byte `json:"signature"`
	}{file, keyring.SignShare(r.key, shown.lines, file)}
	return r.post(ctx, clinicPath(panelAPI, clinic, "openings", shown.ID, "answers"), in, nil)
}

// Collected is what came of one's own request.
type Collected struct {
	Epoch    string   `json:"epoch"`
	Open     bool     `json:"open"`
	From     []string `json:"from"`     // whose parts are here and good, one's own included
	Need     int      `json:"need"`     // parts it takes
	Problems []string `json:"problems"` // what is wrong, each a sentence that names who or what
}

// Collect gathers the answers to every request that waits in dir. Where enough are good it opens the epoch: its key is
// sealed to this reviewer under the name that Open looks for, and the request's key is taken away. What is not good is named
// and stops nothing. Errors: ErrNothingAsked, and seal.ErrDealt with the dealer's name, after the results so far.
func (r *Reviewer) Collect(ctx context.Context, clinic, dir string) ([]Collected, error) {
	f, err := openFolder(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNothingAsked
	}
	if err != nil {
		return nil, err
	}
	defer f.close()
	waiting, err := f.asked()
	if err != nil {
		return nil, err
	}
	if len(waiting) == 0 {
		return nil, ErrNothingAsked
	}
	p, known, err := r.desk(ctx, clinic)
	if err != nil {
		return nil, err
	}
	if err := f.pinOrigin(known.Origin); err != nil {
		return nil, err
	}
	openings, err := r.openings(ctx, clinic)
	if err != nil {
		return nil, err
	}
	all := []Collected{}
	for _, epoch := range waiting {
		one, err := r.collect(f, p, known, openings, epoch)
		if err != nil {
			return all, err
		}
		all = append(all, *one)
	}
	return all, nil
}

// asked are the epochs for which a request of one's own waits, sorted.
func (f *folder) asked() (epochs []string, err error) {
	names, err := f.names(epochsDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, name := range names {
		if epoch, ok := strings.CutSuffix(name, askedExt); ok && epochName.MatchString(epoch) {
			epochs = append(epochs, epoch)
		}
	}
	slices.Sort(epochs)
	return epochs, err
}

// collect works on one request.
func (r *Reviewer) collect(f *folder, p *Panel, known *panelEpochs, openings []opening, epoch string) (*Collected, error) {
	d, e, err := p.dealtEpoch(known, epoch)
	if err != nil {
		return nil, err
	}
	base := path.Join(epochsDir, epoch)
	answers, err := r.askingKey(f, base+askedExt)
	if err != nil {
		return nil, err
	}
	c := &collector{Collected: Collected{Epoch: d.ID, From: []string{}, Need: d.K, Problems: []string{}}, dealt: d, panel: p}
	if placeOf(d.panel, r.ID) >= 0 {
		c.add(r.ID, e.Wrap, r.identity)
	}
	for i := range openings {
		c.answersTo(&openings[i], r.ID, answers)
	}
	identity, err := seal.CombineShares(quorumOf(d.Record), c.shares)
	var missing *seal.MissingSharesError
	if errors.As(err, &missing) {
		return &c.Collected, nil
	}
	if err != nil {
		return nil, fmt.Errorf("epoch %s: %w; it was dealt by %s", d.ID, err, e.Dealer)
	}
	file, err := seal.WrapEpochKey(d.ID, identity, r.identity.Recipient().String())
	if err != nil {
		return nil, err
	}
	c.Open = true
	if err := errors.Join(f.write(base+recordExt, []byte(e.Record)), f.writeDurably(base+ageExt, file)); err != nil {
		return nil, err
	}
	if err := f.remove(base + askedExt); err != nil {
		return nil, fmt.Errorf("take the request's key away: %w", err)
	}
	return &c.Collected, nil
}

type collector struct {
	Collected
	*dealt
	panel  *Panel
	shares []seal.Share
}

// answersTo takes what came for a request of this reviewer's, if it is one and answers go to this key.
func (c *collector) answersTo(o *opening, asker string, key *age.HybridIdentity) {
	asked, err := keyring.ParseOpeningRequest(o.Lines)
	if err != nil || asked.Requester != asker || asked.EpochID != c.ID || asked.Recipient != key.Recipient().String() {
		return
	}
	for _, a := range o.Answers {
		signed := keyring.VerifyShare(c.panel.Current, o.Lines, a.File, keyring.Signature{ReviewerID: a.Reviewer, Signature: a.Signature})
		switch {
		case c.panel.Current.Member(a.Reviewer) == nil:
			c.problem("%s is not on the panel any more; their part was not used", a.Reviewer)
		case !signed:
			c.problem("the answer in the name of %s is not what %s signed: the server has changed it", a.Reviewer, a.Reviewer)
		case placeOf(c.dealt.panel, a.Reviewer) < 0:
			c.problem("%s joined after this epoch was dealt and holds no part of it; their answer was not used", a.Reviewer)
		default:
			c.add(a.Reviewer, a.File, key)
		}
	}
}

// add takes a part that is the one dealt to a reviewer, once.
func (c *collector) add(from string, file []byte, key age.Identity) {
	if slices.Contains(c.From, from) {
		return
	}
	part, err := seal.OpenEpochShare(file, key, quorumOf(c.Record), placeOf(c.dealt.panel, from))
	if err != nil {
		c.problem("the part from %s is not good: %v", from, err)
		return
	}
	c.From, c.shares = append(c.From, from), append(c.shares, part.Share)
}

func (c *collector) problem(format string, args ...any) {
	c.Problems = append(c.Problems, fmt.Sprintf(format, args...))
}
