package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"filippo.io/age"

	"answerable/internal/client"
	"answerable/internal/export"
)

type exportBuildCmd struct {
	identityConfig
	Server      string   `required:"" placeholder:"URL" help:"Address of the server, such as https://words.example.org."`
	Clinic      []string `required:"" placeholder:"SLUG" help:"The clinic's short name, as in its address. With --all several, with commas between."`
	Seen        string   `type:"path" placeholder:"FILE" help:"Keep the log's key and where it stood here, so that a log which shows you another history later is found out."`
	Period      string   `placeholder:"DAY" help:"First day of the period, such as 2026-04-01. Without it the newest."`
	AsOf        string   `placeholder:"DAY" help:"Day as of which promises stand in it. Without it the newest that is signed; when a new one is made, yesterday."`
	Out         string   `required:"" type:"path" placeholder:"FILE.zip" help:"Where to write it."`
	SHA256      string   `name:"sha256" placeholder:"HASH" help:"With --identity: SHA-256 of the MANIFEST that you have looked at. Without it you are asked."`
	To          string   `placeholder:"RECIPIENT" help:"Seal the file to this age recipient, such as the clinic's."`
	Fingerprint string   `placeholder:"FINGERPRINT" help:"The panel's, from a poster."`
	All         bool     `help:"All signed bundles of the clinics, in one file."`
}

// Run takes or makes a bundle. What it writes was checked.
func (c *exportBuildCmd) Run(ctx context.Context, t *terminal) error {
	if len(c.Clinic) > 1 && !c.All {
		return usage("several clinics are named", "Name one, or take all bundles of several with --all.")
	}
	api, err := (&serverConfig{Server: c.Server, Seen: c.Seen}).api()
	if err != nil {
		return err
	}
	out, err := c.create()
	if err != nil {
		return err
	}
	defer out.discard()
	if c.All {
		return c.all(ctx, t, api, out)
	}
	file, err := c.one(ctx, t, api)
	if errors.Is(err, context.Canceled) {
		return diskTrouble(err)
	}
	if err != nil || file == nil {
		return err
	}
	v, err := export.Verify(bytes.NewReader(file), int64(len(file)), c.options())
	if err != nil {
		return notABundle(err)
	}
	if len(v.Problems) > 0 {
		t.note("%s", verifiedText(v))
		return holds(v)
	}
	if _, err := out.Write(file); err != nil {
		return diskTrouble(err)
	}
	if err := out.keep(); err != nil {
		return err
	}
	err = t.show(struct {
		File string `json:"file"`
		*export.Verified
	}{c.Out, v}, "%sWritten to %s.\n", verifiedText(v), c.Out)
	if err != nil {
		return err
	}
	return holds(v) // one that was not checked is written, and said to be so
}

func (c *exportBuildCmd) options() export.Options {
	return export.Options{Fingerprint: strings.ToUpper(strings.TrimSpace(c.Fingerprint))}
}

// one gives a signed bundle: as it is there, or made and signed by the holder of the identity; nil where others have to sign too.
func (c *exportBuildCmd) one(ctx context.Context, t *terminal, api *client.Client) ([]byte, error) {
	signed, err := api.Exports(ctx, c.Clinic[0])
	if err != nil {
		return nil, err
	}
	if e := newestOf(signed, c.Period, c.AsOf, func(*client.Export) bool { return true }); e != nil {
		return api.ExportFile(ctx, e)
	}
	if c.Identity == "" {
		hint := "Members of the panel make one with: answerable export build --identity FILE"
		if len(signed) > 0 {
			hint = "There is one of " + signed[0].First + " to " + signed[0].Last + ". " + hint
		}
		return nil, withHint(errors.New("the panel has signed no such bundle yet"), hint)
	}
	m := &memberConfig{serverConfig{c.Server, c.Clinic[0], c.Seen}, c.identityConfig}
	r, err := m.signedIn(ctx, t)
	if err != nil {
		return nil, err
	}
	draft, err := c.draft(ctx, r)
	if err != nil {
		return nil, err
	}
	return c.sign(ctx, t, r, draft)
}

// draft finds the bundle that waits for signatures, or has one made of the newest period.
func (c *exportBuildCmd) draft(ctx context.Context, r *client.Reviewer) (*client.Export, error) {
	ledger, err := r.ExportLedger(ctx, c.Clinic[0])
	if err != nil {
		return nil, err
	}
	if e := newestOf(ledger.Exports, c.Period, c.AsOf, func(e *client.Export) bool { return e.State == export.StateDraft }); e != nil {
		return e, nil
	}
	first := c.Period
	if first == "" {
		if first, err = newestReleased(ctx, r, c.Clinic[0], ledger); err != nil {
			return nil, err
		}
	}
	return r.ProposeExport(ctx, c.Clinic[0], first, "", c.AsOf)
}

