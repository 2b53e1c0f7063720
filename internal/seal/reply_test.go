package seal

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

func TestReplyVectors(t *testing.T) {
	var v struct {
		Comment, Origin, Receipt string
		ReviewerSeed             string `json:"reviewer_seed"`
		Reviewer                 string
		VerifyKey                string `json:"verify_key"`
		Anchor                   string
		Replies                  []struct {
			Comment, Day, Text, Asks, Sig string
			PaddedSHA256                  string `json:"padded_sha256"`
			File                          string
		}
		Accept, Refuse []struct{ Comment, JSON string }
	}
	load(t, "reply.json", &v)
	raw, _ := hex.DecodeString(v.Receipt)
	keys := Receipt(raw).Derive(v.Origin)
	pub, _ := base64.StdEncoding.DecodeString(v.VerifyKey)
	panel := func(id string) ed25519.PublicKey {
		if id == v.Reviewer {
			return pub
		}
		return nil
	}
	anchor := keys.AnchorToken.Commitment()
	if anchor.String() != v.Anchor || len(v.Replies) < 3 || len(v.Refuse) < 10 {
		t.Fatal("the vectors are not whole")
	}
	for _, c := range v.Replies {
		sig, _ := base64.StdEncoding.DecodeString(c.Sig)
		r := &Reply{V: 1, T: kindReply, Anchor: v.Anchor, Day: c.Day, Text: c.Text, Asks: c.Asks, Reviewer: v.Reviewer, Signature: sig}
		if err := r.Verify(v.Origin, []Commitment{{1}, anchor}, panel); err != nil {
			t.Errorf("%s: %v", c.Comment, err)
		}
		b, _ := json.Marshal(r)
		if sum := sha256.Sum256(pad(b, SmallBucket)); hex.EncodeToString(sum[:]) != c.PaddedSHA256 {
			t.Errorf("%s: other bytes", c.Comment)
		}
		if c.File == "" {
			continue
		}
		file, _ := base64.StdEncoding.DecodeString(c.File)
		got, err := OpenReply(file, keys.ReplyIdentity)
		if err != nil || got.Text != c.Text || got.Day != c.Day || got.Asks != c.Asks {
			t.Errorf("%s: %v", c.Comment, err)
		}
	}
	for _, c := range v.Accept {
		if _, err := ParseReply(padTo(c.JSON, SmallBucket)); err != nil {
			t.Errorf("%s: %v", c.Comment, err)
		}
	}
	for _, c := range v.Refuse {
		if _, err := ParseReply(padTo(c.JSON, SmallBucket)); err == nil {
			t.Errorf("%s: read", c.Comment)
		}
	}
}

func TestAnswersAreSignedForOneMessageOfOnePlaceAndHaveOneSize(t *testing.T) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const origin, who = "clinic.example/answerable", "rabcdefgh"
	writer, other := Receipt{1}.Stretch(origin).Message(0), Receipt{2}.Stretch(origin).Message(0)
	anchor, to := writer.AnchorToken.Commitment(), writer.ReplyIdentity.Recipient().String()
	day := time.Date(2026, 12, 3, 23, 59, 0, 0, time.UTC)
	panel := func(id string) ed25519.PublicKey { return map[string]ed25519.PublicKey{who: pub}[id] }
	for text, asks := range map[string]string{"": AsksCheckIn, "x": "", strings.Repeat("y", 10_000): ""} {
		file, err := SealReply(origin, who, key, anchor, to, day, text, asks)
		if err != nil || len(file) != SmallBucket+Overhead {
			t.Fatalf("%d bytes, %v", len(file), err)
		}
		if _, err := OpenReply(file, other.ReplyIdentity); !errors.Is(err, ErrWillNotOpen) {
			t.Errorf("another writer opens it: %v", err)
		}
		r, err := OpenReply(file, writer.ReplyIdentity)
		if err != nil || r.Text != text || r.Asks != asks || r.Day != "2026-12-03" {
			t.Fatalf("%v", err)
		}
		if err := r.Verify(origin, []Commitment{anchor}, panel); err != nil {
			t.Error(err)
		}
		changed := *r
		changed.Text += "!"
		asking := *r
		asking.Asks = either(asks == "", AsksCheckIn, "")
		later := *r
		later.Day = "2026-12-04"
		stranger := *r
		stranger.Reviewer = "rzzzzzzzz"
		for name, refused := range map[string]error{
			"another place":        r.Verify("other.example/answerable", []Commitment{anchor}, panel),
			"another message":      r.Verify(origin, []Commitment{other.AnchorToken.Commitment()}, panel),
			"changed words":        changed.Verify(origin, []Commitment{anchor}, panel),
			"another question":     asking.Verify(origin, []Commitment{anchor}, panel),
			"another day":          later.Verify(origin, []Commitment{anchor}, panel),
			"nobody on the panel":  stranger.Verify(origin, []Commitment{anchor}, panel),
			"no message of theirs": r.Verify(origin, nil, panel),
		} {
			if !errors.Is(refused, ErrReplySignature) {
				t.Errorf("%s: %v", name, refused)
			}
		}
	}
	var long *TooLongError
	if _, err := SealReply(origin, who, key, anchor, to, day, strings.Repeat("y", SmallBucket), ""); !errors.As(err, &long) {
		t.Errorf("too long: %v", err)
	}
	if _, err := SealReply(origin, who, key, anchor, to, day, "\xff", ""); err == nil {
		t.Error("bytes that are no text are sealed")
	}
}

func either(first bool, one, other string) string {
	if first {
		return one
	}
	return other
}

func FuzzParseReply(f *testing.F) {
	f.Add(padTo(`{"v":1,"t":"reply","anchor":"`+Commitment{1}.String()+`","day":"2026-12-03","text":"x","reviewer":"rabcdefgh","sig":"`+base64.StdEncoding.EncodeToString(make([]byte, 64))+`"}`, SmallBucket))
	f.Add(padTo(`{"v":1,"t":"reply","anchor":"`+Commitment{1}.String()+`","day":"2026-12-03","text":"","asks":"check_in","reviewer":"rabcdefgh","sig":"`+base64.StdEncoding.EncodeToString(make([]byte, 64))+`"}`, SmallBucket))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, padded []byte) {
		r, err := ParseReply(padded)
		var refused *PlaintextError
		if err != nil {
			if !errors.As(err, &refused) {
				t.Errorf("another kind of error: %v", err)
			}
			return
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseReply(pad(b, SmallBucket)); len(b) < SmallBucket && (err != nil || again.Text != r.Text || again.Anchor != r.Anchor) {
			t.Errorf("does not come back: %v", err)
		}
	})
}
