package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"

	"answerable/internal/client"
	"answerable/internal/clinic"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/seal"
)

// The demo's place, clinic and panel.
const (
	demoOrigin    = "demo.localhost/answerable"
	demoSlug      = "riverside"
	demoReviewers = 3
	demoNeeded    = 2 // reviewers who must sign
	demoAddr      = "localhost:8080"

	demoDecoysFrom, demoDecoysTo = 2, 6
)

type demoCmd struct {
	Addr        string        `placeholder:"HOST:PORT" help:"Address to listen on. Without it: localhost:8080, or a free port when that is taken."`
	Data        string        `type:"path" placeholder:"DIR" help:"Where everything lies. The same folder again finds all of it again."`
	Submissions int           `default:"14" help:"How many made-up texts are told at the first start."`
	Seed        int64         `default:"1" help:"Chooses which texts, and in which order."`
	BatchEvery  time.Duration `default:"5s" help:"How long words wait for their batch."`
	History     int           `default:"36" placeholder:"MONTHS" help:"How far back the made-up past goes, in months. With a year or more there are promises, and a second, small clinic; with --submissions 0 there is no past."`
	Comments    string        `type:"path" placeholder:"FILE" help:"Instead of a made-up past: take real comments of a CSV file (feedback, label, subcategory, criticality) the whole way, for a place to throw away."`
	Count       int           `default:"200" help:"How many of these comments; 0 for all."`
	DaysAhead   int           `placeholder:"DAYS" help:"How many days ahead of today the panel works, to try what waits for a day. Nothing else is ahead."`
	PostgresBin string        `type:"path" placeholder:"DIR" help:"Programs of the private Postgres (initdb, pg_ctl, postgres)."`
}

// Run starts the demo and serves until it is told to stop.
func (c *demoCmd) Run(ctx context.Context, t *terminal) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	listener, err := c.listen(t)
	if err != nil {
		return err
	}
	defer listener.Close()
	db, err := startPrivate(ctx, c.Data, c.PostgresBin, noting{t})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	files := (&Config{Embedded: true, Data: c.Data}).keyFiles()
	place, err := newSite(ctx, db.DB, demoOrigin, files, t.err)
	if err != nil {
		return err
	}
	place.intake.Decoys = &intake.Decoys{From: demoDecoysFrom, To: demoDecoysTo, EachStart: true}
	d := &demo{site: place, terminal: t, demoCmd: c}
	place.review.Now = d.panelNow
	err = d.furnish(ctx)
	d.members = nil // the server goes on without the panel's keys
	if err != nil {
		return fmt.Errorf("set up the demo: %w", err)
	}
	origins := localOrigins(listener.Addr())
	if url := localURL(listener.Addr()); origins == nil {
		origins = []string{url}
	}
	return place.serve(ctx, listener, origins, c.BatchEvery, func(ctx context.Context) error {
		return d.announce(ctx, listener)
	})
}

func (c *demoCmd) check() error {
	if c.Submissions < 0 || c.Submissions > 10_000 {
		return usage("that many submissions cannot be made up", "Give --submissions 0 to 10000.")
	}
	if c.History < leastHistory || c.History > 120 {
		return usage("that past cannot be made up", fmt.Sprintf("Give --history %d to 120, or --submissions 0 for none.", leastHistory))
	}
	if c.BatchEvery > 24*time.Hour {
		return usage("a batch must run at least once a day, or tickets promise what does not happen", "Give --batch-every 24h or less.")
	}
	if c.BatchEvery < time.Second {
		return usage("a batch cannot run more often than once a second", "Give --batch-every 5s.")
	}
	if c.DaysAhead < 0 || c.DaysAhead > 400 {
		return usage("nobody works that many days ahead", "Give --days-ahead 0 to 400.")
	}
	if c.Data == "" {
		dir, err := demoDir()
		if err != nil {
			return usage("it is not known where your data may lie", "Give --data DIR.")
		}
		c.Data = dir
	}
	return nil
}

// demoDir is a place of the user's own. Root's home is closed to the account that runs Postgres for root.
func demoDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/answerable-demo", nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "answerable-demo"), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share", "answerable-demo"), err
}

