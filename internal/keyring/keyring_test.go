package keyring_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"answerable/internal/account"
	"answerable/internal/keyring"
	"answerable/internal/keyring/keyringtest"
	"answerable/internal/postgres/pgtest"
	"answerable/internal/seal"
	"answerable/internal/transparency"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// clock is a time that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newPlace(t *testing.T) (*keyringtest.Place, *clock) {
	c := &clock{at: noon}
	return keyringtest.New(t, pgtest.New(t), c.now), c
}

func logged(t *testing.T, p *keyringtest.Place) []transparency.Leaf {
	t.Helper()
	var entries []transparency.Entry
	if err := p.DB.NewSelect().Model(&entries).Order("index").Scan(context.Background()); err != nil {
		t.Fatal(err)
	}
	var leaves []transparency.Leaf
	for _, e := range entries {
		leaves = append(leaves, e.Leaf)
	}
	return leaves
}

func TestFirstManifestNeedsEveryone(t *testing.T) {
	ctx := context.Background()
	p, _ := newPlace(t)
	chain, err := p.Keys.Manifests(ctx, p.DB, p.ClinicID)
	if err != nil || len(chain) != 1 || chain[0].State != "logged" || len(chain[0].Signatures) != 3 {
		t.Fatalf("got %+v, %v", chain, err)
	}
	leaves := logged(t, p)
	if len(leaves) != 1 || leaves[0].Kind() != transparency.KindPanel || !strings.HasPrefix(string(leaves[0]), chain[0].Lines) {
		t.Errorf("the log holds %q", leaves)
	}
	m, err := keyring.ParseManifest(chain[0].Lines)
	if err != nil {
		t.Fatal(err)
	}
	for drop := range chain[0].Signatures {
		some := slices.Delete(slices.Clone(chain[0].Signatures), drop, drop+1)
		if m.Complete(nil, some) {
			t.Errorf("version 1 is complete without signature %d", drop)
		}
	}
}

