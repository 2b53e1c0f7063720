package web

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"answerable/internal/account"
	"answerable/internal/intake"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/promise"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// Operations of the panel's work.
const (
	reviews     = "POST /panel/c/{clinic}/reviews"
	claims      = "POST /panel/c/{clinic}/claims"
	handbacks   = "POST /panel/c/{clinic}/handbacks"
	recusals    = "POST /panel/c/{clinic}/recusals"
	acts        = "POST /panel/c/{clinic}/acts"
	coded       = "POST /panel/c/{clinic}/coded"
	uncoded     = "POST /panel/c/{clinic}/coded/retraction"
	findings    = "POST /panel/c/{clinic}/findings"
	retractions = "POST /panel/c/{clinic}/findings/{finding}/retraction"
	rests       = "POST /panel/c/{clinic}/rests"
	handovers   = "POST /panel/c/{clinic}/handovers"
	showings    = "POST /panel/c/{clinic}/responses/{response}/showing"
	judgements  = "POST /panel/c/{clinic}/promises/{promise}/judgements"
	repeats     = "POST /panel/c/{clinic}/promises/{promise}/repeats"
)

// desk is the panel's work as its members' clients do it, straight into the store.
type desk struct {
	*house
	epoch  string
	to     string // the epoch's recipient
	leaves [][32]byte
}

// newDesk works on the delivered messages of an epoch.
func newDesk(h *house, epoch string) *desk {
	h.t.Helper()
	d := &desk{house: h, epoch: epoch, to: h.epochAnswer().Recipient}
	var leaves [][]byte
	h.must(h.db.NewSelect().Model((*intake.Submission)(nil)).Column("leaf_hash").Where("epoch_id = ?", epoch).Order("leaf_hash").Scan(h.t.Context(), &leaves))
	for _, leaf := range leaves {
		d.leaves = append(d.leaves, [32]byte(leaf))
	}
	return d
}

func (d *desk) reviewer(who int) *account.Reviewer {
	d.t.Helper()
	row, err := d.config.Accounts.Reviewer(d.t.Context(), d.db, d.panel[who].ID)
	d.must(err)
	return row
}

// sealed is a file of the one size. What is in it, the server cannot see.
func (d *desk) sealed() []byte {
	d.t.Helper()
	file, err := seal.Seal(&seal.Plaintext{V: 1, T: seal.KindDecoy}, d.to)
	d.must(err)
	return file
}

func (d *desk) today() time.Time { return d.now.UTC().Truncate(24 * time.Hour) }

// body is a review file as it is posted.
func (d *desk) body(by keyringtest.Reviewer, leaf [32]byte, kind string, n int, file []byte, day time.Time) map[string]any {
	e := review.Envelope{ClinicID: d.place.ID, LeafHash: leaf, Kind: kind, N: n, FileHash: seal.FileHash(file), Day: day}
	return map[string]any{"leaf": b64(leaf[:]), "kind": kind, "n": n, "file": b64(file), "signature": b64(e.Sign(by.Key)), "day": day.Format(time.DateOnly)}
}

// put sends a review file and gives its hash.
func (d *desk) put(who int, leaf [32]byte, kind string, n int) [32]byte {
	d.t.Helper()
	file := d.sealed()
	e := &review.Envelope{ClinicID: d.place.ID, LeafHash: leaf, Kind: kind, N: n, FileHash: seal.FileHash(file), Day: d.today()}
	d.must(d.config.Review.Put(d.t.Context(), e, d.reviewer(who), file, e.Sign(d.panel[who].Key)))
	return e.FileHash
}

func (d *desk) take(who int, leaf [32]byte, role string) {
	d.t.Helper()
	d.must(d.config.Review.Take(d.t.Context(), d.place.ID, d.panel[who].ID, leaf, role))
}

