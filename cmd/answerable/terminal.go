package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"filippo.io/age"
	"github.com/alecthomas/kong"
	"github.com/go-json-experiment/json"
	"golang.org/x/term"

	"answerable/internal/client"
	"answerable/internal/clinic"
	"answerable/internal/coding"
	"answerable/internal/seal"
)

// terminal is the three streams of a command. Results go to out, everything about them to err.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	json     bool

	// typed is what somebody wrote for a command that can still fail: a failure prints it, so that it is not lost.
	typed string

	// after runs when a command is done, whatever came of it: it ends the sign-in, and says what should not wait.
	after []func()
}

// done runs what a command left for its end.
func (t *terminal) done() {
	for _, f := range t.after {
		f()
	}
	t.after = nil
}

// emit prints a result for machines, one line.
func (t *terminal) emit(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	if _, err := t.out.Write(append(escapeUnseen(line), '\n')); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// escapeUnseen writes characters that command a terminal or turn text around as JSON escapes. Text that others wrote is
// shown on a reviewer's terminal; read as JSON it is the same to the byte.
func escapeUnseen(line []byte) []byte {
	out := make([]byte, 0, len(line))
	for _, r := range string(line) {
		if !unseen(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	return out
}

func unseen(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }

// plain drops what commands a terminal from text that a server sent.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unseen(r) && r != '\n' {
			return -1
		}
		return r
	}, text)
}

