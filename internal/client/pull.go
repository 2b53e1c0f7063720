package client

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"answerable/internal/keyring"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// A folder of pulled files:
//
//	origin                    the place they were written for, one line
//	epochs/<epoch>.record     the epoch's record, as its dealer signed it
//	epochs/<epoch>.age        the epoch's identity, sealed to the reviewer: the own wrap, or what an opening gave
//	epochs/<epoch>.part.age   the reviewer's own part of it, where several open the epoch
//	epochs/<epoch>.asked.age  while a request to open waits: the key that answers are sealed to, sealed to the reviewer
//	<leaf hash, hex>.leaf     a submission's leaf, as it stands in the log
//	<leaf hash, hex>.age      the sealed file the leaf names
//	log                       the log's key and the newest checkpoint seen
//	desk/                     what the work without a network needs; see desk.go
//
// The files of one's own that are no part of it (a declaration, a sitting) lie in desk/own.age, sealed to the reviewer.
const (
	logFile     = "log"
	originFile  = "origin"
	epochsDir   = "epochs"
	deskDir     = "desk"
	recordExt   = ".record"
	leafExt     = ".leaf"
	ageExt      = ".age"
	partExt     = ".part" + ageExt
	askedExt    = ".asked" + ageExt
	privateFile = 0o600
	privateDir  = 0o700
)

// epochName keeps a server's epoch id from naming a path.
var epochName = regexp.MustCompile(`^[a-z0-9-]{4,32}$`)

// Pulled counts what one pull did.
type Pulled struct {
	Epochs  int `json:"epochs"`  // with a wrap of the reviewer's own
	New     int `json:"new"`     // files written
	Kept    int `json:"kept"`    // files that were here already
	Refused int `json:"refused"` // files that are not what the log says
	Missing int `json:"missing"` // files the server counted and did not deliver

	Together    []string `json:"together"`          // epochs with files that several must open first
	Unreadable  []string `json:"unreadable"`        // epochs whose wrap does not open
	Undelivered int      `json:"undelivered"`       // leaves of the log without a file, a withdrawal or a shredding
	Oddities    []Oddity `json:"oddities"`          // leaves of the log that no honest server writes
	Unlogged    []string `json:"unlogged"`          // epochs with files that the log does not name
	Overdue     bool     `json:"overdue"`           // a batch is overdue, by the server's word and this machine's clock
	Log         string   `json:"log,omitzero"`      // why the log could not be checked; "" when it was
	Withheld    string   `json:"withheld,omitzero"` // what the panel has signed and the server does not show; "" for nothing

	ledger    *Ledger                    // nil when the log could not be checked
	delivered map[[32]byte]bool          // by leaf hash; also what was refused, which is counted apart, and what was stepped back from
	recused   map[[32]byte][]byte        // what this reviewer stepped back from, by their own signature or their own word in this folder
	records   map[string]*keyring.Record // of all epochs, each held against the panel's signed lists
}

// ErrOtherPlace means that a folder holds files of another place.
var ErrOtherPlace = errors.New("this folder holds files of another place; choose another folder")

// Pull fetches all sealed files of a clinic into dir, whole epochs at a time, so that the server never learns which
// one somebody reads. Files that are here and whole are left alone, so a pull that was cut off can be run again. Every
// file is written under another name first. progress hears after each page how many files of how many are here.
func (r *Reviewer) Pull(ctx context.Context, clinic, dir string, progress func(done, total int)) (*Pulled, error) {
	known, err := r.epochs(ctx, clinic)
	if err != nil {
		return nil, err
	}
	f, err := prepareFolder(dir, known.Origin)
	if err != nil {
		return nil, err
	}
	defer f.close()
	if err := f.ownGone(); err != nil {
		return nil, err // what was stepped back from, and not sent, would be fetched again
	}
	p := &puller{Reviewer: r, clinic: clinic, folder: f, progress: progress, Pulled: Pulled{
		Together: []string{}, Unreadable: []string{}, Oddities: []Oddity{}, Unlogged: []string{}, delivered: map[[32]byte]bool{}, records: map[string]*keyring.Record{},
	}}
	log, err := p.ledger(ctx, known.Origin)
	if err != nil {
		p.Log = err.Error()
	}
	// What is in the log by now must be among the files, so the epochs are asked for after it; and the lists that they name
	// after them.
	if known, err = r.epochs(ctx, clinic); err != nil {
		return nil, err
	}
	if p.panel, err = r.Panel(ctx, clinic); err != nil {
		return nil, err
	}
	// What this reviewer stepped back from is never given again. Their own signature says so, not the server; and from the moment
	// when they signed, not from when it is sent.
	if p.recused, _, _, err = r.steppedBack(ctx, clinic, p.clinicID(), &notebook{folder: f, by: r}); err != nil {
		return nil, err
	}
	for leaf := range p.recused {
		p.delivered[leaf] = true
	}
	for _, e := range known.Epochs {
		p.total += e.Files
	}
	p.Pulled.ledger = log
	if log != nil {
		p.Oddities = append(p.Oddities, log.Oddities...)
		log.excuse(known.Withdrawn)
		if err := p.compare(ctx); err != nil {
			return nil, err
		}
	}
	for _, e := range known.Epochs {
		if err := p.epoch(ctx, &e); err != nil {
			return &p.Pulled, fmt.Errorf("pull epoch %s: %w", e.ID, err)
		}
		if log != nil {
			if e.Files > 0 && !slices.Contains(log.Epochs[e.ID], p.clinicID()) {
				p.Unlogged = append(p.Unlogged, e.ID)
			}
		}
	}
	if log != nil {
		err = errors.Join(p.missed(ctx, log, known), p.destroy(log))
	}
	return &p.Pulled, err
}

