package account

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"answerable/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestSignInVector(t *testing.T) {
	raw, err := os.ReadFile("../seal/testdata/vectors/signin.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		IdentitySeed string `json:"identity_seed"`
		PublicKey    string `json:"public_key"`
		Reviewer     string
		Origin       string
		Nonce        string
		Expires      int64
		Text         string
		Signature    string
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	seed, _ := hex.DecodeString(v.IdentitySeed)
	key := SigningKey([32]byte(seed))
	public := key.Public().(ed25519.PublicKey)
	nonce, _ := base64.RawURLEncoding.DecodeString(v.Nonce)
	text := SignInText(v.Origin, v.Reviewer, [32]byte(nonce), time.Unix(v.Expires, 0))
	for _, c := range []struct{ name, got, want string }{
		{"public key", hex.EncodeToString(public), v.PublicKey},
		{"reviewer", ReviewerID(public), v.Reviewer},
		{"text", string(text), v.Text},
		{"signature", base64.StdEncoding.EncodeToString(ed25519.Sign(key, text)), v.Signature},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", c.name, c.got, c.want)
		}
	}
}

// TestEnrolVector reads the text and the signature of joining that the browser makes, too.
func TestEnrolVector(t *testing.T) {
	raw, err := os.ReadFile("../seal/testdata/vectors/enrol.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		IdentitySeed string `json:"identity_seed"`
		Recipient    string `json:"recipient"`
		VerifyKey    string `json:"verify_key"`
		Invitation   string `json:"invitation"`
		Text         string `json:"text"`
		Signature    string `json:"signature"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	seed, _ := hex.DecodeString(v.IdentitySeed)
	key := SigningKey([32]byte(seed))
	text := EnrolText(v.Invitation, v.Recipient)
	for _, c := range []struct{ name, got, want string }{
		{"key", base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)), v.VerifyKey},
		{"text", string(text), v.Text},
		{"signature", base64.StdEncoding.EncodeToString(ed25519.Sign(key, text)), v.Signature},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", c.name, c.got, c.want)
		}
	}
}

const here = "https://clinic.example"

// enrolled makes a store with one reviewer.
func enrolled(t *testing.T) (*Store, ed25519.PrivateKey, string) {
	t.Helper()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s := &Store{DB: pgtest.New(t), Origins: []string{here}, Now: func() time.Time { return now }}
	key := SigningKey([32]byte{1})
	r, err := s.Register(context.Background(), s.DB, "age1pq1test", key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return s, key, r.ID
}

func TestSignInOpensASession(t *testing.T) {
	ctx := context.Background()
	s, key, id := enrolled(t)
	nonce, err := s.NewNonce(ctx)
	if err != nil {
		t.Fatal(err)
	}
	text := SignInText(here, id, nonce, s.Now().Add(time.Minute))
	token, reviewer, err := s.SignIn(ctx, text, ed25519.Sign(key, text), "")
	if err != nil || reviewer.ID != id {
		t.Fatalf("got %v, %v", reviewer, err)
	}
	if got, err := s.Session(ctx, token); err != nil || got.ID != id {
		t.Errorf("session: got %v, %v", got, err)
	}
	if _, _, err := s.SignIn(ctx, text, ed25519.Sign(key, text), ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("the same text a second time: got %v, want ErrSignIn", err)
	}
	later := s.Now().Add(SessionLifetime + time.Second)
	s.Now = func() time.Time { return later }
	if _, err := s.Session(ctx, token); !errors.Is(err, ErrSession) {
		t.Errorf("after its time: got %v, want ErrSession", err)
	}
}

func TestSignOutEndsTheSession(t *testing.T) {
	ctx := context.Background()
	s, key, id := enrolled(t)
	nonce, _ := s.NewNonce(ctx)
	text := SignInText(here, id, nonce, s.Now().Add(time.Minute))
	token, _, err := s.SignIn(ctx, text, ed25519.Sign(key, text), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SignOut(ctx, token); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{token, "", "x", strings.Repeat("A", 43)} {
		if _, err := s.Session(ctx, token); !errors.Is(err, ErrSession) {
			t.Errorf("token %.4q: got %v, want ErrSession", token, err)
		}
	}
}

func TestSignInRefusals(t *testing.T) {
	ctx := context.Background()
	s, key, id := enrolled(t)
	for name, make := range map[string]func([32]byte) (text, signature []byte){
		"made for another site": func(n [32]byte) ([]byte, []byte) {
			text := SignInText("https://evil.example", id, n, s.Now().Add(time.Minute))
			return text, ed25519.Sign(key, text)
		},
		"expired": func(n [32]byte) ([]byte, []byte) {
			text := SignInText(here, id, n, s.Now().Add(-time.Second))
			return text, ed25519.Sign(key, text)
		},
		"good for too long": func(n [32]byte) ([]byte, []byte) {
			text := SignInText(here, id, n, s.Now().Add(time.Hour))
			return text, ed25519.Sign(key, text)
		},
		"another reviewer's key": func(n [32]byte) ([]byte, []byte) {
			text := SignInText(here, id, n, s.Now().Add(time.Minute))
			return text, ed25519.Sign(SigningKey([32]byte{2}), text)
		},
		"unknown reviewer": func(n [32]byte) ([]byte, []byte) {
			text := SignInText(here, "raaaaaaaa", n, s.Now().Add(time.Minute))
			return text, ed25519.Sign(key, text)
		},
		"a nonce we did not give": func([32]byte) ([]byte, []byte) {
			text := SignInText(here, id, [32]byte{9}, s.Now().Add(time.Minute))
			return text, ed25519.Sign(key, text)
		},
		"not a sign-in text": func([32]byte) ([]byte, []byte) { return []byte("hello\n"), nil },
		"a changed text": func(n [32]byte) ([]byte, []byte) {
			text := SignInText(here, id, n, s.Now().Add(time.Minute))
			return append(text, '\n'), ed25519.Sign(key, text)
		},
	} {
		nonce, err := s.NewNonce(ctx)
		if err != nil {
			t.Fatal(err)
		}
		text, signature := make(nonce)
		if _, _, err := s.SignIn(ctx, text, signature, ""); !errors.Is(err, ErrSignIn) {
			t.Errorf("%s: got %v, want ErrSignIn", name, err)
		}
	}
}

func TestInvitationWorksOnce(t *testing.T) {
	ctx := context.Background()
	s, _, _ := enrolled(t)
	clinicID := uuid.NewString()
	if _, err := s.DB.NewRaw(`INSERT INTO clinic (id, slug, name) VALUES (?, 'c1', 'C')`, clinicID).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	code, err := s.Invite(ctx, clinicID)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.SpendInvitation(ctx, s.DB, code); err != nil || got != clinicID {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := s.SpendInvitation(ctx, s.DB, code); !errors.Is(err, ErrInvitation) {
		t.Errorf("second use: got %v, want ErrInvitation", err)
	}
	old, _ := s.Invite(ctx, clinicID)
	later := s.Now().AddDate(0, 0, invitationDays+1)
	s.Now = func() time.Time { return later }
	if _, err := s.SpendInvitation(ctx, s.DB, old); !errors.Is(err, ErrInvitation) {
		t.Errorf("too old: got %v, want ErrInvitation", err)
	}
}

func TestStewardsAreInvitedAndSitOnNoPanel(t *testing.T) {
	ctx := context.Background()
	s, _, reviewer := enrolled(t)
	code, err := s.InviteSteward(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.SpendInvitation(ctx, s.DB, code); err != nil || got != "" {
		t.Errorf("got clinic %q, %v; a steward's invitation leads to no clinic", got, err)
	}
	if err := s.RequireSteward(ctx, reviewer); !errors.Is(err, ErrNotSteward) {
		t.Errorf("before: got %v, want ErrNotSteward", err)
	}
	for range 2 {
		if _, err := s.AddSteward(ctx, s.DB, reviewer); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.RequireSteward(ctx, reviewer); err != nil {
		t.Errorf("after: got %v", err)
	}
	if has, err := s.HasSteward(ctx); err != nil || !has {
		t.Errorf("HasSteward: got %v, %v", has, err)
	}
}

func FuzzParseSignIn(f *testing.F) {
	f.Add(string(SignInText(here, "raaaaaaaa", [32]byte{}, time.Unix(1, 0))))
	f.Fuzz(func(t *testing.T, text string) {
		in, err := parseSignIn(text)
		if err == nil && string(SignInText(in.origin, in.reviewer, [32]byte(in.nonce), in.expires)) != text {
			t.Errorf("%q is read, but not as we write it", text)
		}
	})
}