// show prints a result: v for machines, or else the text for people.
func (t *terminal) show(v any, format string, args ...any) error {
	if t.json {
		return t.emit(v)
	}
	if _, err := io.WriteString(t.out, plain(fmt.Sprintf(format, args...))); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// note tells a person something beside the result.
func (t *terminal) note(format string, args ...any) {
	fmt.Fprintf(t.err, "answerable: %s\n", plain(fmt.Sprintf(format, args...)))
}

// asks says whether somebody sits at a keyboard: standard input is no file and no pipe.
func (t *terminal) asks() bool {
	f, ok := t.in.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// prompt tells somebody who sits at a keyboard what to do; nothing is printed when nobody does.
func (t *terminal) prompt(sentence string) {
	if t.asks() {
		t.note("%s", sentence)
	}
}

// confirm asks a question and takes nothing but a whole yes for one.
func (t *terminal) confirm(question string) (bool, error) {
	fmt.Fprintf(t.err, "answerable: %s Type yes to go on: ", question)
	line, err := bufio.NewReader(t.in).ReadString('\n')
	if err != nil && err != io.EOF {
		return false, fmt.Errorf("read answer: %w", err)
	}
	return strings.EqualFold(strings.TrimSpace(line), "yes"), nil
}

// hinted is an error with a sentence about what to do.
type hinted struct {
	error
	hint string
}

func (e *hinted) Unwrap() error { return e.error }

func withHint(err error, hint string) error { return &hinted{err, hint} }

// usageError is a command line or setting that makes no sense; it ends with status 2.
type usageError struct{ hinted }

func usage(what, hint string) error { return &usageError{hinted{errors.New(what), hint}} }

// usageOf turns what kong says about a command line into a usage error that names the help to read.
func usageOf(err error) error {
	command := "answerable"
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil && parse.Context.Command() != "" {
		command += " " + strings.SplitN(parse.Context.Command(), " <", 2)[0]
	}
	return usage(err.Error(), "Run: "+command+" --help")
}

// fail tells a person what went wrong and what to do, and gives the exit status.
func (t *terminal) fail(err error) int {
	if t.typed != "" {
		t.note("what you wrote, so that you can use it again:\n%s", strings.TrimRight(t.typed, "\r\n"))
	}
	what, hint := explain(err)
	t.note("error: %s", what)
	if hint != "" {
		t.note("hint: %s", hint)
	}
	var wrong *usageError
	var address *client.AddressError
	if errors.As(err, &wrong) || errors.As(err, &address) {
		return exitUsage
	}
	return exitFailed
}

// explain splits an error into what happened and what to do. Messages written for a page hold both: the first sentence
// is the error, the others the hint.
func explain(err error) (what, hint string) {
	what, rest, _ := strings.Cut(err.Error(), ". ")
	what = lowerFirst(strings.TrimSuffix(what, "."))
	var h *hinted
	var wrong *usageError
	switch {
	case errors.As(err, &wrong):
		return what, wrong.hint
	case errors.As(err, &h):
		return what, h.hint
	case rest != "":
		return what, rest
	}
	return what, hintFor(err)
}

// hintFor says what to do about errors whose own text does not.
func hintFor(err error) string {
	var text *client.TextError
	var unreachable *client.UnreachableError
	var stranger *client.StrangerError
	var moved *client.MovedError
	var uncertain *client.UncertainError
	var answers *coding.AnswersError
	var stage *client.StageError
	switch {
	case errors.As(err, &answers):
		return "Nothing was sent. Begin from what this prints: answerable review code --blank. Where two codings leave the same theme open, a third reads it: answerable review claim --role third"
	case errors.As(err, &text):
		return text.Hint
	case errors.As(err, &uncertain):
		return "Keep the receipt words above: if what you told arrived, they are yours. Send it again only if you want to be sure it is there; it may then be there twice."
	case errors.As(err, &unreachable):
		return "Check the address and your connection, and try again."
	case errors.As(err, &stranger):
		return "Check the address given with --server."
	case errors.As(err, &moved):
		return "If you trust that address, give it with --server."
	case errors.Is(err, client.ErrPromise):
		return "Do not rely on this server having kept the words. Tell the panel another way that its server gave a ticket that does not hold."
	case errors.Is(err, seal.ErrPassphrase):
		return "Check the passphrase, capitals and spaces included, and try again."
	case errors.Is(err, clinic.ErrUnknown):
		return "See the clinics here with: answerable clinic list"
	case errors.Is(err, clinic.ErrExists):
		return "Change it with: answerable clinic edit"
	case errors.Is(err, client.ErrNoDraft):
		return "The operator proposes one with: answerable panel manifest propose"
	case errors.Is(err, client.ErrReplaced):
		return "Look at it: answerable panel manifest draft. If nobody of you proposed it, sign nothing and tell the others."
	case errors.Is(err, client.ErrUnproven):
		return "Nothing was sent. Compare the fingerprint with the poster's, and try again over another network."
	case errors.Is(err, client.ErrWithheld):
		return "Sign and make nothing. Tell the whole panel, by a way that is not this server, what is left out."
	case errors.Is(err, client.ErrUnread):
		return "Nothing was made or signed. Try again; if it stays so, tell the other reviewers."
	case errors.Is(err, client.ErrNotLogged):
		return "Nothing was made or signed. Try again in a minute; if it stays so, tell the other reviewers."
	case errors.Is(err, client.ErrRequest):
		return "Give nothing. Ask who is named, over another channel, whether they asked."
	case errors.Is(err, client.ErrKit):
		return "Without --kit it is made as usual. Two open an epoch together after: answerable panel rotation --open-by 2"
	case errors.Is(err, seal.ErrDealt):
		return "Nobody can open this epoch. Tell the other reviewers, make new keys, and call this one back: answerable epoch revoke"
	case errors.Is(err, client.ErrPanel), errors.Is(err, seal.ErrWrap):
		return "Sign nothing. Ask the other reviewers over another channel what they see."
	case errors.Is(err, client.ErrNotDeclared):
		return "See its card, and say that nothing ties you to it: answerable review declare. If something does: answerable review recuse"
	case errors.Is(err, client.ErrNotAskFirst):
		return "Answer them as anybody: answerable review reply"
	case errors.Is(err, client.ErrNoLead):
		return "Write what would go out into a file, in the writer's language, and name it with --lead."
	case errors.Is(err, client.ErrNoWait):
		return "Leave out --over. The writer may have come back already: answerable review compare"
	case errors.Is(err, client.ErrNoMessage):
		return "See what is here with: answerable review queue. What its writer has taken back is gone."
	case errors.Is(err, client.ErrReadsAlone):
		return "You are shown it once you have sent what you find (answerable review code), or once two who read it agree."
	case errors.Is(err, client.ErrHasSeen):
		return "Ask a colleague who has not seen it: answerable review claim --role third. Its coders can also agree: answerable review note"
	case errors.Is(err, client.ErrNobodys):
		return "Take for each theme what one of the codings says, and a seriousness between them. Do you see it otherwise now? Say so in a note."
	case errors.Is(err, client.ErrDiffer):
		return "Look with answerable review compare, talk with answerable review note, and give what you agree on with --found; or a third takes part: answerable review claim --role third"
	case errors.As(err, &stage):
		return stage.Next
	case errors.Is(err, client.ErrNoSay):
		return "Take a part first: answerable review claim"
	case errors.Is(err, client.ErrNoCheck):
		return "Somebody who did not code it takes that part: answerable review claim --role checker; and then: answerable review check"
	case errors.Is(err, client.ErrNothingPulled):
		return "Pull first: answerable review pull --out DIR"
	case errors.Is(err, client.ErrNotKept):
		return "Pull into it once more where there is a network: answerable review pull --out DIR"
	case errors.Is(err, client.ErrFetched):
		return "Nothing was done. Pull again where there is a network. If nobody but you had the folder, its disk may be failing; if others had it, tell your colleagues."
	case errors.Is(err, client.ErrOwn):
		return "Nothing was done. If it is your folder, somebody who had it has changed it: take a new folder, and tell your colleagues. Otherwise give the identity whose folder it is."
	case errors.Is(err, client.ErrFolder):
		return "Nothing was read from it. Somebody may have put it there to harm this machine. Take a new folder and pull again; tell your colleagues."
	case errors.Is(err, client.ErrRaced):
		return "Run the command again."
	case errors.Is(err, client.ErrNoStep):
		return "See what waits with: answerable review waiting"
	case errors.Is(err, context.Canceled):
		return "It was stopped. Run it again to go on."
	}
	return ""
}

// lowerFirst makes a sentence fit after a colon, unless it begins with an abbreviation.
func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[size:])
	if unicode.IsUpper(first) && (unicode.IsLower(second) || second == ' ') {
		return string(unicode.ToLower(first)) + s[size:]
	}
	return s
}

