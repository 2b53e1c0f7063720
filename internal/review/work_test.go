package review_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/intake"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/review"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

// desk is a clinic with one message in its queue.
type desk struct {
	*keyringtest.Place
	t        *testing.T
	store    *review.Store
	in       *intake.Store
	epoch    *keyring.Record
	leaf     [32]byte
	anchor   seal.Commitment
	token    seal.Token
	at       time.Time
	reviewer []*account.Reviewer
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, at: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	now := func() time.Time { return d.at }
	d.Place = keyringtest.New(t, pgtest.New(t), now)
	d.epoch = d.Deal(t, d.at)
	d.in = &intake.Store{DB: d.DB, Origin: keyringtest.Origin, Tickets: d.Tickets, Keys: d.Keys, Now: now}
	d.store = &review.Store{DB: d.DB, Now: now}
	rand.Read(d.anchor[:])
	rand.Read(d.token[:])
	_, err := d.in.Submit(t.Context(), d.ClinicID, intake.Request{Epoch: d.epoch.ID, File: d.sealed(), Anchor: d.anchor, Withdraw: d.token.Commitment()})
	if err == nil {
		_, err = d.in.Batch(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	files, _, err := d.store.Deliver(t.Context(), d.ClinicID, d.epoch.ID, d.Reviewers[0].ID, nil)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	d.leaf = [32]byte(files[0].LeafHash)
	for _, r := range d.Reviewers {
		row, err := d.Keys.Accounts.Reviewer(t.Context(), d.DB, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		d.reviewer = append(d.reviewer, row)
	}
	return d
}

func (d *desk) sealed() []byte {
	file, err := seal.Seal(&seal.Plaintext{V: 1, T: seal.KindDecoy}, d.epoch.Recipient)
	if err != nil {
		d.t.Fatal(err)
	}
	return file
}

// another brings one more message and gives its leaf hash.
func (d *desk) another() [32]byte {
	d.t.Helper()
	r := intake.Request{Epoch: d.epoch.ID, File: d.sealed()}
	rand.Read(r.Anchor[:])
	rand.Read(r.Withdraw[:])
	got, err := d.in.Submit(d.t.Context(), d.ClinicID, r)
	if err == nil {
		_, err = d.in.Batch(d.t.Context())
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return got.LeafHash
}

func (d *desk) put(who int, kind string, n int) error {
	file := d.sealed()
	e := &review.Envelope{ClinicID: d.ClinicID, LeafHash: d.leaf, Kind: kind, N: n, FileHash: seal.FileHash(file), Day: d.at.Truncate(24 * time.Hour)}
	return d.store.Put(d.t.Context(), e, d.reviewer[who], file, e.Sign(d.Reviewers[who].Key))
}

func (d *desk) take(who int, role string) error {
	return d.store.Take(d.t.Context(), d.ClinicID, d.Reviewers[who].ID, d.leaf, role)
}

func (d *desk) recuse(who int) error {
	file := d.sealed()
	return d.recuseKeeping(who, file, review.SignReminder(d.Reviewers[who].Key, d.ClinicID, d.leaf, d.Reviewers[who].ID, seal.FileHash(file)))
}

// recuseKeeping steps back with a reminder.
func (d *desk) recuseKeeping(who int, file, signed []byte) error {
	signature := review.SignRecusal(d.Reviewers[who].Key, d.ClinicID, d.leaf, d.Reviewers[who].ID)
	return d.store.Recuse(d.t.Context(), d.ClinicID, d.reviewer[who], d.leaf, signature, &review.Reminder{File: file, Signature: signed}, nil)
}

// sees counts what of a kind a reviewer is handed.
func (d *desk) sees(who int, kind string) (n int) {
	files, _, err := d.store.Files(d.t.Context(), d.ClinicID, d.epoch.ID, d.Reviewers[who].ID, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range files {
		if f.Kind == kind {
			n++
		}
	}
	return n
}

func (d *desk) want(what string, got, want error) {
	d.t.Helper()
	if !errors.Is(got, want) {
		d.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestNoCodingIsHandedOutBeforeBothAreIn(t *testing.T) {
	d := newDesk(t)
	d.want("a coding without a claim", d.put(0, review.KindCoding, 0), review.ErrNotYours)
	d.want("a checker before codings", d.take(2, review.RoleChecker), review.ErrEarly)
	d.want("claim", d.take(0, review.RoleCoder), nil)
	d.want("claim", d.take(1, review.RoleCoder), nil)
	d.want("a third coder at once", d.take(2, review.RoleCoder), review.ErrClaimed)
	d.want("coding", d.put(0, review.KindCoding, 0), nil)
	d.want("a second coding of one reviewer", d.put(0, review.KindCoding, 1), review.ErrFrozen)
	d.want("agreement with oneself", d.put(0, review.KindConsensus, 0), review.ErrEarly)
	if d.sees(0, review.KindCoding) != 1 || d.sees(1, review.KindCoding) != 0 || d.sees(2, review.KindCoding) != 0 {
		t.Error("a coding is handed out before both are in")
	}
	d.want("coding", d.put(1, review.KindCoding, 0), nil)
	for who := range 3 {
		if d.sees(who, review.KindCoding) != 2 {
			t.Errorf("reviewer %d is not handed both codings", who)
		}
	}
	d.want("a check before agreement", d.take(2, review.RoleChecker), nil)
	d.want("a check before agreement", d.put(2, review.KindCheck, 0), review.ErrEarly)
	d.want("consensus", d.put(0, review.KindConsensus, 0), nil)
	d.want("a decision before two agree", d.put(2, review.KindSharing, 0), review.ErrEarly)
	d.want("consensus of one who coded nothing", d.put(2, review.KindConsensus, 0), review.ErrNotYours)
	d.want("consensus", d.put(1, review.KindConsensus, 0), nil)
	d.want("a coder's check", d.put(0, review.KindCheck, 0), review.ErrNotYours)
	d.want("check", d.put(2, review.KindCheck, 0), nil)
	d.want("handing the check back", d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[2].ID, d.leaf), nil)
	d.want("somebody else checks", d.take(2, review.RoleChecker), nil)
	d.want("a second check", d.put(2, review.KindCheck, 1), nil)
	d.want("decision", d.put(2, review.KindSharing, 0), nil)
}

func TestTheThirdIsHandedNothingOfOthersBeforeTheirOwnCoding(t *testing.T) {
	d := newDesk(t)
	for who := range 2 {
		d.want("claim", d.take(who, review.RoleCoder), nil)
		d.want("coding", d.put(who, review.KindCoding, 0), nil)
	}
	d.want("note", d.put(0, review.KindNote, 0), nil)
	d.want("consensus", d.put(1, review.KindConsensus, 0), nil)
	d.want("the third", d.take(2, review.RoleThird), nil)
	d.want("the third's own note", d.put(2, review.KindNote, 0), nil)
	if d.sees(2, review.KindCoding) != 0 || d.sees(2, review.KindConsensus) != 0 || d.sees(2, review.KindNote) != 1 {
		t.Error("the third is handed what others found before their own coding is in")
	}
	if d.sees(0, review.KindCoding) != 2 || d.sees(0, review.KindNote) != 2 {
		t.Error("the two are not handed each other's work any more")
	}
	d.want("the third's coding", d.put(2, review.KindCoding, 0), nil)
	if d.sees(2, review.KindCoding) != 3 || d.sees(2, review.KindConsensus) != 1 || d.sees(2, review.KindNote) != 2 {
		t.Error("after their own coding the third is not handed the rest")
	}
}

func TestAThirdIsFollowedByAnotherOnlyWhereTooFewAreLeftToAgree(t *testing.T) {
	for _, c := range []struct {
		what   string
		coders []string
		roles  map[string]string
		gone   map[string]bool
		want   error
	}{
		{"one coding", []string{"a"}, nil, nil, review.ErrEarly},
		{"two codings", []string{"a", "b"}, nil, nil, nil},
		{"a third reads it", []string{"a", "b"}, map[string]string{"c": review.RoleThird}, nil, review.ErrClaimed},
		{"three codings", []string{"a", "b", "c"}, map[string]string{"c": review.RoleThird}, nil, review.ErrClaimed},
		{"three, and one of them gone", []string{"a", "b", "c"}, nil, map[string]bool{"c": true}, review.ErrClaimed},
		{"three, and two of them gone", []string{"a", "b", "c"}, map[string]string{"c": review.RoleThird}, map[string]bool{"a": true, "b": true}, nil},
	} {
		b := &review.Board{Roles: c.roles, Files: map[string]map[string]int{review.KindCoding: {}}, Gone: c.gone}
		for _, id := range c.coders {
			b.Files[review.KindCoding][id] = 1
		}
		if err := b.MayTake("d", review.RoleThird); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, err, c.want)
		}
	}
}

func TestAHandBackLeavesNoRowThatSaysWhose(t *testing.T) {
	d := newDesk(t)
	d.want("claim", d.take(0, review.RoleCoder), nil)
	d.want("draft", d.put(0, review.KindDraft, 0), nil)
	d.want("a colleague's draft", d.put(1, review.KindDraft, 0), nil)
	d.want("hand back", d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[0].ID, d.leaf), nil)
	if d.sees(0, review.KindDraft) != 0 || d.sees(1, review.KindDraft) != 1 {
		t.Error("the draft of who handed it back stays, or a colleague's went")
	}
	d.want("claim", d.take(0, review.RoleCoder), nil)
	d.want("coding", d.put(0, review.KindCoding, 0), nil)
	d.want("draft", d.put(0, review.KindDraft, 0), nil)
	d.want("hand back after the coding", d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[0].ID, d.leaf), nil)
	if d.sees(0, review.KindDraft) != 1 {
		t.Error("a note to oneself beside a coding that stays is gone")
	}
}

func TestOfTwoWhoClaimTheLastPartAtOnceOneGetsIt(t *testing.T) {
	d := newDesk(t)
	d.want("claim", d.take(0, review.RoleCoder), nil)
	var wait sync.WaitGroup
	var got [2]error
	for i := range got {
		wait.Go(func() { got[i] = d.take(i+1, review.RoleCoder) })
	}
	wait.Wait()
	if (got[0] == nil) == (got[1] == nil) || !errors.Is(errors.Join(got[:]...), review.ErrClaimed) {
		t.Errorf("they got %v", got)
	}
}

func TestWhoStepsBackIsHandedNothingAnyMore(t *testing.T) {
	d := newDesk(t)
	d.want("note", d.put(0, review.KindNote, 0), nil)
	d.want("claim", d.take(1, review.RoleCoder), nil)
	forged := review.SignRecusal(d.Reviewers[0].Key, d.ClinicID, d.leaf, d.Reviewers[1].ID)
	d.want("a recusal in another's name", d.store.Recuse(t.Context(), d.ClinicID, d.reviewer[1], d.leaf, forged, nil, nil), review.ErrSignature)
	d.want("a reminder that nobody signed", d.recuseKeeping(1, d.sealed(), make([]byte, 64)), review.ErrSignature)
	var shape *seal.ShapeError
	if err := d.recuseKeeping(1, []byte("in the clear"), nil); !errors.As(err, &shape) {
		t.Errorf("a reminder in the clear got %v", err)
	}
	d.want("recusal", d.recuse(1), nil)
	d.want("the same again", d.recuse(1), nil)
	files, _, err := d.store.Deliver(t.Context(), d.ClinicID, d.epoch.ID, d.Reviewers[1].ID, nil)
	if err != nil || len(files) != 0 || d.sees(1, review.KindNote) != 0 {
		t.Errorf("%d files and %d notes, %v", len(files), d.sees(1, review.KindNote), err)
	}
	if files, _, err := d.store.Deliver(t.Context(), d.ClinicID, d.epoch.ID, d.Reviewers[0].ID, nil); err != nil || len(files) != 1 {
		t.Errorf("a colleague is handed %d files, %v", len(files), err)
	}
	d.want("a claim afterwards", d.take(1, review.RoleCoder), review.ErrRecused)
	d.want("a note afterwards", d.put(1, review.KindNote, 0), review.ErrRecused)
	d.want("the part is free", errors.Join(d.take(0, review.RoleCoder), d.take(2, review.RoleCoder)), nil)
	own, err := d.store.Recusals(t.Context(), d.ClinicID, d.Reviewers[1].ID)
	if err != nil || len(own) != 1 || !review.VerifyRecusal(d.reviewer[1].VerifyKey, d.ClinicID, d.leaf, d.Reviewers[1].ID, own[0].Signature) ||
		!review.VerifyReminder(d.reviewer[1].VerifyKey, d.ClinicID, d.leaf, d.Reviewers[1].ID, seal.FileHash(own[0].Reminder), own[0].ReminderSignature) {
		t.Errorf("recusals %v, %v", own, err)
	}
}

// A message can go and its writer write on: what a reviewer knows them by stays, and says of no message that they stepped back from it.
func TestWhatIsKeptOfAStepBackOutlivesItsMessageAndNamesNone(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			me := d.Reviewers[1]
			kept := func(by int) *review.Reminder {
				file := d.sealed()
				return &review.Reminder{File: file, Signature: review.SignKept(d.Reviewers[by].Key, d.ClinicID, me.ID, seal.FileHash(file))}
			}
			recuse := func(k *review.Reminder) error {
				return d.store.Recuse(t.Context(), d.ClinicID, d.reviewer[1], d.leaf, review.SignRecusal(me.Key, d.ClinicID, d.leaf, me.ID), nil, k)
			}
			d.want("what nobody signed", recuse(kept(0)), review.ErrSignature)
			one := kept(1)
			d.want("a step back, twice", errors.Join(recuse(one), recuse(one)), nil)
			d.want("the end", end(d), nil)
			d.want("a step back from what is gone", recuse(kept(1)), nil)
			d.want("one that keeps nothing", recuse(nil), review.ErrGone)
			recusals, err := d.store.Recusals(t.Context(), d.ClinicID, me.ID)
			got, errKept := d.store.Kept(t.Context(), d.ClinicID, me.ID)
			if errors.Join(err, errKept) != nil || len(recusals) != 0 || len(got) != 2 {
				t.Fatalf("%d steps back and %d kept, %v", len(recusals), len(got), errors.Join(err, errKept))
			}
			if others, err := d.store.Kept(t.Context(), d.ClinicID, d.Reviewers[0].ID); err != nil || len(others) != 0 {
				t.Errorf("a colleague is given %d, %v", len(others), err)
			}
			for _, k := range got {
				if !review.VerifyKept(d.reviewer[1].VerifyKey, d.ClinicID, me.ID, seal.FileHash(k.File), k.Signature) {
					t.Error("what was kept does not hold")
				}
			}
			var columns []string
			err = d.DB.NewRaw(`SELECT attname FROM pg_attribute WHERE attrelid = 'kept_reminder'::regclass AND attnum > 0 ORDER BY attnum`).Scan(t.Context(), &columns)
			if want := []string{"clinic_id", "reviewer_id", "file_hash", "file", "signature"}; err != nil || !slices.Equal(columns, want) {
				t.Errorf("the row says more than it has to: %v, %v", columns, err)
			}
		})
	}
}

