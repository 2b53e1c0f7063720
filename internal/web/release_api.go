package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/figures"
)

// releaseRoutes are the ways in which a panel drafts, reads and signs figures. All of them stand behind requireListed.
func (s *server) releaseRoutes(seat fiber.Router) {
	seat.Get("/releases", s.getPanelReleases)
	seat.Post("/releases", s.postRelease)
	seat.Post("/releases/:release/signatures", s.postReleaseSignature)
	seat.Post("/releases/:release/drop", s.postReleaseDrop)
}

// releaseJSON is a release as everybody may read it. Content and Plan are texts, so that their bytes are those that were hashed.
type releaseJSON struct {
	First      string          `json:"first"`
	Last       string          `json:"last"`
	Lines      string          `json:"lines"`
	Content    string          `json:"content"`
	Plan       string          `json:"plan"`
	ReleasedOn *string         `json:"released_on"`
	Signatures []signatureJSON `json:"signatures"`
}

func newReleaseJSON(r *figures.Release) releaseJSON {
	return releaseJSON{
		First: r.FirstOn.Format(time.DateOnly), Last: r.LastOn.Format(time.DateOnly), Lines: r.Lines, Content: r.Content, Plan: r.Plan,
		ReleasedOn: dayOrNull(r.ReleasedOn), Signatures: signaturesJSON(r.Signatures),
	}
}

// panelReleaseJSON is a release as the panel sees it, which may be a draft.
type panelReleaseJSON struct {
	ID        string `json:"id"`
	State     string `json:"state"`
	DraftedBy string `json:"drafted_by"`
	DraftedOn string `json:"drafted_on"`
	Needed    int    `json:"needed"`
	releaseJSON
}

func newPanelReleaseJSON(r *figures.Release) panelReleaseJSON {
	return panelReleaseJSON{
		ID: r.ID, State: r.State, DraftedBy: r.DraftedBy, DraftedOn: r.DraftedOn.Format(time.DateOnly), Needed: r.Needed,
		releaseJSON: newReleaseJSON(r),
	}
}

type dueJSON struct {
	First string `json:"first"`
	Last  string `json:"last"`
	From  string `json:"from"` // the first day on which it may be drafted
	Ready bool   `json:"ready"`
	Few   bool   `json:"few"` // too few reports are counted in it so far
}

func (s *server) getPanelReleases(c *fiber.Ctx) error {
	due, err := s.Figures.Due(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	ledger, err := s.Figures.Ledger(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Due      []dueJSON          `json:"due"`
		Releases []panelReleaseJSON `json:"releases"`
	}{[]dueJSON{}, []panelReleaseJSON{}}
	for _, d := range due {
		out.Due = append(out.Due, dueJSON{
			First: d.First.Format(time.DateOnly), Last: d.Last.Format(time.DateOnly), From: d.From.Format(time.DateOnly), Ready: !s.Now().UTC().Before(d.From), Few: d.Few,
		})
	}
	for _, r := range ledger {
		out.Releases = append(out.Releases, newPanelReleaseJSON(r))
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postRelease(c *fiber.Ctx) error {
	var in struct {
		First string `json:"first"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	first, err := time.Parse(time.DateOnly, in.First)
	if err != nil || first.Day() != 1 {
		return badRequest("The first day of a period is the first of a month, written as 2026-04-01.")
	}
	r, err := s.Figures.Draft(c.UserContext(), clinicOf(c).ID, first, reviewerOf(c).ID)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, newPanelReleaseJSON(r))
}

func (s *server) postReleaseSignature(c *fiber.Ctx) error {
	by, err := readSignature(c)
	if err != nil {
		return err
	}
	r, err := s.Figures.Sign(c.UserContext(), clinicOf(c).ID, c.Params("release"), by)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, newPanelReleaseJSON(r))
}

func (s *server) postReleaseDrop(c *fiber.Ctx) error {
	if err := s.Figures.Drop(c.UserContext(), clinicOf(c).ID, c.Params("release"), reviewerOf(c).ID); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// getReleases gives everybody what reviewers signed, the newest first.
func (s *server) getReleases(c *fiber.Ctx) error {
	list, err := s.Figures.Released(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Clinic   string        `json:"clinic"`
		Releases []releaseJSON `json:"releases"`
	}{clinicOf(c).ID, []releaseJSON{}}
	for _, r := range list {
		out.Releases = append(out.Releases, newReleaseJSON(r))
	}
	return writeJSON(c, fiber.StatusOK, out)
}

// since is an error's text from one of its parts on. Errors of figures name codes of tables, which are no secret of anybody's.
func since(err, part error) string {
	_, rest, _ := strings.Cut(err.Error(), part.Error()+": ")
	return rest
}
