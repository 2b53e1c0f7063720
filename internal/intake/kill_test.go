package intake_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"

	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/transparency"
)

// killer ends this process as a power cut would, when so many statements have begun or ended.
type killer struct{ left int }

func (k *killer) step() {
	if k.left--; k.left == 0 {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

// BeforeQuery counts.
func (k *killer) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	k.step()
	return ctx
}

// AfterQuery counts.
func (k *killer) AfterQuery(context.Context, *bun.QueryEvent) { k.step() }

// TestKilledBatch is the process that is killed; it does nothing in a run of the tests.
func TestKilledBatch(t *testing.T) {
	dsn := os.Getenv("KILLED_BATCH_DSN")
	if dsn == "" {
		return
	}
	db, err := postgres.Open(dsn)
	if err != nil {
		t.Fatal(err)
	}
	left, err := strconv.Atoi(os.Getenv("KILLED_BATCH_AFTER"))
	if err != nil {
		t.Fatal(err)
	}
	s := storeOf(t, db.WithQueryHook(&killer{left}))
	if _, ran, err := s.BatchIfDue(context.Background(), time.Second); err != nil || !ran {
		t.Fatalf("ran %v, %v", ran, err)
	}
}

// storeOf wires a store as another process would, from the database and the environment alone.
func storeOf(t testing.TB, db *bun.DB) *intake.Store {
	t.Helper()
	var errs [4]error
	var tickets, signer note.Signer
	var verifier note.Verifier
	tickets, errs[0] = note.NewSigner(os.Getenv("KILLED_BATCH_TICKETS"))
	signer, errs[1] = note.NewSigner(os.Getenv("KILLED_BATCH_LOG"))
	verifier, errs[2] = note.NewVerifier(os.Getenv("KILLED_BATCH_VKEY"))
	at, err := time.Parse(time.RFC3339, os.Getenv("KILLED_BATCH_NOW"))
	errs[3] = err
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return at }
	return &intake.Store{
		DB: db, Origin: keyringtest.Origin, Tickets: tickets, Now: now,
		Keys:   &keyring.Store{DB: db, Now: now},
		Log:    &transparency.Log{DB: db, Signer: signer, Verifier: verifier, VKey: os.Getenv("KILLED_BATCH_VKEY"), Memory: &transparency.Memory{Path: os.Getenv("KILLED_BATCH_MEMORY")}},
		Decoys: &intake.Decoys{From: 2, To: 2},
	}
}

// A batch that is killed, whatever statement it was at, leaves everything as it was or everything done; the next one goes
// on, and the log is whole.
func TestKilledAtEveryStepTheBatchResumes(t *testing.T) {
	ctx := t.Context()
	s, p, c := newStore(t)
	skey, vkey, err := note.GenerateKey(nil, keyringtest.Origin)
	if err != nil {
		t.Fatal(err)
	}
	tkey, _, err := note.GenerateKey(nil, keyringtest.Origin+"/ticket")
	if err != nil {
		t.Fatal(err)
	}
	memory := t.TempDir() + "/checkpoint"
	for key, value := range map[string]string{"LOG": skey, "VKEY": vkey, "TICKETS": tkey, "MEMORY": memory} {
		t.Setenv("KILLED_BATCH_"+key, value)
	}
	var where struct{ Sockets, Port, Name, Role string }
	err = s.DB.NewRaw(`SELECT current_setting('unix_socket_directories') AS sockets, current_setting('port') AS port,
		current_database() AS name, current_user AS role`).Scan(ctx, &where)
	if err != nil {
		t.Fatal(err)
	}
	dsn := fmt.Sprintf("host=%s port=%s dbname=%s user=%s sslmode=disable", strings.Trim(where.Sockets, `"`), where.Port, where.Name, where.Role)
	e := active(t, s, p)
	told, kills := 0, 0
	for step := 1; ; step++ {
		for range 3 {
			if _, err := s.Submit(ctx, p.ClinicID, anyRequest(e.ID)); err != nil {
				t.Fatal(err)
			}
			told++
		}
		c.at = c.at.Add(2 * time.Second)
		cmd := exec.Command(os.Args[0], "-test.run", "^TestKilledBatch$")
		cmd.Env = append(os.Environ(), "KILLED_BATCH_DSN="+dsn, "KILLED_BATCH_AFTER="+strconv.Itoa(step), "KILLED_BATCH_NOW="+c.at.Format(time.RFC3339))
		said, err := cmd.CombinedOutput()
		var ended *exec.ExitError
		killed := errors.As(err, &ended) && ended.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
		if err != nil && !killed {
			t.Fatalf("step %d: %v\n%s", step, err, said)
		}
		t.Setenv("KILLED_BATCH_NOW", c.at.Format(time.RFC3339))
		restarted := storeOf(t, s.DB)
		if err := restarted.Log.Open(ctx); err != nil {
			t.Fatalf("a restart after step %d: %v", step, err)
		}
		whole(t, restarted, told)
		if !killed {
			break
		}
		kills++
	}
	if kills < 30 {
		t.Errorf("the batch was killed at %d places only", kills)
	}
	if pending := count(t, s.DB, "pending"); pending != 0 {
		t.Errorf("after the batch that was not killed %d files wait", pending)
	}
	t.Logf("killed at %d places", kills)
}

// whole checks that no message and no leaf is lost or doubled, and that the tree holds what the rows say.
func whole(t testing.TB, s *intake.Store, told int) {
	t.Helper()
	var n struct {
		Files, Waiting, Leaves, Pending, Decoys int
	}
	err := s.DB.NewRaw(`
		SELECT (SELECT count(*) FROM submission) + (SELECT count(*) FROM pending) AS files,
		       (SELECT count(*) FROM log_waiting) AS waiting,
		       (SELECT count(*) FROM pending) AS pending,
		       (SELECT count(*) FROM log_leaf WHERE leaf_hash IN (SELECT leaf_hash FROM submission)) AS leaves,
		       2 * (SELECT count(*) FROM decoy_day) AS decoys`).Scan(context.Background(), &n)
	if err != nil {
		t.Fatal(err)
	}
	if n.Files != told+n.Decoys || n.Waiting != n.Pending || n.Leaves != n.Files-n.Pending {
		t.Errorf("told %d with %d decoys: %d files, of which %d pending; %d leaves, %d waiting", told, n.Decoys, n.Files, n.Pending, n.Leaves, n.Waiting)
	}
	head, err := s.Log.Head(context.Background())
	if err != nil || head.Size != int64(count(t, s.DB, "log_leaf")) {
		t.Errorf("the tree has %d leaves, and there are %d: %v", head.Size, count(t, s.DB, "log_leaf"), err)
	}
}
