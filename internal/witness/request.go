// Package witness lets places watch each other's logs. A witness is shown each new checkpoint of a log with a proof that
// it extends the last one, and cosigns it; a log that shows two histories then needs two sets of witnesses that lie.
//
// It promises that a witness cosigns nothing that does not extend what it has cosigned before, also after a crash, and that
// a witness that is down delays nothing but what its policy makes wait for it.
//
// It speaks c2sp.org/tlog-witness, tlog-cosignature and tlog-policy, so that witnesses of other make fit on either side.
package witness

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// maxProof is the largest number of hashes a proof may have.
const maxProof = 63

// maxRequest bounds a request to a witness, in bytes: the proof and the largest checkpoint.
const maxRequest = 128 << 10

// request is the body of add-checkpoint: the size the log believes the witness to be at, the proof that the checkpoint
// extends the tree of that size, and the checkpoint.
type request struct {
	Old        int64
	Proof      tlog.TreeProof
	Checkpoint []byte
}

// marshal writes the body.
func (r *request) marshal() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", r.Old)
	for _, h := range r.Proof {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteString("\n")
	b.Write(r.Checkpoint)
	return b.Bytes()
}

// errRequest means that a body is not one of add-checkpoint.
var errRequest = errors.New("this is not a request as c2sp.org/tlog-witness says")

// parseRequest reads exactly what marshal writes.
func parseRequest(body []byte) (*request, error) {
	head, checkpoint, ok := bytes.Cut(body, []byte("\n\n"))
	if !ok || len(checkpoint) == 0 {
		return nil, fmt.Errorf("%w: no checkpoint follows an empty line", errRequest)
	}
	lines := strings.Split(string(head), "\n")
	digits, ok := strings.CutPrefix(lines[0], "old ")
	old, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || old < 0 || strconv.FormatInt(old, 10) != digits {
		return nil, fmt.Errorf("%w: the old size does not read", errRequest)
	}
	if len(lines)-1 > maxProof {
		return nil, fmt.Errorf("%w: a proof has at most %d hashes", errRequest, maxProof)
	}
	r := &request{Old: old, Checkpoint: checkpoint}
	for _, line := range lines[1:] {
		hash, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(hash) != tlog.HashSize {
			return nil, fmt.Errorf("%w: a line of the proof is not 32 bytes in base64", errRequest)
		}
		r.Proof = append(r.Proof, tlog.Hash(hash))
	}
	return r, nil
}
