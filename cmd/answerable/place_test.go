package main

import (
	"testing"

	"answerable/internal/client"
)

// read pulls and opens everything as the first reviewer, and gives what was told by leaf hash.
func (p *place) read(t testing.TB, out string) map[string]string {
	t.Helper()
	identity := p.identities[0]
	answerable(t, "", append([]string{"review", "pull", "--identity", identity, "--out", out}, p.at()...)...)
	words := map[string]string{}
	for _, o := range everythingIn(t, identity, out) {
		if o.Error != "" {
			t.Errorf("%s: %s", o.LeafHash, o.Error)
		}
		for _, a := range o.Answers {
			words[o.LeafHash] = a.A
		}
	}
	return words
}

// everythingIn is all that a folder holds, as a reviewer's key opens it. The command itself shows one message at a time.
func everythingIn(t testing.TB, identityFile, dir string) (all []client.Opened) {
	t.Helper()
	identity, err := (&identityConfig{Identity: identityFile}).open()
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Open(dir, identity, func(o *client.Opened) error {
		all = append(all, *o)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
