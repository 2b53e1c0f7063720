package export_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"answerable/internal/account"
	"answerable/internal/export"
	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/taxonomy"
	"answerable/internal/transparency"
)

const clinicID = "6f1f3f5e-7d1b-4c58-9a25-0c6c0b6d1f10"

// member is a member of a panel that is the same in every run.
type member struct {
	id  string
	key ed25519.PrivateKey
	age *age.HybridIdentity
}

func newMember(t testing.TB, n byte) member {
	t.Helper()
	key := account.SigningKey([32]byte{n})
	return member{account.ReviewerID(key.Public().(ed25519.PublicKey)), key, identityOf(t, n)}
}

// panel is three members of whom two must sign, and the leaf of their list.
type panel struct {
	members []member
	list    *keyring.Manifest
	leaf    transparency.Leaf
}

func newPanel(t testing.TB) *panel {
	t.Helper()
	p := &panel{list: &keyring.Manifest{ClinicID: clinicID, Version: 1, M: 2}}
	for n := range byte(3) {
		m := newMember(t, n+1)
		p.members = append(p.members, m)
		p.list.Reviewers = append(p.list.Reviewers, keyring.Member{ID: m.id, Recipient: m.age.Recipient().String(), VerifyKey: m.key.Public().(ed25519.PublicKey)})
	}
	sortMembers(p.list.Reviewers)
	var signed []keyring.Signature
	for _, m := range p.members {
		signed = append(signed, keyring.Signature{ReviewerID: m.id, Signature: keyring.SignManifest(m.key, p.list.Lines())})
	}
	p.leaf = p.list.Leaf(signed)
	return p
}

func (p *panel) fingerprint() string { return keyring.Fingerprint(p.list.Lines()) }

// release signs figures of a quarter as two of the panel.
func (p *panel) release(t testing.TB, first string, scale int) (*export.Signed, transparency.Leaf) {
	t.Helper()
	return p.releaseOf(t, first, scale, func(*figures.Content) {})
}

