package seal

import (
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	_ "embed"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"strings"
	"unicode"

	"filippo.io/age"
	"golang.org/x/text/unicode/norm"
)

// Labels name what a derived key is for. They are part of the format.
const (
	labelReceipt       = "answerable/v1/receipt"
	labelMailbox       = "answerable/v1/receipt/mailbox"
	labelAnchor        = "answerable/v1/receipt/anchor"
	labelWithdraw      = "answerable/v1/receipt/withdraw"
	labelReplyIdentity = "answerable/v1/receipt/reply-identity"
	labelActions       = "answerable/v1/receipt/actions"
	receiptRounds      = 210_000
)

// ReceiptWords and ReceiptDigits are the lengths in which a receipt is shown: 88 bits either way.
const (
	ReceiptWords  = 8
	ReceiptDigits = 27
)

// The English and the Spanish list of BIP-39: 2048 words each, told apart by their first four letters.
//
//go:embed words_english.txt
var englishList string

//go:embed words_spanish.txt
var spanishList string

// A list is the words of one language for the numbers from 0 to 2047.
type list struct {
	lang   string
	words  []string       // as they are shown
	folded []string       // without accents, as they are compared
	index  map[string]int // of a folded word, and of its first four letters with a sign after them
}

// lists are tried in this order.
var lists = []*list{newList("en", englishList), newList("es", spanishList)}

func newList(lang, text string) *list {
	l := &list{lang: lang, words: strings.Fields(text), index: map[string]int{}}
	for i, w := range l.words {
		w = foldWords(w)
		l.folded = append(l.folded, w)
		l.index[w] = i
		if len(w) >= tellingLetters {
			l.index[w[:tellingLetters]+"…"] = i
		}
	}
	return l
}

// tellingLetters of a word are enough to know it.
const tellingLetters = 4

// listFor gives the list of a language, and the English one where a language has none.
func listFor(lang string) *list {
	for _, l := range lists {
		if l.lang == lang {
			return l
		}
	}
	return lists[0]
}

// WordsLanguage is the language of the words that a receipt shows to somebody who reads lang: "en" where there is no list.
func WordsLanguage(lang string) string { return listFor(lang).lang }

// Receipt is eleven random bytes that only the writer holds. Whoever knows them can read the answers and take the
// words back, so it never goes into a log.
type Receipt [11]byte

// NewReceipt draws a receipt from random.
func NewReceipt(random io.Reader) (Receipt, error) {
	var r Receipt
	if _, err := io.ReadFull(random, r[:]); err != nil {
		return Receipt{}, fmt.Errorf("draw receipt: %w", err)
	}
	return r, nil
}

// String hides the receipt; Words and Digits show it on purpose.
func (Receipt) String() string { return "[redacted]" }

// GoString hides it from %#v too.
func (Receipt) GoString() string { return "[redacted]" }

// LogValue hides it from slog.
func (Receipt) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// Words shows the receipt as eight English words with single spaces: eleven bits a word, most significant first.
func (r Receipt) Words() string { return r.WordsIn("en") }

// WordsIn shows the same number in the words of a language, or in English where it has none.
func (r Receipt) WordsIn(lang string) string {
	shown := listFor(lang).words
	n := new(big.Int).SetBytes(r[:])
	words := make([]string, ReceiptWords)
	index := new(big.Int)
	for i := ReceiptWords - 1; i >= 0; i-- {
		n.QuoRem(n, big.NewInt(2048), index)
		words[i] = shown[index.Int64()]
	}
	return strings.Join(words, " ")
}

// Digits shows the receipt as 27 decimal digits, the same number in every language.
func (r Receipt) Digits() string {
	return fmt.Sprintf("%0*d", ReceiptDigits, new(big.Int).SetBytes(r[:]))
}

// WordError names the first word that is not on the list of a language. Position counts from 1.
type WordError struct {
	Position int
	Word     string
	Lang     string
}

