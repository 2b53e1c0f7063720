package internal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"answerable/internal/clinic"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
	"answerable/internal/postgres/pgtest"
)

// ofNoClinic are the tables that no wall goes through: what is public or the whole place's.
var ofNoClinic = map[string]bool{"instance": true, "reviewer": true, "log_leaf": true, "log_waiting": true}

// unreachable are the tables that work for one clinic has no business with.
var unreachable = map[string]bool{"log_node": true, "log_checkpoint": true, "invitation": true, "steward": true, "passkey_file": true, "session": true, "sign_in_nonce": true, "liaison_key": true, "liaison_session": true}

// Every table is walled, shared by all, or out of reach: a new one has to choose.
func TestEveryTableChoosesItsWall(t *testing.T) {
	db := pgtest.New(t)
	var tables []struct {
		Name    string `bun:"name"`
		Forced  bool   `bun:"forced"`
		Rules   int    `bun:"rules"`
		Clinic  bool   `bun:"clinic"`
		Reaches bool   `bun:"reaches"`
		Empties bool   `bun:"empties"`
	}
	err := db.NewRaw(`
		SELECT relname AS name, relrowsecurity AND relforcerowsecurity AS forced,
		       (SELECT count(*) FROM pg_policy WHERE polrelid = pg_class.oid) AS rules,
		       EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'clinic_id') AS clinic,
		       has_table_privilege('answerable_clinic', oid, 'SELECT') AS reaches,
		       has_table_privilege('answerable_clinic', oid, 'TRUNCATE') AS empties
		FROM pg_class
		WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'bun_%'`).Scan(t.Context(), &tables)
	if err != nil || len(tables) < 20 {
		t.Fatalf("found %d tables, %v", len(tables), err)
	}
	for _, table := range tables {
		switch {
		case unreachable[table.Name]:
			if table.Reaches {
				t.Errorf("work for one clinic can read %s", table.Name)
			}
		case ofNoClinic[table.Name]:
			if table.Clinic || !table.Reaches {
				t.Errorf("%s: names a clinic (%v), or cannot be read (%v)", table.Name, table.Clinic, !table.Reaches)
			}
		case !table.Forced || table.Rules != 2:
			t.Errorf("%s has no wall between clinics", table.Name)
		}
		if table.Empties {
			t.Errorf("work for one clinic can empty %s for all", table.Name)
		}
	}
}

// twoClinics makes two clinics with everything that a clinic can have.
func twoClinics(t *testing.T, db *bun.DB) [2]string {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
	clinics := &clinic.Store{DB: db, Now: now}
	var ids [2]string
	for i, slug := range []string{"riverside", "hillside"} {
		place := &clinic.Clinic{Slug: slug, Name: slug, RetentionDays: 180, Services: []clinic.Service{{Code: "ward", Label: "The ward"}}}
		if err := clinics.Add(t.Context(), place); err != nil {
			t.Fatal(err)
		}
		ids[i] = place.ID
		p := keyringtest.NewPanel(t, db, now, place.ID)
		epoch := p.Deal(t, now())
		hash := strings.Repeat(fmt.Sprintf("%02x", i+1), 32)
		fill(t, db, strings.NewReplacer(":hash", `'\x`+hash+`'`, ":signature", `'\x`+hash+hash+`'`, ":clinic", quoted(place.ID),
			":epoch", quoted(epoch.ID), ":reviewer", quoted(p.Reviewers[0].ID), ":id", quoted(uuid.NewString()), ":n", fmt.Sprint(i)))
	}
	return ids
}

func quoted(s string) string { return "'" + s + "'" }

