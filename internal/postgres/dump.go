package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
)

// Tables lists the tables of the schema, every one after those it refers to. Bun's own are left out: Migrate fills them.
func Tables(ctx context.Context, db bun.IDB) ([]string, error) {
	var tables []struct {
		Name     string   `bun:"name"`
		RefersTo []string `bun:"refers_to,array"`
	}
	err := db.NewRaw(`
		SELECT relname AS name, ARRAY(
		       SELECT DISTINCT confrelid::regclass::text
		       FROM pg_constraint
		       WHERE contype = 'f' AND conrelid = pg_class.oid AND confrelid <> conrelid) AS refers_to
		FROM pg_class
		WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'bun\_%'
		ORDER BY relname`).Scan(ctx, &tables)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	var ordered []string
	for len(ordered) < len(tables) {
		before := len(ordered)
		for _, t := range tables {
			missing := slices.ContainsFunc(t.RefersTo, func(to string) bool { return !slices.Contains(ordered, to) })
			if !missing && !slices.Contains(ordered, t.Name) {
				ordered = append(ordered, t.Name)
			}
		}
		if len(ordered) == before {
			return nil, errors.New("tables refer to each other in a circle")
		}
	}
	return ordered, nil
}

// CopyOut writes tables in the text format of Postgres' COPY, all of them as they were at one moment. to opens the place
// for each; CopyOut closes it. The answer counts rows.
func CopyOut(ctx context.Context, db *bun.DB, tables []string, to func(table string) (io.WriteCloser, error)) (rows map[string]int64, err error) {
	rows = make(map[string]int64, len(tables))
	err = onConn(ctx, db, func(conn *pgx.Conn) error {
		tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if err != nil {
			return err
		}
		defer tx.Rollback(ctx) // nothing was changed
		for _, table := range tables {
			if rows[table], err = copyTableOut(ctx, tx, table, to); err != nil {
				return fmt.Errorf("copy table %s: %w", table, err)
			}
		}
		return nil
	})
	return rows, err
}

func copyTableOut(ctx context.Context, tx pgx.Tx, table string, to func(table string) (io.WriteCloser, error)) (int64, error) {
	columns, err := columnsOf(ctx, tx, table)
	if err != nil {
		return 0, err
	}
	out, err := to(table)
	if err != nil {
		return 0, err
	}
	tag, err := tx.Conn().PgConn().CopyTo(ctx, out, fmt.Sprintf("COPY (SELECT %s FROM %s) TO STDOUT", columns, pgx.Identifier{table}.Sanitize()))
	return tag.RowsAffected(), errors.Join(err, out.Close())
}

// ErrNotEmpty means that a database holds something already.
var ErrNotEmpty = errors.New("the database is not empty")

// CopyIn fills empty tables with what CopyOut wrote, in one transaction: all of it or nothing. only may hold a condition
// in SQL for a table; rows that do not meet it are left out. The answer counts the rows that came in. Errors: ErrNotEmpty.
func CopyIn(ctx context.Context, db *bun.DB, tables []string, only map[string]string, from func(table string) (io.ReadCloser, error)) (rows map[string]int64, err error) {
	rows = make(map[string]int64, len(tables))
	err = onConn(ctx, db, func(conn *pgx.Conn) error {
		tx, err := conn.Begin(ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback(ctx) // after a commit it does nothing
		for _, table := range tables {
			if rows[table], err = copyTableIn(ctx, tx, table, only[table], from); err != nil {
				return fmt.Errorf("fill table %s: %w", table, err)
			}
		}
		return tx.Commit(ctx)
	})
	return rows, err
}

// copyTableIn goes through a table of this transaction: Postgres copies into no table that has row-level security.
func copyTableIn(ctx context.Context, tx pgx.Tx, table, only string, from func(table string) (io.ReadCloser, error)) (int64, error) {
	columns, err := columnsOf(ctx, tx, table)
	if err != nil {
		return 0, err
	}
	name := pgx.Identifier{table}.Sanitize()
	var filled bool
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM "+name+")").Scan(&filled); err != nil {
		return 0, err
	}
	if filled {
		return 0, ErrNotEmpty
	}
	in, err := from(table)
	if err != nil {
		return 0, err
	}
	if only == "" {
		only = "true"
	}
	if _, err := tx.Exec(ctx, "CREATE TEMPORARY TABLE arriving ON COMMIT DROP AS SELECT "+columns+" FROM "+name+" WITH NO DATA"); err != nil {
		return 0, errors.Join(err, in.Close())
	}
	_, err = tx.Conn().PgConn().CopyFrom(ctx, in, "COPY arriving FROM STDIN")
	if err := errors.Join(err, in.Close()); err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM arriving WHERE %s ORDER BY ctid", name, columns, columns, only))
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, "DROP TABLE arriving")
	return tag.RowsAffected(), err
}

// columnsOf lists a table's columns by name, so that both ways agree whatever the history of the table.
func columnsOf(ctx context.Context, tx pgx.Tx, table string) (string, error) {
	rows, err := tx.Query(ctx, `SELECT attname::text FROM pg_attribute WHERE attrelid = ('public.' || quote_ident($1))::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname`, table)
	if err != nil {
		return "", err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", err
	}
	for i, name := range names {
		names[i] = pgx.Identifier{name}.Sanitize()
	}
	return strings.Join(names, ", "), nil
}

// onConn runs act on one connection, for what database/sql has no words for.
func onConn(ctx context.Context, db *bun.DB, act func(*pgx.Conn) error) error {
	conn, err := db.DB.Conn(ctx)
	if err != nil {
		return err
	}
	err = conn.Raw(func(driver any) error { return act(driver.(*stdlib.Conn).Conn()) })
	if closing := conn.Close(); !errors.Is(closing, sql.ErrConnDone) {
		err = errors.Join(err, closing)
	}
	return err
}
