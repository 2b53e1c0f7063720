package liaison_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"answerable/internal/liaison"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/seal"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestALiaisonComesAndGoes(t *testing.T) {
	ctx, db := t.Context(), pgtest.New(t)
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s := &liaison.Store{DB: db, Now: func() time.Time { return at }}
	clinics := [2]string{uuid.NewString(), uuid.NewString()}
	for i, slug := range []string{"riverside", "hillside"} {
		if _, err := db.NewRaw(`INSERT INTO clinic (id, slug, name) VALUES (?, ?, ?)`, clinics[i], slug, slug).Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(what string, got, want error) {
		t.Helper()
		if !errors.Is(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	for _, role := range []string{"", " ", "two\nlines", strings.Repeat("x", 401), "\xff"} {
		_, _, err := s.Invite(ctx, clinics[0], role)
		want("the role "+role, err, liaison.ErrRole)
	}
	code, invited, err := s.Invite(ctx, clinics[0], " practice manager ")
	must(err)
	_, err = s.Of(ctx, clinics[0], invited.ID)
	want("before joining", err, liaison.ErrUnknown)
	old, _, err := s.Invite(ctx, clinics[0], "nurse")
	must(err)
	at = at.AddDate(0, 0, 14)
	words, err := s.Join(ctx, " "+strings.ToUpper(code)+"\n")
	must(err)
	_, err = s.Join(ctx, code)
	want("an invitation used twice", err, liaison.ErrInvitation)
	at = at.AddDate(0, 0, 1)
	_, err = s.Join(ctx, old)
	want("an invitation that is too old", err, liaison.ErrInvitation)

	_, err = s.SignIn(ctx, seal.Receipt{9})
	want("other words", err, liaison.ErrWords)
	token, err := s.SignIn(ctx, words)
	must(err)
	session, err := s.Session(ctx, token)
	must(err)
	if session.ClinicID != clinics[0] || session.LiaisonID != invited.ID {
		t.Errorf("signed in as %+v", session)
	}
	_, err = s.Of(ctx, clinics[1], invited.ID)
	want("at another clinic", err, liaison.ErrUnknown)
	who, err := s.Of(ctx, clinics[0], invited.ID)
	if err != nil || who.Role != "practice manager" {
		t.Errorf("they are %+v, %v", who, err)
	}
	var kept [][]byte
	must(db.NewRaw(`SELECT hash FROM liaison_key UNION ALL SELECT token_hash FROM liaison_session`).Scan(ctx, &kept))
	for _, hash := range kept {
		if bytes.Contains(hash, words[:]) || bytes.Contains([]byte(token), hash) {
			t.Error("the database holds what signs somebody in")
		}
	}
	at = at.Add(liaison.SessionLifetime + time.Second)
	_, err = s.Session(ctx, token)
	want("after eight hours", err, liaison.ErrSession)

	token, err = s.SignIn(ctx, words)
	must(err)
	want("removed from another clinic", s.Remove(ctx, clinics[1], invited.ID), liaison.ErrUnknown)
	must(s.Remove(ctx, clinics[0], invited.ID))
	want("removed twice", s.Remove(ctx, clinics[0], invited.ID), liaison.ErrUnknown)
	_, err = s.Session(ctx, token)
	want("a session after leaving", err, liaison.ErrSession)
	_, err = s.SignIn(ctx, words)
	want("the words after leaving", err, liaison.ErrWords)
	_, err = s.Of(ctx, clinics[0], invited.ID)
	want("after leaving", err, liaison.ErrUnknown)
	list, err := s.List(ctx, clinics[0])
	if err != nil || len(list) != 2 || list[1].ID != invited.ID || list[1].LeftOn == nil {
		t.Errorf("listed: %+v, %v", list, err)
	}
}
