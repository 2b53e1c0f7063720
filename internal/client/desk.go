package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"

	"answerable/internal/review"
	"answerable/internal/seal"
)

// desk stands in for a server: it gives the answers that Keep kept, with what the reviewer has done since in them, and lets what is
// posted wait in the reviewer's own part of the folder. It holds the order of the work as the server does, by the same review.Board. All
// else is the client's, which does not know whom it speaks to.
type desk struct {
	*folder
	by    *Reviewer
	own   *notebook
	list  *fetched
	at    map[string][]*answer // by path
	asked map[string]int       // how often each path was asked for: the answers come in the order in which they came

	epochs map[[32]byte]string        // of messages
	boards map[[32]byte]*review.Board // of messages, as far as the folder knows
	broken error                      // why an answer that was kept is not here as it was; nil when all are
	taken  int                        // messages that the reviewer has taken this week, by the server's count
	week   [][]byte                   // those of them that the server named, by leaf hash
	today  time.Time
}

// Desk makes a reviewer whose server is a folder that Keep filled. Nothing of what they do asks a network. Errors: ErrNothingPulled,
// ErrNotKept, ErrFetched, ErrOwn, ErrFolder.
func Desk(dir string, identity *age.HybridIdentity) (r *Reviewer, clinic string, err error) {
	f, err := openFolder(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", ErrNothingPulled
	}
	if err != nil {
		return nil, "", err
	}
	d, err := deskIn(f, identity)
	if err != nil {
		f.close()
		return nil, "", err
	}
	return d.by, d.list.Clinic, nil
}

func deskIn(f *folder, identity *age.HybridIdentity) (*desk, error) {
	c := &Client{http: &http.Client{}, Now: time.Now, Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	r, err := c.Reviewer(identity)
	if err != nil {
		return nil, err
	}
	list, err := listOf(f, r)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotKept
	}
	if err != nil {
		return nil, err
	}
	d := &desk{
		folder: f, by: r, own: &notebook{folder: f, by: r}, list: list, at: map[string][]*answer{}, asked: map[string]int{},
		epochs: map[[32]byte]string{}, boards: map[[32]byte]*review.Board{},
	}
	for i := range list.Answers {
		a := &list.Answers[i]
		d.at[a.At] = append(d.at[a.At], a)
	}
	mine, err := d.own.read()
	if err != nil {
		return nil, err
	}
	if mine.Pulls != list.Pull || !bytes.Equal(mine.Folder, list.Folder) {
		// Between the two files one may be of an earlier filling. A machine that stopped in between leaves the list behind by one, and
		// the next pull mends it.
		return nil, fmt.Errorf("%w: it is of another time than what you did here", ErrFetched)
	}
	if d.today, err = time.Parse(time.DateOnly, list.Day); err != nil {
		return nil, fmt.Errorf("%w: it has no day", ErrFetched)
	}
	c.server, c.offline, c.http.Transport = list.Server, d, d
	return d, nil
}

// ErrNotKept means that a folder holds files and nothing to work on without a network.
var ErrNotKept = errors.New("this folder was not made for work without a network")

// ErrNoStep means that no step of this number waits.
var ErrNoStep = errors.New("no step of this number waits here")

// openerOf opens the messages of a folder. proven says whether it holds what the server answered, and that was walked.
func openerOf(dir string, identity *age.HybridIdentity) (o *opener, proven bool, err error) {
	f, err := openFolder(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, ErrNothingPulled
	}
	if err != nil {
		return nil, false, err
	}
	var pulled *Pulled
	if _, missing := f.root.Lstat(path.Join(deskDir, fetchedFile)); !errors.Is(missing, fs.ErrNotExist) {
		pulled, err = pulledInto(f, dir, identity)
	}
	if errors.Is(err, errOthers) {
		pulled, err = nil, nil // nothing here is for this reviewer, which Tally says
	}
	if err == nil {
		o, err = newOpener(f, identity, pulled)
	}
	if err != nil {
		f.close()
		return nil, false, err
	}
	return o, pulled != nil, nil
}

// pulledInto walks what was pulled as Pull walked it. Nothing here waits for anything outside.
func pulledInto(f *folder, dir string, identity *age.HybridIdentity) (*Pulled, error) {
	d, err := deskIn(f, identity)
	if err != nil {
		return nil, err
	}
	pulled, err := d.by.Pull(context.Background(), d.list.Clinic, dir, func(int, int) {})
	return pulled, cmp.Or(err, d.broken)
}

