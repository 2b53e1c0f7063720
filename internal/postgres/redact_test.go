package postgres_test

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/jackc/pgx/v5/pgproto3"

	"answerable/internal/postgres"
)

func stream(t testing.TB, messages ...pgproto3.BackendMessage) []byte {
	t.Helper()
	var out []byte
	for _, m := range messages {
		var err error
		if out, err = m.Encode(out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestRedactorPassesAllButErrors(t *testing.T) {
	sent := stream(t,
		&pgproto3.ParameterStatus{Name: "server_version", Value: "18.4"},
		&pgproto3.DataRow{Values: [][]byte{bytes.Repeat([]byte("E\x00\x00\x00\x04"), 20_000), nil, {}}},
		&pgproto3.EmptyQueryResponse{},
		&pgproto3.ReadyForQuery{TxStatus: 'I'})
	for name, r := range map[string]io.Reader{
		"at once":         bytes.NewReader(sent),
		"byte by byte":    iotest.OneByteReader(bytes.NewReader(sent)),
		"with end of I/O": iotest.DataErrReader(bytes.NewReader(sent)),
	} {
		got, err := io.ReadAll(postgres.NewRedactor(r))
		if err != nil || !bytes.Equal(got, sent) {
			t.Errorf("%s: got %d bytes and error %v, want the %d bytes sent", name, len(got), err, len(sent))
		}
	}
}

func TestRedactorKeepsWhatCodeActsOn(t *testing.T) {
	sent := stream(t,
		&pgproto3.ErrorResponse{Severity: "ERROR", Code: "23505",
			Message:    `duplicate key value violates unique constraint "anchor_key"`,
			Detail:     "Key (anchor)=(CANARY) already exists.",
			Where:      "SQL statement CANARY",
			TableName:  "submission",
			SchemaName: "public", ConstraintName: "anchor_key",
			InternalQuery: "SELECT CANARY"},
		&pgproto3.ReadyForQuery{TxStatus: 'E'})
	got, err := io.ReadAll(postgres.NewRedactor(iotest.OneByteReader(bytes.NewReader(sent))))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(got, []byte("CANARY")) {
		t.Errorf("a value came through: %q", got)
	}
	want := stream(t,
		&pgproto3.ErrorResponse{Severity: "ERROR", Code: "23505",
			Message:   `duplicate key value violates unique constraint "anchor_key"`,
			TableName: "submission", SchemaName: "public", ConstraintName: "anchor_key"},
		&pgproto3.ReadyForQuery{TxStatus: 'E'})
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// hesitant breaks off with a timeout before every byte, as a connection with a deadline does.
type hesitant struct {
	from io.Reader
	now  bool
}

func (h *hesitant) Read(p []byte) (int, error) {
	if h.now = !h.now; h.now {
		return 0, iotest.ErrTimeout
	}
	return h.from.Read(p[:1])
}

func TestRedactorKeepsItsPlaceAfterATimeout(t *testing.T) {
	row := stream(t, &pgproto3.DataRow{Values: [][]byte{[]byte("word")}})
	sent := append(stream(t, &pgproto3.ErrorResponse{Code: "42P01", Message: "no such table", Detail: "CANARY"}), row...)
	want := append(stream(t, &pgproto3.ErrorResponse{Code: "42P01", Message: "no such table"}), row...)
	r := postgres.NewRedactor(&hesitant{from: bytes.NewReader(sent)})
	var got []byte
	for err := error(nil); err != io.EOF; {
		var n int
		p := make([]byte, 64)
		n, err = r.Read(p)
		got = append(got, p[:n]...)
		if err != nil && err != io.EOF && err != iotest.ErrTimeout {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func FuzzRedactor(f *testing.F) {
	f.Add(stream(f, &pgproto3.ErrorResponse{Code: "22P02", Message: "CANARY"}, &pgproto3.ReadyForQuery{TxStatus: 'I'}))
	f.Add([]byte("E\x00\x00\x00\x04"))
	f.Add([]byte("E\x00\x00\x00\x06CX"))
	f.Add([]byte("Z\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		whole, errWhole := io.ReadAll(postgres.NewRedactor(bytes.NewReader(sent)))
		bytewise, errBytewise := io.ReadAll(postgres.NewRedactor(iotest.OneByteReader(bytes.NewReader(sent))))
		if !bytes.Equal(whole, bytewise) || (errWhole == nil) != (errBytewise == nil) {
			t.Errorf("%q reads as %q (%v) at once and as %q (%v) byte by byte", sent, whole, errWhole, bytewise, errBytewise)
		}
		lost := len(sent) - len(whole) // a header cut short at the end is of no use to anybody
		if !bytes.Contains(sent, []byte("E")) && (!bytes.HasPrefix(sent, whole) || lost > 4) {
			t.Errorf("%q holds no error and reads as %q", sent, whole)
		}
	})
}

func TestServerLogDropsWhatQuotesStatements(t *testing.T) {
	var kept bytes.Buffer
	log := postgres.NewServerLog(&kept)
	said := "PANIC:  could not write to file \"pg_wal/xlogtemp.1\": No space left on device\n" +
		"STATEMENT:  INSERT INTO pending VALUES ('CANARY\n\tCANARY')\n" +
		"DETAIL:  Failed process was running: CANARY\n" +
		"CONTEXT:  CANARY\nQUERY:  CANARY\n" +
		"postgres: error while loading shared libraries: libicuuc.so.60\n"
	for _, b := range []byte(said) {
		log.Write([]byte{b})
	}
	want := "PANIC:  could not write to file \"pg_wal/xlogtemp.1\": No space left on device\n" +
		"postgres: error while loading shared libraries: libicuuc.so.60\n"
	if kept.String() != want {
		t.Errorf("got  %q\nwant %q", kept.String(), want)
	}
}
