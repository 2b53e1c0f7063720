package export

import "testing"

// Remake writes the manifest of changed files.
func (b *Bundle) Remake() (err error) {
	b.Manifest, err = b.manifest()
	return err
}

// Refact writes changed facts, and the manifest.
func (b *Bundle) Refact() error {
	text, err := b.Facts.Text()
	if err != nil {
		return err
	}
	for i, f := range b.Files {
		if f.Path == factsPath {
			b.Files[i].Content = text
		}
	}
	return b.Remake()
}

func TestTamedTextsComeBack(t *testing.T) {
	for _, s := range []string{"", "a", "'", "''a", "=1", " =1", "\t", "\u200b@x", "-", "|x", "%x"} {
		tamed := tame(s)
		if s != "" && s != "a" && tamed == s || tamed != s && tamed != "'"+s {
			t.Errorf("%q became %q", s, tamed)
		}
	}
}