// identityConfig names a reviewer's identity.
type identityConfig struct {
	Identity       string `type:"path" placeholder:"FILE" help:"Your identity file."`
	PassphraseFile string `type:"path" placeholder:"FILE" help:"File that holds the identity's passphrase; without it we ask."`
}

// open reads the identity, asking for its passphrase when it has one.
func (c *identityConfig) open() (*age.HybridIdentity, error) {
	if c.Identity == "" {
		return nil, usage("no identity file is named", "Give --identity FILE. Make one with: answerable identity new --out FILE")
	}
	file, err := os.ReadFile(c.Identity)
	if err != nil {
		return nil, withHint(fmt.Errorf("the identity file cannot be read: %w", cause(err)), "Check the path given with --identity.")
	}
	return seal.ParseIdentityFile(file, c.passphrase)
}

// cause is the last part of an error about a file, without repeating its path.
func cause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// passphrase reads it from a file, or asks on the terminal without showing it.
func (c *identityConfig) passphrase() (string, error) {
	if c.PassphraseFile != "" {
		content, err := os.ReadFile(c.PassphraseFile)
		if err != nil {
			return "", fmt.Errorf("the passphrase file cannot be read: %w", cause(err))
		}
		return strings.TrimRight(string(content), "\r\n"), nil
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return "", withHint(errors.New("the identity has a passphrase, and there is no terminal to ask for it"), "Give --passphrase-file FILE, or set ANSWERABLE_PASSPHRASE_FILE.")
	}
	defer tty.Close()
	fmt.Fprint(tty, "Passphrase of the identity: ")
	typed, err := term.ReadPassword(int(tty.Fd()))
	fmt.Fprintln(tty)
	if err != nil {
		return "", fmt.Errorf("read passphrase: %w", err)
	}
	return string(typed), nil
}