func TestDraftsAreTheAuthorsAndReplaceEachOther(t *testing.T) {
	d := newDesk(t)
	d.want("draft", errors.Join(d.put(0, review.KindDraft, 0), d.put(0, review.KindDraft, 0)), nil)
	if d.sees(0, review.KindDraft) != 1 || d.sees(1, review.KindDraft) != 0 {
		t.Error("a draft is kept twice or handed to others")
	}
	// Of two places at which one person types, the later one hears of the other.
	draft := func(replaces [32]byte) ([32]byte, error) {
		file := d.sealed()
		e := &review.Envelope{ClinicID: d.ClinicID, LeafHash: d.leaf, Kind: review.KindDraft, FileHash: seal.FileHash(file), Day: d.at.Truncate(24 * time.Hour)}
		return e.FileHash, d.store.PutDraft(t.Context(), e, d.reviewer[1], file, e.Sign(d.Reviewers[1].Key), review.Draft{Replaces: replaces})
	}
	first, err := draft([32]byte{})
	d.want("a first draft", err, nil)
	_, err = draft([32]byte{})
	d.want("a first draft from elsewhere", err, review.ErrDraft)
	second, err := draft(first)
	d.want("the next", err, nil)
	_, err = draft(first)
	d.want("the next from elsewhere", err, review.ErrDraft)
	_, err = draft(second)
	d.want("once it was seen", err, nil)
}

