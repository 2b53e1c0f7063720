package client

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"answerable/internal/account"
	"answerable/internal/keyring"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

var update = flag.Bool("update", false, "write the vectors anew")

// hostileLogs are logs that a server might write to hide that it dropped words, and what a reader has to make of them. The
// page scripts read the same file (ui/test/log.test.ts). Leaves are named once.
type hostileLogs struct {
	Clinic string            `json:"clinic"`
	Other  string            `json:"other"` // a clinic that the server made up
	Leaves map[string]string `json:"leaves"`
	Cases  []hostileLog      `json:"cases"`
}

type hostileLog struct {
	Name      string   `json:"name"`
	Leaves    []string `json:"leaves"`
	Listed    []string `json:"listed"`    // epochs that the server lists to the panel of Clinic
	Delivered []string `json:"delivered"` // leaves whose files it gives
	// What a reader makes of it.
	Oddities   []Oddity          `json:"oddities"`
	Missing    []int64           `json:"missing"`     // places of leaves that the panel of Clinic misses
	States     map[string]string `json:"states"`      // what the writer of a leaf is told: there, withdrawn or shredded
	TicketKeys []string          `json:"ticket_keys"` // sorted
	LastGone   int64             `json:"last_gone"`   // place of the last message that the panel of Clinic destroyed; -1 for none
}

// hostileMember is a reviewer whose keys are the same on every run.
type hostileMember struct {
	id       string
	identity *age.HybridIdentity
	key      ed25519.PrivateKey
}

type hostileBuilder struct {
	t testing.TB
	v *hostileLogs
}

func (b *hostileBuilder) member(n byte) hostileMember {
	b.t.Helper()
	seed := [32]byte(bytes.Repeat([]byte{n}, 32))
	identity, err := seal.IdentityFromSeed(seed)
	must(b.t, err)
	key := account.SigningKey(seed)
	return hostileMember{account.ReviewerID(key.Public().(ed25519.PublicKey)), identity, key}
}

func signedAs(lines string, how func(ed25519.PrivateKey, string) []byte, by ...hostileMember) (out []keyring.Signature) {
	for _, m := range by {
		out = append(out, keyring.Signature{ReviewerID: m.id, Signature: how(m.key, lines)})
	}
	return out
}

func (b *hostileBuilder) leaf(name string, l transparency.Leaf) [32]byte {
	b.v.Leaves[name] = string(l)
	return l.Hash()
}

func (b *hostileBuilder) panel(name, clinicID string, m int, members ...hostileMember) [32]byte {
	return b.list(name, &keyring.Manifest{ClinicID: clinicID, Version: 1, M: m}, members...)
}

func (b *hostileBuilder) list(name string, manifest *keyring.Manifest, members ...hostileMember) [32]byte {
	for _, r := range members {
		manifest.Reviewers = append(manifest.Reviewers, keyring.Member{ID: r.id, Recipient: r.identity.Recipient().String(), VerifyKey: r.key.Public().(ed25519.PublicKey)})
	}
	slices.SortFunc(manifest.Reviewers, func(a, b keyring.Member) int { return cmp.Compare(a.ID, b.ID) })
	return b.leaf(name, manifest.Leaf(signedAs(manifest.Lines(), keyring.SignManifest, members...)))
}

const hostileTicketKey = "clinic.example/answerable/ticket+00000000+"

func (b *hostileBuilder) epoch(name, clinicID, id, ticketKey string, panel [32]byte, dealer hostileMember, acks ...hostileMember) {
	from := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	r := &keyring.Record{
		ClinicID: clinicID, ID: id, Recipient: b.member(40).identity.Recipient().String(), NotBefore: from, NotAfter: from.AddDate(0, 0, 30),
		RetainUntil: from.AddDate(0, 6, 0), K: 1, N: 3, Wraps: [32]byte{1}, Manifest: panel, TicketKey: hostileTicketKey + ticketKey,
	}
	lines := r.Lines()
	b.leaf(name, keyring.RecordLeaf(lines, signedAs(lines, keyring.SignDeal, dealer)[0], signedAs(lines, keyring.SignAck, acks...)))
}

