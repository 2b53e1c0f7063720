package main

import (
	"fmt"
	"math"
	"os"
	"strings"

	"answerable/internal/figures"
	"answerable/internal/figures/agreement"
)

type figuresAgreementCmd struct {
	File    string `arg:"" placeholder:"FILE" help:"Codings as CSV: names of coders first, then a line for each message that begins with its name. An empty cell or NA is a message that a coder did not read. A dash reads standard input."`
	Metric  string `enum:"nominal,ordinal,interval,ratio" default:"nominal" help:"How far apart codes are: nominal, ordinal, interval or ratio."`
	Weights string `enum:"plain,linear,quadratic," default:"" help:"How kappa weighs a disagreement: plain, linear or quadratic. Without it plain for nominal codes, quadratic for others."`
	Seed    uint32 `default:"5" help:"What the interval is drawn from: the same seed gives the same interval."`
}

// agreementResult is what is printed: numbers that cannot be worked out are null.
type agreementResult struct {
	Metric  agreement.Metric  `json:"metric"`
	Weights agreement.Weights `json:"weights"`
	State   agreement.State   `json:"state"`
	Units   int               `json:"units"` // with two codes or more
	Percent float64           `json:"percent"`
	Alpha   *float64          `json:"alpha"`
	Reading agreement.Reading `json:"reading,omitzero"`
	Low     *float64          `json:"low"`
	High    *float64          `json:"high"`
	Fleiss  *float64          `json:"fleiss"` // where everybody coded everything
	Pairs   []agreedPair      `json:"pairs"`
	Codes   []agreedCode      `json:"codes"`
}

type agreedPair struct {
	Coders  [2]string `json:"coders"`
	Units   int       `json:"units"` // that both coded
	Percent float64   `json:"percent"`
	Kappa   *float64  `json:"kappa"`
}

type agreedCode struct {
	Code string  `json:"code"`
	Part float64 `json:"part"`
}

// Run says how far coders agree, as the panel's page does of its own codings.
func (c *figuresAgreementCmd) Run(t *terminal) error {
	metric := agreement.Metric(c.Metric)
	r, err := c.read(t, metric)
	if err != nil {
		return err
	}
	s, err := agreement.Summarise(r.Ratings, metric, c.Seed)
	if err != nil {
		return err
	}
	result := agreementResult{Metric: metric, Weights: c.weights(), State: s.State, Units: s.Units, Percent: s.Percent, Reading: s.Reading, Pairs: []agreedPair{}, Codes: []agreedCode{}}
	if s.State == agreement.Enough {
		result.Alpha = &s.Alpha
	}
	if s.HasRange {
		result.Low, result.High = &s.Low, &s.High
	}
	if kappa, ok, err := agreement.Fleiss(r.Ratings); ok && err == nil && len(r.Ratings) >= agreement.FewUnits { // its errors are gaps, or one coder
		result.Fleiss = &kappa
	}
	if result.Pairs, err = pairsOf(r, result.Weights); err != nil {
		return err
	}
	for _, share := range s.Prevalence {
		result.Codes = append(result.Codes, agreedCode{r.Name(share.Code), share.Part})
	}
	return t.show(result, "%s", result.text())
}

func (c *figuresAgreementCmd) read(t *terminal, metric agreement.Metric) (*figures.Ratings, error) {
	if c.File == "-" {
		return figures.ReadRatings(t.in, metric)
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, withHint(fmt.Errorf("the codings cannot be read: %w", cause(err)), "Check the path of the file.")
	}
	defer file.Close()
	return figures.ReadRatings(file, metric)
}

func (c *figuresAgreementCmd) weights() agreement.Weights {
	switch {
	case c.Weights != "":
		return agreement.Weights(c.Weights)
	case c.Metric == string(agreement.Nominal):
		return agreement.Plain
	}
	return agreement.Quadratic
}

// pairsOf compares each two coders over what both coded; with fewer messages than say anything there is no kappa.
func pairsOf(r *figures.Ratings, weights agreement.Weights) ([]agreedPair, error) {
	pairs := []agreedPair{}
	for b := range r.Coders {
		for a := range b {
			var both agreement.Ratings
			for _, unit := range r.Ratings {
				if !math.IsNaN(unit[a]) && !math.IsNaN(unit[b]) {
					both = append(both, []float64{unit[a], unit[b]})
				}
			}
			if len(both) == 0 {
				continue
			}
			pair := agreedPair{Coders: [2]string{r.Coders[a], r.Coders[b]}, Units: len(both)}
			pair.Percent, _ = agreement.Percent(both)
			kappa, ok, err := agreement.Cohen(both, 0, 1, weights)
			if err != nil {
				return nil, err
			}
			if ok && len(both) >= agreement.FewUnits {
				pair.Kappa = &kappa
			}
			pairs = append(pairs, pair)
		}
	}
	return pairs, nil
}

// readingWords say what an alpha allows.
var readingWords = map[agreement.Reading]string{
	agreement.Rely: "rely on it", agreement.Tentative: "use it with care", agreement.Retrain: "publish no breakdown by it; talk about the words of the code together",
}

func (r *agreementResult) text() string {
	var b strings.Builder
	switch r.State {
	case agreement.TooFew:
		fmt.Fprintf(&b, "Too few to say: %d messages have two codes, and it takes %d.\n", r.Units, agreement.FewUnits)
	case agreement.NoVariation:
		fmt.Fprintf(&b, "All codes of %d messages are the same: there was nothing to disagree about.\n", r.Units)
	default:
		fmt.Fprintf(&b, "Alpha (%s): %.3f, %s.\n", r.Metric, *r.Alpha, readingWords[r.Reading])
	}
	if r.Low != nil {
		fmt.Fprintf(&b, "  95 in 100 draws lie between %.3f and %.3f.\n", *r.Low, *r.High)
	}
	fmt.Fprintf(&b, "Messages with two codes or more: %d. The same code: %.1f in 100.\n", r.Units, 100*r.Percent)
	if r.Fleiss != nil {
		fmt.Fprintf(&b, "Kappa of all together (Fleiss): %.3f.\n", *r.Fleiss)
	}
	if len(r.Pairs) > 0 {
		fmt.Fprintf(&b, "\nEach two (Cohen's kappa, %s):\n", r.Weights)
	}
	for _, p := range r.Pairs {
		kappa := "none: too few, or both always said the same"
		if p.Kappa != nil {
			kappa = fmt.Sprintf("%.3f", *p.Kappa)
		}
		fmt.Fprintf(&b, "  %s and %s: %s. Messages: %d. The same code: %.1f in 100.\n", p.Coders[0], p.Coders[1], kappa, p.Units, 100*p.Percent)
	}
	if len(r.Codes) > 0 {
		b.WriteString("\nHow often each code was given. Where one is rare, kappa and alpha are low though nearly all agree:\n")
	}
	for _, c := range r.Codes {
		fmt.Fprintf(&b, "  %s: %.1f in 100\n", c.Code, 100*c.Part)
	}
	return b.String()
}