// newestReleased is the first day of the newest release, or of the newest period that is over where nothing is released.
func newestReleased(ctx context.Context, r *client.Reviewer, clinic string, ledger *client.ExportLedger) (string, error) {
	released, err := r.Released(ctx, clinic)
	if err != nil {
		return "", err
	}
	if len(released) > 0 {
		return released[0].First, nil
	}
	if len(ledger.Periods) > 0 {
		return ledger.Periods[0].First, nil
	}
	return "", withHint(errors.New("no period is over yet"), "A bundle can be made from 30 days after the end of one.")
}

// sign checks a bundle that the server made, has it looked at, and signs it. With the last signature it is given; before, it is nil,
// and is said that others have to sign.
func (c *exportBuildCmd) sign(ctx context.Context, t *terminal, r *client.Reviewer, draft *client.Export) ([]byte, error) {
	clinic := c.Clinic[0]
	file, err := r.ExportBundle(ctx, clinic, draft.ID)
	if err != nil {
		return nil, err
	}
	v, err := c.checkDraft(ctx, r, file, draft)
	if err != nil {
		return nil, err
	}
	if !draft.SignedBy(r.ID) {
		if err := c.lookedAt(t, file, v); err != nil {
			return nil, err
		}
		if draft, err = r.SignExport(ctx, clinic, draft.ID, draft.Lines, []byte(draft.Manifest)); err != nil {
			return nil, err
		}
	}
	if draft.State != export.StateSigned {
		return nil, t.show(struct {
			State    string  `json:"state"`
			Signed   int     `json:"signed"`
			Needed   int     `json:"needed"`
			Manifest string  `json:"manifest_sha256"`
			File     *string `json:"file"`
		}{draft.State, len(draft.Signatures), draft.Needed, v.Manifest, nil}, "You signed it. By the server's word %d of %d have; nothing is written yet. The others run the same command with their identity.\n", len(draft.Signatures), draft.Needed)
	}
	return c.withPlace(ctx, r, draft.ID)
}

// withPlace fetches a bundle that was signed just now. Its leaf has its place in the log within a second or two, and the proof of
// that should go along.
func (c *exportBuildCmd) withPlace(ctx context.Context, r *client.Reviewer, id string) ([]byte, error) {
	for tries := 0; ; tries++ {
		file, err := r.ExportBundle(ctx, c.Clinic[0], id)
		if err != nil || tries == 8 {
			return file, err
		}
		if v, err := export.Verify(bytes.NewReader(file), int64(len(file)), c.options()); err != nil || v.Logged {
			return file, nil
		}
		if err := r.Wait(ctx, time.Second/2); err != nil {
			return nil, err
		}
	}
}

// checkDraft holds a bundle against what this program makes of its facts, and the facts against what the log says was released.
func (c *exportBuildCmd) checkDraft(ctx context.Context, r *client.Reviewer, file []byte, draft *client.Export) (*export.Verified, error) {
	o := c.options()
	o.Draft = true
	v, err := export.Verify(bytes.NewReader(file), int64(len(file)), o)
	if err != nil {
		return nil, notABundle(err)
	}
	sum := sha256.Sum256([]byte(draft.Manifest))
	switch {
	case len(v.Problems) > 0:
		return nil, withHint(fmt.Errorf("the server's bundle does not hold, and nothing was signed:\n%s", problemsText(v)), "Tell your colleagues and whoever runs the server.")
	case !v.Rebuilt:
		return nil, withHint(errors.New("the server runs another release of this program, so nobody can say here whether the bundle is right; nothing was signed"), "Use the release that the server runs.")
	case v.Manifest != hex.EncodeToString(sum[:]) || v.Facts.Lines(sum) != draft.Lines:
		return nil, withHint(errors.New("the server wants another text signed than that of the bundle; nothing was signed"), "Tell your colleagues and whoever runs the server.")
	}
	released, err := r.Released(ctx, c.Clinic[0])
	if err != nil {
		return nil, err
	}
	if !followsFrom(v.Facts, released) {
		return nil, withHint(errors.New("the figures in this bundle are not those that stand in the log, or some are left out; nothing was signed"), "Look at them: answerable figures show")
	}
	return v, nil
}

// followsFrom reports whether the releases in facts are just those that were released: of the period, where there is one, and the
// newest before it.
func followsFrom(f *export.Facts, released []client.Release) bool {
	var now, before *client.Release
	for i, r := range released { // the newest first
		switch {
		case r.First == f.First:
			now = &released[i]
		case before == nil && r.Last < f.First:
			before = &released[i]
		}
	}
	if now == nil {
		before = nil
	}
	same := func(s *export.Signed, r *client.Release) bool {
		return (s == nil) == (r == nil) && (s == nil || s.Lines == r.Lines && s.Content == r.Content)
	}
	return same(f.Release, now) && same(f.Before, before)
}