func (d *desk) recuse(who int, leaf [32]byte) {
	d.t.Helper()
	signature := review.SignRecusal(d.panel[who].Key, d.place.ID, leaf, d.panel[who].ID)
	d.must(d.config.Review.Recuse(d.t.Context(), d.place.ID, d.reviewer(who), leaf, signature, nil, nil))
}

// reminder is what somebody keeps of a message they step back from, as it is posted.
func (d *desk) reminder(by keyringtest.Reviewer, leaf [32]byte, file []byte) map[string]any {
	return map[string]any{"file": b64(file), "signature": b64(review.SignReminder(by.Key, d.place.ID, leaf, by.ID, seal.FileHash(file)))}
}

func (d *desk) kept(by keyringtest.Reviewer, file []byte) map[string]any {
	return map[string]any{"file": b64(file), "signature": b64(review.SignKept(by.Key, d.place.ID, by.ID, seal.FileHash(file)))}
}

// agree brings a message to where two coders agree.
func (d *desk) agree(leaf [32]byte) {
	d.t.Helper()
	for who := range 2 {
		d.take(who, leaf, review.RoleCoder)
		d.put(who, leaf, review.KindCoding, 0)
	}
	d.put(0, leaf, review.KindConsensus, 0)
	d.put(1, leaf, review.KindConsensus, 0)
}

// decide brings a message to where it is decided, and gives the decision's hash.
func (d *desk) decide(leaf [32]byte) [32]byte {
	d.t.Helper()
	d.agree(leaf)
	d.take(2, leaf, review.RoleChecker)
	d.put(2, leaf, review.KindCheck, 0)
	return d.put(2, leaf, review.KindSharing, 0)
}

func someFacts() review.Facts {
	return review.Facts{
		Taxonomy: "0.2.0", Service: "ward", Themes: []string{"force"}, Items: []string{"force.restraint"}, Good: []string{}, Seriousness: 2,
		Involved: []string{}, Repair: []string{},
	}
}

func (d *desk) codedBody(key ed25519.PrivateKey, leaf [32]byte, f review.Facts) map[string]any {
	d.t.Helper()
	signature, err := review.SignCoded(key, d.place.ID, leaf, &f)
	d.must(err)
	return map[string]any{"leaf": b64(leaf[:]), "facts": f, "signature": b64(signature)}
}

func (d *desk) finding(key ed25519.PrivateKey, leaf, sharing [32]byte, words string) *review.Finding {
	f := &review.Finding{LeafHash: leaf[:], Form: "paraphrase", Words: words, Themes: []string{}, MustNot: []string{"do_not_call_police"}, Sharing: sharing[:], FoundOn: d.today()}
	f.Signature = f.Sign(key, d.place.ID)
	return f
}

func findingBody(f *review.Finding) map[string]any {
	return map[string]any{
		"leaf": b64(f.LeafHash), "form": f.Form, "words": f.Words, "themes": f.Themes, "must_not": f.MustNot, "sharing": b64(f.Sharing), "day": f.FoundOn.Format(time.DateOnly),
		"signature": b64(f.Signature),
	}
}

func (d *desk) actBody(by keyringtest.Reviewer, tag byte, day time.Time) map[string]any {
	a := &transparency.Action{Tag: [32]byte{tag}, Code: transparency.ActReceived, Day: day, ReviewerID: by.ID}
	a.Sign(by.Key)
	return map[string]any{"leaf": string(a.Leaf())}
}

// Messages of the panel's work, each for one thing.
const (
	leafGood = iota
	leafStepBack
	leafAgreed
	leafDecided
	leafFound
	leafCoding
	leafUntouched
	leafRecused
	leafTaken
	leafCodedAlone
	leafOthers
	leafYoung
)

