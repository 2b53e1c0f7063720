package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"filippo.io/age"
	"github.com/go-json-experiment/json"

	"answerable/internal/client"
	"answerable/internal/export"
	"answerable/internal/witness"
)

type exportCmd struct {
	Build  exportBuildCmd  `cmd:"" help:"Take a clinic's bundle of figures, promises and answers, checked; with --identity, make and sign it as a member of the panel."`
	Verify exportVerifyCmd `cmd:"" help:"Check a bundle, or a file that somebody kept from their mailbox. Needs no network."`
	Open   exportOpenCmd   `cmd:"" help:"Check a bundle and unpack it into a folder; unlock it first where it is sealed."`
}

type exportVerifyCmd struct {
	File        string `arg:"" type:"path" help:"The file as it was saved."`
	VKey        string `placeholder:"KEY" help:"The log's key, from somebody who follows the log. Without it the file's own is taken, which nobody has vouched for."`
	Fingerprint string `placeholder:"FINGERPRINT" help:"The panel's, from a poster. Without it nobody has vouched for the panel that the file names."`
	Policy      string `type:"path" placeholder:"FILE" help:"Policy (c2sp.org/tlog-policy) from somebody you trust: which witnesses must have cosigned the bundle's own place in the log. It is not asked of the places of its figures, and who signed is fixed the day after the last signature."`
}

// options are what a bundle is held against.
func (c *exportVerifyCmd) options() (export.Options, error) {
	o := export.Options{Fingerprint: strings.ToUpper(strings.TrimSpace(c.Fingerprint)), VKey: c.VKey}
	if c.Policy == "" {
		return o, nil
	}
	text, err := os.ReadFile(c.Policy)
	if err != nil {
		return o, withHint(fmt.Errorf("the policy cannot be read: %w", cause(err)), "Check the path given with --policy.")
	}
	if o.Policy, err = witness.ParsePolicy(string(text)); err != nil {
		return o, withHint(err, "Ask whoever gave it to you for the file as it was.")
	}
	return o, nil
}

// Run checks a kept file by itself: a bundle, many of them in one, or what a writer kept.
func (c *exportVerifyCmd) Run(ctx context.Context, t *terminal) error {
	file, err := os.Open(c.File)
	if err != nil {
		return withHint(fmt.Errorf("the file cannot be read: %w", cause(err)), "Check its path.")
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("read file: %w", err)
	}
	begin := make([]byte, 22)
	n, _ := file.ReadAt(begin, 0) // a shorter one is no zip
	switch begin := string(begin[:n]); {
	case strings.HasPrefix(begin, "PK"):
		return c.bundle(ctx, t, file, info.Size())
	case strings.HasPrefix(begin, "age-encryption.org/v1"):
		return withHint(errors.New("this bundle is sealed"), "Unlock it: answerable export open --identity FILE --out DIR "+c.File)
	}
	return c.packet(t, file)
}

// bundle checks a bundle, or many in one file.
func (c *exportVerifyCmd) bundle(ctx context.Context, t *terminal, r io.ReaderAt, size int64) error {
	if export.IsCollection(r, size) {
		return c.collection(ctx, t, r, size)
	}
	o, err := c.options()
	if err != nil {
		return err
	}
	v, err := export.Verify(r, size, o)
	if err != nil {
		return notABundle(err)
	}
	if err := t.show(v, "%s", verifiedText(v)); err != nil {
		return err
	}
	return holds(v)
}

func notABundle(err error) error {
	if errors.Is(err, export.ErrNewer) {
		return err
	}
	return withHint(err, "Ask for the file as it was saved. Nothing in a changed one can be relied on.")
}

// holds is an error where something is wrong with a bundle, or was not checked.
func holds(v *export.Verified) error {
	switch {
	case v.Holds:
		return nil
	case notChecked(v):
		return withHint(fmt.Errorf("NOT CHECKED: another release of this program made this bundle (generator %d)", v.Generator), "Check it with that release before you rely on it. Its facts.json is signed, and its tables agree with it; its report may say anything.")
	}
	return withHint(fmt.Errorf("this bundle does not hold: %d things are wrong", len(v.Problems)), "Do not rely on it. Take it again from the clinic's page, and tell the panel.")
}

// notChecked reports whether nothing is wrong with a bundle, and this program cannot make its files again.
func notChecked(v *export.Verified) bool { return !v.Holds && len(v.Problems) == 0 }

