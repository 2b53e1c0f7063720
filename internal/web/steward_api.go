package web

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/clinic"
	"answerable/internal/keyring"
	"answerable/internal/setup"
)

// stewardRoutes are for those who run the place. Being a steward opens nothing that is sealed and gives no seat on a panel.
func (s *server) stewardRoutes(api fiber.Router) {
	api.Use(sameOrigin(), s.requireSignIn, s.requireSteward)
	api.Get("/clinics", s.getStewardClinics)
	api.Post("/clinics", s.postClinic)
	api.Post("/invitations", s.postStewardInvitation)
	api.Get("/c/:clinic/setup", s.getSetup)
	api.Post("/c/:clinic/invitations", s.postPanelInvitation)
	api.Post("/c/:clinic/manifest", s.postFirstManifest)
	api.Post("/c/:clinic/legal-notice", s.postLegalNotice)
	api.Post("/c/:clinic/other-ways", s.postOtherWays)
	api.Post("/c/:clinic/open", s.postOpen)
	s.stewardLiaisonRoutes(api)
}

func (s *server) requireSteward(c *fiber.Ctx) error {
	if err := s.Accounts.RequireSteward(c.UserContext(), reviewerOf(c).ID); err != nil {
		return err
	}
	return c.Next()
}

// setupStore works out what a clinic needs, from the stores of this site.
func (s *server) setupStore() *setup.Store {
	return &setup.Store{Clinics: s.Clinics, Accounts: s.Accounts, Keys: s.Keys}
}

// setupProblemFor turns what a steward can mend into a problem; nil for everything else.
func setupProblemFor(err error) *problem {
	var wrong *clinic.Problem
	var notReady *setup.NotReadyError
	switch {
	case errors.As(err, &wrong):
		return newProblem(fiber.StatusUnprocessableEntity, "clinic", "Not taken", wrong.Reason)
	case errors.Is(err, clinic.ErrExists):
		return newProblem(fiber.StatusConflict, "clinic-exists", "Name taken", "A clinic with this short name is here already. Choose another short name.")
	case errors.As(err, &notReady):
		return newProblem(fiber.StatusConflict, "not-ready", "Not ready", notReady.Error())
	}
	return nil
}

type stewardClinicJSON struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
	Open bool   `json:"open"`
}

