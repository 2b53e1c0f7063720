package postgres

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// serverLog takes what a private server says and keeps what an operator may read. The server is told to log no
// statement (see settings), but a PANIC, such as a full disk, always brings its statement along; lines that quote
// one, and their continuations, end here.
type serverLog struct {
	to io.Writer

	mu      sync.Mutex
	partial []byte   // a line without its end so far
	last    []string // what a failed start is explained with
}

// kept is how many lines explain a failed start.
const kept = 4

// Write implements io.Writer. It never fails: a full disk must not end the server, which waits for its log.
func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.partial = append(l.partial, p...)
	for {
		line, rest, whole := bytes.Cut(l.partial, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		if speaksOfTheServer(line) {
			l.to.Write(append(bytes.Clone(line), '\n'))
			l.last = append(l.last[max(0, len(l.last)-kept+1):], string(line))
		}
		l.partial = rest
	}
}

// speaksOfTheServer is false for a line that may quote a statement. Postgres begins continuations with a tab.
func speaksOfTheServer(line []byte) bool {
	for _, prefix := range []string{"\t", "STATEMENT:", "DETAIL:", "CONTEXT:", "QUERY:"} {
		if bytes.HasPrefix(line, []byte(prefix)) {
			return false
		}
	}
	return true
}

// Last returns the newest lines as one, for an error.
func (l *serverLog) Last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.last, " / ")
}