// collection checks each bundle of many. Its machine output is a line for each.
func (c *exportVerifyCmd) collection(ctx context.Context, t *terminal, r io.ReaderAt, size int64) error {
	bad, unchecked, all := 0, 0, 0
	o, err := c.options()
	if err != nil {
		return err
	}
	err = export.VerifyCollection(ctx, r, size, o, func(path string, v *export.Verified, err error) error {
		all++
		if err != nil {
			v = &export.Verified{Problems: []export.Problem{{File: path, What: err.Error()}}}
		}
		switch {
		case notChecked(v):
			unchecked++
		case !v.Holds:
			bad++
		}
		line := struct {
			Path string `json:"path"`
			*export.Verified
		}{path, v}
		switch {
		case notChecked(v):
			return t.show(line, "%s was NOT CHECKED: another release of this program made it (generator %d)\n", path, v.Generator)
		case v.Holds:
			return t.show(line, "%s holds: %s, signed by %s\n", path, v.Clinic, strings.Join(v.Signers, ", "))
		}
		return t.show(line, "%s DOES NOT HOLD\n%s", path, problemsText(v))
	})
	if err != nil {
		return notABundle(err)
	}
	if bad > 0 {
		return withHint(fmt.Errorf("%d of %d bundles do not hold", bad, all), "Do not rely on those. The others hold by themselves.")
	}
	if unchecked > 0 {
		return withHint(fmt.Errorf("%d of %d bundles were NOT CHECKED", unchecked, all), "Check those with the releases of this program that made them.")
	}
	if !t.json {
		return t.show(nil, "All %d bundles hold.\n", all)
	}
	return nil
}

func problemsText(v *export.Verified) string {
	var b strings.Builder
	for _, p := range v.Problems {
		fmt.Fprintf(&b, "  %s: %s\n", p.File, p.What)
	}
	return b.String()
}

// verifiedText says what a bundle proves, and what it does not.
func verifiedText(v *export.Verified) string {
	var b strings.Builder
	switch {
	case notChecked(v):
		fmt.Fprintf(&b, "NOT CHECKED. Another release of this program made this bundle (generator %d), and this one cannot make its files again. The panel signed these, and nothing here shows that they say what facts.json says:\n  %s\n", v.Generator, strings.Join(v.NotChecked, "\n  "))
	case !v.Holds:
		fmt.Fprintf(&b, "This bundle DOES NOT HOLD. What is wrong, by file:\n%s\n", problemsText(v))
	default:
		b.WriteString("This bundle holds.\n")
	}
	fmt.Fprintf(&b, "%s (%s), %s to %s, promises as of %s.\n", v.Clinic, v.Origin, v.First, v.Last, v.AsOf)
	fmt.Fprintf(&b, "Signed by %d of the panel, %d are needed: %s\n", len(v.Signers), v.Needed, strings.Join(v.Signers, ", "))
	if v.Tables > 0 {
		fmt.Fprintf(&b, "%d tables were audited again, with %d hidden numbers. CSV, XLSX and JSON were compared.\n", v.Tables, v.Hidden)
	} else {
		b.WriteString("It has words and no figures.\n")
	}
	if v.PDF {
		b.WriteString("report.pdf is as it was signed. A browser printed it, so nobody can make the same bytes again: where it differs from report.html, rely on that.\n")
	}
	if v.Logged {
		fmt.Fprintf(&b, "It stands in the public log, of %d leaves by then.\n", v.LogSize)
	} else {
		b.WriteString("It holds no proof that it stands in the public log. Take it again a day later.\n")
	}
	if len(v.Cosigned) > 0 {
		fmt.Fprintf(&b, "These witnesses cosigned the log as it was then. Hold their keys against a policy that you have from elsewhere (--policy):\n  %s\n", strings.Join(v.Cosigned, "\n  "))
	}
	if !v.LogPinned && v.LogKey != "" {
		fmt.Fprintf(&b, "Nobody has vouched for the log's key here: %s\n", v.LogKey)
	}
	if v.Pinned {
		b.WriteString("The panel's first list of members is the one with your fingerprint.\n")
	} else {
		fmt.Fprintf(&b, "Nobody has vouched for the panel here. Compare its fingerprint with a poster's: %s\n", v.Fingerprint)
	}
	if v.List > 0 {
		fmt.Fprintf(&b, "Its signers are members by list %d of the panel. No day stands in a list: only the log shows from when it held, and whether a newer one held on the day that this bundle names. Somebody who left could sign by an old one. Compare the number: answerable panel manifest show\n", v.List)
	}
	return b.String()
}