func (s *server) getStewardClinics(c *fiber.Ctx) error {
	clinics, err := s.Clinics.List(c.UserContext())
	if err != nil {
		return err
	}
	out := struct {
		Clinics []stewardClinicJSON `json:"clinics"`
	}{[]stewardClinicJSON{}}
	for _, place := range clinics {
		out.Clinics = append(out.Clinics, stewardClinicJSON{place.Slug, place.Name, place.Open})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

// defaultRetention is how many days words are kept at a clinic that a steward adds; its panel may decide otherwise.
const defaultRetention = 180

func (s *server) postClinic(c *fiber.Ctx) error {
	var in struct {
		Slug string `json:"slug"`
		Name string `json:"name"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	place := &clinic.Clinic{Slug: in.Slug, Name: in.Name, RetentionDays: defaultRetention}
	if err := s.Clinics.Add(c.UserContext(), place); err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, stewardClinicJSON{place.Slug, place.Name, place.Open})
}

// joinPath leads to the page where an invitation is used. Its code stands in the fragment, which browsers do not send.
const joinPath = "/panel/join#"

func (s *server) writeInvitation(c *fiber.Ctx, code string, err error) error {
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, map[string]string{"link": s.address() + joinPath + code})
}

func (s *server) postStewardInvitation(c *fiber.Ctx) error {
	code, err := s.Accounts.InviteSteward(c.UserContext())
	return s.writeInvitation(c, code, err)
}

func (s *server) postPanelInvitation(c *fiber.Ctx) error {
	place, _, err := s.findClinic(c)
	if err != nil {
		return err
	}
	code, err := s.Accounts.Invite(c.UserContext(), place.ID)
	return s.writeInvitation(c, code, err)
}

type stepJSON struct {
	Key    string `json:"key"`
	Done   bool   `json:"done"`
	Needed bool   `json:"needed"`
	Who    string `json:"who"`
	Say    string `json:"say"`
}

// wayJSON is another way to tell, which people see while the form is closed.
type wayJSON struct {
	Name  string `json:"name"`
	What  string `json:"what"`
	RunBy string `json:"run_by"`
	Reach string `json:"reach"`
}

type setupJSON struct {
	Slug        string `json:"slug"`
	Name        string `json:"name"`
	Open        bool   `json:"open"`
	LegalNotice string `json:"legal_notice"`

	NoticeProposed *noticeJSON `json:"notice_proposed,omitzero"` // waits for the panel
	OtherWays      []wayJSON   `json:"other_ways"`
	Reviewers      int         `json:"reviewers"`
	Proposed       bool        `json:"proposed"`
	Steps          []stepJSON  `json:"steps"`
}

func (s *server) getSetup(c *fiber.Ctx) error {
	report, err := s.setupStore().Report(c.UserContext(), c.Params("clinic"))
	if err != nil {
		return err
	}
	out := setupJSON{
		Slug: report.Clinic.Slug, Name: report.Clinic.Name, Open: report.Clinic.Open, LegalNotice: report.Clinic.LegalNotice,
		NoticeProposed: newNoticeJSON(report.Clinic),
		Reviewers:      report.Reviewers, Proposed: report.Proposed, Steps: []stepJSON{},
		OtherWays: []wayJSON{},
	}
	for _, w := range report.Clinic.OtherWays {
		out.OtherWays = append(out.OtherWays, wayJSON{w.Name, w.What, w.RunBy, w.Reach})
	}
	for _, step := range report.Steps {
		out.Steps = append(out.Steps, stepJSON(step))
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postFirstManifest(c *fiber.Ctx) error {
	var in struct {
		M int `json:"m"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	var proposal *keyring.Manifest
	err := s.Clinics.Enter(c.UserContext(), c.Params("clinic"), func(ctx context.Context, place *clinic.Clinic) (err error) {
		proposal, err = s.Keys.ProposeManifest(ctx, place.ID, in.M)
		return err
	})
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, manifestJSON{Version: proposal.Version, State: "draft", Lines: proposal.Lines(), Signatures: []signatureJSON{}})
}

// postLegalNotice sets a notice, or proposes it where the panel decides what holds.
func (s *server) postLegalNotice(c *fiber.Ctx) error {
	var in struct {
		Text string `json:"text"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	err := s.Clinics.Enter(c.UserContext(), c.Params("clinic"), func(ctx context.Context, place *clinic.Clinic) error {
		_, err := s.Clinics.SetNotice(ctx, place.ID, in.Text)
		return err
	})
	if err != nil {
		return err
	}
	return s.getSetup(c)
}

func (s *server) postOtherWays(c *fiber.Ctx) error {
	var in struct {
		Ways []wayJSON `json:"ways"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	var ways []clinic.OtherWay
	for _, w := range in.Ways {
		ways = append(ways, clinic.OtherWay{Name: w.Name, What: w.What, RunBy: w.RunBy, Reach: w.Reach})
	}
	err := s.Clinics.Enter(c.UserContext(), c.Params("clinic"), func(ctx context.Context, place *clinic.Clinic) error {
		return s.Clinics.SetOtherWays(ctx, place.ID, ways)
	})
	if err != nil {
		return err
	}
	return s.getSetup(c)
}

func (s *server) postOpen(c *fiber.Ctx) error {
	var in struct {
		Open bool `json:"open"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	act := s.setupStore().Close
	if in.Open {
		act = s.setupStore().Open
	}
	if err := act(c.UserContext(), c.Params("clinic")); err != nil {
		return err
	}
	return s.getSetup(c)
}
