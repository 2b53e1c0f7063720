package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"answerable/internal/client"
	"answerable/internal/promise"
)

type reviewPromisesCmd struct {
	memberConfig
	From string `type:"path" placeholder:"DIR" help:"Folder that review pull made, or a new one: findings are held against the decisions behind them. Everything is fetched into it."`
}

// Run lists everything, what waits for the panel first.
func (c *reviewPromisesCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	ledger, err := r.Promises(ctx, c.Clinic)
	if err != nil {
		return err
	}
	held, err := c.held(ctx, t, r, ledger)
	if err != nil {
		return err
	}
	return t.show(struct {
		*client.PromiseLedger
		Held map[string]client.Holding `json:"held,omitempty"` // by the finding's id; findings that the clinic has among them
	}{ledger, held}, "%s%s", holdingsText(held), promisesText(ledger))
}

// held says of each finding whether it holds; nothing where no folder is named.
func (c *reviewPromisesCmd) held(ctx context.Context, t *terminal, r *client.Reviewer, ledger *client.PromiseLedger) (map[string]client.Holding, error) {
	if c.From == "" {
		if len(ledger.Findings) > 0 {
			t.note("nothing here is held against what your panel decided. Name a folder for that: --from DIR")
		}
		return nil, nil
	}
	b, err := online(ctx, t, r, c.Clinic, c.From)
	if err != nil {
		return nil, err
	}
	findings, err := b.Findings(ctx)
	held := map[string]client.Holding{}
	for _, f := range findings {
		held[f.ID] = f.Holding
	}
	return held, err
}

// holdingsText names the findings that do not hold.
func holdingsText(held map[string]client.Holding) string {
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(held)) {
		if h := held[id]; h != client.Holds {
			fmt.Fprintf(&b, "finding %s  DOES NOT HOLD: %s\n", id, client.HoldingSaid[h])
		}
	}
	return b.String()
}

func promisesText(l *client.PromiseLedger) string {
	var b strings.Builder
	for _, f := range l.Findings {
		fmt.Fprintf(&b, "finding %s  not handed over  %s  by %s on %s\n  %s%s%s\n", f.ID, f.Form, f.By, f.Day, oneLine(f.Words), oneLine(strings.Join(f.Themes, ", ")),
			when(len(f.MustNot) > 0, "\n  must not happen: "+oneLine(strings.Join(f.MustNot, ", "))))
	}
	for _, h := range l.Handovers {
		finding := ""
		if h.Finding != nil && !h.TakenBack {
			finding = "  finding " + *h.Finding
		}
		fmt.Fprintf(&b, "hand-over %s  of %s  to be answered by %s%s%s\n", h.ID, h.HandedOn, h.AnswerBy, when(h.TakenBack, "  taken back"), finding)
		for _, a := range h.Responses {
			fmt.Fprintf(&b, "  answer %s  %s%s  %s\n    %s\n", a.ID, a.Day, when(!a.Shown, "  not for everybody yet"), oneLine(a.Role), oneLine(a.Words))
		}
	}
	for _, p := range l.Promises {
		fmt.Fprintf(&b, "promise %s  %s  due %s%s\n  %s\n", p.ID, p.State, p.Due, when(p.ToJudge, fmt.Sprintf("  to judge: %d have spoken", p.Members)), oneLine(p.What))
		for _, doubt := range p.Doubts {
			fmt.Fprintf(&b, "  DOES NOT HOLD: %s\n", oneLine(doubt))
		}
	}
	for _, s := range l.Liaisons {
		fmt.Fprintf(&b, "speaks for the clinic: %s (%s)\n", oneLine(s.Role), s.State)
	}
	return b.String()
}

func when(holds bool, text string) string {
	if !holds {
		return ""
	}
	return text
}

// oneLine shows a text of others in one line: it may hold anything, line breaks and terminal commands included.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}

type reviewHandOverCmd struct {
	memberConfig
	From    string `required:"" type:"path" placeholder:"DIR" help:"Folder that review pull made, or a new one. Everything is fetched into it, and the finding is held against the decision behind it."`
	Finding string `arg:"" placeholder:"ID" help:"The finding, as review promises lists it."`
}

// Run hands a finding over that is what the panel decided.
func (c *reviewHandOverCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	b, err := online(ctx, t, r, c.Clinic, c.From)
	if err != nil {
		return err
	}
	id, err := b.HandOver(ctx, c.Finding)
	if bad := (*client.FindingError)(nil); errors.As(err, &bad) && bad.Holding != client.Shut {
		return withHint(err, "Take it back, and tell your colleagues, by a way that is not this server: answerable review retract")
	}
	if err != nil {
		return err
	}
	return t.show(map[string]string{"handover": id}, "The clinic reads it now. Its days to answer run. Hand-over: %s\n", id)
}

type reviewRetractCmd struct {
	memberConfig
	Finding string `arg:"" placeholder:"ID" help:"The finding, as review promises lists it."`
	Yes     bool   `help:"Do not ask: take it back."`
}