// missed counts what the log names and nobody gave. A message can be taken back while files are fetched, and a batch can put
// the withdrawal into the log between two questions. So before anybody is alarmed the server is asked once more: first for
// what waits, then for the log, in which everything is that does not wait any longer.
func (p *puller) missed(ctx context.Context, log *Ledger, known *panelEpochs) error {
	listed := []string{}
	for _, e := range known.Epochs {
		listed = append(listed, e.ID)
	}
	count := func() (n int) {
		for _, id := range listed {
			n += len(log.Undelivered(keyring.EpochOf{ClinicID: p.clinicID(), ID: id}, p.delivered))
		}
		return n + len(log.Unlisted(p.clinicID(), listed))
	}
	if p.Undelivered = count(); p.Undelivered+p.Missing == 0 {
		return nil
	}
	now, err := p.epochs(ctx, p.clinic)
	if err != nil {
		return err
	}
	again, err := p.ledger(ctx, known.Origin)
	if err != nil {
		p.Log = err.Error()
		return nil
	}
	again.excuse(now.Withdrawn)
	p.Missing = max(0, p.Missing-p.takenBack(log, again, listed))
	maps.Copy(log.Withdrawn, again.Withdrawn)
	maps.Copy(log.Shredded, again.Shredded)
	p.Undelivered = count()
	return nil
}

// takenBack counts what was taken back between two readings of the log and could have been among these epochs' files. What was
// delivered all the same, or is of another clinic, excuses no missing file.
func (p *puller) takenBack(before, now *Ledger, epochs []string) (n int) {
	for hash := range now.Withdrawn {
		told := now.Submissions[hash]
		if told != nil && !before.Withdrawn[hash] && !p.delivered[hash] && slices.Contains(epochs, told.Epoch) {
			n++
		}
	}
	return n
}

// compare holds the lists and decisions that the server shows against the log, which was read before.
func (p *puller) compare(ctx context.Context) error {
	p.panel.standing = standingOf(p.panel.clinicID, p.leaves)
	chain, err := p.chain(ctx, p.clinic)
	if err != nil {
		return err
	}
	var withheld *keyring.WithheldError
	err = errors.Join(p.panel.standing.WithheldChain(chain), p.holdDecisions(ctx, p.clinic, p.panel))
	if errors.As(err, &withheld) {
		p.Withheld = withheld.Error()
		return nil
	}
	return err
}

type puller struct {
	*Reviewer
	Pulled
	*folder
	clinic      string
	done, total int
	progress    func(done, total int)
	panel       *Panel
	leaves      []transparency.Leaf // of the log, about panels and keys
}

// clinicID is that of the panel's signed lists; "" before the first.
func (p *puller) clinicID() string {
	if p.panel.Current == nil {
		return ""
	}
	return p.panel.Current.ClinicID
}