func TestLaterManifestNeedsBothPanels(t *testing.T) {
	ctx := context.Background()
	p, _ := newPlace(t)
	_, old, err := p.Keys.Current(ctx, p.DB, p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	p.Reviewers = append(p.Reviewers, p.Enrol(t))
	next, err := p.Keys.ProposeManifest(ctx, p.ClinicID, 3)
	if err != nil {
		t.Fatal(err)
	}
	var signatures []keyring.Signature
	for _, r := range p.Reviewers {
		signatures = append(signatures, keyring.Signature{ReviewerID: r.ID, Signature: keyring.SignManifest(r.Key, next.Lines())})
	}
	last := len(signatures) - 1 // who is new
	if next.Complete(old, []keyring.Signature{signatures[0], signatures[last]}) {
		t.Error("complete with two of the new panel, though three are needed")
	}
	if next.Complete(old, signatures[:last]) {
		t.Error("complete without who is new: nobody else can say which keys are theirs")
	}
	if next.Complete(old, signatures[1:3]) || next.Complete(old, append(signatures[3:], signatures[0], signatures[0])) {
		t.Error("complete though a signature is counted twice or the old panel signed once")
	}
	if !next.Complete(old, []keyring.Signature{signatures[0], signatures[1], signatures[last]}) {
		t.Error("not complete with two of the old panel and three of the new, who is new among them")
	}
}

func TestForeignSignatureOnManifestIsRefused(t *testing.T) {
	ctx := context.Background()
	p, _ := newPlace(t)
	m, err := p.Keys.ProposeManifest(ctx, p.ClinicID, 2)
	if err != nil {
		t.Fatal(err)
	}
	other := keyringtest.NewReviewer(t)
	_, err = p.Keys.SignManifest(ctx, p.ClinicID, p.Reviewers[0].ID, m.Version, keyring.SignManifest(other.Key, m.Lines()))
	if !errors.Is(err, keyring.ErrSignature) {
		t.Errorf("got %v, want ErrSignature", err)
	}
	_, err = p.Keys.SignManifest(ctx, p.ClinicID, p.Reviewers[0].ID, 1, keyring.SignManifest(p.Reviewers[0].Key, m.Lines()))
	if !errors.Is(err, keyring.ErrStale) {
		t.Errorf("a version that is logged: got %v, want ErrStale", err)
	}
}

func TestNoEpochTakesWordsBeforeEnoughAcks(t *testing.T) {
	ctx := context.Background()
	p, _ := newPlace(t)
	o := p.NewOffer(t, noon)
	if err := p.Send(o); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Keys.Active(ctx, p.ClinicID); !errors.Is(err, keyring.ErrNoEpoch) {
		t.Errorf("offered: got %v, want ErrNoEpoch", err)
	}
	for range 2 { // the same reviewer twice is one ack
		if state, err := p.Ack(0, o); err != nil || state != keyring.StateOffered {
			t.Errorf("one ack: state %q, %v", state, err)
		}
	}
	if len(logged(t, p)) != 1 {
		t.Error("an epoch with one ack is in the log")
	}
	if state, err := p.Ack(1, o); err != nil || state != keyring.StateLogged {
		t.Fatalf("two acks: state %q, %v", state, err)
	}
	e, err := p.Keys.Active(ctx, p.ClinicID)
	if err != nil || e.ID != o.Record.ID || e.Recipient != o.Identity.Recipient().String() {
		t.Errorf("got %v, %v", e, err)
	}
	leaf := logged(t, p)[1]
	if leaf.Kind() != transparency.KindEpoch || strings.Count(string(leaf), "\nack ") != 2 || !strings.Contains(string(leaf), p.TicketKey) {
		t.Errorf("the leaf is %q", leaf)
	}
	if _, err := p.Ack(2, o); err != nil {
		t.Errorf("a late ack: %v", err)
	}
	if len(logged(t, p)) != 2 {
		t.Error("a late ack wrote a second leaf")
	}
}

func TestEveryReviewerGetsOnlyTheOwnWrap(t *testing.T) {
	ctx := context.Background()
	p, _ := newPlace(t)
	r := p.Deal(t, noon)
	for i, reviewer := range p.Reviewers {
		file, err := p.Keys.WrapFor(ctx, r.ID, reviewer.ID)
		if err != nil {
			t.Fatal(err)
		}
		identity, err := seal.OpenEpochKey(file.File, reviewer.Identity, r.ID, r.Recipient)
		if err != nil || identity.Recipient().String() != r.Recipient {
			t.Errorf("own wrap: %v", err)
		}
		other := p.Reviewers[(i+1)%3]
		if _, err := seal.OpenEpochKey(file.File, other.Identity, r.ID, r.Recipient); !errors.Is(err, seal.ErrWrap) {
			t.Errorf("another's wrap: got %v, want ErrWrap", err)
		}
	}
	if file, err := p.Keys.WrapFor(ctx, r.ID, "raaaaaaaa"); file != nil || err != nil {
		t.Errorf("a stranger is given a wrap, %v", err)
	}
}

func TestServerHoldsNoPrivateKey(t *testing.T) {
	ctx := context.Background()
	p, _ := newPlace(t)
	p.Deal(t, noon)
	var tables []string
	if err := p.DB.NewRaw(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`).Scan(ctx, &tables); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		var rows []string
		if err := p.DB.NewRaw(`SELECT encode(convert_to(row_to_json(x)::text, 'UTF8'), 'escape') FROM "`+table+`" AS x`).Scan(ctx, &rows); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToUpper(strings.Join(rows, "\n")), "AGE-SECRET-KEY") {
			t.Errorf("table %s holds a private key", table)
		}
	}
	if len(tables) < 15 {
		t.Errorf("looked at %d tables only", len(tables))
	}
}

func TestBadOffersAreRefused(t *testing.T) {
	p, _ := newPlace(t)
	stranger := keyringtest.NewReviewer(t)
	for name, c := range map[string]struct {
		spoil func(o *keyringtest.Offer)
		want  error
	}{
		"unsigned change":      {func(o *keyringtest.Offer) { o.Record.NotAfter = o.Record.NotAfter.AddDate(0, 0, 1) }, keyring.ErrSignature},
		"dealer off the panel": {func(o *keyringtest.Offer) { o.Sign(stranger) }, keyring.ErrNotMember},
		"another manifest":     {func(o *keyringtest.Offer) { o.Record.Manifest[0] ^= 1; o.Sign(p.Reviewers[0]) }, keyring.ErrStale},
		"wrong predecessor":    {func(o *keyringtest.Offer) { o.Record.Previous = &[32]byte{1}; o.Sign(p.Reviewers[0]) }, keyring.ErrStale},
		"a wrap missing":       {func(o *keyringtest.Offer) { delete(o.Wraps, p.Reviewers[1].ID) }, keyring.ErrRecord},
		"a wrap exchanged":     {func(o *keyringtest.Offer) { o.Wraps[p.Reviewers[1].ID] = []byte("x") }, keyring.ErrRecord},
		"in the past": {func(o *keyringtest.Offer) {
			o.Record.NotBefore = noon.AddDate(0, 0, -5).Truncate(24 * time.Hour)
			o.Sign(p.Reviewers[0])
		}, keyring.ErrRecord},
		"never ending": {func(o *keyringtest.Offer) {
			o.Record.NotAfter = o.Record.NotBefore.AddDate(0, 0, 94)
			o.Sign(p.Reviewers[0])
		}, keyring.ErrRecord},
		"another ticket key":    {func(o *keyringtest.Offer) { o.Record.TicketKey = "x+00000000+AAAA"; o.Sign(p.Reviewers[0]) }, keyring.ErrRecord},
		"a classic recipient":   {func(o *keyringtest.Offer) { o.Record.Recipient = "age1classic"; o.Sign(p.Reviewers[0]) }, keyring.ErrRecord},
		"a quorum of two":       {func(o *keyringtest.Offer) { o.Record.K, o.Record.Shares = 2, [32]byte{1}; o.Sign(p.Reviewers[0]) }, keyring.ErrRecord},
		"an id of another kind": {func(o *keyringtest.Offer) { o.Record.ID = "../x"; o.Sign(p.Reviewers[0]) }, keyring.ErrRecord},
	} {
		o := p.NewOffer(t, noon)
		c.spoil(o)
		if err := p.Send(o); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestAcksThatDoNotHold(t *testing.T) {
	ctx := context.Background()
	p, _ := newPlace(t)
	o := p.NewOffer(t, noon)
	if err := p.Send(o); err != nil {
		t.Fatal(err)
	}
	stranger := keyringtest.NewReviewer(t)
	first := p.Reviewers[0]
	for name, c := range map[string]struct {
		ack  keyring.Signature
		want error
	}{
		"a stranger":             {keyring.Signature{ReviewerID: stranger.ID, Signature: keyring.SignAck(stranger.Key, o.Record.Lines())}, keyring.ErrNotMember},
		"the dealer's signature": {keyring.Signature{ReviewerID: first.ID, Signature: o.Dealer.Signature}, keyring.ErrSignature},
		"in another's name":      {keyring.Signature{ReviewerID: first.ID, Signature: keyring.SignAck(p.Reviewers[1].Key, o.Record.Lines())}, keyring.ErrSignature},
	} {
		if _, err := p.Keys.AckEpoch(ctx, p.ClinicID, o.Record.ID, c.ack); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestCalendar(t *testing.T) {
	ctx := context.Background()
	p, clock := newPlace(t)
	first := p.Deal(t, noon)
	second := p.Deal(t, noon.AddDate(0, 0, 31))
	state := func(id string) string {
		epochs, err := p.Keys.Epochs(ctx, p.ClinicID)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range epochs {
			if e.ID == id {
				return e.Effective
			}
		}
		return "missing"
	}
	for _, c := range []struct {
		days          int
		first, second string
	}{
		{0, keyring.StateActive, keyring.StateLogged},
		{30, keyring.StateActive, keyring.StateLogged},
		{31, keyring.StateGrace, keyring.StateActive},
		{32, keyring.StateClosed, keyring.StateActive},
		{61, keyring.StateClosed, keyring.StateActive},
		{75, keyring.StateClosed, keyring.StateActive}, // nobody made a third: 14 days late
		{76, keyring.StateClosed, keyring.StateGrace},
		{77, keyring.StateClosed, keyring.StateClosed},
	} {
		clock.at = noon.AddDate(0, 0, c.days)
		if got := state(first.ID); got != c.first {
			t.Errorf("day %d: first is %s, want %s", c.days, got, c.first)
		}
		if got := state(second.ID); got != c.second {
			t.Errorf("day %d: second is %s, want %s", c.days, got, c.second)
		}
		if _, err := p.Keys.Accepting(ctx, p.DB, p.ClinicID, first.ID); (err == nil) != (c.first == keyring.StateActive || c.first == keyring.StateGrace) {
			t.Errorf("day %d: accepting the first answers %v", c.days, err)
		}
	}
	clock.at = noon.AddDate(0, 0, 80)
	if _, err := p.Keys.Active(ctx, p.ClinicID); !errors.Is(err, keyring.ErrNoEpoch) {
		t.Errorf("long after the last day: got %v, want ErrNoEpoch", err)
	}
}

func TestLateSuccessorLeavesADayOfGrace(t *testing.T) {
	ctx := context.Background()
	p, clock := newPlace(t)
	first := p.Deal(t, noon)
	clock.at = noon.AddDate(0, 0, 35) // five days after the last day
	p.Deal(t, clock.at)
	for days, ok := range map[int]bool{34: true, 35: true, 36: false} {
		clock.at = noon.AddDate(0, 0, days)
		if _, err := p.Keys.Accepting(ctx, p.DB, p.ClinicID, first.ID); (err == nil) != ok {
			t.Errorf("day %d: accepting the first answers %v", days, err)
		}
	}
}

func TestSameOfferAgainIsOneEpoch(t *testing.T) {
	p, _ := newPlace(t)
	o := p.NewOffer(t, noon)
	for range 2 {
		if err := p.Send(o); err != nil {
			t.Fatal(err)
		}
	}
	other := p.NewOffer(t, noon)
	other.Record.ID = o.Record.ID
	other.Sign(p.Reviewers[0])
	if err := p.Send(other); !errors.Is(err, keyring.ErrRecord) {
		t.Errorf("another record of the same id: got %v, want ErrRecord", err)
	}
}

func TestRecipientThatIsNoKeyIsNotEnrolled(t *testing.T) {
	ctx := context.Background()
	p, _ := newPlace(t)
	code, err := p.Keys.Accounts.Invite(ctx, p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	r := keyringtest.NewReviewer(t)
	for _, recipient := range []string{"", "x", "age1pq1garbage", "age1pq1\x00"} {
		signature := ed25519.Sign(r.Key, account.EnrolText(code, recipient))
		if _, err := p.Keys.Enrol(ctx, code, recipient, r.Key.Public().(ed25519.PublicKey), signature); !errors.Is(err, keyring.ErrRecord) {
			t.Errorf("recipient %q: got %v, want ErrRecord", recipient, err)
		}
	}
}

func TestEnrolNeedsTheKeyInHand(t *testing.T) {
	ctx := context.Background()
	p, _ := newPlace(t)
	code, err := p.Keys.Accounts.Invite(ctx, p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	r, other := keyringtest.NewReviewer(t), keyringtest.NewReviewer(t)
	recipient := r.Identity.Recipient().String()
	signature := ed25519.Sign(other.Key, account.EnrolText(code, recipient))
	_, err = p.Keys.Enrol(ctx, code, recipient, r.Key.Public().(ed25519.PublicKey), signature)
	if !errors.Is(err, keyring.ErrSignature) {
		t.Errorf("got %v, want ErrSignature", err)
	}
	if _, err := p.Keys.Accounts.SpendInvitation(ctx, p.DB, code); errors.Is(err, account.ErrInvitation) {
		t.Error("a refused enrolment used the invitation up")
	}
}

// enrolWith uses an invitation with a reviewer's own two keys.
func enrolWith(p *keyringtest.Place, r keyringtest.Reviewer, code string) error {
	recipient := r.Identity.Recipient().String()
	signature := ed25519.Sign(r.Key, account.EnrolText(code, recipient))
	_, err := p.Keys.Enrol(context.Background(), code, recipient, r.Key.Public().(ed25519.PublicKey), signature)
	return err
}

// One identity sits on several panels. Where it sits already an invitation is not used up, so that somebody else can take it.
func TestSameKeysTakeASecondSeat(t *testing.T) {
	ctx := context.Background()
	p, _ := newPlace(t)
	r := p.Reviewers[0]
	second := uuid.NewString()
	if _, err := p.DB.NewRaw(`INSERT INTO clinic (id, slug, name) VALUES (?, 'hillside', 'Hillside')`, second).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	invite := func(clinicID string) string {
		t.Helper()
		code, err := p.Keys.Accounts.Invite(ctx, clinicID)
		if clinicID == "" {
			code, err = p.Keys.Accounts.InviteSteward(ctx)
		}
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	for _, to := range []string{second, ""} {
		if err := enrolWith(p, r, invite(to)); err != nil {
			t.Errorf("a further seat: %v", err)
		}
	}
	seats, err := p.Keys.ClinicsOf(ctx, r.ID)
	if err != nil || len(seats) != 2 {
		t.Errorf("sits at %v, %v; want two clinics", seats, err)
	}
	for _, to := range []string{p.ClinicID, second, ""} {
		code := invite(to)
		if err := enrolWith(p, r, code); !errors.Is(err, keyring.ErrSeated) {
			t.Errorf("where they sit already: got %v, want ErrSeated", err)
		}
		if err := enrolWith(p, keyringtest.NewReviewer(t), code); err != nil {
			t.Errorf("the same invitation for somebody else: %v", err)
		}
	}
}

// Somebody who left comes back with the same keys and a new invitation.
func TestWhoLeftMayComeBack(t *testing.T) {
	ctx := context.Background()
	p, _ := newPlace(t)
	r := p.Reviewers[0]
	if _, err := p.DB.NewRaw(`UPDATE panel_member SET left_on = '2026-11-22' WHERE reviewer_id = ?`, r.ID).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	code, err := p.Keys.Accounts.Invite(ctx, p.ClinicID)
	if err != nil {
		t.Fatal(err)
	}
	if err := enrolWith(p, r, code); err != nil {
		t.Fatal(err)
	}
	if err := p.Keys.RequireMember(ctx, p.ClinicID, r.ID); err != nil {
		t.Error(err)
	}
}

func TestFingerprintShape(t *testing.T) {
	got := keyring.Fingerprint("answerable/leaf/v1\npanel\n")
	if len(got) != 24 || strings.Count(got, "-") != 4 {
		t.Errorf("got %q, want five groups of four", got)
	}
	if keyring.Fingerprint("x") == keyring.Fingerprint("y") {
		t.Error("two panels have one fingerprint")
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add("answerable/leaf/v1\npanel\nc\n1\n-\n1\nr x y\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := keyring.ParseManifest(text)
		if err == nil && m.Lines() != text {
			t.Errorf("%q is read, but not as we write it", text)
		}
	})
}

func FuzzParseRecord(f *testing.F) {
	f.Add("answerable/leaf/v1\nepoch\nc\n2026-12\n-\nage1pq1\n-\n2026-11-22 2026-12-22 2027-01-01\n1/3\nAAAA\nAAAA\nx\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := keyring.ParseRecord(text)
		if err == nil && r.Lines() != text {
			t.Errorf("%q is read, but not as we write it", text)
		}
	})
}
