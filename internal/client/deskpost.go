package client

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"answerable/internal/review"
)

// problemOfOffline is answered for what takes the server.
const problemOfOffline = "offline"

// post takes what the reviewer does. It is in their own part of the folder, and on the disk, when the answer comes back.
func (d *desk) post(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(io.LimitReader(req.Body, maxAnswer+1))
	if err := errors.Join(err, req.Body.Close()); err != nil {
		return nil, err
	}
	what, ok := strings.CutPrefix(req.URL.Path, clinicPath(panelAPI, d.list.Clinic)+"/")
	if ok && (what == "coded" || what == "coded/retraction") {
		// What is counted follows from what is written, and is worked out anew when that is sent.
		return respond(req, http.StatusOK, []byte("{}")), nil
	}
	read := map[string]func([]byte) (*step, error){
		"claims": d.claim, "handbacks": d.handBack, "recusals": d.recuse, "reviews": d.file,
	}[what]
	if what == "replies" {
		to, _ := req.Context().Value(replyKey{}).(repliedTo)
		read = func(body []byte) (*step, error) { return d.reply(to, body) }
	}
	if !ok || read == nil {
		return respond(req, http.StatusConflict, problemOffline("This takes the server and what it knows now. Do it where there is a network.")), nil
	}
	s, err := read(body)
	if err == nil && s != nil {
		s.Rests = restsIn(req.Context())
		s.After, _ = req.Context().Value(afterKey{}).(int)
		err = d.wait(s)
	}
	var refused *Problem
	if errors.As(err, &refused) {
		return respond(req, refused.Status, refused.text()), nil
	}
	if err != nil {
		return nil, err
	}
	return respond(req, http.StatusCreated, []byte("{}")), nil
}

// wait keeps a step. A draft takes the place of the one before it, and what is stepped back from keeps none, as at the server.
func (d *desk) wait(s *step) error {
	return d.own.change(func(o *own) error {
		s.N, s.Clinic, s.Pull = max(o.Next, 1), d.list.Clinic, d.list.Pull
		o.Next = s.N + 1
		if s.Do == doRecuse || s.Do == doFile && s.Kind == review.KindDraft {
			o.Waiting = slices.DeleteFunc(o.Waiting, func(had step) bool {
				replaced := had.Do == doFile && had.Kind == review.KindDraft && string(had.Leaf) == string(s.Leaf)
				if replaced {
					s.Rests = had.Rests // the server never hears of the one before, so this one rests on what that did
				}
				return replaced
			})
		}
		if len(o.Waiting) >= mostWaits {
			return refusal("too-many", "So much waits in this folder that it takes no more. Send it first: answerable review push")
		}
		o.Waiting = append(o.Waiting, *s)
		return nil
	})
}

func (d *desk) claim(body []byte) (*step, error) {
	var in struct {
		Leaf []byte `json:"leaf"`
		Role string `json:"role"`
	}
	s, leaf, err := d.step(doClaim, body, &in, func() []byte { return in.Leaf })
	if err != nil {
		return nil, err
	}
	board := d.board(leaf)
	if role, claimed := board.Roles[d.by.ID]; claimed && role == in.Role {
		return nil, nil // the same claim again is no error, and no step
	}
	if err := board.MayTake(d.by.ID, in.Role); err != nil {
		return nil, refusedBy(err)
	}
	mine, err := d.own.read()
	if err != nil {
		return nil, err
	}
	if mine.Practice.Hard && d.takenInWeek(leaf) >= mine.Practice.Week {
		return nil, refusedBy(review.ErrWeek)
	}
	s.Role = in.Role
	board.Roles[d.by.ID] = in.Role
	return s, nil
}

// takenInWeek counts the other messages of this week as the server will: those that it counted and those taken here, without what was
// handed back here with no coding and no check sent. What it counted and did not name stays counted.
func (d *desk) takenInWeek(other [32]byte) int {
	held := map[string]bool{}
	for _, leaf := range d.week {
		held[string(leaf)] = true
	}
	unnamed := max(0, d.taken-len(held))
	for _, s := range d.waiting() {
		switch s.Do {
		case doClaim:
			held[string(s.Leaf)] = true
		case doHandBack, doRecuse:
			if files := d.board([32]byte(s.Leaf)).Files; files[review.KindCoding][d.by.ID]+files[review.KindCheck][d.by.ID] == 0 {
				delete(held, string(s.Leaf))
			}
		}
	}
	delete(held, string(other[:]))
	return unnamed + len(held)
}

