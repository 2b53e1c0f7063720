package seal

import (
	"slices"

	"github.com/go-json-experiment/json"
)

// ShareLevels are how far words may go, from the panel alone to everybody. A level covers those before it.
var ShareLevels = []string{"panel_only", "count_me", "panel_summary_to_clinic", "my_words_to_clinic", "my_words_public"}

// Holds are when sharing may begin.
var Holds = []string{"now", "wait_until_i_say"}

// Hides are what must be taken out before words are shared, in the order they are written.
var Hides = []string{"the_date", "the_place", "the_role", "quotes"}

// Consent is what a writer allows from now on. It takes the place of every earlier answer on the same things.
type Consent struct {
	ShareLevel string   `json:"share_level"`
	AskMeFirst bool     `json:"ask_me_first"` // show me first; who does not come back is not shared
	Hold       string   `json:"hold"`
	Hide       []string `json:"hide"`
}

// consent is a change of consent on the wire. It carries no words and no reply key: the first message has them.
type consent struct {
	V          int      `json:"v"`
	T          string   `json:"t"`
	Epoch      string   `json:"epoch"`
	Origin     string   `json:"origin"`
	SealedBy   string   `json:"sealed_by"`
	Mailbox    *string  `json:"mailbox"`
	Anchor     string   `json:"anchor"`
	Thread     *string  `json:"thread"`
	ShareLevel string   `json:"share_level"`
	AskMeFirst *bool    `json:"ask_me_first"`
	Hold       string   `json:"hold"`
	Hide       []string `json:"hide"`
}

func (p *Plaintext) marshalConsent() ([]byte, error) {
	c := consent{V: p.V, T: p.T, Epoch: p.Epoch, Origin: p.Origin, SealedBy: p.SealedBy, Mailbox: p.Mailbox, Anchor: p.Anchor, Thread: p.Thread}
	if p.Consent != nil {
		c.ShareLevel, c.AskMeFirst, c.Hold, c.Hide = p.Consent.ShareLevel, &p.Consent.AskMeFirst, p.Consent.Hold, p.Consent.Hide
	}
	return json.Marshal(c)
}

func parseConsent(body []byte) (*Plaintext, error) {
	var c consent
	if err := json.Unmarshal(body, &c, json.RejectUnknownMembers(true)); err != nil {
		return nil, plaintextError("a member is unknown, doubled or of the wrong type")
	}
	if c.AskMeFirst == nil || c.Hide == nil {
		return nil, plaintextError("a choice is missing")
	}
	p := &Plaintext{V: c.V, T: c.T, Epoch: c.Epoch, Origin: c.Origin, SealedBy: c.SealedBy, Mailbox: c.Mailbox, Anchor: c.Anchor, Thread: c.Thread,
		Consent: &Consent{ShareLevel: c.ShareLevel, AskMeFirst: *c.AskMeFirst, Hold: c.Hold, Hide: c.Hide}}
	if err := p.checkMembers(); err != nil {
		return nil, err
	}
	if err := p.Consent.Check(); err != nil {
		return nil, err
	}
	return p, p.checkTie()
}

// Check wants known codes, and those of Hide each once and in order. The error is a *PlaintextError.
func (c *Consent) Check() error {
	if !slices.Contains(ShareLevels, c.ShareLevel) {
		return plaintextError("its share_level is not known")
	}
	if !slices.Contains(Holds, c.Hold) {
		return plaintextError("its hold is not known")
	}
	next := 0 // each once, in order: one choice has one spelling
	for _, h := range c.Hide {
		i := slices.Index(Hides[next:], h)
		if i < 0 {
			return plaintextError("its hide list is not as described")
		}
		next += i + 1
	}
	return nil
}

// checkTie makes sure that a further message names what it belongs to.
func (p *Plaintext) checkTie() error {
	if p.Thread == nil && p.Mailbox == nil {
		return plaintextError("it names no message that it belongs to")
	}
	for _, id := range []*string{p.Thread, p.Mailbox} {
		if id != nil && !isID32(*id) {
			return plaintextError("what it belongs to is not 32 bytes in base64url")
		}
	}
	return nil
}

// NewFollowup fills a plaintext for message j of a receipt, of which k are the keys. thread is the first message's leaf
// hash in base64url, or nil when the writer has only the words: the mailbox ties it then.
func NewFollowup(k *Keys, epoch, origin, form, lang, sealedBy string, thread *string, answers []Answer) *Plaintext {
	p := NewSubmission(k, epoch, origin, form, lang, sealedBy, answers)
	p.T, p.Thread = KindFollowup, thread
	return p
}

// NewTiedAboutYou is NewAboutYou for who wishes that it belongs to what they told: message j of the receipt, of which k are the
// keys. The mailbox ties it; answers go to the first message.
func NewTiedAboutYou(k *Keys, epoch, origin, form, lang, sealedBy string, answers []Answer) *Plaintext {
	p := NewAboutYou(k, epoch, origin, form, lang, sealedBy, answers)
	mailbox := k.MailboxToken.Commitment().String()
	p.Mailbox = &mailbox
	return p
}

// NewConsent fills a plaintext that changes what may happen to the words of a receipt.
func NewConsent(k *Keys, epoch, origin, sealedBy string, thread *string, c Consent) *Plaintext {
	mailbox := k.MailboxToken.Commitment().String()
	if c.Hide == nil {
		c.Hide = []string{}
	}
	return &Plaintext{V: 1, T: KindConsent, Epoch: epoch, Origin: origin, SealedBy: sealedBy, Mailbox: &mailbox,
		Anchor: k.AnchorToken.Commitment().String(), Thread: thread, Consent: &c}
}
