package client

import (
	"encoding/hex"
	"strings"
	"testing"

	"answerable/internal/coding"
	"answerable/internal/postgres"
	"answerable/internal/review"
)

// TestOfThePanelsWorkOnlyWhoDoesWhatLiesInTheClear takes a message through the work and looks for what was written about it in
// every column of every table, and in every request.
func TestOfThePanelsWorkOnlyWhoDoesWhatLiesInTheClear(t *testing.T) {
	w := newTeam(t, 3)
	ctx := t.Context()
	_, leaf := w.tells("panel_only")
	w.batch()
	secrets := []string{"they held me down", "a note about it", "half a draft", "the words to check", "what was changed", "why it stays", "panel_only", "boundary"}
	w.bodies = nil
	found := foundThemes([]string{"boundary", "force"})
	for who := range 2 {
		w.claims(who, leaf, review.RoleCoder)
		w.does(who, leaf, func(b *Bench, c *Case) error {
			if _, err := b.Tend(ctx); err != nil {
				return err
			}
			if err := b.SaveDraft(ctx, c, "half a draft"); err != nil {
				return err
			}
			return b.Code(ctx, c, found)
		})
	}
	for who := range 2 {
		w.does(who, leaf, func(b *Bench, c *Case) error {
			_, err := b.Agree(ctx, c, nil)
			return err
		})
	}
	w.claims(2, leaf, review.RoleChecker)
	w.does(2, leaf, func(b *Bench, c *Case) error {
		if err := b.Note(ctx, c, "a note about it"); err != nil {
			return err
		}
		if err := b.Check(ctx, c, coding.FormParaphrase, "the words to check", false, "what was changed"); err != nil {
			return err
		}
		return b.Keep(ctx, c, "why it stays")
	})
	tables, err := postgres.Tables(ctx, w.tlog.DB)
	must(t, err)
	var all strings.Builder
	for _, table := range tables {
		var rows []string
		must(t, w.tlog.DB.NewRaw(`SELECT row_to_json(t)::text FROM `+table+` AS t`).Scan(ctx, &rows))
		all.WriteString(strings.Join(rows, "\n"))
	}
	if !strings.Contains(all.String(), "checker") {
		t.Error("the rows that were looked at hold no part: nothing was looked at")
	}
	for _, secret := range secrets {
		if strings.Contains(all.String(), secret) || strings.Contains(all.String(), hex.EncodeToString([]byte(secret))) {
			t.Errorf("%q lies in the clear", secret)
		}
		for _, body := range w.bodies {
			if strings.Contains(string(body), secret) {
				t.Errorf("%q stands in a request", secret)
			}
		}
	}
}
