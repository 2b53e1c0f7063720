package web

import (
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"
	"rsc.io/qr"

	"answerable/internal/clinic"
	"answerable/ui"
)

// Poster is what hangs on a wall: where to tell, and by what to know the panel.
type Poster struct {
	Clinic      string // its name
	Short       string // the address as people type it
	Address     string // of the form with the fingerprint, as the code holds it
	Fingerprint string
	Paper       string // "a4" or "a5"
}

// NewPoster makes the poster of a clinic that people reach at an address such as https://words.example.org. The fragment
// with the fingerprint stays in the browser; the form there walks from it to today's key before it locks anything.
func NewPoster(place *clinic.Clinic, address, fingerprint, paper string) *Poster {
	at := address + "/c/" + place.Slug
	return &Poster{
		Clinic: place.Name, Short: strings.TrimPrefix(at, "https://"), Address: at + "/tell#p=" + fingerprint,
		Fingerprint: fingerprint, Paper: paper,
	}
}

// Papers are the sizes a poster can have.
var Papers = []string{"a4", "a5"}

// code is a QR code as a picture: a path of dark squares, one unit each, in a square of Size units.
type code struct {
	Size int
	Path string
}

// quiet is how many light squares a code needs around it to be found.
const quiet = 4

// Code draws the address.
func (p *Poster) Code() (*code, error) { return drawCode(p.Address) }

func drawCode(text string) (*code, error) {
	drawn, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw code: %w", err)
	}
	var path strings.Builder
	for y := range drawn.Size {
		for x := 0; x < drawn.Size; x++ {
			begin := x
			for x < drawn.Size && drawn.Black(x, y) {
				x++
			}
			if x > begin {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", begin+quiet, y+quiet, x-begin, x-begin)
			}
		}
	}
	return &code{drawn.Size + 2*quiet, path.String()}, nil
}

// Groups are the fingerprint's letters as people compare them.
func (p *Poster) Groups() []string { return strings.Split(p.Fingerprint, "-") }

// WriteIn writes the poster as one file that needs nothing else, in one of Languages, with the texts of the page: open it in a
// browser and print.
func (p *Poster) WriteIn(lang string, w io.Writer) error {
	in, ok := compiled()[lang]
	if !ok {
		return fmt.Errorf("write poster: no language %q", lang)
	}
	style, err := ui.FS.ReadFile("styles/more/poster.css")
	if err != nil {
		return fmt.Errorf("read the poster's style: %w", err)
	}
	data := struct {
		Lang, Dir string
		Style     template.CSS // ours
		Poster    *Poster
	}{in.lang, in.dir, template.CSS(style), p}
	if err := in.byName["poster"].ExecuteTemplate(w, "poster-file", data); err != nil {
		return fmt.Errorf("write poster: %w", err)
	}
	return nil
}

// posterPage shows the poster with a few words on how to print it.
type posterPage struct {
	page
	Poster *Poster // nil until the panel has signed its first list
	Papers []string
}

func (s *server) showPoster(c *fiber.Ctx) error {
	place := clinicOf(c)
	fingerprint, err := s.fingerprint(c, place)
	if err != nil {
		return err
	}
	data := posterPage{page: s.ownDevice(c, s.page(c, place)), Papers: Papers}
	if fingerprint != "" {
		paper := Papers[0]
		if c.Query("paper") == "a5" {
			paper = "a5"
		}
		data.Poster = NewPoster(place, s.address(), fingerprint, paper)
	}
	return s.in(c).render(c, fiber.StatusOK, "poster", data)
}