func (b *hostileBuilder) shred(name, clinicID, id string, by ...hostileMember) {
	on := time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)
	lines := (&keyring.Resolution{Kind: keyring.KindShred, ClinicID: clinicID, Epochs: []string{id}, Day: on, Effective: on.AddDate(0, 0, 35)}).Lines()
	b.leaf(name, keyring.DecisionLeaf(lines, signedAs(lines, keyring.SignDecision, by...)))
}

// told is a submission whose withdraw token is 32 times the byte token.
func (b *hostileBuilder) told(name, epoch string, file, anchor, token byte) {
	withdraw := sha256.Sum256(bytes.Repeat([]byte{token}, 32))
	b.leaf(name, transparency.Submission{Epoch: epoch, FileHash: [32]byte{file}, Anchor: [32]byte{anchor}, Withdraw: withdraw}.Leaf())
}

func (b *hostileBuilder) withdrawn(name string, anchor, token byte) {
	b.leaf(name, transparency.Withdrawn{Anchor: [32]byte{anchor}, Token: [32]byte(bytes.Repeat([]byte{token}, 32))}.Leaf())
}

// panelAfter is the list that follows one.
func (b *hostileBuilder) panelAfter(name, before string, m int, members ...hostileMember) {
	old, err := keyring.ParseManifest(keyring.SplitDecision(transparency.Leaf(b.v.Leaves[before])).Lines)
	must(b.t, err)
	hash := transparency.Leaf(b.v.Leaves[before]).Hash()
	b.list(name, &keyring.Manifest{ClinicID: old.ClinicID, Version: old.Version + 1, Previous: &hash, M: m}, members...)
}