// listen takes the port before anything else is started, so that a taken one is known at once.
func (c *demoCmd) listen(t *terminal) (net.Listener, error) {
	if c.Addr != "" {
		return listen(c.Addr)
	}
	listener, err := listen(demoAddr)
	if err == nil {
		return listener, nil
	}
	t.note("%v; taking a free port", err)
	return listen("localhost:0")
}

// demo furnishes a place. Each step looks whether it is done already, so that a start that was cut off goes on where it
// stopped.
type demo struct {
	*site
	*terminal
	*demoCmd
	place   *clinic.Clinic
	members []*demoMember // while it is furnished
	back    atomic.Int64  // how many days back the panel's past is being made up; 0 once it is
}

func (d *demo) identity(i int) string {
	return filepath.Join(d.Data, "identities", fmt.Sprintf("reviewer-%d.txt", i))
}

func (d *demo) identities() []string {
	var paths []string
	for i := 1; i <= demoReviewers; i++ {
		paths = append(paths, d.identity(i))
	}
	return paths
}

// seeded is a file that says that the made-up words have been told.
func (d *demo) seeded() string { return filepath.Join(d.Data, "seeded") }

func (d *demo) furnish(ctx context.Context) error {
	if err := d.addClinic(ctx); err != nil {
		return err
	}
	_, err := d.keys.Active(ctx, d.place.ID)
	_, missing := os.Stat(d.seeded())
	if err == nil && missing == nil && d.place.Open {
		return nil
	}
	if err != nil && !errors.Is(err, keyring.ErrNoEpoch) {
		return err
	}
	return d.behindDoors(ctx, func(ctx context.Context, url string) error {
		defer d.signOut(ctx)
		if err := d.prepare(ctx, url, d.place); err != nil {
			return err
		}
		if missing == nil {
			return nil
		}
		if d.Comments != "" {
			return d.tellComments(ctx, url)
		}
		if err := d.makeUpPast(ctx, url); err != nil {
			return err
		}
		return d.tellTexts(ctx, url)
	})
}

// prepare makes a clinic ready for words: its panel sits and has signed, a key is in use, its form is open.
func (d *demo) prepare(ctx context.Context, url string, place *clinic.Clinic) error {
	for _, step := range []func(context.Context, string, *clinic.Clinic) error{d.seatPanel, d.makeEpoch, d.decide} {
		if err := step(ctx, url, place); err != nil {
			return err
		}
	}
	return setupOf(d.clinics).Open(ctx, place.Slug)
}

