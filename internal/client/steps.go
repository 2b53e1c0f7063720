package client

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"slices"

	"answerable/internal/clinic"
	"answerable/internal/coding"
	"answerable/internal/keyring"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

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

// Errors of who reads a message alone.
var (
	ErrReadsAlone = errors.New("you have not sent what you find, and two coders have not agreed yet: you may be the one who reads it alone")
	ErrAgreed     = errors.New("two coders have agreed already, so nobody reads it alone as the third any more")
	ErrHasSeen    = errors.New("you have been shown what others found in this message, so somebody else reads it alone as the third")
)

// MayCompare says whether a reviewer may see what others found in a message. Errors: ErrReadsAlone while they may still read it on their own.
func (b *Bench) MayCompare(c *Case) error {
	if c.readsAlone(b.ID) {
		return ErrReadsAlone
	}
	return nil
}

// Compare is MayCompare for who is shown it now: who has not coded it is no third of it afterwards. Errors: those of MayCompare,
// ErrOwn, ErrFolder, ErrRaced.
func (b *Bench) Compare(c *Case) error {
	if err := b.MayCompare(c); err != nil {
		return err
	}
	return b.hasSeen(c)
}

// hasSeen notes in the folder that this reviewer knows what others found in a message that they have not coded. Another folder,
// and the page, know nothing of it.
func (b *Bench) hasSeen(c *Case) error {
	if slices.Contains(c.codedBy(), b.ID) {
		return nil
	}
	leaf := hex.EncodeToString(c.Leaf[:])
	return b.own.change(func(o *own) error {
		if !slices.Contains(o.Compared, leaf) {
			o.Compared = append(o.Compared, leaf)
		}
		return nil
	})
}

// mayReadAlone says why this reviewer cannot be the third of a message any more. Who has seen what others found can, where
// nobody else is left and two coders cannot agree without them: it would lie there for ever. Twin of mayReadAlone in
// ui/src/panel/seats.ts. Errors: ErrAgreed, ErrHasSeen, ErrOwn, ErrFolder.
func (b *Bench) mayReadAlone(c *Case) error {
	if agreed, _ := c.Settled(); agreed != nil {
		return ErrAgreed // they could have seen what others found
	}
	o, err := b.own.read()
	if err != nil {
		return err
	}
	last := !c.canAgree() && !slices.ContainsFunc(c.mayCheck(), func(id string) bool { return id != b.ID })
	if slices.Contains(o.Compared, hex.EncodeToString(c.Leaf[:])) && !last {
		return ErrHasSeen
	}
	return nil
}