func buildHostileLogs(t *testing.T) *hostileLogs {
	const clinic, other, epoch = "6f1f3f5e-7d1b-4c58-9a25-0c6c0b6d1f10", "11111111-2222-4333-8444-555555555555", "2026-12-abcd"
	v := &hostileLogs{Clinic: clinic, Other: other, Leaves: map[string]string{}}
	b := &hostileBuilder{t, v}
	one, two, three, stranger := b.member(1), b.member(2), b.member(3), b.member(9)
	panel := b.panel("panel", clinic, 2, one, two, three)
	theirs := b.panel("panel of the other", other, 1, stranger)
	b.panel("panel that follows none", clinic, 1, stranger)
	b.epoch("epoch", clinic, epoch, "AA==", panel, one, two, three)
	b.epoch("epoch with other lines", clinic, epoch, "AQ==", panel, one, two, three)
	b.epoch("epoch with one ack", clinic, epoch, "AQ==", panel, one, two)
	b.epoch("epoch dealt by a stranger", clinic, epoch, "AQ==", panel, stranger, two, three)
	b.epoch("epoch of the other, by that id", other, epoch, "AA==", theirs, stranger, stranger)
	b.epoch("epoch of the other", other, "2026-12-efgh", "AA==", theirs, stranger, stranger)
	v.Leaves["epoch that nobody signed"], _, _ = strings.Cut(strings.Replace(v.Leaves["epoch"], clinic, other, 1), "dealer ")
	b.told("mine", epoch, 1, 1, 1)
	b.told("another's", epoch, 2, 2, 2)
	b.told("my anchor and their token", epoch, 3, 1, 3)
	b.told("my commitments and another file", epoch, 4, 1, 1)
	b.told("of no epoch", "2026-12-none", 5, 5, 5)
	b.withdrawn("mine taken back", 1, 1)
	b.withdrawn("mine taken back by their token", 1, 3)
	b.withdrawn("mine taken back by another's token", 1, 2)
	b.shred("destroyed", clinic, epoch, one, three)
	b.shred("destroyed by one", clinic, epoch, one)
	b.panelAfter("panel without three", "panel", 2, one, two)
	b.shred("destroyed by one and a stranger", clinic, epoch, one, stranger)
	b.shred("destroyed, and a stranger signed too", clinic, epoch, one, two, stranger)
	b.shred("destroyed by the other", other, epoch, stranger)
	v.Leaves["of no kind"] = "answerable/leaf/v1\nforget\nmine\n"
	v.Leaves["no leaf"] = "mine\n"
	v.Leaves["half a submission"] = "answerable/leaf/v1\nsubmission\n" + epoch + "\n"

	start := []string{"panel", "panel of the other"}
	log := func(name string, leaves ...string) *hostileLog {
		v.Cases = append(v.Cases, hostileLog{
			Name: name, Leaves: append(slices.Clone(start), leaves...), Listed: []string{epoch}, Delivered: []string{},
			Oddities: []Oddity{}, Missing: []int64{}, States: map[string]string{}, TicketKeys: []string{hostileTicketKey + "AA=="},
			LastGone: -1,
		})
		return &v.Cases[len(v.Cases)-1]
	}
	c := log("an honest log", "epoch", "mine", "another's", "mine taken back")
	c.Delivered, c.States = []string{"another's"}, map[string]string{"mine": "withdrawn", "another's": "there"}
	c = log("an honest log, later", "epoch", "mine", "another's", "destroyed")
	c.States, c.LastGone = map[string]string{"mine": "shredded", "another's": "shredded"}, 4
	c = log("an honest log, where the last message was taken back before", "epoch", "another's", "mine", "mine taken back", "destroyed")
	c.States, c.LastGone = map[string]string{"mine": "withdrawn", "another's": "shredded"}, 3

	c = log("a second leaf with my anchor is taken back", "epoch", "mine", "my anchor and their token", "mine taken back by their token")
	c.Oddities, c.Missing = []Oddity{{Index: 4, Reason: OddAnchor}}, []int64{3}
	c.States = map[string]string{"mine": "there", "my anchor and their token": "withdrawn"}
	c = log("a second leaf with my anchor before mine", "epoch", "my anchor and their token", "mine", "mine taken back by their token")
	c.Oddities, c.Missing, c.States = []Oddity{{Index: 4, Reason: OddAnchor}}, []int64{4}, map[string]string{"mine": "there"}
	c = log("a second leaf with both my commitments", "epoch", "mine", "my commitments and another file")
	c.Oddities, c.Missing = []Oddity{{Index: 4, Reason: OddAnchor}}, []int64{3, 4}
	c.States = map[string]string{"mine": "there"}
	c = log("a withdrawal with another's token", "epoch", "mine", "another's", "mine taken back by another's token")
	c.Oddities, c.Missing, c.States = []Oddity{{Index: 5, Reason: OddWithdrawal}}, []int64{3, 4}, map[string]string{"mine": "there"}
	c = log("a withdrawal before its message", "epoch", "mine taken back", "mine")
	c.Oddities, c.Missing, c.States = []Oddity{{Index: 3, Reason: OddWithdrawal}}, []int64{4}, map[string]string{"mine": "there"}

	c = log("a panel that was made up destroys the clinic's epoch", "epoch", "mine", "destroyed by the other")
	c.Oddities, c.Missing, c.States = []Oddity{{Index: 4, Reason: OddShredding}}, []int64{3}, map[string]string{"mine": "there"}
	c = log("a panel that was made up claims the epoch, and destroys it", "epoch", "epoch of the other, by that id", "mine", "destroyed by the other")
	c.Oddities, c.Missing, c.States = []Oddity{{Index: 3, Reason: OddOtherEpoch}}, []int64{4}, map[string]string{"mine": "there"}
	c = log("a panel that was made up claims the epoch first", "epoch of the other, by that id", "epoch", "mine", "destroyed by the other")
	c.Oddities, c.Missing, c.States = []Oddity{{Index: 3, Reason: OddOtherEpoch}}, []int64{4}, map[string]string{"mine": "there"}
	c = log("one member destroys", "epoch", "mine", "destroyed by one")
	c.Oddities, c.Missing, c.States = []Oddity{{Index: 4, Reason: OddShredding}}, []int64{3}, map[string]string{"mine": "there"}
	for _, forged := range []string{"destroyed by one and a stranger", "destroyed, and a stranger signed too"} {
		c = log(forged, "epoch", "mine", forged)
		c.Oddities, c.Missing, c.States = []Oddity{{Index: 4, Reason: OddShredding}}, []int64{3}, map[string]string{"mine": "there"}
	}
	c = log("one who left destroys with another", "epoch", "mine", "panel without three", "destroyed")
	c.Oddities, c.Missing, c.States = []Oddity{{Index: 5, Reason: OddShredding}}, []int64{3}, map[string]string{"mine": "there"}
	c = log("destroyed before it is in the log", "destroyed", "epoch", "mine")
	c.Oddities, c.Missing, c.States = []Oddity{{Index: 2, Reason: OddShredding}}, []int64{4}, map[string]string{"mine": "there"}

	for _, forged := range []string{"epoch that nobody signed", "epoch with one ack", "epoch dealt by a stranger"} {
		c = log(forged+", to hide the key", "epoch", forged, "mine")
		c.Listed, c.Oddities, c.Missing, c.States = []string{}, []Oddity{{Index: 3, Reason: OddEpoch}}, []int64{4}, map[string]string{"mine": "there"}
	}
	c = log("a second epoch that the panel signed too", "epoch", "epoch with other lines", "mine")
	c.Listed, c.Oddities, c.Missing = []string{}, []Oddity{{Index: 3, Reason: OddOtherEpoch}}, []int64{4}
	c = log("an epoch alone that nobody signed", "epoch that nobody signed", "mine")
	c.Oddities, c.Missing, c.TicketKeys = []Oddity{{Index: 2, Reason: OddEpoch}, {Index: 3, Reason: OddEpochless}}, []int64{3}, []string{}
	c = log("an epoch that is not in the log", "epoch", "of no epoch")
	c.Oddities, c.States = []Oddity{{Index: 3, Reason: OddEpochless}}, map[string]string{"of no epoch": "there"}
	c = log("another clinic's epoch is not looked for", "epoch", "epoch of the other", "mine")
	c.Delivered = []string{"mine"}
	c = log("a list that follows none", "epoch", "panel that follows none", "mine")
	c.Oddities, c.Missing = []Oddity{{Index: 3, Reason: OddPanel}}, []int64{4}
	c = log("leaves of no kind", "epoch", "of no kind", "no leaf", "half a submission")
	c.Oddities = []Oddity{{Index: 3, Reason: OddKind}, {Index: 4, Reason: OddKind}, {Index: 5, Reason: OddForm}}
	return v
}

