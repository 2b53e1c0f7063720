package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"filippo.io/age"
)

func TestFieldIsAField(t *testing.T) {
	// FIPS 197, section 4.2: {57} x {83} = {c1}.
	if got := multiply(0x57, 0x83); got != 0xc1 {
		t.Errorf("57 x 83 is %x", got)
	}
	for a := range 256 {
		a := byte(a)
		if multiply(a, 1) != a || multiply(a, 0) != 0 || a != 0 && multiply(a, invert(a)) != 1 {
			t.Errorf("%x: times one %x, times its inverse %x", a, multiply(a, 1), multiply(a, invert(a)))
		}
		for b := range 256 {
			b := byte(b)
			if multiply(a, b) != multiply(b, a) || multiply(a, b^0x53) != multiply(a, b)^multiply(a, 0x53) {
				t.Fatalf("%x and %x do not multiply as in a field", a, b)
			}
		}
	}
}

// choices calls with every choice of k out of shares.
func choices(shares []Share, k int, with func([]Share)) {
	var choose func(from int, chosen []Share)
	choose = func(from int, chosen []Share) {
		if len(chosen) == k {
			with(chosen)
			return
		}
		for i := from; i < len(shares); i++ {
			choose(i+1, append(chosen[:len(chosen):len(chosen)], shares[i]))
		}
	}
	choose(0, nil)
}

func TestEveryChoiceOfEnoughSharesGivesTheSecret(t *testing.T) {
	secret := [secretSize]byte{0: 1, 7: 0xff, 31: 0x80}
	for _, kn := range [][2]int{{2, 2}, {2, 3}, {3, 5}, {4, 7}, {5, 5}, {2, 20}} {
		k, n := kn[0], kn[1]
		shares, err := split(&secret, n, k)
		if err != nil || len(shares) != n {
			t.Fatalf("%d of %d: %d shares, %v", k, n, len(shares), err)
		}
		for m := 1; m <= min(k+1, n); m++ {
			choices(shares, m, func(chosen []Share) {
				got, err := combine(chosen)
				if err != nil || (got == secret) != (m >= k) {
					t.Errorf("%d of %d with %d shares: gives it %v, %v", k, n, m, got == secret, err)
				}
			})
		}
	}
	for _, kn := range [][2]int{{1, 3}, {0, 3}, {4, 3}, {2, 256}} {
		if _, err := split(&secret, kn[1], kn[0]); err == nil {
			t.Errorf("%d of %d is split", kn[0], kn[1])
		}
	}
}