// prepareReviews does the panel's work of four days ago and writes the good requests down.
func (w *witness) prepareReviews(epoch string, member *http.Cookie) {
	d := newDesk(w.house, epoch)
	later := w.now
	w.now = w.now.AddDate(0, 0, -4)
	decided, found := d.decide(d.leaves[leafDecided]), d.decide(d.leaves[leafFound])
	w.now = later
	d.agree(d.leaves[leafAgreed])
	id, err := w.config.Review.Find(w.t.Context(), w.place.ID, d.reviewer(2), d.finding(w.panel[2].Key, d.leaves[leafFound], found, "they held her"))
	w.must(err)
	d.recuse(1, d.leaves[leafGood])

	get := func(path string) shot { return shot{path: onPanel + path}.as(member) }
	post := func(path string, body any) shot {
		return shot{path: onPanel + path, body: asJSON(body), kind: jsonType}.as(member)
	}
	leaf := func(n int) map[string]any { return map[string]any{"leaf": b64(d.leaves[n][:])} }
	me := w.panel[0]
	w.good["GET /panel/c/{clinic}/epochs/{epoch}/work"] = get("/epochs/" + epoch + "/work")
	w.good["GET /panel/c/{clinic}/epochs/{epoch}/reviews"] = get("/epochs/" + epoch + "/reviews")
	w.good["GET /panel/c/{clinic}/recusals"] = get("/recusals")
	w.good["GET /panel/c/{clinic}/shares"] = get("/shares")
	w.good["GET /panel/c/{clinic}/weeks"] = get("/weeks")
	w.good[rests] = post("/rests", map[string]any{"week": transparency.WeekOf(d.today()).Format(time.DateOnly), "rests": true})
	w.good["GET /panel/c/{clinic}/acts"] = get("/acts")
	w.good["GET /panel/c/{clinic}/findings"] = get("/findings")
	w.good["GET /panel/c/{clinic}/practice"] = get("/practice")
	w.good[reviews] = post("/reviews", d.body(me, d.leaves[leafGood], review.KindNote, 0, d.sealed(), d.today()))
	w.good[claims] = post("/claims", map[string]any{"leaf": b64(d.leaves[leafGood][:]), "role": review.RoleCoder})
	w.good[handbacks] = post("/handbacks", leaf(leafGood))
	w.good[recusals] = post("/recusals", map[string]any{
		"leaf": b64(d.leaves[leafStepBack][:]), "signature": b64(review.SignRecusal(me.Key, w.place.ID, d.leaves[leafStepBack], me.ID)),
		"reminder": d.reminder(me, d.leaves[leafStepBack], d.sealed()), "kept": d.kept(me, d.sealed()),
	})
	w.good[acts] = post("/acts", d.actBody(me, 1, d.today()))
	w.good[coded] = post("/coded", d.codedBody(me.Key, d.leaves[leafAgreed], someFacts()))
	w.good[uncoded] = post("/coded/retraction", leaf(leafAgreed))
	w.good[findings] = post("/findings", findingBody(d.finding(me.Key, d.leaves[leafDecided], decided, "somebody was held")))
	w.good[retractions] = post("/findings/"+id+"/retraction", map[string]any{})
	w.preparePromises(id, post)
	w.good["GET /panel/c/{clinic}/promises"] = get("/promises")
}

