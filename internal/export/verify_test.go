package export_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/export"
	"answerable/internal/figures"
	"answerable/internal/transparency"
)

// open reads a zip as any other program would.
func open(t testing.TB, file []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// A byte that is changed anywhere is found, and its file is named.
func TestAChangedByteIsNamedByItsFile(t *testing.T) {
	m := newMade(t)
	m.place(t)
	file := m.zip(t)
	if v := verify(t, file, m.panel.fingerprint()); !v.Holds || !v.Logged {
		t.Fatalf("before anything was changed: %s", says(v))
	}
	chance := rand.New(rand.NewPCG(7, 7))
	for path, content := range open(t, file) {
		start := bytes.Index(file, append([]byte(path), content...)) + len(path)
		for at, flip := range map[int]byte{chance.IntN(len(content)): 0x20, len(content) - 1: 0x01, max(0, len(content)-3): 0x01} { // the last ones have unused bits in base64
			changed := bytes.Clone(file)
			changed[start+at] ^= flip
			v, err := export.Verify(bytes.NewReader(changed), int64(len(changed)), export.Options{Fingerprint: m.panel.fingerprint(), VKey: ""})
			if errors.Is(err, export.ErrNewer) && path == "MANIFEST" {
				continue
			}
			if err != nil {
				t.Errorf("%s, byte %d: %v", path, at, err)
				continue
			}
			named := slices.ContainsFunc(v.Problems, func(p export.Problem) bool {
				return p.File == path || strings.HasPrefix(path, "proof/panel-") && strings.HasPrefix(p.File, "proof/panel-")
			})
			if v.Holds || !named {
				t.Errorf("%s, byte %d of %d: holds %v, %s", path, at, len(content), v.Holds, says(v))
			}
		}
	}
	// What stands around the files.
	for range 60 {
		changed := bytes.Clone(file)
		at := len(file) - 1 - chance.IntN(2000)
		changed[at] ^= byte(1 + chance.IntN(255))
		if v, err := export.Verify(bytes.NewReader(changed), int64(len(changed)), export.Options{Fingerprint: "", VKey: ""}); err == nil && v.Holds {
			t.Errorf("byte %d of %d changed, and it holds", at, len(file))
		}
	}
	for name, changed := range map[string][]byte{"a byte more": append(bytes.Clone(file), 0), "a byte before": append([]byte{0}, file...), "cut": file[:len(file)-1]} {
		if v, err := export.Verify(bytes.NewReader(changed), int64(len(changed)), export.Options{Fingerprint: "", VKey: ""}); err == nil && v.Holds {
			t.Errorf("%s, and it holds", name)
		}
	}
}

// place puts the bundle's leaves into a log of their own.
func (m *made) place(t testing.TB) {
	t.Helper()
	placeInLog(t, m)
}

// Files that somebody signed, but that do not follow from the facts, are found: so a panel that was shown another page than the
// one in the bundle can tell.
func TestASignedFileThatDoesNotFollowIsFound(t *testing.T) {
	p := newPanel(t)
	f, now, before := facts(t, p)
	m := p.sign(t, f, now, before, nil)
	for path, change := range map[string]func([]byte) []byte{
		"report.html": func(b []byte) []byte { return bytes.Replace(b, []byte("overdue"), []byte("all kept"), 1) },
		"figures.csv": func(b []byte) []byte { return bytes.Replace(b, []byte(",hidden\r\n"), []byte(",15\r\n"), 1) },
	} {
		b := *m.bundle
		b.Files = slices.Clone(b.Files)
		for i, file := range b.Files {
			if file.Path == path {
				b.Files[i].Content = change(file.Content)
			}
		}
		if err := b.Remake(); err != nil {
			t.Fatal(err)
		}
		proof := *m.proof
		proof.Signatures = nil
		for _, one := range p.members[1:] {
			proof.Signatures = append(proof.Signatures, export.Sign(one.key, one.id, b.Lines(), b.Manifest))
		}
		changed := &made{p, &b, &proof}
		if v := verify(t, changed.zip(t), p.fingerprint()); v.Holds || !strings.Contains(says(v), path+": it is not what follows from facts.json") {
			t.Errorf("%s: %s", path, says(v))
		}
	}
}

func TestTooFewSignersDoNotMakeABundle(t *testing.T) {
	m := newMade(t)
	m.proof.Signatures = m.proof.Signatures[:1]
	if v := verify(t, m.zip(t), ""); v.Holds || !strings.Contains(says(v), "1 of the panel have signed MANIFEST, and 2 must") || v.Pinned {
		t.Errorf("%s", says(v))
	}
}

// A clinic of which no numbers are let out still has a bundle: of words.
func TestABundleWithoutFiguresIsOneOfWords(t *testing.T) {
	p := newPanel(t)
	f, _, _ := facts(t, p)
	f.Release, f.Before = nil, nil
	m := p.sign(t, f, nil, nil, nil)
	file := m.zip(t)
	if v := verify(t, file, p.fingerprint()); !v.Holds || v.Tables != 0 {
		t.Errorf("%s", says(v))
	}
	files := open(t, file)
	if files["figures.csv"] != nil || !strings.Contains(string(files["report.html"]), "The panel has let out no numbers for this time") {
		t.Error("a bundle of words has figures, or does not say that it has none")
	}
	f.Accountability = nil
	if v := verify(t, p.sign(t, f, nil, nil, []byte("%PDF-1.4")).zip(t), p.fingerprint()); !v.Holds || !v.PDF {
		t.Errorf("with a PDF and no promises: %s", says(v))
	}
}

// What another program made of facts is not made again here. Nothing is wrong with it, and it does not hold either: what was not
// checked is named, and what can be held against the facts is. One of a newer format says so.
func TestBundlesOfOtherReleasesAreToldApart(t *testing.T) {
	m := newMade(t)
	m.bundle.Facts.Generator = 7
	if err := m.bundle.Refact(); err != nil {
		t.Fatal(err)
	}
	m.signAgain()
	v := verify(t, m.zip(t), m.panel.fingerprint())
	if v.Holds || len(v.Problems) > 0 || v.Rebuilt || v.Generator != 7 || !slices.Contains(v.NotChecked, "report.html") || !slices.Contains(v.NotChecked, "README.txt") || slices.Contains(v.NotChecked, "promises.csv") {
		t.Errorf("of another generator: %+v\n%s", v, says(v))
	}
	for _, lie := range [][2]string{{"overdue", "kept"}, {"late-answer", "none"}, {"=1+1", "=1+2"}} {
		lying := *m.bundle
		lying.Files = slices.Clone(lying.Files)
		for i, f := range lying.Files { // in every format, so that they agree with each other
			switch {
			case strings.HasSuffix(f.Path, ".csv"), f.Path == "tables.json":
				lying.Files[i].Content = bytes.ReplaceAll(f.Content, []byte(lie[0]), []byte(lie[1]))
			}
		}
		if err := lying.Remake(); err != nil {
			t.Fatal(err)
		}
		changed := &made{m.panel, &lying, &export.Proof{Lists: m.proof.Lists, Release: m.proof.Release, Before: m.proof.Before}}
		changed.signAgain()
		if v := verify(t, changed.zip(t), m.panel.fingerprint()); v.Holds || !strings.Contains(says(v), "does not agree with facts.json") {
			t.Errorf("%s told as %s: %s", lie[0], lie[1], says(v))
		}
	}
	m.bundle.Manifest = bytes.Replace(m.bundle.Manifest, []byte("export/v1"), []byte("export/v2"), 1)
	file := m.zip(t)
	if _, err := export.Verify(bytes.NewReader(file), int64(len(file)), export.Options{Fingerprint: "", VKey: ""}); !errors.Is(err, export.ErrNewer) {
		t.Errorf("of another format: %v", err)
	}
}

// signAgain signs a bundle that was changed, as two of its panel.
func (m *made) signAgain() {
	m.proof.Signatures = nil
	for _, one := range m.panel.members[:2] {
		m.proof.Signatures = append(m.proof.Signatures, export.Sign(one.key, one.id, m.bundle.Lines(), m.bundle.Manifest))
	}
}

// No promise stands as it did after the day, and no period is cut.
func TestFactsThatNoBundleIsMadeOfAreRefused(t *testing.T) {
	p := newPanel(t)
	for name, c := range map[string]struct {
		change func(f *export.Facts)
		want   string
	}{
		"a period that is not over": {func(f *export.Facts) { f.AsOf = "2026-09-30" }, "has to be over"},
		"a part of a period":        {func(f *export.Facts) { f.First = "2026-08-01" }, "smaller group"},
		"words of a few days":       {func(f *export.Facts) { f.Release, f.Before, f.First, f.Last = nil, nil, "2026-07-15", "2026-08-03" }, "whole months"},
		"two periods":               {func(f *export.Facts) { f.First = "2026-04-01" }, "smaller group"},
		"overlapping":               {func(f *export.Facts) { f.Before = f.Release }, "shares days"},
		"a state of later":          {func(f *export.Facts) { f.Accountability.Promises[0].StateOn = "2026-11-21" }, "after 2026-11-20"},
		"a control character":       {func(f *export.Facts) { f.Accountability.Responses[0].Text = "\x1b[2J" }, "does not read"},
		"another clinic's figures":  {func(f *export.Facts) { f.Clinic.ID = "11111111-2222-4333-8444-555555555555" }, "not what was signed"},
		"another plan":              {func(f *export.Facts) { f.Release.Plan = strings.Replace(f.Release.Plan, " 3 30 ", " 6 30 ", 1) }, "plan"},
		"a count that was changed":  {func(f *export.Facts) { f.Release.Content = strings.Replace(f.Release.Content, "-1", "15", 1) }, "not what was signed"},
	} {
		f, now, before := facts(t, p)
		c.change(f)
		if _, err := export.Build(f, p.leaf.Hash(), now, before, nil); !errors.Is(err, export.ErrFacts) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A panel that signs figures can still put no table among them that its plan does not have: that could count anybody.
func TestATableOutsideThePlanIsNotInABundle(t *testing.T) {
	p := newPanel(t)
	f, _, before := facts(t, p)
	var leaf transparency.Leaf
	f.Release, leaf = p.releaseOf(t, "2026-07-01", 3, func(c *figures.Content) {
		extra := c.Tables[0]
		extra.Key = "by_nurse"
		c.Tables = append(c.Tables, extra)
	})
	if _, err := export.Build(f, p.leaf.Hash(), leaf, before, nil); !errors.Is(err, export.ErrFacts) || !strings.Contains(err.Error(), "plan") {
		t.Errorf("a table by_nurse: %v", err)
	}
}

// CSV, XLSX and JSON agree whatever texts say.
func TestAllFormatsAgreeOnWhateverIsTyped(t *testing.T) {
	p := newPanel(t)
	chance := rand.New(rand.NewPCG(1, 2))
	pieces := append(slices.Clone(hardTexts), "\n", "\"", ",", ";", "'", "''", "=", "\u00a0", "\u200b", "\u2028", "\ufeff", "é", "𝒳", "_x000A_", "<", "&", " ")
	for range 4 {
		f, now, before := facts(t, p)
		f.Accountability.Responses = nil
		for range 20 {
			text := ""
			for range chance.IntN(5) {
				text += pieces[chance.IntN(len(pieces))]
			}
			f.Accountability.Responses = append(f.Accountability.Responses, export.Response{On: "2026-10-02", Theme: "voice", Role: text, Text: text})
		}
		m := p.sign(t, f, now, before, nil)
		file := m.zip(t)
		if v := verify(t, file, p.fingerprint()); !v.Holds {
			t.Fatalf("%s", says(v))
		}
		checkInjection(t, open(t, file))
	}
}

// checkInjection fails where a cell of a CSV file could be worked out.
func checkInjection(t *testing.T, files map[string][]byte) {
	t.Helper()
	for path, content := range files {
		if !strings.HasSuffix(path, ".csv") {
			continue
		}
		records, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, record := range records {
			for _, cell := range record {
				if trimmed := strings.TrimLeft(cell, " \t\n\u00a0\u200b\u2028\u202e\ufeff"); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") || strings.HasPrefix(cell, "\t") {
					t.Errorf("%s has the cell %q", path, cell)
				}
			}
		}
	}
}

// The schemas in the bundle hold for its files.
func TestSchemasHold(t *testing.T) {
	files := open(t, newMade(t).zip(t))
	for _, name := range []string{"facts", "tables", "figures"} {
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(files[name+".schema.json"]))
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(files[name+".json"]))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource(name, schema); err != nil {
			t.Fatal(err)
		}
		compiled, err := c.Compile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What cannot be worked out from a table's shown cells is said to be so, and what can is named.
func TestTheAuditFromWhatIsShown(t *testing.T) {
	table := figures.ReleasedTable{Key: "a", Rows: "theme", Cols: "service", Shown: &figures.Shown{
		Rows: []string{"x", "y", "other"}, Cols: []string{"p", "q"}, Counts: [][]int{{-1, 20}, {30, 25}, {-1, -1}}, RowTotals: []int{20, 55, -1}, ColTotals: []int{30, 45}, Total: 75,
	}}
	if cells, err := table.Recoverable(10, false); err != nil || len(cells) != 3 {
		t.Errorf("got %v, %v", cells, err)
	}
	table.Shown.Counts[0][1] = -1
	if cells, err := table.Recoverable(10, false); err != nil || len(cells) != 0 {
		t.Errorf("got %v, %v", cells, err)
	}
	table.Shown.Counts[0] = []int{15, 20}
	table.Shown.Counts[2][1] = 30
	if cells, err := table.Recoverable(10, false); err != nil || len(cells) != 1 || cells[0] != "other / p" {
		t.Errorf("got %v, %v", cells, err)
	}
}

// The signed note is one that any reader of signed notes opens with the keys beside it.
func TestTheNoteOpensAsASignedNote(t *testing.T) {
	files := open(t, newMade(t).zip(t))
	var keys []note.Verifier
	for line := range strings.Lines(string(files["proof/keys.txt"])) {
		key, err := note.NewVerifier(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	opened, err := note.Open(files["proof/export.note"], note.VerifierList(keys...))
	if err != nil || len(opened.Sigs) != 2 || !strings.Contains(opened.Text, "\n2026-07-01 2026-09-30\n2026-11-20\n") {
		t.Errorf("%+v, %v", opened, err)
	}
}

func FuzzVerify(f *testing.F) {
	file := newMade(f).zip(f)
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, file []byte) {
		start := time.Now()
		v, err := export.Verify(bytes.NewReader(file), int64(len(file)), export.Options{Fingerprint: "", VKey: ""})
		if err == nil && v.Holds && !bytes.Contains(file, []byte("MANIFEST")) {
			t.Error("it holds")
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func FuzzReadFacts(f *testing.F) {
	made, _, _ := facts(f, newPanel(f))
	made.Release, made.Before = nil, nil
	text, err := made.Text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		read, err := export.ReadFacts(text)
		if err != nil {
			return
		}
		if again, err := read.Text(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q is read, and written as %q", text, again)
		}
	})
}

// Of no theme is said that nobody answered, where an answer stands under none that everybody may read: it may be about that.
func TestAReportSaysOfNoThemeThatNothingWasSaidWhereItCannotKnow(t *testing.T) {
	const nothing = "No answer and no promise about this."
	p := newPanel(t)
	f, now, before := facts(t, p)
	if page := string(open(t, p.sign(t, f, now, before, nil).zip(t))["report.html"]); strings.Contains(page, nothing) || !strings.Contains(page, "stand under no theme") {
		t.Error("with answers without a theme")
	}
	for i := range f.Accountability.Responses {
		f.Accountability.Responses[i].Theme = "voice"
	}
	if page := string(open(t, p.sign(t, f, now, before, nil).zip(t))["report.html"]); !strings.Contains(page, nothing) || strings.Contains(page, "stand under no theme") {
		t.Error("with a theme for each")
	}
}
