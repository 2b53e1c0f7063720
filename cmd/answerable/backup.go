package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"
	"github.com/uptrace/bun"

	"answerable/internal/postgres"
)

// A backup is a folder of a day with one age file for each table. The wraps, which with a reviewer's identity open what
// was told, lie in a folder of their own that is kept for the clinics' horizon and no longer: what a panel has shredded
// must not come back with an old copy of the rest.
const wrapTable = "wrap"

// passing are the tables no copy is made of: sign-ins end by themselves, and answers to a request to open hold parts of keys,
// which like wraps must not come back with an old copy; colleagues can give them again.
var passing = []string{"session", "sign_in_nonce", "liaison_session", "opening_answer"}

type backupCmd struct {
	databaseConfig
	Out      string   `required:"" type:"path" placeholder:"DIR" help:"Folder for the copies of everything but the wraps."`
	WrapsOut string   `required:"" type:"path" placeholder:"DIR" help:"Folder for the copies of the wraps, on another disk or machine. Old ones in it are removed."`
	To       []string `required:"" sep:"none" placeholder:"age1pq1…" help:"Whom the copies are locked to: the operator's own recipient. Repeatable."`
}

// backupManifest lies beside the tables and says what belongs together. Days are the finest time in it.
type backupManifest struct {
	V          int           `json:"v"`
	MadeOn     string        `json:"made_on"`
	Migrations []string      `json:"migrations"`
	Tables     []backupTable `json:"tables"`
}

type backupTable struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // of the table's text in the clear, in hex
}

type backupResult struct {
	Folder  string `json:"folder"`
	Wraps   string `json:"wraps"`
	Rows    int64  `json:"rows"`
	Horizon int    `json:"horizon_days"`
	Removed int    `json:"removed"`
}

// Run copies the database.
func (c *backupCmd) Run(ctx context.Context, t *terminal) error {
	if c.Out == c.WrapsOut {
		return usage("the wraps would lie beside the rest", "Give --wraps-out another folder, best on another disk: whoever has both and a reviewer's identity can read.")
	}
	recipients, err := backupRecipients(c.To)
	if err != nil {
		return err
	}
	db, err := openDatabase(ctx, &c.databaseConfig)
	if err != nil {
		return err
	}
	result, err := c.copyAll(ctx, t, db.DB, recipients)
	if err := errors.Join(err, db.close()); err != nil {
		return err
	}
	return t.show(result, `The copy is made: %d rows.
  %s  everything but the wraps
  %s  the wraps; %d old copies of them are removed, and this one is good for %d days
Copy the server's own keys, too (the files of --log-key-file, --ticket-key-file and --server-secret-file).
`, result.Rows, result.Folder, result.Wraps, result.Removed, result.Horizon)
}

func backupRecipients(to []string) ([]age.Recipient, error) {
	var recipients []age.Recipient
	for _, one := range to {
		r, err := age.ParseHybridRecipient(one)
		if err != nil {
			return nil, usage("--to is no recipient that we lock copies to", "It starts with age1pq1. Make one with: answerable identity new --out FILE")
		}
		recipients = append(recipients, r)
	}
	return recipients, nil
}

func (c *backupCmd) copyAll(ctx context.Context, t *terminal, db *bun.DB, recipients []age.Recipient) (*backupResult, error) {
	tables, err := postgres.Tables(ctx, db)
	if err != nil {
		return nil, err
	}
	tables = slices.DeleteFunc(tables, func(name string) bool { return slices.Contains(passing, name) })
	steps, err := appliedSteps(ctx, db)
	if err != nil {
		return nil, err
	}
	result := &backupResult{}
	if err := db.NewRaw(`SELECT coalesce(min(backup_days), 35) FROM clinic`).Scan(ctx, &result.Horizon); err != nil {
		return nil, fmt.Errorf("read the horizon of copies: %w", err)
	}
	rest, err := newBackupFolder(c.Out, recipients)
	if err != nil {
		return nil, err
	}
	wraps, err := newBackupFolder(c.WrapsOut, recipients)
	if err != nil {
		return nil, errors.Join(err, rest.abandon())
	}
	counts, err := postgres.CopyOut(ctx, db, tables, func(table string) (io.WriteCloser, error) {
		t.note("copying %s", table)
		if table == wrapTable {
			return wraps.create(table)
		}
		return rest.create(table)
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the copy was not made: %w", err), rest.abandon(), wraps.abandon())
	}
	for _, n := range counts {
		result.Rows += n
	}
	if result.Folder, err = rest.finish(steps, counts); err != nil {
		return nil, err
	}
	if result.Wraps, err = wraps.finish(steps, counts); err != nil {
		return nil, err
	}
	result.Removed, err = removeOldWraps(c.WrapsOut, result.Horizon)
	return result, err
}

func appliedSteps(ctx context.Context, db *bun.DB) ([]string, error) {
	steps, err := postgres.Status(ctx, db)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(steps))
	for _, s := range steps {
		names = append(names, s.Name)
	}
	return names, nil
}