func (d *desk) handBack(body []byte) (*step, error) {
	var in struct {
		Leaf []byte `json:"leaf"`
	}
	s, leaf, err := d.step(doHandBack, body, &in, func() []byte { return in.Leaf })
	if err == nil {
		s.Role = d.board(leaf).Roles[d.by.ID]
		delete(d.board(leaf).Roles, d.by.ID)
	}
	return s, err
}

func (d *desk) recuse(body []byte) (*step, error) {
	var in recusal
	s, _, err := d.step(doRecuse, body, &in, func() []byte { return in.Leaf })
	if err == nil {
		s.Signature, s.Reminder, s.Kept = in.Signature, in.Reminder, in.Kept
	}
	return s, err
}

func (d *desk) file(body []byte) (*step, error) {
	var in served
	s, leaf, err := d.step(doFile, body, &in, func() []byte { return in.Leaf })
	if err != nil {
		return nil, err
	}
	if err := d.board(leaf).MayPut(d.by.ID, in.Kind, in.N); err != nil {
		return nil, refusedBy(err)
	}
	if in.Kind == review.KindCoding {
		d.noteWork(leaf, &Part{in.Leaf, d.by.ID, partCoded})
	} else {
		d.noteFile(leaf, in.Kind, d.by.ID)
	}
	s.Kind, s.Number, s.File, s.Signature, s.Day = in.Kind, in.N, in.File, in.Signature, in.Day
	return s, nil
}

func (d *desk) reply(to repliedTo, body []byte) (*step, error) {
	var in SealedReply
	s, _, err := d.step(doReply, body, &in, func() []byte { return to.leaf[:] })
	if err == nil {
		s.Reply, s.Text, s.Actions = &in, to.text, to.actions[:]
	}
	return s, err
}

// step reads a request about a message that the folder knows.
func (d *desk) step(do string, body []byte, in any, leafOf func() []byte) (*step, [32]byte, error) {
	if err := json.Unmarshal(body, in); err != nil {
		return nil, [32]byte{}, err
	}
	leaf := leafOf()
	if len(leaf) != 32 || d.epochs[[32]byte(leaf)] == "" {
		return nil, [32]byte{}, refusedBy(review.ErrGone)
	}
	return &step{Do: do, Leaf: leaf, Epoch: d.epochs[[32]byte(leaf)]}, [32]byte(leaf), nil
}

// refusedBy says in sentences what a server would, as far as the folder knows.
func refusedBy(err error) *Problem {
	switch {
	case errors.Is(err, review.ErrGone):
		return refusal("message-gone", "This is not in the folder. Pull again where there is a network.")
	case errors.Is(err, review.ErrClaimed):
		return refusal("claimed", "Somebody else has this part already. Choose another message.")
	case errors.Is(err, review.ErrWeek):
		return refusal("week-full", "You have taken as much as one person takes here in a week. Rest, or hand something back on which you have sent nothing. The panel sets the number together.")
	case errors.Is(err, review.ErrEarly):
		return refusal("too-early", "A step before this one is not done, as far as this folder knows. A colleague may have done it since: pull again.")
	case errors.Is(err, review.ErrNotYours):
		return refusal("not-yours", "This step belongs to somebody else: to those who coded, or to somebody who did not. Take the part first, or leave it to a colleague.")
	case errors.Is(err, review.ErrFrozen):
		return refusal("frozen", "This was sent or waits to be sent, and does not change. Say what you think differently in a note.")
	case errors.Is(err, review.ErrNumber):
		return refusal("number", "Another file of yours has this number, or there are too many of them.")
	}
	return refusal("bad-request", "There is no such part in reading, and no such kind of file.")
}

func refusal(kind, detail string) *Problem {
	return &Problem{Type: problemPrefix + kind, Title: "Not now", Status: http.StatusConflict, Detail: detail}
}

func problemOffline(detail string) []byte { return refusal(problemOfOffline, detail).text() }

func (p *Problem) text() []byte {
	text, err := json.Marshal(p)
	if err != nil {
		return nil // its sentences are ours
	}
	return text
}
