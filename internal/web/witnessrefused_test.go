package web

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"strings"

	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
)

func (w *witness) refuseOpenings() {
	none := b64(make([]byte, ed25519.SignatureSize))
	asked, answer := w.good[openings], w.good[openingAnswers]
	w.sends(openings, asked.with("lines", "x"), "422 opening", true)
	w.sends(openings, asked.with("signature", none), "422 signature", true)
	alone := w.request(w.epochAnswer().Epoch, 0)
	w.sends(openings, asked.with("lines", alone).with("signature", b64(keyring.SignOpening(w.panel[0].Key, alone))), "409 stale", true)
	w.sends(openingAnswers, answer.with("signature", none), "422 signature", true)
	w.sends(openingAnswers, answer.with("file", b64(make([]byte, 4097))), "422 record", true)
	w.sends(openingAnswers, answer.with("file", "not base64"), "400 bad-request", false)
	w.sends(openingAnswers, answer.at(onPanel+"/openings/nothing/answers"), "409 stale", true)
}

func (w *witness) refuseKeywork() {
	proposals, decisions := "POST /panel/c/{clinic}/manifest/proposals", "POST /panel/c/{clinic}/decisions"
	signatures, wraps := "POST /panel/c/{clinic}/decisions/{decision}/signatures", "POST /panel/c/{clinic}/wraps"
	none := b64(make([]byte, ed25519.SignatureSize))
	w.sends(proposals, w.good[proposals].with("m", 9), "422 record", true)
	w.sends(decisions, w.good[decisions].with("lines", "x"), "422 decision", true)
	w.sends(decisions, w.good[decisions].with("signature", none), "422 signature", true)
	w.sends(signatures, w.good[signatures].with("signature", none), "422 signature", true)
	w.sends(signatures, w.good[signatures].at(onPanel+"/decisions/nothing/signatures"), "409 stale", true)
	w.refuseReleases(none)
	wrapped := func(from int, change func(map[string]any)) shot {
		body := w.lateWrap(from, w.epochAnswer().Epoch)
		change(body)
		return w.good[wraps].with("wraps", []any{body})
	}
	w.sends(wraps, wrapped(0, func(m map[string]any) { m["signature"] = none }), "422 signature", true)
	w.sends(refusals, w.good[refusals].with("signature", none), "422 signature", true)
	w.sends(refusals, w.good[refusals].at(onPanel+"/epochs/2020-01-none/refusals"), "409 stale", true)
	w.sends(wraps, wrapped(0, func(m map[string]any) { m["file"] = "" }), "422 record", true)
	w.sends(wraps, w.good[wraps].with("wraps", []any{w.lateWrap(0, "2020-01-none")}), "409 stale", true)
	w.sends(wraps, w.good[wraps].with("wraps", []any{}), "400 bad-request", false)
	opensWith := func(k int) {
		_, err := w.db.NewRaw(`UPDATE epoch SET quorum_n = 3, quorum_k = ? WHERE id = ?`, k, w.epochAnswer().Epoch).Exec(w.t.Context())
		w.must(err)
	}
	opensWith(2)
	w.sends(wraps, w.good[wraps], "409 quorum", true)
	w.sends(refusals, w.good[refusals], "409 quorum", true)
	opensWith(1)
}

// refuseGenerally makes the mistakes that can be made with every operation of a kind.
func (w *witness) refuseGenerally() {
	stranger := w.signIn(3)
	for _, o := range w.d.operations() {
		good, name := w.good[o.name], o.name
		if strings.Contains(o.path, "{clinic}") {
			w.sends(name, good.in("nowhere"), "404 unknown-clinic", true)
		}
		if o.method == http.MethodPost {
			w.sends(name, good.saying(strings.Repeat(" ", maxAPIBody+1)), "413 body", !o.takesBody())
			w.announces(o, readBody+1, "413 http")
		}
		if o.method == http.MethodPost && (strings.HasPrefix(o.path, "/panel") || strings.HasPrefix(o.path, "/steward")) {
			w.sends(name, good.sentBy("https://evil.example"), "403 cross-origin", true)
		}
		if o.takesBody() {
			w.sends(name, good.typed("text/plain"), "415 content-type", false)
			w.sends(name, good.packed("gzip"), "415 content-encoding", true)
			w.sends(name, good.saying("words"), "400 bad-request", false)
			w.sends(name, good.with("surplus", "x"), "400 bad-request", false)
		}
		if o.needsSession() {
			w.sends(name, good.as(nil), "401 session", false)
			w.sends(name, good.as(&http.Cookie{Name: panelCookie, Value: "x"}), "401 session", true)
			if !strings.Contains(o.path, "{clinic}") && strings.HasPrefix(o.path, "/panel") {
				continue // one's own account, whoever one is
			}
			refused := "403 not-a-member"
			if strings.HasPrefix(o.path, "/steward") {
				refused = "403 not-steward"
			}
			w.sends(name, good.as(stranger), refused, true)
			if strings.HasPrefix(o.path, "/panel/c/") && !openToNewcomers[o.path] {
				w.sends(name, good.in("hillside"), "403 not-listed", true)
			}
		}
	}
}

