package client

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
	"answerable/internal/transparency"
)

// Row is all that is shown of a message before a reviewer has declared: its card, and how far the panel is.
type Row struct {
	LeafHash string       `json:"leaf_hash"` // hex
	Epoch    string       `json:"epoch"`
	Day      string       `json:"day"`
	Card     *coding.Card `json:"card"`
	Stage    string       `json:"stage"`
	Parts    []Part       `json:"parts"`
	Declared bool         `json:"declared"`
	Later    int          `json:"later"`             // further messages of the same writer
	CheckIn  string       `json:"check_in,omitzero"` // from which Monday the writer wishes to be asked what happened since

	Due    *Due           `json:"due,omitzero"`    // the clock that runs, without pauses before the reviewer has declared
	Pauses []coding.Pause `json:"pauses,omitzero"` // while the writer looks at what may go out; only for who has declared

	Answering *Answering `json:"answering,omitzero"` // the clock of whoever wrote
}

// Queue lists the messages that the panel works on: the urgent first, then the oldest. Decoys, junk and further messages whose first is
// here have no row.
func (b *Bench) Queue() []Row {
	var rows []Row
	for _, c := range b.ordered() {
		if c.message == nil || c.Card.Of == seal.KindDecoy || c.first != nil {
			continue
		}
		rows = append(rows, b.Row(c))
	}
	slices.SortStableFunc(rows, func(x, y Row) int {
		if x.Card.Urgent != y.Card.Urgent {
			if x.Card.Urgent {
				return -1
			}
			return 1
		}
		return strings.Compare(x.Day, y.Day)
	})
	return rows
}

// Row shows a message by its card.
func (b *Bench) Row(c *Case) Row {
	parts := append([]Part{}, c.Parts...)
	row := Row{hex.EncodeToString(c.Leaf[:]), c.Epoch, c.Day, c.withLater(), c.Stage(b.Today), parts, b.declared(c), len(c.later), b.CheckIn(c), nil, nil, nil}
	if row.Declared {
		row.Pauses = b.Pauses(c)
	}
	row.Due = b.Practice.due(c.Day, c.clock(row.Stage), b.Today, coding.PausedDays(row.Pauses, b.Today))
	row.Answering = b.answering(c, row.Declared, row.Pauses)
	return row
}

// declared says whether this reviewer has declared on a message. What cannot be read says nothing, and then they have not.
func (b *Bench) declared(c *Case) bool {
	o, err := b.own.read()
	return err == nil && o.declared(hex.EncodeToString(c.Leaf[:]))
}

// Declare says that nothing ties this reviewer to a message, which opens it to them. It is kept in the reviewer's own part of the
// folder, sealed: nobody else learns what they look at. Errors: ErrOwn, ErrFolder, ErrRaced.
func (b *Bench) Declare(c *Case) error {
	leaf := hex.EncodeToString(c.Leaf[:])
	return b.own.change(func(o *own) error {
		if !o.declared(leaf) {
			o.Declared = append(o.Declared, leaf)
		}
		return nil
	})
}

// Claim takes a part in a message. Errors: ErrNotDeclared, *RestError where the panel's caps stop the reader, *Problem.
func (b *Bench) Claim(ctx context.Context, c *Case, role string) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	pace, err := b.own.pace(b.Now())
	if err != nil {
		return err
	}
	if rest := pace.Brake(hex.EncodeToString(c.Leaf[:])); rest != nil && rest.Hard {
		return rest
	}
	in := struct {
		Leaf []byte `json:"leaf"`
		Role string `json:"role"`
	}{c.Leaf[:], role}
	if err := b.post(ctx, b.path("claims"), in, nil); err != nil {
		return err
	}
	c.Parts = append(c.Parts, Part{c.Leaf[:], b.ID, role})
	return nil
}

// HandBack gives a part up, without a reason. Who has not coded it declares anew before they take it again. Errors: ErrOwn, ErrFolder,
// ErrRaced, *Problem.
func (b *Bench) HandBack(ctx context.Context, c *Case) error {
	if err := b.giveBack(ctx, c); err != nil {
		return err
	}
	if c.coder(b.ID) || !b.declared(c) {
		return nil
	}
	return b.own.change(func(o *own) error {
		o.undeclare(hex.EncodeToString(c.Leaf[:]))
		return nil
	})
}

func (b *Bench) giveBack(ctx context.Context, c *Case) error {
	return b.post(ctx, b.path("handbacks"), map[string][]byte{"leaf": c.Leaf[:]}, nil)
}

