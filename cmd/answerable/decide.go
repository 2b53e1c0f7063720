package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"answerable/internal/client"
	"answerable/internal/clinic"
	"answerable/internal/keyring"
)

// memberConfig names a clinic and the identity of somebody on its panel.
type memberConfig struct {
	serverConfig
	identityConfig
}

// signedIn opens the identity and signs in.
func (c *memberConfig) signedIn(ctx context.Context, t *terminal) (*client.Reviewer, error) {
	identity, err := c.open()
	if err != nil {
		return nil, err
	}
	return c.reviewer(ctx, t, identity)
}

// decide proposes a decision and says how many signatures it waits for.
func (c *memberConfig) decide(ctx context.Context, t *terminal, what keyring.Resolution, body string) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	d, err := r.Decide(ctx, c.Clinic, what, body)
	if err != nil {
		return err
	}
	return showDecision(t, d)
}

func showDecision(t *terminal, d *client.Decision) error {
	return t.show(d, "%s\n%s", inWords(d), nextStep(d))
}

func nextStep(d *client.Decision) string {
	if d.State == keyring.DecisionMade {
		return "It is made and stands in the log.\n"
	}
	return fmt.Sprintf("%d of %d have signed. The others run: answerable panel decisions --sign %s\n", len(d.Signatures), d.Needed, d.ID)
}

// inWords says what one signs, worked out from the signed lines and from nothing else.
func inWords(d *client.Decision) string {
	what, err := d.Resolution()
	if err != nil {
		return "This decision does not read. Sign nothing."
	}
	day := what.Day.Format(time.DateOnly)
	switch what.Kind {
	case keyring.KindRevoke:
		return fmt.Sprintf("%s: these keys take no words any more: %s.", day, strings.Join(what.Epochs, ", "))
	case keyring.KindShred:
		return fmt.Sprintf("%s: key %s and everything sealed to it is destroyed. Copies of the database can hold it until %s.", day, what.Epochs[0], what.Effective.Format(time.DateOnly))
	case keyring.KindSupport:
		if what.Without {
			return day + ": the form may open without a list of whom to turn to."
		}
		return day + ": the form opens only with a list of whom to turn to."
	case keyring.KindCharter:
		return day + ": the panel's charter:\n" + charterText(d.Body)
	case keyring.KindSettings:
		return day + ": what the form says and asks here, and how the panel works:\n" + string(escapeUnseen([]byte(d.Body)))
	}
	length := "a month"
	if what.Rotation.Days > 0 {
		length = fmt.Sprintf("%d days", what.Rotation.Days)
	}
	by := "each member alone"
	if what.Rotation.K > 1 {
		by = fmt.Sprintf("any %d members together, never by one alone", what.Rotation.K)
	}
	return fmt.Sprintf("%s: a key lasts %s, is opened by %s, and what it sealed is kept for %d days after.", day, length, by, what.Rotation.RetainDays)
}