func TestADraftTypedInAPartThatIsHandedBackIsRefused(t *testing.T) {
	d := newDesk(t)
	draft := func(who int, inPart bool) error {
		file := d.sealed()
		e := &review.Envelope{ClinicID: d.ClinicID, LeafHash: d.leaf, Kind: review.KindDraft, FileHash: seal.FileHash(file), Day: d.at.Truncate(24 * time.Hour)}
		return d.store.PutDraft(t.Context(), e, d.reviewer[who], file, e.Sign(d.Reviewers[who].Key), review.Draft{InPart: inPart})
	}
	back := func(who int) error { return d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[who].ID, d.leaf) }
	d.want("taking and handing back", errors.Join(d.take(0, review.RoleCoder), draft(0, true), back(0)), nil)
	d.want("a window that is open still", draft(0, true), review.ErrGivenBack)
	if d.sees(0, review.KindDraft) != 0 {
		t.Error("the server can tell who handed it back")
	}
	d.want("who only looks", draft(2, false), nil)

	// Who has sent something is named by that.
	d.want("a coding", errors.Join(d.take(1, review.RoleCoder), d.put(1, review.KindCoding, 0), back(1)), nil)
	d.want("a draft of its author", draft(1, true), nil)
}

func TestAHandBackLeavesNoRowThatNamesWhoDidIt(t *testing.T) {
	d := newDesk(t)
	named := func(who int) (n int) {
		for _, table := range []string{"review_file WHERE author_id", "claim WHERE reviewer_id"} {
			var rows int
			d.want("counting", d.DB.NewRaw(`SELECT count(*) FROM `+table+` = ?`, d.Reviewers[who].ID).Scan(t.Context(), &rows), nil)
			n += rows
		}
		return n
	}
	d.want("taking and typing", errors.Join(d.take(0, review.RoleCoder), d.put(0, review.KindDraft, 0), d.take(1, review.RoleCoder), d.put(1, review.KindDraft, 0)), nil)
	d.want("handing back", d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[0].ID, d.leaf), nil)
	if named(0) != 0 || d.sees(1, review.KindDraft) != 1 {
		t.Errorf("%d rows name who handed back, and a colleague has %d drafts", named(0), d.sees(1, review.KindDraft))
	}
	d.want("coding", d.put(1, review.KindCoding, 0), nil)
	d.want("handing back what is coded", d.store.HandBack(t.Context(), d.ClinicID, d.Reviewers[1].ID, d.leaf), nil)
	if d.sees(1, review.KindDraft) != 1 {
		t.Error("who has coded loses what they wrote to themselves")
	}
}

