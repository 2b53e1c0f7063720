package web

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/draw"
	"answerable/internal/figures"
	"answerable/internal/taxonomy"
)

// accountabilityPage shows one release of figures that reviewers signed, and names the others.
type accountabilityPage struct {
	page
	Broken   bool          // a release is not what was signed, so none is shown
	Release  *shownRelease // nil before the first
	Others   []figures.Release
	Command  string
	Download string // address of the release's file, without its ending
	Promises promisesView
	Bundles  []bundleLink
	Verify   string // command that checks a bundle
	Strings  map[string]string
}

// promiseCheckSentences are what the script says that checks who signed that a promise is kept.
var promiseCheckSentences = []string{
	"promise.check.holds", "promise.check.broken", "promise.check.withheld", "promise.check.unjudged", "promise.check.all", "promise.check.some_broken", "promise.check.against",
}

// bundleLink is a bundle that everybody may take away.
type bundleLink struct {
	Address           string
	First, Last, AsOf time.Time
}

// verifyBundle leaves the fingerprint to be filled in from a poster: one from this page would vouch for nothing.
const verifyBundle = "answerable export verify --fingerprint XXXX-XXXX-XXXX-XXXX-XXXX BUNDLE.zip"

// bundles are those that the panel signed, the newest first.
func (s *server) bundles(c *fiber.Ctx) (links []bundleLink, err error) {
	signed, err := s.Exports.Signed(c.UserContext(), clinicOf(c).ID)
	for _, e := range signed {
		links = append(links, bundleLink{exportAddress(clinicOf(c).Slug, e), e.FirstOn, e.LastOn, e.AsOf})
	}
	return links, err
}

// shownRelease is a release with its tables drawn.
type shownRelease struct {
	releaseInShort
	Day              time.Time
	K, Base          int
	Measures, Equity []measure
	Tables           []shownTable
	OverTime         []template.HTML // of this and the releases before it
	Hash, Leaf       string          // hexadecimal
	Signers          []string        // reviewers
}

// releaseInShort is what is said of a release first.
type releaseInShort struct {
	First, Last time.Time
	Reports     int
	Most        []themeCount // those that most reports name
}

func inShort(r *figures.Release, content *figures.Content, name func(code string) string) releaseInShort {
	short := releaseInShort{First: r.FirstOn, Last: r.LastOn, Reports: content.Reports}
	if t := tableOf(content, byTheme); t != nil {
		short.Most = mostOf(t, name)
	}
	return short
}

// newestInShort is the newest release in short; nil before the first, and where the stored ones are not what was signed: the page
// of all says so.
func (s *server) newestInShort(c *fiber.Ctx) (*releaseInShort, error) {
	place := clinicOf(c)
	releases, err := s.Figures.Released(c.UserContext(), place.ID)
	if errors.Is(err, figures.ErrTampered) || err == nil && len(releases) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	content, err := releases[0].Read()
	if err != nil {
		return nil, err
	}
	short := inShort(releases[0], content, s.in(c).codeNames(place.Services))
	return &short, nil
}

type themeCount struct {
	Theme string
	Count int
}

// shownTable is a table as charts: one for each of its columns.
type shownTable struct {
	Title   string
	Figures []shownFigure
	Says    string // instead of charts, where its columns are not told apart
}

// shownFigure is one of a table's charts, with its title; Says stands in its place where every number of it is hidden.
type shownFigure struct {
	Title, Says string
	Drawing     template.HTML
}

// mostNamed is how many themes are told in a sentence, before all the tables.
const mostNamed = 3

// showAccountability shows the newest release.
func (s *server) showAccountability(c *fiber.Ctx) error { return s.renderRelease(c, "") }

