package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"
)

// What the work without a network needs lies in desk/, every file sealed to the reviewer:
//
//	own.age        what is the reviewer's own: declarations, a sitting, steps that wait; signed by them
//	fetched.age    the list of the server's answers, in the order in which they came; signed by the reviewer
//	<hash>.age     one answer each, named after the first 16 bytes of the sealed file's SHA-256 in hex
//
// Work without a network gives these answers to the same program that asked the server for them, which holds them against the panel's
// lists, the log and all signatures once more. The files of messages are not among them: they lie beside, sealed as they were told.
const fetchedFile = "fetched" + ageExt

const (
	mostFetched    = 32 << 20
	mostAnswers    = 100_000
	fetchedVersion = 1
)

// answerName is the name of a kept answer.
var answerName = regexp.MustCompile(`^[0-9a-f]{32}\.age$`)

// ErrFetched means that what was pulled into a folder is not all there, was changed, or is older than what was done on it.
var ErrFetched = errors.New("what was pulled into this folder is not as it was pulled")

// fetched is the content of fetchedFile.
type fetched struct {
	V       int      `json:"v"`
	Server  string   `json:"server"` // scheme://host[:port]
	Clinic  string   `json:"clinic"` // short name
	Folder  []byte   `json:"folder"` // as in own
	Pull    int      `json:"pull"`
	Day     string   `json:"day"` // the server's
	Answers []answer `json:"answers"`
}

// answer is one answer of the server.
type answer struct {
	At     string `json:"at"` // path and query
	Status int    `json:"status"`
	Hash   []byte `json:"hash"` // SHA-256 of the sealed file
}

func (a *answer) name() string { return path.Join(deskDir, hex.EncodeToString(a.Hash[:16])+ageExt) }

// readFetched reads the list, once its signature holds.
func readFetched(content []byte) (*fetched, error) {
	f := new(fetched)
	if err := json.Unmarshal(content, f, json.RejectUnknownMembers(true)); err != nil || f.V != fetchedVersion || len(f.Answers) > mostAnswers {
		return nil, fmt.Errorf("%w: its list does not read", ErrFetched)
	}
	for i := range f.Answers {
		if a := &f.Answers[i]; len(a.Hash) != sha256.Size || a.Status < 200 || a.Status > 599 || !strings.HasPrefix(a.At, "/") {
			return nil, fmt.Errorf("%w: its list does not read", ErrFetched)
		}
	}
	return f, nil
}

// Keep pulls as Pull does, and keeps in dir what the work needs that is done there without a network. unkept says why it could not be
// kept; the files that were pulled are there all the same, and what was kept before stays.
func (r *Reviewer) Keep(ctx context.Context, clinic, dir string, progress func(done, total int)) (pulled *Pulled, unkept, err error) {
	f, err := makeFolder(dir)
	if err != nil {
		return nil, nil, err
	}
	defer f.close()
	if _, err := (&notebook{folder: f, by: r}).read(); err != nil {
		pulled, failed := r.Pull(ctx, clinic, dir, progress) // two may pull into one folder; the first one's desk stays
		return pulled, err, failed
	}
	k := &keeper{folder: f, by: r, next: r.http.Transport, known: map[[32]byte][]byte{}}
	if k.next == nil {
		k.next = http.DefaultTransport
	}
	before := r.http.Transport
	r.http.Transport = k
	r.log, r.seen = nil, readLog{} // what was read before would be missing among the answers
	defer func() { r.http.Transport = before }()

	if pulled, err = r.Pull(ctx, clinic, dir, progress); err == nil {
		unkept = k.keepWork(ctx, clinic, dir, pulled)
	}
	if err != nil || unkept != nil {
		return pulled, unkept, errors.Join(err, k.sweep())
	}
	return pulled, nil, k.finish(clinic)
}

// keepWork asks for everything that the work needs.
func (k *keeper) keepWork(ctx context.Context, clinic, dir string, pulled *Pulled) error {
	b, err := k.by.bench(ctx, clinic, dir, pulled)
	if err != nil {
		return err
	}
	defer b.own.close()
	k.day = b.Today
	return errors.Join(k.by.get(ctx, b.path("shares"), nil), k.err)
}

// keeper stands between a client and its server and keeps the answers.
type keeper struct {
	*folder
	by      *Reviewer
	next    http.RoundTripper
	answers []answer
	known   map[[32]byte][]byte // by hash of an answer, the hash of its sealed file: the same answer is kept once
	day     string
	err     error // why an answer could not be kept
}

