package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"answerable/internal/keyring"
	"answerable/internal/seal"
)

// newQuorum is a panel that has decided that k of it open each epoch, with one epoch in use.
func (p *place) newQuorum(n, m, k int) (panel []*Reviewer, epoch string) {
	p.t.Helper()
	panel = p.newPanel(n, m)
	p.decideToOpenBy(panel, k)
	return panel, p.newEpoch(panel)
}

func (p *place) decideToOpenBy(panel []*Reviewer, k int) {
	p.t.Helper()
	d, err := panel[0].Decide(p.t.Context(), testClinic, keyring.Resolution{Kind: keyring.KindRotation, Rotation: keyring.Rotation{K: k, RetainDays: 180}}, "")
	must(p.t, err)
	for _, r := range panel[1:] {
		if d.State == keyring.DecisionMade {
			return
		}
		d, err = r.SignDecision(p.t.Context(), testClinic, d)
		must(p.t, err)
	}
}

// answers lets colleagues answer the newest request.
func (p *place) answers(colleagues ...*Reviewer) {
	p.t.Helper()
	for _, r := range colleagues {
		requests, err := r.Requests(p.t.Context(), testClinic)
		must(p.t, err)
		must(p.t, r.Answer(p.t.Context(), testClinic, &requests[0]))
	}
}

func (p *place) collect(r *Reviewer, dir string) Collected {
	p.t.Helper()
	all, err := r.Collect(p.t.Context(), testClinic, dir)
	must(p.t, err)
	if len(all) != 1 {
		p.t.Fatalf("collected %+v", all)
	}
	return all[0]
}

func TestEnoughOfThePanelOpenTogether(t *testing.T) {
	for _, tt := range []struct{ k, n int }{{2, 3}, {3, 5}} {
		t.Run(fmt.Sprintf("%d of %d", tt.k, tt.n), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			p := newPlace(t)
			panel, epoch := p.newQuorum(tt.n, 2, tt.k)
			_, leaf := p.submit("only together")
			p.batch()
			asker, dir := panel[1], t.TempDir()
			if pulled := p.pull(asker, dir); !slices.Equal(pulled.Together, []string{epoch}) || pulled.New != 1 || pulled.Epochs != 1 {
				t.Errorf("pulled %+v", pulled)
			}
			if all, _ := p.read(dir, asker); !strings.Contains(all[leaf].Error, fmt.Sprintf("%d of %d open epoch %s together", tt.k, tt.n, epoch)) ||
				!strings.Contains(all[leaf].Error, "answerable epoch open --epoch "+epoch) {
				t.Errorf("before anybody was asked: %+v", all[leaf])
			}
			asked, err := asker.Ask(ctx, testClinic, epoch, dir)
			if err != nil || asked.OthersDue != tt.k-1 {
				t.Fatalf("asked %+v, %v", asked, err)
			}
			if again, err := asker.Ask(ctx, testClinic, epoch, dir); err != nil || again.ID != asked.ID {
				t.Errorf("asked again: %+v, %v", again, err)
			}
			key := filepath.Join(dir, epochsDir, epoch+askedExt)
			if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the request's key: %v, %v", info, err)
			}
			for i, colleague := range []*Reviewer{panel[0], panel[2]}[:tt.k-1] {
				if got := p.collect(asker, dir); got.Open || len(got.From) != i+1 || got.Need != tt.k || len(got.Problems) != 0 {
					t.Fatalf("after %d answers: %+v", i, got)
				}
				requests, err := colleague.Requests(ctx, testClinic)
				if err != nil || len(requests) != 1 || requests[0].Refused != "" || requests[0].Asker != asker.ID || requests[0].K != tt.k || requests[0].Mine {
					t.Fatalf("%s is shown %+v, %v", colleague.ID, requests, err)
				}
				must(t, colleague.Answer(ctx, testClinic, &requests[0]))
			}
			if got := p.collect(asker, dir); !got.Open || len(got.From) != tt.k || len(got.Problems) != 0 {
				t.Fatalf("collected %+v", got)
			}
			if _, err := os.Stat(key); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the request's key is left: %v", err)
			}
			if pulled := p.pull(asker, dir); len(pulled.Together) != 0 {
				t.Errorf("pulled after the opening: %+v", pulled)
			}
			if all, _ := p.read(dir, asker); all[leaf].Error != "" || all[leaf].Answers[0].A != "only together" {
				t.Errorf("after the opening: %+v", all[leaf])
			}
			if _, err := asker.Ask(ctx, testClinic, epoch, dir); !errors.Is(err, ErrOpenHere) {
				t.Errorf("asked for what is open: %v", err)
			}
			if _, err := asker.Collect(ctx, testClinic, dir); !errors.Is(err, ErrNothingAsked) {
				t.Errorf("collected again: %v", err)
			}
			other := t.TempDir()
			p.pull(panel[0], other)
			if all, _ := p.read(other, panel[0]); all[leaf].Error == "" {
				t.Error("who answered reads along")
			}
			for _, body := range p.bodies {
				if strings.Contains(string(body), "AGE-SECRET-KEY") {
					t.Error("a private key went to the server")
				}
			}
		})
	}
}

