package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/client"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// place is a server with a clinic, a panel of two and a key in use, on a database of its own.
type place struct {
	url, dir   string
	database   string
	identities []string
	stop       func()
}

// at gives the flags that name the clinic.
func (p *place) at() []string { return []string{"--server", p.url, "--clinic", "northside"} }

// newPlace sets a place up. Further flags of the server may be given.
func newPlace(t testing.TB, flags ...string) *place {
	t.Helper()
	p := &place{dir: t.TempDir(), database: privateDatabase(t)}
	useDatabase(t, p.database)
	answerable(t, "", "migrate", "up")
	answerable(t, "", "clinic", "add", "northside", "--name", "Northside", "--legal-notice", "Nothing.")
	p.start(t, flags...)
	p.populate(t)
	return p
}

// populate brings a panel of two, a key and an open form to a server that has the clinic.
func (p *place) populate(t testing.TB) {
	t.Helper()
	for _, name := range []string{"ada", "bo"} {
		path := filepath.Join(p.dir, name)
		p.identities = append(p.identities, path)
		answerable(t, "", "identity", "new", "--out", path)
		invited := answerableJSON[struct{ Invitation string }](t, "", "panel", "invite", "--clinic", "northside")
		answerable(t, "", "panel", "join", "--server", p.url, "--identity", path, "--invitation", invited.Invitation)
	}
	answerable(t, "", "panel", "manifest", "propose", "--clinic", "northside", "--m", "2")
	for _, identity := range p.identities {
		signList(t, identity, p.at()...)
	}
	answerable(t, "", append([]string{"epoch", "make", "--identity", p.identities[0]}, p.at()...)...)
	for _, identity := range p.identities {
		answerable(t, "", append([]string{"epoch", "ack", "--identity", identity}, p.at()...)...)
	}
	p.inDatabase(t, `UPDATE clinic SET open = true`)
	p.settle(t)
}

// start runs the server; stop ends it.
func (p *place) start(t testing.TB, flags ...string) {
	t.Helper()
	p.url, p.stop = startServer(t, p.flags(flags...)...)
}

func (p *place) flags(more ...string) []string {
	return append([]string{"--origin", "words.example/answerable", "--log-key-file", filepath.Join(p.dir, "log.key"),
		"--ticket-key-file", filepath.Join(p.dir, "ticket.key"), "--server-secret-file", filepath.Join(p.dir, "secret")}, more...)
}