// backupFolder is a copy that is being made. It gets its name when it is whole.
type backupFolder struct {
	parent, dir string
	recipients  []age.Recipient
	tables      []backupTable
}

func newBackupFolder(parent string, recipients []age.Recipient) (*backupFolder, error) {
	err := os.MkdirAll(parent, 0o700)
	var dir string
	if err == nil {
		dir, err = os.MkdirTemp(parent, ".unfinished-")
	}
	if err != nil {
		return nil, withHint(fmt.Errorf("the folder %s cannot be used: %w", parent, cause(err)), "Choose another, or make it writable for this user.")
	}
	return &backupFolder{parent: parent, dir: dir, recipients: recipients}, nil
}

func (f *backupFolder) abandon() error { return os.RemoveAll(f.dir) }

// create opens the age file of one table.
func (f *backupFolder) create(table string) (io.WriteCloser, error) {
	file, err := os.OpenFile(filepath.Join(f.dir, table+".copy.age"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	sealed, err := age.Encrypt(file, f.recipients...)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &tableWriter{sealed, file, sha256.New(), func(sum string) {
		f.tables = append(f.tables, backupTable{Name: table, SHA256: sum})
	}}, nil
}

type tableWriter struct {
	sealed io.WriteCloser
	file   *os.File
	hash   hash.Hash
	done   func(sum string)
}

// Write implements io.Writer.
func (w *tableWriter) Write(p []byte) (int, error) {
	w.hash.Write(p)
	return w.sealed.Write(p)
}

// Close puts everything on the disk.
func (w *tableWriter) Close() error {
	w.done(hex.EncodeToString(w.hash.Sum(nil)))
	return errors.Join(w.sealed.Close(), w.file.Sync(), w.file.Close())
}

// finish writes the manifest and gives the folder its name: today. A copy made earlier today gives way.
func (f *backupFolder) finish(steps []string, counts map[string]int64) (string, error) {
	m := backupManifest{V: 1, MadeOn: now().Format(time.DateOnly), Migrations: steps, Tables: f.tables}
	for i := range m.Tables {
		m.Tables[i].Rows = counts[m.Tables[i].Name]
	}
	text, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	file, err := os.OpenFile(filepath.Join(f.dir, manifestFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	sealed, err := age.Encrypt(file, f.recipients...)
	if err != nil {
		return "", errors.Join(err, file.Close())
	}
	_, err = sealed.Write(text)
	if err := errors.Join(err, sealed.Close(), file.Sync(), file.Close()); err != nil {
		return "", err
	}
	final := filepath.Join(f.parent, m.MadeOn)
	if err := os.RemoveAll(final); err != nil {
		return "", err
	}
	return final, os.Rename(f.dir, final)
}

const manifestFile = "manifest.json.age"

// removeOldWraps removes copies of wraps that are older than the horizon that panels count on when they shred.
func removeOldWraps(dir string, horizon int) (removed int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	oldest := now().AddDate(0, 0, -horizon).Format(time.DateOnly)
	for _, e := range entries {
		if _, err := time.Parse(time.DateOnly, e.Name()); err != nil || e.Name() >= oldest {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, e.Name(), wrapTable+".copy.age")); errors.Is(err, fs.ErrNotExist) {
			continue // not ours
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

type restoreCmd struct {
	databaseConfig
	identityConfig
	From      string `required:"" type:"path" placeholder:"DIR" help:"Copy of everything but the wraps: the folder of a day."`
	WrapsFrom string `type:"path" placeholder:"DIR" help:"Copy of the wraps: the newest there is, whatever the day of the other."`
}

// wrapsThatCount keeps what a panel has shredded shut, and what the other copy does not know out.
const wrapsThatCount = `EXISTS (SELECT FROM epoch WHERE epoch.id = arriving.epoch_id AND epoch.state NOT IN ('shredded', 'abandoned'))
	AND EXISTS (SELECT FROM reviewer WHERE reviewer.id = arriving.reviewer_id)`

// Run fills an empty database.
func (c *restoreCmd) Run(ctx context.Context, t *terminal) error {
	identity, err := c.open()
	if err != nil {
		return err
	}
	sources := []*backupSource{{dir: c.From, identity: identity}}
	if c.WrapsFrom != "" {
		sources = append(sources, &backupSource{dir: c.WrapsFrom, identity: identity})
	}
	from := map[string]*backupSource{}
	for _, s := range sources {
		if err := s.readManifest(); err != nil {
			return err
		}
		for _, table := range s.manifest.Tables {
			if from[table.Name] != nil {
				return usage(fmt.Sprintf("both copies hold the table %s", table.Name), "Give --from the folder without the wraps, and --wraps-from the one with them.")
			}
			from[table.Name] = s
		}
	}
	db, err := openDatabase(ctx, &c.databaseConfig)
	if err != nil {
		return err
	}
	rows, err := fill(ctx, t, db.DB, sources, from)
	if err := errors.Join(err, db.close()); err != nil {
		return err
	}
	var sum int64
	for _, n := range rows {
		sum += n
	}
	result := struct {
		Rows  int64 `json:"rows"`
		Wraps int64 `json:"wraps"`
	}{sum, rows[wrapTable]}
	return t.show(result, "Restored: %d rows, %d of them wraps.\nPut the server's own keys back before you start it.\n", result.Rows, result.Wraps)
}

func fill(ctx context.Context, t *terminal, db *bun.DB, sources []*backupSource, from map[string]*backupSource) (map[string]int64, error) {
	steps, err := appliedSteps(ctx, db)
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		if !slices.Equal(steps, s.manifest.Migrations) {
			return nil, withHint(fmt.Errorf("the copy in %s was made by another release, whose database looks different", s.dir), "Restore with the release that made it, then upgrade.")
		}
	}
	all, err := postgres.Tables(ctx, db)
	if err != nil {
		return nil, err
	}
	var tables []string
	for _, table := range all {
		if from[table] != nil {
			tables = append(tables, table)
		}
	}
	if len(tables) != len(from) {
		return nil, errors.New("the copy holds tables that this release does not know")
	}
	rows, err := postgres.CopyIn(ctx, db, tables, map[string]string{wrapTable: wrapsThatCount}, func(table string) (io.ReadCloser, error) {
		t.note("restoring %s", table)
		return from[table].open(table)
	})
	if errors.Is(err, postgres.ErrNotEmpty) {
		return nil, withHint(err, "Make a new database, run answerable migrate up on it, and restore there.")
	}
	return rows, err
}

// backupSource is a copy that is read. It is treated as hostile: nothing comes in that its manifest does not name, and the
// manifest opens only with the operator's identity.
type backupSource struct {
	dir      string
	identity age.Identity
	manifest backupManifest
}

const maxManifest = 1 << 20

func (s *backupSource) readManifest() error {
	file, err := os.Open(filepath.Join(s.dir, manifestFile))
	if err != nil {
		return withHint(fmt.Errorf("%s is no copy: it has no %s", s.dir, manifestFile), "Give the folder of a day, such as copies/2026-11-22.")
	}
	defer file.Close()
	in, err := age.Decrypt(file, s.identity)
	if err != nil {
		return withHint(fmt.Errorf("the copy in %s does not open with this identity", s.dir), "Give the identity of a recipient it was made for, with --identity FILE.")
	}
	text, err := io.ReadAll(io.LimitReader(in, maxManifest))
	if err == nil {
		err = json.Unmarshal(text, &s.manifest, json.RejectUnknownMembers(true))
	}
	if err != nil || s.manifest.V != 1 {
		return fmt.Errorf("the manifest of %s does not read", s.dir)
	}
	return nil
}

func (s *backupSource) open(table string) (io.ReadCloser, error) {
	i := slices.IndexFunc(s.manifest.Tables, func(t backupTable) bool { return t.Name == table })
	file, err := os.Open(filepath.Join(s.dir, table+".copy.age"))
	if err != nil {
		return nil, fmt.Errorf("the copy in %s is not whole: %w", s.dir, cause(err))
	}
	in, err := age.Decrypt(file, s.identity)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the copy of table %s does not open", table), file.Close())
	}
	return &tableReader{in, file, sha256.New(), s.manifest.Tables[i]}, nil
}

type tableReader struct {
	in   io.Reader
	file *os.File
	hash hash.Hash
	want backupTable
}

// Read implements io.Reader.
func (r *tableReader) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	r.hash.Write(p[:n])
	return n, err
}

// Close refuses a table that is not the one the manifest names, and with it the whole restore.
func (r *tableReader) Close() error {
	err := r.file.Close()
	if got := hex.EncodeToString(r.hash.Sum(nil)); got != r.want.SHA256 {
		err = errors.Join(err, fmt.Errorf("the copy of table %s was changed or mixed up with another day's", r.want.Name))
	}
	return err
}