// behindDoors serves on an address of its own while the demo is furnished, so that nobody meets it half ready.
func (d *demo) behindDoors(ctx context.Context, work func(ctx context.Context, url string) error) error {
	listener, err := listen("localhost:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	errDone := errors.New("furnished")
	err = d.serve(ctx, listener, localOrigins(listener.Addr()), 0, func(ctx context.Context) error {
		if err := work(ctx, localURL(listener.Addr())); err != nil {
			return err
		}
		return errDone
	})
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

func (d *demo) addClinic(ctx context.Context) (err error) {
	wanted := demoClinic()
	if d.Comments != "" {
		wanted.PanelNote = "This is a place to throw away. What is counted here are the comments of a file, sorted as that file says. The clinic and its panel are made up: nobody reads what you tell here."
	}
	d.place, err = d.found(ctx, wanted)
	return err
}

// found gives a clinic of the demo, and adds it where it is not there yet.
func (d *demo) found(ctx context.Context, wanted *clinic.Clinic) (*clinic.Clinic, error) {
	place, err := d.clinics.BySlug(ctx, wanted.Slug)
	if errors.Is(err, clinic.ErrUnknown) {
		return wanted, d.clinics.Add(ctx, wanted)
	}
	return place, err
}

func demoClinic() *clinic.Clinic {
	return &clinic.Clinic{
		Slug: demoSlug,
		Name: "Riverside Community Clinic",
		Intro: "Riverside gives talking therapy, medicine reviews and a bed for a bad night. " +
			"This is the place to say what happened to you here, good or bad.",
		PanelNote: "Three people read what you tell. They were picked by people who use this clinic, at an open meeting. " +
			"None of them works here, and none is paid by the clinic. This is a demo: every number it shows is made up.",
		LegalNotice: "This is a demo with a made-up clinic: nobody real reads it, so do not use it for anything real. " +
			"In a real place this says what the law may make the panel do, for example when a child is in danger now.",
		RetentionDays: 365, // so that words of the made-up past are there to read
		OtherWays: []clinic.OtherWay{{
			Name: "Letter box in the hall", What: "A locked box for letters, with or without a name. Demo text: there is no such box.",
			RunBy: "The tenants' union next door, which empties it on Fridays", Reach: "Beside the lift, day and night",
		}},
		Services: []clinic.Service{
			{Code: "front_door", Label: "Front desk and first visits"},
			{Code: "talking_therapy", Label: "Talking therapy"},
			{Code: "medicines", Label: "Medicine reviews"},
			{Code: "crisis_house", Label: "The crisis house"},
			{Code: "drop_in", Label: "Drop-in and groups"},
		},
	}
}

//go:embed demo_texts.json
var demoTextsJSON []byte

// demoText is something made up that somebody could have told.
type demoText struct {
	Lang    string        `json:"lang"`
	Answers []seal.Answer `json:"answers"`
}

func demoTexts() ([]demoText, error) {
	var texts []demoText
	if err := json.Unmarshal(demoTextsJSON, &texts, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("read the demo's texts: %w", err)
	}
	return texts, nil
}

// tellTexts tells the made-up texts as people would, and runs a batch so that there is something to read. The receipts
// come out of the seed, so that a start that was cut off does not tell anything twice.
func (d *demo) tellTexts(ctx context.Context, url string) error {
	if _, err := os.Stat(d.seeded()); err == nil {
		return nil
	}
	texts, err := demoTexts()
	if err != nil {
		return err
	}
	api, err := client.New(url)
	if err != nil {
		return err
	}
	chance := demoChance(d.Seed)
	api.Random = chance
	order := rand.New(chance).Perm(len(texts))
	for i := range d.Submissions {
		text := texts[order[i%len(order)]]
		receipt, err := api.NewReceipt()
		if err != nil {
			return err
		}
		_, err = api.Submit(ctx, demoSlug, receipt, text.Lang, text.Answers)
		var p *client.Problem
		if err != nil && !(errors.As(err, &p) && p.Kind(client.ProblemAnchorUsed)) {
			return err
		}
	}
	if _, err := d.intake.Batch(ctx); err != nil {
		return err
	}
	return os.WriteFile(d.seeded(), []byte(strconv.Itoa(d.Submissions)+"\n"), 0o600)
}

func demoChance(seed int64) *rand.ChaCha8 {
	var key [32]byte
	copy(key[:], strconv.FormatInt(seed, 10))
	return rand.NewChaCha8(key)
}

// announce waits until the demo answers and says where it is.
func (d *demo) announce(ctx context.Context, listener net.Listener) error {
	url := localURL(listener.Addr())
	if err := answers(ctx, listener.Addr()); err != nil {
		return err
	}
	if d.json {
		return d.emit(struct {
			URL        string   `json:"url"`
			Clinic     string   `json:"clinic"`
			Identities []string `json:"identities"`
		}{url, demoSlug, d.identities()})
	}
	return d.show(nil, `
The demo is ready. %[7]s

  Tell something     %[1]s/c/%[2]s/tell
  See its numbers    %[1]s/c/%[2]s/accountability
%[6]s  Read as the panel  %[1]s/panel
                     Sign in with one of these identity files:
                     %[3]s

What you tell reaches the panel after %[4]s. Everything lies in %[5]s.
Stop with Ctrl-C; start again to find it all again. Never tell anything real here: all three identities lie on this machine.

`, url, demoSlug, strings.Join(d.identities(), "\n                     "), d.BatchEvery, d.Data, d.pastInWords(url), d.whatIsReal())
}

// answers waits until the server says that it is ready.
func answers(ctx context.Context, addr net.Addr) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr.String()+"/readyz", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return errors.New("the demo's server does not become ready")
		case <-time.After(20 * time.Millisecond):
		}
	}
}