func (e *WordError) Error() string {
	return fmt.Sprintf("Check word %d: %q is not on our list.", e.Position, e.Word)
}

// ReceiptError says what is wrong with words or digits as a whole.
type ReceiptError struct{ Reason string }

func (e *ReceiptError) Error() string { return e.Reason }

// CountError says that there are too few or too many words, or digits.
type CountError struct {
	Got    int
	Digits bool
}

func (e *CountError) Error() string {
	if e.Digits {
		return fmt.Sprintf("There are %d digits, or eight words. Here are %d digits.", ReceiptDigits, e.Got)
	}
	return fmt.Sprintf("There are eight words, or %d digits. Here are %d words.", ReceiptDigits, e.Got)
}

// ParseReceipt reads eight words or 27 digits as people type them: case, accents, spaces, hyphens and commas do not
// matter, nor whose digits a keyboard has, and four letters of a word are enough. Errors: *WordError, *CountError, *ReceiptError.
func ParseReceipt(typed string) (Receipt, error) {
	if digits, ok := onlyDigits(typed); ok {
		return parseDigits(digits)
	}
	words := strings.FieldsFunc(foldWords(typed), func(r rune) bool { return !('a' <= r && r <= 'z') })
	l := listOf(words)
	for i, w := range words {
		if l.find(w) < 0 {
			return Receipt{}, &WordError{Position: i + 1, Word: w, Lang: l.lang}
		}
	}
	if len(words) != ReceiptWords {
		return Receipt{}, &CountError{Got: len(words)}
	}
	n := new(big.Int)
	for _, w := range words {
		n.Lsh(n, 11)
		n.Or(n, big.NewInt(int64(l.find(w))))
	}
	return Receipt(n.FillBytes(make([]byte, 11))), nil
}

// listOf is the list that knows most of the words: as whole words first, for beginnings can be those of words on two lists.
func listOf(words []string) *list {
	best, most := lists[0], -1
	for _, l := range lists {
		known := 0
		for _, w := range words {
			if _, whole := l.index[w]; whole {
				known += len(words) + 1
			} else if l.find(w) >= 0 {
				known++
			}
		}
		if known > most {
			best, most = l, known
		}
	}
	return best
}

// onlyDigits reads digits as keyboards of several scripts write them, without marks that nobody sees, such as those by which
// a page keeps them in their order.
func onlyDigits(typed string) (string, bool) {
	digits := strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(" -\t\r\n,.", r) || unicode.Is(unicode.Cf, r):
			return -1
		case '٠' <= r && r <= '٩': // Arabic
			return r - '٠' + '0'
		case '۰' <= r && r <= '۹': // Persian and Urdu
			return r - '۰' + '0'
		}
		return r
	}, typed)
	return digits, digits != "" && strings.Trim(digits, "0123456789") == ""
}

func parseDigits(digits string) (Receipt, error) {
	if len(digits) != ReceiptDigits {
		return Receipt{}, &CountError{Got: len(digits), Digits: true}
	}
	n, _ := new(big.Int).SetString(digits, 10)
	if n.BitLen() > 88 {
		return Receipt{}, &ReceiptError{Reason: "These digits are not a receipt of ours. Check each group again."}
	}
	return Receipt(n.FillBytes(make([]byte, 11))), nil
}

// foldWords lowers case and strips accents, so that a phone's corrections do no harm.
func foldWords(typed string) string {
	decomposed := norm.NFKD.String(strings.ToLower(typed))
	return strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f {
			return -1
		}
		return r
	}, decomposed)
}

// find gives the place of a whole word, or of one named by at least its first four letters; -1 when there is none.
func (l *list) find(w string) int {
	if i, whole := l.index[w]; whole {
		return i
	}
	if len(w) < tellingLetters {
		return -1
	}
	if i, begun := l.index[w[:tellingLetters]+"…"]; begun && strings.HasPrefix(l.folded[i], w) {
		return i
	}
	return -1
}

