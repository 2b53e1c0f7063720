package client

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"

	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// treeOf is what lies in a folder, by name; links are not followed.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	tree := map[string]string{}
	must(t, filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		must(t, err)
		if d.Type().IsRegular() {
			content, err := os.ReadFile(at)
			must(t, err)
			hash := sha256.Sum256(content)
			tree[at] = string(hash[:])
		}
		return nil
	}))
	return tree
}

// hostileCase is something that somebody does to a folder which was theirs for a night.
type hostileCase struct {
	name string
	does func(t *testing.T, dir string)
	want error // of the desk; nil where it works, and says what is wrong
	says func(b *Bench, p *Pulled) bool
}

// TestAFolderFromStrangeHandsHarmsNothing gives a folder to somebody who knows all about it and has none of the reviewer's keys. Nothing of it is
// believed, nothing outside is read or written, nothing waits for ever, and nothing is sealed to another key.
func TestAFolderFromStrangeHandsHarmsNothing(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	_, leaf := w.tells("count_me")
	_, other := w.tells("count_me")
	w.batch()
	w.keeps(1)
	older := t.TempDir()
	must(t, os.CopyFS(older, os.DirFS(w.dirs[1])))
	b, c := w.offlineOn(1, leaf)
	must(t, errors.Join(b.Declare(c), b.Claim(ctx, c, review.RoleCoder), b.Note(ctx, c, "a note")))
	w.keeps(1)
	earlier := t.TempDir() // after the same filling
	must(t, os.CopyFS(earlier, os.DirFS(w.dirs[1])))
	b, c = w.offlineOn(1, leaf)
	must(t, b.Note(ctx, c, "another note"))
	me, here := w.panel[1], w.dirs[1]
	elsewhere := t.TempDir() // another folder of the same reviewer, filled as often
	for range 2 {
		w.dirs[1] = elsewhere
		w.keeps(1)
	}
	w.dirs[1] = here
	list, err := listOf(b.own.folder, me)
	must(t, err)
	epoch := c.Epoch
	stranger, err := age.GenerateHybridIdentity()
	must(t, err)
	them, err := new(Client).Reviewer(stranger)
	must(t, err)
	asMe := &Reviewer{ID: me.ID, identity: me.identity, key: them.key} // can seal to me, and not sign as me

	in := func(dir, name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	write := func(name string, content []byte) func(*testing.T, string) {
		return func(t *testing.T, dir string) { must(t, os.WriteFile(in(dir, name), content, 0o600)) }
	}
	instead := func(name string, how func(path string) error) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			must(t, os.RemoveAll(in(dir, name)))
			must(t, how(in(dir, name)))
		}
	}
	swap := func(one, two string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			must(t, os.Rename(in(dir, one), in(dir, one+"x")))
			must(t, os.Rename(in(dir, two), in(dir, one)))
			must(t, os.Rename(in(dir, one+"x"), in(dir, two)))
		}
	}
	huge := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { must(t, os.Truncate(in(dir, name), 1<<40)) } // a file of holes
	}
	from := func(there, name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			content, err := os.ReadFile(in(there, name))
			must(t, err)
			must(t, os.WriteFile(in(dir, name), content, 0o600))
		}
	}
	signedByThem := func(kind string, content any) []byte {
		text, err := json.Marshal(content)
		must(t, err)
		file, err := asMe.sealOwn(kind, text)
		must(t, err)
		return file
	}
	ownAt, listAt, anAnswer := path.Join(deskDir, ownFile), path.Join(deskDir, fetchedFile), list.Answers[3].name()
	secret := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(secret, []byte("of this machine"), 0o600))
	link := func(to string) func(string) error { return func(at string) error { return os.Symlink(to, at) } }
	pipe := func(at string) error { return syscall.Mkfifo(at, 0o600) }
	folder := func(at string) error { return os.Mkdir(at, 0o700) }
	broken := func(_ *Bench, p *Pulled) bool { return p.Refused == 1 }
	mended := func(b *Bench, p *Pulled) bool { return p.Refused+p.Missing == 0 && b.whole }
	// What cannot be told from an honest folder: the command says the number of steps, and whose folder it is remembers more.
	remembers := func(steps int) func(*Bench, *Pulled) bool {
		return func(b *Bench, p *Pulled) bool {
			waiting, taken := b.Waits()
			return mended(b, p) && waiting == steps && taken == steps
		}
	}

	for _, h := range []hostileCase{
		{"own part linked out", instead(ownAt, link(secret)), ErrFolder, nil},
		{"own part a pipe", instead(ownAt, pipe), ErrFolder, nil},
		{"own part a folder", instead(ownAt, folder), ErrFolder, nil},
		{"own part huge", huge(ownAt), ErrFolder, nil},
		{"own part nonsense", write(ownAt, []byte("age-encryption.org/v1\n-> nonsense\n")), ErrOwn, nil},
		{"own part of somebody else", write(ownAt, signedByThem(kindOwn, own{V: 1, Pulls: 2, Declared: []string{leaf, other}})), ErrOwn, nil},
		{"own part from before", from(older, ownAt), ErrFetched, nil},
		{"own part of another folder", from(elsewhere, ownAt), ErrFetched, nil},
		{"own part from before, of the same filling", from(earlier, ownAt), nil, remembers(2)},
		{"the desk from before", func(t *testing.T, dir string) {
			must(t, os.RemoveAll(in(dir, deskDir)))
			must(t, os.CopyFS(in(dir, deskDir), os.DirFS(in(older, deskDir))))
		}, nil, remembers(0)},
		{"the desk gone", func(t *testing.T, dir string) { must(t, os.RemoveAll(in(dir, deskDir))) }, ErrNotKept, nil},
		{"a message a folder", instead(other+ageExt, folder), nil, broken},
		{"nothing done to it", func(*testing.T, string) {}, nil, remembers(3)},
		{"own part gone", func(t *testing.T, dir string) { must(t, os.Remove(in(dir, ownAt))) }, ErrOwn, nil},
		{"list in the place of the own part", func(t *testing.T, dir string) { must(t, os.Rename(in(dir, listAt), in(dir, ownAt))) }, ErrNotKept, nil},
		{"list linked out", instead(listAt, link(secret)), ErrFolder, nil},
		{"list from before", from(older, listAt), ErrFetched, nil},
		{"list huge", huge(listAt), ErrFolder, nil},
		{"list of somebody else", write(listAt, signedByThem(kindFetched, list)), ErrFetched, nil},
		{"list gone", func(t *testing.T, dir string) { must(t, os.Remove(in(dir, listAt))) }, ErrNotKept, nil},
		{"an answer changed", write(anAnswer, signedByThem("answer", nil)), ErrFetched, nil},
		{"an answer huge", huge(anAnswer), ErrFetched, nil},
		{"an answer linked out", instead(anAnswer, link("/dev/zero")), ErrFetched, nil},
		{"an answer a pipe", instead(anAnswer, pipe), ErrFetched, nil},
		{"an answer gone", func(t *testing.T, dir string) { must(t, os.Remove(in(dir, anAnswer))) }, ErrFetched, nil},
		{"answers swapped", swap(list.Answers[0].name(), list.Answers[1].name()), ErrFetched, nil},
		{"the desk linked out", instead(deskDir, link(filepath.Dir(secret))), ErrFolder, nil},
		{"the desk linked within", instead(deskDir, link(epochsDir)), ErrFolder, nil},
		{"the epochs linked out", instead(epochsDir, link(filepath.Dir(secret))), ErrFolder, nil},
		{"origin a pipe", instead(originFile, pipe), ErrFolder, nil},
		{"origin of another place", write(originFile, []byte("other.example/answerable\n")), ErrOtherPlace, nil},
		{"a message linked to a device", instead(other+ageExt, link("/dev/zero")), nil, broken},
		{"a message a pipe", instead(other+ageExt, pipe), nil, broken},
		{"a message huge", huge(other + ageExt), nil, broken},
		{"a message cut", func(t *testing.T, dir string) { must(t, os.Truncate(in(dir, other+ageExt), 100)) }, nil, broken},
		{"messages swapped", swap(leaf+ageExt, other+ageExt), nil, func(_ *Bench, p *Pulled) bool { return p.Refused == 2 }},
		{"a leaf swapped", swap(leaf+leafExt, other+leafExt), nil, mended},
		{"a record of their own", write(path.Join(epochsDir, epoch+recordExt), []byte("nonsense")), nil, mended},
		{"a log of their own", write(logFile, []byte("nonsense")), nil, mended},
		{"10 000 files", func(t *testing.T, dir string) {
			for i := range 10_000 {
				name := fmt.Sprintf("%064x.age", i)
				if i%2 == 0 {
					name = fmt.Sprintf(".part-%d\x1b[2J", i)
				}
				must(t, os.WriteFile(in(dir, name), nil, 0o600))
			}
		}, nil, mended},
	} {
		t.Run(h.name, func(t *testing.T) {
			dir := t.TempDir()
			must(t, os.CopyFS(dir, os.DirFS(w.dirs[1])))
			h.does(t, dir)
			began := time.Now()
			outside := treeOf(t, filepath.Dir(secret))
			r, clinic, err := Desk(dir, me.identity)
			var b *Bench
			var p *Pulled
			if err == nil {
				b, p, err = r.Bench(ctx, clinic, dir, func(int, int) {})
			}
			if !errors.Is(err, h.want) || h.want == nil && err != nil {
				t.Fatalf("the desk says %v, want %v", err, h.want)
			}
			if h.want == nil && !h.says(b, p) {
				t.Errorf("the desk finds %+v, whole %v", p, b.whole)
			}
			// Reading says no more than the desk, and stops at the same.
			_, err = Open(dir, me.identity, func(*Opened) error { return nil })
			if h.want != nil && h.want != ErrNotKept && !errors.Is(err, h.want) {
				t.Errorf("reading says %v, want %v", err, h.want)
			}
			// Nor does who pulls into it at home write anywhere else.
			if _, _, err := me.Keep(ctx, testClinic, dir, func(int, int) {}); err != nil && !errors.Is(err, ErrFolder) && !errors.Is(err, ErrOwn) && !errors.Is(err, ErrOtherPlace) && !errors.Is(err, ErrPinned) && !errors.Is(err, fs.ErrExist) {
				var unexpected *fs.PathError
				if !errors.As(err, &unexpected) && !strings.Contains(err.Error(), "write ") {
					t.Errorf("pulling says %v", err)
				}
			}
			if now := treeOf(t, filepath.Dir(secret)); !maps.Equal(now, outside) {
				t.Errorf("outside it was written, or taken away: %d files of %d", len(now), len(outside))
			}
			if took := time.Since(began); took > 2*time.Minute {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// Who has the folder can seal to its reviewer: a key with a record, a wrap and a message that ask for an answer. What their client reads of it is
// named as nobody's, and what it writes goes to the panel's key.
func TestAKeyPutIntoAFolderIsNotThePanels(t *testing.T) {
	w := newTeam(t, 2)
	ctx := t.Context()
	_, leaf := w.tells("count_me")
	w.batch()
	w.keeps(1)
	dir, me := w.dirs[1], w.panel[1]
	b, c := w.offlineOn(1, leaf)
	record, err := b.opener.record(c.Epoch)
	must(t, err)
	evil, err := age.GenerateHybridIdentity()
	must(t, err)
	if _, err := me.SealReply(dir, leaf, "hello", ""); !errors.Is(err, ErrNotDeclared) {
		t.Errorf("an answer before a declaration: %v", err)
	}
	must(t, b.Declare(c))

	theirs := *record
	theirs.Recipient = evil.Recipient().String()
	wrap, err := seal.WrapEpochKey(c.Epoch, evil, me.identity.Recipient().String())
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, epochsDir, c.Epoch+recordExt), []byte(theirs.Lines()), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, epochsDir, c.Epoch+ageExt), wrap, 0o600))
	// A message of their own, as good as any: sealed to the panel's own key, with a leaf that no log has.
	file, err := seal.Seal(&seal.Plaintext{V: 1, T: seal.KindSubmission, Epoch: c.Epoch, Origin: testOrigin, SealedBy: "client", Lang: "en",
		Answers: []seal.Answer{{Q: "words", A: "come and meet me"}}, Anchor: seal.Token{9}.Commitment().String()}, record.Recipient)
	must(t, err)
	forged, forgedLeaf := leafFor(t, c.Epoch, file, seal.Token{9}.Commitment())
	must(t, os.WriteFile(filepath.Join(dir, forged+ageExt), file, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, forged+leafExt), []byte(forgedLeaf), 0o600))

	b, c = w.offlineOn(1, leaf)
	must(t, b.Note(ctx, c, "for the panel alone"))
	mine, err := b.own.read()
	must(t, err)
	if _, err := seal.OpenReview(mine.Waiting[0].File, evil); err == nil {
		t.Error("a note was sealed to the key of who had the folder")
	}
	if _, err := b.Case(forged); !errors.Is(err, ErrNoMessage) {
		t.Errorf("a message that was put into the folder: %v", err)
	}
	all, tally := w.read(dir, me)
	if tally.Unproven || all[leaf].Error != "" || !strings.Contains(all[forged].Error, "did not come with the rest") || all[forged].Answers != nil {
		t.Errorf("read as %+v, %+v", all[leaf], all[forged])
	}
	if _, err := me.SealReply(dir, forged, "where?", ""); err == nil {
		t.Error("an answer was sealed to who had the folder")
	}
	// Without the desk the folder is read as it lies, and says so.
	must(t, os.RemoveAll(filepath.Join(dir, deskDir)))
	if _, tally := w.read(dir, me); !tally.Unproven {
		t.Error("a folder that proves nothing passes for one that does")
	}
	if _, err := me.SealReply(dir, forged, "where?", ""); !errors.Is(err, ErrNotKept) {
		t.Errorf("an answer to who had the folder, where it proves nothing: %v", err)
	}
}