// Blank is a coding to begin with: every theme of today's list, as not found.
func Blank() *coding.Found {
	f := &coding.Found{Taxonomy: taxonomy.Version(), Yes: []string{}, No: []string{}, Items: []string{}, Good: []string{}, Involved: []string{}, Repair: []string{}}
	for _, theme := range taxonomy.Themes() {
		f.No = append(f.No, theme.Code)
	}
	slices.Sort(f.No)
	return f
}

// Code sends a coding, which does not change afterwards. Where it does not say who wrote, the writer's own answer stands.
// Errors: ErrNotDeclared, ErrBeside, *coding.Error, *Problem.
func (b *Bench) Code(ctx context.Context, c *Case, found *coding.Found) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	if c.Stage(b.Today) == StageBeside {
		return ErrBeside
	}
	coded := *found
	if coded.Role == "" && c.message != nil {
		coded.Role = coding.RoleOf(c.message.Answers)
	}
	if _, err := b.send(ctx, c, &coding.Coding{Found: coded}); err != nil {
		return err
	}
	pace, err := b.own.pace(b.Now())
	if err != nil {
		return err
	}
	return pace.Coded(hex.EncodeToString(c.Leaf[:]), found.Seriousness)
}

// Note says something to the colleagues about a message.
func (b *Bench) Note(ctx context.Context, c *Case, text string) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	_, err := b.send(ctx, c, &coding.Note{Text: text})
	return err
}

// problemDraft is answered where the reviewer kept another draft meanwhile, elsewhere.
const problemDraft = "draft-changed"

// SaveDraft keeps unfinished work, sealed to nobody but this reviewer. The next draft takes its place; what they typed in a browser
// stays beside it, and what came from another terminal meanwhile stands below it.
func (b *Bench) SaveDraft(ctx context.Context, c *Case, text string) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	before := c.Drafted()
	err := b.saveDraft(ctx, c, text)
	var refused *Problem
	if !errors.As(err, &refused) || refused.Type != problemPrefix+problemDraft {
		return err
	}
	if err := b.ownDraft(ctx, c); err != nil {
		return err
	}
	if other := c.field("terminal"); other != "" && other != before && other != text {
		text += "\n\n" + other
	}
	return b.saveDraft(ctx, c, text)
}

func (b *Bench) saveDraft(ctx context.Context, c *Case, text string) error {
	fields := []coding.Field{{Q: "terminal", A: text}}
	if c.Draft != nil { // what the reviewer keeps in a browser stays
		fields = append(fields, slices.DeleteFunc(slices.Clone(c.Draft.Fields), func(f coding.Field) bool { return f.Q == "terminal" })...)
	}
	slices.SortFunc(fields, func(x, y coding.Field) int { return strings.Compare(x.Q, y.Q) })
	_, err := b.send(ctx, c, &coding.Draft{Fields: fields})
	return err
}

// Drafted is what SaveDraft kept; "" when there is nothing.
func (c *Case) Drafted() string {
	if c.Draft == nil {
		return ""
	}
	if text := c.field("terminal"); text != "" {
		return text
	}
	var lines []string
	for _, f := range c.Draft.Fields {
		lines = append(lines, f.Q+": "+f.A)
	}
	return strings.Join(lines, "\n")
}

// field is one of the draft's.
func (c *Case) field(name string) string {
	if c.Draft == nil {
		return ""
	}
	for _, f := range c.Draft.Fields {
		if f.Q == name {
			return f.A
		}
	}
	return ""
}

// Errors of steps that come too early, each with what has to be first.
var (
	ErrTwoCodings = errors.New("two codings are not in yet, so there is nothing to compare")
	ErrDiffer     = errors.New("the codings differ, and nobody has proposed an agreement")
	ErrUndecided  = errors.New("there is no decision to share that holds")
	ErrNoCheck    = errors.New("nobody who did not code it has checked the words yet")
	ErrNoSay      = errors.New("you have no part in this message")
	ErrKept       = errors.New("it stays with the panel, and its writer has not changed what may be done with it")
)

// Proposal is what a coder could agree to: what a colleague has agreed to last about the very codings that there are, as an agreement on
// others settles nothing, or what follows from codings that agree. Errors: ErrTwoCodings, ErrDiffer.
func (b *Bench) Proposal(c *Case) (*coding.Consensus, error) {
	if len(c.Codings) < 2 {
		return nil, ErrTwoCodings
	}
	begun := coding.Proposal(plainOf(c.Codings))
	for _, f := range slices.Backward(c.Consensuses) {
		if f.By != b.ID && slices.Equal(f.Body.Codings, begun.Codings) {
			return f.Body, nil
		}
	}
	if !c.alike() {
		return nil, ErrDiffer
	}
	return begun, nil
}

