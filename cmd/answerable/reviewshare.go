package main

import (
	"context"
	"slices"
	"strings"

	"answerable/internal/client"
	"answerable/internal/coding"
)

type reviewCheckCmd struct {
	caseConfig
	Form    string `required:"" enum:"theme,paraphrase,quote,public" help:"How it may go out: theme, paraphrase, quote or public."`
	Guess   bool   `help:"Somebody could guess who wrote."`
	Changed string `type:"path" placeholder:"FILE" help:"A file that says what you changed or want changed, for the others. It is no flag's words, which a machine keeps and shows."`
}

// Run sends a check of the words on standard input; a theme has none.
func (c *reviewCheckCmd) Run(ctx context.Context, t *terminal) error {
	changed, err := c.changed()
	if err != nil {
		return err
	}
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := b.MayCheck(one); err != nil { // before anything is typed, which would be lost
		return err
	}
	if err := notePlan(t, b, one, c.Form); err != nil {
		return err
	}
	words := ""
	if c.Form != coding.FormTheme {
		if words, err = t.readWork("write the words as they may go out"); err != nil {
			return err
		}
	}
	if err := noteGuess(t, b, one, words); err != nil {
		return err
	}
	if err := b.Check(ctx, one, c.Form, words, c.Guess, changed); err != nil {
		return err
	}
	return c.done(t, b, one, "Your check is there. It can be decided now: answerable review share")
}

// changed reads what was changed. It names what was cut out of somebody's words, so it stands in no shell's history.
func (c *reviewCheckCmd) changed() (string, error) {
	if c.Changed == "" {
		return "", nil
	}
	text, err := readTextFile(c.Changed, "Write what you changed into a file, and name it with --changed.")
	return strings.TrimRight(text, "\r\n"), err
}

// smallCrowd is below how many messages it is said that they are few: SMALL in ui/src/panel/guessview.ts.
const smallCrowd = 10

// noteGuess helps with the question whether somebody could guess who wrote, as the panel's page does: the writer's own words in
// what goes out, and how large the crowd is that the message stands in.
func noteGuess(t *terminal, b *client.Bench, one *client.Case, words string) error {
	quotes, err := b.Quotes(one, words)
	if err != nil {
		return err
	}
	for _, quote := range quotes {
		t.note("these are the writer's own words: %s", strings.ReplaceAll(quote, "\n", " "))
	}
	crowd := b.Crowd(one)
	noteCrowd(t, crowd.K, crowd.Role, "")
	if rare := crowd.Rare; rare != nil {
		noteCrowd(t, rare.K, rare.Role, rare.Theme)
	}
	return nil
}

func noteCrowd(t *terminal, k int, role, theme string) {
	named := when(role != "", ", that name the role "+role)
	about := when(theme != "", ", about "+strings.Join(coding.ThemesSaid([]string{theme}), ""))
	few := when(k < smallCrowd, ". Few: it may be easy to guess")
	t.note("messages here, this one among them, of the same service and month%s%s: %d%s", named, about, k, few)
}

// notePlan says what goes out in a form besides the words, what the writer wants left out of them, and what they said must not
// happen that is only the panel's to keep to. Errors: client.ErrNotDeclared, before anything is said.
func notePlan(t *terminal, b *client.Bench, one *client.Case, form string) error {
	out, wishes, err := b.Plan(one, form)
	if err != nil {
		return err
	}
	if form == coding.FormTheme {
		t.note("the clinic would learn these themes, and nothing else: %s", strings.Join(coding.ThemesSaid(out.Themes), "; "))
	}
	if len(out.MustNot) > 0 {
		t.note("beside the words the clinic would read, and nobody else would, what must not happen: %s", strings.Join(out.MustNot, ", "))
	}
	if len(wishes.Hide) > 0 && form != coding.FormTheme {
		t.note("the writer wants this left out of the words. Look for it: %s", strings.Join(wishes.Hide, ", "))
	}
	kept := slices.DeleteFunc(wishes.MustNot, func(code string) bool { return slices.Contains(out.MustNot, code) })
	if len(kept) > 0 {
		t.note("the writer also said this must not happen. The clinic is not told: it is for you to keep to: %s", strings.Join(kept, ", "))
	}
	return nil
}