// leafFor writes the leaf that a server would write for a file, and names it.
func leafFor(t *testing.T, epoch string, file []byte, anchor seal.Commitment) (name, text string) {
	t.Helper()
	leaf := string(transparency.Submission{Epoch: epoch, FileHash: seal.FileHash(file), Anchor: anchor, Withdraw: anchor}.Leaf())
	_, hash, err := leafOf(leaf)
	must(t, err)
	return fmt.Sprintf("%x", hash), leaf
}

// FuzzOwn gives the parser of a reviewer's own part anything. What it takes can be written and read again.
func FuzzOwn(f *testing.F) {
	f.Add([]byte(`{"v":1,"folder":"","pulls":1,"declared":[],"recused":[],"practice":{},"sitting":{},"next":2,"waiting":[{"n":1,"clinic":"a","pull":1,"do":"claim","leaf":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","epoch":"2026-01-aaaa","role":"coder","rests":{}}]}`))
	f.Add([]byte(`{"v":1}  `))
	f.Fuzz(func(t *testing.T, content []byte) {
		o, err := readOwn(content)
		if err != nil {
			return
		}
		for i := range o.Waiting {
			if s := &o.Waiting[i]; len(s.Leaf) != 32 || s.shown().LeafHash == "" {
				t.Error("a step about nothing")
			}
		}
		again, err := json.Marshal(o)
		must(t, err)
		if _, err := readOwn(again); err != nil {
			t.Errorf("it does not read again: %v", err)
		}
	})
}

