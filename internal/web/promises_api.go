package web

import (
	"encoding/base64"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/promise"
)

// promiseRoutes are what the panel does with findings once they may be read: it hands them over, looks at what the clinic
// answers, and judges its promises. All of them stand behind requireListed.
func (s *server) promiseRoutes(seat fiber.Router) {
	seat.Get("/promises", s.getPanelPromises)
	seat.Post("/handovers", s.postHandover)
	seat.Post("/responses/:response/showing", s.postShowing)
	seat.Post("/promises/:promise/judgements", s.postJudgement)
	seat.Post("/promises/:promise/repeats", s.postRepeat)
}

// panelPromisesJSON is everything of a clinic's account, for its panel.
type panelPromisesJSON struct {
	Clinic    string              `json:"clinic"`
	Today     string              `json:"today"` // the clinic's own day
	Day       string              `json:"day"`   // the server's day in UTC, which is the one to sign
	Handovers []handoverJSON      `json:"handovers"`
	Promises  []panelPromiseJSON  `json:"promises"`
	Liaisons  []panelLiaisonJSON  `json:"liaisons"`
	Silences  promiseSilencesJSON `json:"silences"`
}

type handoverJSON struct {
	ID        string         `json:"id"`
	Finding   *string        `json:"finding"` // null once it is not kept, or for who stepped back from the message
	Public    bool           `json:"public"`
	TakenBack bool           `json:"taken_back"`
	HandedOn  string         `json:"handed_on"`
	AnswerBy  string         `json:"answer_by"`
	Responses []responseJSON `json:"responses"`
}

type responseJSON struct {
	ID    string `json:"id"`
	Role  string `json:"role"`
	Power string `json:"power"`
	Words string `json:"words"`
	Day   string `json:"day"`
	Shown bool   `json:"shown"` // everybody may read it
}

type panelPromiseJSON struct {
	ID       string             `json:"id"`
	Handover string             `json:"handover"`
	What     string             `json:"what"`
	Who      string             `json:"who"`
	How      string             `json:"how"`
	MadeOn   string             `json:"made_on"`
	FirstDue string             `json:"first_due"` // as it was promised, which is what is signed
	Due      string             `json:"due"`       // the date that holds
	State    string             `json:"state"`
	Round    int                `json:"round"`
	ToJudge  bool               `json:"to_judge"`
	JudgeBy  *string            `json:"judge_by"`
	AskAgain *string            `json:"ask_again"` // the day of the look back
	Members  int                `json:"members"`   // that have given their word in the round that is open
	Own      string             `json:"own"`       // the caller's word in it, "" for none
	Events   []promiseEventJSON `json:"events"`
	Repeats  []string           `json:"repeats"` // hand-overs
}

type promiseEventJSON struct {
	Kind    string  `json:"kind"`
	Day     string  `json:"day"`
	Due     *string `json:"due"`
	Reason  string  `json:"reason"`
	Verdict string  `json:"verdict"`
}

type panelLiaisonJSON struct {
	Role  string `json:"role"`
	State string `json:"state"` // invited, joined or left
}

type promiseSilencesJSON struct {
	Due            int `json:"due"`
	OnTime         int `json:"on_time"`
	Late           int `json:"late"`
	None           int `json:"none"`
	WithoutPromise int `json:"without_promise"`
	Waiting        int `json:"waiting"`
	Handed         int `json:"handed"`
	LateTaken      int `json:"late_taken"`
	LateDecided    int `json:"late_decided"`
	LateJudged     int `json:"late_judged"`
}