func charterText(body string) string {
	var parts map[string]string
	if json.Unmarshal([]byte(body), &parts) != nil {
		return "  (it does not read)"
	}
	var b strings.Builder
	for _, part := range keyring.CharterParts {
		if parts[part] != "" {
			fmt.Fprintf(&b, "  %s: %s\n", part, escapeUnseen([]byte(parts[part])))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

type panelDecisionsCmd struct {
	memberConfig
	Sign string `placeholder:"ID" help:"Sign this one."`
}

// Run lists what the panel decides, or signs one of it.
func (c *panelDecisionsCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	decisions, err := r.Decisions(ctx, c.Clinic)
	if err != nil {
		return err
	}
	if c.Sign != "" {
		i := slices.IndexFunc(decisions, func(d client.Decision) bool { return d.ID == c.Sign && d.State == keyring.DecisionDraft })
		if i < 0 {
			return withHint(errors.New("no decision of this name waits for signatures"), "See what waits: answerable panel decisions")
		}
		signed, err := r.SignDecision(ctx, c.Clinic, &decisions[i])
		if err != nil {
			return err
		}
		return showDecision(t, signed)
	}
	var lines strings.Builder
	for _, d := range decisions {
		fmt.Fprintf(&lines, "%s  %s\n  %s\n", d.ID, d.State, strings.ReplaceAll(inWords(&d), "\n", "\n  "))
		if d.State == keyring.DecisionDraft {
			lines.WriteString("  " + nextStep(&d))
		}
	}
	if len(decisions) == 0 {
		lines.WriteString("This panel has decided nothing yet.\n")
	}
	return t.show(decisions, "%s", lines.String())
}

type panelCharterCmd struct {
	memberConfig
	File string `required:"" type:"path" placeholder:"FILE" help:"JSON with the texts chosen, peers, paid, barred and more."`
}

// Run proposes the panel's words about itself.
func (c *panelCharterCmd) Run(ctx context.Context, t *terminal) error {
	content, err := os.ReadFile(c.File)
	if err != nil {
		return withHint(fmt.Errorf("the charter cannot be read: %w", cause(err)), "Check the path given with --file.")
	}
	var parts map[string]string
	if json.Unmarshal(content, &parts) != nil || len(parts) != len(keyring.CharterParts) || slices.ContainsFunc(keyring.CharterParts, func(p string) bool { _, ok := parts[p]; return !ok }) {
		return usage("the charter is not JSON with the five texts chosen, peers, paid, barred and more", "Say how members are chosen, whether most are client community members, who pays them, who may not join, and what else there is to say (it may be empty).")
	}
	body, err := json.Marshal(parts, json.Deterministic(true))
	if err != nil {
		return err
	}
	return c.decide(ctx, t, keyring.Resolution{Kind: keyring.KindCharter, Charter: keyring.HashCharter(parts)}, string(body))
}

type panelSupportCmd struct {
	memberConfig
	OpenWithout bool `help:"The form may open though no support line is filled in; without this flag it may not."`
}

// Run proposes whether the form may open without a list of whom to turn to.
func (c *panelSupportCmd) Run(ctx context.Context, t *terminal) error {
	return c.decide(ctx, t, keyring.Resolution{Kind: keyring.KindSupport, Without: c.OpenWithout}, "")
}

type panelSettingsCmd struct {
	memberConfig
	File string `type:"path" placeholder:"FILE" help:"JSON with intro, shared, services, items, support and clocks, all of them, legal_notice and practice where they change, and after as it was shown; without it what holds now is shown, to be changed and proposed."`

	TakeNotice bool `help:"Propose the legal notice that whoever runs the server proposes to you, with the settings of the file, or with those that hold now."`
}

// Run shows what the form says and asks now, or proposes what it will.
func (c *panelSettingsCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	body, proposed, after, err := r.Settings(ctx, c.Clinic)
	if err != nil {
		return err
	}
	if c.File == "" && !c.TakeNotice {
		if proposed != nil {
			t.note("On %s whoever runs the server proposed another legal notice:\n\n%s\n\nIt holds when enough of you have signed it. Propose that: answerable panel settings --take-notice", proposed.On, escapeUnseen([]byte(proposed.Text)))
		}
		if body, err = withAfter(body, after); err != nil {
			return err
		}
		return t.show(jsontext.Value(body), "%s\n", escapeUnseen(body))
	}
	if c.File != "" {
		if body, err = os.ReadFile(c.File); err != nil {
			return withHint(fmt.Errorf("the settings cannot be read: %w", cause(err)), "Check the path given with --file.")
		}
	}
	if c.File != "" {
		if body, err = beginningFrom(body, after); err != nil {
			return err
		}
	}
	if body, err = c.withNotice(body, proposed); err != nil {
		return err
	}
	d, err := r.Decide(ctx, c.Clinic, keyring.Resolution{Kind: keyring.KindSettings, Settings: sha256.Sum256(body), After: after}, string(body))
	if err != nil {
		return err
	}
	return showDecision(t, d)
}

// withNotice reads settings, and with --take-notice puts in the legal notice that is proposed.
func (c *panelSettingsCmd) withNotice(body []byte, proposed *client.ProposedNotice) ([]byte, error) {
	settings, err := clinic.ReadSettings(string(body))
	if err != nil {
		return nil, usage(err.Error(), beginSettings)
	}
	if !c.TakeNotice {
		return body, nil
	}
	if proposed == nil {
		return nil, withHint(errors.New("no legal notice is proposed to you"), "Whoever runs the server proposes one with: answerable clinic edit --legal-notice")
	}
	settings.LegalNotice = &proposed.Text
	return json.Marshal(settings)
}

const beginSettings = "Write down what holds now, change it and propose that: answerable panel settings > settings.json"

// beginningFrom takes the name of the settings that a file begins from off it, and refuses any but those decided last.
func beginningFrom(file []byte, after [32]byte) ([]byte, error) {
	from, settings, err := splitAfter(file)
	if err != nil {
		return nil, usage("the settings do not read: they are no JSON object", beginSettings)
	}
	if from != afterText(after) && (from != "" || after != [32]byte{}) {
		return nil, usage("this file does not begin from what your panel decided last, and would undo it", beginSettings)
	}
	return settings, nil
}

// afterFirst is what a file of settings has in the place of a hash before any were decided.
const afterFirst = "first"

func afterText(after [32]byte) string {
	if after == [32]byte{} {
		return afterFirst
	}
	return base64.StdEncoding.EncodeToString(after[:])
}

// withAfter puts the name of the settings that a file begins from into it, so that an old file is never taken for a new one.
func withAfter(settings []byte, after [32]byte) ([]byte, error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(settings, &members); err != nil {
		return nil, err
	}
	name, err := json.Marshal(afterText(after))
	if err != nil {
		return nil, err
	}
	members["after"] = name
	return json.Marshal(members, json.Deterministic(true))
}

// splitAfter takes the name off, "" where there is none: what is signed are the settings alone.
func splitAfter(file []byte) (after string, settings []byte, err error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(file, &members); err != nil {
		return "", nil, err
	}
	name, named := members["after"]
	if !named {
		return "", file, nil
	}
	if err := json.Unmarshal(name, &after); err != nil {
		return "", nil, err
	}
	delete(members, "after")
	settings, err = json.Marshal(members, json.Deterministic(true))
	return after, settings, err
}

type panelRotationCmd struct {
	memberConfig
	OpenBy     int `placeholder:"K" help:"How many members open a key together, from the next one on; as now when left out. We recommend 2 or more."`
	Days       int `placeholder:"N" help:"How many days a key is in use, 1 to 92; to the end of the month when left out."`
	RetainDays int `default:"180" help:"How many days after its last day what it sealed is kept, 30 to 3650."`
}

// Run proposes how the key changes from its next one on.
func (c *panelRotationCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	now, members, err := r.Decided(ctx, c.Clinic)
	if err != nil {
		return err
	}
	if c.OpenBy == 0 {
		c.OpenBy = 1
		if now != nil {
			c.OpenBy = now.K
		}
	}
	if c.OpenBy > 1 && c.OpenBy == members {
		t.note("warning: all %d of you would be needed. When one loses their key, nobody can read what was told; fewer than all is safer.", members)
	}
	d, err := r.Decide(ctx, c.Clinic, keyring.Resolution{Kind: keyring.KindRotation, Rotation: keyring.Rotation{K: c.OpenBy, Days: c.Days, RetainDays: c.RetainDays}}, "")
	if err != nil {
		return err
	}
	return showDecision(t, d)
}

type panelMembersCmd struct{ memberConfig }

// Run lists who has joined the panel, and whom the signed list names.
func (c *panelMembersCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	seats, err := r.Seats(ctx, c.Clinic)
	if err != nil {
		return err
	}
	var b strings.Builder
	waiting := false
	for _, s := range seats {
		where := "on the signed list"
		if !s.Listed {
			where, waiting = "joined "+s.JoinedOn+", on no signed list yet", true
		}
		fmt.Fprintf(&b, "%s  %s\n", s.Reviewer, where)
	}
	if waiting {
		b.WriteString("\nMeet who is new first, and compare their id with what they see. Then: answerable panel add\n")
	}
	return t.show(seats, "%s", b.String())
}

type panelAddCmd struct {
	memberConfig
	Reviewer []string `required:"" placeholder:"ID" help:"Who has joined, such as rabcdefgh; may be given more than once."`
	M        int      `placeholder:"N" help:"Signatures needed from then on; as many as now when left out."`
}

// Run proposes the panel with those who have joined, and signs when the list is exactly that.
func (c *panelAddCmd) Run(ctx context.Context, t *terminal) error {
	ids := slices.Sorted(slices.Values(c.Reviewer))
	return c.proposeList(ctx, t, c.M, slices.Compact(ids), nil)
}

type panelRemoveCmd struct {
	memberConfig
	Reviewer string `required:"" placeholder:"ID" help:"Who leaves, such as rabcdefgh."`
	M        int    `placeholder:"N" help:"Signatures needed from then on; as many as now when left out."`
}

// Run proposes the panel without somebody, and signs when the list is exactly that.
func (c *panelRemoveCmd) Run(ctx context.Context, t *terminal) error {
	return c.proposeList(ctx, t, c.M, nil, []string{c.Reviewer})
}

type panelReplaceCmd struct {
	memberConfig
	Reviewer string `required:"" placeholder:"ID" help:"Whose key is lost, such as rabcdefgh."`
	With     string `required:"" placeholder:"ID" help:"As whom they have joined anew."`
	M        int    `placeholder:"N" help:"Signatures needed from then on; as many as now when left out."`
}

// Run proposes the panel with a new key in place of an old one, and signs when the list is exactly that.
func (c *panelReplaceCmd) Run(ctx context.Context, t *terminal) error {
	return c.proposeList(ctx, t, c.M, []string{c.With}, []string{c.Reviewer})
}

// proposeList proposes the next list and signs it, unless it is another one than was asked for: everybody who has joined is on
// what the server proposes.
func (c *memberConfig) proposeList(ctx context.Context, t *terminal, m int, joins, leaves []string) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if err := r.ProposePanel(ctx, c.Clinic, m, leaves...); err != nil {
		return err
	}
	panel, err := r.PanelAndDraft(ctx, c.Clinic)
	if err != nil {
		return err
	}
	change := panel.Change()
	if change == nil || !slices.Equal(change.Joined, joins) || !slices.Equal(change.Left, leaves) || m != 0 && change.M != m {
		return withHint(errors.New("a list is proposed, and it is not just what you asked for, so you have not signed it"),
			"See who joins and leaves by it, and sign it if that is right: answerable panel manifest draft")
	}
	state, err := r.SignManifest(ctx, c.Clinic, panel)
	if err != nil {
		return err
	}
	result := struct {
		Version int    `json:"version"`
		List    string `json:"list"`
		State   string `json:"state"`
	}{panel.Draft.Version, change.Hash, state}
	next := ""
	if len(leaves) > 0 {
		next = fmt.Sprintf(", and call back the keys that %s holds: answerable epoch revoke", strings.Join(leaves, ", "))
	}
	return t.show(result, `Version %d is proposed and signed by you: %s. It is now %s.

Who joins and the others look at it and sign it: answerable panel manifest sign
Then make keys for those who are on it (answerable epoch make, epoch ack)%s
`, panel.Draft.Version, describe(panel.Draft), stateWord(state), next)
}

type epochRevokeCmd struct {
	memberConfig
	Epoch []string `required:"" placeholder:"ID" help:"Which key; may be given more than once."`
}

// Run proposes to call keys back.
func (c *epochRevokeCmd) Run(ctx context.Context, t *terminal) error {
	ids := slices.Clone(c.Epoch)
	slices.Sort(ids)
	return c.decide(ctx, t, keyring.Resolution{Kind: keyring.KindRevoke, Epochs: slices.Compact(ids)}, "")
}

type epochShredCmd struct {
	memberConfig
	Epoch      string `required:"" placeholder:"ID" help:"Which key."`
	BackupDays int    `default:"35" help:"How long copies of the database are kept at this clinic, as its operator has set."`
}

// Run proposes to destroy a key and all that was sealed to it.
func (c *epochShredCmd) Run(ctx context.Context, t *terminal) error {
	effective := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, c.BackupDays)
	return c.decide(ctx, t, keyring.Resolution{Kind: keyring.KindShred, Epochs: []string{c.Epoch}, Effective: effective}, "")
}

type epochGiveCmd struct {
	memberConfig
	To string `required:"" placeholder:"ID" help:"Who gets the keys of the past, such as rabcdefgh."`
}

// Run hands the keys that this reviewer holds on to a member who was not there yet.
func (c *epochGiveCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	given, err := r.Give(ctx, c.Clinic, c.To, func(done, total int) { t.note("%d of %d keys handed on", done, total) })
	if err != nil {
		return err
	}
	if len(given.Together) > 0 {
		t.note("not handed on, because several open them together: %s. %s can ask for them with: answerable epoch open", strings.Join(given.Together, ", "), c.To)
	}
	for _, s := range given.Skipped {
		t.note("warning: epoch %s was skipped, because your own copy does not open: %s. Another colleague can give it; and say so: answerable epoch refuse --epoch %s", s.Epoch, s.Why, s.Epoch)
	}
	return t.show(given, "%s was given %d keys. What was interrupted can be run again.\n", c.To, given.Keys)
}

type epochRefuseCmd struct {
	memberConfig
	Epoch string `required:"" placeholder:"ID" help:"Which key."`
}

// Run tries this reviewer's copy of a key and says, signed, that it does not open.
func (c *epochRefuseCmd) Run(ctx context.Context, t *terminal) error {
	r, err := c.signedIn(ctx, t)
	if err != nil {
		return err
	}
	if err := r.Refuse(ctx, c.Clinic, c.Epoch); err != nil {
		return err
	}
	result := struct {
		Epoch string `json:"epoch"`
	}{c.Epoch}
	return t.show(result, "It is kept that your copy of %s does not open. A colleague who holds the key gives it again: answerable epoch give --to %s\nTell the others, by a way that is not this server: who made your copy made it wrongly, or somebody has changed it.\n", c.Epoch, r.ID)
}
