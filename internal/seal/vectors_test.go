package seal

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// load reads a vector file that the browser's tests read too. Unknown members fail, so that neither language can add
// something the other does not look at.
func load(t testing.TB, name string, v any) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "vectors", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func TestReceiptVectors(t *testing.T) {
	var v struct {
		Comment string
		Derive  []struct {
			Receipt, Origin      string
			Message              uint
			Words, Digits, Salt  string
			ReceiptKey           string `json:"receipt_key"`
			MailboxToken         string `json:"mailbox_token"`
			MailboxID            string `json:"mailbox_id"`
			AnchorToken          string `json:"anchor_token"`
			Anchor               string
			WithdrawToken        string `json:"withdraw_token"`
			Withdraw             string
			ActionsKey           string `json:"actions_key"`
			ReplyIdentity        string `json:"reply_identity"`
			ReplyRecipientSHA256 string `json:"reply_recipient_sha256"`
		}
		Read    []struct{ Comment, Typed, Receipt string }
		Spanish []struct {
			Receipt, Words string
			Typed          []string
		}
		Refuse []struct {
			Comment, Typed, Word string
			Position             int
		}
		Paper       []struct{ Receipt, Number string }
		PaperRefuse []struct{ Comment, Typed string } `json:"paper_refuse"` // read in the browser alone
	}
	load(t, "receipt.json", &v)
	if len(v.Paper) == 0 || len(v.Derive) == 0 || len(v.Read) == 0 || len(v.Spanish) == 0 || len(v.Refuse) == 0 {
		t.Fatal("no vectors")
	}
	for _, d := range v.Derive {
		raw, _ := hex.DecodeString(d.Receipt)
		r := Receipt(raw)
		k := r.DeriveMessage(d.Origin, d.Message)
		mailbox, anchor, withdraw := k.MailboxToken.Commitment(), k.AnchorToken.Commitment(), k.WithdrawToken.Commitment()
		if marks := r.Marks(d.Origin, d.Message+1); marks[d.Message] != (Marks{anchor, withdraw}) {
			t.Errorf("%s: marks %+v", d.Words, marks[d.Message])
		}
		recipient := sha256.Sum256([]byte(k.ReplyIdentity.Recipient().String()))
		for _, c := range []struct{ name, got, want string }{
			{"words", r.Words(), d.Words},
			{"digits", r.Digits(), d.Digits},
			{"mailbox token", hex.EncodeToString(k.MailboxToken[:]), d.MailboxToken},
			{"mailbox id", hex.EncodeToString(mailbox[:]), d.MailboxID},
			{"anchor token", hex.EncodeToString(k.AnchorToken[:]), d.AnchorToken},
			{"anchor", hex.EncodeToString(anchor[:]), d.Anchor},
			{"withdraw token", hex.EncodeToString(k.WithdrawToken[:]), d.WithdrawToken},
			{"withdraw", hex.EncodeToString(withdraw[:]), d.Withdraw},
			{"actions key", hex.EncodeToString(k.ActionsKey[:]), d.ActionsKey},
			{"reply identity", k.ReplyIdentity.String(), d.ReplyIdentity},
			{"reply recipient", hex.EncodeToString(recipient[:]), d.ReplyRecipientSHA256},
		} {
			if c.got != c.want {
				t.Errorf("receipt %s at %s, message %d: %s is %s, want %s", d.Receipt, d.Origin, d.Message, c.name, c.got, c.want)
			}
		}
	}
	for _, p := range v.Paper {
		raw, _ := hex.DecodeString(p.Receipt)
		if got := Receipt(raw).PaperNumber(); got != p.Number {
			t.Errorf("receipt %s has the number %s on paper, want %s", p.Receipt, got, p.Number)
		}
	}
	for _, c := range v.Read {
		got, err := ParseReceipt(c.Typed)
		if err != nil || hex.EncodeToString(got[:]) != c.Receipt {
			t.Errorf("%s: got %x, %v, want %s", c.Comment, got[:], err, c.Receipt)
		}
	}
	for _, c := range v.Spanish {
		raw, _ := hex.DecodeString(c.Receipt)
		if got := Receipt(raw).WordsIn("es"); got != c.Words {
			t.Errorf("receipt %s: got the words %q, want %q", c.Receipt, got, c.Words)
		}
		for _, typed := range append(c.Typed, c.Words) {
			if got, err := ParseReceipt(typed); err != nil || hex.EncodeToString(got[:]) != c.Receipt {
				t.Errorf("%q: got %x, %v, want %s", typed, got[:], err, c.Receipt)
			}
		}
	}
	for _, c := range v.Refuse {
		_, err := ParseReceipt(c.Typed)
		var word *WordError
		switch {
		case err == nil:
			t.Errorf("%s: accepted", c.Comment)
		case c.Word != "" && (!errors.As(err, &word) || word.Word != c.Word || word.Position != c.Position):
			t.Errorf("%s: got %v, want word %d %q named", c.Comment, err, c.Position, c.Word)
		}
	}
}

type vectorAnswer struct {
	Q, A  string
	Times int
}

type vectorPlaintext struct {
	V                int
	T, Epoch, Origin string
	SealedBy         string `json:"sealed_by"`
	Form, Lang       string
	Answers          []vectorAnswer
	Subject          *string
	ReplyTo          *string `json:"reply_to"`
	Mailbox          *string
	Anchor           string
	Thread           *string
	Actions          *string
	ShareLevel       string `json:"share_level"`
	AskMeFirst       bool   `json:"ask_me_first"`
	Hold             string
	Hide             []string
}