// lookedAt wants a yes, or the hash of what was looked at. Where it has neither it leaves the files for looking.
func (c *exportBuildCmd) lookedAt(t *terminal, file []byte, v *export.Verified) error {
	if c.SHA256 != "" {
		if !strings.EqualFold(strings.TrimSpace(c.SHA256), v.Manifest) {
			return withHint(errors.New("another bundle waits now than the one you looked at, and nothing was signed"), "Look at it: run this without --sha256.")
		}
		return nil
	}
	look := strings.TrimSuffix(c.Out, ".zip") + ".draft.zip"
	if err := os.WriteFile(look, file, 0o600); err != nil {
		return diskTrouble(err)
	}
	t.note("%s\nSHA-256 of its MANIFEST: %s\nAll of it is in %s, to look at.", verifiedText(v), v.Manifest, look)
	if !t.asks() {
		return withHint(errors.New("nothing is signed yet"), "Look at "+look+", then name it: --sha256 "+v.Manifest)
	}
	yes, err := t.confirm("Sign this bundle?")
	if err == nil && !yes {
		err = errors.New("nothing was signed")
	}
	return err
}

// all writes every signed bundle of the clinics into one file, one at a time.
func (c *exportBuildCmd) all(ctx context.Context, t *terminal, api *client.Client, out *partFile) error {
	from, bundles := map[string]*client.Export{}, []export.Listed(nil)
	for _, clinic := range c.Clinic {
		signed, err := api.Exports(ctx, clinic)
		if err != nil {
			return fmt.Errorf("%s: %w", clinic, err)
		}
		for i, e := range signed {
			if c.AsOf != "" && e.AsOf != c.AsOf || c.Period != "" && e.First != c.Period {
				continue
			}
			one := export.NewListed(clinic, e.First, e.Last, e.AsOf, []byte(e.Manifest))
			from[one.Path] = &signed[i]
			bundles = append(bundles, one)
		}
	}
	if len(bundles) == 0 {
		return withHint(errors.New("the panels have signed no such bundle yet"), "Members of a panel make one with: answerable export build --identity FILE")
	}
	unchecked := 0
	get := func(one export.Listed) ([]byte, error) {
		file, err := api.ExportFile(ctx, from[one.Path])
		if err != nil {
			return nil, err
		}
		v, err := export.Verify(bytes.NewReader(file), int64(len(file)), export.Options{})
		if err != nil {
			return nil, err
		}
		if v.Facts == nil || v.Facts.Clinic.Slug != one.Clinic || v.Manifest != one.Manifest {
			return nil, errors.New("the server gives another bundle than it lists")
		}
		if notChecked(v) {
			unchecked++
			t.note("%s was NOT CHECKED: another release of this program made it (generator %d)", one.Path, v.Generator)
			return file, nil
		}
		return file, holds(v)
	}
	told := func(done int, of export.Listed) { t.note("%d of %d: %s", done, len(bundles), of.Path) }
	if err := export.WriteCollection(ctx, out, bundles, get, told); err != nil {
		return diskTrouble(err)
	}
	if err := out.keep(); err != nil {
		return err
	}
	return t.show(struct {
		File       string `json:"file"`
		Bundles    int    `json:"bundles"`
		NotChecked int    `json:"not_checked"`
	}{c.Out, len(bundles), unchecked}, "%d bundles are written to %s, %d of them checked. Check them again: answerable export verify %s\n", len(bundles), c.Out, len(bundles)-unchecked, c.Out)
}

// partFile is a file under another name until it is whole: what is cut off, or does not fit on the disk, leaves nothing under the
// final name. Two runs for one name do not mix: the second one is refused.
type partFile struct {
	io.Writer
	file   *os.File
	sealed io.Closer
	name   string
	kept   bool
}

const partEnd = ".part"

func (c *exportBuildCmd) create() (*partFile, error) {
	var to age.Recipient
	if c.To != "" {
		var err error
		if to, err = recipientOf(c.To); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(c.Out+partEnd, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, withHint(fmt.Errorf("%s is being written already", c.Out), "Wait for that, or remove "+c.Out+partEnd+" where nothing runs any more.")
	}
	if err != nil {
		return nil, withHint(fmt.Errorf("the file cannot be written: %w", cause(err)), "Give another place with --out.")
	}
	p := &partFile{Writer: file, file: file, name: c.Out}
	if to != nil {
		w, err := age.Encrypt(file, to)
		if err != nil {
			p.discard()
			return nil, fmt.Errorf("seal bundle: %w", err)
		}
		p.Writer, p.sealed = w, w
	}
	return p, nil
}

// keep gives a whole file its name.
func (p *partFile) keep() error {
	if p.sealed != nil {
		if err := p.sealed.Close(); err != nil {
			return diskTrouble(err)
		}
	}
	if err := errors.Join(p.file.Sync(), p.file.Close(), os.Rename(p.name+partEnd, p.name)); err != nil {
		return diskTrouble(err)
	}
	p.kept = true
	return nil
}

// discard removes what was not kept.
func (p *partFile) discard() {
	if !p.kept {
		p.file.Close()
		os.Remove(p.name + partEnd)
	}
}

// diskTrouble tells of a file that could not be written whole, and is not there.
func diskTrouble(err error) error {
	if errors.Is(err, context.Canceled) {
		return withHint(errors.New("stopped; nothing is left under the file's name"), "Run the same command again.")
	}
	return withHint(fmt.Errorf("the bundle could not be written, and nothing is left under the file's name: %w", err), "Make room on the disk, or give another place with --out.")
}
