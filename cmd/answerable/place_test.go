package main

import (
	"bytes"
	"testing"

	"github.com/go-json-experiment/json"

	"answerable/internal/client"
)

// read pulls and opens everything as the first reviewer, and gives what was told by leaf hash.
func (p *place) read(t testing.TB, out string) map[string]string {
	t.Helper()
	identity := p.identities[0]
	answerable(t, "", append([]string{"review", "pull", "--identity", identity, "--out", out}, p.at()...)...)
	words := map[string]string{}
	for line := range bytes.Lines(answerable(t, "", "review", "open", "--identity", identity, out)) {
		var o client.Opened
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatal(err)
		}
		if o.Error != "" {
			t.Errorf("%s: %s", o.LeafHash, o.Error)
		}
		for _, a := range o.Answers {
			words[o.LeafHash] = a.A
		}
	}
	return words
}