// Whatever a server writes into its log, it cannot make a message that it dropped look taken back or destroyed, and what it
// tries is shown.
func TestHostileLogVectors(t *testing.T) {
	const path = "testdata/hostile_logs.json"
	if *update {
		out, err := json.Marshal(buildHostileLogs(t), json.Deterministic(true), jsontext.WithIndent("  "))
		must(t, err)
		must(t, os.WriteFile(path, append(out, '\n'), 0o644))
	}
	content, err := os.ReadFile(path)
	must(t, err)
	var v hostileLogs
	must(t, json.Unmarshal(content, &v, json.RejectUnknownMembers(true)))
	if len(v.Cases) < 20 {
		t.Fatalf("%d cases", len(v.Cases))
	}
	for _, c := range v.Cases {
		t.Run(c.Name, func(t *testing.T) {
			l := newLedger()
			for i, name := range c.Leaves {
				must(t, l.add(int64(i), transparency.Leaf(v.Leaves[name])))
			}
			hashes := map[[32]byte]bool{}
			for _, name := range c.Delivered {
				hashes[transparency.Leaf(v.Leaves[name]).Hash()] = true
			}
			var odd []Oddity
			for _, o := range l.Oddities {
				odd = append(odd, Oddity{Index: o.Index, Reason: o.Reason})
			}
			if !slices.Equal(odd, c.Oddities) {
				t.Errorf("odd is %v, want %v", odd, c.Oddities)
			}
			var missing []int64
			for _, epoch := range c.Listed {
				missing = append(missing, places(l.Undelivered(keyring.EpochOf{ClinicID: v.Clinic, ID: epoch}, hashes))...)
			}
			if missing = append(missing, places(l.Unlisted(v.Clinic, c.Listed))...); !slices.Equal(missing, c.Missing) {
				t.Errorf("missing are %v, want %v", missing, c.Missing)
			}
			for name, want := range c.States {
				hash := transparency.Leaf(v.Leaves[name]).Hash()
				state := "there"
				if l.Withdrawn[hash] {
					state = "withdrawn"
				} else if l.Destroyed(l.Submissions[hash]) {
					state = "shredded"
				}
				if state != want {
					t.Errorf("%s (%s) is %s, want %s", name, hex.EncodeToString(hash[:4]), state, want)
				}
			}
			if keys := slices.Sorted(slices.Values(l.TicketKeys)); !slices.Equal(keys, c.TicketKeys) {
				t.Errorf("ticket keys are %v, want %v", keys, c.TicketKeys)
			}
			if last := l.lastGone(v.Clinic, append(slices.Clone(c.Listed), "")[0]); last != c.LastGone {
				t.Errorf("the last message that went with its key is at %d, want %d", last, c.LastGone)
			}
		})
	}
}