func (w *witness) refuseReviews() {
	d := newDesk(w.house, w.epochAnswer().Epoch)
	none := b64(make([]byte, ed25519.SignatureSize))
	me, today := w.panel[0], d.today()
	d.recuse(0, d.leaves[leafRecused])
	d.take(0, d.leaves[leafCoding], review.RoleCoder)
	d.put(0, d.leaves[leafCoding], review.KindCoding, 0)
	d.take(0, d.leaves[leafCodedAlone], review.RoleCoder)
	d.put(0, d.leaves[leafCodedAlone], review.KindCoding, 0)
	w.must(w.config.Review.HandBack(w.t.Context(), w.place.ID, me.ID, d.leaves[leafCodedAlone]))
	for who := 1; who <= 2; who++ {
		d.take(who, d.leaves[leafTaken], review.RoleCoder)
		d.take(who, d.leaves[leafOthers], review.RoleCoder)
		d.put(who, d.leaves[leafOthers], review.KindCoding, 0)
	}
	d.put(1, d.leaves[leafOthers], review.KindConsensus, 0)
	var nowhere [32]byte
	rand.Read(nowhere[:])

	file := func(leaf [32]byte, kind string, n int) shot {
		return w.good[reviews].saying(asJSON(d.body(me, leaf, kind, n, d.sealed(), today)))
	}
	w.sends(reviews, file(d.leaves[leafCoding], review.KindConsensus, 0), "409 too-early", true)
	w.sends(reviews, file(d.leaves[leafCoding], review.KindCoding, 1), "409 frozen", true)
	w.sends(reviews, file(d.leaves[leafFound], review.KindSharing, 0), "409 given-out", true)
	w.sends(reviews, file(d.leaves[leafGood], review.KindNote, 5), "409 number", true)
	w.sends(reviews, file(d.leaves[leafGood], review.KindDraft, 0).with("replaces", b64(nowhere[:])), "409 draft-changed", true)
	w.sends(reviews, file(d.leaves[leafGood], review.KindDraft, 0).with("replaces", "").with("in_part", true), "409 handed-back", true)
	w.sends(reviews, file(d.leaves[leafUntouched], review.KindCoding, 0), "403 not-yours", true)
	w.sends(reviews, file(d.leaves[leafRecused], review.KindNote, 0), "403 recused", true)
	w.sends(reviews, file(nowhere, review.KindNote, 0), "404 message-gone", true)
	w.sends(reviews, file(d.leaves[leafGood], "letter", 0), "400 bad-request", false)
	w.sends(reviews, w.good[reviews].with("signature", none), "422 signature", true)
	w.sends(reviews, w.good[reviews].with("file", b64(make([]byte, 18043))), "422 shape", true)
	w.sends(reviews, w.good[reviews].with("leaf", "AAAA"), "400 bad-request", false)
	w.sends(reviews, w.good[reviews].saying(asJSON(d.body(me, d.leaves[leafGood], review.KindNote, 0, d.sealed(), today.AddDate(0, 0, -1)))), "409 day", true)

	claim := func(leaf [32]byte, role string) shot {
		return w.good[claims].with("leaf", b64(leaf[:])).with("role", role)
	}
	w.sends(claims, claim(d.leaves[leafTaken], review.RoleCoder), "409 claimed", true)
	w.sends(claims, claim(d.leaves[leafUntouched], review.RoleThird), "409 too-early", true)
	w.sends(claims, claim(d.leaves[leafCodedAlone], review.RoleCoder), "409 frozen", true)
	w.sends(claims, claim(d.leaves[leafCoding], review.RoleChecker), "403 not-yours", true)
	w.sends(claims, claim(d.leaves[leafRecused], review.RoleCoder), "403 recused", true)
	w.sends(claims, claim(nowhere, review.RoleCoder), "404 message-gone", true)
	w.sends(claims, claim(d.leaves[leafGood], "reader"), "400 bad-request", false)
	w.must(w.config.Review.SetPractice(w.t.Context(), w.place.ID, me.ID, lowCap()))
	w.sends(claims, w.good[claims], "409 week-full", true)
	_, err := w.db.NewRaw(`DELETE FROM practice`).Exec(w.t.Context())
	w.must(err)

	for _, name := range []string{handbacks, uncoded, recusals} {
		w.sends(name, w.good[name].with("leaf", "AAAA"), "400 bad-request", false)
	}
	for _, name := range []string{handbacks, uncoded} {
		w.sends(name, w.good[name].with("leaf", b64(d.leaves[leafRecused][:])), "403 recused", true)
		w.sends(name, w.good[name].with("leaf", b64(nowhere[:])), "404 message-gone", true)
	}
	w.sends(recusals, w.good[recusals].with("signature", none), "422 signature", true)
	w.sends(recusals, w.good[recusals].with("reminder", d.reminder(w.panel[1], d.leaves[leafStepBack], d.sealed())), "422 signature", true)
	w.sends(recusals, w.good[recusals].with("reminder", d.reminder(me, d.leaves[leafStepBack], make([]byte, seal.SmallBucket+seal.Overhead))), "422 shape", true)
	w.sends(recusals, w.good[recusals].with("reminder", map[string]any{"file": "%", "signature": none}), "400 bad-request", false)
	w.sends(recusals, w.good[recusals].with("kept", d.kept(w.panel[1], d.sealed())), "422 signature", true)
	w.sends(recusals, w.good[recusals].with("kept", d.kept(me, make([]byte, seal.SmallBucket+seal.Overhead))), "422 shape", true)
	gone := w.good[recusals].with("leaf", b64(nowhere[:])).with("signature", b64(review.SignRecusal(me.Key, w.place.ID, nowhere, me.ID))).with("reminder", nil).with("kept", nil)
	w.sends(recusals, gone, "404 message-gone", true)
	w.refuseActs(d)
	w.refuseCoded(d, nowhere)
	w.refuseFindings(d, nowhere)
	w.refusePromises()
	w.sends(rests, w.good[rests].with("week", transparency.WeekOf(today).AddDate(0, 0, 1).Format(time.DateOnly)), "422 rest-week", true)
	w.sends(rests, w.good[rests].with("week", "soon"), "400 bad-request", false)
	work, files := "GET /panel/c/{clinic}/epochs/{epoch}/work", "GET /panel/c/{clinic}/epochs/{epoch}/files"
	list := "GET /panel/c/{clinic}/epochs/{epoch}/reviews"
	w.sends(work, w.good[work].at(onPanel+"/epochs/X/work"), "400 bad-request", false)
	w.sends(list, w.good[list].at(w.good[list].path+"?after=zz"), "400 bad-request", false)
	w.sends(list, w.good[list].at(w.good[list].path+"?after="+base64.RawURLEncoding.EncodeToString(nowhere[:])), "200", true)
	w.sends(files, w.good[files].at(w.good[files].path+"?uncarded=2"), "400 bad-request", false)
	w.sends(files, w.good[files].at(w.good[files].path+"?uncarded=1"), "200", true)
}