func TestWhoLeavesThePanelHasNoClaimAndTheCodingStays(t *testing.T) {
	d := newDesk(t)
	d.want("claims", errors.Join(d.take(0, review.RoleCoder), d.take(1, review.RoleCoder), d.put(0, review.KindCoding, 0)), nil)
	_, err := d.DB.NewRaw(`UPDATE panel_member SET left_on = '2026-11-22' WHERE reviewer_id IN ?`, bun.Tuple([]string{d.Reviewers[0].ID, d.Reviewers[1].ID})).Exec(t.Context())
	d.want("leaving", err, nil)
	d.want("the part of the one who had coded nothing", errors.Join(d.take(2, review.RoleCoder), d.put(2, review.KindCoding, 0)), nil)
	if d.sees(2, review.KindCoding) != 2 {
		t.Error("the coding of the one who left is gone")
	}
}

// ends are the ways in which a message goes.
var ends = map[string]func(d *desk) error{
	"withdrawn": func(d *desk) error {
		_, err := d.in.Withdraw(d.t.Context(), d.ClinicID, d.anchor, d.token)
		return err
	},
	"shredded": func(d *desk) error {
		return d.DB.RunInTx(d.t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			return d.in.Shred(ctx, tx, d.ClinicID, d.epoch.ID)
		})
	},
}