// openingsChanged lets the server answer the list of requests with something else.
func (p *place) openingsChanged(change func(list []opening) []opening) {
	p.setMeddler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		body := rec.Body.Bytes()
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/openings") {
			var list struct {
				Openings []opening `json:"openings"`
			}
			if err := json.Unmarshal(body, &list); err != nil {
				p.t.Error(err)
			}
			list.Openings = change(list.Openings)
			body, _ = json.Marshal(list)
		}
		for name, values := range rec.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(rec.Code)
		w.Write(body)
	})
}

func TestRequestsThatDoNotHoldAreNotAnswered(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel, epoch := p.newQuorum(3, 2, 2)
	asker, colleague := panel[0], panel[1]
	_, err := asker.Ask(ctx, testClinic, epoch, t.TempDir())
	must(t, err)
	servers, err := age.GenerateHybridIdentity()
	must(t, err)
	stranger, err := p.client().Reviewer(servers)
	must(t, err)
	ask := func(as *Reviewer, name string, change func(*keyring.OpeningRequest)) func(*opening) {
		return func(o *opening) {
			r, err := keyring.ParseOpeningRequest(o.Lines)
			must(t, err)
			r.Recipient, r.Requester = servers.Recipient().String(), name
			change(r)
			o.Lines, o.Requester = r.Lines(), name
			o.Signature = keyring.SignOpening(as.key, o.Lines)
		}
	}
	nothing := func(*keyring.OpeningRequest) {}
	for name, tt := range map[string]struct {
		forge func(*opening)
		says  string
	}{
		"the server's own key in the asker's request": {func(o *opening) {
			o.Lines = strings.Replace(o.Lines, o.Lines[strings.Index(o.Lines, "age1pq1"):strings.LastIndex(o.Lines[:len(o.Lines)-1], "\n")], servers.Recipient().String(), 1)
		}, asker.ID + " did not sign it"},
		"made up in a member's name":       {ask(stranger, panel[2].ID, nothing), panel[2].ID + " did not sign it"},
		"made up in our own name":          {ask(stranger, colleague.ID, nothing), colleague.ID + " did not sign it"},
		"by somebody who is not on it":     {ask(stranger, stranger.ID, nothing), stranger.ID + " is not on the panel"},
		"another clinic's":                 {ask(asker, asker.ID, func(r *keyring.OpeningRequest) { r.ClinicID = "00000000-0000-4000-8000-000000000000" }), "another clinic"},
		"an old one once more":             {ask(asker, asker.ID, func(r *keyring.OpeningRequest) { r.Day = r.Day.AddDate(0, 0, -30) }), "not of these days"},
		"for an epoch that is not here":    {ask(asker, asker.ID, func(r *keyring.OpeningRequest) { r.EpochID = "2020-01-none" }), "not one of this clinic"},
		"something that does not read":     {func(o *opening) { o.Lines += "x\n" }, "does not read"},
		"without a signature":              {func(o *opening) { o.Signature = nil }, asker.ID + " did not sign it"},
		"with the name of another beside":  {func(o *opening) { o.Requester = panel[2].ID }, ""},
		"with another epoch's name beside": {func(o *opening) { o.Epoch = "2020-01-none" }, ""},
	} {
		p.openingsChanged(func(list []opening) []opening { tt.forge(&list[0]); return list })
		requests, err := colleague.Requests(ctx, testClinic)
		must(t, err)
		if got := requests[0]; tt.says == "" && (got.Refused != "" || got.Asker != asker.ID || got.Epoch != epoch) || !strings.Contains(got.Refused, tt.says) {
			t.Errorf("%s: shown as %+v", name, got)
		}
		before := len(p.bodies)
		if tt.says == "" {
			continue
		}
		if err := colleague.Answer(ctx, testClinic, &requests[0]); !errors.Is(err, ErrRequest) || len(p.bodies) != before {
			t.Errorf("%s: answered with %v", name, err)
		}
	}
	p.setMeddler(nil)
	own, err := asker.Requests(ctx, testClinic)
	must(t, err)
	if err := asker.Answer(ctx, testClinic, &own[0]); !errors.Is(err, ErrRequest) {
		t.Errorf("one answers the own request: %v", err)
	}
	for name, r := range map[string]*Reviewer{"not signed in": stranger, "joined and on no list": p.newReviewer()} {
		if _, err := r.Ask(ctx, testClinic, epoch, t.TempDir()); err == nil {
			t.Errorf("%s: may ask", name)
		}
	}
}