// preparePromises hands a finding over, as three weeks ago, with an answer and a promise whose day has passed. What can be judged is
// signed anew for each day.
func (w *witness) preparePromises(findingID string, post func(path string, body any) shot) {
	past := w.config.Promises.On(w.now.AddDate(0, 0, -21))
	earlier, err := past.HandOverPast(w.t.Context(), w.place.ID, w.panel[0].ID, nil, false, false)
	w.must(err)
	response, err := past.Answer(w.t.Context(), w.place.ID, earlier, promise.Answer{Role: "manager", Power: "all", Words: "We did.", Promises: []promise.Draft{
		{What: "what", Who: "who", How: "how", Due: w.now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -7)},
	}})
	w.must(err)
	again, err := w.config.Promises.HandOverPast(w.t.Context(), w.place.ID, w.panel[0].ID, nil, false, false)
	w.must(err)
	w.good[handovers] = post("/handovers", map[string]any{"finding": findingID})
	w.good[showings] = post("/responses/"+response+"/showing", map[string]any{"shown": true})
	p := w.onlyPromise()
	w.good[judgements] = post("/promises/"+p.ID+"/judgements", w.judgementBody(0, p, promise.Kept, w.now))
	w.good[repeats] = post("/promises/"+p.ID+"/repeats", map[string]any{"handover": again})
}

func (w *witness) onlyPromise() *promise.Standing {
	w.t.Helper()
	account, err := w.config.Promises.Account(w.t.Context(), w.place.ID, promise.Period{}, w.now)
	w.must(err)
	return account.Promises[0]
}

func (w *witness) judgementBody(who int, p *promise.Standing, verdict string, at time.Time) map[string]any {
	day := at.UTC().Truncate(24 * time.Hour)
	return map[string]any{"round": p.Rounds, "verdict": verdict, "day": day.Format(time.DateOnly), "signature": b64(p.Sign(w.panel[who].Key, p.Rounds, verdict, day))}
}

