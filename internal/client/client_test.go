package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
)

func newReader(b []byte) io.Reader { return bytes.NewReader(b) }

func TestRefusalsAreSentences(t *testing.T) {
	p := newPlace(t)
	closed := &Problem{}
	_, err := p.client().Epoch(t.Context(), testClinic)
	if !errors.As(err, &closed) || !closed.Kind(ProblemFormClosed) {
		t.Errorf("no epoch yet: %v", err)
	}
	unknown := &Problem{}
	_, err = p.client().Epoch(t.Context(), "nowhere")
	if !errors.As(err, &unknown) || !unknown.Kind(ProblemUnknown) || !strings.Contains(unknown.Error(), "no clinic of this name") {
		t.Errorf("unknown clinic: %v", err)
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>hello") }))
	t.Cleanup(other.Close)
	c, err := New(other.URL)
	must(t, err)
	var stranger *StrangerError
	if _, err := c.Epoch(t.Context(), testClinic); !errors.As(err, &stranger) {
		t.Errorf("another server: %v", err)
	}
	away := httptest.NewServer(http.RedirectHandler("https://elsewhere.example/", http.StatusMovedPermanently))
	t.Cleanup(away.Close)
	c, err = New(away.URL)
	must(t, err)
	var moved *MovedError
	if _, err := c.Epoch(t.Context(), testClinic); !errors.As(err, &moved) || moved.To != "https://elsewhere.example/" {
		t.Errorf("redirect: %v", err)
	}
}

func TestPlainHTTPIsForThisMachineOnly(t *testing.T) {
	for address, ok := range map[string]bool{
		"http://localhost:8080": true, "http://127.0.0.1:1": true, "http://[::1]:1": true, "https://clinic.example": true,
		"https://clinic.example/": true, "http://" + strings.Repeat("a", 56) + ".onion": true,
		"http://clinic.example": false, "http://192.168.1.5:8080": false, "http://localhost.example": false,
		"clinic.example": false, "": false, "ftp://clinic.example": false, "https://clinic.example/c/riverside": false,
		"https://user:pw@clinic.example": false, "https://clinic.example?x=1": false,
	} {
		_, err := New(address)
		var bad *AddressError
		if (err == nil) != ok || err != nil && !errors.As(err, &bad) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestOnlyACanaryComesByPlainHTTP(t *testing.T) {
	if _, err := NewPlain("http://clinic.example"); err != nil {
		t.Error(err)
	}
	var bad *AddressError
	for _, address := range []string{"ftp://clinic.example", "http://user:pw@clinic.example", ""} {
		if _, err := NewPlain(address); !errors.As(err, &bad) {
			t.Errorf("%q: %v", address, err)
		}
	}
	var callers []string
	for _, root := range []string{"..", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			code, err := os.ReadFile(path)
			if strings.Contains(string(code), "client.NewPlain(") {
				callers = append(callers, filepath.ToSlash(path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(callers, []string{"../../cmd/answerable/canary.go"}) {
		t.Errorf("words go by plain http in %v", callers)
	}
}

func TestInvitationIsGoodOnceAndSignInOnlyForThePanel(t *testing.T) {
	p := newPlace(t)
	code, err := p.accounts.Invite(t.Context(), p.clinicID)
	must(t, err)
	reviewers := []*Reviewer{}
	for range 2 {
		identity, err := age.GenerateHybridIdentity()
		must(t, err)
		r, err := p.client().Reviewer(identity)
		must(t, err)
		reviewers = append(reviewers, r)
	}
	must(t, reviewers[0].Enrol(t.Context(), code))
	if err := reviewers[1].Enrol(t.Context(), code); err == nil || !strings.Contains(err.Error(), "used already") {
		t.Errorf("second use: %v", err)
	}
	must(t, reviewers[0].SignIn(t.Context()))
	if err := reviewers[1].SignIn(t.Context()); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a stranger's sign-in: %v", err)
	}
	if _, err := reviewers[1].Pull(t.Context(), testClinic, t.TempDir(), func(int, int) {}); err == nil {
		t.Error("a stranger pulls")
	}
}