func (v vectorPlaintext) plaintext() *Plaintext {
	p := &Plaintext{V: v.V, T: v.T, Epoch: v.Epoch, Origin: v.Origin, SealedBy: v.SealedBy, Form: v.Form, Lang: v.Lang,
		Subject: v.Subject, ReplyTo: v.ReplyTo, Mailbox: v.Mailbox, Anchor: v.Anchor, Thread: v.Thread, Actions: v.Actions, Answers: []Answer{}}
	if v.T == KindConsent {
		p.Consent = &Consent{v.ShareLevel, v.AskMeFirst, v.Hold, v.Hide}
	}
	for _, a := range v.Answers {
		p.Answers = append(p.Answers, Answer{Q: a.Q, A: strings.Repeat(a.A, max(1, a.Times))})
	}
	return p
}

func TestPlaintextVectors(t *testing.T) {
	var v struct {
		Comment string
		Encode  []struct {
			Comment      string
			Plaintext    vectorPlaintext
			JSONBytes    int `json:"json_bytes"`
			Bucket       int
			PaddedSHA256 string `json:"padded_sha256"`
		}
		TooLong []struct {
			Comment   string
			Plaintext vectorPlaintext
			JSONBytes int `json:"json_bytes"`
			Limit     int
		} `json:"too_long"`
		Accept, Refuse []struct{ Comment, JSON string }
	}
	load(t, "plaintext.json", &v)
	for _, c := range v.Encode {
		p := c.Plaintext.plaintext()
		padded, err := p.Encode()
		if err != nil {
			t.Errorf("%s: %v", c.Comment, err)
			continue
		}
		size, _ := p.Size()
		sum := sha256.Sum256(padded)
		if size != c.JSONBytes || len(padded) != c.Bucket || hex.EncodeToString(sum[:]) != c.PaddedSHA256 {
			t.Errorf("%s: %d bytes in a bucket of %d, SHA-256 %x; want %d, %d, %s", c.Comment, size, len(padded), sum, c.JSONBytes, c.Bucket, c.PaddedSHA256)
		}
		back, err := ParsePlaintext(padded)
		if err != nil {
			t.Errorf("%s: does not read back: %v", c.Comment, err)
			continue
		}
		again, err := back.Encode()
		if err != nil || sha256.Sum256(again) != sum {
			t.Errorf("%s: reads back as something else", c.Comment)
		}
	}
	for _, c := range v.TooLong {
		_, err := c.Plaintext.plaintext().Encode()
		var tooLong *TooLongError
		if !errors.As(err, &tooLong) || tooLong.Bytes != c.JSONBytes || tooLong.Limit != c.Limit {
			t.Errorf("%s: got %v, want %d bytes of %d", c.Comment, err, c.JSONBytes, c.Limit)
		}
	}
	for _, c := range v.Accept {
		if _, err := ParsePlaintext(padTo(c.JSON, SmallBucket)); err != nil {
			t.Errorf("%s: %v", c.Comment, err)
		}
	}
	for _, c := range v.Refuse {
		if _, err := ParsePlaintext(padTo(c.JSON, SmallBucket)); err == nil {
			t.Errorf("%s: accepted", c.Comment)
		}
	}
}

func padTo(text string, bucket int) []byte {
	return []byte(text + strings.Repeat(" ", bucket-1-len(text)) + "\n")
}

func TestEpochKeyVectors(t *testing.T) {
	var v struct {
		Comment, Identity, Epoch, Recipient string
		EpochIdentity                       string `json:"epoch_identity"`
		File                                string
		Refuse                              []struct{ Comment, File string }
	}
	load(t, "epochkey.json", &v)
	mine, err := ParseIdentityFile([]byte(v.Identity), nil)
	if err != nil {
		t.Fatal(err)
	}
	file, _ := base64.StdEncoding.DecodeString(v.File)
	got, err := OpenEpochKey(file, mine, v.Epoch, v.Recipient)
	if err != nil || got.String() != v.EpochIdentity {
		t.Fatalf("wrap sealed in a browser: %v", err)
	}
	for _, c := range v.Refuse {
		file, _ := base64.StdEncoding.DecodeString(c.File)
		if _, err := OpenEpochKey(file, mine, v.Epoch, v.Recipient); !errors.Is(err, ErrWrap) {
			t.Errorf("%s: got %v, want ErrWrap", c.Comment, err)
		}
	}
}

func TestOpensWhatABrowserSealed(t *testing.T) {
	var v struct{ Comment, Identity, Words, Themes, Epoch, Origin, Anchor, File string }
	load(t, "sealed_by_browser.json", &v)
	identity, err := ParseIdentityFile([]byte(v.Identity), nil)
	if err != nil {
		t.Fatal(err)
	}
	file, _ := base64.StdEncoding.DecodeString(v.File)
	p, err := Open(file, identity)
	if err != nil {
		t.Fatal(err)
	}
	if p.Answers[0] != (Answer{"words", v.Words}) || p.Answers[1] != (Answer{"themes", v.Themes}) {
		t.Errorf("answers differ: %q", p.Answers)
	}
	// Nobody who looks at the file from outside can tell which of the two programs made it.
	ours, err := Seal(p, identity.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	if headerShape(ours) != headerShape(file) || len(ours) != len(file) {
		t.Errorf("a file of ours has %d bytes and the header %q, a browser's %d and %q", len(ours), headerShape(ours), len(file), headerShape(file))
	}
	anchor, _ := hex.DecodeString(v.Anchor)
	if err := p.Check(v.Epoch, v.Origin, Commitment(anchor)); err != nil {
		t.Error(err)
	}
	for _, wrong := range []error{
		p.Check("2027-01", v.Origin, Commitment(anchor)),
		p.Check(v.Epoch, "other.example/answerable", Commitment(anchor)),
		p.Check(v.Epoch, v.Origin, Commitment{}),
	} {
		if wrong == nil {
			t.Error("a file under another epoch, origin or leaf passes the check")
		}
	}
}
