package client

import (
	"errors"
	"fmt"
	"slices"

	"answerable/internal/coding"
)

// Where a message stands when it may be kept with the panel, and when it may be shared. Twin of KEPT_FROM and SHARED_FROM in
// ui/src/panel/casework.ts; testdata/stages.json has both.
var (
	keptFrom   = []string{StageNoChecker, StageAgreed, StageChecked, StageObjected, StageTakenBack}
	sharedFrom = []string{StageChecked, StageObjected, StageTakenBack}
)

// StageError says why nothing is decided about a message where it stands, and what to do next.
type StageError struct {
	Stage string // one of the stages of Case.Stage
	Next  string // whole sentences
	why   string
}

func (e *StageError) Error() string { return e.why }

// notNow says it for the stages in which nobody decides.
func notNow(stage string) *StageError {
	e := &StageError{
		Stage: stage, why: "no two coders have agreed on it, so there is nothing to decide yet",
		Next: "See where it stands: answerable review card",
	}
	switch stage {
	case StageObjecting:
		e.why = "it is decided already to share it, and members may object"
		e.Next = "Nothing is decided anew before somebody objects: answerable review object"
	case StageReady:
		e.why = "it is decided already to share it, and nobody objects"
		e.Next = "To put it into the clear: answerable review release; to stop it: answerable review object"
	case StageTakenBack:
		e.why = "what went out by this decision was taken back, and does not go out by it again"
		e.Next = "Decide anew: answerable review share"
	case StageKept:
		e.why = "it is decided already that it stays with the panel"
		e.Next = "Where its writer has changed what they allow, take it up again: answerable review object"
	case StageReleased:
		e.why = "what was decided about it is in the clear already"
		e.Next = "Take the finding back first: answerable review retract; then decide anew"
	}
	return e
}

// mayKeepOn says whether a message stands on a day where who has a say may keep it. Errors: ErrBeside, *StageError.
func (c *Case) mayKeepOn(today string) error { return decidedAt(c.Stage(today), keptFrom) }

// mayShareOn says whether it stands where they may share it, if its writer allows that. Errors: ErrBeside, ErrNoCheck, *StageError.
func (c *Case) mayShareOn(today string) error { return decidedAt(c.Stage(today), sharedFrom) }

func decidedAt(stage string, stages []string) error {
	switch {
	case slices.Contains(stages, stage):
		return nil
	case stage == StageBeside:
		return ErrBeside
	case stage == StageAgreed, stage == StageNoChecker:
		return ErrNoCheck
	default:
		return notNow(stage)
	}
}

// stillAllowed looks at a decision or an objection by what is known now, as it would be looked at if it were made now. Who has
// stepped back since has nothing left to look at it by: whoever puts it out has, and must.
func (p *pusher) stillAllowed(c *Case, s *step, body coding.Body) error {
	sharing, ok := body.(*coding.Sharing)
	if !ok || c.message == nil {
		return nil
	}
	var err error
	switch {
	case sharing.Decision == coding.Share:
		err = p.mayShare(c, sharing.Form)
	case sharing.Decision == coding.Keep:
		err = c.mayKeepOn(p.Today)
	case c.isGiven():
		err = notNow(StageReleased)
	}
	var stage *StageError
	switch {
	case errors.As(err, &stage):
		return &conflictError{stage.Error(), fmt.Sprintf("%s. To let yours go: answerable review drop --step %d", stage.Next, s.N)}
	case err != nil:
		return &conflictError{err.Error(), "Look at it again: answerable review compare"}
	}
	return nil
}