// serverConfig names a clinic at a server.
type serverConfig struct {
	Server string `required:"" placeholder:"URL" help:"Address of the server, such as https://words.example.org."`
	Clinic string `required:"" placeholder:"SLUG" help:"The clinic's short name, as in its address."`
	Seen   string `type:"path" placeholder:"FILE" help:"Keep the log's key and where it stood here, so that a log which shows you another history later is found out."`
}

// api makes a client for who does not sign in.
func (c *serverConfig) api() (*client.Client, error) {
	api, err := client.New(c.Server)
	if err != nil {
		return nil, err
	}
	api.LogFile = c.Seen
	return api, nil
}

// readText asks for what a person writes and reads it to its end. It has to be text, with something in it (a *client.TextError).
func (t *terminal) readText(ask string) (string, error) {
	t.prompt(ask + ", then press Ctrl-D on a line of its own")
	text, err := io.ReadAll(io.LimitReader(t.in, maxText))
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return string(text), client.CheckText(text)
}

// readWork is readText for what a reviewer writes in their work: a failure after it prints it again. What came from a file is still
// there, and is not printed.
func (t *terminal) readWork(ask string) (string, error) {
	text, err := t.readText(ask)
	if !t.readsFile() {
		t.typed = text
	}
	return text, err
}

// readsFile says whether standard input is a file on a disk.
func (t *terminal) readsFile() bool {
	f, ok := t.in.(*os.File)
	if !ok {
		return false
	}
	about, err := f.Stat()
	return err == nil && about.Mode().IsRegular()
}

// reviewer signs a reviewer in. When the command is done, somebody on the panel is told that its keys come to an end.
func (c *serverConfig) reviewer(ctx context.Context, t *terminal, identity *age.HybridIdentity) (*client.Reviewer, error) {
	api, err := c.api()
	if err != nil {
		return nil, err
	}
	return signInTo(ctx, t, api, c.Clinic, identity)
}

// readTextFile reads what a person wrote into a file, which stands in no shell's history. It has to be text (a *client.TextError).
func readTextFile(path, hint string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", withHint(fmt.Errorf("the file cannot be read: %w", cause(err)), hint)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxText))
	if err != nil {
		return "", withHint(fmt.Errorf("the file cannot be read: %w", cause(err)), hint)
	}
	return string(text), client.CheckText(text)
}

// signInTo signs a reviewer in to work for a clinic.
func signInTo(ctx context.Context, t *terminal, api *client.Client, clinic string, identity *age.HybridIdentity) (*client.Reviewer, error) {
	r, err := signIn(ctx, t, api, identity)
	if err != nil {
		return nil, err
	}
	t.after = append([]func(){func() { warnOfEnd(ctx, t, r, clinic) }}, t.after...)
	return r, nil
}

// signIn signs somebody in until the command is done.
func signIn(ctx context.Context, t *terminal, api *client.Client, identity *age.HybridIdentity) (*client.Reviewer, error) {
	r, err := api.Reviewer(identity)
	if err != nil {
		return nil, err
	}
	if err := r.SignIn(ctx); err != nil {
		return nil, err
	}
	t.after = append(t.after, func() { _ = r.SignOut(ctx) }) // it ends by itself, too
	return r, nil
}

// warnOfEnd says when nobody will be able to write, as the panel's page does at every sign-in. What keeps it from looking
// has been said by the command itself.
func warnOfEnd(ctx context.Context, t *terminal, r *client.Reviewer, clinic string) {
	days, few, err := r.Ends(ctx, clinic)
	switch {
	case err != nil || !few:
	case days < 0:
		t.note("warning: no key is made for today. Nobody can write, or only for a few days more, until you run answerable epoch make and enough of you answerable epoch ack.")
	default:
		t.note("warning: the last key ends in %d days, and then nobody can write. Run answerable epoch make; the others then run answerable epoch ack.", days)
	}
}