// Agree signs a consensus. found is what the coders talked into, with who wrote as in their codings where it does not say; nil takes Proposal. settled says whether two have signed the
// same now. The act in public waits for the next Tend, anybody's: at once it would tell the server which message it is about. Errors: ErrNotDeclared, those of Proposal, *coding.Error, *Problem.
func (b *Bench) Agree(ctx context.Context, c *Case, found *coding.Found) (settled bool, err error) {
	if !b.declared(c) {
		return false, ErrNotDeclared
	}
	var body *coding.Consensus
	if found == nil {
		if body, err = b.Proposal(c); err != nil {
			return false, err
		}
	} else {
		if len(c.Codings) < 2 {
			return false, ErrTwoCodings
		}
		body = coding.Proposal(plainOf(c.Codings))
		role := body.Role
		body.Found = *found
		body.Role = cmp.Or(found.Role, role)
	}
	if _, err := b.send(ctx, c, body); err != nil {
		return false, err
	}
	if agreed, _ := c.Settled(); agreed == nil {
		return false, nil
	}
	return true, b.count(ctx, c, &Tended{})
}

// Check answers whether somebody could guess who wrote, about the very words that may go out. changed says what was changed. Words that
// the writer wished to see first, and was not shown, are not let through. Errors: ErrNotDeclared, *ForbiddenError, *Problem.
func (b *Bench) Check(ctx context.Context, c *Case, form, words string, guess bool, changed string) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	words = coding.Lines(words)
	if !guess && c.unseen(form, words) {
		return &ForbiddenError{[]string{coding.NotShown}}
	}
	_, err := b.send(ctx, c, &coding.Check{Form: form, Words: words, Guess: guess, Changed: changed})
	return err
}

// ForbiddenError says why a message may not be shared in a form.
type ForbiddenError struct{ Why []string }

func (e *ForbiddenError) Error() string {
	var why []string
	for _, code := range e.Why {
		why = append(why, reasons[code])
	}
	return "it may not go out like this: " + strings.Join(why, "; ")
}

var reasons = map[string]string{
	coding.NotAllowed:  "its writer does not allow so much",
	coding.AskFirst:    "its writer wants to see it first",
	coding.OnHold:      "its writer said to wait",
	coding.NoQuotes:    "its writer's own words are not to be shown",
	coding.WorkerReads: "their worker must not be told, and could read it",
	coding.NotAgreed:   "no two coders agree",
	coding.NotShown:    "its writer wished to see it first, and was not shown these very words, or has not come back since: answerable review show-first",
	coding.NotChecked:  "nobody who did not code it has checked the words",
	coding.CouldGuess:  "somebody could guess who wrote",
	coding.Objected:    "a member objects, and only a new decision on a later day goes past that",
	coding.StillTime:   "two whole days have not passed in which members may object",
	coding.NotRead:     "something that was delivered does not open, and may take this back",
	coding.NotKnown:    "its writer's answer is not one we know",
}

// Share decides to share a message in the form and the words of the newest check. Errors: ErrNotDeclared, ErrNoSay, ErrNoCheck, *ForbiddenError,
// *Problem.
func (b *Bench) Share(ctx context.Context, c *Case) (form string, err error) {
	if err := b.mayDecide(c); err != nil {
		return "", err
	}
	check := c.check()
	if check == nil {
		return "", ErrNoCheck
	}
	form = check.Body.Form
	if err := b.mayShare(c, form); err != nil {
		return form, err
	}
	_, hashes := c.Settled()
	_, err = b.send(ctx, c, &coding.Sharing{
		Decision: coding.Share, Form: form, Words: check.Body.Words, Wishes: c.Wishes(), Consensus: hashes, Check: check.Hash, Shown: c.yesTo(check.Body),
	})
	return form, err
}

// mayShare says why a message may not be shared in a form now. Errors: *ForbiddenError.
func (b *Bench) mayShare(c *Case, form string) error {
	if why := b.verdict(c, form).Why; len(why) > 0 {
		return &ForbiddenError{why}
	}
	// A decision of the day of an objection does not go past it: days are all there is to go by.
	if slices.ContainsFunc(c.Sharings, func(f Dated[*coding.Sharing]) bool { return f.Body.Decision == coding.Object && f.Day >= b.Today }) {
		return &ForbiddenError{[]string{coding.Objected}}
	}
	return nil
}

func (b *Bench) verdict(c *Case, form string) coding.Verdict {
	verdicts := b.Verdicts(c)
	return verdicts[slices.IndexFunc(verdicts, func(v coding.Verdict) bool { return v.Form == form })]
}