func (p *place) db(t testing.TB) *bun.DB {
	t.Helper()
	db, err := postgres.Open(p.database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func (p *place) inDatabase(t testing.TB, statements ...string) {
	t.Helper()
	db := p.db(t)
	for _, statement := range statements {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// settle waits until the server has signed every leaf that has its place.
func (p *place) settle(t testing.TB) {
	t.Helper()
	db := p.db(t)
	for range 100 {
		var behind bool
		err := db.NewRaw(`SELECT (SELECT count(*) FROM log_leaf) <> coalesce((SELECT published_size FROM log_checkpoint), -1)`).Scan(t.Context(), &behind)
		if err != nil {
			t.Fatal(err)
		}
		if !behind {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the log is not published in time")
}

// tell tells something and puts it into the log.
func (p *place) tell(t testing.TB, words string) told {
	t.Helper()
	said := answerableJSON[told](t, words, append([]string{"submit"}, p.at()...)...)
	answerable(t, "", "log", "batch")
	p.settle(t)
	return said
}

type verifiedLog struct {
	VKey, Origin, Root string
	Size               int64
}

// writeFile writes a file in a folder of the test and gives its path.
func writeFile(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAWriterFindsTheOwnLeafAndAStrangerChecksIt(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	defer func() { p.stop() }()
	dir := t.TempDir()
	seen := filepath.Join(dir, "seen")
	first := answerableJSON[verifiedLog](t, "", "log", "verify", p.url, "--checkpoint", seen)
	if first.Origin != "words.example/answerable" || first.Size < 3 || !strings.HasPrefix(first.VKey, "words.example/answerable+") {
		t.Errorf("verified %+v", first)
	}
	if said := refusal(t, "abandon ability able about above absent absorb abstract", "log", "proof", p.url); !strings.Contains(said, "holds nothing that was told with these words") {
		t.Errorf("unknown words: %s", said)
	}
	mine := p.tell(t, "what happened")
	ticket := writeFile(t, dir, "ticket", mine.Ticket)

	// The words alone find it, the ticket finds it, and so does the leaf's hash.
	proof := filepath.Join(dir, "mine.tlog-proof")
	if out := string(answerable(t, mine.Receipt+"\n", "log", "proof", p.url, "--out", proof)); !strings.Contains(out, "It is received, it is counted, and its mark is still there.") {
		t.Errorf("by the words: %s", out)
	}
	for _, by := range [][]string{{"--ticket", ticket}, {"--leaf", mine.LeafHash}} {
		found := answerableJSON[[]provenLeaf](t, "", append([]string{"log", "proof", p.url}, by...)...)
		if len(found) != 1 || found[0].LeafHash != "" && found[0].LeafHash != mine.LeafHash || !strings.HasPrefix(found[0].Proof, "c2sp.org/tlog-proof@v1\n") {
			t.Errorf("by %s: %+v", by[0], found)
		}
	}
	// Somebody else checks the proof with the key alone, on a copy without a network.
	saved := filepath.Join(dir, "copy")
	second := answerableJSON[verifiedLog](t, "", "log", "verify", p.url, "--save", saved, "--checkpoint", seen, "--ticket", ticket, "--scripts")
	offline := answerableJSON[verifiedLog](t, "", "log", "verify", saved)
	if second.Size != first.Size+1 || offline != second {
		t.Errorf("verified %+v, then %+v, and from the copy %+v", first, second, offline)
	}
	if out := string(answerable(t, "", "log", "proof", saved, "--check", proof, "--vkey", first.VKey, "--leaf", mine.LeafHash)); !strings.Contains(out, "The proof holds: leaf") || !strings.Contains(out, "\nsubmission\n") {
		t.Errorf("the proof: %s", out)
	}
	if said := refusal(t, "", "log", "proof", saved, "--check", proof, "--leaf", strings.Repeat("0", 64)); !strings.Contains(said, "for another leaf") {
		t.Errorf("the proof of another leaf: %s", said)
	}
	if found := answerableJSON[[]provenLeaf](t, mine.Receipt+"\n", "log", "proof", saved); len(found) != 1 {
		t.Errorf("from the copy: %+v", found)
	}

	// A ticket whose day is not over is patient.
	waiting := answerableJSON[told](t, "not in a batch yet", append([]string{"submit"}, p.at()...)...)
	if said := refusal(t, "", "log", "proof", p.url, "--ticket", writeFile(t, dir, "waiting", waiting.Ticket)); !strings.Contains(said, "not in the log yet") {
		t.Errorf("a fresh ticket: %s", said)
	}
	if said := refusal(t, "", "log", "proof", p.url, "--ticket", writeFile(t, dir, "other", strings.Replace(waiting.Ticket, "words.example", "other.example", 1))); !strings.Contains(said, "not a ticket signed with a key that stands in this log") {
		t.Errorf("a changed ticket: %s", said)
	}

	// A copy in which one byte was changed.
	bundles, err := filepath.Glob(filepath.Join(saved, "tile", "entries", "000.p", "*"))
	if err != nil || len(bundles) == 0 {
		t.Fatal(bundles, err)
	}
	content, err := os.ReadFile(bundles[len(bundles)-1])
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	for _, b := range bundles {
		if err := os.WriteFile(b, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if said := refusal(t, "", "log", "verify", saved); !strings.Contains(said, "does not give what its checkpoint signs") {
		t.Errorf("a spoilt copy: %s", said)
	}
}

// The server that drops a report and starts its log again from before is caught by everybody who remembers something: its
// own file, a stranger's checkpoint, the writer's ticket and the panel's folder.
func TestDroppedReportsAreFound(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	memory := filepath.Join(outside, "memory")
	p := newPlace(t, "--checkpoint-file", memory)
	defer func() { p.stop() }()
	p.settle(t)
	p.tell(t, "told before")
	pulled := filepath.Join(outside, "pulled")
	pull := func() []string { // the server moves between ports
		return append([]string{"review", "pull", "--identity", p.identities[0], "--out", pulled}, p.at()...)
	}
	answerable(t, "", pull()...)

	dropped := p.tell(t, "told and dropped")
	seen := filepath.Join(outside, "seen")
	answerable(t, "", "log", "verify", p.url, "--checkpoint", seen)

	// First the file alone goes: the leaf stays in the log, and the panel sees that something is missing.
	p.inDatabase(t, `DELETE FROM submission WHERE leaf_hash = '\x`+dropped.LeafHash+`'`)
	said := refusal(t, "", pull()...)
	if !strings.Contains(said, "the log says that 1 more were told, and the server gives no file for them") {
		t.Errorf("the panel: %s", said)
	}

	// Then the log is cut back to before, tree and checkpoint and all, and grows again without the leaf.
	p.stop()
	p.inDatabase(t, `DELETE FROM log_leaf WHERE leaf_hash = '\x`+dropped.LeafHash+`'`, `DELETE FROM log_node`, `DELETE FROM log_checkpoint`)
	if said := refusal(t, "", append([]string{"serve", "--addr", "127.0.0.1:0"}, p.flags("--checkpoint-file", memory)...)...); !strings.Contains(said, "older than what this log has already signed") || !strings.Contains(said, "hint: Bring the newest copy of the database back") {
		t.Errorf("the server: %s", said)
	}
	p.start(t)
	p.settle(t)
	if said := refusal(t, "", "log", "verify", p.url, "--checkpoint", seen); !strings.Contains(said, "shows fewer leaves than it has shown before") {
		t.Errorf("a stranger: %s", said)
	}
	p.tell(t, "told later")
	if said := refusal(t, "", "log", "verify", p.url, "--checkpoint", seen); !strings.Contains(said, "two histories") {
		t.Errorf("a stranger, later: %s", said)
	}
	evidence, err := os.ReadFile(seen + ".split-view")
	if err != nil || strings.Count(string(evidence), "— words.example/answerable ") != 2 {
		t.Errorf("the evidence is %q, %v", evidence, err)
	}
	// Somebody who has only seen the new history swaps checkpoints with somebody who has seen the old one.
	fresh := filepath.Join(outside, "fresh")
	answerable(t, "", "log", "verify", p.url, "--checkpoint", fresh)
	if said := refusal(t, "", "log", "verify", p.url, "--checkpoint", fresh, "--against", seen); !strings.Contains(said, "two histories") {
		t.Errorf("two strangers: %s", said)
	}
	// The writer has a ticket. Its day has to be over; nobody waits for that here, so an older one is signed with the
	// server's own key.
	late := writeFile(t, outside, "late", lateTicket(t, p, dropped))
	proof := filepath.Join(outside, "dropped.txt")
	if said := refusal(t, "", "log", "proof", p.url, "--ticket", late, "--out", proof); !strings.Contains(said, "should have been in the log by the end of") || !strings.Contains(said, "no proof yet") {
		t.Errorf("the writer: %s", said)
	}
	if text, err := os.ReadFile(proof); err != nil || !strings.HasPrefix(string(text), "answerable/missing/v1\nnot proved\n\n") || !strings.Contains(string(text), "answerable/ticket/v1\n") || !strings.Contains(string(text), "\n\n— words.example/answerable ") {
		t.Errorf("the writer's proof is %q, %v", text, err)
	}
	if said := refusal(t, "", "log", "verify", p.url, "--ticket", late); !strings.Contains(said, "By this machine's clock that day is over") || strings.Contains(said, "prove that") {
		t.Errorf("a stranger with the ticket: %s", said)
	}
	// The panel's folder remembers too.
	if said := refusal(t, "", pull()...); !strings.Contains(said, "the log could not be checked") || !strings.Contains(said, "two histories") {
		t.Errorf("the panel, later: %s", said)
	}
}

func TestOverdueBatchesAreFound(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	defer func() { p.stop() }()
	p.settle(t)
	answerable(t, "", "log", "verify", p.url)
	// The database refuses every further batch, and the last is long ago.
	p.inDatabase(t, `UPDATE instance SET batch_slot = 1700000000`, `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$`,
		`CREATE TRIGGER no BEFORE UPDATE ON instance FOR EACH ROW EXECUTE FUNCTION no()`)
	p.settle(t)
	if said := refusal(t, "", "log", "verify", p.url); !strings.Contains(said, "another is overdue") {
		t.Errorf("said: %s", said)
	}
}

// Several messages of one receipt: each that is missing is named, and those after it are found.
func TestEachMissingMessageIsNamed(t *testing.T) {
	t.Parallel()
	receipt, err := seal.ParseReceipt("abandon ability able about above absent absorb abstract")
	if err != nil {
		t.Fatal(err)
	}
	ledger := &client.Ledger{Anchors: map[seal.Commitment][]*client.Placed{}}
	for message, m := range receipt.Marks("o", 6) {
		if message == 1 || message == 3 || message == 4 {
			continue
		}
		ledger.Anchors[m.Anchor] = []*client.Placed{{Submission: transparency.Submission{Anchor: m.Anchor, Withdraw: m.Withdraw}, Index: int64(message)}}
	}
	own, err := byWords(strings.NewReader(receipt.Words()), ledger, "o")
	if err != nil || len(own.found) != 3 || own.found[2].Index != 5 || !slices.Equal(own.missing, []int{1, 3, 4}) {
		t.Errorf("found %+v, %v", own, err)
	}
}

// The server must give the page code of the newest leaf that names some. An earlier one is named as old.
func TestOldPageCodeIsNamedAsOld(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	defer func() { p.stop() }()
	p.settle(t)
	if said, err := command(t, "log", "verify", p.url, "--scripts").CombinedOutput(); err != nil || !strings.Contains(string(said), "the page code is that of this program too") {
		t.Errorf("the code of this very program: %v, %s", err, said)
	}
	if said := ownScripts(&transparency.Code{Release: "v99", Files: map[string][32]byte{"app.css": {1}}}); !strings.Contains(said, "build the release v99") {
		t.Errorf("the code of another: %s", said)
	}
	newer := transparency.Code{Release: "v99", Files: map[string][32]byte{"app.css": {1}}}
	if err := transparency.Append(t.Context(), p.db(t), newer.Leaf()); err != nil {
		t.Fatal(err)
	}
	p.settle(t)
	if said := refusal(t, "", "log", "verify", p.url, "--scripts"); !strings.Contains(said, "the server gives old page code") || !strings.Contains(said, "the newest that the log names is v99") {
		t.Errorf("old code: %s", said)
	}
	strange := transparency.Code{Release: "v100", Files: map[string][32]byte{"app.css": {2}, "extra.js": {3}}}
	if err := transparency.Append(t.Context(), p.db(t), strange.Leaf()); err != nil {
		t.Fatal(err)
	}
	p.settle(t)
	if said := refusal(t, "", "log", "verify", p.url, "--scripts"); !strings.Contains(said, "the newest that the log names is v100") {
		t.Errorf("old code, twice: %s", said)
	}
}

// A leaf that the server puts beside a writer's, to take that one back, is shown to strangers, writers and the panel.
func TestLeavesOfAHostileServerAreShown(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	defer func() { p.stop() }()
	p.settle(t)
	mine := p.tell(t, "told")
	var leaf []byte
	if err := p.db(t).NewRaw(`SELECT leaf FROM log_leaf WHERE leaf_hash = ?`, bytesOf(t, mine.LeafHash)).Scan(t.Context(), &leaf); err != nil {
		t.Fatal(err)
	}
	s, err := transparency.ParseSubmission(leaf)
	if err != nil {
		t.Fatal(err)
	}
	token := [32]byte{9}
	fake := *s
	fake.FileHash, fake.Withdraw = [32]byte{8}, sha256.Sum256(token[:])
	taken := transparency.Withdrawn{Anchor: s.Anchor, Token: token}
	p.inDatabase(t, `DELETE FROM submission`)
	for _, l := range []transparency.Leaf{fake.Leaf(), taken.Leaf()} {
		if err := transparency.Append(t.Context(), p.db(t), l); err != nil {
			t.Fatal(err)
		}
		answerable(t, "", "log", "batch")
	}
	p.settle(t)
	if said := refusal(t, "", "log", "verify", p.url); !strings.Contains(said, "it carries the mark by which somebody else finds their own message") {
		t.Errorf("a stranger: %s", said)
	}
	if out := string(answerable(t, mine.Receipt+"\n", "log", "proof", p.url)); strings.Contains(out, "taken back") || !strings.Contains(out, "its mark is still there") {
		t.Errorf("the writer: %s", out)
	}
	said := refusal(t, "", append([]string{"review", "pull", "--identity", p.identities[0], "--out", filepath.Join(t.TempDir(), "pulled")}, p.at()...)...)
	if !strings.Contains(said, "the log says that 1 more were told") || !strings.Contains(said, "somebody else finds their own message") {
		t.Errorf("the panel: %s", said)
	}
}

// Decisions and acts that a server writes in the panel's name are named by whoever follows the log, over a network and from a
// copy on disk, and the following goes on behind them.
func TestDecisionsThatThePanelDidNotSignAreShown(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	defer func() { p.stop() }()
	stranger := keyringtest.NewReviewer(t)
	var clinicID string
	if err := p.db(t).NewRaw(`SELECT id FROM clinic`).Scan(t.Context(), &clinicID); err != nil {
		t.Fatal(err)
	}
	day := time.Now().UTC().Truncate(24 * time.Hour)
	rotation := &keyring.Resolution{Kind: keyring.KindRotation, ClinicID: clinicID, Day: day, Rotation: keyring.Rotation{K: 1, RetainDays: 30}}
	act := &transparency.Action{Tag: [32]byte{1}, Code: transparency.ActClosed, Day: day, ReviewerID: stranger.ID}
	act.Sign(stranger.Key)
	forged := keyring.DecisionLeaf(rotation.Lines(), []keyring.Signature{{ReviewerID: stranger.ID, Signature: keyring.SignDecision(stranger.Key, rotation.Lines())}})
	if err := transparency.Append(t.Context(), p.db(t), forged); err != nil {
		t.Fatal(err)
	}
	if err := transparency.Append(t.Context(), p.db(t), act.Leaf()); err != nil {
		t.Fatal(err)
	}
	answerable(t, "", "log", "batch")
	p.tell(t, "told after them")
	dir := t.TempDir()
	seen := filepath.Join(dir, "seen")
	for _, args := range [][]string{{p.url, "--save", filepath.Join(dir, "copy"), "--checkpoint", seen}, {filepath.Join(dir, "copy")}} {
		said := refusal(t, "", append([]string{"log", "verify"}, args...)...)
		for _, want := range []string{"(rotation): it is signed by " + stranger.ID, "(action): it is signed by " + stranger.ID, "not as it should be"} {
			if !strings.Contains(said, want) {
				t.Errorf("%v does not say %q: %s", args, want, said)
			}
		}
		if n := strings.Count(said, "problem: "); n != 2 {
			t.Errorf("%v: %d problems: %s", args, n, said)
		}
	}
	if kept, err := client.ReadPinned(seen); err != nil || kept.Checkpoint.Size < 5 {
		t.Errorf("what was followed is not kept: %v", err)
	}
}

func bytesOf(t testing.TB, hash string) []byte {
	t.Helper()
	out, err := hex.DecodeString(hash)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// runWitness starts a witness until the test ends.
func runWitness(t testing.TB, dir, name, vkey string, addr string) (url, key string, stop func()) {
	t.Helper()
	cmd := command(t, "--json", "log", "witness", "--addr", addr, "--data", dir, "--name", name, "--log", vkey)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		cmd.Wait()
		t.Fatalf("the witness said: %s", said.String())
	}
	var announced struct{ URL, VKey string }
	if err := json.Unmarshal(line, &announced); err != nil {
		t.Fatal(err)
	}
	return announced.URL, announced.VKey, func() {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the witness: %v\n%s", err, said.String())
		}
	}
}

func TestPlacesWitnessEachOther(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	dir := t.TempDir()
	p.settle(t)
	vkey := answerableJSON[verifiedLog](t, "", "log", "verify", p.url).VKey
	p.stop()
	one, oneKey, stopOne := runWitness(t, filepath.Join(dir, "one"), "hillside.example/witness", vkey, "127.0.0.1:0")
	two, twoKey, stopTwo := runWitness(t, filepath.Join(dir, "two"), "riverside.example/witness", vkey, "127.0.0.1:0")
	if said := refusal(t, "", "log", "witness", "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "one"), "--log", vkey); !strings.Contains(said, "another witness uses the folder") {
		t.Errorf("a second witness on one memory: %s", said)
	}
	policy := writeFile(t, dir, "policy", "log "+vkey+"\nwitness hillside "+oneKey+" "+one+"\nwitness riverside "+twoKey+" "+two+"\ngroup both 1 hillside riverside\nquorum both\n")
	strict := writeFile(t, dir, "strict", "log "+vkey+"\nwitness hillside "+oneKey+"\nwitness riverside "+twoKey+"\ngroup both all hillside riverside\nquorum both\n")

	p.start(t, "--witness-policy-file", policy)
	defer func() { p.stop() }()
	p.settle(t)
	answerable(t, "", "log", "verify", p.url, "--policy", strict)
	p.tell(t, "seen by two")
	answerable(t, "", "log", "verify", p.url, "--policy", strict, "--vkey", vkey)

	stopTwo()
	mine := p.tell(t, "seen by one")
	answerable(t, "", "log", "verify", p.url, "--policy", policy)
	if said := refusal(t, "", "log", "verify", p.url, "--policy", strict); !strings.Contains(said, "does not carry the cosignatures") {
		t.Errorf("with one witness down: %s", said)
	}
	proof := filepath.Join(dir, "proof")
	answerable(t, mine.Receipt+"\n", "log", "proof", p.url, "--out", proof)
	answerable(t, "", "log", "proof", p.url, "--check", proof, "--policy", policy)
	if said := refusal(t, "", "log", "proof", p.url, "--check", proof, "--policy", strict); !strings.Contains(said, "does not carry the cosignatures") {
		t.Errorf("the proof under the strict policy: %s", said)
	}
	// A ticket's day is over and its leaf is not there: only a witness's later day proves it, and only with a policy.
	gone := mine
	gone.LeafHash = strings.Repeat("07", 32)
	late := writeFile(t, dir, "late", lateTicket(t, p, gone))
	missing := filepath.Join(dir, "missing")
	if said := refusal(t, "", "log", "proof", p.url, "--ticket", late, "--out", missing, "--policy", policy); !strings.Contains(said, "hillside.example/witness has signed the log without it") {
		t.Errorf("a late ticket, with a witness: %s", said)
	}
	today := now().Format(time.DateOnly)
	if text, err := os.ReadFile(missing); err != nil || !strings.HasPrefix(string(text), "answerable/missing/v1\nproved by hillside.example/witness "+today+"\n\nanswerable/ticket/v1\n") {
		t.Errorf("the proof is %q, %v", text, err)
	}
	if said := refusal(t, "", "log", "verify", p.url, "--ticket", late, "--policy", policy); !strings.Contains(said, "prove that the promise was broken") {
		t.Errorf("a stranger with a late ticket and the policy: %s", said)
	}
	if said := refusal(t, "", "log", "proof", p.url, "--ticket", late, "--out", missing); !strings.Contains(said, "no proof yet") {
		t.Errorf("a late ticket, without a policy: %s", said)
	}
	var shown struct {
		Witnesses []struct {
			Name string
			Down bool
		}
	}
	fetchJSON(t, p.url+"/api/v1/log", &shown)
	if len(shown.Witnesses) != 2 || shown.Witnesses[0].Down || !shown.Witnesses[1].Down {
		t.Errorf("the witnesses are %+v", shown.Witnesses)
	}
	p.stop()

	// The database is set back. The witness that is up remembers.
	p.inDatabase(t, `DELETE FROM log_leaf WHERE leaf_hash = '\x`+mine.LeafHash+`'`, `DELETE FROM log_node`, `DELETE FROM log_checkpoint`)
	if said := refusal(t, "", append([]string{"serve", "--addr", "127.0.0.1:0"}, p.flags("--witness-policy-file", policy)...)...); !strings.Contains(said, "witness hillside: the database is older than what this log has already signed") {
		t.Errorf("a database that was set back: %s", said)
	}
	stopOne()
	p.start(t) // for the deferred stop
}

// lateTicket signs the promise of a ticket anew for a day that is over.
func lateTicket(t testing.TB, p *place, said told) string {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(p.dir, "ticket.key"))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(key)))
	if err != nil {
		t.Fatal(err)
	}
	hash, err := hex.DecodeString(said.LeafHash)
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := seal.IssueTicket(signer, seal.Ticket{Origin: "words.example/answerable", LeafHash: [32]byte(hash), LogBy: now().AddDate(0, 0, -1)})
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func fetchJSON(t testing.TB, url string, into any) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}