func fill(t *testing.T, db *bun.DB, with *strings.Replacer) {
	t.Helper()
	for _, statement := range []string{
		`INSERT INTO support_line VALUES (:id, :clinic, 'n', 'w', true, 'never', 'none', 'no', '{phone}', '{en}', 'h', 'UTC', 'r', 'free', 'u', '2026-11-01', 'p')`,
		`INSERT INTO own_item VALUES (:clinic, 'x_a.b', 'force', 'l', 0, NULL)`,
		`INSERT INTO clocks VALUES (:clinic, '2026-11-22', 20, 30, 90)`,
		`INSERT INTO other_way VALUES (:clinic, 0, 'n', 'w', 'r', 'h')`,
		`INSERT INTO pending VALUES (:hash, :clinic, :epoch, repeat('x', 18043)::bytea, :hash, :hash, :hash, 'l', 't')`,
		`INSERT INTO submission VALUES (:hash, :clinic, :epoch, repeat('x', 18043)::bytea, :hash, :hash, :hash, 'l', 't', '2026-11-22')`,
		`INSERT INTO decoy_day VALUES (:clinic, '2026-11-22')`,
		`INSERT INTO reply VALUES (:hash, :clinic, :hash, repeat('x', 18043)::bytea, '2026-12-22')`,
		`INSERT INTO withdrawal VALUES (:hash, :clinic, :hash, 't')`,
		`INSERT INTO destroyed VALUES (:hash, :clinic, :hash)`,
		`INSERT INTO delivery VALUES (:hash, '2026-11-22')`,
		`INSERT INTO review_file VALUES (:hash, 'note', :reviewer, 0, repeat('x', 18043)::bytea, :hash, :signature, '2026-11-22')`,
		`INSERT INTO claim VALUES (:hash, :reviewer, 'coder', '2026-11-22')`,
		`INSERT INTO recusal VALUES (:hash, :reviewer, :signature)`,
		`INSERT INTO kept_reminder VALUES (:clinic, :reviewer, :hash, repeat('x', 18043)::bytea, :signature)`,
		`INSERT INTO coded VALUES (:hash, '{}', :reviewer, :signature, '2026-11-01')`,
		`INSERT INTO still_counted VALUES (:hash, '2026-11-01')`,
		`INSERT INTO finding VALUES (:id, :hash, 'theme', '', '{}', :hash, :reviewer, :signature, '2026-11-22')`,
		`INSERT INTO practice VALUES (:clinic, 1, 3, 14, 21, '{1}', '{}', 6, 2, 12, 10, true, :reviewer, '2026-11-22')`,
		`INSERT INTO rest_week VALUES (:clinic, :reviewer, '2026-11-23')`,
		`INSERT INTO handback_week VALUES (:clinic, '2026-11-16', 1)`,
		`INSERT INTO act VALUES (:hash, :clinic, 'received', '2026-11-22', :hash)`,
		`INSERT INTO decision (id, clinic_id, kind, state, lines, proposed_by, proposed_on) VALUES (:id, :clinic, 'revoke', 'draft', 'l', :reviewer, '2026-11-22')`,
		`INSERT INTO decision_signature VALUES (:id, :reviewer, :signature)`,
		`INSERT INTO opening VALUES (:id, :clinic, :epoch, :reviewer, 'lines :n', :signature, '2026-11-22')`,
		`INSERT INTO opening_answer VALUES (:id, :reviewer, 'f', :signature)`,
		`INSERT INTO figure_plan VALUES (:clinic, 1, '2026-10-01', 'l')`,
		`INSERT INTO figure_count VALUES (:clinic, '2026-11-01', 'reports', '', '', '', 3)`,
		`INSERT INTO visits VALUES (:clinic, '2026-07-01', 1200, :reviewer)`,
		`INSERT INTO figure_release (id, clinic_id, plan_version, state, first_on, last_on, content, lines, drafted_by, drafted_on)
			VALUES (:id, :clinic, 1, 'draft', '2026-10-01', '2026-12-31', 'c', 'l', :reviewer, '2026-11-22')`,
		`INSERT INTO figure_release_signature VALUES (:id, :reviewer, :signature)`,
		`INSERT INTO liaison VALUES (:id, :clinic, 'manager', '2026-11-22', '2026-11-22')`,
		`INSERT INTO handover VALUES (:id, :clinic, :id, false, '{}', '2026-11-22', :reviewer, '2026-12-22', false, false)`,
		`INSERT INTO response VALUES (:id, :clinic, :id, 'manager', 'p', 'w', '2026-11-22')`,
		`INSERT INTO promise VALUES (:id, :clinic, :id, 'what', 'who', 'how', '2026-11-22', '2026-12-22')`,
		`INSERT INTO promise_event VALUES (:id, 1, 'claimed', '2026-11-23')`,
		`INSERT INTO judgement VALUES (:id, 0, :reviewer, 'kept', '2026-11-23', :signature, 0)`,
		`INSERT INTO promise_repeat VALUES (:id, :id, '2026-11-23', :reviewer)`,
		`INSERT INTO export (id, clinic_id, state, first_on, last_on, as_of, panel_hash, lines, manifest, bundle, proposed_by, proposed_on)
			VALUES (:id, :clinic, 'draft', '2026-07-01', '2026-09-30', '2026-11-22', :hash, 'l', 'm', 'b', :reviewer, '2026-11-22')`,
		`INSERT INTO export_signature VALUES (:id, :reviewer, :signature, :signature)`,
	} {
		if _, err := db.ExecContext(t.Context(), with.Replace(statement)); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func walled(t *testing.T, db *bun.DB) []string {
	t.Helper()
	var tables []string
	err := db.NewRaw(`SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r' ORDER BY relname`).Scan(t.Context(), &tables)
	if err != nil || len(tables) < 15 {
		t.Fatalf("found the walled tables %v, %v", tables, err)
	}
	return tables
}

func count(t *testing.T, db bun.IDB, table string) (n int) {
	t.Helper()
	if err := db.NewRaw(`SELECT count(*) FROM ?`, bun.Ident(table)).Scan(context.Background(), &n); err != nil {
		t.Fatalf("count %s: %v", table, err)
	}
	return n
}

// A query that forgets its WHERE still sees one clinic only, and changes one only.
func TestTheDatabaseItselfKeepsClinicsApart(t *testing.T) {
	ctx := t.Context()
	db := pgtest.New(t)
	ids := twoClinics(t, db)
	tables := walled(t, db)
	for _, table := range tables {
		if n := count(t, db, table); n < 2 {
			t.Errorf("%s has %d rows; this test needs some of each clinic", table, n)
		}
	}
	sum := map[string]int{}
	for _, id := range ids {
		err := postgres.InClinic(ctx, db, id, func(ctx context.Context, tx bun.Tx) error {
			for _, table := range tables {
				sum[table] += count(t, tx, table)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range tables {
		if all := count(t, db, table); sum[table] != all {
			t.Errorf("%s: the two clinics see %d rows together, there are %d", table, sum[table], all)
		}
	}

	err := postgres.InClinic(ctx, db, ids[0], func(ctx context.Context, tx bun.Tx) error {
		for _, statement := range []string{
			`DELETE FROM pending`, `DELETE FROM wrap`, `DELETE FROM epoch_ack`, `UPDATE epoch SET state = 'offered'`, `UPDATE clinic SET open = false, name = 'ours'`,
		} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = postgres.InClinic(ctx, db, ids[1], func(ctx context.Context, tx bun.Tx) error {
		for _, table := range []string{"pending", "wrap", "epoch_ack"} {
			if count(t, tx, table) == 0 {
				t.Errorf("the other clinic's rows of %s are gone", table)
			}
		}
		var changed bool
		err := tx.NewRaw(`SELECT EXISTS (SELECT FROM epoch WHERE state = 'offered') OR EXISTS (SELECT FROM clinic WHERE name = 'ours')`).Scan(ctx, &changed)
		if changed {
			t.Error("the other clinic's rows were changed")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAClinicCannotReachOver(t *testing.T) {
	ctx := t.Context()
	db := pgtest.New(t)
	ids := twoClinics(t, db)
	for name, act := range map[string]func(ctx context.Context, tx bun.Tx) error{
		"a row for another clinic": func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw(`INSERT INTO service (clinic_id, code, label, position) VALUES (?, 'x', 'X', 9)`, ids[1]).Exec(ctx)
			return err
		},
		"moving a row over": func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw(`UPDATE submission SET clinic_id = ?`, ids[1]).Exec(ctx)
			return err
		},
		"emptying a table": func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, `TRUNCATE pending`)
			return err
		},
		"sign-ins": func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, `SELECT * FROM session`)
			return err
		},
		"work for another clinic inside": func(ctx context.Context, tx bun.Tx) error {
			return postgres.InClinic(ctx, db, ids[1], func(context.Context, bun.Tx) error { return nil })
		},
	} {
		if err := postgres.InClinic(ctx, db, ids[0], act); err == nil {
			t.Errorf("%s was let through", name)
		}
	}
	err := postgres.InClinic(ctx, db, ids[0], func(ctx context.Context, _ bun.Tx) error {
		return postgres.InClinic(ctx, db, ids[1], func(context.Context, bun.Tx) error { return nil })
	})
	if !errors.Is(err, postgres.ErrOtherClinic) {
		t.Errorf("got %v, want ErrOtherClinic", err)
	}
	if n := count(t, db, "session"); n != 0 {
		t.Errorf("got %d sessions", n)
	}
	// The connection that was used goes back without role or clinic.
	var role string
	if err := db.NewRaw(`SELECT current_user || coalesce(current_setting('answerable.clinic', true), '')`).Scan(ctx, &role); err != nil || strings.HasPrefix(role, "answerable_clinic") {
		t.Errorf("afterwards the connection is %q, %v", role, err)
	}
}
