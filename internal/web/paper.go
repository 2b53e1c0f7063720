package web

import (
	"crypto/rand"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/seal"
	"answerable/internal/taxonomy"
)

// paperPage is the form for a pen: the questions of the page, each copy with words of its own on a strip to tear off.
type paperPage struct {
	page
	Short     string // the address as people type it
	KeptUntil time.Time
	Steps     []stepView
	Copies    []paperCopy
	Count     int
}

// paperCopy is what differs from form to form: what its strip shows, and the number on the sheet, for whoever types it in.
type paperCopy struct {
	receiptView
	Number string
}

// mostCopies is how many forms one page prints: each has words of its own, which this server makes and forgets.
const mostCopies = 20

// paperWeeks is how many weeks a panel can look back on when it enters forms from paper.
const paperWeeks = 12

func (s *server) showPaper(c *fiber.Ctx) error {
	place, epoch, err := s.findClinic(c)
	if err != nil {
		return err
	}
	if epoch == nil {
		return s.renderClosed(c, place, nil)
	}
	forForm(c)
	copies, err := strconv.Atoi(c.Query("copies", "1"))
	if err != nil || copies < 1 || copies > mostCopies {
		copies = 1
	}
	data := paperPage{page: s.ownDevice(c, s.page(c, place)), KeptUntil: epoch.RetainUntil, Count: copies}
	data.Steps = onPaper(data.page)
	data.Short = NewPoster(place, s.address(), "", "").Short + "/mailbox"
	for range copies {
		receipt, err := seal.NewReceipt(rand.Reader)
		if err != nil {
			return err
		}
		shown, err := newReceiptView(receipt, data.Lang)
		if err != nil {
			return err
		}
		data.Copies = append(data.Copies, paperCopy{shown, inThrees(receipt.PaperNumber())})
	}
	return s.in(c).render(c, fiber.StatusOK, "paper", data)
}

// onPaper are the steps with their questions as boxes and lines. Nothing is ticked, and skipping needs no box.
func onPaper(p page) []stepView {
	view := p.questions(p.Clinic, form{})
	var steps []stepView
	for _, step := range taxonomy.Steps() {
		drawn := view.step(step)
		if len(drawn.Fields) == 0 {
			continue
		}
		for i := range drawn.Fields {
			drawn.Fields[i].Choices = withoutSkip(drawn.Fields[i].Choices)
		}
		steps = append(steps, drawn)
	}
	for i := range steps {
		of := strings.NewReplacer("{part}", strconv.Itoa(i+1), "{parts}", strconv.Itoa(len(steps)))
		steps[i].Where = of.Replace(p.in.say("steps.where"))
	}
	return steps
}

func withoutSkip(choices []choiceView) (out []choiceView) {
	for _, c := range choices {
		if c.Code != taxonomy.Skip {
			out = append(out, c)
		}
	}
	return out
}

// paperWeek is a week in which a paper form came: its Monday, as YYYY-MM-DD. Nothing finer is ever entered.
type paperWeek struct {
	Monday string
	Day    time.Time
}

// weeksBefore lists weeks, this one first.
func weeksBefore(now time.Time) []paperWeek {
	monday := now.UTC().Truncate(24 * time.Hour)
	monday = monday.AddDate(0, 0, -(int(monday.Weekday())+6)%7)
	weeks := make([]paperWeek, 0, paperWeeks)
	for i := range paperWeeks {
		day := monday.AddDate(0, 0, -7*i)
		weeks = append(weeks, paperWeek{day.Format(time.DateOnly), day})
	}
	return weeks
}