// Whatever a server does to answers, what it touched is named, and what it left alone still opens the epoch.
func TestServerThatSwapsAnAnswerIsFoundOutAndNamed(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel, epoch := p.newQuorum(5, 2, 3)
	asker, dir := panel[0], t.TempDir()
	_, err := asker.Ask(ctx, testClinic, epoch, dir)
	must(t, err)
	p.answers(panel[1], panel[2], panel[3])
	record, err := os.ReadFile(filepath.Join(dir, epochsDir, epoch+recordExt))
	must(t, err)
	r, err := keyring.ParseRecord(string(record))
	must(t, err)
	made := func(to string) []byte {
		key, err := age.GenerateHybridIdentity()
		must(t, err)
		var recipients []string
		for range r.N {
			recipients = append(recipients, to)
		}
		files, _, err := seal.WrapEpochShares(epoch, key, recipients, r.K)
		must(t, err)
		return files[0]
	}
	changes := map[string]func(o *opening, at, other int){
		"another's answer": func(o *opening, at, other int) { o.Answers[at].File = o.Answers[other].File },
		"another's, with its name": func(o *opening, at, other int) {
			o.Answers[at].File, o.Answers[at].Signature = o.Answers[other].File, o.Answers[other].Signature
		},
		"a bit of the file": func(o *opening, at, _ int) {
			o.Answers[at].File[rand.IntN(len(o.Answers[at].File))] ^= 1 << rand.IntN(8)
		},
		"a bit of the signature": func(o *opening, at, _ int) { o.Answers[at].Signature[rand.IntN(64)] ^= 1 << rand.IntN(8) },
		"a part that it made up": func(o *opening, at, _ int) { o.Answers[at].File = made(requestRecipient(t, o)) },
		"nothing":                func(o *opening, at, _ int) { o.Answers[at].File = nil },
		"a file that is cut off": func(o *opening, at, _ int) {
			o.Answers[at].File = o.Answers[at].File[:rand.IntN(len(o.Answers[at].File))]
		},
		"no signature": func(o *opening, at, _ int) { o.Answers[at].Signature = nil },
		"another request's signature": func(o *opening, at, _ int) {
			o.Answers[at].Signature = keyring.SignShare(panel[at+1].key, "another request", o.Answers[at].File)
		},
	}
	for range 4 {
		for name, change := range changes {
			copied := t.TempDir()
			must(t, os.CopyFS(copied, os.DirFS(dir)))
			touched := ""
			p.openingsChanged(func(list []opening) []opening {
				at := rand.IntN(3)
				change(&list[0], at, (at+1+rand.IntN(2))%3)
				touched = list[0].Answers[at].Reviewer
				return list
			})
			got := p.collect(asker, copied)
			if len(got.Problems) != 1 || !strings.Contains(got.Problems[0], touched) || !strings.Contains(got.Problems[0], "server has changed it") ||
				slices.Contains(got.From, touched) || !got.Open {
				t.Errorf("%s in the place of %s: %+v", name, touched, got)
			}
		}
	}
	// Held back, or given to no request at all, they are only missing.
	for _, keep := range []int{0, 1} {
		copied := t.TempDir()
		must(t, os.CopyFS(copied, os.DirFS(dir)))
		p.openingsChanged(func(list []opening) []opening { list[0].Answers = list[0].Answers[:keep]; return list })
		if got := p.collect(asker, copied); got.Open || len(got.From) != keep+1 || len(got.Problems) != 0 {
			t.Errorf("%d of three answers: %+v", keep, got)
		}
	}
}