// One share of two can be any value, whatever the secret is: over many splits each value comes up about as often.
func TestOneShareAloneTellsNothing(t *testing.T) {
	const splits = 4000
	for _, secret := range [][secretSize]byte{{}, {0: 0xa7}} {
		var seen [256]int
		for range splits {
			shares, err := split(&secret, 2, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, y := range shares[1][:secretSize/2] {
				seen[y]++
			}
		}
		for value, times := range seen {
			if times < 150 || times > 360 { // 250 are expected; the standard deviation is 16
				t.Errorf("secret %x: the value %x came up %d times", secret[0], value, times)
			}
		}
	}
}

func TestSharesThatCannotBeCombined(t *testing.T) {
	shares, err := split(&[secretSize]byte{1}, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	zero, same := shares[0], shares[0]
	zero[secretSize] = 0
	same[3] ^= 1
	for name, chosen := range map[string][]Share{
		"a coordinate of zero": {zero, shares[1]}, "a coordinate twice": {shares[0], same}, "a share twice": {shares[0], shares[0]},
	} {
		if _, err := combine(chosen); err == nil {
			t.Errorf("%s: combined", name)
		}
	}
}

type dealtVector struct {
	Comment       string
	SplitBy       string `json:"split_by"`
	Epoch         string
	Recipient     string
	EpochIdentity string `json:"epoch_identity"`
	K, N          int
	RecordShares  string `json:"record_shares"`
	Reviewers     []string
	Wraps, Shares []string
}

func (d *dealtVector) quorum(t testing.TB) *Quorum {
	t.Helper()
	raw := decode64(t, d.RecordShares)
	return &Quorum{Epoch: d.Epoch, Recipient: d.Recipient, K: d.K, N: d.N, Shares: [32]byte(raw)}
}

func (d *dealtVector) reviewer(t testing.TB, at int) age.Identity {
	t.Helper()
	identity, err := age.ParseHybridIdentity(d.Reviewers[at])
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

func decode64(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

type shareVectors struct {
	Comment string
	Dealt   []dealtVector
	Refuse  []struct {
		Comment              string
		At                   int
		Problem, Names, File string
	}
	Request struct { // internal/keyring reads it
		Clinic, Epoch, Requester, Recipient, Day, Lines, File string
		AnswerLines                                           string `json:"answer_lines"`
	}
}

func TestShareVectors(t *testing.T) {
	var v shareVectors
	load(t, "shares.json", &v)
	by := map[string]int{}
	for _, d := range v.Dealt {
		by[d.SplitBy]++
		q := d.quorum(t)
		var shares []Share
		for at, wrap := range d.Wraps {
			s, err := OpenEpochShare(decode64(t, wrap), d.reviewer(t, at), q, at)
			if err != nil {
				t.Fatalf("%s: part %d: %v", d.Comment, at, err)
			}
			if got := base64.StdEncoding.EncodeToString(s.Share[:]); got != d.Shares[at] {
				t.Errorf("%s: part %d is another one", d.Comment, at)
			}
			shares = append(shares, s.Share)
		}
		choices(shares, d.K, func(chosen []Share) {
			identity, err := CombineShares(q, chosen)
			if err != nil || identity.String() != d.EpochIdentity {
				t.Errorf("%s: %d parts: %v", d.Comment, d.K, err)
			}
		})
		choices(shares, d.K-1, func(few []Share) {
			var missing *MissingSharesError
			if _, err := CombineShares(q, append(few, few...)); !errors.As(err, &missing) || missing.Have != d.K-1 || missing.Need != d.K {
				t.Errorf("%s: %d parts: got %v", d.Comment, d.K-1, err)
			}
			seed, err := combine(few)
			if err != nil {
				t.Fatal(err)
			}
			if identity, err := IdentityFromSeed(seed); err != nil || identity.Recipient().String() == d.Recipient {
				t.Errorf("%s: %d parts are enough", d.Comment, d.K-1)
			}
		})
	}
	if by["go"] != 2 || by["browser"] != 2 {
		t.Errorf("split by %v", by)
	}
	d := v.Dealt[0]
	for _, r := range v.Refuse {
		_, err := OpenEpochShare(decode64(t, r.File), d.reviewer(t, r.At), d.quorum(t), r.At)
		if !errors.Is(err, ErrWrap) || errors.Is(err, ErrShare) != (r.Problem == "not-dealt") || !strings.Contains(fmt.Sprint(err), r.Names) {
			t.Errorf("%s: got %v", r.Comment, err)
		}
	}
	if len(v.Refuse) == 0 {
		t.Fatal("no refusals")
	}
}

func TestEpochIsDealtInParts(t *testing.T) {
	epoch, reviewers := newIdentity(t), []*age.HybridIdentity{newIdentity(t), newIdentity(t), newIdentity(t)}
	var recipients []string
	for _, r := range reviewers {
		recipients = append(recipients, r.Recipient().String())
	}
	files, hash, err := WrapEpochShares("2026-12-abcd", epoch, recipients, 2)
	if err != nil {
		t.Fatal(err)
	}
	q := &Quorum{Epoch: "2026-12-abcd", Recipient: epoch.Recipient().String(), K: 2, N: 3, Shares: hash}
	var shares []Share
	for at, file := range files {
		if len(file) != len(files[0]) || len(file) > maxWrap {
			t.Errorf("part %d has %d bytes", at, len(file))
		}
		s, err := OpenEpochShare(file, reviewers[at], q, at)
		if err != nil {
			t.Fatal(err)
		}
		shares = append(shares, s.Share)
		if _, err := OpenEpochShare(file, reviewers[(at+1)%3], q, at); !errors.Is(err, ErrWrap) {
			t.Errorf("somebody else opens part %d: %v", at, err)
		}
		if got := fmt.Sprintf("%v %+v %#v %s", s.Share, s.Share, s.Share, s.Share); got != strings.TrimSpace(strings.Repeat("[redacted] ", 4)) {
			t.Error("a part prints itself")
		}
	}
	if _, err := CombineShares(&Quorum{Epoch: q.Epoch, Recipient: recipients[0], K: 2, N: 3, Shares: hash}, shares); !errors.Is(err, ErrDealt) {
		t.Errorf("parts of another key than people seal to: %v", err)
	}
	if _, _, err := WrapEpochShares("2026-12-abcd", epoch, recipients, 4); err == nil {
		t.Error("four of three are dealt")
	}
	if _, _, err := WrapEpochShares("2026-12-abcd", epoch, append(recipients, "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"), 2); err == nil {
		t.Error("a part is sealed to an older kind of key")
	}
}

func FuzzParseEpochShare(f *testing.F) {
	var v shareVectors
	load(f, "shares.json", &v)
	d := v.Dealt[0]
	q := d.quorum(f)
	for at, wrap := range d.Wraps {
		plain, err := decrypt(decode64(f, wrap), d.reviewer(f, at))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	f.Fuzz(func(t *testing.T, plain []byte) {
		s, err := parseEpochShare(plain, q)
		if err != nil {
			if !errors.Is(err, ErrWrap) {
				t.Errorf("%v is no ErrWrap", err)
			}
			return
		}
		if len(s.Hashes) != q.N || s.Share[secretSize] == 0 {
			t.Errorf("it reads %d hashes and the coordinate %d", len(s.Hashes), s.Share[secretSize])
		}
		file, err := SealEpochShare(q, s, d.reviewer(t, 0).(*age.HybridIdentity).Recipient().String())
		if err != nil {
			t.Fatal(err)
		}
		again, err := decrypt(file, d.reviewer(t, 0))
		if err != nil {
			t.Fatal(err)
		}
		if same, err := parseEpochShare(again, q); err != nil || same.Share != s.Share || HashShares(same.Hashes) != HashShares(s.Hashes) {
			t.Errorf("what it reads does not come back: %v", err)
		}
	})
}

func BenchmarkCombineShares(b *testing.B) {
	shares, err := split(&[secretSize]byte{1}, 5, 3)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := combine(shares[:3]); err != nil {
			b.Fatal(err)
		}
	}
}