type reviewShareCmd struct {
	caseConfig
	lookConfig
	Keep bool `help:"It stays with the panel: say why on standard input."`
}

// Run decides.
func (c *reviewShareCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if c.Keep {
		return c.keep(ctx, t, b, one)
	}
	checked, err := b.ToShare(one)
	if err != nil {
		return err
	}
	if err := notePlan(t, b, one, checked.Body.Form); err != nil {
		return err
	}
	noteOut(t, &checked.Body.Outgoing)
	if checked.Body.Changed != "" {
		noteWords(t, "what was changed in the words, or is wished to be", checked.Body.Changed)
	}
	if err := c.looked(t, checked.Hash, "Do you share it so, unless somebody objects?"); err != nil {
		return err
	}
	form, err := b.Share(ctx, one)
	if err != nil {
		return err
	}
	return c.done(t, b, one, "Decided, as a "+form+". Every member may object for two whole days; then: answerable review release")
}

// keep asks why, and decides that it stays with the panel.
func (c *reviewShareCmd) keep(ctx context.Context, t *terminal, b *client.Bench, one *client.Case) error {
	if err := b.MayKeep(one); err != nil { // before anything is typed, which would be lost
		return err
	}
	why, err := t.readWork("write why it stays with you")
	if err != nil {
		return err
	}
	if err := b.Keep(ctx, one, why); err != nil {
		return err
	}
	const sentence = "It stays with the panel. If its writer allows something else later, " +
		"take it up again with: answerable review object"
	return c.done(t, b, one, sentence)
}

type reviewObjectCmd struct{ caseConfig }

// Run objects.
func (c *reviewObjectCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := b.MayObject(one); err != nil { // before anything is typed, which would be lost
		return err
	}
	why, err := t.readWork("write why it should not go out like this")
	if err != nil {
		return err
	}
	if err := b.Object(ctx, one, why); err != nil {
		return err
	}
	return c.done(t, b, one, "Nothing goes out without a new decision, on a later day.")
}

type reviewReleaseCmd struct {
	caseConfig
	lookConfig
}

// Run shows a finding, and puts it into the clear after a question.
func (c *reviewReleaseCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	decision, out, err := b.ToRelease(one)
	if err != nil {
		return err
	}
	noteOut(t, &out)
	if err := c.looked(t, decision.Hash, "Do you put it into the clear?"); err != nil {
		return err
	}
	if b, one, err = c.still(ctx, t, b, one, decision.Hash, out); err != nil {
		return err
	}
	id, err := b.Release(ctx, one)
	if err != nil {
		return err
	}
	return t.show(map[string]string{"finding": id}, "Finding %s is in the clear. To give it to the clinic, hand it over on the panel's page, under Promises.\n", id)
}

// still fetches anew after a question, which can stand for hours: what goes into the clear is what was shown, and may go still.
func (c *reviewReleaseCmd) still(
	ctx context.Context, t *terminal, b *client.Bench, one *client.Case, hash string, shown coding.Outgoing,
) (*client.Bench, *client.Case, error) {
	if c.Yes || c.Offline { // nobody was asked, or nothing new comes
		return b, one, nil
	}
	b, err := online(ctx, t, b.Reviewer, c.Clinic, c.From)
	if err != nil {
		return nil, nil, err
	}
	if one, err = b.Case(c.Leaf); err != nil {
		return nil, nil, err
	}
	decision, out, err := b.ToRelease(one)
	if err == nil && (decision.Hash != hash || !out.Same(shown)) {
		err = changedSince(decision.Hash)
	}
	return b, one, err
}

type reviewCloseCmd struct{ caseConfig }

// Run closes a message in public.
func (c *reviewCloseCmd) Run(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := b.Close(ctx, one); err != nil {
		return err
	}
	return c.done(t, b, one, "Closed. The log says so under a tag that only you and its writer can tell.")
}
