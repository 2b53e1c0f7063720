package witness

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	formats "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
)

// ErrPolicy means that a policy file does not read.
var ErrPolicy = errors.New("this is not a policy file as c2sp.org/tlog-policy says")

// maxPolicy bounds a policy file, in bytes.
const maxPolicy = 256 << 10

// Policy says who must have cosigned a checkpoint before it counts (c2sp.org/tlog-policy).
type Policy struct {
	Text      string
	Logs      []string // verifier keys
	Witnesses []Named
	quorum    witness.Group
}

// Named is a witness of a policy. URL is "" where the file is for checking alone.
type Named struct {
	Name     string // in the policy
	Key      string // verifier key, as the policy has it
	URL      string // the prefix below which add-checkpoint lies
	Verifier note.Verifier
}

// nowhere stands for the URL of a witness that has none: the library wants one.
const nowhere = "https://witness.invalid"

// ParsePolicy reads a policy file. What the library lets pass and the specification does not is refused here: doubled keys,
// a threshold of none, more than one quorum. Errors wrap ErrPolicy.
func ParsePolicy(text string) (*Policy, error) {
	p := &Policy{Text: text}
	if len(text) > maxPolicy || strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' || r == 0x7f }) >= 0 {
		return nil, fmt.Errorf("%w: it is too long, or holds characters that are not text", ErrPolicy)
	}
	var lines []string
	keys := map[string]bool{}
	quorums := 0
	for number, line := range strings.Split(text, "\n") {
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		words, key, err := p.read(words)
		if err == nil && key != "" && keys[key] {
			err = errors.New("this key was named before")
		}
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrPolicy, number+1, err)
		}
		keys[key] = true
		if words[0] == "quorum" {
			quorums++
		}
		lines = append(lines, strings.Join(words, " "))
	}
	if quorums != 1 {
		return nil, fmt.Errorf("%w: it needs exactly one quorum line", ErrPolicy)
	}
	var err error
	if p.quorum, err = witness.ParsePolicy([]byte(strings.Join(lines, "\n") + "\n")); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPolicy, err)
	}
	return p, nil
}

// read checks a line, and gives it as the library takes it, with the key it names.
func (p *Policy) read(words []string) (line []string, key string, err error) {
	if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, "#") }) {
		return nil, "", errors.New("a # stands only at the start of a line")
	}
	switch {
	case words[0] == "log" && (len(words) == 2 || len(words) == 3):
		v, err := note.NewVerifier(words[1])
		if err != nil {
			return nil, "", errors.New("the log's key does not read")
		}
		p.Logs = append(p.Logs, words[1])
		return words, "log " + v.Name() + words[1][strings.LastIndex(words[1], "+"):], nil
	case words[0] == "witness" && (len(words) == 3 || len(words) == 4):
		v, err := formats.NewVerifierForCosignatureV1(words[2])
		if err != nil {
			return nil, "", errors.New("the witness's key does not read")
		}
		w := Named{Name: words[1], Key: words[2], Verifier: v}
		if len(words) == 4 {
			w.URL = words[3]
		} else {
			words = append(words, nowhere)
		}
		p.Witnesses = append(p.Witnesses, w)
		return words, fmt.Sprintf("witness %08x", v.KeyHash()), nil
	case words[0] == "group" && len(words) > 3:
		if members := slices.Sorted(slices.Values(words[3:])); len(slices.Compact(slices.Clone(members))) != len(members) {
			return nil, "", errors.New("a member is named twice")
		}
		if strings.Trim(words[2], "0123456789") == "" && strings.HasPrefix(words[2], "0") {
			return nil, "", errors.New("a group needs at least one of its members")
		}
		return words, "", nil
	case words[0] == "quorum" && len(words) == 2:
		return words, "", nil
	}
	return nil, "", errors.New("it is neither a log, a witness, a group nor a quorum")
}

// Satisfied says whether a checkpoint carries the cosignatures that this policy asks for. That the log has signed it is for
// the caller to check.
func (p *Policy) Satisfied(signed string) bool { return p.quorum.Satisfied([]byte(signed)) }

// Verifiers are those of all witnesses.
func (p *Policy) Verifiers() []note.Verifier {
	verifiers := make([]note.Verifier, len(p.Witnesses))
	for i, w := range p.Witnesses {
		verifiers[i] = w.Verifier
	}
	return verifiers
}