// Whatever leaf follows a message, it takes the message back only with its token, and destroys its epoch only with its panel.
func FuzzLedger(f *testing.F) {
	content, err := os.ReadFile("testdata/hostile_logs.json")
	if err != nil {
		f.Fatal(err)
	}
	var v hostileLogs
	if err := json.Unmarshal(content, &v); err != nil {
		f.Fatal(err)
	}
	for _, leaf := range v.Leaves {
		f.Add([]byte(leaf))
	}
	signed := newSignedLog(f)
	f.Add([]byte(signed.act(1, transparency.ActAssessed, 9, signed.one)))
	for _, lines := range signed.lines() {
		f.Add([]byte(keyring.DecisionLeaf(lines, signedAs(lines, keyring.SignDecision, signed.one, signed.two))))
	}
	mine := transparency.Leaf(v.Leaves["mine"]).Hash()
	_, token, _ := strings.Cut(v.Leaves["mine taken back"], "withdrawn\n")
	f.Fuzz(func(t *testing.T, leaf []byte) {
		l := newLedger()
		for i, name := range []string{"panel", "panel of the other", "epoch", "mine"} {
			must(t, l.add(int64(i), transparency.Leaf(v.Leaves[name])))
		}
		must(t, l.add(4, leaf))
		if l.Withdrawn[mine] && !strings.Contains(string(leaf), token) {
			t.Errorf("%q takes a message back", leaf)
		}
		if l.Destroyed(l.Submissions[mine]) && string(leaf) != v.Leaves["destroyed"] {
			t.Errorf("%q destroys an epoch", leaf)
		}
		if len(l.Oddities) > 1 || len(l.Oddities) == 1 && l.Oddities[0].String() == "" {
			t.Errorf("%q: %v", leaf, l.Oddities)
		}
	})
}

func places(placed []*Placed) (at []int64) {
	for _, p := range placed {
		at = append(at, p.Index)
	}
	return at
}
