package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"answerable/internal/client"
)

type epochOpenCmd struct {
	memberConfig
	Epoch string `required:"" placeholder:"ID" help:"Which epoch."`
	Out   string `required:"" type:"path" placeholder:"DIR" help:"The folder of review pull; the request waits there."`
}

// Run asks the panel to open an epoch.
func (c *epochOpenCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	asked, err := r.Ask(ctx, c.Clinic, c.Epoch, c.Out)
	switch {
	case errors.Is(err, client.ErrAlone):
		return withHint(err, "Fetch it: answerable review pull --out "+c.Out)
	case errors.Is(err, client.ErrOpenHere):
		return withHint(err, "Read it: answerable review open --identity FILE "+c.Out)
	case err != nil:
		return err
	}
	return t.show(asked, `You asked to open epoch %s. Your request stands in the log, and everybody on the panel sees it for %d days.

It takes %d of %d parts. Still needed from colleagues: %d. They run: answerable epoch answer
Tell them why you ask, by a way you trust. Then run: answerable epoch collect --out %s
`, asked.Epoch, asked.Days, asked.K, asked.N, asked.OthersDue, c.Out)
}

type epochAnswerCmd struct {
	memberConfig
	Request []string `placeholder:"ID" help:"Give your part for this request; may be given more than once. Without it they are listed."`
}

// Run lists who asks, or gives this reviewer's part for what they confirm.
func (c *epochAnswerCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	requests, err := r.Requests(ctx, c.Clinic)
	if err != nil {
		return err
	}
	if len(c.Request) == 0 {
		return listRequests(t, requests)
	}
	given := []client.Request{}
	for _, id := range c.Request {
		i := slices.IndexFunc(requests, func(q client.Request) bool { return q.ID == id })
		if i < 0 {
			return withHint(fmt.Errorf("nobody asks under the name %s", id), "See who asks: answerable epoch answer")
		}
		if err := r.Answer(ctx, c.Clinic, &requests[i]); err != nil {
			return err
		}
		requests[i].Given = true
		given = append(given, requests[i])
		t.note("%s was given your part of epoch %s", requests[i].Asker, requests[i].Epoch)
	}
	return t.show(given, "Your part was sealed to who asked; nobody else can open it. It cannot be taken back.\n")
}

func listRequests(t *terminal, requests []client.Request) error {
	var lines strings.Builder
	for i := range requests {
		lines.WriteString(requestInWords(&requests[i]))
	}
	if len(requests) == 0 {
		lines.WriteString("Nobody asks to open an epoch.\n")
	}
	return t.show(requests, "%s", lines.String())
}

// requestInWords says what somebody gives who answers, worked out from the signed lines.
func requestInWords(q *client.Request) string {
	if q.Refused != "" {
		return fmt.Sprintf("%s  do not answer: %s\n", q.ID, q.Refused)
	}
	head := fmt.Sprintf("%s  %s: %s asks to open epoch %s. With %d of %d parts they read all that was told in it, and what comes until %s.\n",
		q.ID, q.Day, q.Asker, q.Epoch, q.K, q.N, q.LastDay)
	switch {
	case q.Mine:
		return head + fmt.Sprintf("  It is your request. %d have answered.\n", len(q.Answered))
	case q.Given:
		return head + "  You have given your part.\n"
	}
	return head + fmt.Sprintf("  Ask them by a way you trust whether it is them, and why. Then: answerable epoch answer --request %s\n", q.ID)
}

type epochCollectCmd struct {
	memberConfig
	Out string `required:"" type:"path" placeholder:"DIR" help:"The folder given to epoch open."`
}

// Run gathers what colleagues answered, and opens what can be opened.
func (c *epochCollectCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	all, err := r.Collect(ctx, c.Clinic, c.Out)
	if errors.Is(err, client.ErrNothingAsked) {
		return withHint(err, "Ask first: answerable epoch open --epoch ID --out "+c.Out)
	}
	var lines strings.Builder
	spoilt := false
	for _, one := range all {
		for _, problem := range one.Problems {
			t.note("warning: epoch %s: %s", one.Epoch, problem)
		}
		spoilt = spoilt || !one.Open && len(one.Problems) > 0
		if one.Open {
			fmt.Fprintf(&lines, "Epoch %s is open, with the parts of %s. Its key lies in %s, sealed to you.\nRead it with: answerable review open --identity %s %s\n",
				one.Epoch, strings.Join(one.From, ", "), c.Out, c.Identity, c.Out)
			continue
		}
		fmt.Fprintf(&lines, "Epoch %s: %d of %d parts are here. Run this again when more colleagues have answered.\n", one.Epoch, len(one.From), one.Need)
	}
	if shown := t.show(all, "%s", lines.String()); err == nil {
		err = shown
	}
	if err == nil && spoilt {
		return withHint(errors.New("not every part was good, and without them it is not enough"), "Ask the colleagues named above, over another channel, to answer again.")
	}
	return err
}

type epochKitCmd struct {
	memberConfig
	Epoch string `required:"" placeholder:"ID" help:"Which epoch; it must be open in the folder given with --opened."`

	Opened string `required:"" type:"path" placeholder:"DIR" help:"The folder of review pull in which the epoch is open."`
	Out    string `required:"" type:"path" placeholder:"DIR" help:"Where the kit goes, in a folder of its own."`
}

// Run makes the kit of an epoch that this reviewer has opened.
func (c *epochKitCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	kit, err := r.KitOf(ctx, c.Clinic, c.Epoch, c.Opened)
	if errors.Is(err, client.ErrNothingPulled) {
		return withHint(err, "Open it first: answerable epoch open --epoch "+c.Epoch+" --out "+c.Opened)
	}
	if err != nil {
		return err
	}
	path, err := kit.Write(c.Out)
	if err != nil {
		return err
	}
	result := struct {
		Epoch string `json:"epoch"`
		Kit   string `json:"kit"`
		Files int    `json:"files"`
	}{c.Epoch, path, len(kit.Files)}
	return t.show(result, "%s\n", kitNote(path))
}

func kitNote(path string) string {
	return fmt.Sprintf("The kit lies in %s. Two members open the epoch with it and the public age command; its README.txt says how. No copy of it goes away when the panel destroys the key: do that by hand.", path)
}