func (w *witness) refuseMessages() {
	w.sends("GET /c/{clinic}/epoch", shot{path: "/c/hillside/epoch"}, "409 form-closed", true)
	const name = "POST /c/{clinic}/submissions"
	good := w.good[name]
	used, fresh := w.newMessage("one"), w.newMessage("another")
	w.sends(name, good.saying(used.json()), "201", true)
	w.sends(name, good.saying(used.json()), "201", true)
	for _, c := range []struct {
		s    shot
		want string
		fits bool
	}{
		{good.in("hillside"), "409 form-closed", true},
		{good.with("epoch", "2020-01-aaaa"), "409 stale-epoch", true},
		{good.saying(fresh.with("anchor", used.body["anchor"]).json()), "409 anchor-used", true},
		{good.saying(fresh.with("withdraw", used.body["withdraw"]).json()), "409 withdraw-used", true},
		{good.saying(fresh.withFile(make([]byte, len(fresh.file))).json()), "422 shape", true},
		{good.saying(fresh.withFile(fresh.file[1:]).json()), "422 shape", false},
		{good.with("v", 2), "400 bad-request", false},
		{good.with("pow", map[string]any{}), "400 bad-request", false},
		{good.with("invite", "x"), "400 bad-request", false},
		{good.with("ct", wrap(fresh.body["ct"].(string))), "400 bad-request", false},
		{good.with("ct", base64.URLEncoding.EncodeToString(fresh.file)), "400 bad-request", false},
		{good.with("anchor", "AAAA"), "400 bad-request", false},
		{good.with("withdraw", strings.Repeat("A", 42)+"B"), "400 bad-request", false},
		{good.saying(fresh.with("withdraw", fresh.body["anchor"]).json()), "400 bad-request", true},
	} {
		w.sends(name, c.s, c.want, c.fits)
	}
}

func (w *witness) refuseReviewers() {
	wrong := b64(make([]byte, ed25519.SignatureSize))
	signIn := w.good["POST /panel/sign-in"].saying(asJSON(w.signInBody(w.panel[1])))
	w.sends("POST /panel/sign-in", signIn.with("signature", wrong), "401 sign-in", true)

	enrol := w.good["POST /panel/enrol"]
	stolen := enrolText(w.invitation(), keyringtest.NewReviewer(w.t), w.panel[1])
	unknown := enrolText(strings.Repeat("a", 32), keyringtest.NewReviewer(w.t), w.panel[1])
	w.sends("POST /panel/enrol", enrol.with("signature", wrong), "422 signature", true)
	w.sends("POST /panel/enrol", enrol.with("recipient", "age1pq1"+strings.Repeat("q", 1952)), "422 record", true)
	w.sends("POST /panel/enrol", enrol.saying(asJSON(unknown)), "403 invitation", true)
	w.sends("POST /panel/enrol", enrol.saying(asJSON(stolen)), "409 known-key", true)
	w.sends("POST /panel/enrol", enrol.saying(asJSON(enrolText(w.invitation(), w.panel[1], w.panel[1]))), "409 already-there", true)

	w.sends("GET /panel/c/{clinic}/manifest", w.good["GET /panel/c/{clinic}/manifest"].in("hillside"), "409 no-panel", true)
	name := "POST /panel/c/{clinic}/manifest/signatures"
	w.sends(name, w.good[name].with("version", 1), "409 stale", true)
	w.sends(name, w.good[name].with("signature", wrong), "422 signature", true)
	draft, err := w.config.Keys.ProposeManifest(w.t.Context(), w.hillside, 1, w.panel[0].ID)
	w.must(err)
	w.sends(name, w.good[name].in("hillside").with("version", draft.Version), "403 not-listed", true)
	_, err = w.db.NewRaw(`DELETE FROM panel_manifest WHERE clinic_id = ?`, w.hillside).Exec(w.t.Context())
	w.must(err)

	name = "POST /panel/c/{clinic}/epochs/{epoch}/acks"
	w.sends(name, w.good[name].at(onPanel+"/epochs/2020-01-aaaa/acks"), "409 stale", true)
	w.sends(name, w.good[name].at(onPanel+"/epochs/"+w.epochAnswer().Epoch+"/acks"), "422 signature", true)

	name = "GET /panel/c/{clinic}/epochs/{epoch}/files"
	w.sends(name, w.good[name].at(w.good[name].path+"?after=zz"), "400 bad-request", false)
	w.refuseOffers()
	w.refuseKeywork()
	w.refuseOpenings()
}

