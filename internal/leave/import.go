package leave

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
)

// Largest files of an export, in bytes. A line holds one row without what is lifted out of it.
const (
	maxManifest = 256 << 20
	maxFile     = 4 << 20
	maxLine     = 1 << 20
)

// Import fills an empty database of ours from an export, in one transaction: all of it or nothing. The database may be of a
// newer release than the one that was left. Errors: ErrExport, postgres.ErrNotEmpty.
func Import(ctx context.Context, db *bun.DB, dir string) (*Manifest, error) {
	root, err := os.OpenRoot(dir) // no path in an export leads out of it
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrExport, err)
	}
	defer root.Close()
	i := &importer{root: root}
	if err := i.readManifest(); err != nil {
		return nil, err
	}
	err = db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		i.tx = tx
		return i.everything(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return &i.manifest, nil
}

type importer struct {
	root     *os.Root
	tx       bun.Tx
	manifest Manifest
}

func (i *importer) readManifest() error {
	text, err := i.content(manifestFile, maxManifest)
	if err != nil {
		return fmt.Errorf("%w: it has no %s", ErrExport, manifestFile)
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	if err := in.Decode(&i.manifest); err != nil || i.manifest.V != 1 || i.manifest.Origin == "" {
		return fmt.Errorf("%w: %s does not read", ErrExport, manifestFile)
	}
	return nil
}

func (i *importer) content(path string, limit int64) ([]byte, error) {
	f, err := i.root.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = errors.New("it is too large")
	}
	return content, err
}

// file reads what the manifest names.
func (i *importer) file(path string) ([]byte, error) {
	want, named := i.manifest.SHA256[path]
	if !named {
		return nil, fmt.Errorf("%w: its list does not name %s", ErrExport, path)
	}
	content, err := i.content(path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrExport, path, err)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
		return nil, fmt.Errorf("%w: %s was changed", ErrExport, path)
	}
	return content, nil
}

func (i *importer) everything(ctx context.Context) error {
	tables, err := postgres.Tables(ctx, i.tx)
	if err != nil {
		return err
	}
	for name := range i.manifest.Rows {
		if !slices.Contains(tables, name) || slices.Contains(leftOut, name) {
			return fmt.Errorf("%w: it holds a table that this release does not know or take: %q", ErrExport, name)
		}
	}
	for _, table := range tables {
		var filled bool
		if err := i.tx.NewRaw(`SELECT EXISTS (SELECT FROM ?)`, bun.Ident(table)).Scan(ctx, &filled); err != nil {
			return err
		}
		if filled {
			return postgres.ErrNotEmpty
		}
	}
	for _, table := range tables {
		if _, travels := i.manifest.SHA256[tableFile(table)]; !travels {
			continue // a table that came after the release that was left
		}
		if err := i.table(ctx, table); err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
	}
	return nil
}

// table reads the rows of a table. What it has read is held against the list before anything is kept.
func (i *importer) table(ctx context.Context, table string) error {
	path := tableFile(table)
	f, err := i.root.Open(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrExport, err)
	}
	defer f.Close()
	sum := sha256.New()
	lines := bufio.NewScanner(io.TeeReader(f, sum))
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		if err := i.row(ctx, table, lines.Bytes()); err != nil {
			return err
		}
		n++
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrExport, path, err)
	}
	if n != i.manifest.Rows[table] || hex.EncodeToString(sum.Sum(nil)) != i.manifest.SHA256[path] {
		return fmt.Errorf("%w: %s was changed", ErrExport, path)
	}
	return nil
}

func (i *importer) row(ctx context.Context, table string, line []byte) error {
	r, err := parseRow(line)
	if err != nil {
		return fmt.Errorf("%w: a row does not read", ErrExport)
	}
	for _, l := range lifted[table] {
		path, err := l.at(r)
		if err != nil {
			return err
		}
		if r[l.column] != path {
			return fmt.Errorf("%w: a row names another's file", ErrExport)
		}
		content, err := i.file(path)
		if err != nil {
			return err
		}
		r[l.column] = string(content)
		if l.bytes {
			r[l.column] = `\x` + hex.EncodeToString(content)
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	columns, err := i.columns(ctx, table, r)
	if err != nil {
		return err
	}
	_, err = i.tx.NewRaw(`INSERT INTO ? (?) SELECT ? FROM jsonb_populate_record(NULL::?, ?::jsonb)`,
		bun.Ident(table), columns, columns, bun.Ident(table), string(text)).Exec(ctx)
	return err
}

// columns are those of a row, each of which the table must have; a column that came later keeps what its step gives it.
func (i *importer) columns(ctx context.Context, table string, r row) (bun.Safe, error) {
	var known []string
	err := i.tx.NewRaw(`SELECT attname::text FROM pg_attribute WHERE attrelid = ('public.' || quote_ident(?))::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname`, table).Scan(ctx, &known)
	if err != nil {
		return "", err
	}
	var list []byte
	found := 0
	for _, name := range known {
		if _, has := r[name]; !has {
			continue
		}
		found++
		if list != nil {
			list = append(list, ", "...)
		}
		list = append(list, `"`+name+`"`...)
	}
	if found != len(r) {
		return "", fmt.Errorf("%w: a row of %s has columns that this release does not know", ErrExport, table)
	}
	return bun.Safe(list), nil
}