func (s *server) getPanelPromises(c *fiber.Ctx) error {
	ctx, id, me := c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID
	account, err := s.account(c)
	if err != nil {
		return err
	}
	findings, err := s.Review.Findings(ctx, id, me)
	if err != nil {
		return err
	}
	open, err := s.Promises.Waiting(ctx, id, me)
	if err != nil {
		return err
	}
	liaisons, err := s.Liaisons.List(ctx, id)
	if err != nil {
		return err
	}
	mine := map[string]bool{}
	for _, f := range findings {
		mine[f.ID] = true
	}
	out := panelPromisesJSON{
		Clinic: id, Today: account.On.Format(time.DateOnly), Day: s.Now().UTC().Format(time.DateOnly), Handovers: []handoverJSON{}, Promises: []panelPromiseJSON{}, Liaisons: []panelLiaisonJSON{},
		Silences: promiseSilencesJSON(account.Silences),
	}
	for _, f := range account.Findings {
		out.Handovers = append(out.Handovers, newHandoverJSON(f, mine))
	}
	for _, p := range account.Promises {
		out.Promises = append(out.Promises, newPanelPromiseJSON(p, open[p.ID], account.On))
	}
	for i := range liaisons {
		one := newLiaisonJSON(&liaisons[i])
		out.Liaisons = append(out.Liaisons, panelLiaisonJSON{one.Role, one.State})
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func newHandoverJSON(f *promise.Answered, mine map[string]bool) handoverJSON {
	out := handoverJSON{
		ID: f.ID, Public: f.Public, TakenBack: f.TakenBack, HandedOn: f.HandedOn.Format(time.DateOnly), AnswerBy: f.AnswerBy.Format(time.DateOnly),
		Responses: []responseJSON{},
	}
	if f.Finding != nil && mine[f.Finding.ID] {
		out.Finding = &f.Finding.ID
	}
	for _, r := range f.Responses {
		out.Responses = append(out.Responses, responseJSON{r.ID, r.Role, r.Power, r.Words, r.RespondedOn.Format(time.DateOnly), r.ShownOn != nil})
	}
	return out
}

func newPanelPromiseJSON(p *promise.Standing, open promise.Open, today time.Time) panelPromiseJSON {
	out := panelPromiseJSON{
		ID: p.ID, Handover: p.HandoverID, What: p.What, Who: p.Who, How: p.How, MadeOn: p.MadeOn.Format(time.DateOnly),
		FirstDue: p.DueOn.Format(time.DateOnly), Due: p.Due.Format(time.DateOnly), State: string(p.State), Round: p.Rounds,
		ToJudge: p.ToJudge(today), AskAgain: dayOrNull(p.LookBackOn), Members: open.Members, Own: open.Own,
		Events: []promiseEventJSON{}, Repeats: []string{},
	}
	if by, waits := p.JudgeBy(today); waits {
		out.JudgeBy = dayOrNull(&by)
	}
	for _, e := range p.Events {
		one := promiseEventJSON{Kind: e.Kind, Day: e.HappenedOn.Format(time.DateOnly), Due: dayOrNull(e.DueOn), Reason: e.Reason}
		if e.Verdict != nil {
			one.Verdict = *e.Verdict
		}
		out.Events = append(out.Events, one)
	}
	for _, r := range p.Repeats {
		out.Repeats = append(out.Repeats, r.HandoverID)
	}
	return out
}

// publicPromiseJSON is a promise as everybody may read it. What it says is empty until a member of the panel has looked.
type publicPromiseJSON struct {
	ID         string          `json:"id"`
	What       string          `json:"what"`
	Who        string          `json:"who"`
	How        string          `json:"how"`
	MadeOn     string          `json:"made_on"`
	FirstDue   string          `json:"first_due"`
	Due        string          `json:"due"`
	State      string          `json:"state"`
	Extended   int             `json:"extended"`
	Refused    int             `json:"refused"`
	Judgements []judgementJSON `json:"judgements"`
}

type judgementJSON struct {
	Reviewer  string `json:"reviewer"`
	Round     int    `json:"round"`
	Verdict   string `json:"verdict"`
	Day       string `json:"day"`
	Signature string `json:"signature"` // base64
}

// getPromises gives everybody a clinic's promises, with the signatures of those who judged them.
func (s *server) getPromises(c *fiber.Ctx) error {
	account, err := s.account(c)
	if err != nil {
		return err
	}
	out := struct {
		Clinic   string              `json:"clinic"`
		Today    string              `json:"today"`
		Promises []publicPromiseJSON `json:"promises"`
	}{clinicOf(c).ID, account.On.Format(time.DateOnly), []publicPromiseJSON{}}
	for _, p := range account.Public().Promises {
		one := publicPromiseJSON{
			ID: p.ID, What: p.What, Who: p.Who, How: p.How, MadeOn: p.MadeOn.Format(time.DateOnly), FirstDue: p.DueOn.Format(time.DateOnly),
			Due: p.Due.Format(time.DateOnly), State: string(p.State), Extended: p.Extended, Refused: p.Refused, Judgements: []judgementJSON{},
		}
		for _, j := range p.Judgements {
			one.Judgements = append(one.Judgements, judgementJSON{j.ReviewerID, j.Round, j.Verdict, j.JudgedOn.Format(time.DateOnly), base64.StdEncoding.EncodeToString(j.Signature)})
		}
		out.Promises = append(out.Promises, one)
	}
	return writeJSON(c, fiber.StatusOK, out)
}

func (s *server) postHandover(c *fiber.Ctx) error {
	var in struct {
		Finding string `json:"finding"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	id, err := s.Promises.HandOver(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID, in.Finding)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusCreated, map[string]string{"id": id})
}

func (s *server) postShowing(c *fiber.Ctx) error {
	var in struct {
		Shown bool `json:"shown"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	if err := s.Promises.Show(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID, c.Params("response"), in.Shown); err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, nothing{})
}

func (s *server) postJudgement(c *fiber.Ctx) error {
	var in struct {
		Round     int    `json:"round"`
		Verdict   string `json:"verdict"`
		Day       string `json:"day"`
		Signature string `json:"signature"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	word := promise.Word{Round: in.Round, Verdict: in.Verdict}
	var err error
	if word.Day, err = time.Parse(time.DateOnly, in.Day); err != nil {
		return badRequest("The day is written as in 2026-12-31.")
	}
	if word.Signature, err = base64.StdEncoding.Strict().DecodeString(in.Signature); err != nil {
		return promise.ErrSignature
	}
	decided, err := s.Promises.Judge(c.UserContext(), clinicOf(c).ID, reviewerOf(c), c.Params("promise"), word)
	if err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, map[string]bool{"decided": decided})
}

func (s *server) postRepeat(c *fiber.Ctx) error {
	var in struct {
		Handover string `json:"handover"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	if err := s.Promises.Repeat(c.UserContext(), clinicOf(c).ID, reviewerOf(c).ID, c.Params("promise"), in.Handover); err != nil {
		return err
	}
	return writeJSON(c, fiber.StatusOK, nothing{})
}

func promiseProblemFor(err error) *problem {
	switch {
	case errors.Is(err, promise.ErrGone):
		return newProblem(fiber.StatusNotFound, "not-here", "Not here", "This finding, answer or promise is not here. Fetch the list again.")
	case errors.Is(err, promise.ErrEarly):
		return newProblem(fiber.StatusConflict, "not-to-judge", "Not to judge yet", "A promise is judged once the clinic says it is done, once its day has passed, or when the day to ask again has come.")
	case errors.Is(err, promise.ErrDecided):
		return newProblem(fiber.StatusConflict, "judged", "Judged already", "Two members have said the same, and that stands. Fetch the list again.")
	case errors.Is(err, promise.ErrSignature):
		return newProblem(fiber.StatusUnprocessableEntity, "signature", "Signature does not hold", "The signature does not fit the promise and the key. Sign the exact lines with the identity you enrolled with.")
	case errors.Is(err, promise.ErrVerdict):
		return badRequest("A promise is kept, partly or not_kept.")
	}
	return nil
}