// RoundTrip answers as the server did.
func (d *desk) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return d.post(req)
	}
	at := req.URL.RequestURI()
	kept := d.at[at]
	if len(kept) == 0 {
		return respond(req, http.StatusConflict, problemOffline("This was not pulled into the folder. Pull again where there is a network: answerable review pull")), nil
	}
	a := kept[min(d.asked[at], len(kept)-1)]
	d.asked[at]++
	content, err := d.kept(a)
	d.broken = cmp.Or(d.broken, err)
	if err == nil && a.Status == http.StatusOK {
		content, err = d.since(req.URL.Path, content)
	}
	if err != nil {
		return nil, err
	}
	return respond(req, a.Status, content), nil
}

// kept reads an answer. Errors: ErrFetched, ErrFolder.
func (d *desk) kept(a *answer) ([]byte, error) {
	file, err := d.read(a.name(), maxAnswer+ageMargin)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFetched, cause(err))
	}
	if hash := sha256.Sum256(file); !bytes.Equal(hash[:], a.Hash) {
		return nil, fmt.Errorf("%w: %s was changed", ErrFetched, a.name())
	}
	content, err := openSealed(d.by.identity, file, maxAnswer)
	if err != nil {
		return nil, fmt.Errorf("%w: %s does not open", ErrFetched, a.name())
	}
	return content, nil
}

func respond(req *http.Request, status int, content []byte) *http.Response {
	kind := "application/json"
	if status >= 400 {
		kind = "application/problem+json"
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req, ContentLength: int64(len(content)),
		Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(bytes.NewReader(content)),
	}
}

// since puts into an answer what the reviewer has done since, so that it is the answer that a server would give that knew it.
func (d *desk) since(at string, content []byte) ([]byte, error) {
	rest, ok := strings.CutPrefix(at, clinicPath(panelAPI, d.list.Clinic)+"/")
	if !ok {
		return content, nil
	}
	parts := strings.Split(rest, "/")
	switch {
	case rest == "epochs":
		return edited(content, d.fewerFiles)
	case rest == "recusals":
		return edited(content, d.moreRecusals)
	case rest == "shares":
		return edited(content, d.shares)
	case len(parts) != 3 || parts[0] != "epochs":
		return content, nil
	case parts[2] == "files":
		return edited(content, d.withFiles)
	case parts[2] == "work":
		return edited(content, func(w *workAnswer) { d.moreWork(parts[1], w) })
	case parts[2] == "reviews":
		return edited(content, func(p *reviewsPage) { d.moreReviews(parts[1], p) })
	}
	return content, nil
}

// edited changes an answer. One that does not read is left to the client to refuse.
func edited[T any](content []byte, change func(*T)) ([]byte, error) {
	v := new(T)
	if json.Unmarshal(content, v) != nil {
		return content, nil
	}
	change(v)
	return json.Marshal(v)
}

// waiting are the steps that wait for this clinic.
func (d *desk) waiting() (steps []*step) {
	mine, err := d.own.read()
	if err != nil {
		return nil // it was read before
	}
	for i := range mine.Waiting {
		if mine.Waiting[i].Clinic == d.list.Clinic {
			steps = append(steps, &mine.Waiting[i])
		}
	}
	return steps
}

// recused are the messages that the reviewer has stepped back from since.
func (d *desk) recused() map[[32]byte]*step {
	out := map[[32]byte]*step{}
	for _, s := range d.waiting() {
		if s.Do == doRecuse {
			out[[32]byte(s.Leaf)] = s
		}
	}
	return out
}

// fewerFiles leaves out of the counts what the reviewer has stepped back from, as the server does.
func (d *desk) fewerFiles(known *panelEpochs) {
	for _, s := range d.recused() {
		for i := range known.Epochs {
			if known.Epochs[i].ID == s.Epoch {
				known.Epochs[i].Files--
			}
		}
	}
}

func (d *desk) moreRecusals(out *recusalsAnswer) {
	for _, s := range d.recused() {
		out.Recusals = append(out.Recusals, recusal{s.Leaf, s.Signature, s.Reminder, nil})
	}
}

