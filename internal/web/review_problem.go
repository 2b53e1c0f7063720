package web

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"answerable/internal/review"
)

// reviewProblemFor is problemFor for the panel's work.
func reviewProblemFor(err error) *problem {
	switch {
	case errors.Is(err, review.ErrRestWeek):
		return newProblem(fiber.StatusUnprocessableEntity, "rest-week", "Not a week to choose", "You can rest in this week and in the next four. Look again and choose one of those.")
	case errors.Is(err, review.ErrGone):
		return newProblem(fiber.StatusNotFound, "message-gone", "Not here any more", "This is not here any more. Its writer has taken it back, or the time of its key is over. Your drafts about it went with it.")
	case errors.Is(err, review.ErrRecused):
		return newProblem(fiber.StatusForbidden, "recused", "You have stepped back", "You have stepped back from this message. That is final, and protects you and the writer. Ask a colleague if something is still to be done.")
	case errors.Is(err, review.ErrClaimed):
		return newProblem(fiber.StatusConflict, "claimed", "Taken already", "Somebody else has this part already. Fetch the queue again and choose another.")
	case errors.Is(err, review.ErrWeek):
		return newProblem(fiber.StatusConflict, "week-full", "Enough for this week", "You have taken as much as one person takes here in a week. Rest, or hand something back on which you have sent nothing. The panel sets the number together.")
	case errors.Is(err, review.ErrEarly):
		return newProblem(fiber.StatusConflict, "too-early", "Not yet", "A step before this one is not done, or a day that must pass has not. Fetch the queue again: it says what is missing.")
	case errors.Is(err, review.ErrNotYours):
		return newProblem(fiber.StatusForbidden, "not-yours", "Somebody else's step", "This step belongs to somebody else: to those who coded, or to somebody who did not. Take the part first, or leave it to a colleague.")
	case errors.Is(err, review.ErrFrozen):
		return newProblem(fiber.StatusConflict, "frozen", "Sent already", "This was sent before, and what is sent does not change. Say what you think differently in a note, or make a new decision.")
	case errors.Is(err, review.ErrTakenBack):
		return newProblem(fiber.StatusConflict, "taken-back", "Taken back", "What went out by this decision was taken back, and does not go out by it again. Decide anew. Where your program does not offer that, object first, and decide on a later day.")
	case errors.Is(err, review.ErrOut):
		return newProblem(fiber.StatusConflict, "given-out", "In the clear already", "A finding of this message is in the clear. To stop or change that, take the finding back first, under Promises; then decide anew.")
	case errors.Is(err, review.ErrNumber):
		return newProblem(fiber.StatusConflict, "number", "Number taken", "Another file of yours has this number, or one before it is missing. Fetch the review files again, and use the next number.")
	case errors.Is(err, review.ErrDraft):
		return newProblem(fiber.StatusConflict, "draft-changed", "Another draft", "You have kept another draft of this meanwhile, in another window or a terminal. Fetch the review files again, and keep both.")
	case errors.Is(err, review.ErrGivenBack):
		return newProblem(fiber.StatusConflict, "handed-back", "Handed back", "You do not have this part any more: it was handed back, in another window or a terminal. What is typed in it is not kept, or it would say who did.")
	case errors.Is(err, review.ErrDay):
		return newProblem(fiber.StatusConflict, "day", "Another day", "What was signed carries another day than today, in UTC. Sign it again with today's date; a contact carries the Monday of its week.")
	case errors.Is(err, review.ErrTag):
		return newProblem(fiber.StatusConflict, "tag-taken", "Tag taken", "Another act has this tag. Take the next number and sign again.")
	case errors.Is(err, review.ErrSignature):
		return newProblem(fiber.StatusUnprocessableEntity, "signature", "Signature does not hold", "The signature does not fit the text and the key. Sign the exact lines with the identity you enrolled with.")
	case errors.Is(err, review.ErrFacts):
		return newProblem(fiber.StatusUnprocessableEntity, "facts", "Not as it is kept", "This cannot be kept: "+strings.TrimSpace(lastClause(err))+".")
	case errors.Is(err, review.ErrKind):
		return badRequest("There is no such kind of review file, or no such part in reading.")
	}
	return nil
}
