package leave

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/tlog"

	"answerable/internal/postgres"
	"answerable/internal/transparency"
)

// Export writes everything that db holds into dir, which must be new or empty, as it was at one moment. An export that did
// not end has no manifest.
func Export(ctx context.Context, db *bun.DB, dir string, now time.Time) (*Manifest, error) {
	if err := makeEmpty(dir); err != nil {
		return nil, err
	}
	e := &exporter{dir: dir, manifest: &Manifest{V: 1, MadeOn: now.UTC().Format(time.DateOnly), Rows: map[string]int{}, SHA256: map[string]string{}, LeftOut: leftOut}}
	err := db.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, func(ctx context.Context, tx bun.Tx) error {
		e.tx = tx
		if err := e.everything(ctx); err != nil {
			return err
		}
		return e.log(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	text, err := json.MarshalIndent(e.manifest, "", "  ")
	if err != nil {
		return nil, err
	}
	return e.manifest, writeFile(filepath.Join(dir, manifestFile), append(text, '\n'))
}

// ErrNotEmpty means that a folder holds something already.
var ErrNotEmpty = errors.New("the folder is not empty")

func makeEmpty(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		return ErrNotEmpty
	}
	return err
}

type exporter struct {
	dir       string
	tx        bun.Tx
	manifest  *Manifest
	published string // the log's newest checkpoint, at the same moment
}

func (e *exporter) everything(ctx context.Context) error {
	if err := e.tx.NewRaw(`SELECT origin FROM instance`).Scan(ctx, &e.manifest.Origin); err != nil {
		return fmt.Errorf("read origin: %w", err)
	}
	if err := e.tx.NewRaw(`SELECT max(name) FROM bun_migrations`).Scan(ctx, &e.manifest.Schema); err != nil {
		return fmt.Errorf("read the schema's number: %w", err)
	}
	if err := e.tx.NewRaw(`SELECT coalesce((SELECT published FROM log_checkpoint), '')`).Scan(ctx, &e.published); err != nil {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	tables, err := postgres.Tables(ctx, e.tx)
	if err != nil {
		return err
	}
	for _, table := range tables {
		if slices.Contains(leftOut, table) {
			continue
		}
		if err := e.table(ctx, table); err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
	}
	return nil
}

// table writes the rows of a table, one in a line, in the order of their text: that of the table would tell who came first.
func (e *exporter) table(ctx context.Context, table string) error {
	rows, err := e.tx.QueryContext(ctx, `SELECT to_jsonb(t)::text FROM ? AS t ORDER BY to_jsonb(t)::text COLLATE "C"`, bun.Ident(table))
	if err != nil {
		return err
	}
	defer rows.Close()
	var lines bytes.Buffer
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		line, err := e.row(table, text)
		if err != nil {
			return err
		}
		lines.Write(append(line, '\n'))
		e.manifest.Rows[table]++
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return e.write(tableFile(table), lines.Bytes())
}

// row puts what lies in files into them and gives the rest.
func (e *exporter) row(table, text string) ([]byte, error) {
	if lifted[table] == nil {
		return []byte(text), nil
	}
	r, err := parseRow([]byte(text))
	if err != nil {
		return nil, err
	}
	for _, l := range lifted[table] {
		path, err := l.at(r)
		if err != nil {
			return nil, err
		}
		value, isText := r[l.column].(string)
		if !isText {
			return nil, fmt.Errorf("column %s holds no text", l.column)
		}
		content := []byte(value)
		if l.bytes {
			if content, err = hex.DecodeString(strings.TrimPrefix(value, `\x`)); err != nil {
				return nil, err
			}
		}
		if err := e.write(path, content); err != nil {
			return nil, err
		}
		r[l.column] = path
	}
	return json.Marshal(r)
}

// parseRow keeps numbers as they are written.
func parseRow(text []byte) (row, error) {
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	var r row
	err := in.Decode(&r)
	return r, err
}

// log writes the log as c2sp.org/tlog-tiles lays it out, so that anybody can check it without us.
func (e *exporter) log(ctx context.Context) error {
	if e.published == "" {
		return nil
	}
	if err := e.write("log/checkpoint", []byte(e.published)); err != nil {
		return err
	}
	var size int64
	if _, err := fmt.Sscanf(strings.SplitN(e.published, "\n", 3)[1], "%d", &size); err != nil {
		return err
	}
	for _, tile := range tlog.NewTiles(8, 0, size) {
		paths := []string{strings.Replace(tile.Path(), "tile/8/", "tile/", 1)}
		if tile.L == 0 {
			paths = append(paths, strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1))
		}
		for _, path := range paths {
			content, err := transparency.CopyTile(ctx, e.tx, path)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			if err := e.write("log/"+path, content); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *exporter) write(path string, content []byte) error {
	sum := sha256.Sum256(content)
	e.manifest.SHA256[path] = hex.EncodeToString(sum[:])
	full := filepath.Join(e.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return err
	}
	return writeFile(full, content)
}

// writeFile writes a file that is not there yet.
func writeFile(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}
