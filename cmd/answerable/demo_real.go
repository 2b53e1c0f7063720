package main

import (
	"context"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/client"
	"answerable/internal/coding"
	"answerable/internal/figures"
	"answerable/internal/postgres"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// realComment is a row of a file of comments that somebody has sorted already.
type realComment struct {
	text        string
	codes       []string // themes, or items of good care
	seriousness int
}

// commentThemes maps categories of comments to what this place counts: the first line of which a part stands in the category or
// its subcategory counts. A theme is named by what people tell of when it goes wrong; good is of a comment that praises.
var commentThemes = []struct{ part, theme, good string }{
	{"attitude", "respect", "good_care.kind"},
	{"dignity", "respect", "good_care.kind"},
	{"diversity", "bias", "good_care.heard"},
	{"safe", "respect", "good_care.kind"},
	{"listening", "voice", "good_care.heard"},
	{"involvement", "voice", "good_care.heard"},
	{"communication", "voice", "good_care.heard"},
	{"information", "voice", "good_care.heard"},
	{"access", "access", "good_care.time"},
	{"waiting", "access", "good_care.time"},
	{"transition", "ending", "good_care.time"},
	{"coordination", "ending", "good_care.time"},
	{"medication", "treatment", "good_care.skilled"},
	{"food", "place", "good_care.kind"},
	{"environment", "place", "good_care.kind"},
	{"facilities", "place", "good_care.kind"},
	{"staffing", "place", "good_care.time"},
	{"funding", "money", "good_care.skilled"},
	{"leave", "force", "good_solidarity.no_force"},
	{"staff", "respect", "good_care.kind"},
	{"care", "treatment", "good_care.skilled"},
}

// readComments reads a CSV file whose first line names its columns: feedback holds the text; label, subcategory and criticality
// (below 0 is a harm, above is praise) say how it was sorted, and may be missing. Rows without a text, of no category that is
// mapped, or that were sorted as neither harm nor praise are passed over. Of those that are left it takes limit, spread over the whole file; 0 takes all.
func readComments(path string, limit int) (all []realComment, passed int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, withHint(fmt.Errorf("the comments cannot be read: %w", cause(err)), "Check the path given with --comments.")
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		return nil, 0, withHint(fmt.Errorf("the comments cannot be read: %w", err), "Give a CSV file whose first line names its columns.")
	}
	if !slices.Contains(head, "feedback") {
		return nil, 0, withHint(errors.New("the file has no column called feedback"), "Give a CSV file with the columns feedback, label, subcategory and criticality.")
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, 0, fmt.Errorf("the comments cannot be read: %w", err)
		}
		if c := commentOf(head, row); c != nil {
			all = append(all, *c)
		} else {
			passed++
		}
	}
	if limit == 0 || limit >= len(all) {
		return all, passed, nil
	}
	taken := make([]realComment, limit)
	for i := range taken {
		taken[i] = all[i*len(all)/limit]
	}
	return taken, passed, nil
}

// commentOf is nil for a row that is passed over.
func commentOf(head, row []string) *realComment {
	at := func(column string) string {
		if i := slices.Index(head, column); i >= 0 && i < len(row) {
			return row[i]
		}
		return ""
	}
	c := &realComment{text: at("feedback")}
	if client.CheckText([]byte(c.text)) != nil {
		return nil
	}
	criticality, err := strconv.Atoi(strings.TrimSpace(at("criticality")))
	if err != nil {
		criticality = -1
	}
	if criticality == 0 {
		return nil // where we counted it, somebody would be said to be harmed
	}
	for _, category := range []string{at("subcategory"), at("label")} {
		for _, known := range commentThemes {
			if !strings.Contains(strings.ToLower(category), known.part) {
				continue
			}
			c.codes = []string{known.theme}
			if criticality > 0 {
				c.codes = []string{known.good}
			}
			c.seriousness = min(3, max(0, -criticality)/2+min(1, max(0, -criticality)))
			return c
		}
	}
	return nil
}

// found is how both coders of a throw-away place sort a comment: as its file does.
func (c *realComment) found() *coding.Found {
	f := client.Blank()
	f.Seriousness = c.seriousness
	for _, code := range c.codes {
		if strings.HasPrefix(code, "good_") {
			f.Good = append(f.Good, code)
			continue
		}
		f.Yes = append(f.Yes, code)
		f.No = slices.DeleteFunc(f.No, func(no string) bool { return no == code })
	}
	return f
}