func TestAMessageTakenBackWhileItIsFetchedBreaksNothing(t *testing.T) {
	d := newDesk(t)
	_, err := d.DB.NewRaw(`DELETE FROM delivery`).Exec(t.Context())
	d.want("not fetched yet", err, nil)
	back, err := d.DB.BeginTx(t.Context(), nil)
	d.want("beginning", err, nil)
	_, err = back.NewRaw(`DELETE FROM submission WHERE leaf_hash = ?`, d.leaf[:]).Exec(t.Context())
	d.want("taking back", err, nil)
	fetched := make(chan error)
	go func() {
		_, _, err := d.store.Deliver(t.Context(), d.ClinicID, d.epoch.ID, d.Reviewers[0].ID, nil)
		fetched <- err
	}()
	for waiting := 0; waiting == 0; time.Sleep(5 * time.Millisecond) {
		err := d.DB.NewRaw(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(t.Context(), &waiting)
		d.want("looking who waits", err, nil)
	}
	d.want("taken back", back.Commit(), nil)
	d.want("fetching", <-fetched, nil)
}

func TestWorkGoesWithItsMessage(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.want("work", errors.Join(d.take(0, review.RoleCoder), d.put(0, review.KindCoding, 0), d.recuse(1), end(d)), nil)
			var left int
			err := d.DB.NewRaw(`SELECT (SELECT count(*) FROM review_file) + (SELECT count(*) FROM claim) + (SELECT count(*) FROM recusal)`).Scan(t.Context(), &left)
			if err != nil || left != 0 {
				t.Errorf("%d rows are left, %v", left, err)
			}
			d.want("a note on it", d.put(0, review.KindNote, 0), review.ErrGone)
		})
	}
}

