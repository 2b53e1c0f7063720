package witness

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"answerable/internal/transparency"
)

// Server is a witness. It is an http.Handler that answers POST …/add-checkpoint for the logs it knows. Its memory is one
// file for each log in a folder of its own; one Server at a time may use the folder.
type Server struct {
	signer note.Signer
	vkey   string
	dir    string
	logs   map[string]note.Verifier // by origin

	mu sync.Mutex
}

// NewServer makes a witness with a note signing key (golang.org/x/mod/sumdb/note) and the verifier keys of logs.
func NewServer(skey, vkey, dir string, logs []string) (*Server, error) {
	signer, err := formats.NewSignerForCosignatureV1(skey)
	if err != nil {
		return nil, errors.New("the witness's key does not read")
	}
	s := &Server{signer: signer, dir: dir, logs: map[string]note.Verifier{}}
	if s.vkey, err = formats.VKeyToCosignatureV1(vkey); err != nil {
		return nil, errors.New("the witness's verifier key does not read")
	}
	for _, log := range logs {
		v, err := note.NewVerifier(log)
		if err != nil {
			return nil, fmt.Errorf("the log's key %q does not read", log)
		}
		if s.logs[v.Name()] != nil {
			return nil, fmt.Errorf("the log %s is named twice", v.Name())
		}
		s.logs[v.Name()] = v
	}
	return s, os.MkdirAll(dir, 0o700)
}

// VKey is the witness's verifier key, as policies name it.
func (s *Server) VKey() string { return s.vkey }

// refusal is an answer other than a cosignature.
type refusal struct {
	status int
	body   string
	size   bool // the body is a tree size
}

func (r *refusal) Error() string { return r.body }

func refuse(status int, why string) error { return &refusal{status: status, body: why + "\n"} }

// ServeHTTP answers add-checkpoint.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	cosignature, err := s.serve(r)
	var no *refusal
	switch {
	case errors.As(err, &no):
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if no.size {
			w.Header().Set("Content-Type", "text/x.tlog.size")
		}
		w.WriteHeader(no.status)
		io.WriteString(w, no.body)
	case err != nil:
		http.Error(w, "this witness cannot keep its memory just now", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Write(cosignature)
	}
}

func (s *Server) serve(r *http.Request) ([]byte, error) {
	if r.URL.Path != "/add-checkpoint" {
		return nil, refuse(http.StatusNotFound, "this is a witness: post to /add-checkpoint")
	}
	if r.Method != http.MethodPost {
		return nil, refuse(http.StatusMethodNotAllowed, "this is a witness: post to /add-checkpoint")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil || len(body) > maxRequest {
		return nil, refuse(http.StatusBadRequest, "the request is too long, or was cut off")
	}
	return s.add(body)
}

// add checks a request in the order of the specification and cosigns. Memory is on disk before the cosignature exists.
func (s *Server) add(body []byte) ([]byte, error) {
	req, err := parseRequest(body)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, err.Error())
	}
	origin, err := transparency.OriginOf(req.Checkpoint)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, err.Error())
	}
	verifier := s.logs[origin]
	if verifier == nil {
		return nil, refuse(http.StatusNotFound, "this witness does not know that log")
	}
	now, err := transparency.ParseCheckpoint(req.Checkpoint, verifier)
	if err != nil {
		return nil, refuse(http.StatusForbidden, err.Error())
	}
	if req.Old > now.Size {
		return nil, refuse(http.StatusBadRequest, "the old size is larger than the checkpoint's")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before, err := s.recall(origin, verifier)
	if err != nil {
		return nil, err
	}
	if err := extends(before, now, req); err != nil {
		return nil, err
	}
	if before.Size < now.Size || before.Note == "" {
		if err := transparency.WriteDurably(s.file(origin), []byte(now.Note)); err != nil {
			return nil, fmt.Errorf("remember checkpoint: %w", err)
		}
	}
	return s.cosign(now)
}

// extends refuses a checkpoint that does not extend the one before.
func extends(before, now *transparency.Checkpoint, req *request) error {
	if req.Old != before.Size {
		return &refusal{http.StatusConflict, strconv.FormatInt(before.Size, 10) + "\n", true}
	}
	if before.Size == now.Size && before.Note != "" {
		if before.Root != now.Root {
			return &refusal{http.StatusConflict, strconv.FormatInt(before.Size, 10) + "\n", true}
		}
	}
	empty, err := tlog.TreeHash(0, nil)
	if err != nil {
		return err
	}
	switch {
	case before.Size == 0 || before.Size == now.Size:
		if len(req.Proof) > 0 || now.Size == 0 && now.Root != empty {
			return refuse(http.StatusUnprocessableEntity, "the proof does not hold")
		}
	case tlog.CheckTree(req.Proof, now.Size, now.Root, before.Size, before.Root) != nil:
		return refuse(http.StatusUnprocessableEntity, "the proof does not hold")
	}
	return nil
}

// recall reads the newest checkpoint cosigned for a log; size 0 and no note when there is none. A file that does not read
// is an error, never a fresh start.
func (s *Server) recall(origin string, verifier note.Verifier) (*transparency.Checkpoint, error) {
	content, err := os.ReadFile(s.file(origin))
	if errors.Is(err, fs.ErrNotExist) {
		return &transparency.Checkpoint{Origin: origin}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read memory: %w", err)
	}
	return transparency.ParseCheckpoint(content, verifier)
}

// file is named by the origin's hash, since an origin may hold anything.
func (s *Server) file(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:])+".checkpoint")
}

// cosign gives the witness's signature lines alone.
func (s *Server) cosign(c *transparency.Checkpoint) ([]byte, error) {
	opened, err := note.Open([]byte(c.Note), note.VerifierList(s.logs[c.Origin]))
	if err != nil {
		return nil, fmt.Errorf("open checkpoint: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: opened.Text}, s.signer)
	if err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	return signed[len(opened.Text)+1:], nil
}