func (w *witness) invitation() string {
	code, err := w.config.Accounts.Invite(w.t.Context(), w.place.ID)
	w.must(err)
	return code
}

func (w *witness) refuseOffers() {
	const name = "POST /panel/c/{clinic}/epochs"
	good := w.good[name]
	stale, quorum := w.more.NewOffer(w.t, w.now), w.more.NewOffer(w.t, w.now)
	stale.Record.Previous = nil
	stale.Sign(w.panel[0])
	quorum.Record.K, quorum.Record.Shares = 2, [32]byte{1}
	quorum.Sign(w.panel[0])
	w.sends(name, good.saying(asJSON(offerBody(stale))), "409 stale", true)
	w.sends(name, good.saying(asJSON(offerBody(quorum))), "422 record", true)
	w.sends(name, good.saying(asJSON(offerBody(w.more.NewOffer(w.t, w.now)))), "409 days-taken", true)
	w.sends(name, good.with("signature", b64(make([]byte, ed25519.SignatureSize))), "422 signature", true)
	w.sends(name, good.with("record", "x"), "422 record", false)
	w.sends(name, good.with("wraps", []any{}), "422 record", false)
}

// refuseReleases sends what no release can be made of, and signatures of nothing.
func (w *witness) refuseReleases(none string) {
	w.sends(releases, w.good[releases].with("first", "2025-01-01"), "422 period", true)
	w.sends(releases, w.good[releases].with("first", "2025-10-01"), "422 unsafe", true)
	w.sends(releases, w.good[releases].with("first", "2026-04-02"), "400 bad-request", true)
	w.sends(figuresVisits, w.good[figuresVisits].with("quarter", "2026-10-01"), "422 visits", true) // not over
	w.sends(figuresVisits, w.good[figuresVisits].with("quarter", "2026-08-01"), "422 visits", true)
	w.sends(figuresVisits, w.good[figuresVisits].with("quarter", "July"), "400 bad-request", false)
	w.sends(releaseSignatures, w.good[releaseSignatures].with("signature", none), "422 signature", true)
	w.sends(releaseSignatures, w.good[releaseSignatures].at(onPanel+"/releases/nothing/signatures"), "409 stale", true)
	w.sends(releaseDrop, w.good[releaseDrop].at(onPanel+"/releases/nothing/drop"), "409 stale", true)
	w.sends(exports, w.good[exports].with("first", "2025-11-01"), "422 period", true)
	w.sends(exports, w.good[exports].with("last", "2025-11-30"), "422 period", true)
	w.sends(exports, w.good[exports].with("first", "soon"), "400 bad-request", false)
	w.sends(exportSignatures, w.good[exportSignatures].with("ssh_signature", none), "422 signature", true)
	w.sends(exportSignatures, w.good[exportSignatures].at(onPanel+"/exports/nothing/signatures"), "409 stale", true)
	w.sends(exportDrop, w.good[exportDrop].at(onPanel+"/exports/nothing/drop"), "409 stale", true)
	bundle := "GET /panel/c/{clinic}/exports/{export}/bundle"
	w.sends(bundle, w.good[bundle].at(onPanel+"/exports/nothing/bundle"), "404 unknown-export", true)
}