func requestRecipient(t *testing.T, o *opening) string {
	t.Helper()
	r, err := keyring.ParseOpeningRequest(o.Lines)
	must(t, err)
	return r.Recipient
}

func TestPartsThatAreNotThoseDealtAreNamed(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel, epoch := p.newQuorum(4, 2, 2)
	asker, dir := panel[0], t.TempDir()
	_, err := asker.Ask(ctx, testClinic, epoch, dir)
	must(t, err)
	// A colleague gives a part that was changed by a bit, and signs it.
	requests, err := panel[1].Requests(ctx, testClinic)
	must(t, err)
	shown := requests[0]
	q := quorumOf(shown.epoch.Record)
	part, err := seal.OpenEpochShare(shown.wrap, panel[1].identity, q, placeOf(shown.epoch.panel, panel[1].ID))
	must(t, err)
	give := func(part *seal.EpochShare) {
		t.Helper()
		file, err := seal.SealEpochShare(q, part, shown.recipient)
		must(t, err)
		must(t, panel[1].post(ctx, clinicPath(panelAPI, testClinic, "openings", shown.ID, "answers"), map[string]any{
			"file": file, "signature": keyring.SignShare(panel[1].key, shown.lines, file),
		}, nil))
	}
	wrong := *part
	wrong.Share[5] ^= 1
	give(&wrong)
	got := p.collect(asker, dir)
	if got.Open || len(got.Problems) != 1 || !strings.Contains(got.Problems[0], panel[1].ID) || !strings.Contains(got.Problems[0], "not the one that was dealt: its hash is ") {
		t.Errorf("a wrong part: %+v", got)
	}
	// Somebody answers and then leaves.
	p.answers(panel[2])
	must(t, panel[0].ProposePanel(ctx, testClinic, 2, panel[2].ID))
	for _, r := range panel[:2] {
		signWaiting(t, r)
	}
	got = p.collect(asker, dir)
	if got.Open || len(got.Problems) != 2 || !slices.ContainsFunc(got.Problems, func(s string) bool { return strings.Contains(s, panel[2].ID+" is not on the panel any more") }) {
		t.Errorf("a part from somebody who left: %+v", got)
	}
	var refused *Problem
	if _, err := panel[2].openings(ctx, testClinic); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("who left is shown requests: %v", err)
	}
	// The colleague sends the right one after all: it takes the place of the wrong one.
	give(part)
	if got = p.collect(asker, dir); !got.Open || !slices.Contains(got.From, panel[1].ID) {
		t.Errorf("after the right part came: %+v", got)
	}
}

// offer sends an epoch that a dealer made in some way of their own.
func (r *Reviewer) offer(t *testing.T, record *keyring.Record, wraps []wrap) {
	t.Helper()
	var files [][]byte
	for _, w := range wraps {
		files = append(files, w.File)
	}
	record.Wraps = keyring.HashWraps(files)
	must(t, r.post(t.Context(), clinicPath(panelAPI, testClinic, "epochs"), map[string]any{
		"record": record.Lines(), "signature": keyring.SignDeal(r.key, record.Lines()), "wraps": wraps,
	}, nil))
}

