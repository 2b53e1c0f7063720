// Package leave carries a whole place away: everything a database of ours holds, as files in formats that are written down,
// and back into a fresh database, so that the place goes on under its name with its log, its keys and its receipts.
//
// It promises that an export is of one moment, that nothing in it is sealed in a way only we can open, that what comes back
// is row for row what went, and that an import takes nothing that its list of files does not name.
//
// An export is not locked as a whole: what was told stays sealed in it, and the rest lies as open as in the database. Copies
// against loss are `answerable backup`, which locks everything and keeps wraps apart. The server's own keys are files
// already and are not in it.
//
// FORMAT.md is the specification.
package leave

import (
	"errors"
	"fmt"
	"path"
)

// ErrExport means that a folder is no export, or was changed since it was made.
var ErrExport = errors.New("this is not a whole export")

// Manifest is the list of what is in an export. The finest time in it is a day.
type Manifest struct {
	V       int               `json:"v"`
	Origin  string            `json:"origin"`
	MadeOn  string            `json:"made_on"`
	Schema  string            `json:"schema"` // number of the newest step of the database it came from
	Rows    map[string]int    `json:"rows"`   // by table, in the order of a table's name
	SHA256  map[string]string `json:"sha256"` // by path
	LeftOut []string          `json:"left_out"`
}

const manifestFile = "manifest.json"

// leftOut are the tables that do not travel: sign-ins end by themselves, and answers to a request to open are parts of keys,
// which colleagues give again.
var leftOut = []string{"opening_answer", "session", "sign_in_nonce", "liaison_session"}

// lifted says which column of a table lies in a file of its own, and where; the names in braces are columns of the row.
var lifted = map[string][]lift{
	"submission":     {{"file", "sealed/{epoch_id}/{leaf_hash}.age", true}},
	"pending":        {{"file", "waiting/{epoch_id}/{leaf_hash}.age", true}},
	"wrap":           {{"file", "wraps/{epoch_id}/{reviewer_id}.age", true}},
	"reply":          {{"file", "replies/{clinic_id}/{file_hash}.age", true}},
	"passkey_file":   {{"file", "passkeys/{reviewer_id}/{credential_id}.age", true}},
	"panel_manifest": {{"lines", "panels/{clinic_id}/{version}.txt", false}},
	"epoch":          {{"record", "epochs/{id}.txt", false}},
	"decision":       {{"lines", "decisions/{clinic_id}/{id}.txt", false}, {"body", "decisions/{clinic_id}/{id}.body", false}},
	"figure_plan":    {{"lines", "figures/{clinic_id}/plan-{version}.txt", false}},
	"figure_release": {{"content", "figures/{clinic_id}/{id}.content", false}, {"lines", "figures/{clinic_id}/{id}.txt", false}},
}

// lift is a column whose value is a file. What it holds instead in the row is the file's path.
type lift struct {
	column, path string
	bytes        bool // bytea, which a row shows as \x and hex
}

// row is one row of a table: column to value, as Postgres writes it in JSON.
type row map[string]any

// at is where the file of a row lies.
func (l *lift) at(r row) (string, error) {
	out, rest := "", l.path
	for {
		before, after, more := cut(rest, '{')
		out += before
		if !more {
			return out, nil
		}
		column, tail, _ := cut(after, '}')
		name, err := plainName(r[column])
		if err != nil {
			return "", fmt.Errorf("column %s: %w", column, err)
		}
		out, rest = out+name, tail
	}
}

func cut(s string, at byte) (before, after string, found bool) {
	for i := range len(s) {
		if s[i] == at {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// plainName is a value as a part of a path: an id, a hash in hex, a number. Anything else is refused, so that a row can name
// no file but its own.
func plainName(value any) (string, error) {
	name := fmt.Sprint(value)
	if len(name) > 2 && name[:2] == `\x` {
		name = name[2:]
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return "", fmt.Errorf("%w: %q is no part of a file's name", ErrExport, name)
		}
	}
	if name == "" || len(name) > 2100 {
		return "", fmt.Errorf("%w: a row has no name for its file", ErrExport)
	}
	return name, nil
}

func tableFile(table string) string { return path.Join("tables", table+".jsonl") }
