package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/account"
	"answerable/internal/review"
	"answerable/internal/transparency"
)

// reviewRoutes are the panel's work on messages. All of them stand behind requireListed. No route gives one message or one
// review file: only whole epochs, so that nobody learns here what is being read.
func (s *server) reviewRoutes(seat fiber.Router) {
	seat.Get("/epochs/:epoch/work", s.getWork)
	seat.Get("/epochs/:epoch/reviews", s.getReviews)
	seat.Post("/reviews", s.postReview)
	seat.Post("/claims", s.postClaim)
	seat.Post("/handbacks", s.postHandback)
	seat.Get("/recusals", s.getRecusals)
	seat.Post("/recusals", s.postRecusal)
	seat.Get("/shares", s.getShares)
	seat.Get("/weeks", s.getWeeks)
	seat.Post("/rests", s.postRest)
	seat.Get("/acts", s.getActs)
	seat.Post("/acts", s.postAct)
	s.findingRoutes(seat)
}

// nothing is the answer of what has none: an object, so that it may gain members.
type nothing struct{}

type workMessageJSON struct {
	Leaf    string `json:"leaf"`
	Day     string `json:"day"` // of the batch
	Carded  bool   `json:"carded"`
	Coded   bool   `json:"coded_in_clear"`
	Finding bool   `json:"finding"`
	Handed  bool   `json:"handed_over"`
	Agreed  bool   `json:"agreement_sent,omitempty"`

	TakenBack []string `json:"taken_back,omitempty"` // hashes of decisions whose findings were taken back

	Codes *codesJSON `json:"codes,omitempty"`
}

// codesJSON is who put codes into the clear, and what they signed of them: for a client to hold against what two coders agree on. Of
// the codes it has the hash alone, since it goes to members who have not declared on the message too.
type codesJSON struct {
	FactsHash string `json:"facts_hash"`
	By        string `json:"by"`
	Signature string `json:"signature"`
}

func messageOf(m *review.Standing) workMessageJSON {
	b64 := base64.StdEncoding.EncodeToString
	out := workMessageJSON{
		Leaf: b64(m.LeafHash), Day: m.Day.Format(time.DateOnly), Carded: m.Carded, Coded: m.Coded, Finding: m.Finding, Handed: m.Handed,
		Agreed: m.Agreed,
	}
	for _, hash := range m.TakenBack {
		out.TakenBack = append(out.TakenBack, b64(hash))
	}
	if m.CodedBy != "" {
		hash := sha256.Sum256([]byte(m.Facts))
		out.Codes = &codesJSON{b64(hash[:]), m.CodedBy, b64(m.CodedSignature)}
	}
	return out
}

type partJSON struct {
	Leaf     string `json:"leaf"`
	Reviewer string `json:"reviewer"`
	Part     string `json:"part"`

	// By whom the part is, of what is more than a claim.
	Signature string `json:"signature,omitempty"`
	FileHash  string `json:"file_hash,omitempty"` // of a coding
	Day       string `json:"day,omitempty"`       // of a coding
}

func partOf(p *review.Part) partJSON {
	b64 := base64.StdEncoding.EncodeToString
	out := partJSON{Leaf: b64(p.LeafHash), Reviewer: p.ReviewerID, Part: p.Part, Signature: b64(p.Signature), FileHash: b64(p.FileHash)}
	if p.FileHash != nil {
		out.Day = p.SignedOn.Format(time.DateOnly)
	}
	return out
}

func (s *server) getWork(c *fiber.Ctx) error {
	epoch, err := epochIn(c)
	if err != nil {
		return err
	}
	standing, err := s.Review.Work(c.UserContext(), clinicOf(c).ID, epoch, reviewerOf(c).ID)
	if err != nil {
		return err
	}
	parts, err := s.Review.Parts(c.UserContext(), clinicOf(c).ID, epoch, reviewerOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Today    string            `json:"today"`
		Messages []workMessageJSON `json:"messages"`
		Parts    []partJSON        `json:"parts"`
	}{s.Review.Now().UTC().Format(time.DateOnly), []workMessageJSON{}, []partJSON{}}
	for i := range standing {
		out.Messages = append(out.Messages, messageOf(&standing[i]))
	}
	for i := range parts {
		out.Parts = append(out.Parts, partOf(&parts[i]))
	}
	return writeJSON(c, fiber.StatusOK, out)
}