// ledger reads the log before any file is fetched: what is in it by then must be among the files. The key and the
// checkpoint are kept beside the files, so that a log that shows this reviewer another history later is found out.
func (p *puller) ledger(ctx context.Context, origin string) (*Ledger, error) {
	pinned, err := p.pinnedLog()
	if err != nil {
		return nil, err
	}
	info, err := p.LogInfo(ctx)
	if err != nil {
		return nil, err
	}
	p.Overdue = info.Overdue(time.Now())
	if pinned == nil {
		pinned = &Pinned{VKey: info.VKey}
	}
	source := p.source()
	now, err := Newest(ctx, source, pinned.VKey, pinned.Checkpoint)
	if err != nil {
		return nil, err
	}
	if now.Origin != origin {
		return nil, ErrOtherPlace
	}
	log, err := ReadLedger(ctx, source, now)
	if err != nil {
		return nil, err
	}
	if p.leaves, err = keyLeavesOf(ctx, source, now, 0); err != nil {
		return nil, err
	}
	if p.offline != nil {
		return log, nil
	}
	pinned.Checkpoint = now
	return log, p.write(logFile, pinned.text())
}

func (p *puller) epoch(ctx context.Context, e *panelEpoch) error {
	if err := p.key(e); err != nil || e.Files == 0 {
		return err
	}
	delivered := 0
	for after := ""; ; {
		var page filesPage
		at := clinicPath(panelAPI, p.clinic, "epochs", e.ID, "files") + "?after=" + url.QueryEscape(after)
		if err := p.get(ctx, at, &page); err != nil {
			return err
		}
		for _, d := range page.Files {
			if err := p.file(e.ID, &d); err != nil {
				return err
			}
		}
		delivered += len(page.Files)
		p.done += len(page.Files)
		p.progress(p.done, p.total)
		if page.Next == nil {
			p.Missing += max(0, e.Files-delivered)
			return nil
		}
		if *page.Next <= after {
			return errors.New("the server's pages go round in a circle")
		}
		after = *page.Next
	}
}

// key keeps the record and the reviewer's wrap, after holding both against the panel's signed lists.
func (p *puller) key(e *panelEpoch) error {
	if !epochName.MatchString(e.ID) {
		return keyring.ErrRecord
	}
	record, err := p.panel.proveRecord(e)
	if err != nil {
		return err
	}
	if err := p.checkGiver(p.panel, e); err != nil {
		return err
	}
	p.records[e.ID] = record
	base := path.Join(epochsDir, e.ID)
	if err := p.write(base+recordExt, []byte(e.Record)); err != nil {
		return err
	}
	ext := ageExt
	if record.K > 1 {
		ext = partExt
		if !p.has(base+ageExt) && e.Files > 0 {
			p.Together = append(p.Together, e.ID)
		}
	}
	if len(e.Wrap) == 0 {
		return nil
	}
	p.Epochs++
	if record.K == 1 && !p.opens(record, e.Wrap) {
		p.Unreadable = append(p.Unreadable, e.ID)
		if here, err := p.read(base+ext, mostWrap); err == nil && p.opens(record, here) {
			return nil // what is here is better than what came
		}
	}
	return p.write(base+ext, e.Wrap)
}

// opens says whether a wrap gives this reviewer the key that its record names.
func (p *puller) opens(record *keyring.Record, wrap []byte) bool {
	_, err := seal.OpenEpochKey(wrap, p.identity, record.ID, record.Recipient)
	return err == nil
}

type delivery struct {
	Leaf string `json:"leaf"`
	File []byte `json:"file"`
	Day  string `json:"day"`
}

// file keeps a delivered file, unless it is not the one its leaf names.
func (p *puller) file(epoch string, d *delivery) error {
	leaf, hash, err := leafOf(d.Leaf)
	if _, back := p.recused[hash]; back {
		return nil // a server that gives it all the same gives it to nobody
	}
	p.delivered[hash] = err == nil
	if err != nil || leaf.Epoch != epoch || leaf.FileHash != seal.FileHash(d.File) {
		p.Refused++
		return nil
	}
	base := hex.EncodeToString(hash[:])
	if p.same(base+leafExt, []byte(d.Leaf)) && p.same(base+ageExt, d.File) {
		p.Kept++
		return nil
	}
	if err := p.write(base+leafExt, []byte(d.Leaf)); err != nil {
		return err
	}
	p.New++
	return p.write(base+ageExt, d.File)
}

// writeFile leaves either the old file or the whole new one, whenever the machine stops.
func writeFile(path string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".part-*") // 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(tmp.Name()) // gone already when all went well
	_, err = tmp.Write(content)
	if err := errors.Join(err, tmp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
