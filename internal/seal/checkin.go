package seal

import (
	"slices"
	"strings"
	"time"
)

// AsksCheckIn is what an answer asks that brings the question whether something has happened to the writer's care since.
const AsksCheckIn = "check_in"

// CheckInKey is the question of a follow-up in which its writer wishes when to be asked that, as one of CheckIns.
const CheckInKey = "check_in"

// CheckIns are when a writer can wish to be asked, the soonest first. They are coarse: nobody can tell a day by them.
var CheckIns = []string{"month", "three_months", "six_months", CheckInNever}

// CheckInNever takes earlier wishes back.
const CheckInNever = "never"

// checkInWeeks are the whole weeks that pass at least.
var checkInWeeks = map[string]int{"month": 4, "three_months": 13, "six_months": 26}

// CheckIn is a wish, and the day of the batch that it came in, YYYY-MM-DD.
type CheckIn struct{ Wish, Day string }

// CheckInFrom is the Monday from which a writer of these wishes is to be asked, YYYY-MM-DD; "" for never. The newest wish counts.
// Messages carry days and no hours, so of several wishes of one day the latest time counts. Unknown wishes count as none.
func CheckInFrom(wishes []CheckIn) string {
	newest := CheckIn{}
	for _, w := range wishes {
		rank := slices.Index(CheckIns, w.Wish)
		if rank >= 0 && (w.Day > newest.Day || w.Day == newest.Day && rank > slices.Index(CheckIns, newest.Wish)) {
			newest = w
		}
	}
	day, err := time.Parse(time.DateOnly, newest.Day)
	if err != nil {
		return ""
	}
	return CheckInWeek(newest.Wish, day)
}

// CheckInWeek is the first Monday, YYYY-MM-DD, after all the weeks of a wish of a day have passed; "" for never.
func CheckInWeek(wish string, day time.Time) string {
	weeks, ok := checkInWeeks[wish]
	if !ok {
		return ""
	}
	monday := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	return monday.AddDate(0, 0, 7*(weeks+1)).Format(time.DateOnly)
}

// What can have happened since, as its writer says it.
const (
	SinceNothing = "nothing"
	SincePayback = "payback" // they were treated worse after they spoke up
)

// SinceAnswers are what a writer says who is asked whether something has happened to their care since, in the codes of the form, and
// when they wish to be asked next. happened and wish may be "", and then nothing is said of them.
func SinceAnswers(happened, text, wish string) (answers []Answer) {
	if Blank(text) {
		text = ""
	}
	switch {
	case happened == SinceNothing:
		answers = append(answers, Answer{"words", strings.TrimSpace("Nothing bad has happened to my care since.\n" + text)})
	case text != "":
		answers = append(answers, Answer{"words", text})
	}
	if happened == SincePayback {
		answers = append(answers, Answer{"themes", "response"}, Answer{"items", "response.payback"})
	}
	if wish != "" {
		answers = append(answers, Answer{CheckInKey, wish})
	}
	return answers
}