// packet checks what a writer kept.
func (c *exportVerifyCmd) packet(t *terminal, r io.Reader) error {
	file, err := io.ReadAll(io.LimitReader(r, 64<<20))
	if err != nil {
		return fmt.Errorf("read file: %w", err)
	}
	vkey := c.VKey
	if vkey == "" {
		vkey = keyNamedIn(file)
		t.note("no --vkey was given, so the log's key is taken from the file itself. Ask somebody who follows the log for it.")
	}
	p, err := client.CheckPacket(file, vkey)
	if err != nil {
		return withHint(err, "Ask for the file as it was saved. Nothing in a changed one can be relied on.")
	}
	if c.Fingerprint != "" && p.Fingerprint != strings.ToUpper(strings.TrimSpace(c.Fingerprint)) {
		return withHint(errors.New("the panel in this file is not the one with that fingerprint"), "Compare the letters with a poster's once more. If they are right, do not rely on the file.")
	}
	return showPacket(t, p)
}

// keyNamedIn is the log's key by a kept file's own word; "" when there is none to read.
func keyNamedIn(file []byte) string {
	var named struct {
		VKey string `json:"vkey"`
	}
	_ = json.Unmarshal(file, &named) // what does not read is refused by the check
	return named.VKey
}

type exportOpenCmd struct {
	File        string `arg:"" type:"path" help:"The bundle, sealed or not."`
	Identity    string `type:"path" placeholder:"FILE" help:"age identity that a sealed bundle opens with."`
	Out         string `required:"" type:"path" placeholder:"DIR" help:"New folder for its files."`
	Fingerprint string `placeholder:"FINGERPRINT" help:"The panel's, from a poster."`
}

// Run unpacks a bundle that holds.
func (c *exportOpenCmd) Run(t *terminal) error {
	content, err := c.content()
	if err != nil {
		return err
	}
	r := strings.NewReader(string(content))
	v, err := export.Verify(r, int64(len(content)), export.Options{Fingerprint: strings.ToUpper(strings.TrimSpace(c.Fingerprint))})
	if err != nil {
		return notABundle(err)
	}
	if err := holds(v); err != nil {
		t.note("%s", verifiedText(v))
		return err
	}
	files, err := export.Unpack(r, int64(len(content)))
	if err != nil {
		return notABundle(err)
	}
	if err := unpackInto(c.Out, files); err != nil {
		return err
	}
	return t.show(v, "%sIts files are in %s. Begin with report.html.\n", verifiedText(v), c.Out)
}

// content is the file, unlocked where it is sealed.
func (c *exportOpenCmd) content() ([]byte, error) {
	const most = 256 << 20
	file, err := os.Open(c.File)
	if err != nil {
		return nil, withHint(fmt.Errorf("the file cannot be read: %w", cause(err)), "Check its path.")
	}
	defer file.Close()
	var r io.Reader = file
	if c.Identity != "" {
		text, err := os.Open(c.Identity)
		if err != nil {
			return nil, withHint(fmt.Errorf("the identity cannot be read: %w", cause(err)), "Check its path.")
		}
		defer text.Close()
		identities, err := age.ParseIdentities(text)
		if err != nil {
			return nil, withHint(errors.New("this is no age identity file"), "Make one with: age-keygen -o FILE")
		}
		if r, err = age.Decrypt(file, identities...); err != nil {
			return nil, withHint(errors.New("this identity does not open it, or it is not sealed"), "Give the identity whose recipient it was sealed to. Without --identity it is taken as it is.")
		}
	}
	content, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil || len(content) > most {
		return nil, withHint(errors.New("it does not unlock to its end, or is too large"), "Copy it once more.")
	}
	return content, nil
}

// unpackInto puts files into a new folder.
func unpackInto(dir string, files []export.File) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return withHint(fmt.Errorf("the folder cannot be made: %w", cause(err)), "Give a new one with --out DIR.")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	defer root.Close()
	for _, f := range files {
		if at := strings.LastIndex(f.Path, "/"); at > 0 {
			if err := root.MkdirAll(f.Path[:at], 0o755); err != nil {
				return fmt.Errorf("unpack %s: %w", f.Path, err)
			}
		}
		if err := root.WriteFile(f.Path, f.Content, 0o644); err != nil {
			return fmt.Errorf("unpack %s: %w", f.Path, err)
		}
	}
	return nil
}

// recipientOf reads the clinic's age recipient.
func recipientOf(text string) (age.Recipient, error) {
	recipients, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil || len(recipients) != 1 {
		return nil, usage("the recipient does not read", "Give --to as age1..., as age-keygen prints it.")
	}
	return recipients[0], nil
}

// newestOf gives the first of the newest period, or the named one's newest; nil where there is none.
func newestOf(exports []client.Export, period, asOf string, want func(*client.Export) bool) *client.Export {
	i := slices.IndexFunc(exports, func(e client.Export) bool {
		return (period == "" || e.First == period) && (asOf == "" || e.AsOf == asOf) && want(&e)
	})
	if i < 0 {
		return nil
	}
	return &exports[i]
}