func (w *witness) refusePromises() {
	p := w.onlyPromise()
	nowhere := "/00000000-0000-4000-8000-000000000000/"
	w.sends(handovers, w.good[handovers].with("finding", "x"), "404 not-here", true)
	w.sends(showings, w.good[showings].at(onPanel+"/responses"+nowhere+"showing"), "404 not-here", true)
	w.sends(repeats, w.good[repeats].with("handover", p.HandoverID), "404 not-here", true)
	w.sends(judgements, w.good[judgements].at(onPanel+"/promises"+nowhere+"judgements"), "404 not-here", true)
	judged := func(body map[string]any) shot { return w.good[judgements].saying(asJSON(body)) }
	w.sends(judgements, w.good[judgements].with("verdict", promise.Partly), "422 signature", true)
	w.sends(judgements, w.good[judgements].with("verdict", "great"), "400 bad-request", false)
	w.sends(judgements, w.good[judgements].with("day", "today"), "400 bad-request", false)
	w.sends(judgements, judged(w.judgementBody(0, p, promise.Kept, w.now.AddDate(0, 0, -1))), "409 day", true)
	day := w.now.UTC().Truncate(24 * time.Hour)
	w.sends(handovers, w.good[handovers], "201", true)
	w.sends(showings, w.good[showings], "200", true)
	w.sends(repeats, w.good[repeats], "200", true)
	w.sends(judgements, w.good[judgements], "200", true)
	word := promise.Word{Verdict: promise.Kept, Day: day, Signature: p.Sign(w.panel[1].Key, 0, promise.Kept, day)}
	decided, err := w.config.Promises.Judge(w.t.Context(), w.place.ID, newDesk(w.house, w.epochAnswer().Epoch).reviewer(1), p.ID, word)
	w.must(err)
	if !decided {
		w.t.Error("two members who agree decide nothing")
	}
	w.sends(judgements, w.good[judgements], "409 judged", true)
	if body := w.get("/api/v1/c/riverside/promises").body; !strings.Contains(body, b64(word.Signature)) || !strings.Contains(body, `"state":"kept"`) {
		w.t.Errorf("everybody is given %s", body)
	}
	w.sends(judgements, judged(w.judgementBody(0, w.onlyPromise(), promise.Kept, w.now)), "409 not-to-judge", true)
}

func lowCap() *review.Practice {
	p := review.DefaultPractice()
	p.Week = 1
	return p
}

func (w *witness) refuseActs(d *desk) {
	d.must(w.config.Review.Do(w.t.Context(), w.place.ID, d.reviewer(1), transparency.Leaf(d.actBody(w.panel[1], 2, d.today())["leaf"].(string))))
	act := func(body map[string]any) shot { return w.good[acts].saying(asJSON(body)) }
	w.sends(acts, act(d.actBody(w.panel[0], 2, d.today())), "409 tag-taken", true)
	w.sends(acts, act(d.actBody(w.panel[0], 3, d.today().AddDate(0, 0, -1))), "409 day", true)
	w.sends(acts, act(d.actBody(w.panel[1], 3, d.today())), "422 signature", true)
	w.sends(acts, act(map[string]any{"leaf": "x"}), "400 bad-request", true)
}

