package coding

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// What a card stands for: the kinds of plaintext, and files that do not open.
const OfJunk = "junk"

var cardKinds = []string{seal.KindSubmission, seal.KindFollowup, seal.KindConsent, seal.KindAboutYou, seal.KindDecoy, OfJunk}

// Card is all that a reviewer sees of a message before declaring that nothing ties them to it. Every file of an epoch has
// one, decoys too, or their number would tell how many are none.
type Card struct {
	Of       string   `json:"of"`
	Thread   string   `json:"thread"`   // base64url of the first message's leaf hash where this is a further one and it is known, or ""
	Service  string   `json:"service"`  // code, or ""
	Roles    []string `json:"roles"`    // codes of the form
	When     string   `json:"when"`     // the band in which it happened, a code of the form, or ""
	Chips    []string `json:"chips"`    // what to be warned of: items, and themes of which no item was picked
	Urgent   bool     `json:"urgent"`   // for the fast lane
	Taxonomy string   `json:"taxonomy"` // version of the list that the chips are from

	// All are missing where there is nothing to say, and where a client of before made the card.
	CheckIn string `json:"check_in,omitzero"` // when a follow-up wishes to be asked what happened since, one of seal.CheckIns
	Receipt string `json:"receipt,omitzero"`  // what all messages of one receipt have in common, by ReceiptOf
	Actions string `json:"actions,omitzero"`  // base64url of the key that tags acts on the message
	Log     string `json:"log,omitzero"`      // the log as its maker had read it, as Sighting writes it
}

// Kind names the body.
func (*Card) Kind() string { return KindCard }

// SaysAs says whether two cards say the same of their message alone. By which list and log they were made does not matter; and what it
// belongs to depends on what else was there, and is told from its receipt. Twin of saidBy in ui/src/panel/storedcards.ts.
func (c *Card) SaysAs(other *Card) bool {
	return c.Of == other.Of && c.Service == other.Service && slices.Equal(c.Roles, other.Roles) && c.When == other.When &&
		slices.Equal(c.Chips, other.Chips) && c.Urgent == other.Urgent &&
		c.CheckIn == other.CheckIn && c.Receipt == other.Receipt && c.Actions == other.Actions
}

// Shown is a card as a reviewer sees it, with the message that it is said to belong to, or "": without what ties a message to others of
// its receipt, to acts in public, and to what its writer wishes to be asked. Twin of shown in ui/src/panel/storedcards.ts.
func (c *Card) Shown(thread string) *Card {
	return &Card{
		Of: c.Of, Thread: thread, Service: c.Service, Roles: c.Roles, When: c.When, Chips: c.Chips, Urgent: c.Urgent, Taxonomy: c.Taxonomy,
	}
}

func (c *Card) check() error {
	if !slices.Contains(cardKinds, c.Of) {
		return wrong("it stands for nothing known")
	}
	if !versionPattern.MatchString(c.Taxonomy) {
		return wrong("it names no version of the list of codes")
	}
	if _, err := seal.ParseCommitment(c.Thread); c.Thread != "" && err != nil {
		return wrong("its thread is not 32 bytes in base64url")
	}
	if c.CheckIn != "" && !slices.Contains(seal.CheckIns, c.CheckIn) {
		return wrong("when to ask is not known")
	}
	for _, hash := range []string{c.Receipt, c.Actions} {
		if _, err := seal.ParseCommitment(hash); hash != "" && err != nil {
			return wrong("what ties it is not 32 bytes in base64url")
		}
	}
	if c.Log != "" && !sightingPattern.MatchString(c.Log) {
		return wrong("what it says of the log does not read")
	}
	for _, code := range []string{c.Service, c.When} {
		if code != "" && !codePattern.MatchString(code) {
			return wrong("it holds something that is no code")
		}
	}
	if err := checkCodes("roles", c.Roles, codePattern); err != nil {
		return err
	}
	if c.Chips == nil || len(c.Chips) > maxCodes || !slices.IsSorted(c.Chips) || len(slices.Compact(slices.Clone(c.Chips))) != len(c.Chips) {
		return wrong("its chips are no list in order")
	}
	if slices.ContainsFunc(c.Chips, func(chip string) bool { return !codePattern.MatchString(chip) && !itemPattern.MatchString(chip) }) {
		return wrong("its chips hold something that is no code")
	}
	return nil
}

