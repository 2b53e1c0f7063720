package main

import (
	"context"
	"errors"

	"answerable/internal/client"
	"answerable/internal/coding"
)

type reviewShowFirstCmd struct {
	caseConfig
	Form   string `enum:",theme,paraphrase,quote,public" default:"" help:"How it would go out: theme, paraphrase, quote or public."`
	Lead   string `type:"path" placeholder:"FILE" help:"A file with what you say to the writer before what would go out, in their language. Without it they read in English what this is and how they say yes."`
	Unsent bool   `xor:"what" help:"What you showed the writer last did not go to them after all: it counts as shown no more."`
	Aside  bool   `name:"set-aside" xor:"what" help:"Somebody who may take part no more noted that the writer was asked, and not of which words. You read all that the writer sent, and they do not say so: you sign that the note does not bind. It counts once two of you have signed it. Your own note of that kind it takes back at once."`
	Though bool   `name:"though-not-to-be-contacted" help:"The writer said not to be contacted, and saying nothing would hurt them more: do not ask."`
	Now    bool   `help:"Do not wait for the next full hour. Whoever watches the server then sees when this answer was written, and may guess to what."`
}

// leads say to a writer what they are shown, where their reviewer says nothing of their own. Twin of LEADS in ui/src/panel/showfirst.ts.
var leads = map[string]string{
	coding.FormTheme:      "You wanted to see first what goes out. The clinic would only learn what it was about, in nobody's words:",
	coding.FormParaphrase: "You wanted to see first what goes out. The clinic would read this, in words of the panel, and nothing else:",
	coding.FormQuote:      "You wanted to see first what goes out. The clinic would read this, in words of yours, and nothing else:",
	coding.FormPublic:     "You wanted to see first what goes out. Everybody would be able to read these words of yours, and nothing else:",
}

const howToSayYes = "Nothing goes out before you say yes. To say yes, choose again in your mailbox what may be done with it, and leave “Show me first” out. If something should be different, write it to us there. If you do nothing, nothing goes out."

// Run shows the words to the writer.
func (c *reviewShowFirstCmd) Run(ctx context.Context, t *terminal) error {
	if c.Form != "" && (c.Unsent || c.Aside) { // a flag with a default counts as given, so the parser cannot tell
		return usage("--form shows something to the writer, and --unsent and --set-aside do not", "Give one of the three.")
	}
	if c.Unsent {
		return c.unsent(ctx, t)
	}
	if c.Aside {
		return c.setAside(ctx, t)
	}
	if c.Form == "" {
		return usage("no form is named", "Say how it would go out: --form theme, paraphrase, quote or public.")
	}
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := b.MayShow(one, c.Form); err != nil { // before anything is typed, which would be lost
		return replyError(err)
	}
	if err := asksContact(t, b, one, c.Though); err != nil {
		return err
	}
	if err := notePlan(t, b, one, c.Form); err != nil {
		return err
	}
	lead, err := c.lead()
	if err != nil {
		return err
	}
	words := ""
	if c.Form != coding.FormTheme {
		if words, err = t.readWork("write the words as they may go out"); err != nil {
			return err
		}
	}
	post := func(ctx context.Context, reply *client.SealedReply) error {
		if err := postAnswer(ctx, t, b.Reviewer, &c.deskConfig, c.From, reply, c.Now); err != nil {
			return withHint(err, "The writer was not shown the words, and nothing of it is noted. Show them again.")
		}
		return nil
	}
	err = b.ShowFirst(ctx, one, c.Form, words, lead, post)
	var unnoted *client.UnnotedError
	if errors.As(err, &unnoted) {
		if unnoted.Lost != nil {
			return withHint(err, "Tell your colleagues, and show the words again when it works.")
		}
		return withHint(err, "The note waits in the folder. Send it with: answerable review push --from "+c.From)
	}
	if err != nil {
		return replyError(err)
	}
	if c.Offline {
		return c.done(t, b, one, "")
	}
	return c.done(t, b, one, "The writer can read it, if they come back. Nothing else goes out. The clocks stand still until more comes from them.")
}

// lead is what is said before the words.
func (c *reviewShowFirstCmd) lead() (string, error) {
	if c.Lead == "" {
		return howToSayYes + "\n\n" + leads[c.Form], nil
	}
	return readTextFile(c.Lead, "Write what you say to the writer into a file, and name it with --lead.")
}

// unsent takes back that the writer was shown something.
func (c *reviewShowFirstCmd) unsent(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	if err := b.NotSent(ctx, one); err != nil {
		return err
	}
	return c.done(t, b, one, "Written down. What you showed last counts as shown no more.")
}

// setAside signs that a bare note that the writer was asked does not bind.
func (c *reviewShowFirstCmd) setAside(ctx context.Context, t *terminal) error {
	b, one, err := c.at(ctx, t)
	if err != nil {
		return err
	}
	done, err := b.SetAside(ctx, one)
	if err != nil {
		return err
	}
	return c.done(t, b, one, either(done, "Written down. No such note binds any more.", "Written down. It counts once another of you signs the same."))
}
