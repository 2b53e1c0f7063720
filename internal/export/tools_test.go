package export_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"answerable/internal/export"
)

// unpacked puts a bundle into a folder with unzip, as somebody without our program would.
func unpacked(t *testing.T, file []byte) (zipped, dir string) {
	t.Helper()
	zipped, dir = filepath.Join(t.TempDir(), "bundle.zip"), t.TempDir()
	if err := os.WriteFile(zipped, file, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "", "unzip", "-t", zipped)
	run(t, dir, "", "unzip", "-q", zipped)
	return zipped, dir
}

// run runs a public program, which has to be there: without it nothing is checked.
func run(t *testing.T, dir, stdin, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Nothing of ours is needed to check a bundle: README.txt in it says how, and this does what it says.
func TestPublicToolsCheckABundle(t *testing.T) {
	m := newMade(t)
	_, dir := unpacked(t, m.zip(t))
	manifest, err := os.ReadFile(filepath.Join(dir, "MANIFEST"))
	if err != nil {
		t.Fatal(err)
	}
	if said := run(t, dir, "", "sha256sum", "--strict", "-c", "MANIFEST"); strings.Count(said, ": OK") != len(m.bundle.Files) {
		t.Errorf("sha256sum: %s", said)
	}
	for _, s := range m.proof.Signatures {
		verify := []string{"-Y", "verify", "-f", "proof/allowed_signers", "-I", s.ReviewerID, "-n", export.Namespace, "-s", "proof/" + s.ReviewerID + ".sig"}
		if said := run(t, dir, string(manifest), "ssh-keygen", verify...); !strings.Contains(said, `Good "answerable-export" signature for `+s.ReviewerID) {
			t.Errorf("ssh-keygen: %s", said)
		}
		cmd := exec.Command("ssh-keygen", verify...)
		cmd.Dir, cmd.Stdin = dir, bytes.NewReader(append(manifest, '\n'))
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Errorf("ssh-keygen takes a changed manifest: %s", out)
		}
	}
	letters := run(t, dir, "", "sh", "-c", "grep -v '^signature ' proof/panel-0001.leaf | sha256sum | python3 -c 'import sys,base64; print(base64.b32encode(bytes.fromhex(sys.stdin.read().split()[0])).decode()[:20])'")
	if strings.ReplaceAll(m.panel.fingerprint(), "-", "") != strings.TrimSpace(letters) {
		t.Errorf("the fingerprint by hand is %s, and should be %s", letters, m.panel.fingerprint())
	}
	// A reader of CSV in another language, with the texts that spreadsheets like to work out.
	said := run(t, dir, "", "python3", "-c", `
import csv, json, zipfile
tables = {s["name"]: s for s in json.load(open("tables.json", encoding="utf-8"))["sheets"]}
for name, sheet in tables.items():
    rows = list(csv.reader(open(name + ".csv", encoding="utf-8", newline="")))
    assert rows[0] == sheet["columns"], name
    assert len(rows) == len(sheet["rows"]) + 1, name
    for got, want in zip(rows[1:], sheet["rows"]):
        for g, w in zip(got, want):
            w = str(w)
            assert (g[1:] if g.startswith("'") else g).replace("\r\n", "\n") == w, (name, g, w)
            assert not g.lstrip().startswith(("=", "+", "-", "@")), (name, g)
raw = open("answers.csv", "rb").read()
assert raw.count(b"\r\n") > 10 and not raw.startswith(b"\xef\xbb\xbf")
assert zipfile.ZipFile("tables.xlsx").testzip() is None
print("read")
`)
	if strings.TrimSpace(said) != "read" {
		t.Errorf("python: %s", said)
	}
}