// RoundTrip passes a request on and keeps what comes back.
func (k *keeper) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := k.next.RoundTrip(req)
	if err != nil || req.Method != http.MethodGet {
		return resp, err
	}
	content, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(content))
	missing := resp.StatusCode == http.StatusNotFound && strings.HasPrefix(req.URL.Path, "/log/")
	if k.err == nil && (resp.StatusCode == http.StatusOK || missing) && len(content) <= maxAnswer {
		k.err = k.keep(req.URL.RequestURI(), resp.StatusCode, content)
	}
	return resp, nil
}

func (k *keeper) keep(at string, status int, content []byte) error {
	if len(k.answers) >= mostAnswers {
		return errors.New("the server gave too many answers to keep")
	}
	content, err := withoutFiles(at, content)
	if err != nil {
		return err
	}
	of := sha256.Sum256(content)
	hash := k.known[of]
	if hash == nil {
		file, err := sealTo(k.by.identity, content)
		if err != nil {
			return err
		}
		sealed := sha256.Sum256(file)
		hash = sealed[:]
		if err := k.write((&answer{Hash: hash}).name(), file); err != nil {
			return err
		}
		k.known[of] = hash
	}
	k.answers = append(k.answers, answer{at, status, hash})
	return nil
}

// filesPage is a page of messages' files.
type filesPage struct {
	Files []delivery `json:"files"`
	Next  *string    `json:"next"`
}

func isFilesPage(at string) bool {
	p, _, _ := strings.Cut(at, "?")
	return strings.HasPrefix(p, panelAPI+"/c/") && strings.Contains(p, "/epochs/") && strings.HasSuffix(p, "/files")
}

// withoutFiles takes the files out of a page of files: they lie beside.
func withoutFiles(at string, content []byte) ([]byte, error) {
	if !isFilesPage(at) {
		return content, nil
	}
	var page filesPage
	if err := json.Unmarshal(content, &page); err != nil {
		return content, nil // the client does not take it either
	}
	for i := range page.Files {
		page.Files[i].File = nil
	}
	return json.Marshal(page)
}

// finish signs the list of the answers, and takes away those that were kept before. Until the list is there, the folder is as it was.
func (k *keeper) finish(clinic string) error {
	mine := &notebook{folder: k.folder, by: k.by}
	err := mine.change(func(o *own) error {
		o.Pulls++
		return nil
	})
	if err != nil {
		return errors.Join(err, k.sweep())
	}
	content, err := json.Marshal(fetched{fetchedVersion, k.by.server, clinic, mine.last.Folder, mine.last.Pulls, k.day, k.answers})
	if err != nil {
		return fmt.Errorf("write the list of answers: %w", err)
	}
	file, err := k.by.sealOwn(kindFetched, content)
	if err != nil {
		return err
	}
	if err := k.writeDurably(path.Join(deskDir, fetchedFile), file); err != nil {
		return err
	}
	return k.sweep()
}

// sweep takes answers away that the list in force does not name, and what a machine that stopped left of its writing.
func (k *keeper) sweep() error {
	named := map[string]bool{}
	if list, err := listOf(k.folder, k.by); err == nil {
		for i := range list.Answers {
			named[path.Base(list.Answers[i].name())] = true
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil // it is not ours to tidy
	}
	for _, sub := range []string{deskDir, epochsDir, "."} {
		names, err := k.names(sub)
		if err != nil {
			return err
		}
		for _, name := range names {
			answered := sub == deskDir && answerName.MatchString(name) && !named[name]
			if !answered && !strings.HasPrefix(name, ".part-") {
				continue
			}
			if !k.has(path.Join(sub, name)) {
				continue // we write plain files; a folder with something in it would stop every pull
			}
			if err := k.remove(path.Join(sub, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// listOf reads the list of a folder's answers. Errors: fs.ErrNotExist, ErrFetched, ErrOwn, ErrFolder.
func listOf(f *folder, by *Reviewer) (*fetched, error) {
	file, err := f.read(path.Join(deskDir, fetchedFile), mostFetched)
	if err != nil {
		return nil, err
	}
	content, err := by.openOwn(kindFetched, file, mostFetched)
	if errors.Is(err, errOthers) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: its list is not one that you signed", ErrFetched)
	}
	return readFetched(content)
}
