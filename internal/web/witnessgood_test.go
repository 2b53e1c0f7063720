package web

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"net/http"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/export"
	"answerable/internal/figures"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres"
)

const onPanel = "/panel/c/riverside"

// prepare writes down one good request for each operation. All of them still succeed after the refusals.
func (w *witness) prepare(hillside string) {
	epoch, member := w.epochAnswer().Epoch, w.signIn(0)
	offer := w.more.NewOffer(w.t, w.now.AddDate(0, 0, 31))
	draft, err := w.config.Keys.ProposeManifest(w.t.Context(), w.place.ID, 2)
	w.must(err)
	w.fillPage(epoch)

	get := func(path string) shot { return shot{path: path} }
	post := func(path string, body any) shot { return shot{path: path, body: asJSON(body), kind: jsonType} }
	w.good["GET /openapi.json"] = get("/openapi.json")
	w.good["GET /c/{clinic}/epoch"] = get("/c/riverside/epoch")
	w.good["GET /c/{clinic}/epochs"] = get("/c/riverside/epochs")
	w.good["GET /c/{clinic}/panel"] = get("/c/riverside/panel")
	w.good["GET /c/{clinic}/chain"] = get("/c/riverside/chain")
	w.good["GET /c/{clinic}/releases"] = get("/c/riverside/releases")
	w.good["GET /c/{clinic}/exports"] = get("/c/riverside/exports")
	w.good["GET /c/{clinic}/promises"] = get("/c/riverside/promises")
	w.good["GET /log"] = get("/log")
	w.good["POST /c/{clinic}/submissions"] = post("/c/riverside/submissions", w.newMessage("words").body)
	w.prepareMailbox(member)
	w.good["POST /panel/nonce"] = shot{path: "/panel/nonce"}
	w.good["POST /panel/sign-in"] = post("/panel/sign-in", w.signInBody(w.panel[1]))
	w.good["POST /panel/sign-out"] = shot{path: "/panel/sign-out", cookie: w.signIn(2)}
	w.good["POST /panel/enrol"] = post("/panel/enrol", w.enrolBody(hillside))
	w.good["GET /panel/c/{clinic}/manifest"] = get(onPanel + "/manifest").as(member)
	w.good["POST /panel/c/{clinic}/manifest/signatures"] = post(onPanel+"/manifest/signatures", map[string]any{
		"version": draft.Version, "signature": b64(keyring.SignManifest(w.panel[0].Key, draft.Lines())),
	}).as(member)
	w.good["POST /panel/c/{clinic}/manifest/proposals"] = post(onPanel+"/manifest/proposals", map[string]any{"m": 2, "without": []string{}}).as(member)
	w.good["GET /panel/c/{clinic}/members"] = get(onPanel + "/members").as(member)
	w.good["GET /panel/c/{clinic}/plan"] = get(onPanel + "/plan").as(member)
	w.good["GET /panel/c/{clinic}/decisions"] = get(onPanel + "/decisions").as(member)
	w.good["GET /panel/c/{clinic}/settings"] = get(onPanel + "/settings").as(member)
	w.good["POST /panel/c/{clinic}/decisions"] = post(onPanel+"/decisions", w.decisionBody("open-without")).as(member)
	waiting, err := w.config.Keys.Decide(w.t.Context(), w.place.ID, w.support("required"), "", w.decided("required", 1))
	w.must(err)
	w.good["POST /panel/c/{clinic}/decisions/{decision}/signatures"] = post(onPanel+"/decisions/"+waiting.ID+"/signatures", map[string]any{
		"signature": b64(w.decided("required", 0).Signature),
	}).as(member)
	w.prepareReleases(member)
	w.prepareExports(member)
	w.good["GET /panel/c/{clinic}/wraps/missing"] = get(onPanel + "/wraps/missing").as(member)
	w.good["POST /panel/c/{clinic}/wraps"] = post(onPanel+"/wraps", map[string]any{"wraps": []any{w.lateWrap(0, epoch)}}).as(member)
	own, err := w.config.Keys.WrapFor(w.t.Context(), epoch, w.panel[0].ID)
	w.must(err)
	w.good[refusals] = post(onPanel+"/epochs/"+epoch+"/refusals", map[string]any{
		"signature": b64(keyring.SignRefusal(w.panel[0].Key, epoch, w.panel[0].ID, own.File)),
	}).as(member)
	w.prepareOpenings(member)
	w.prepareReviews(epoch, member)
	w.good["GET /panel/c/{clinic}/epochs"] = get(onPanel + "/epochs").as(member)
	w.good["POST /panel/c/{clinic}/epochs"] = post(onPanel+"/epochs", offerBody(offer)).as(member)
	w.good["POST /panel/c/{clinic}/epochs/{epoch}/acks"] = post(onPanel+"/epochs/"+offer.Record.ID+"/acks", map[string]any{
		"signature": b64(keyring.SignAck(w.panel[0].Key, offer.Record.Lines())),
	}).as(member)
	w.good["GET /panel/c/{clinic}/epochs/{epoch}/files"] = get(onPanel + "/epochs/" + epoch + "/files").as(member)
}