const retractQuestion = "What it says is gone at once, from the clinic's page too. Who has read it has read it. The same decision does not bring it back: it takes a new one. Take it back?"

// Run takes a finding back.
func (c *reviewRetractCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if !c.Yes {
		if sure, err := t.confirm(retractQuestion); err != nil || !sure {
			return cmp.Or(err, errNotTakenBack)
		}
	}
	if err := r.TakeBack(ctx, c.Clinic, c.Finding); err != nil {
		return err
	}
	return t.show(map[string]bool{"taken_back": true}, "Taken back. What it said is gone.\n")
}

var errNotTakenBack = errors.New("it was not taken back")

type reviewShowAnswerCmd struct {
	memberConfig
	Answer string `arg:"" placeholder:"ID" help:"The answer, as review promises lists it."`
	Hide   bool   `help:"Take it off again."`
}

// Run shows or hides an answer.
func (c *reviewShowAnswerCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if err := r.ShowAnswer(ctx, c.Clinic, c.Answer, !c.Hide); err != nil {
		return err
	}
	said := "Everybody can read it now."
	if c.Hide {
		said = "Only the clinic and the panel read it now."
	}
	return t.show(map[string]bool{"shown": !c.Hide}, "%s\n", said)
}

// promiseConfig names one promise.
type promiseConfig struct {
	memberConfig
	Promise string `arg:"" placeholder:"ID" help:"The promise, as review promises lists it."`
}

func (c *promiseConfig) find(ctx context.Context, t *terminal) (r *client.Reviewer, day string, p *client.Pledge, err error) {
	r, err = c.signedIn(ctx, t)
	if err != nil {
		return nil, "", nil, err
	}
	ledger, err := r.Promises(ctx, c.Clinic)
	if err != nil {
		return nil, "", nil, err
	}
	i := slices.IndexFunc(ledger.Promises, func(p client.Pledge) bool { return p.ID == c.Promise })
	if i < 0 {
		return nil, "", nil, withHint(errors.New("no promise of this name is here"), "See them: answerable review promises")
	}
	return r, ledger.Day, &ledger.Promises[i], nil
}

type reviewAskCmd struct{ promiseConfig }

// Run prints a text for a writer's mailbox. It is sent to nobody.
func (c *reviewAskCmd) Run(ctx context.Context, t *terminal) error {
	_, _, p, err := c.find(ctx, t)
	if err != nil {
		return err
	}
	text := askingText(p)
	return t.show(map[string]string{"text": text}, "%s", text)
}

// askingText is what a panel can write to somebody it asks. The panel's page has the same.
func askingText(p *client.Pledge) string {
	return fmt.Sprintf(`The clinic promised this:

%s

It was to be done by %s. How one can see it: %s

Is it kept, kept in part, or not kept? You do not have to answer, and there is no last day. If you want to, write it here in your mailbox, with what you saw. Only the panel reads it. Nobody is told that we asked you, or how many answered.
`, oneLine(p.What), p.Due, oneLine(p.How))
}

type reviewJudgeCmd struct {
	promiseConfig
	Verdict string `required:"" enum:"kept,partly,not-kept" help:"kept, partly or not-kept."`
}

// Run signs a word on a promise, after showing what it is about.
func (c *reviewJudgeCmd) Run(ctx context.Context, t *terminal) error {
	r, day, p, err := c.find(ctx, t)
	if err != nil {
		return err
	}
	if !p.ToJudge {
		return withHint(errors.New("it is not time to judge this promise"), "A promise is judged once the clinic says it is done, once its day has passed, or when the day to ask again has come.")
	}
	t.note("you sign about: %s (due %s, by %s)", oneLine(p.What), p.Due, oneLine(p.Who))
	decided, err := r.Judge(ctx, c.Clinic, day, p, strings.ReplaceAll(c.Verdict, "-", "_"))
	if err != nil {
		return err
	}
	said := "You have signed. It counts when another member says the same."
	if decided {
		said = "You have signed, and so has another. It stands, for everybody to see."
	}
	return t.show(struct {
		Promise string `json:"promise"`
		Decided bool   `json:"decided"`
	}{p.ID, decided}, "%s\n", said)
}

type reviewRepeatCmd struct {
	promiseConfig
	Handover string `required:"" placeholder:"ID" help:"The hand-over that tells of it again, as review promises lists it."`
}

// Run ties a finding to a promise.
func (c *reviewRepeatCmd) Run(ctx context.Context, t *terminal) error {
	r, _, p, err := c.find(ctx, t)
	if err != nil {
		return err
	}
	if err := r.Repeat(ctx, c.Clinic, p.ID, c.Handover); err != nil {
		return err
	}
	kept := p.State == promise.Kept
	return t.show(map[string]bool{"after_kept": kept}, "Tied. %s\n", when(kept, "The promise was judged kept, so it counts as happening again."))
}
