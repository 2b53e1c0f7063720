package client

import (
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"answerable/internal/coding"
	"answerable/internal/review"
	"answerable/internal/seal"
)

// plants puts a file that a member signed into the database past all that the server holds to.
func (w *team) plants(b *Bench, c *Case, body coding.Body, day string, n int) {
	w.t.Helper()
	f := &coding.File{Place: b.place(c, b.ID), Body: body}
	padded, err := f.Encode()
	must(w.t, err)
	key, err := b.opener.epochKey(c.Epoch)
	must(w.t, err)
	file, err := seal.SealReview(padded, key.Recipient().String())
	must(w.t, err)
	on, err := time.Parse(time.DateOnly, day)
	must(w.t, err)
	hash := seal.FileHash(file)
	e := review.Envelope{ClinicID: w.clinicID, LeafHash: c.Leaf, Kind: body.Kind(), N: n, FileHash: hash, Day: on}
	_, err = w.tlog.DB.NewInsert().Model(&review.File{
		LeafHash: c.Leaf[:], Kind: body.Kind(), AuthorID: b.ID, N: n, File: file, FileHash: hash[:], Signature: e.Sign(b.key), WrittenOn: on,
	}).Exec(w.t.Context())
	must(w.t, err)
}

// Who was removed from a panel still has their key, and a server could help them. What they sign then counts for nothing, but for what
// is dated back onto a message of their time: nobody can tell that from what they wrote while they were on it.
func TestWhoWasRemovedFromThePanelWritesNothingThatCounts(t *testing.T) {
	w := newTeam(t, 4)
	ctx := t.Context()
	_, early := w.tells("panel_summary_to_clinic")
	w.batch()
	w.agrees(early)
	gone, c := w.on(3, early)
	must(t, gone.Declare(c))
	must(t, gone.Note(ctx, c, "written while they were on it"))
	removed := gone.Today
	inUse, err := w.client().Epoch(ctx, testClinic)
	must(t, err)

	_, err = w.keys.ProposeManifest(ctx, w.clinicID, 2, w.panel[3].ID)
	must(t, err)
	for _, r := range w.panel[:2] {
		signWaiting(t, r)
	}
	w.later(48 * time.Hour)
	anchor, withdraw := seal.Token{1}.Commitment(), seal.Token{2}.Commitment()
	file, err := seal.Seal(&seal.Plaintext{
		V: 1, T: seal.KindSubmission, Epoch: inUse.ID, Origin: inUse.Origin, SealedBy: seal.SealedByClient, Form: inUse.Form, Lang: "en",
		Answers: []seal.Answer{{Q: "words", A: "it came later"}}, Anchor: anchor.String(),
	}, inUse.Recipient)
	must(t, err)
	accepted, err := w.client().PostFile(ctx, testClinic, inUse, file, anchor, withdraw) // under the key that is still in use
	must(t, err)
	w.batch()
	late := hex.EncodeToString(accepted.LeafHash[:])
	other := &Case{Leaf: accepted.LeafHash, Epoch: c.Epoch}
	today := w.now().Format(time.DateOnly)
	looked := &coding.Check{Outgoing: coding.Outgoing{Form: coding.FormParaphrase, Words: "Somebody was held down."}}

	w.plants(gone, c, looked, today, 0)
	w.plants(gone, other, &coding.Coding{Found: *foundHere()}, removed, 0)
	w.plants(gone, other, &coding.Note{Text: "dated back"}, removed, 0)
	b := w.hostileBench(0)
	c, err = b.Case(early)
	must(t, err)
	if c.check() != nil || len(c.Notes) != 1 || c.Stage(b.Today) != StageAgreed {
		t.Errorf("dated after they left: the check is %v, %d notes, stage %s", c.check(), len(c.Notes), c.Stage(b.Today))
	}
	one, err := b.Case(late)
	must(t, err)
	if len(one.Codings)+len(one.Notes) != 0 || len(one.codedBy()) != 0 || !slices.Contains(b.Unproven, Unproven{w.panel[3].ID, partCoded}) {
		t.Errorf("on a message that came after: %d codings, %d notes, by %v, unproven %v", len(one.Codings), len(one.Notes), one.codedBy(), b.Unproven)
	}
	if b.Unread != 2 {
		t.Errorf("%d files are told of", b.Unread)
	}

	w.plants(gone, c, looked, removed, 1)
	b = w.hostileBench(0)
	if c, err = b.Case(early); err != nil || c.check() == nil || b.Unread != 2 {
		t.Errorf("dated back onto a message of their time: %v, check %v, %d told of", err, c.check(), b.Unread)
	}
}