const figuresVisits = "POST /panel/c/{clinic}/figures/visits"

const releases, releaseSignatures, releaseDrop = "POST /panel/c/{clinic}/releases", "POST /panel/c/{clinic}/releases/{release}/signatures", "POST /panel/c/{clinic}/releases/{release}/drop"

// prepareReleases counts three quarters: one to draft, one that is drafted and signed by one already, one to drop.
func (w *witness) prepareReleases(member *http.Cookie) {
	w.must(postgres.InClinic(w.t.Context(), w.db, w.place.ID, func(ctx context.Context, tx bun.Tx) error {
		themes := []string{"voice", "respect", "access", "force"}
		for i := range 120 { // in one column nearly all say the same, and no other cell there can hide it
			c := figures.Coded{Day: time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC), Service: "ward", Themes: themes[i%3 : 3+i%12/11], Seriousness: i / 2 % 4}
			if _, err := figures.CountCoded(ctx, tx, w.place.ID, c); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, month := range []string{"2026-01-10", "2026-04-10", "2026-07-10"} {
		w.countReports(month, 120)
	}
	signed, dropped := w.draftRelease("2026-01-01"), w.draftRelease("2026-07-01")
	_, err := w.config.Figures.Sign(w.t.Context(), w.place.ID, signed.ID, w.releaseSignature(signed, 1))
	w.must(err)
	w.good["GET /panel/c/{clinic}/releases"] = shot{path: onPanel + "/releases"}.as(member)
	w.good["GET /panel/c/{clinic}/figures/plans"] = shot{path: onPanel + "/figures/plans"}.as(member)
	w.good["GET /panel/c/{clinic}/figures/counts"] = shot{path: onPanel + "/figures/counts"}.as(member)
	w.good["GET /panel/c/{clinic}/figures/visits"] = shot{path: onPanel + "/figures/visits"}.as(member)
	w.good[figuresVisits] = shot{path: onPanel + "/figures/visits", kind: jsonType, body: asJSON(map[string]any{"quarter": "2026-07-01", "visits": 1200})}.as(member)
	w.good[releases] = shot{path: onPanel + "/releases", kind: jsonType, body: asJSON(map[string]any{"first": "2026-04-01"})}.as(member)
	w.good[releaseSignatures] = shot{path: onPanel + "/releases/" + signed.ID + "/signatures", kind: jsonType, body: asJSON(map[string]any{
		"signature": b64(w.releaseSignature(signed, 0).Signature),
	})}.as(member)
	w.good[releaseDrop] = shot{path: onPanel + "/releases/" + dropped.ID + "/drop"}.as(member)
}

const exports, exportSignatures, exportDrop = "POST /panel/c/{clinic}/exports", "POST /panel/c/{clinic}/exports/{export}/signatures", "POST /panel/c/{clinic}/exports/{export}/drop"

// prepareExports has a bundle of words that one has signed, one to drop, and a day for a third.
func (w *witness) prepareExports(member *http.Cookie) {
	made := func(asOf string) *export.Export {
		day, err := time.Parse(time.DateOnly, asOf)
		w.must(err)
		e, err := w.config.Exports.Propose(w.t.Context(), w.place, export.Asked{First: time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC), AsOf: day}, w.panel[1].ID)
		w.must(err)
		return e
	}
	signed, dropped := made("2026-10-01"), made("2026-10-02")
	by := func(n int) export.Signature {
		return export.Sign(w.panel[n].Key, w.panel[n].ID, signed.Lines, []byte(signed.Manifest))
	}
	_, err := w.config.Exports.Sign(w.t.Context(), w.place.ID, signed.ID, by(1))
	w.must(err)
	w.good["GET /panel/c/{clinic}/exports"] = shot{path: onPanel + "/exports"}.as(member)
	w.good["GET /panel/c/{clinic}/exports/{export}/bundle"] = shot{path: onPanel + "/exports/" + signed.ID + "/bundle"}.as(member)
	w.good[exports] = shot{path: onPanel + "/exports", kind: jsonType, body: asJSON(map[string]any{"first": "2025-10-01", "last": "2025-12-31", "as_of": "2026-10-03"})}.as(member)
	w.good[exportSignatures] = shot{path: onPanel + "/exports/" + signed.ID + "/signatures", kind: jsonType, body: asJSON(map[string]any{
		"signature": b64(by(0).Lines), "ssh_signature": b64(by(0).SSH),
	})}.as(member)
	w.good[exportDrop] = shot{path: onPanel + "/exports/" + dropped.ID + "/drop"}.as(member)
}

// support is a decision about support lines, as it is signed.
func (w *witness) support(word string) string {
	r := keyring.Resolution{Kind: keyring.KindSupport, ClinicID: w.place.ID, Day: w.now.Truncate(24 * time.Hour), Without: word == "open-without"}
	return r.Lines()
}

func (w *witness) decided(word string, n int) keyring.Signature {
	return keyring.Signature{ReviewerID: w.panel[n].ID, Signature: keyring.SignDecision(w.panel[n].Key, w.support(word))}
}

func (w *witness) decisionBody(word string) map[string]any {
	return map[string]any{"lines": w.support(word), "body": "", "signature": b64(w.decided(word, 0).Signature)}
}

// lateWrap hands a key on to a member who has it already, which is no mistake.
func (w *witness) lateWrap(from int, epoch string) map[string]any {
	file := []byte("sealed")
	return map[string]any{
		"epoch": epoch, "reviewer": w.panel[1].ID, "file": b64(file), "signature": b64(keyring.SignWrap(w.panel[from].Key, epoch, w.panel[1].ID, file)),
	}
}

const refusals = "POST /panel/c/{clinic}/epochs/{epoch}/refusals"

const openings, openingAnswers = "POST /panel/c/{clinic}/openings", "POST /panel/c/{clinic}/openings/{opening}/answers"

// request is one to open an epoch, as its asker signs it.
func (w *witness) request(epoch string, asker int) string {
	r := keyring.OpeningRequest{
		ClinicID: w.place.ID, EpochID: epoch, Requester: w.panel[asker].ID,
		Recipient: w.panel[asker].Identity.Recipient().String(), Day: w.now.Truncate(24 * time.Hour),
	}
	return r.Lines()
}

// prepareOpenings puts an epoch there that two open together, whose days are far off and which was called back, so that it
// disturbs nobody, and a request of the second reviewer's.
func (w *witness) prepareOpenings(member *http.Cookie) {
	o := w.more.NewOffer(w.t, w.now.AddDate(0, 0, 300))
	leaf := make([]byte, 32)
	rand.Read(leaf)
	_, err := w.db.NewInsert().Model(&keyring.Epoch{
		ID: o.Record.ID, ClinicID: w.place.ID, State: keyring.StateRevoked, Recipient: o.Record.Recipient, NotBefore: o.Record.NotBefore,
		NotAfter: o.Record.NotAfter, RetainUntil: o.Record.RetainUntil, QuorumK: 2, QuorumN: 3, ManifestVersion: 1, Record: o.Record.Lines(),
		DealerID: o.Dealer.ReviewerID, DealerSignature: o.Dealer.Signature, OfferedOn: w.now, RevokedOn: &w.now, LeafHash: leaf,
	}).Exec(w.t.Context())
	w.must(err)
	own, theirs := w.request(o.Record.ID, 0), w.request(o.Record.ID, 1)
	asked, err := w.config.Keys.RequestOpening(w.t.Context(), w.place.ID, theirs, keyring.Signature{ReviewerID: w.panel[1].ID, Signature: keyring.SignOpening(w.panel[1].Key, theirs)})
	w.must(err)
	w.good["GET /panel/c/{clinic}/openings"] = shot{path: onPanel + "/openings"}.as(member)
	w.good[openings] = shot{path: onPanel + "/openings", kind: jsonType, body: asJSON(map[string]any{
		"lines": own, "signature": b64(keyring.SignOpening(w.panel[0].Key, own)),
	})}.as(member)
	file := []byte("a sealed part")
	w.good[openingAnswers] = shot{path: onPanel + "/openings/" + asked.ID + "/answers", kind: jsonType, body: asJSON(map[string]any{
		"file": b64(file), "signature": b64(keyring.SignShare(w.panel[0].Key, theirs, file)),
	})}.as(member)
}

func (w *witness) signInBody(r keyringtest.Reviewer) map[string]string {
	nonce, err := w.config.Accounts.NewNonce(w.t.Context())
	w.must(err)
	text := account.SignInText(keyringtest.WebOrigin, r.ID, nonce, w.now.Add(time.Minute))
	return map[string]string{"text": string(text), "signature": b64(ed25519.Sign(r.Key, text))}
}

func (w *witness) enrolBody(clinicID string) map[string]string {
	code, err := w.config.Accounts.Invite(w.t.Context(), clinicID)
	w.must(err)
	return enrolText(code, keyringtest.NewReviewer(w.t), keyringtest.NewReviewer(w.t))
}

// enrolText brings the recipient of one identity and the key of another; the server cannot tell.
func enrolText(code string, forRecipient, forKey keyringtest.Reviewer) map[string]string {
	recipient := forRecipient.Identity.Recipient().String()
	return map[string]string{
		"invitation": code, "recipient": recipient, "verify_key": b64(forKey.Key.Public().(ed25519.PublicKey)),
		"signature": b64(ed25519.Sign(forKey.Key, account.EnrolText(code, recipient))),
	}
}

func offerBody(o *keyringtest.Offer) map[string]any {
	wraps := []map[string]string{}
	for reviewer, file := range o.Wraps {
		wraps = append(wraps, map[string]string{"reviewer": reviewer, "file": b64(file)})
	}
	return map[string]any{"record": o.Record.Lines(), "signature": b64(o.Dealer.Signature), "wraps": wraps}
}
