package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/uptrace/bun"

	"answerable/internal/clinic"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/seal"
)

// copied is a place with two epochs in use for long enough that the first may be shredded, and the operator's identity.
type copied struct {
	t        *testing.T
	server   string // of the private Postgres
	dsn      string // of the place's own database
	panel    *keyringtest.Place
	old      *keyring.Record
	dir      string
	identity string
	to       string
	at       time.Time
}

// databaseOn makes a database without a schema on a private server and gives its address.
func databaseOn(t *testing.T, server, name string) string {
	t.Helper()
	admin, err := postgres.Open(server)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE ?", bun.Ident(name)); err != nil {
		t.Fatal(err)
	}
	address := strings.Replace(server, "/postgres?", "/"+name+"?", 1)
	if address == server {
		t.Fatal("the address names no database to replace")
	}
	return address
}

// emptyDatabase makes a database on a private server and brings its schema up to date.
func emptyDatabase(t *testing.T, server, name string) (*bun.DB, string) {
	t.Helper()
	address := databaseOn(t, server, name)
	db, err := postgres.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := postgres.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return db, address
}

func newCopied(t *testing.T) *copied {
	t.Helper()
	c := &copied{t: t, dir: t.TempDir(), at: time.Now().UTC().AddDate(0, 0, -300)}
	c.server = privateDatabase(t)
	var db *bun.DB
	db, c.dsn = emptyDatabase(t, c.server, "place")
	now := func() time.Time { return c.at }
	place := &clinic.Clinic{Slug: "riverside", Name: "Riverside", RetentionDays: 180, LegalNotice: "None."}
	if err := (&clinic.Store{DB: db, Now: now}).Add(t.Context(), place); err != nil {
		t.Fatal(err)
	}
	c.panel = keyringtest.NewPanel(t, db, now, place.ID)
	c.old = c.panel.Deal(t, c.at)
	in := &intake.Store{DB: db, Origin: keyringtest.Origin, Tickets: c.panel.Tickets, Keys: c.panel.Keys, Now: now}
	c.panel.Keys.OnShred = in.Shred
	for i := range 3 {
		receipt, err := seal.NewReceipt(strings.NewReader(strings.Repeat(string(rune('a'+i)), 64)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.SealAndSubmit(t.Context(), place.ID, receipt, "en", "f", []seal.Answer{{Q: "words", A: "a\tb\\ \n🕊 ends here"}}); err != nil {
			t.Fatal(err)
		}
		if i == 1 { // one of three still waits for its batch
			if _, err := in.Batch(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.at = time.Now().UTC()
	c.panel.Deal(t, c.at)
	c.identity = filepath.Join(c.dir, "operator")
	made := answerableJSON[struct{ Recipient string }](t, "", "identity", "new", "--out", c.identity)
	c.to = made.Recipient
	return c
}

func (c *copied) backup() backupResult {
	c.t.Helper()
	return answerableJSON[backupResult](c.t, "", "backup", "--database-url", c.dsn, "--out", filepath.Join(c.dir, "rest"), "--wraps-out", filepath.Join(c.dir, "wraps"), "--to", c.to)
}

// contents is every row of every table that is copied, as text.
func contents(t *testing.T, db *bun.DB) map[string][]string {
	t.Helper()
	tables, err := postgres.Tables(t.Context(), db)
	if err != nil || len(tables) < 20 {
		t.Fatalf("tables %v, %v", tables, err)
	}
	all := map[string][]string{}
	for _, table := range tables {
		var rows []string
		if err := db.NewRaw(`SELECT x::text FROM ? AS x ORDER BY 1`, bun.Ident(table)).Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		all[table] = rows
	}
	return all
}

func TestBackupComesBackWhole(t *testing.T) {
	t.Parallel()
	c := newCopied(t)
	made := c.backup()
	if made.Rows < 20 || filepath.Base(made.Folder) != time.Now().UTC().Format(time.DateOnly) {
		t.Errorf("made %+v", made)
	}
	db, dsn := emptyDatabase(t, c.server, "again")
	restored := answerableJSON[struct{ Rows, Wraps int64 }](t, "", "restore", "--database-url", dsn, "--identity", c.identity, "--from", made.Folder, "--wraps-from", made.Wraps)
	if restored.Rows != made.Rows || restored.Wraps == 0 {
		t.Errorf("restored %+v of %d rows", restored, made.Rows)
	}
	want, got := contents(t, c.panel.DB), contents(t, db)
	for table, rows := range want {
		if !slices.Contains(passing, table) && !slices.Equal(rows, got[table]) {
			t.Errorf("%s: %d rows came back of %d, or others", table, len(got[table]), len(rows))
		}
	}
	said := refusal(t, "", "restore", "--database-url", dsn, "--identity", c.identity, "--from", made.Folder)
	if !strings.Contains(said, "not empty") {
		t.Errorf("a second restore: %s", said)
	}
}

// Wraps are in their own folder, and nothing in the other one opens a message.
func TestBackupKeepsWrapsApart(t *testing.T) {
	t.Parallel()
	c := newCopied(t)
	made := c.backup()
	for folder, holdsWraps := range map[string]bool{made.Folder: false, made.Wraps: true} {
		files, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if (f.Name() == "wrap.copy.age") != holdsWraps && f.Name() != manifestFile || f.Name() == "opening_answer.copy.age" {
				t.Errorf("%s holds %s", folder, f.Name())
			}
			sealed, err := os.ReadFile(filepath.Join(folder, f.Name()))
			if err != nil || !strings.HasPrefix(string(sealed), "age-encryption.org/v1\n-> mlkem768x25519 ") {
				t.Errorf("%s is not locked to the operator: %v", f.Name(), err)
			}
		}
	}
	said := refusal(t, "", "backup", "--database-url", c.dsn, "--out", c.dir, "--wraps-out", c.dir, "--to", c.to)
	if !strings.Contains(said, "wraps would lie beside the rest") {
		t.Errorf("one folder for both: %s", said)
	}
}

// An old copy of everything but the wraps, with the newest copy of the wraps, must not bring back what was shredded between.
func TestOldCopyDoesNotReopenWhatWasShredded(t *testing.T) {
	t.Parallel()
	c := newCopied(t)
	before := c.backup()
	kept := filepath.Join(c.dir, "kept")
	if err := os.Rename(before.Folder, kept); err != nil { // a copy made later today would take its place
		t.Fatal(err)
	}
	by := func(n int, text string) keyring.Signature {
		r := c.panel.Reviewers[n]
		return keyring.Signature{ReviewerID: r.ID, Signature: keyring.SignDecision(r.Key, text)}
	}
	today := c.at.Truncate(24 * time.Hour)
	text := (&keyring.Resolution{Kind: keyring.KindShred, ClinicID: c.panel.ClinicID, Day: today, Epochs: []string{c.old.ID}, Effective: today.AddDate(0, 0, 35)}).Lines()
	d, err := c.panel.Keys.Decide(t.Context(), c.panel.ClinicID, text, "", by(0, text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.panel.Keys.SignDecision(t.Context(), c.panel.ClinicID, d.ID, by(1, text)); err != nil {
		t.Fatal(err)
	}
	after := c.backup()

	db, dsn := emptyDatabase(t, c.server, "again")
	answerable(t, "", "restore", "--database-url", dsn, "--identity", c.identity, "--from", kept, "--wraps-from", after.Wraps)
	var files, wraps, others int
	err = db.NewRaw(`SELECT (SELECT count(*) FROM submission WHERE epoch_id = ?0) + (SELECT count(*) FROM pending WHERE epoch_id = ?0),
		(SELECT count(*) FROM wrap WHERE epoch_id = ?0), (SELECT count(*) FROM wrap WHERE epoch_id <> ?0)`, c.old.ID).Scan(t.Context(), &files, &wraps, &others)
	if err != nil {
		t.Fatal(err)
	}
	if files != 3 || wraps != 0 || others == 0 {
		t.Errorf("the old copy brought %d files and %d wraps of the shredded epoch, and %d wraps of others; want 3, 0 and some", files, wraps, others)
	}
	// The other way round: wraps of before, with a rest that knows of the shredding.
	late, dsn := emptyDatabase(t, c.server, "late")
	if err := os.Rename(after.Wraps, filepath.Join(c.dir, "newer")); err != nil {
		t.Fatal(err)
	}
	answerable(t, "", "restore", "--database-url", dsn, "--identity", c.identity, "--from", after.Folder, "--wraps-from", c.dir+"/newer")
	if err := late.NewRaw(`SELECT count(*) FROM wrap WHERE epoch_id = ?`, c.old.ID).Scan(t.Context(), &wraps); err != nil || wraps != 0 {
		t.Errorf("%d wraps of the shredded epoch, %v", wraps, err)
	}
}

func TestOldCopiesOfWrapsGo(t *testing.T) {
	t.Parallel()
	c := newCopied(t)
	wraps := filepath.Join(c.dir, "wraps")
	for name, file := range map[string]string{
		time.Now().UTC().AddDate(0, 0, -36).Format(time.DateOnly): "wrap.copy.age",
		time.Now().UTC().AddDate(0, 0, -34).Format(time.DateOnly): "wrap.copy.age",
		"2020-01-01": "somebody-elses.txt",
		"holiday":    "wrap.copy.age",
	} {
		if err := os.MkdirAll(filepath.Join(wraps, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(wraps, name, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if made := c.backup(); made.Removed != 1 || made.Horizon != 35 {
		t.Errorf("%+v, want one old copy removed", made)
	}
	left, err := os.ReadDir(wraps)
	if err != nil || len(left) != 4 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestRestoreRefusesCopiesThatWereChanged(t *testing.T) {
	t.Parallel()
	c := newCopied(t)
	made := c.backup()
	_, dsn := emptyDatabase(t, c.server, "again")
	restore := func(identity string) string {
		return refusal(t, "", "restore", "--database-url", dsn, "--identity", identity, "--from", made.Folder)
	}
	stranger := filepath.Join(c.dir, "stranger")
	answerable(t, "", "identity", "new", "--out", stranger)
	if said := restore(stranger); !strings.Contains(said, "does not open with this identity") {
		t.Errorf("with another identity: %s", said)
	}
	// Anybody can lock something to the operator; only the manifest says what belongs to a copy.
	recipient, err := age.ParseHybridRecipient(c.to)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(made.Folder, "service.copy.age"))
	if err != nil {
		t.Fatal(err)
	}
	forged, err := age.Encrypt(file, recipient)
	if err != nil {
		t.Fatal(err)
	}
	if err := forged.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(made.Folder, "service.copy.age"), filepath.Join(made.Folder, "reviewer.copy.age")); err != nil {
		t.Fatal(err)
	}
	if said := restore(c.identity); !strings.Contains(said, "was changed or mixed up") && !strings.Contains(said, "not whole") {
		t.Errorf("a swapped table: %s", said)
	}
	var rows int
	db, err := postgres.Open(dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.NewRaw(`SELECT (SELECT count(*) FROM clinic) + (SELECT count(*) FROM reviewer)`).Scan(t.Context(), &rows); err != nil || rows != 0 {
		t.Errorf("%d rows stayed of a restore that failed, %v", rows, err)
	}
}