func TestPartsThatTheRecordDoesNotNameAreNotAcknowledged(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	p.decideToOpenBy(panel, 2)
	current, err := p.client().Panel(ctx, testClinic)
	must(t, err)
	known, err := panel[0].epochs(ctx, testClinic)
	must(t, err)
	record, _, wraps, err := deal(current, known, p.term(), 2)
	must(t, err)
	// The dealer gives the second reviewer the first one's part again, so that the two together could open nothing.
	at := func(r *Reviewer) int { return placeOf(current.Current, r.ID) }
	part, err := seal.OpenEpochShare(wraps[at(panel[0])].File, panel[0].identity, quorumOf(record), at(panel[0]))
	must(t, err)
	wraps[at(panel[1])].File, err = seal.SealEpochShare(quorumOf(record), part, panel[1].identity.Recipient().String())
	must(t, err)
	panel[0].offer(t, record, wraps)
	if _, err := panel[1].Ack(ctx, testClinic); !errors.Is(err, seal.ErrShare) {
		t.Errorf("another's part: got %v", err)
	}
	// The server makes up a part and the list that names it.
	stranger, err := age.GenerateHybridIdentity()
	must(t, err)
	own := panel[2].identity.Recipient().String()
	forged, _, err := seal.WrapEpochShares(record.ID, stranger, []string{own, own, own}, 2)
	must(t, err)
	p.lie("a part that the server made up", func(body string) string {
		var e panelEpochs
		must(t, json.Unmarshal([]byte(body), &e))
		e.Epochs[0].Wrap = forged[at(panel[2])]
		changed, err := json.Marshal(e)
		must(t, err)
		return string(changed)
	})
	if _, err := panel[2].Ack(ctx, testClinic); !errors.Is(err, seal.ErrWrap) || !strings.Contains(err.Error(), "not the one in the record") {
		t.Errorf("a part that the server made up: got %v", err)
	}
}

// What an acknowledgement cannot show: that the parts give the key that people seal to. The first opening shows it, and who
// it was.
func TestDealerOfPartsThatOpenNothingIsNamed(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	p.decideToOpenBy(panel, 2)
	current, err := p.client().Panel(ctx, testClinic)
	must(t, err)
	known, err := panel[0].epochs(ctx, testClinic)
	must(t, err)
	record, _, wraps, err := deal(current, known, p.term(), 2)
	must(t, err)
	another, err := age.GenerateHybridIdentity()
	must(t, err)
	files, err := wrapFor(record, another, current.Current)
	must(t, err)
	for i := range wraps {
		wraps[i].File = files[i]
	}
	panel[0].offer(t, record, wraps)
	for _, r := range panel {
		acked, err := r.Ack(ctx, testClinic)
		if err != nil || len(acked) != 1 || acked[0].K != 2 || acked[0].N != 3 {
			t.Fatalf("acknowledged %+v, %v", acked, err)
		}
	}
	dir := t.TempDir()
	_, err = panel[1].Ask(ctx, testClinic, record.ID, dir)
	must(t, err)
	p.answers(panel[2])
	if _, err := panel[1].Collect(ctx, testClinic, dir); !errors.Is(err, seal.ErrDealt) || !strings.Contains(err.Error(), "dealt by "+panel[0].ID) {
		t.Errorf("got %v", err)
	}
}

func TestNewcomerGetsFutureEpochsOnlyUnlessEnoughAnswer(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel, epoch := p.newQuorum(3, 2, 2)
	_, leaf := p.submit("before the newcomer")
	p.batch()
	newcomer := p.newReviewer()
	must(t, panel[0].ProposePanel(ctx, testClinic, 0))
	for _, r := range []*Reviewer{panel[0], panel[1], newcomer} {
		signWaiting(t, r)
	}
	given, err := panel[0].Give(ctx, testClinic, newcomer.ID, func(int, int) {})
	if err != nil || given.Keys != 0 || !slices.Equal(given.Together, []string{epoch}) {
		t.Errorf("gave %+v, %v", given, err)
	}
	next := p.newEpoch(append(panel, newcomer))
	if given, err = panel[0].Give(ctx, testClinic, newcomer.ID, func(int, int) {}); err != nil || slices.Contains(given.Together, next) {
		t.Errorf("after the next epoch: %+v, %v", given, err)
	}
	dir := t.TempDir()
	p.pull(newcomer, dir)
	asked, err := newcomer.Ask(ctx, testClinic, epoch, dir)
	if err != nil || asked.OthersDue != 2 {
		t.Fatalf("asked %+v, %v", asked, err)
	}
	p.answers(panel[0])
	if got := p.collect(newcomer, dir); got.Open || len(got.From) != 1 {
		t.Errorf("with one part: %+v", got)
	}
	p.answers(panel[2])
	if got := p.collect(newcomer, dir); !got.Open {
		t.Errorf("with two parts: %+v", got)
	}
	if all, _ := p.read(dir, newcomer); all[leaf].Error != "" || all[leaf].Answers[0].A != "before the newcomer" {
		t.Errorf("the newcomer reads %+v", all[leaf])
	}
	requests, err := newcomer.Requests(ctx, testClinic)
	must(t, err)
	requests[0].Mine = false
	if err := newcomer.Answer(ctx, testClinic, &requests[0]); !errors.Is(err, ErrRequest) {
		t.Errorf("the newcomer answers without a part: %v", err)
	}
}