// showRelease shows the release of the period that begins on a day, such as 2026-04-01, or gives it as a file:
// 2026-04-01.json is the very bytes that were signed, 2026-04-01.csv the same as a table, 2026-04-01.plan.txt the plan.
func (s *server) showRelease(c *fiber.Ctx) error {
	name := c.Params("release")
	if first, ok := strings.CutSuffix(name, ".plan.txt"); ok {
		return s.sendPlan(c, first)
	}
	first, isJSON := strings.CutSuffix(name, ".json")
	first, isCSV := strings.CutSuffix(first, ".csv")
	if !isJSON && !isCSV {
		return s.renderRelease(c, name)
	}
	releases, err := s.Figures.Released(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	r := releaseFrom(releases, first)
	if r == nil || isJSON && isCSV {
		return fiber.ErrNotFound
	}
	return sendRelease(c, r, isCSV)
}

// immutable is said of what was released: it never changes, and says nothing of who reads it.
const immutable = "public, max-age=31536000, immutable, no-transform"

func sendRelease(c *fiber.Ctx, r *figures.Release, asCSV bool) error {
	kind, body := fiber.MIMEApplicationJSON, []byte(r.Content)
	if asCSV {
		var b bytes.Buffer
		if err := r.WriteCSV(&b); err != nil {
			return err
		}
		kind, body = "text/csv; charset=utf-8; header=present", b.Bytes()
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, "attachment") // a file for programs; its name is that of the address
	c.Set(fiber.HeaderCacheControl, immutable)
	return c.Send(body)
}

// sendPlan gives the plan of a release, byte for byte: what was fixed before there was anything to see.
func (s *server) sendPlan(c *fiber.Ctx, first string) error {
	releases, err := s.Figures.Released(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	r := releaseFrom(releases, first)
	if r == nil {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, immutable)
	return c.SendString(r.Plan)
}

func releaseFrom(releases []*figures.Release, first string) *figures.Release {
	i := slices.IndexFunc(releases, func(r *figures.Release) bool { return r.FirstOn.Format(time.DateOnly) == first })
	if i < 0 {
		return nil
	}
	return releases[i]
}

func (s *server) renderRelease(c *fiber.Ctx, first string) error {
	place := clinicOf(c)
	data := accountabilityPage{page: s.page(c, place), Verify: verifyBundle, Command: fmt.Sprintf("answerable figures show --server %s --clinic %s", s.address(), place.Slug)}
	data.Strings = map[string]string{}
	for _, key := range promiseCheckSentences {
		data.Strings[key] = s.in(c).say(key)
	}
	var err error
	if data.Promises, err = s.publicPromises(c); err != nil {
		return err
	}
	releases, err := s.Figures.Released(c.UserContext(), place.ID)
	if errors.Is(err, figures.ErrTampered) {
		s.Log.Error("released figures are not what was signed; none are shown", "clinic", place.Slug)
		data.Broken = true
		return s.in(c).render(c, fiber.StatusOK, "accountability", data)
	}
	if err != nil {
		return err
	}
	shown := releaseFrom(releases, first)
	if first == "" && len(releases) > 0 {
		shown = releases[0]
	}
	if first != "" && shown == nil {
		return fiber.ErrNotFound
	}
	for _, r := range releases {
		if r != shown {
			data.Others = append(data.Others, *r)
		}
	}
	if shown != nil {
		data.Download = "/c/" + place.Slug + "/accountability/" + shown.FirstOn.Format(time.DateOnly)
		if data.Release, err = s.drawRelease(c, shown, releases[slices.Index(releases, shown):]); err != nil {
			return err
		}
	}
	if data.Bundles, err = s.bundles(c); err != nil {
		return err
	}
	return s.in(c).render(c, fiber.StatusOK, "accountability", data)
}

// drawRelease draws a release, and how it compares with those before it, the newest first.
func (s *server) drawRelease(c *fiber.Ctx, r *figures.Release, upTo []*figures.Release) (*shownRelease, error) {
	content, err := r.Read()
	if err != nil {
		return nil, err
	}
	in := s.in(c)
	name := in.codeNames(clinicOf(c).Services)
	out := &shownRelease{releaseInShort: inShort(r, content, name), Day: *r.ReleasedOn, K: content.K, Base: content.Base, Hash: r.Hash(), Leaf: hex.EncodeToString(r.LeafHash)}
	for _, sig := range r.Signatures {
		out.Signers = append(out.Signers, sig.ReviewerID)
	}
	out.Measures, out.Equity = in.measures(content, name), in.equity(content, name)
	if out.OverTime, err = in.overTime(upTo, name); err != nil {
		return nil, err
	}
	for i, t := range content.Tables {
		drawn, err := in.drawTable("table"+strconv.Itoa(i), t, name)
		if err != nil {
			return nil, err
		}
		out.Tables = append(out.Tables, *drawn)
	}
	return out, nil
}

// mostOf are the themes that most reports name, of those that are shown.
func mostOf(shown *figures.Shown, name func(code string) string) (most []themeCount) {
	for i, row := range shown.Rows {
		if n := shown.Counts[i][0]; n > 0 && row != figures.Other {
			most = append(most, themeCount{name(row), n})
		}
	}
	slices.SortStableFunc(most, func(a, b themeCount) int { return b.Count - a.Count })
	return most[:min(mostNamed, len(most))]
}

// drawTable draws a table as one chart for each of its columns, so that a phone shows it without sideways scrolling.
func (p *pages) drawTable(id string, t figures.ReleasedTable, name func(code string) string) (*shownTable, error) {
	out := &shownTable{Title: p.dimension(t.Rows)}
	if t.Cols != "" {
		out.Title = p.say("figures.by", "Rows", p.dimension(t.Rows), "Cols", lowerFirst(p.dimension(t.Cols)))
	}
	if t.Layer != "" {
		out.Title += ". " + name(t.Layer)
	}
	if t.Cols != "" && slices.Equal(t.Shown.Cols, []string{figures.Other}) {
		out.Says = p.say("figures.not_apart")
		return out, nil
	}
	most := 0
	for _, row := range t.Shown.Counts {
		most = max(most, slices.Max(row))
	}
	for j, col := range t.Shown.Cols {
		bars := draw.Bars{
			ID: fmt.Sprintf("%s-%d", id, j), Title: name(col), Name: p.dimension(t.Rows), Value: p.say("figures.reports"), Longest: float64(most),
			Words: draw.Words{Table: p.say("figures.as_table"), Hidden: p.say("figures.hidden")},
		}
		hidden := 0
		for i, row := range t.Shown.Rows {
			n := t.Shown.Counts[i][j]
			if n == figures.Hidden {
				hidden++
			}
			bars.Bars = append(bars.Bars, draw.Bar{Label: name(row), Value: float64(max(n, 0)), Hidden: n == figures.Hidden})
		}
		if hidden == len(t.Shown.Rows) {
			out.Figures = append(out.Figures, shownFigure{Title: bars.Title, Says: p.say("measure.hidden")})
			continue
		}
		bars.Desc = p.say("figures.chart_desc", "Title", out.Title, "Column", bars.Title, "Count", len(bars.Bars), "Hidden", hidden)
		figure, err := bars.Figure()
		if err != nil {
			return nil, err
		}
		out.Figures = append(out.Figures, shownFigure{Title: bars.Title, Drawing: figure})
	}
	return out, nil
}

// dimension is what a table sorts by, in words; the code where it is a plan's own.
func (p *pages) dimension(key string) string {
	if word := p.maybe("figures.dimension." + key); word != "" {
		return word
	}
	return key
}

// lowerFirst is a name as it stands within a sentence.
func lowerFirst(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + name[size:]
}

// codeNames gives what codes of a release mean, in words: those of the list of codes, and the clinic's names of its services.
// A code that nothing names stands as it is, such as that of a service from before.
func (p *pages) codeNames(services []clinic.Service) func(code string) string {
	names := map[string]string{}
	for _, service := range services {
		names["service."+service.Code] = service.Label
	}
	for _, step := range taxonomy.SeriousnessScale() {
		key := "serious." + strconv.Itoa(step.Value)
		names[key] = p.say(key)
	}
	for _, code := range []string{figures.All, figures.Other, figures.None, figures.LayerSum} {
		names[code] = p.say("figures.code." + code)
	}
	from := map[string]string{"involved.": "option.roles.", "repair.": "option.wants.", "role.": "figures.role."}
	return func(code string) string {
		if name := names[code]; name != "" {
			return name
		}
		for prefix, key := range from {
			if rest, ok := strings.CutPrefix(code, prefix); ok {
				if name := p.maybe(key + rest); name != "" {
					return name
				}
			}
		}
		for _, key := range []string{"theme.", "item."} {
			if name := p.maybe(key + code); name != "" {
				return name
			}
		}
		return code
	}
}
