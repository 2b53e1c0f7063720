package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"answerable/internal/export"
)

// A clinic takes what the panel signed, checks it without a network, seals it, and takes several in one file. A file that is
// cut off, or asked for twice at once, leaves nothing under the final name.
func TestAClinicTakesItsBundleAndAnybodyChecksIt(t *testing.T) {
	demo := shared.start(t)
	dir := t.TempDir()
	at := []string{"--server", demo.URL, "--clinic", demo.Clinic}
	file := filepath.Join(dir, "bundle.zip")
	take := func(args ...string) []string { return append(append([]string{"export", "build"}, at...), args...) }

	built := answerableJSON[struct {
		File string
		export.Verified
	}](t, "", take("--identity", demo.Identities[2], "--out", file)...)
	if built.File != file || !built.Holds || !built.Logged || len(built.Signers) < 2 || built.Tables == 0 {
		t.Fatalf("%+v", built)
	}
	poster := answerableJSON[struct{ Fingerprint string }](t, "", "panel", "manifest", "show", "--server", demo.URL, "--clinic", demo.Clinic)
	if said := string(answerable(t, "", "export", "verify", "--fingerprint", poster.Fingerprint, file)); !strings.Contains(said, "This bundle holds.") || !strings.Contains(said, "the one with your fingerprint") || !strings.Contains(said, "members by list 1 of the panel") || !strings.Contains(said, "only the log shows") {
		t.Error(said)
	}
	again := filepath.Join(dir, "again.zip")
	answerable(t, "", take("--period", built.First, "--out", again)...)
	one, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := os.ReadFile(again); err != nil || !bytes.Equal(one, two) {
		t.Errorf("the same bundle, taken twice, differs: %v", err)
	}

	changed := bytes.Replace(one, []byte("hidden\r\n"), []byte("hiddem\r\n"), 1)
	if err := os.WriteFile(again, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	if said := refusal(t, "", "export", "verify", again); !strings.Contains(said, "does not hold") {
		t.Error(said)
	}
	if said := refusal(t, "", "export", "verify", "--fingerprint", "AAAA-AAAA-AAAA-AAAA-AAAA", file); !strings.Contains(said, "does not hold") {
		t.Error(said)
	}

	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "clinic.txt")
	if err := os.WriteFile(key, []byte(id.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sealed, all := filepath.Join(dir, "bundle.zip.age"), filepath.Join(dir, "all.zip")
	answerable(t, "", take("--to", id.Recipient().String(), "--out", sealed)...)
	if said := refusal(t, "", "export", "verify", sealed); !strings.Contains(said, "sealed") {
		t.Error(said)
	}
	answerable(t, "", "export", "open", "--identity", key, "--out", filepath.Join(dir, "open"), sealed)
	if page, err := os.ReadFile(filepath.Join(dir, "open", "report.html")); err != nil || !bytes.Contains(page, []byte("what was told")) {
		t.Errorf("unpacked: %v", err)
	}

	answerable(t, "", take("--all", "--out", all)...)
	if said := string(answerable(t, "", "export", "verify", "--fingerprint", poster.Fingerprint, all)); !strings.Contains(said, "All 1 bundles hold.") {
		t.Error(said)
	}

	if err := os.WriteFile(all+partEnd, nil, 0o600); err != nil { // another run is at it
		t.Fatal(err)
	}
	if said := refusal(t, "", take("--all", "--out", all)...); !strings.Contains(said, "being written already") {
		t.Error(said)
	}
	missing := filepath.Join(dir, "missing.zip")
	if said := refusal(t, "", take("--period", "2020-01-01", "--out", missing)...); !strings.Contains(said, "has signed no such bundle yet") {
		t.Error(said)
	}
	for _, name := range []string{missing, missing + partEnd} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s is left", name)
		}
	}
}

// What another release of this program made is never said to hold, and its files are named.
func TestABundleOfAnotherReleaseIsSaidToBeUnchecked(t *testing.T) {
	v := &export.Verified{Generator: 7, NotChecked: []string{"report.html"}}
	if said := verifiedText(v); !strings.HasPrefix(said, "NOT CHECKED.") || strings.Contains(said, "bundle holds") || !strings.Contains(said, "  report.html\n") {
		t.Error(said)
	}
	v.Pinned, v.List = true, 4
	if said := verifiedText(v); !strings.Contains(said, "members by list 4 of the panel") || !strings.Contains(said, "only the log shows") {
		t.Errorf("of the list: %s", said)
	}
	if err := holds(v); err == nil || !strings.Contains(err.Error(), "NOT CHECKED") {
		t.Error(err)
	}
}

// A build that somebody stops while it waits for the server ends at once, says so, and leaves nothing under either name. The same
// command goes through afterwards.
func TestAStoppedBuildLeavesNothing(t *testing.T) {
	demo := shared.start(t)
	there, err := url.Parse(demo.URL)
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(there)
	asked := make(chan struct{}, 8)
	stuck := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".zip") {
			asked <- struct{}{}
			<-r.Context().Done() // a server that never answers
			return
		}
		pass.ServeHTTP(w, r)
	}))
	defer stuck.Close()
	out := filepath.Join(t.TempDir(), "all.zip")
	for name, args := range map[string][]string{"one": nil, "all": {"--all"}} {
		cmd := command(t, append([]string{"export", "build", "--server", stuck.URL, "--clinic", demo.Clinic, "--out", out}, args...)...)
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-asked
		if _, err := os.Stat(out + partEnd); err != nil {
			t.Errorf("%s: while it is built it has no name of its own: %v", name, err)
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || !strings.Contains(said.String(), "stopped; nothing is left under the file's name") {
			t.Errorf("%s: %v\n%s", name, err, said.String())
		}
		for _, left := range []string{out, out + partEnd} {
			if _, err := os.Stat(left); err == nil {
				t.Errorf("%s: %s is left", name, left)
			}
		}
	}
	answerable(t, "", "export", "build", "--server", demo.URL, "--clinic", demo.Clinic, "--all", "--out", out)
}

// A disk that is full while a bundle is written leaves no half file under its name.
func TestAFullDiskLeavesNoHalfBundle(t *testing.T) {
	out := filepath.Join(t.TempDir(), "bundle.zip")
	p, err := (&exportBuildCmd{Out: out}).create()
	if err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	if _, err := p.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	p.Writer = full // from here on the disk takes no more
	_, err = p.Write([]byte("the other half"))
	if err = diskTrouble(err); !strings.Contains(err.Error(), "nothing is left under the file's name") || !strings.Contains(err.Error(), "no space") {
		t.Error(err)
	}
	p.discard()
	for _, name := range []string{out, out + partEnd} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s is left", name)
		}
	}
}