func (b *Bench) mayDecide(c *Case) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	if !c.mine(b.ID) {
		return ErrNoSay
	}
	return nil
}

// Keep decides that a message stays with the panel, and says why.
func (b *Bench) Keep(ctx context.Context, c *Case, why string) error {
	if err := b.mayDecide(c); err != nil {
		return err
	}
	_, err := b.send(ctx, c, &coding.Sharing{Decision: coding.Keep, Words: why, Wishes: c.Wishes(), Consensus: []string{}})
	return err
}

// Object stops the decision that stands, and says why. Every member may stop what is to be shared who has not stepped back. What was
// kept is taken up again so, by who has a part in it, and only where its writer has changed what they allow. Errors: ErrNotDeclared,
// ErrUndecided, ErrNoSay, ErrKept.
func (b *Bench) Object(ctx context.Context, c *Case, why string) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	decision := c.standing()
	switch {
	case decision == nil:
		return ErrUndecided
	case decision.Body.Decision == coding.Share:
	case !c.mine(b.ID):
		return ErrNoSay
	case reflect.DeepEqual(decision.Body.Wishes, c.Wishes()):
		return ErrKept
	}
	_, err := b.send(ctx, c, &coding.Sharing{Decision: coding.Object, Words: why, Wishes: c.Wishes(), Consensus: []string{}, Of: decision.Hash})
	return err
}

// Release puts what was decided into the clear: the finding, in its words. Errors: ErrNotDeclared, ErrNoSay, ErrUndecided, *ForbiddenError, *Problem.
func (b *Bench) Release(ctx context.Context, c *Case) (id string, err error) {
	if err := b.mayDecide(c); err != nil {
		return "", err
	}
	decision := c.standing()
	agreed, hashes := c.Settled()
	if decision == nil || decision.Body.Decision != coding.Share || agreed == nil || !c.holds(decision, hashes) {
		return "", ErrUndecided
	}
	if c.unseen(decision.Body.Form, decision.Body.Words) {
		return "", &ForbiddenError{[]string{coding.NotShown}}
	}
	if v := b.verdict(c, decision.Body.Form); len(v.Why)+len(v.Wait) > 0 {
		return "", &ForbiddenError{slices.Concat(v.Why, v.Wait)}
	}
	sharing, err := base64.RawURLEncoding.DecodeString(decision.Hash)
	if err != nil {
		return "", fmt.Errorf("read hash: %w", err)
	}
	f := &review.Finding{LeafHash: c.Leaf[:], Form: decision.Body.Form, Words: decision.Body.Words, Themes: agreed.Yes, Sharing: sharing}
	in := struct {
		Leaf      []byte   `json:"leaf"`
		Form      string   `json:"form"`
		Words     string   `json:"words"`
		Themes    []string `json:"themes"`
		Sharing   []byte   `json:"sharing"`
		Signature []byte   `json:"signature"`
	}{f.LeafHash, f.Form, f.Words, f.Themes, f.Sharing, f.Sign(b.key, b.clinicID)}
	var out struct {
		ID string `json:"id"`
	}
	if err := b.post(ctx, b.path("findings"), in, &out); err != nil {
		return "", err
	}
	c.Finding = true
	return out.ID, nil
}

// Close owns up in public that the panel has done what it can about a message. Who has a part in it may.
func (b *Bench) Close(ctx context.Context, c *Case) error {
	if err := b.mayDecide(c); err != nil {
		return err
	}
	return b.act(ctx, c.actions, transparency.ActClosed, 0)
}

// Told is a message with all that came later from its writer, for who has declared.
type Told struct {
	LeafHash string        `json:"leaf_hash"`
	Kind     string        `json:"kind"`
	Day      string        `json:"day"`
	Answers  []seal.Answer `json:"answers,omitzero"`
	Consent  *seal.Consent `json:"consent,omitzero"`
	Note     string        `json:"note,omitzero"` // TiedByWish where it is that
}

// TiedByWish stands beside what somebody says about themselves where they wished it tied to what they told.
const TiedByWish = "About the person, tied by their wish."

// Story gives a message and what came later. Errors: ErrNotDeclared.
func (b *Bench) Story(c *Case) ([]Told, error) {
	if !b.declared(c) {
		return nil, ErrNotDeclared
	}
	var out []Told
	for _, one := range append([]*Case{c}, c.later...) {
		told := Told{hex.EncodeToString(one.Leaf[:]), one.Card.Of, one.Day, one.message.Answers, one.message.Consent, ""}
		if one.Card.Of == seal.KindAboutYou && one.first != nil {
			told.Note = TiedByWish
		}
		out = append(out, told)
	}
	return out, nil
}
