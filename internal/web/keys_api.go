package web

import (
	"encoding/base64"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
)

// maxWrapsAtOnce is how many late wraps one request brings: each takes at most 4 KiB.
const maxWrapsAtOnce = 20

// keysRoutes are the ways in which a panel looks after its keys. All of them stand behind requireListed.
func (s *server) keysRoutes(seat fiber.Router) {
	seat.Post("/manifest/proposals", s.postManifestProposal)
	seat.Get("/plan", s.getPlan)
	seat.Get("/decisions", s.getDecisions)
	seat.Post("/decisions", s.postDecision)
	seat.Post("/decisions/:decision/signatures", s.postDecisionSignature)
	seat.Get("/settings", s.getSettings)
	seat.Get("/wraps/missing", s.getMissingWraps)
	seat.Post("/wraps", s.postWraps)
	seat.Post("/epochs/:epoch/refusals", s.postRefusal)
	s.openingRoutes(seat)
}

// signatureOf reads the signed-in reviewer's signature.
func signatureOf(c *fiber.Ctx, b64 string) (keyring.Signature, error) {
	signature, err := base64.StdEncoding.Strict().DecodeString(b64)
	if err != nil {
		return keyring.Signature{}, keyring.ErrSignature
	}
	return keyring.Signature{ReviewerID: reviewerOf(c).ID, Signature: signature}, nil
}