// withFiles puts the files that lie in the folder back into a page. Whether they are the ones, the client says.
func (d *desk) withFiles(page *filesPage) {
	recused := d.recused()
	page.Files = slices.DeleteFunc(page.Files, func(f delivery) bool {
		_, hash, err := leafOf(f.Leaf)
		return err == nil && recused[hash] != nil
	})
	for i := range page.Files {
		if _, hash, err := leafOf(page.Files[i].Leaf); err == nil {
			page.Files[i].File, _ = d.read(hex.EncodeToString(hash[:])+ageExt, mostSealed)
		}
	}
}

func (d *desk) moreWork(epoch string, w *workAnswer) {
	recused := d.recused()
	w.Messages = slices.DeleteFunc(w.Messages, func(m workMessage) bool { return len(m.Leaf) == 32 && recused[[32]byte(m.Leaf)] != nil })
	for _, m := range w.Messages {
		if len(m.Leaf) == 32 {
			d.epochs[[32]byte(m.Leaf)] = epoch
		}
	}
	for _, s := range d.waiting() {
		if s.Epoch != epoch || recused[[32]byte(s.Leaf)] != nil {
			continue
		}
		switch {
		case s.Do == doClaim:
			w.Parts = append(w.Parts, workPart{Part: Part{s.Leaf, d.by.ID, s.Role}})
		case s.Do == doHandBack:
			w.Parts = slices.DeleteFunc(w.Parts, func(p workPart) bool {
				return bytes.Equal(p.Leaf, s.Leaf) && p.Reviewer == d.by.ID && p.Part.Part != partCoded
			})
		case s.Do == doFile && s.Kind == review.KindCoding:
			hash := seal.FileHash(s.File)
			w.Parts = append(w.Parts, workPart{Part{s.Leaf, d.by.ID, partCoded}, s.Signature, hash[:], s.Day})
		}
	}
	for i := range w.Parts {
		if p := &w.Parts[i]; len(p.Leaf) == 32 {
			d.noteWork([32]byte(p.Leaf), &p.Part)
		}
	}
}

// moreReviews adds what waits to the last page of an epoch.
func (d *desk) moreReviews(epoch string, page *reviewsPage) {
	if page.Next == "" {
		recused := d.recused()
		for _, s := range d.waiting() {
			if s.Do == doFile && s.Epoch == epoch && recused[[32]byte(s.Leaf)] == nil {
				page.Files = append(page.Files, served{s.Leaf, s.Kind, d.by.ID, s.Number, s.File, s.Signature, s.Day, nil})
			}
		}
	}
	for i := range page.Files {
		if f := &page.Files[i]; len(f.Leaf) == 32 {
			d.noteFile([32]byte(f.Leaf), f.Kind, f.Author)
		}
	}
}

func (d *desk) shares(out *sharesAnswer) {
	for _, s := range out.Shares {
		if s.Reviewer == d.by.ID {
			d.taken = s.Taken
		}
	}
	d.week = out.Own
}

func (d *desk) board(leaf [32]byte) *review.Board {
	if d.boards[leaf] == nil {
		d.boards[leaf] = &review.Board{Roles: map[string]string{}, Files: map[string]map[string]int{}, Gone: map[string]bool{}, Stepped: map[string]bool{}}
	}
	return d.boards[leaf]
}

// noteWork knows that somebody coded a message before their coding may be seen.
func (d *desk) noteWork(leaf [32]byte, p *Part) {
	b := d.board(leaf)
	switch p.Part {
	case partCoded:
		if b.Files[review.KindCoding] == nil {
			b.Files[review.KindCoding] = map[string]int{}
		}
		b.Files[review.KindCoding][p.Reviewer] = 1
	case partRecused:
		b.Stepped[p.Reviewer] = true
	case review.RoleCoder, review.RoleThird, review.RoleChecker:
		b.Roles[p.Reviewer] = p.Part
	}
}

func (d *desk) noteFile(leaf [32]byte, kind, author string) {
	if kind == review.KindCoding {
		return // one for each author, and known already
	}
	b := d.board(leaf)
	if b.Files[kind] == nil {
		b.Files[kind] = map[string]int{}
	}
	b.Files[kind][author]++
}