func TestAnActAndItsLeafAreOne(t *testing.T) {
	d := newDesk(t)
	act := func(who int, n int, day time.Time) transparency.Leaf {
		a := &transparency.Action{Tag: transparency.ActionTag([32]byte{1}, "assessed", n), Code: "assessed", Day: day, ReviewerID: d.Reviewers[who].ID}
		a.Sign(d.Reviewers[who].Key)
		return a.Leaf()
	}
	today := d.at.Truncate(24 * time.Hour)
	do := func(who int, leaf transparency.Leaf) error {
		return d.store.Do(t.Context(), d.ClinicID, d.reviewer[who], leaf)
	}
	d.want("act", errors.Join(do(0, act(0, 0, today)), do(0, act(0, 0, today))), nil)
	d.want("a tag that is taken", do(1, act(1, 0, today)), review.ErrTag)
	d.want("another's act", do(0, act(1, 1, today)), review.ErrSignature)
	d.want("another day", do(0, act(0, 1, today.AddDate(0, 0, -1))), review.ErrDay)
	d.want("no leaf", do(0, transparency.Leaf("x")), transparency.ErrLeaf)
	var waiting, rows int
	err := d.DB.NewRaw(`SELECT (SELECT count(*) FROM log_waiting), (SELECT count(*) FROM act)`).Scan(t.Context(), &waiting, &rows)
	if err != nil || waiting != 1 || rows != 1 {
		t.Errorf("%d leaves and %d acts, %v", waiting, rows, err)
	}
}

// A member who calls a message made up must not be able to hide it: others are given its file until two have made a card of it.
func TestOneCardAloneIsNotReliedOn(t *testing.T) {
	d := newDesk(t)
	given := func(who int) bool {
		t.Helper()
		files, _, err := d.store.DeliverUncarded(t.Context(), d.ClinicID, d.epoch.ID, d.Reviewers[who].ID, nil)
		d.want("files", err, nil)
		work, err := d.store.Work(t.Context(), d.ClinicID, d.epoch.ID, d.Reviewers[who].ID)
		d.want("work", err, nil)
		if len(work) != 1 || work[0].Carded == (len(files) == 1) {
			t.Errorf("reviewer %d is given %d files, and told %+v", who, len(files), work)
		}
		return len(files) == 1
	}
	for cards, want := range [][3]bool{{true, true, true}, {false, true, true}, {false, false, false}} {
		if cards > 0 {
			d.want("card", d.put(cards-1, review.KindCard, 0), nil)
		}
		if got := [3]bool{given(0), given(1), given(2)}; got != want {
			t.Errorf("with %d cards files are given to %v, want %v", cards, got, want)
		}
	}
}