// NewCard makes the card of a message from what the writer picked. Only codes of today's form are taken: whatever else
// stands where a code belongs could be words. A service is the clinic's own code; here it only has to look like one.
// Nothing is taken from what somebody says about themselves.
func NewCard(of, thread string, answers []seal.Answer) *Card {
	if of == seal.KindAboutYou {
		answers = nil
	}
	picked := func(q string) (codes []string) {
		for _, a := range answers {
			if a.Q == q {
				codes = append(codes, strings.Split(a.A, "\n")...)
			}
		}
		return codes
	}
	items := picked("items")
	checkIn := ""
	if of == seal.KindFollowup {
		checkIn = one(picked(seal.CheckInKey), func(code string) bool { return slices.Contains(seal.CheckIns, code) })
	}
	return &Card{
		Of: of, Thread: thread,
		Service:  one(picked(taxonomy.ServiceKey), codePattern.MatchString),
		Roles:    sorted(known("roles", picked("roles"))),
		When:     one(picked("when"), func(code string) bool { return len(known("when", []string{code})) > 0 }),
		Chips:    chips(picked("themes"), items),
		Urgent:   urgent(items, slices.Contains(picked("still_going"), "yes")),
		Taxonomy: taxonomy.Version(),
		CheckIn:  checkIn,
	}
}

// ReceiptOf is what a card says instead of a mailbox: who has a card alone cannot pretend to be the writer. mailbox is base64url.
func ReceiptOf(mailbox string) string {
	return seal.Commitment(sha256.Sum256([]byte("answerable/v1/card-receipt\n" + mailbox + "\n"))).String()
}

var sightingPattern = regexp.MustCompile(`^[1-9][0-9]{0,14} [A-Za-z0-9+/]{43}=$`)

// Sighting is how a card names a log: how many leaves, and the root over them.
func Sighting(size int64, root [32]byte) string {
	return strconv.FormatInt(size, 10) + " " + base64.StdEncoding.EncodeToString(root[:])
}

// Sighting reads the log that a card's maker had seen; false where it names none.
func (c *Card) Sighting() (size int64, root [32]byte, ok bool) {
	number, b64, ok := strings.Cut(c.Log, " ")
	if !ok {
		return 0, root, false
	}
	size, errSize := strconv.ParseInt(number, 10, 64)
	hash, errRoot := base64.StdEncoding.Strict().DecodeString(b64)
	if errSize != nil || errRoot != nil || len(hash) != len(root) {
		return 0, root, false
	}
	return size, [32]byte(hash), true
}

// Tie adds what ties a message to others of its receipt and to acts in public. What does not read ties nothing.
func (c *Card) Tie(mailbox, actions string) {
	if _, err := seal.ParseCommitment(mailbox); err == nil {
		c.Receipt = ReceiptOf(mailbox)
	}
	if _, err := seal.ParseCommitment(actions); err == nil {
		c.Actions = actions
	}
}

// one takes the first code that is one, and neither skipped nor unsure.
func one(codes []string, is func(string) bool) string {
	for _, code := range codes {
		if code != taxonomy.Skip && code != taxonomy.NotSure && is(code) {
			return code
		}
	}
	return ""
}

func known(q string, codes []string) (out []string) {
	field, _ := taxonomy.FieldByKey(q)
	for _, code := range codes {
		if code != taxonomy.Skip && code != taxonomy.NotSure && slices.Contains(field.Codes, code) {
			out = append(out, code)
		}
	}
	return out
}

// chips are the picked items that carry a warning. A theme with such items of which none at all was picked stands for
// them: what the writer then tells in words may be any of them.
func chips(themes, items []string) []string {
	var out []string
	for _, theme := range taxonomy.Themes() {
		of := func(item taxonomy.Item) bool { return slices.Contains(items, item.Code) }
		for _, item := range theme.Items {
			if of(item) && item.ContentWarning() {
				out = append(out, item.Code)
			}
		}
		if slices.Contains(themes, theme.Code) && theme.ContentWarning() && !slices.ContainsFunc(theme.Items, of) {
			out = append(out, theme.Code)
		}
	}
	return sorted(out)
}

func urgent(items []string, stillGoing bool) bool {
	for _, theme := range taxonomy.Themes() {
		for _, item := range theme.Items {
			if slices.Contains(items, item.Code) && (item.Urgent() || item.UrgentIfStillGoing() && stillGoing) {
				return true
			}
		}
	}
	return false
}
