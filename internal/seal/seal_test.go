package seal

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/textproto"
	"strings"
	"testing"
	"time"

	agetest "c2sp.org/CCTV/age"
	"filippo.io/age"
	"filippo.io/age/armor"
	"golang.org/x/mod/sumdb/note"
)

func newIdentity(t testing.TB) *age.HybridIdentity {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// submission makes a plaintext whose JSON has exactly size bytes.
func submission(t testing.TB, size int) *Plaintext {
	t.Helper()
	r, err := NewReceipt(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := NewSubmission(r.Derive("clinic.example/answerable"), "2026-12", "clinic.example/answerable", "form", "en", SealedByClient, []Answer{{"words", ""}})
	empty, err := p.Size()
	if err != nil {
		t.Fatal(err)
	}
	p.Answers[0].A = strings.Repeat("a", size-empty)
	return p
}

func TestSizesAtTheEdgesOfTheBuckets(t *testing.T) {
	id := newIdentity(t)
	for _, c := range []struct{ json, bucket int }{
		{16383, SmallBucket}, {16384, LargeBucket}, {65535, LargeBucket},
	} {
		p := submission(t, c.json)
		file, err := Seal(p, id.Recipient().String())
		if err != nil {
			t.Fatalf("%d bytes: %v", c.json, err)
		}
		if len(file) != c.bucket+Overhead {
			t.Errorf("%d bytes: sealed file has %d bytes, want %d", c.json, len(file), c.bucket+Overhead)
		}
		back, err := Open(file, id)
		if err != nil || back.Answers[0] != p.Answers[0] {
			t.Errorf("%d bytes: does not come back: %v", c.json, err)
		}
	}
	_, err := Seal(submission(t, 65536), id.Recipient().String())
	var tooLong *TooLongError
	if !errors.As(err, &tooLong) || tooLong.Bytes != 65536 || tooLong.Limit != 65535 {
		t.Errorf("65536 bytes: got %v, want a TooLongError with the count", err)
	}
}

func TestTextComesBackByteForByte(t *testing.T) {
	id := newIdentity(t)
	for _, text := range []string{
		"plain", "\r\n\n\r\t", "“curly” ‘quotes’ – —", "שלום עולם", "e\u0301 e\u0308\u0323", "👩🏽‍🦽 👍", "<b>&amp;\u2028\u2029</b>",
		"\u0000\u0001\u001f\u007f", "\\ \" \\u0041", strings.Repeat("ä", 20000), "   ", " a ",
	} {
		p := submission(t, 2600)
		p.Answers = []Answer{{"words", text}}
		file, err := Seal(p, id.Recipient().String())
		if err != nil {
			t.Fatal(err)
		}
		back, err := Open(file, id)
		if err != nil || back.Answers[0].A != text {
			t.Errorf("%.20q comes back as %.20q, %v", text, back.Answers[0].A, err)
		}
	}
}

func TestBytesThatAreNoTextAreRefused(t *testing.T) {
	p := submission(t, 2600)
	p.Answers[0].A = "caf\xe9"
	_, err := Seal(p, newIdentity(t).Recipient().String())
	var refused *PlaintextError
	if !errors.As(err, &refused) {
		t.Errorf("got %v, want a PlaintextError", err)
	}
}

func TestOnlyPostQuantumRecipientsAreTaken(t *testing.T) {
	x, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid := newIdentity(t).Recipient().String()
	for _, recipient := range []string{x.Recipient().String(), "", "age1pq1", hybrid + "\n", hybrid + " " + hybrid, "ssh-ed25519 AAAA"} {
		if _, err := Seal(submission(t, 2600), recipient); err == nil {
			t.Errorf("sealed to %.20q", recipient)
		}
	}
}

// encrypt seals plaintext for any recipients, as a careless client might.
func encrypt(t testing.TB, plaintext []byte, recipients ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, recipients...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plaintext); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unlabeled hides a hybrid recipient's label, so that age lets it be mixed with others.
type unlabeled struct{ r *age.HybridRecipient }

func (u unlabeled) Wrap(fileKey []byte) ([]*age.Stanza, error) { return u.r.Wrap(fileKey) }

func TestShapeRefusals(t *testing.T) {
	id := newIdentity(t)
	x, _ := age.GenerateX25519Identity()
	good, err := Seal(submission(t, 2600), id.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckShape(good); err != nil {
		t.Fatalf("a good file is refused: %v", err)
	}
	var armored bytes.Buffer
	a := armor.NewWriter(&armored)
	a.Write(good)
	a.Close()
	// An X25519 header is shorter; longer padding makes the file as long as a real one.
	xOnly := encrypt(t, make([]byte, SmallBucket), x.Recipient())
	xPadded := encrypt(t, make([]byte, SmallBucket+len(good)-len(xOnly)), x.Recipient())
	mixed := encrypt(t, make([]byte, SmallBucket), unlabeled{id.Recipient()}, x.Recipient())
	mixed = encrypt(t, make([]byte, SmallBucket+len(good)-len(mixed)), unlabeled{id.Recipient()}, x.Recipient())
	two := encrypt(t, make([]byte, LargeBucket), id.Recipient(), id.Recipient())
	two = encrypt(t, make([]byte, 2*LargeBucket+Overhead-len(two)), id.Recipient(), id.Recipient())
	noise := make([]byte, len(good))
	rand.Read(noise)
	zeros := append([]byte(nil), good...)
	copy(zeros[len("age-encryption.org/v1\n-> mlkem768x25519 "):], "====")
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "0 bytes"},
		{"truncated", good[:len(good)-1], "exactly"},
		{"a byte too many", append(bytes.Clone(good), 0), "exactly"},
		{"wrong bucket", encrypt(t, make([]byte, 1000), id.Recipient()), "exactly"},
		{"armored", armored.Bytes(), "armored"},
		{"X25519", xPadded, "another kind of key"},
		{"mixed", mixed, "2 keys"},
		{"two hybrid stanzas", two, "2 keys"},
		{"noise", noise, "not an age file"},
		{"damaged stanza", zeros, "not"},
	} {
		err := CheckShape(c.file)
		var shape *ShapeError
		if !errors.As(err, &shape) {
			t.Errorf("%s: got %v, want a ShapeError", c.name, err)
			continue
		}
		if !strings.Contains(shape.Reason, c.want) || !strings.HasSuffix(shape.Reason, ".") {
			t.Errorf("%s: the sentence %q does not say %q", c.name, shape.Reason, c.want)
		}
	}
}

func TestDamagedPayloadDoesNotOpen(t *testing.T) {
	id := newIdentity(t)
	file, err := Seal(submission(t, 20000), id.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	last := bytes.Clone(file)
	last[len(last)-1] ^= 1
	if _, err := Open(last, id); !errors.Is(err, ErrWillNotOpen) {
		t.Errorf("damaged last byte: got %v, want ErrWillNotOpen", err)
	}
	if _, err := Open(file, newIdentity(t)); !errors.Is(err, ErrWillNotOpen) {
		t.Errorf("another identity: got %v, want ErrWillNotOpen", err)
	}
}

func TestDecoysLookLikeSubmissions(t *testing.T) {
	id := newIdentity(t)
	decoy, err := Seal(&Plaintext{V: 1, T: KindDecoy}, id.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	real, err := Seal(submission(t, 2600), id.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	if len(decoy) != len(real) || headerShape(decoy) != headerShape(real) {
		t.Error("a decoy and a submission differ outside the seal")
	}
}

// headerShape is what an onlooker can compare between two files: the words of the header and the length of each line.
func headerShape(file []byte) string {
	header, err := age.ExtractHeader(bytes.NewReader(file))
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, line := range strings.Split(string(header), "\n") {
		word, _, found := strings.Cut(line, " ")
		if !found {
			word = ""
		}
		fmt.Fprintf(&b, "%s %d\n", word, len(line))
	}
	return b.String()
}

// TestCCTV runs the community's age vectors (c2sp.org/CCTV) through the library as we use it, and the hybrid ones
// through Open as well, which must accept none of them: no vector has a bucket's size.
func TestCCTV(t *testing.T) {
	names, err := fs.ReadDir(agetest.Vectors, ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 140 {
		t.Fatalf("only %d vectors", len(names))
	}
	for _, name := range names {
		t.Run(name.Name(), func(t *testing.T) { testCCTV(t, name.Name()) })
	}
}

func testCCTV(t *testing.T, name string) {
	raw, err := fs.ReadFile(agetest.Vectors, name)
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(bytes.NewReader(raw))
	fields, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		t.Fatal(err)
	}
	var in io.Reader = r
	if fields.Get("Compressed") == "zlib" {
		if in, err = zlib.NewReader(r); err != nil {
			t.Fatal(err)
		}
	}
	file, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	got, sum := decryptCCTV(t, fields, file)
	if want := fields.Get("Expect"); got != want {
		t.Errorf("got %q, want %q", got, want)
	} else if want == "success" && sum != fields.Get("Payload") {
		t.Errorf("payload is %s, want %s", sum, fields.Get("Payload"))
	}
	for _, identity := range fields.Values("Identity") {
		if id, err := age.ParseHybridIdentity(identity); err == nil {
			if _, err := Open(file, id); err == nil {
				t.Error("Open accepted a file that is no bucket")
			}
		}
	}
}

func decryptCCTV(t *testing.T, fields textproto.MIMEHeader, file []byte) (outcome, sum string) {
	t.Helper()
	var ids []age.Identity
	for _, s := range fields.Values("Identity") {
		parsed, err := age.ParseIdentities(strings.NewReader(s))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, parsed...)
	}
	for _, s := range fields.Values("Passphrase") {
		id, err := age.NewScryptIdentity(s)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	var in io.Reader = bytes.NewReader(file)
	if fields.Get("Armored") == "yes" {
		in = armor.NewReader(in)
	}
	out, err := age.Decrypt(in, ids...)
	var noMatch *age.NoIdentityMatchError
	var armorErr *armor.Error
	switch {
	case errors.As(err, &armorErr):
		return "armor failure", ""
	case errors.As(err, &noMatch):
		return "no match", ""
	case err != nil && err.Error() == "bad header MAC":
		return "HMAC failure", ""
	case err != nil:
		return "header failure", ""
	}
	h := sha256.New()
	if _, err := io.Copy(h, out); err != nil {
		if errors.As(err, &armorErr) {
			return "armor failure", ""
		}
		return "payload failure", ""
	}
	return "success", hex.EncodeToString(h.Sum(nil))
}

func TestTicket(t *testing.T) {
	const origin = "clinic.example/answerable"
	skey, vkey, err := note.GenerateKey(rand.Reader, TicketKeyName(origin))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	want := Ticket{Origin: origin, LeafHash: [32]byte{1, 2, 3}, LogBy: time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC)}
	signed, err := IssueTicket(signer, want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := VerifyTicket(signed, vkey)
	if err != nil || *got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for name, bad := range map[string]string{
		"another day":    strings.Replace(signed, "2026-12-03", "2027-12-03", 1),
		"another origin": strings.Replace(signed, origin+"\n", "clinic.other/answerable\n", 1),
		"no signature":   signed[:strings.Index(signed, "\n\n")+2],
		"empty":          "",
	} {
		if _, err := VerifyTicket(bad, vkey); !errors.Is(err, ErrTicket) {
			t.Errorf("%s: got %v, want ErrTicket", name, err)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	r := Receipt{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	k := r.Derive("clinic.example/answerable")
	p := NewSubmission(k, "e", "o", "f", "en", SealedByClient, []Answer{{"words", "canary"}})
	printed := fmt.Sprintf("%v %+v %#v %s %v %+v %s %v %+v %#v", r, r, r, r, k, k, k.MailboxToken, p, p, p)
	for _, secret := range []string{"canary", "[1 2 3", "010203", "0x1, 0x2", r.Words(), r.Digits()} {
		if strings.Contains(printed, secret) {
			t.Errorf("printing shows %q in %q", secret, printed)
		}
	}
}

func TestIdentityFiles(t *testing.T) {
	id := newIdentity(t)
	plain := "# created: a day\n# public key: x\n" + id.String() + "\n"
	locked := func(workFactor int, text string) []byte {
		r, err := age.NewScryptRecipient("lantern")
		if err != nil {
			t.Fatal(err)
		}
		r.SetWorkFactor(workFactor)
		return encrypt(t, []byte(text), r)
	}
	var armored bytes.Buffer
	w := armor.NewWriter(&armored)
	w.Write(locked(10, plain))
	w.Close()
	phrase := func(s string) func() (string, error) { return func() (string, error) { return s, nil } }
	for name, file := range map[string][]byte{"plain": []byte(plain), "CR LF": []byte(strings.ReplaceAll(plain, "\n", "\r\n")), "locked": locked(10, plain), "armored": armored.Bytes()} {
		got, err := ParseIdentityFile(file, phrase("lantern"))
		if err != nil || got.String() != id.String() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseIdentityFile(locked(10, plain), phrase("wrong")); !errors.Is(err, ErrPassphrase) {
		t.Errorf("wrong passphrase: got %v", err)
	}
	x, _ := age.GenerateX25519Identity()
	for name, file := range map[string][]byte{
		"empty": nil, "only comments": []byte("# nothing\n"), "two": []byte(plain + plain), "classic key": []byte(x.String()),
		"cheap passphrase": locked(9, plain), "dear passphrase": []byte("age-encryption.org/v1\n-> scrypt aaaaaaaaaaaaaaaaaaaaaa 30\nx\n--- x\n"),
		"not for a passphrase": encrypt(t, []byte(plain), id.Recipient()), "huge": make([]byte, maxIdentityFile+1),
	} {
		var refused *IdentityFileError
		_, err := ParseIdentityFile(file, phrase("lantern"))
		if !errors.As(err, &refused) || strings.Contains(err.Error(), "AGE-SECRET-KEY-PQ-1"+id.String()[20:]) {
			t.Errorf("%s: got %v, want an IdentityFileError", name, err)
		}
	}
	seed, err := IdentitySeed(id)
	if err != nil {
		t.Fatal(err)
	}
	back, err := IdentityFromSeed(seed)
	if err != nil || back.String() != id.String() {
		t.Errorf("seed does not give the identity back: %v", err)
	}
}

func FuzzCheckShape(f *testing.F) {
	id := newIdentity(f)
	good, err := Seal(submission(f, 2600), id.Recipient().String())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:1700])
	f.Fuzz(func(t *testing.T, file []byte) {
		if CheckShape(file) == nil && (len(file) != SmallBucket+Overhead && len(file) != LargeBucket+Overhead || bytes.Count(file[:1627], []byte("\n-> ")) != 1) {
			t.Error("accepted a file of another shape")
		}
		Open(file, id) // must not panic
	})
}

func FuzzParsePlaintext(f *testing.F) {
	f.Add([]byte(`{"v":1,"t":"decoy"}`))
	f.Add([]byte(`{"v":1,"t":"submission","epoch":"e","origin":"o","sealed_by":"client","form":"f","lang":"en","answers":[{"q":"words","a":"x"}],"subject":null,"reply_to":null,"mailbox":null,"anchor":"3bbu0BsIEmmIN-Wa_T3PmVEzvXyJh7lZw3GatFUiYx4","thread":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > SmallBucket-1 {
			return
		}
		p, err := ParsePlaintext(padTo(string(text), SmallBucket))
		if err != nil {
			return
		}
		again, err := p.Encode()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if _, err := ParsePlaintext(again); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}

func FuzzParseReceipt(f *testing.F) {
	f.Add("abandon amount liar amount expire adjust cage candy")
	f.Add("000004759477275222530853130")
	f.Fuzz(func(t *testing.T, typed string) {
		r, err := ParseReceipt(typed)
		if err != nil {
			return
		}
		for _, shown := range []string{r.Words(), r.Digits()} {
			if back, err := ParseReceipt(shown); err != nil || back != r {
				t.Errorf("%q reads back as another receipt", shown)
			}
		}
	})
}

func FuzzParseIdentityFile(f *testing.F) {
	f.Add([]byte("# x\nAGE-SECRET-KEY-PQ-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0S5DYVQQ\n"))
	f.Add([]byte("age-encryption.org/v1\n-> scrypt aaaaaaaaaaaaaaaaaaaaaa 10\nx\n--- x\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		ParseIdentityFile(file, func() (string, error) { return "", errors.New("not asked") })
	})
}

func FuzzVerifyTicket(f *testing.F) {
	skey, vkey, _ := note.GenerateKey(rand.Reader, TicketKeyName("o/answerable"))
	signer, _ := note.NewSigner(skey)
	good, _ := IssueTicket(signer, Ticket{Origin: "o/answerable"})
	f.Add(good)
	f.Fuzz(func(t *testing.T, ticket string) {
		if _, err := VerifyTicket(ticket, vkey); err == nil && !strings.Contains(ticket, labelTicket) {
			t.Error("accepted something that is no ticket")
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	p, to := submission(b, 2600), newIdentity(b).Recipient().String()
	for b.Loop() {
		if _, err := Seal(p, to); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	id := newIdentity(b)
	file, err := Seal(submission(b, 2600), id.Recipient().String())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Open(file, id); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDeriveReceipt(b *testing.B) {
	for b.Loop() {
		Receipt{1}.Derive("clinic.example/answerable")
	}
}