func (w *witness) refuseCoded(d *desk, nowhere [32]byte) {
	me := w.panel[0].Key
	facts := func(leaf [32]byte, f review.Facts) shot {
		return w.good[coded].saying(asJSON(d.codedBody(me, leaf, f)))
	}
	w.sends(coded, facts(d.leaves[leafRecused], someFacts()), "403 recused", true)
	w.sends(coded, facts(d.leaves[leafOthers], someFacts()), "403 not-yours", true)
	w.sends(coded, facts(nowhere, someFacts()), "404 message-gone", true)
	d.take(0, d.leaves[leafYoung], review.RoleCoder)
	d.put(0, d.leaves[leafYoung], review.KindCoding, 0)
	d.take(1, d.leaves[leafYoung], review.RoleCoder)
	d.put(1, d.leaves[leafYoung], review.KindCoding, 0)
	d.put(0, d.leaves[leafYoung], review.KindConsensus, 0)
	w.sends(coded, facts(d.leaves[leafYoung], someFacts()), "409 too-early", true)
	w.sends(coded, w.good[coded].with("signature", b64(make([]byte, ed25519.SignatureSize))), "422 signature", true)
	other := someFacts()
	other.Themes = []string{"z", "a"}
	w.sends(coded, facts(d.leaves[leafAgreed], other), "422 facts", true)
	w.sends(coded, w.good[coded], "201", true)
	w.sends(coded, w.good[coded], "201", true)
	const work = "GET /panel/c/{clinic}/epochs/{epoch}/work"
	w.sends(work, w.good[work], "200", true) // with whose codes they are
	other.Themes = []string{}
	w.sends(coded, facts(d.leaves[leafAgreed], other), "409 frozen", true)
}

func (w *witness) refuseFindings(d *desk, nowhere [32]byte) {
	me := w.panel[0].Key
	find := func(leaf, sharing [32]byte) shot {
		return w.good[findings].saying(asJSON(findingBody(d.finding(me, leaf, sharing, "words"))))
	}
	w.sends(findings, find(d.leaves[leafRecused], nowhere), "403 recused", true)
	w.sends(findings, find(nowhere, nowhere), "404 message-gone", true)
	w.sends(findings, find(d.leaves[leafUntouched], nowhere), "409 too-early", true)
	w.sends(findings, find(d.leaves[leafFound], nowhere), "409 frozen", true)
	leaf, used := d.leaves[leafUntouched], [32]byte{0: 'u'}
	_, err := w.db.NewRaw(`INSERT INTO finding (id, leaf_hash, form, words, themes, sharing, author_id, signature, found_on, retracted_on)
		VALUES (gen_random_uuid(), ?, 'theme', '', '{}', ?, ?, ?, '2026-11-22', '2026-11-23')`,
		leaf[:], used[:], w.panel[1].ID, make([]byte, ed25519.SignatureSize)).Exec(w.t.Context())
	w.must(err)
	w.sends(findings, find(leaf, used), "409 taken-back", true)
	w.sends(findings, w.good[findings].with("signature", b64(make([]byte, ed25519.SignatureSize))), "422 signature", true)
	w.sends(findings, w.good[findings].with("form", "theme"), "422 facts", true)
	w.sends(findings, w.good[findings].with("sharing", "AAAA"), "400 bad-request", false)
	w.sends(findings, w.good[findings].with("day", "today"), "400 bad-request", false)
	w.sends(findings, w.good[findings].with("day", d.today().AddDate(0, 0, -1).Format(time.DateOnly)), "422 signature", true)
	late := d.finding(me, d.leaves[leafDecided], nowhere, "words")
	late.FoundOn = d.today().AddDate(0, 0, -1)
	late.Signature = late.Sign(me, d.place.ID)
	w.sends(findings, w.good[findings].saying(asJSON(findingBody(late))), "409 day", true)
	gone := w.good[retractions].at(onPanel + "/findings/" + "nothing" + "/retraction")
	w.sends(retractions, gone, "404 message-gone", true)
	d.recuse(0, d.leaves[leafOthers])
	var id string
	found := d.finding(me, d.leaves[leafOthers], nowhere, "words")
	w.must(w.db.NewRaw(`INSERT INTO finding VALUES (gen_random_uuid(), ?, 'theme', '', '{}', ?, ?, ?, '2026-11-22') RETURNING id`,
		found.LeafHash, found.Sharing, w.panel[1].ID, found.Signature).Scan(w.t.Context(), &id))
	w.sends(retractions, w.good[retractions].at(onPanel+"/findings/"+id+"/retraction"), "403 recused", true)
}