func (s *server) postManifestProposal(c *fiber.Ctx) error {
	var in struct {
		M       int      `json:"m"`
		Without []string `json:"without"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	m, err := s.Keys.ProposeManifest(c.UserContext(), clinicOf(c).ID, in.M, in.Without...)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, manifestJSON{Version: m.Version, State: "draft", Lines: m.Lines(), Signatures: []signatureJSON{}})
}

type memberJSON struct {
	Reviewer string `json:"reviewer"`
	JoinedOn string `json:"joined_on"`
	Listed   bool   `json:"listed"` // the signed list names them
}

// getMembers lists who has joined the panel, so that those who are not on the signed list yet can be proposed.
func (s *server) getMembers(c *fiber.Ctx) error {
	seats, err := s.Keys.Seats(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Members []memberJSON `json:"members"`
	}{[]memberJSON{}}
	for _, seat := range seats {
		out.Members = append(out.Members, memberJSON{seat.ReviewerID, seat.JoinedOn.Format(time.DateOnly), seat.Listed})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

type termJSON struct {
	NotBefore   string `json:"not_before"`
	NotAfter    string `json:"not_after"`
	RetainUntil string `json:"retain_until"`
}

type planJSON struct {
	K            int        `json:"k"`
	N            int        `json:"n"`
	Previous     *string    `json:"previous"`
	TicketKey    string     `json:"ticket_key"`
	Terms        []termJSON `json:"terms"`
	CoveredUntil *string    `json:"covered_until"`
	OpenUntil    *string    `json:"open_until"`
	WarnDays     *int       `json:"warn_days"`
	BackupDays   int        `json:"backup_days"` // how long copies of the database are kept
}

func (s *server) getPlan(c *fiber.Ctx) error {
	plan, err := s.Keys.Plan(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	out := planJSON{K: plan.Rotation.K, N: len(plan.Panel.Reviewers), TicketKey: s.Keys.TicketKey, Terms: []termJSON{}, WarnDays: plan.WarnDays, BackupDays: clinicOf(c).BackupDays}
	if plan.Previous != nil {
		hash := base64.StdEncoding.EncodeToString(plan.Previous[:])
		out.Previous = &hash
	}
	out.CoveredUntil, out.OpenUntil = dayOrNull(plan.CoveredUntil), dayOrNull(plan.OpenUntil)
	for _, t := range plan.Terms {
		out.Terms = append(out.Terms, termJSON{t.NotBefore.Format(time.DateOnly), t.NotAfter.Format(time.DateOnly), t.RetainUntil.Format(time.DateOnly)})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func dayOrNull(t *time.Time) *string {
	if t == nil {
		return nil
	}
	day := t.Format(time.DateOnly)
	return &day
}

type decisionJSON struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`
	State      string          `json:"state"`
	Lines      string          `json:"lines"`
	Body       string          `json:"body"`
	ProposedBy string          `json:"proposed_by"`
	ProposedOn string          `json:"proposed_on"`
	MadeOn     *string         `json:"made_on"`
	Needed     int             `json:"needed"`
	Signatures []signatureJSON `json:"signatures"`
}

func newDecisionJSON(d *keyring.Decision) decisionJSON {
	out := decisionJSON{
		ID: d.ID, Kind: d.Kind, State: d.State, Lines: d.Lines, Body: d.Body, ProposedBy: d.ProposedBy,
		ProposedOn: d.ProposedOn.Format(time.DateOnly), Needed: d.Needed, Signatures: signaturesJSON(d.Signatures),
	}
	if d.MadeOn != nil {
		day := d.MadeOn.Format(time.DateOnly)
		out.MadeOn = &day
	}
	return out
}

func (s *server) getDecisions(c *fiber.Ctx) error {
	decisions, err := s.Keys.Decisions(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Decisions []decisionJSON `json:"decisions"`
	}{[]decisionJSON{}}
	for _, d := range decisions {
		out.Decisions = append(out.Decisions, newDecisionJSON(d))
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postDecision(c *fiber.Ctx) error {
	var in struct {
		Lines     string `json:"lines"`
		Body      string `json:"body"`
		Signature string `json:"signature"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	by, err := signatureOf(c, in.Signature)
	if err != nil {
		return err
	}
	d, err := s.Keys.Decide(c.UserContext(), clinicOf(c).ID, in.Lines, in.Body, by)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, newDecisionJSON(d))
}

// getSettings gives what the form says and asks now, how the panel works and its newest plan of figures, as a member would propose it
// again.
func (s *server) getSettings(c *fiber.Ctx) error {
	settings, err := s.Clinics.CurrentSettings(c.UserContext(), clinicOf(c))
	if err != nil {
		return err
	}
	practice, _, err := s.Review.Practice(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	if settings.Practice, err = json.Marshal(practice.Setting()); err != nil {
		return err
	}
	plans, err := s.Figures.Plans(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	if len(plans) > 0 {
		settings.Plan = plans[0].Lines()
	}
	return writeJSON(c, fiber.StatusOK, struct {
		*clinic.Settings `json:",inline"`
		NoticeProposed   *noticeJSON `json:"notice_proposed,omitzero"` // no member of what is proposed
	}{settings, newNoticeJSON(clinicOf(c))})
}

// noticeJSON is a legal notice that whoever runs the server proposes and the panel has not signed.
type noticeJSON struct {
	Text string `json:"text"`
	On   string `json:"on"` // YYYY-MM-DD
}

// newNoticeJSON gives what waits for a clinic's panel; nil where nothing does.
func newNoticeJSON(c *clinic.Clinic) *noticeJSON {
	p := c.ProposedNotice()
	if p == nil {
		return nil
	}
	return &noticeJSON{p.Text, p.On.Format(time.DateOnly)}
}

// readSignature reads a body that holds nothing but the signature of who is signed in.
func readSignature(c *fiber.Ctx) (keyring.Signature, error) {
	var in struct {
		Signature string `json:"signature"`
	}
	if err := readJSON(c, &in); err != nil {
		return keyring.Signature{}, err
	}
	return signatureOf(c, in.Signature)
}

func (s *server) postDecisionSignature(c *fiber.Ctx) error {
	by, err := readSignature(c)
	if err != nil {
		return err
	}
	d, err := s.Keys.SignDecision(c.UserContext(), clinicOf(c).ID, c.Params("decision"), by)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, newDecisionJSON(d))
}

type missingJSON struct {
	Reviewer string   `json:"reviewer"`
	Epochs   []string `json:"epochs"`
}

func (s *server) getMissingWraps(c *fiber.Ctx) error {
	missing, err := s.Keys.MissingWraps(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID)
	if err != nil {
		return err
	}
	_, panel, err := s.Keys.Current(c.UserContext(), s.db(c), clinicOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Members []missingJSON `json:"members"`
	}{[]missingJSON{}}
	for _, m := range panel.Reviewers {
		if epochs := missing[m.ID]; len(epochs) > 0 {
			out.Members = append(out.Members, missingJSON{m.ID, epochs})
		}
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postWraps(c *fiber.Ctx) error {
	var in struct {
		Wraps []struct {
			Epoch     string `json:"epoch"`
			Reviewer  string `json:"reviewer"`
			File      string `json:"file"`
			Signature string `json:"signature"`
		} `json:"wraps"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	if len(in.Wraps) == 0 || len(in.Wraps) > maxWrapsAtOnce {
		return badRequest("A request brings 1 to 20 wraps.")
	}
	wraps := make([]keyring.LateWrap, 0, len(in.Wraps))
	for _, w := range in.Wraps {
		file, fileErr := base64.StdEncoding.Strict().DecodeString(w.File)
		signature, err := base64.StdEncoding.Strict().DecodeString(w.Signature)
		if err != nil || fileErr != nil {
			return badRequest("Wraps and their signatures are base64.")
		}
		wraps = append(wraps, keyring.LateWrap{EpochID: w.Epoch, ReviewerID: w.Reviewer, File: file, Signature: signature})
	}
	added, err := s.Keys.AddWraps(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID, wraps)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, map[string]int{"added": added})
}

// postRefusal takes a member's word that their own wrap of an epoch does not open.
func (s *server) postRefusal(c *fiber.Ctx) error {
	by, err := readSignature(c)
	if err != nil {
		return err
	}
	epoch, err := epochIn(c)
	if err != nil {
		return err
	}
	if err := s.Keys.RefuseWrap(c.UserContext(), clinicOf(c).ID, epoch, by); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