// Claim takes a part in a message. Errors: ErrNotDeclared, ErrBeside, ErrAgreed for a third of what is agreed and ErrHasSeen for
// one who knows what others found, *RestError where the panel's caps stop the reader, *Problem.
func (b *Bench) Claim(ctx context.Context, c *Case, role string) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	if c.beside() {
		return ErrBeside // nobody could code it, and it would take a place in the week
	}
	if role == review.RoleThird && !c.has(b.ID, role) {
		if err := b.mayReadAlone(c); err != nil {
			return err
		}
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
// Errors: ErrNotDeclared, ErrBeside, *coding.Error, *coding.AnswersError where it does not answer all of today's list and nothing
// else, *Problem.
func (b *Bench) Code(ctx context.Context, c *Case, found *coding.Found) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	if c.beside() {
		return ErrBeside
	}
	coded := *found
	if coded.Role == "" && c.message != nil {
		coded.Role = coding.RoleOf(c.message.Answers)
	}
	if err := b.answers(ctx, c, &coded); err != nil {
		return err
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

// answers holds what is to be signed about a message against today's list of codes. An agreement is of codings. Errors: those of
// coding.Found.Answers and of Decisions.
func (b *Bench) answers(ctx context.Context, c *Case, found *coding.Found, of ...*coding.Found) error {
	own, err := b.ownItems(ctx, found)
	if err != nil {
		return err
	}
	works := c.message != nil && coding.RoleOf(c.message.Answers) == coding.RoleWorker
	return found.Answers(works, own, of...)
}

// ownItems are all items that the panel ever decided on for its form, as codings write them. What is to be signed holds none mostly,
// and then nothing is asked for.
func (b *Bench) ownItems(ctx context.Context, found *coding.Found) (own []string, err error) {
	if len(found.Own) == 0 {
		return nil, nil
	}
	decisions, err := b.Decisions(ctx, b.clinic)
	if err != nil {
		return nil, err
	}
	for _, d := range decisions {
		what, err := d.Resolution()
		if err != nil || what.Kind != keyring.KindSettings || d.State != keyring.DecisionMade {
			continue
		}
		settings, err := clinic.ReadSettings(d.Body)
		if err != nil {
			continue
		}
		for _, item := range settings.Items {
			own = append(own, item.Theme+"."+item.Code)
		}
	}
	return own, nil
}

// MayWrite says why nobody here may write a note or a draft about a message, before anybody types it; nil where they may. Errors:
// ErrNotDeclared.
func (b *Bench) MayWrite(c *Case) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	return nil
}

// Note says something to the colleagues about a message. Errors: those of MayWrite, *Problem.
func (b *Bench) Note(ctx context.Context, c *Case, text string) error {
	if err := b.MayWrite(c); err != nil {
		return err
	}
	_, err := b.send(ctx, c, &coding.Note{Text: text})
	return err
}

// Errors of steps that come too early, each with what has to be first.
var (
	ErrTwoCodings = errors.New("two codings are not in yet, so there is nothing to compare")
	ErrDiffer     = errors.New("the codings differ, and nobody has proposed an agreement")
	ErrNobodys    = errors.New("the agreement says of a theme, or of how grave it is, what no coding says, and would never count")
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

// ToAgree is what Agree signs, to be shown before. Errors: those of Agree, before anything is sent.
func (b *Bench) ToAgree(ctx context.Context, c *Case, found *coding.Found) (body *coding.Consensus, err error) {
	if !b.declared(c) {
		return nil, ErrNotDeclared
	}
	if found == nil {
		if body, err = b.Proposal(c); err != nil {
			return nil, err
		}
	} else {
		if len(c.Codings) < 2 {
			return nil, ErrTwoCodings
		}
		body = coding.Proposal(plainOf(c.Codings))
		role := body.Role
		body.Found = *found
		body.Role = cmp.Or(found.Role, role)
	}
	of := make([]*coding.Found, 0, len(c.Codings))
	for _, f := range c.Codings {
		of = append(of, &f.Body.Found)
	}
	if err := b.answers(ctx, c, &body.Found, of...); err != nil {
		return nil, err
	}
	// Where an agreement stands, to sign what no coding says is to agree no more.
	if agreed, _ := c.Settled(); agreed == nil && !coding.Follows(body, plainOf(c.Codings)) {
		return nil, ErrNobodys
	}
	return body, nil
}

// Agree signs a consensus. found is what the coders talked into, with who wrote as in their codings where it does not say; nil takes Proposal. settled says whether two have signed the
// same now. The act in public waits for the next Tend, anybody's: at once it would tell the server which message it is about. Errors: ErrNotDeclared, ErrNobodys, those of Proposal, *coding.Error, *coding.AnswersError, *Problem.
func (b *Bench) Agree(ctx context.Context, c *Case, found *coding.Found) (settled bool, err error) {
	body, err := b.ToAgree(ctx, c, found)
	if err != nil {
		return false, err
	}
	if _, err := b.send(ctx, c, body); err != nil {
		return false, err
	}
	agreed, _ := c.Settled()
	if err := b.count(ctx, c, &Tended{}); err != nil { // where two agree no more, what they had agreed on is taken out
		return agreed != nil, err
	}
	return agreed != nil, b.Weigh(c)
}

// MayCheck says why nobody here may check what may go out of a message, before anybody types it; nil where they may. Errors:
// ErrNotDeclared, ErrBeside.
func (b *Bench) MayCheck(c *Case) error {
	if !b.declared(c) {
		return ErrNotDeclared
	}
	if c.beside() {
		return ErrBeside
	}
	return nil
}

// Check answers whether somebody could guess who wrote, about all that may go out: the words, or the themes that are agreed
// on, and what the writer said must not happen. changed says what was changed. What the writer wished to see first, and was
// not shown, is not let through, nor are their own words where they do not allow them. It says what the writer wished to be left
// out. Errors: those of MayCheck, *ForbiddenError, *RepeatsError, *Problem.
func (b *Bench) Check(ctx context.Context, c *Case, form, words string, guess bool, changed string) error {
	if err := b.MayCheck(c); err != nil {
		return err
	}
	out := c.outgoing(form, coding.Lines(words))
	if stretches := c.repeats(out); len(stretches) > 0 {
		return &RepeatsError{stretches}
	}
	if !guess && c.unseen(out) {
		return &ForbiddenError{[]string{coding.NotShown}}
	}
	wishes := c.wishes()
	if _, err := b.send(ctx, c, &coding.Check{Outgoing: out, Guess: guess, Changed: changed, Hide: wishes.LeftOut(form)}); err != nil {
		return err
	}
	return errors.Join(b.hasSeen(c), b.Weigh(c)) // the agreement was before them
}

// Told is a message with all that came later from its writer, for who has declared.
type Told struct {
	LeafHash string        `json:"leaf_hash"`
	Kind     string        `json:"kind"`
	Day      string        `json:"day"`
	Answers  []seal.Answer `json:"answers,omitzero"`
	Consent  *seal.Consent `json:"consent,omitzero"`
	Note     string        `json:"note,omitzero"` // TiedByWish, WithoutFirst or OnlyLess, where it is that
}

// TiedByWish stands beside what somebody says about themselves where they wished it tied to what they told.
const TiedByWish = "About the person, tied by their wish."

// WithoutFirst stands beside what came later from a writer whose first message is not here.
const WithoutFirst = "Their first message is not here, so nobody here knows all that they wish: " +
	"it is read and answered, and never shared or counted."

// OnlyLess stands beside what came later and says on its own what may be done with it.
const OnlyLess = "It is no change of wishes, so it allows nothing more. What it says that allows less holds."

func onSharing(a seal.Answer) bool {
	return slices.Contains([]string{"share_level", "hold_until", "ask_me_first", "hide"}, a.Q)
}

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
		switch {
		case one.Orphan():
			told.Note = WithoutFirst
		case one.Card.Of == seal.KindFollowup && slices.ContainsFunc(told.Answers, onSharing):
			told.Note = OnlyLess
		}
		out = append(out, told)
	}
	return out, nil
}
