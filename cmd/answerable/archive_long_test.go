//go:build long

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestLongArchiveHoldsWhatWasDestroyed goes back to a moment by an archive of the write-ahead log: what was taken back since
// is there again, file and wraps, and a server that remembers its log outside the database refuses to run on it. So an
// archive has to end within the days that the pages name.
func TestLongArchiveHoldsWhatWasDestroyed(t *testing.T) {
	c := archivingCluster(t)
	c.firstClinic()
	c.env(t, c.primaryDSN())
	at := filepath.Join(t.TempDir(), "log.checkpoint")
	flags := []string{"--origin", "words.example/answerable", "--batch-every", "1s", "--decoys-from", "0", "--decoys-to", "0", "--checkpoint-file", at,
		"--log-key-file", filepath.Join(c.keys, "log.key"), "--ticket-key-file", filepath.Join(c.keys, "ticket.key"), "--server-secret-file", filepath.Join(c.keys, "server.secret")}
	url, stop := startServer(t, flags...)
	defer func() { stop() }()
	c.run("pg_basebackup", "-h", "127.0.0.1", "-p", strconv.Itoa(c.primary.port), "-U", "postgres", "-D", c.standby.data, "--no-sync", "-c", "fast")

	told := answerableJSON[struct {
		Receipt  string
		LeafHash string `json:"leaf_hash"`
	}](t, "to be taken back", "submit", "--server", url, "--clinic", clinicSlug)
	answerable(t, "", "log", "batch")
	c.sql("SELECT pg_create_restore_point('before')")
	answerable(t, told.Receipt+"\n", "mailbox", "--server", url, "--clinic", clinicSlug, "--withdraw")
	c.inPlace(t, c.primaryDSN(), "DELETE FROM wrap") // as the end of a key does
	answerable(t, "", "log", "batch")
	time.Sleep(3 * time.Second) // the log is signed with what was taken back
	stop()
	stop = func() {}
	const left = "SELECT (SELECT count(*) FROM submission), (SELECT count(*) FROM wrap)"
	var files, wraps int
	count := func(dsn string) {
		t.Helper()
		p := &place{database: dsn}
		if err := p.db(t).NewRaw(left).Scan(t.Context(), &files, &wraps); err != nil {
			t.Fatal(err)
		}
	}
	if count(c.primaryDSN()); files != 0 || wraps != 0 {
		t.Fatalf("%d files and %d wraps are in the database after they were destroyed", files, wraps)
	}
	c.sql("SELECT pg_switch_wal()")
	c.run("pg_ctl", "-D", c.primary.data, "stop", "-m", "fast", "-w") // archives what is left

	settings := fmt.Sprintf("restore_command = 'cp %s/wal/%%f %%p'\nrecovery_target_name = 'before'\nrecovery_target_action = 'promote'\narchive_mode = off\n", c.dir)
	for name, text := range map[string]string{"recovery.signal": "", "postgresql.auto.conf": settings} {
		path := filepath.Join(c.standby.data, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, c.uid, c.gid); err != nil {
			t.Fatal(err)
		}
	}
	c.standby.start()
	for range 100 {
		p := &place{database: c.standbyDSN()}
		var replays bool
		if err := p.db(t).NewRaw("SELECT pg_is_in_recovery()").Scan(t.Context(), &replays); err == nil && !replays {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if count(c.standbyDSN()); files != 1 || wraps == 0 {
		t.Errorf("the archive brought back %d files and %d wraps, want 1 and some", files, wraps)
	}
	c.env(t, c.standbyDSN())
	if said := refusal(t, "", append([]string{"serve", "--addr", "127.0.0.1:0"}, flags...)...); !strings.Contains(said, "Bring the newest copy of the database back") {
		t.Errorf("a server on a database that was set back says %s", said)
	}
}

// archivingCluster is one Postgres that archives its write-ahead log in the folder wal, asked without a pooler.
func archivingCluster(t *testing.T) *cluster {
	t.Helper()
	c := bareCluster(t)
	c.run("initdb", "-D", c.primary.data, "-A", "trust", "-U", "postgres", "--no-sync")
	settings, err := os.OpenFile(filepath.Join(c.primary.data, "postgresql.auto.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer settings.Close()
	wal := filepath.Join(c.dir, "wal")
	if err := os.Mkdir(wal, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(wal, c.uid, c.gid); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(settings, "archive_mode = on\narchive_command = 'cp %%p %s/%%f'\n", wal); err != nil {
		t.Fatal(err)
	}
	c.primary.start()
	c.sql("CREATE DATABASE answerable")
	c.poolers = []int{c.primary.port, c.primary.port}
	return c
}

func (c *cluster) inPlace(t *testing.T, dsn, statement string) {
	t.Helper()
	p := &place{database: dsn}
	p.inDatabase(t, statement)
}