type reviewJSON struct {
	Leaf      string `json:"leaf"`
	Kind      string `json:"kind"`
	Author    string `json:"author"`
	N         int    `json:"n"`
	File      string `json:"file"`
	Signature string `json:"signature"`
	Day       string `json:"day"`
}

func (s *server) getReviews(c *fiber.Ctx) error {
	after, err := base64.RawURLEncoding.Strict().DecodeString(c.Query("after"))
	if err != nil || len(after) != 0 && len(after) != 32 {
		return badRequest("after is the hash of a review file as 43 characters of base64url, or empty.")
	}
	if len(after) == 0 {
		after = nil
	}
	epoch, err := epochIn(c)
	if err != nil {
		return err
	}
	files, more, err := s.Review.Files(c.UserContext(), clinicOf(c).ID, epoch, reviewerOf(c).ID, after)
	if err != nil {
		return err
	}
	out := struct {
		Files []reviewJSON `json:"files"`
		Next  string       `json:"next"`
	}{Files: make([]reviewJSON, 0, len(files))}
	b64 := base64.StdEncoding.EncodeToString
	for _, f := range files {
		out.Files = append(out.Files, reviewJSON{b64(f.LeafHash), f.Kind, f.AuthorID, f.N, b64(f.File), b64(f.Signature), f.WrittenOn.Format(time.DateOnly)})
	}
	if more {
		out.Next = base64.RawURLEncoding.EncodeToString(files[len(files)-1].FileHash)
	}
	return writeJSON(c, fiber.StatusOK, out)
}

// hashIn reads a hash: standard base64 of 32 bytes.
func hashIn(text, what string) ([32]byte, error) {
	hash, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(hash) != 32 || len(text) != 44 {
		return [32]byte{}, badRequest(what + " is 32 bytes, as 44 characters of base64 with padding.")
	}
	return [32]byte(hash), nil
}

// fileIn reads a sealed file.
func fileIn(text string) ([]byte, error) {
	file, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, badRequest("The sealed file is not plain base64. Encode it in one line, with padding and without line breaks.")
	}
	return file, nil
}

func leafIn(text string) ([32]byte, error) { return hashIn(text, "The leaf hash") }

// signatureIn reads a signature; one that is no base64 holds for nothing.
func signatureIn(text string) ([]byte, error) {
	signature, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, review.ErrSignature
	}
	return signature, nil
}

// signedLeafIn reads which message a request is about, and what its sender signed.
func signedLeafIn(leaf, signature string) (hash [32]byte, signed []byte, err error) {
	if hash, err = leafIn(leaf); err != nil {
		return hash, nil, err
	}
	signed, err = signatureIn(signature)
	return hash, signed, err
}

func (s *server) postReview(c *fiber.Ctx) error {
	var in struct {
		Leaf      string `json:"leaf"`
		Kind      string `json:"kind"`
		N         int    `json:"n"`
		File      string `json:"file"`
		Signature string `json:"signature"`
		Day       string `json:"day"`

		Replaces *string `json:"replaces"` // the draft whose place it takes: its file's hash, or empty for none
		InPart   bool    `json:"in_part"`  // of a draft with a replaces: it was typed by who had a part
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	leaf, signature, err := signedLeafIn(in.Leaf, in.Signature)
	if err != nil {
		return err
	}
	file, err := fileIn(in.File)
	if err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, in.Day)
	if err != nil {
		return badRequest("The day is written as in 2026-12-31.")
	}
	envelope := &review.Envelope{ClinicID: clinicOf(c).ID, LeafHash: leaf, Kind: in.Kind, N: in.N, Day: day}
	put := s.Review.Put
	if in.Replaces != nil {
		draft := review.Draft{InPart: in.InPart}
		if *in.Replaces != "" {
			if draft.Replaces, err = hashIn(*in.Replaces, "The hash of the draft before"); err != nil {
				return err
			}
		}
		put = func(ctx context.Context, e *review.Envelope, by *account.Reviewer, file, signature []byte) error {
			return s.Review.PutDraft(ctx, e, by, file, signature, draft)
		}
	}
	if err := put(c.UserContext(), envelope, reviewerOf(c), file, signature); err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, nothing{})
}