// tellComments takes real comments the whole way: told and sealed as by their writers, opened and coded by two members, counted, and
// released as on the first day on which this quarter can be. It is for a place that is thrown away: that day is ahead of today.
func (d *demo) tellComments(ctx context.Context, url string) error {
	comments, passed, err := readComments(d.Comments, d.Count)
	if err != nil {
		return err
	}
	d.note("%d comments go in; %d rows are of no category that we map, or neither harm nor praise", len(comments), passed)
	if err := d.restLater(ctx); err != nil {
		return err
	}
	told, err := d.submitComments(ctx, url, comments)
	if err != nil {
		return err
	}
	for n, m := range d.members[:demoNeeded] {
		d.note("member %d opens and codes %d messages", n+1, len(told))
		if err := d.work(ctx, n, told, func(b *client.Bench, one *client.Case, c *realComment) error {
			if err := b.Claim(ctx, one, review.RoleCoder); err != nil {
				return err
			}
			return b.Code(ctx, one, c.found())
		}); err != nil {
			return fmt.Errorf("member %s codes: %w", m.ID, err)
		}
	}
	for n, m := range d.members[:demoNeeded] {
		d.note("member %d signs what both found", n+1)
		err := d.work(ctx, n, told, func(b *client.Bench, one *client.Case, _ *realComment) error {
			_, err := b.Agree(ctx, one, nil)
			return err
		})
		if err != nil {
			return fmt.Errorf("member %s agrees: %w", m.ID, err)
		}
	}
	d.note("two members sign the figures")
	today := now()
	quarter := time.Date(today.Year(), (today.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	if err := d.release(ctx, quarter); err != nil {
		var refused *figures.Refused
		if !errors.As(err, &refused) && !errors.Is(err, figures.ErrPeriod) {
			return err
		}
		d.note("nothing can be released, and the page says so: %v", err)
	}
	return os.WriteFile(d.seeded(), []byte(strconv.Itoa(len(told))+"\n"), 0o600)
}

// restLater lets the caps on how much a member reads advise only: no person reads here.
func (d *demo) restLater(ctx context.Context) error {
	practice := review.DefaultPractice()
	practice.Hard = false
	return postgres.InClinic(ctx, d.db, d.place.ID, func(ctx context.Context, _ bun.Tx) error {
		return d.review.SetPractice(ctx, d.place.ID, d.members[0].ID, practice)
	})
}

// submitComments tells all, and gives them by the leaf hash of their message in hex.
func (d *demo) submitComments(ctx context.Context, url string, comments []realComment) (map[string]*realComment, error) {
	api, err := client.New(url)
	if err != nil {
		return nil, err
	}
	services := demoClinic().Services
	told := map[string]*realComment{}
	for i := range comments {
		receipt, err := api.NewReceipt()
		if err != nil {
			return nil, err
		}
		taken, err := api.Submit(ctx, demoSlug, receipt, "en", answersOf(comments[i].text, services[i%len(services)].Code))
		if err != nil {
			return nil, fmt.Errorf("tell comment %d: %w", i+1, err)
		}
		told[hex.EncodeToString(taken.LeafHash[:])] = &comments[i]
		if (i+1)%50 == 0 {
			d.note("%d of %d told", i+1, len(comments))
		}
	}
	_, err = d.intake.Batch(ctx)
	return told, err
}

// answersOf is what somebody tells who lets their words be counted.
func answersOf(text, service string) []seal.Answer {
	return []seal.Answer{{Q: "words", A: text}, {Q: "service", A: service}, {Q: "share_level", A: "count_me"}, {Q: "hold_until", A: "now"}}
}

// work lets a member open the messages that were told, and act on each.
func (d *demo) work(ctx context.Context, n int, told map[string]*realComment, act func(*client.Bench, *client.Case, *realComment) error) error {
	b, pulled, err := d.members[n].Bench(ctx, demoSlug, filepath.Join(d.workFolder(), strconv.Itoa(n+1)), func(int, int) {})
	if err != nil {
		return err
	}
	if pulled.Withheld != "" {
		return pullFailed(pulled)
	}
	done := 0
	for leaf, comment := range told {
		one, err := b.Case(leaf)
		if err != nil {
			return err
		}
		if err := b.Declare(one); err != nil {
			return err
		}
		if err := act(b, one, comment); err != nil {
			return err
		}
		if done++; done%50 == 0 {
			d.note("%d of %d", done, len(told))
		}
	}
	_, err = b.Tend(ctx)
	return err
}