// FuzzFetched gives the parser of the list of answers anything. What it takes names files of the desk and nothing else.
func FuzzFetched(f *testing.F) {
	f.Add([]byte(`{"v":1,"server":"https://a.example","clinic":"a","pull":1,"day":"2026-01-01","answers":[{"at":"/log/checkpoint","status":200,"hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := readFetched(content)
		if err != nil {
			return
		}
		for i := range list.Answers {
			dir, name := path.Split(list.Answers[i].name())
			if dir != deskDir+"/" || !answerName.MatchString(name) {
				t.Errorf("it names %s%s", dir, name)
			}
		}
	})
}

// FuzzDesk gives the desk any answer that a server, or who could write as the reviewer, might have given, with steps that wait.
func FuzzDesk(f *testing.F) {
	dir := f.TempDir()
	identity, err := age.GenerateHybridIdentity()
	must(f, err)
	folder, err := makeFolder(dir)
	must(f, err)
	by, err := new(Client).Reviewer(identity)
	must(f, err)
	leaf := make([]byte, 32)
	mine := &notebook{folder: folder, by: by, last: &own{V: 1, Waiting: []step{
		{N: 1, Clinic: testClinic, Do: doClaim, Leaf: leaf, Epoch: "2026-01-aaaa", Role: review.RoleCoder},
		{N: 2, Clinic: testClinic, Do: doFile, Leaf: leaf, Epoch: "2026-01-aaaa", Kind: review.KindCoding, File: []byte("x")},
		{N: 3, Clinic: testClinic, Do: doHandBack, Leaf: leaf, Epoch: "2026-01-aaaa"},
		{N: 4, Clinic: testClinic, Do: doRecuse, Leaf: append(make([]byte, 31), 1), Epoch: "2026-01-aaaa", Reminder: &reminder{}},
	}}}
	at := clinicPath(panelAPI, testClinic) + "/"
	paths := []string{"epochs", "recusals", "shares", "epochs/2026-01-aaaa/files", "epochs/2026-01-aaaa/work", "epochs/2026-01-aaaa/reviews", "acts"}
	for i, seed := range []string{
		`{"origin":"a","epochs":[{"id":"2026-01-aaaa","files":1}]}`, `{"recusals":[{"leaf":"AA=="}]}`, `{"shares":[{"reviewer":"r","taken":-1}]}`,
		`{"files":[{"leaf":"../../x","file":null}],"next":null}`, `{"today":"","messages":[{"leaf":null}],"parts":[{"leaf":"","part":"coder"}]}`, `{"files":[{"leaf":"","kind":"coding"}],"next":""}`, `{`,
	} {
		f.Add(uint8(i), []byte(seed))
	}
	f.Fuzz(func(t *testing.T, which uint8, content []byte) {
		d := &desk{folder: folder, by: by, own: mine, list: &fetched{Clinic: testClinic}, asked: map[string]int{}, epochs: map[[32]byte]string{}, boards: map[[32]byte]*review.Board{}}
		if _, err := d.since(at+paths[int(which)%len(paths)], content); err != nil {
			t.Skip() // text that is not UTF-8
		}
	})
}

// FuzzPinned gives the parser of the log that a folder knows anything.
func FuzzPinned(f *testing.F) {
	f.Add([]byte("words.example/answerable+00000000+AAAA\n\nwords.example/answerable\n1\nAAAA\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if p, err := parsePinned(content); err == nil && string(p.text()) != string(content) && p.Checkpoint == nil {
			t.Error("a log without a checkpoint")
		}
	})
}
