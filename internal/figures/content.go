package figures

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"answerable/internal/keyring"
	"answerable/internal/transparency"
)

// Hash is SHA-256 of a release's content in hexadecimal, as sha256sum prints it for the downloaded file.
func (r *Release) Hash() string {
	sum := sha256.Sum256([]byte(r.Content))
	return hex.EncodeToString(sum[:])
}

// CheckRelease reads a release as somebody else gave it, and refuses one that is not of a clinic, or whose content is not the
// one that its lines name. What it returns is what a signature of these lines is for. Errors: ErrTampered.
func CheckRelease(clinicID, lines, content string) (*Content, error) {
	r := &Release{Lines: lines, Content: content}
	c, err := r.Read()
	if err != nil {
		return nil, ErrTampered
	}
	parts := strings.Split(lines, "\n")
	if c.Clinic != clinicID || len(parts) != 9 {
		return nil, ErrTampered
	}
	want := transparency.NewLeaf(transparency.KindRelease, clinicID, strconv.Itoa(c.Plan), parts[4], c.First+" "+c.Last, parts[6], parts[7])
	if string(want) != lines {
		return nil, ErrTampered
	}
	return c, nil
}

// Apart reports whether no two contents are about the same day. Of two that are, the difference is a smaller group of reports
// than either, and no panel's server drafts them.
func Apart(contents []*Content) bool {
	for i, a := range contents {
		for _, b := range contents[:i] {
			if a.First <= b.Last && b.First <= a.Last {
				return false
			}
		}
	}
	return true
}

// HiddenWord stands in a file of counts where none is shown.
const HiddenWord = "hidden"

// EachCell gives every count of a table with its row and column, totals included, which stand in lines called total.
func (s *Shown) EachCell(each func(row, col string, n int)) {
	for i, row := range s.Rows {
		for j, col := range s.Cols {
			each(row, col, s.Counts[i][j])
		}
		each(row, "total", s.RowTotals[i])
	}
	for j, col := range s.Cols {
		each("total", col, s.ColTotals[j])
	}
	each("total", "total", s.Total)
}

// WriteCSV writes all tables of a release as one: a line a cell, totals included, for programs that have no JSON. Each
// line names the release by its hash. Names are codes, of which none begins as a formula does.
func (r *Release) WriteCSV(w io.Writer) error {
	c, err := r.Read()
	if err != nil {
		return err
	}
	out, hash := csv.NewWriter(w), r.Hash()
	lines := [][]string{{"release_sha256", "first_day", "last_day", "table", "layer", "row", "column", "reports"}}
	for _, t := range c.Tables {
		t.Shown.EachCell(func(row, col string, n int) {
			count := HiddenWord
			if n != Hidden {
				count = strconv.Itoa(n)
			}
			lines = append(lines, []string{hash, c.First, c.Last, t.Key, t.Layer, row, col, count})
		})
	}
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("write release: %w", err)
	}
	return nil
}

// SignedBy reports whether a leaf is a release of a clinic that as many of a panel have signed as its list asks for.
func SignedBy(panel *keyring.Manifest, clinicID string, leaf transparency.Leaf) bool {
	text := string(leaf)
	at := strings.Index(text, "\nsignature ") + 1
	if panel == nil || at == 0 {
		return false
	}
	lines := strings.Split(text[:at], "\n")
	if len(lines) != 9 || leaf.Kind() != transparency.KindRelease || lines[2] != clinicID {
		return false
	}
	signers := map[string]bool{}
	for line := range strings.SplitSeq(strings.TrimSuffix(text[at:], "\n"), "\n") {
		fields := strings.Split(line, " ")
		if len(fields) != 3 || fields[0] != "signature" {
			return false
		}
		signature, err := base64.StdEncoding.Strict().DecodeString(fields[2])
		if err == nil && VerifyRelease(panel, text[:at], keyring.Signature{ReviewerID: fields[1], Signature: signature}) {
			signers[fields[1]] = true
		}
	}
	return len(signers) >= panel.M
}
