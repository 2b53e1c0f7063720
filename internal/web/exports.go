package web

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/export"
	"answerable/internal/figures"
)

// exportRoutes are the ways in which a panel makes, looks at and signs bundles for the clinic. All of them stand behind requireListed.
func (s *server) exportRoutes(seat fiber.Router) {
	seat.Get("/exports", s.getPanelExports)
	seat.Post("/exports", s.postExport)
	seat.Get("/exports/:export/bundle", s.getExportBundle)
	seat.Post("/exports/:export/signatures", s.postExportSignature)
	seat.Post("/exports/:export/drop", s.postExportDrop)
}

// exportJSON is a bundle as everybody may know of it: what members signed, and where the file is.
type exportJSON struct {
	First      string          `json:"first"`
	Last       string          `json:"last"`
	AsOf       string          `json:"as_of"`
	Lines      string          `json:"lines"`
	Manifest   string          `json:"manifest"`
	SignedOn   *string         `json:"signed_on"`
	Signatures []signatureJSON `json:"signatures"`
	File       string          `json:"file"` // address on this server; "" before it is signed
}

func newExportJSON(slug string, e *export.Export) exportJSON {
	out := exportJSON{
		First: e.FirstOn.Format(time.DateOnly), Last: e.LastOn.Format(time.DateOnly), AsOf: e.AsOf.Format(time.DateOnly), Lines: e.Lines, Manifest: e.Manifest,
		SignedOn: dayOrNull(e.SignedOn), Signatures: []signatureJSON{},
	}
	for _, by := range e.Signatures {
		out.Signatures = append(out.Signatures, signatureJSON{by.ReviewerID, base64.StdEncoding.EncodeToString(by.Lines)})
	}
	if e.State == export.StateSigned {
		out.File = exportAddress(slug, e)
	}
	return out
}

// exportAddress is where everybody takes a signed bundle.
func exportAddress(slug string, e *export.Export) string {
	return "/c/" + slug + "/exports/" + e.FirstOn.Format(time.DateOnly) + "_" + e.AsOf.Format(time.DateOnly) + ".zip"
}

// panelExportJSON is a bundle as the panel sees it, which may be a draft.
type panelExportJSON struct {
	ID         string `json:"id"`
	State      string `json:"state"`
	ProposedBy string `json:"proposed_by"`
	ProposedOn string `json:"proposed_on"`
	Needed     int    `json:"needed"`
	exportJSON
}

func newPanelExportJSON(slug string, e *export.Export) panelExportJSON {
	return panelExportJSON{
		ID: e.ID, State: e.State, ProposedBy: e.ProposedBy, ProposedOn: e.ProposedOn.Format(time.DateOnly), Needed: e.Needed, exportJSON: newExportJSON(slug, e),
	}
}

type periodJSON struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

func periodsJSON(periods []figures.Period) []periodJSON {
	out := []periodJSON{}
	for _, p := range periods {
		out = append(out, periodJSON{p.First.Format(time.DateOnly), p.Last.Format(time.DateOnly)})
	}
	return out
}

func (s *server) getPanelExports(c *fiber.Ctx) error {
	ledger, err := s.Exports.Ledger(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	periods, err := s.Exports.Periods(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Periods []periodJSON      `json:"periods"`
		Exports []panelExportJSON `json:"exports"`
	}{periodsJSON(periods), []panelExportJSON{}}
	for _, e := range ledger {
		out.Exports = append(out.Exports, newPanelExportJSON(clinicOf(c).Slug, e))
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postExport(c *fiber.Ctx) error {
	var in struct {
		First string `json:"first"`
		Last  string `json:"last"`
		AsOf  string `json:"as_of"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	var asked export.Asked
	for to, day := range map[*time.Time]string{&asked.First: in.First, &asked.Last: in.Last, &asked.AsOf: in.AsOf} {
		var err error
		if day == "" && to != &asked.First {
			continue
		}
		if *to, err = time.Parse(time.DateOnly, day); err != nil {
			return badRequest("A day is written as 2026-04-01. Name the first day of a period, and if you like its last and the day as of which promises stand.")
		}
	}
	e, err := s.Exports.Propose(c.UserContext(), clinicOf(c), asked, reviewerOf(c).ID)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, newPanelExportJSON(clinicOf(c).Slug, e))
}

// getExportBundle gives a bundle to the panel with the signatures that are there, to look at before signing.
func (s *server) getExportBundle(c *fiber.Ctx) error {
	var b bytes.Buffer
	if err := s.Exports.WriteZip(c.UserContext(), &b, clinicOf(c).ID, c.Params("export")); err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, struct {
		Zip string `json:"zip"`
	}{base64.StdEncoding.EncodeToString(b.Bytes())})
}

func (s *server) postExportSignature(c *fiber.Ctx) error {
	var in struct {
		Signature string `json:"signature"`
		SSH       string `json:"ssh_signature"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	lines, err := signatureOf(c, in.Signature)
	if err != nil {
		return err
	}
	ssh, err := signatureOf(c, in.SSH)
	if err != nil {
		return err
	}
	e, err := s.Exports.Sign(c.UserContext(), clinicOf(c).ID, c.Params("export"), export.Signature{ReviewerID: lines.ReviewerID, Lines: lines.Signature, SSH: ssh.Signature})
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, newPanelExportJSON(clinicOf(c).Slug, e))
}

func (s *server) postExportDrop(c *fiber.Ctx) error {
	if err := s.Exports.Drop(c.UserContext(), clinicOf(c).ID, c.Params("export"), reviewerOf(c).ID); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// getExports gives everybody what can be taken away, the newest period first.
func (s *server) getExports(c *fiber.Ctx) error {
	list, err := s.Exports.Signed(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Clinic  string       `json:"clinic"`
		Exports []exportJSON `json:"exports"`
	}{clinicOf(c).ID, []exportJSON{}}
	for _, e := range list {
		out.Exports = append(out.Exports, newExportJSON(clinicOf(c).Slug, e))
	}
	return writeJSON(c, fiber.StatusOK, out)
}

// showExport gives a signed bundle as a file: 2026-04-01_2026-08-20.zip by its period and day, 2026-04-01.zip the newest of a period.
func (s *server) showExport(c *fiber.Ctx) error {
	name, isZip := strings.CutSuffix(c.Params("export"), ".zip")
	first, asOf, _ := strings.Cut(name, "_")
	list, err := s.Exports.Signed(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(e *export.Export) bool {
		return e.FirstOn.Format(time.DateOnly) == first && (asOf == "" || e.AsOf.Format(time.DateOnly) == asOf)
	})
	if i < 0 || !isZip {
		return fiber.ErrNotFound
	}
	return s.sendExport(c, list[i].ID)
}

// sendExport sends a bundle whole. What is in it was let out already, so it says nothing of who takes it; it is not kept by
// caches, because the proof of its place in the log comes a moment after it.
func (s *server) sendExport(c *fiber.Ctx, id string) error {
	var b bytes.Buffer
	if err := s.Exports.WriteZip(c.UserContext(), &b, clinicOf(c).ID, id); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, "attachment")
	c.Set(fiber.HeaderCacheControl, "no-cache, no-transform")
	return c.Send(b.Bytes())
}