// Token is 32 bytes derived from a receipt that prove to be its holder.
type Token [32]byte

// String hides the token.
func (Token) String() string { return "[redacted]" }

// LogValue hides it from slog.
func (Token) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// Commitment is the token's SHA-256: what the server and the log may see.
func (t Token) Commitment() Commitment { return sha256.Sum256(t[:]) }

// Keys are what a receipt opens at one origin, for one of its messages. The mailbox, the reply identity and the actions
// key are the same for all messages of a receipt.
type Keys struct {
	MailboxToken  Token // reads the answers
	AnchorToken   Token // proves which leaf is the writer's
	WithdrawToken Token // takes the words back
	ActionsKey    Token // tags the panel's acts in public, so that only the writer and the panel can link them
	ReplyIdentity *age.HybridIdentity
}

// String hides the keys.
func (*Keys) String() string { return "[redacted]" }

// LogValue hides them from slog.
func (*Keys) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// Derive gives the keys of a receipt's first message.
func (r Receipt) Derive(origin string) *Keys { return r.DeriveMessage(origin, 0) }

// DeriveMessage gives the keys of one message. It takes about a tenth of a second; for several messages, stretch once.
func (r Receipt) DeriveMessage(origin string, message uint) *Keys {
	return r.Stretch(origin).Message(message)
}

// Stretched is a receipt stretched for one origin, from which the keys of all its messages come at no cost.
type Stretched [32]byte

// String hides it.
func (Stretched) String() string { return "[redacted]" }

// LogValue hides it from slog.
func (Stretched) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// Stretch takes PBKDF2-HMAC-SHA-512 with 210 000 rounds (the OWASP figure of 2023): about a tenth of a second.
func (r Receipt) Stretch(origin string) Stretched {
	salt := sha256.Sum256([]byte(labelReceipt + "\n" + origin))
	key, err := pbkdf2.Key(sha512.New, string(r[:]), salt[:], receiptRounds, 32)
	if err != nil {
		panic(err) // only for lengths that are constants here
	}
	return Stretched(key)
}

// Message gives the keys of a message by HKDF-SHA-256 with a label for each use. Messages count from 0; each has an anchor
// and a withdraw token of its own.
func (s Stretched) Message(message uint) *Keys {
	key := s[:]
	identity, err := IdentityFromSeed(expand(key, labelReplyIdentity))
	if err != nil {
		panic(err) // every 32 bytes are a seed
	}
	anchor, withdraw := s.Place(message)
	return &Keys{
		MailboxToken:  expand(key, labelMailbox),
		AnchorToken:   anchor,
		WithdrawToken: withdraw,
		ActionsKey:    expand(key, labelActions),
		ReplyIdentity: identity,
	}
}

// Place gives the two tokens that are a message's own.
func (s Stretched) Place(message uint) (anchor, withdraw Token) {
	suffix := messageSuffix(message)
	return expand(s[:], labelAnchor+suffix), expand(s[:], labelWithdraw+suffix)
}

// Marks are the commitments by which a message's leaf is found in the log.
type Marks struct{ Anchor, Withdraw Commitment }

// Marks gives those of the first messages of a receipt, for little more time than those of one.
func (r Receipt) Marks(origin string, messages uint) []Marks {
	stretched := r.Stretch(origin)
	marks := make([]Marks, messages)
	for m := range marks {
		anchor, withdraw := stretched.Place(uint(m))
		marks[m] = Marks{anchor.Commitment(), withdraw.Commitment()}
	}
	return marks
}

func messageSuffix(message uint) string {
	if message == 0 {
		return ""
	}
	return fmt.Sprintf("/%d", message)
}

func expand(key []byte, label string) [32]byte {
	out, err := hkdf.Key(sha256.New, key, nil, label, 32)
	if err != nil {
		panic(err) // only for lengths that are constants here
	}
	return [32]byte(out)
}
