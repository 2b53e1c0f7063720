package figures_test

import (
	"errors"
	"strings"
	"testing"

	"answerable/internal/figures"
)

func TestFractionsOfACountAreRefused(t *testing.T) {
	parts := []figures.Part{{Count: 2, Of: 10}, {Count: 2.5, Of: 10}}
	for name, chart := range map[string]func([]figures.Part) (*figures.Chart, error){"p": figures.PChart, "u": figures.UChart} {
		if _, err := chart(parts); !errors.Is(err, figures.ErrSeries) || !strings.Contains(err.Error(), "point 2 counts 2.5") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := figures.UChart([]figures.Part{{Count: 2, Of: 1.5}, {Count: 3, Of: 2.25}}); err != nil {
		t.Errorf("hundreds of sessions need not be whole: %v", err)
	}
}
