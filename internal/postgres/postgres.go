// Package postgres opens the database, brings its schema up to date, and runs a private server where nobody
// brought one.
//
// It promises that no statement and no value out of one reaches a log, an error or a list of prepared statements:
// Bun writes values into the text of its statements, so a statement is as secret as what it carries. It promises
// that Migrate may run in several processes at once, and that a private server never outlives this program by
// more than its own shutdown and never stands in the way of the next start.
//
// What the tables mean belongs to the packages that own them. Backups, replicas and poolers belong to whoever runs
// a Postgres of their own.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// maxConnections bounds one process, so that a few replicas fit below Postgres' default of 100.
const maxConnections = 20

// Open prepares a pool for a connection string of libpq's kind (URL or key=value, several hosts allowed). It does
// not connect yet; Ping or Check does. The error never repeats the string, which may hold a password.
//
// Nothing may rely on session state (SET, LISTEN, session advisory locks): a pooler may stand in between.
func Open(dsn string) (*bun.DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("the database address cannot be read: " +
			"it should look like postgres://user:password@host:5432/name")
	}
	// Every other mode prepares each distinct statement: Postgres would keep them, values and all, in
	// pg_prepared_statements, and a pooler in transaction mode would lose them.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	cfg.StatementCacheCapacity = 0
	cfg.DescriptionCacheCapacity = 0
	cfg.BuildFrontend = newRedactingFrontend

	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(maxConnections)
	pool.SetMaxIdleConns(maxConnections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(connectionLife)

	return bun.NewDB(pool, pgdialect.New()).WithQueryHook(statementLog{}).WithQueryHook(leaveReadOnly{pool}), nil
}

// connectionLife is how long a connection is used: after a failover we are back at the preferred host within this time.
const connectionLife = 30 * time.Minute

// leaveReadOnly turns away from a server that has become a standby while a connection to it stays, as a pooler before it
// makes possible: connections are closed instead of used again for a moment, and new ones go where can be written.
type leaveReadOnly struct{ pool *sql.DB }

// BeforeQuery does nothing.
func (leaveReadOnly) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

// AfterQuery looks for SQLSTATE 25006, read_only_sql_transaction.
func (l leaveReadOnly) AfterQuery(_ context.Context, event *bun.QueryEvent) {
	var pg *pgconn.PgError
	if !errors.As(event.Err, &pg) || pg.Code != "25006" {
		return
	}
	l.pool.SetConnMaxLifetime(time.Nanosecond)
	time.AfterFunc(2*time.Second, func() { l.pool.SetConnMaxLifetime(connectionLife) })
}

// slow is how long a statement may take before an operator hears of it.
const slow = time.Second

// statementLog tells the operator which kind of statement failed or dragged, and never its text.
type statementLog struct{}

// BeforeQuery does nothing.
func (statementLog) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

// AfterQuery logs the kind of a failed statement with its SQLSTATE, and the kind of a slow one with whole seconds.
func (statementLog) AfterQuery(ctx context.Context, event *bun.QueryEvent) {
	if code, failed := failure(event.Err); failed {
		slog.WarnContext(ctx, "database statement failed", "operation", kind(event), "sqlstate", code)
		return
	}
	if took := time.Since(event.StartTime); took >= slow {
		slog.WarnContext(ctx, "database statement slow", "operation", kind(event), "seconds", int(took.Seconds()))
	}
}

// failure says whether an operator should hear of err, and its SQLSTATE where Postgres sent one. A broken
// constraint is not news: it is how a repeated post is recognised, and a line for it would tell when that was.
func failure(err error) (code string, failed bool) {
	if err == nil || errors.Is(err, sql.ErrNoRows) || errors.Is(err, context.Canceled) {
		return "", false
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return "no answer", true
	}
	const integrityConstraint = "23"
	return pg.Code, pg.Code[:min(2, len(pg.Code))] != integrityConstraint
}

// kind is the statement's verb. Bun takes the first sixteen letters of a raw statement for it, whatever they are,
// so only verbs we know pass.
func kind(event *bun.QueryEvent) string {
	switch op := event.Operation(); op {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT":
		return op
	}
	return "other"
}