func TestAKitIsForThoseWhoStayed(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel, epoch := p.newQuorum(4, 2, 2)
	dir := t.TempDir()
	p.pull(panel[0], dir)
	_, err := panel[0].Ask(ctx, testClinic, epoch, dir)
	must(t, err)
	p.answers(panel[1])
	if got := p.collect(panel[0], dir); !got.Open {
		t.Fatalf("collected %+v", got)
	}
	newcomer := p.newReviewer()
	must(t, panel[0].ProposePanel(ctx, testClinic, 0, panel[3].ID))
	for _, r := range []*Reviewer{panel[0], panel[1], newcomer} {
		signWaiting(t, r)
	}
	kit, err := panel[0].KitOf(ctx, testClinic, epoch, dir)
	must(t, err)
	if len(kit.Files) != 3*2+2 {
		t.Errorf("the kit has %d files", len(kit.Files))
	}
	for name := range kit.Files {
		if strings.Contains(name, panel[3].ID) || strings.Contains(name, newcomer.ID) {
			t.Errorf("the kit has %s", name)
		}
	}
}

// A server that works with one member alone would gain from an epoch that each opens alone.
func TestKeysAreDealtAsThePanelSigned(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	p.decideToOpenBy(panel, 2)
	for name, change := range map[string]struct {
		path, from, to string
		want           error
		says           string
	}{
		"one is enough":      {"/plan", `"k":2`, `"k":1`, ErrPanel, "the panel has decided on 2"},
		"all are needed":     {"/plan", `"k":2`, `"k":3`, ErrPanel, "the panel has decided on 2"},
		"no decision at all": {"/decisions", `"decisions":[`, `"decisions":[],"others":[`, ErrWithheld, "what the panel decided last about its keys"},
		"it was never made":  {"/decisions", `"state":"made"`, `"state":"draft"`, ErrWithheld, "what the panel decided last about its keys"},
	} {
		p.changes(name, change.path, func(s string) string { return strings.Replace(s, change.from, change.to, 1) })
		if _, _, err := panel[0].Deal(ctx, testClinic, p.term()); !errors.Is(err, change.want) || !strings.Contains(err.Error(), change.says) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	p.setMeddler(nil)
	_, _, err := panel[0].Deal(ctx, testClinic, p.term())
	must(t, err)
}

func TestNobodyIsAskedForWhatOneOpens(t *testing.T) {
	p := newPlace(t)
	panel := p.newPanel(3, 2)
	epoch := p.newEpoch(panel)
	if _, err := panel[0].Ask(t.Context(), testClinic, epoch, t.TempDir()); !errors.Is(err, ErrAlone) {
		t.Errorf("got %v", err)
	}
	if _, err := panel[0].Collect(t.Context(), testClinic, t.TempDir()); !errors.Is(err, ErrNothingAsked) {
		t.Errorf("got %v", err)
	}
	panel[0].OnKit = func(*Kit) error { return nil }
	later := p.term()
	later.NotBefore, later.NotAfter, later.RetainUntil = later.NotBefore.AddDate(0, 2, 0), later.NotAfter.AddDate(0, 2, 0), later.RetainUntil.AddDate(0, 2, 0)
	if _, _, err := panel[0].Deal(t.Context(), testClinic, later); !errors.Is(err, ErrKit) {
		t.Errorf("a kit of an epoch that one opens: %v", err)
	}
	if epochs, err := panel[0].Epochs(t.Context(), testClinic); err != nil || len(epochs) != 1 {
		t.Errorf("an epoch was dealt without the kit that was asked for: %v, %v", epochs, err)
	}
}

func TestRequestsGoAfterAWeek(t *testing.T) {
	ctx := t.Context()
	p := newPlace(t)
	panel, epoch := p.newQuorum(3, 2, 2)
	_, err := panel[0].Ask(ctx, testClinic, epoch, t.TempDir())
	must(t, err)
	p.later(9 * 24 * time.Hour)
	must(t, panel[1].SignIn(ctx))
	if requests, err := panel[1].Requests(ctx, testClinic); err != nil || len(requests) != 0 {
		t.Errorf("after nine days: %+v, %v", requests, err)
	}
}
