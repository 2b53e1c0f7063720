package seal

import "testing"

func TestCheckInVectors(t *testing.T) {
	var v struct {
		Comment string
		Cases   []struct {
			Comment string
			Wishes  []struct{ Wish, Day string }
			From    string
		}
	}
	load(t, "checkin.json", &v)
	if len(v.Cases) < 10 {
		t.Fatal("the vectors are not whole")
	}
	for _, c := range v.Cases {
		var wishes []CheckIn
		for _, w := range c.Wishes {
			wishes = append(wishes, CheckIn{w.Wish, w.Day})
		}
		if got := CheckInFrom(wishes); got != c.From {
			t.Errorf("%s: got %q, want %q", c.Comment, got, c.From)
		}
	}
}

// What a writer's own client sealed can say anything.
func TestAWishThatIsNoneIsNoWish(t *testing.T) {
	for _, w := range []CheckIn{{"tomorrow", "2026-11-26"}, {"", "2026-11-26"}, {"month", "soon"}} {
		if got := CheckInFrom([]CheckIn{w}); got != "" {
			t.Errorf("%v is to be asked from %s", w, got)
		}
	}
	if got := CheckInFrom([]CheckIn{{"tomorrow", "2026-12-01"}, {"month", "2026-11-26"}}); got != "2026-12-28" {
		t.Errorf("a wish that is none hides one that is: %q", got)
	}
}