func (s *server) postClaim(c *fiber.Ctx) error {
	var in struct {
		Leaf string `json:"leaf"`
		Role string `json:"role"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	leaf, err := leafIn(in.Leaf)
	if err != nil {
		return err
	}
	if err := s.Review.Take(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID, leaf, in.Role); err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, nothing{})
}

// onLeaf reads a request that names a message and nothing else.
func onLeaf(c *fiber.Ctx, act func(leaf [32]byte) error) error {
	var in struct {
		Leaf string `json:"leaf"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	leaf, err := leafIn(in.Leaf)
	if err != nil {
		return err
	}
	if err := act(leaf); err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, nothing{})
}

func (s *server) postHandback(c *fiber.Ctx) error {
	return onLeaf(c, func(leaf [32]byte) error {
		return s.Review.HandBack(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID, leaf)
	})
}

func (s *server) postRecusal(c *fiber.Ctx) error {
	var in recusalJSON
	if err := readJSON(c, &in); err != nil {
		return err
	}
	leaf, signature, err := signedLeafIn(in.Leaf, in.Signature)
	if err != nil {
		return err
	}
	reminder, err := in.Reminder.read()
	if err != nil {
		return err
	}
	kept, err := in.Kept.read()
	if err != nil {
		return err
	}
	if err := s.Review.Recuse(c.UserContext(), clinicOf(c).ID, reviewerOf(c), leaf, signature, reminder, kept); err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, nothing{})
}

type recusalJSON struct {
	Leaf      string        `json:"leaf"`
	Signature string        `json:"signature"`
	Reminder  *reminderJSON `json:"reminder"`      // null where a client left none
	Kept      *reminderJSON `json:"kept,omitzero"` // what is posted to stay when the message goes
}

type reminderJSON struct {
	File      string `json:"file"`
	Signature string `json:"signature"`
}

// read gives nil for none.
func (r *reminderJSON) read() (*review.Reminder, error) {
	if r == nil {
		return nil, nil
	}
	file, err := fileIn(r.File)
	if err != nil {
		return nil, err
	}
	signature, err := signatureIn(r.Signature)
	return &review.Reminder{File: file, Signature: signature}, err
}

func (s *server) getRecusals(c *fiber.Ctx) error {
	rows, err := s.Review.Recusals(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID)
	if err != nil {
		return err
	}
	kept, err := s.Review.Kept(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Recusals []recusalJSON  `json:"recusals"`
		Kept     []reminderJSON `json:"kept"`
	}{[]recusalJSON{}, []reminderJSON{}}
	b64 := base64.StdEncoding.EncodeToString
	for _, r := range rows {
		row := recusalJSON{b64(r.LeafHash), b64(r.Signature), nil, nil}
		if r.Reminder != nil {
			row.Reminder = &reminderJSON{b64(r.Reminder), b64(r.ReminderSignature)}
		}
		out.Recusals = append(out.Recusals, row)
	}
	for _, k := range kept {
		out.Kept = append(out.Kept, reminderJSON{b64(k.File), b64(k.Signature)})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

type shareJSON struct {
	Reviewer string `json:"reviewer"`
	Taken    int    `json:"taken"`
	Open     int    `json:"open"`
}

func (s *server) getShares(c *fiber.Ctx) error {
	rows, err := s.Review.Shares(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	own, err := s.Review.TakenInWeek(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Shares []shareJSON `json:"shares"`
		Own    [][]byte    `json:"own"`
	}{[]shareJSON{}, append([][]byte{}, own...)}
	for _, r := range rows {
		out.Shares = append(out.Shares, shareJSON{r.ReviewerID, r.Taken, r.Open})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

type actJSON struct {
	Tag  string `json:"tag"`
	Code string `json:"code"`
	Day  string `json:"day"`
}

func (s *server) getActs(c *fiber.Ctx) error {
	rows, err := s.Review.Acts(c.UserContext(), clinicOf(c).ID)
	if err != nil {
		return err
	}
	out := struct {
		Acts []actJSON `json:"acts"`
	}{[]actJSON{}}
	for _, r := range rows {
		out.Acts = append(out.Acts, actJSON{base64.StdEncoding.EncodeToString(r.Tag), r.Code, r.ActedOn.Format(time.DateOnly)})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postAct(c *fiber.Ctx) error {
	var in struct {
		Leaf string `json:"leaf"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	err := s.Review.Do(c.UserContext(), clinicOf(c).ID, reviewerOf(c), transparency.Leaf(in.Leaf))
	if errors.Is(err, transparency.ErrLeaf) {
		return badRequest("These are not the lines of an act: " + strings.TrimPrefix(lastClause(err), " ") + ".")
	}
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, nothing{})
}
