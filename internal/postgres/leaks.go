package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// Leak is a setting of Postgres by which statements, the values in them, or the hour and order of writing outlive the
// transaction that they belong to.
type Leak struct {
	Setting, Value string
	Why            string // a sentence for an operator
	Do             string // SQL that ends it, or a sentence where SQL cannot
	Restart        bool   // Postgres has to be restarted for it
	Unsure         bool   // it depends on what is done with it, such as where an archive goes
}

// leaky is what each setting may be. Bun writes values into statements, so a statement is as secret as a sealed file and
// says when it came besides. See "Error Reporting and Logging" and "Run-time Statistics" in Postgres' manual.
var leaky = []struct {
	setting string
	safe    []string
	why     string
	restart bool
	unsure  bool
}{
	{"log_min_error_statement", []string{"panic"}, "A statement that fails is logged whole, with the values in it.", false, false},
	{"log_statement", []string{"none"}, "Statements are logged, with the values in them.", false, false},
	{"log_min_messages", []string{"fatal", "panic"}, "Errors are logged with a time, and their text may quote what was sent.", false, false},
	{"log_error_verbosity", []string{"terse"}, "Errors are logged with details that may quote what was sent.", false, false},
	{"log_duration", []string{"off"}, "A line with a time is logged for every statement.", false, false},
	{"log_min_duration_statement", []string{"-1"}, "Slow statements are logged whole, with the values in them.", false, false},
	{"log_min_duration_sample", []string{"-1"}, "Some slow statements are logged whole, with the values in them.", false, false},
	{"log_transaction_sample_rate", []string{"0"}, "Some transactions are logged whole, with the values in them.", false, false},
	{"log_parameter_max_length_on_error", []string{"0"}, "Values of a statement that fails are logged.", false, false},
	{"debug_print_parse", []string{"off"}, "Statements are logged as trees, with the values in them.", false, false},
	{"debug_print_rewritten", []string{"off"}, "Statements are logged as trees, with the values in them.", false, false},
	{"debug_print_plan", []string{"off"}, "Statements are logged as plans, with the values in them.", false, false},
	{"track_activities", []string{"off"}, "The view pg_stat_activity shows each connection's last statement, with its values and its time.", false, false},
	{"track_commit_timestamp", []string{"off"}, "Postgres keeps the second in which each message was written.", true, false},
	{"archive_mode", []string{"off"}, "An archive of the write-ahead log keeps the order and the hour of every write.", true, true},
	{"wal_level", []string{"replica", "minimal"}, "Changes can be read one by one, in order, by whoever may replicate.", true, true},
	// Of modules, which have settings only where they are loaded.
	{"pg_stat_statements.track", []string{"none"}, "pg_stat_statements keeps statements, and what of them varies may hold values.", false, false},
	{"auto_explain.log_min_duration", []string{"-1"}, "auto_explain logs slow statements whole, with the values in them.", false, false},
	{"pgaudit.log", []string{"none"}, "pgaudit logs statements, with the values in them.", false, false},
}

// Leaks says which settings let something outlive its transaction. What it finds is what this session has: a setting can
// differ by database and by user. The answer is in the order of the list above, and empty when nothing leaks.
func Leaks(ctx context.Context, db bun.IDB) ([]Leak, error) {
	var names []string
	for _, rule := range leaky {
		names = append(names, rule.setting)
	}
	var rows []struct {
		Name    string `bun:"name"`
		Setting string `bun:"setting"`
	}
	err := db.NewRaw(`
		SELECT name, setting
		FROM pg_settings
		WHERE name IN (?)`, bun.List(names)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("ask Postgres for its settings: %w", err)
	}
	has := map[string]string{}
	for _, row := range rows {
		has[row.Name] = row.Setting
	}
	var leaks []Leak
	for _, rule := range leaky {
		value, known := has[rule.setting]
		if !known || slices.Contains(rule.safe, value) {
			continue
		}
		do := "ALTER SYSTEM SET " + rule.setting + " = '" + rule.safe[0] + "';"
		if rule.unsure {
			do = "Keep it only where what comes of it is encrypted, closed to others, and ends as soon as your copies do. Otherwise: " + do
		}
		leaks = append(leaks, Leak{rule.setting, strings.TrimSpace(value), rule.why, do, rule.restart, rule.unsure})
	}
	return leaks, nil
}
