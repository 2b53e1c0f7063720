package postgres

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// newRedactingFrontend reads the server's messages as pgx does, after errors have lost what may repeat a value.
// Errors travel: they are wrapped, joined and logged far from here, so they are made safe where they come in.
func newRedactingFrontend(r io.Reader, w io.Writer) *pgproto3.Frontend {
	return pgproto3.NewFrontend(&redactor{from: bufio.NewReaderSize(r, 16<<10)}, w)
}

// redactor hands on the server's messages byte for byte, except error responses (type 'E', see "Message Formats"
// in Postgres' manual). It keeps its place when a read times out half way, since pgx may try again.
type redactor struct {
	from *bufio.Reader
	pass int    // bytes of a harmless message still to hand on
	held []byte // an error response so far, header included
	want int    // length of that response; 0 when none is being gathered
	out  []byte // a redacted response still to hand on
}

// maxErrorResponse is far above what Postgres sends; beyond it the stream is broken.
const maxErrorResponse = 16 << 20

// Read implements io.Reader.
func (r *redactor) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		if r.pass > 0 {
			n, err := r.from.Read(p[:min(len(p), r.pass)])
			r.pass -= n
			return n, err
		}
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

// next looks at the message that comes now and either lets it pass or gathers and redacts it.
func (r *redactor) next() error {
	const header = 5 // a type byte and a length that counts itself but not the type
	if r.want == 0 {
		head, err := r.from.Peek(header)
		if err != nil {
			return err
		}
		length := 1 + int(binary.BigEndian.Uint32(head[1:]))
		if head[0] != 'E' || length < header {
			r.pass = max(length, header)
			return nil
		}
		if length > maxErrorResponse {
			return errors.New("postgres: an error response of impossible length")
		}
		r.want, r.held = length, r.held[:0]
	}
	for len(r.held) < r.want {
		chunk := make([]byte, min(r.want-len(r.held), 16<<10))
		n, err := r.from.Read(chunk)
		r.held = append(r.held, chunk[:n]...)
		if err != nil {
			return err
		}
	}
	r.want = 0
	out, err := redact(r.held[header:])
	r.out = out
	return err
}

// redact rewrites the body of one error response. Detail, context and internal statement always go, and so does
// what we do not know; the message goes where its class quotes input ("invalid input syntax for type uuid: ...").
// Code and the names of table, column and constraint stay: they are ours, and code acts on them.
func redact(body []byte) ([]byte, error) {
	var e pgproto3.ErrorResponse
	if err := e.Decode(body); err != nil {
		return nil, errors.New("postgres: an error response that cannot be read")
	}
	e.Detail, e.Where, e.InternalQuery, e.InternalPosition, e.UnknownFields = "", "", "", 0, nil
	const dataException, syntaxError = "22", "42601"
	if strings.HasPrefix(e.Code, dataException) || e.Code == syntaxError {
		e.Message, e.Hint = "refused by the database (its reason may quote a value, so it is left out)", ""
	}
	return e.Encode(nil)
}
