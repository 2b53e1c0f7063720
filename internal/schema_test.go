package internal_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"answerable/internal/account"
	"answerable/internal/clinic"
	"answerable/internal/export"
	"answerable/internal/figures"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/liaison"
	"answerable/internal/mailbox"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/promise"
	"answerable/internal/review"
	"answerable/internal/transparency"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// models are all Bun models. A table without one is written to by hand only.
var models = []any{
	account.Reviewer{}, account.Nonce{}, account.Session{}, account.Invitation{}, account.Steward{}, account.PasskeyFile{},
	clinic.Clinic{}, clinic.Service{}, clinic.SupportLine{}, clinic.OtherWay{}, clinic.OwnItem{}, clinic.ClocksFrom{},
	keyring.Membership{}, keyring.StoredManifest{}, keyring.ManifestSignature{}, keyring.Epoch{}, keyring.Wrap{}, keyring.Ack{},
	keyring.Decision{}, keyring.DecisionSignature{}, keyring.Opening{}, keyring.OpeningAnswer{},
	transparency.Entry{}, transparency.Waiting{},
	intake.Pending{}, intake.Submission{}, intake.Withdrawal{}, intake.Destroyed{}, mailbox.Reply{},
	review.Delivery{}, review.File{}, review.Claim{}, review.Recusal{}, review.KeptReminder{}, review.Act{},
	review.Coded{}, review.StillCounted{}, review.Finding{}, review.Practice{}, review.RestWeek{}, review.HandbackWeek{},
	figures.StoredPlan{}, figures.Cell{}, figures.Release{}, figures.ReleaseSignature{}, figures.Visits{},
	liaison.Liaison{}, liaison.Key{}, liaison.Session{},
	promise.Handover{}, promise.Response{}, promise.Promise{}, promise.Event{}, promise.Judgement{}, promise.Repeat{},
	export.Export{}, export.ExportSignature{},
}

var withoutModel = map[string]bool{"instance": true, "log_node": true, "log_checkpoint": true, "decoy_day": true}

// kinds says which Go kinds a column type may be read into.
var kinds = map[string]string{
	"uuid": "string", "text": "string", "bytea": "slice", "integer": "int", "bigint": "int64", "boolean": "bool",
	"date": "time", "timestamp with time zone": "time", "ARRAY": "slice",
}

func TestSchemaMatchesModels(t *testing.T) {
	ctx := context.Background()
	db := pgtest.New(t)
	var columns []struct {
		Table    string `bun:"table_name"`
		Column   string `bun:"column_name"`
		Type     string `bun:"data_type"`
		Nullable string `bun:"is_nullable"`
	}
	err := db.NewRaw(`SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT LIKE 'bun_migration%'`).Scan(ctx, &columns)
	if err != nil {
		t.Fatal(err)
	}
	inSchema := map[string]bool{}
	fields := map[string]reflect.Type{}
	for _, model := range models {
		table := db.Table(reflect.TypeOf(model))
		for _, f := range table.Fields {
			fields[table.Name+"."+f.Name] = f.StructField.Type
		}
	}
	for _, c := range columns {
		name := c.Table + "." + c.Column
		inSchema[name] = true
		field, ok := fields[name]
		if !ok {
			if !withoutModel[c.Table] {
				t.Errorf("column %s is in no model", name)
			}
			continue
		}
		pointer := field.Kind() == reflect.Pointer
		if kindOf(field) != kinds[c.Type] {
			t.Errorf("%s is %s in the database and %s in the model", name, c.Type, field)
		}
		if c.Nullable == "YES" && !pointer && field.Kind() != reflect.Slice {
			t.Errorf("%s may be null, and its model field %s cannot", name, field)
		}
		if c.Nullable == "NO" && pointer {
			t.Errorf("%s is never null, and its model field %s may be", name, field)
		}
	}
	for name := range fields {
		if !inSchema[name] {
			t.Errorf("model field %s is no column", name)
		}
	}
}

func kindOf(field reflect.Type) string {
	if field.Kind() == reflect.Pointer {
		field = field.Elem()
	}
	if field.String() == "time.Time" {
		return "time"
	}
	return field.Kind().String()
}

var tableTag = regexp.MustCompile("`bun:\"table:([a-z_]+)")

// TestEveryModelIsChecked finds models in the sources that models leaves out.
func TestEveryModelIsChecked(t *testing.T) {
	db := pgtest.New(t)
	listed := map[string]bool{}
	for _, model := range models {
		listed[db.Table(reflect.TypeOf(model)).Name] = true
	}
	found := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range tableTag.FindAllStringSubmatch(string(source), -1) {
			found++
			if !listed[m[1]] {
				t.Errorf("%s: the model of table %s is not in models", path, m[1])
			}
		}
		return err
	})
	if err != nil || found != len(models) {
		t.Errorf("found %d models in the sources and %d in the list, %v", found, len(models), err)
	}
}