// releaseOf signs figures of a quarter that were changed before.
func (p *panel) releaseOf(t testing.TB, first string, scale int, change func(*figures.Content)) (*export.Signed, transparency.Leaf) {
	t.Helper()
	plan := figures.DefaultPlan(clinicID, day(t, "2026-01-01"), []string{"ward", "day"})
	plan.Dimensions, plan.Tables = plan.Dimensions[:3], plan.Tables[:3] // a plan of before: its bundles keep their bytes
	from := day(t, first)
	content := &figures.Content{
		V: 1, Clinic: clinicID, Plan: 1, First: first, Last: from.AddDate(0, 3, -1).Format(time.DateOnly), K: plan.K, Base: figures.Base, Reports: 240,
	}
	for _, made := range plan.Tables {
		table := figures.NewTable(plan.Dimensions[0].Codes, []string{figures.All})
		for _, d := range plan.Dimensions {
			if d.Key == made.Cols {
				table = figures.NewTable(plan.Dimensions[0].Codes, d.Codes)
			}
		}
		for i := range table.Rows {
			for j := range table.Cols {
				table.Counts[i][j] = (i*7 + j*13 + scale) % 47
			}
		}
		table.Reports = make([]int, len(table.Cols))
		for j := range table.Cols {
			table.Reports[j] = 400
		}
		safe, err := figures.Protect(figures.Rule{K: plan.K, Zeros: made.Zeros}, table)
		if err != nil {
			t.Fatal(err)
		}
		content.Tables = append(content.Tables, figures.ReleasedTable{Key: made.Key, Rows: made.Rows, Cols: made.Cols, Zeros: made.Zeros, Shown: safe.Show(0)})
	}
	change(content)
	text, err := json.Marshal(content, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256(text)
	lines := string(transparency.NewLeaf(transparency.KindRelease, clinicID, "1", plan.Hash(), content.First+" "+content.Last,
		from.AddDate(0, 4, 1).Format(time.DateOnly), base64.StdEncoding.EncodeToString(hash[:])))
	var signed []keyring.Signature
	for _, m := range p.members[:2] {
		signed = append(signed, keyring.Signature{ReviewerID: m.id, Signature: figures.SignRelease(m.key, lines)})
	}
	return &export.Signed{Lines: lines, Content: string(text), Plan: plan.Lines()}, figures.ReleaseLeaf(lines, signed)
}

func day(t testing.TB, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// made is a whole bundle with what it was made of.
type made struct {
	panel  *panel
	bundle *export.Bundle
	proof  *export.Proof
}

// hardTexts are texts that programs like to take for something else.
var hardTexts = []string{
	"=1+1", "+44 20", "-2", "@SUM(A1)", "\tA tab", "'quoted", "a, \"b\"\nand c", "\u202e=HYPERLINK(\"http://x\")", " =1", "مرحبا، سنستمع إليكم", "שלום", "👩🏽‍🦽 🫂", "_x0041_", "1e5", "007", "＝1",
	"<script>alert(1)</script>", "&amp;", "  spaces  ", "",
}

func facts(t testing.TB, p *panel) (f *export.Facts, now, before transparency.Leaf) {
	t.Helper()
	f = &export.Facts{
		V: 1, Generator: export.Generator, Lang: "en", Origin: "words.example.org/answerable", Clinic: export.Clinic{ID: clinicID, Slug: "riverside", Name: "Riverside"},
		First: "2026-07-01", Last: "2026-09-30", AsOf: "2026-11-20", Taxonomy: taxonomy.Version(),
		Names: []export.Name{{Code: "service.day", Words: "=Day place"}, {Code: "service.ward", Words: "The ward"}},
	}
	f.Release, now = p.release(t, "2026-07-01", 3)
	f.Before, before = p.release(t, "2026-04-01", 9)
	f.Accountability = &export.Accountability{
		Responses: []export.Response{}, Silences: []export.Silence{{Whose: "clinic", What: "late-answer", Count: 2}},
		Promises: []export.Promise{
			{Theme: "force", What: "We stop calling security to the ward.", Who: "The nurse in charge", MadeOn: "2026-08-02", Due: "2026-10-01", How: "You see it in the book.", State: export.StateOverdue, StateOn: "2026-10-02", Extended: 1},
			{Theme: "voice", What: "We ask first.", Who: "All of us", MadeOn: "2026-05-02", Due: "2026-06-01", How: "Ask us.", State: export.StateKept, StateOn: "2026-09-01"},
		},
	}
	for i, s := range hardTexts {
		f.Accountability.Responses = append(f.Accountability.Responses, export.Response{On: "2026-10-02", Theme: []string{"voice", ""}[i%2], Role: "The manager", Text: s})
	}
	return f, now, before
}

func newMade(t testing.TB) *made {
	t.Helper()
	p := newPanel(t)
	f, now, before := facts(t, p)
	return p.sign(t, f, now, before, nil)
}

func (p *panel) sign(t testing.TB, f *export.Facts, now, before transparency.Leaf, pdf []byte) *made {
	t.Helper()
	b, err := export.Build(f, p.leaf.Hash(), now, before, pdf)
	if err != nil {
		t.Fatal(err)
	}
	proof := &export.Proof{Lists: []string{string(p.leaf)}, Release: string(now), Before: string(before)}
	for _, m := range p.members[1:] {
		proof.Signatures = append(proof.Signatures, export.Sign(m.key, m.id, b.Lines(), b.Manifest))
	}
	return &made{p, b, proof}
}

func (m *made) zip(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.bundle.Write(&b, m.proof); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func verify(t testing.TB, file []byte, fingerprint string) *export.Verified {
	t.Helper()
	v, err := export.Verify(bytes.NewReader(file), int64(len(file)), export.Options{Fingerprint: fingerprint, VKey: ""})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func says(v *export.Verified) string {
	var b strings.Builder
	for _, p := range v.Problems {
		fmt.Fprintf(&b, "%s: %s\n", p.File, p.What)
	}
	return b.String()
}

var update = flag.Bool("update", false, "write testdata anew")

// golden is a bundle that browsers read too, with the lines of its leaf: a change of any byte that this program makes of the same
// facts has to change Generator as well.
type golden struct {
	Generator int    `json:"generator"`
	Lines     string `json:"lines"`
	SHA256    string `json:"sha256"`
	Gzipped   []byte `json:"zip_gz"` // the zip, packed: a bundle itself is not
}

func TestTheSameFactsGiveTheSameBytes(t *testing.T) {
	const path = "testdata/bundle.json"
	m := newMade(t)
	file := m.zip(t)
	if !bytes.Equal(file, newMade(t).zip(t)) {
		t.Error("two bundles of the same facts differ")
	}
	sum := sha256.Sum256(file)
	now := golden{export.Generator, m.bundle.Lines(), hex.EncodeToString(sum[:]), nil}
	if *update {
		now.Gzipped = packed(t, file)
		text, err := json.Marshal(now, json.Deterministic(true), jsontext.WithIndent(" "))
		if err == nil {
			err = os.WriteFile(path, append(text, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var was golden
	if err := json.Unmarshal(text, &was); err != nil {
		t.Fatal(err)
	}
	if was.SHA256 != now.SHA256 || was.Lines != now.Lines {
		t.Errorf("these facts give other bytes than before. If that is meant, raise Generator (%d) and write testdata anew with -update", export.Generator)
	}
	if v := verify(t, unpackedGzip(t, was.Gzipped), m.panel.fingerprint()); !v.Holds {
		t.Errorf("what was kept does not hold: %s", says(v))
	}
}

func TestABundleVerifiesByItself(t *testing.T) {
	m := newMade(t)
	v := verify(t, m.zip(t), m.panel.fingerprint())
	if !v.Holds || !v.Pinned || !v.Rebuilt || v.Needed != 2 || len(v.Signers) != 2 || v.Tables != 6 || v.Hidden == 0 || len(v.Releases) != 2 || v.Logged || v.List != 1 {
		t.Errorf("%+v\n%s", v, says(v))
	}
	if v := verify(t, m.zip(t), "AAAA-AAAA-AAAA-AAAA-AAAA"); v.Holds || !strings.Contains(says(v), "panel-*.leaf: the panel's first list is not the one with this fingerprint") {
		t.Errorf("with another fingerprint: %s", says(v))
	}
}

func packed(t *testing.T, file []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpackedGzip(t *testing.T, file []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
