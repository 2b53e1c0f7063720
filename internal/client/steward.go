package client

import (
	"context"
	"strings"
)

// A steward runs a place and reads nothing. Who signs in as a Reviewer may be one; the server refuses everybody else.

const stewardAPI = publicAPI + "/steward"

// Place is a clinic as its stewards see it in a list.
type Place struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
	Open bool   `json:"open"`
}

// Way is another way to tell, which people see while the form is closed.
type Way struct {
	Name  string `json:"name"`
	What  string `json:"what"`
	RunBy string `json:"run_by"`
	Reach string `json:"reach"`
}

// Step is something that a clinic needs before its form opens, or should have.
type Step struct {
	Key    string `json:"key"`
	Done   bool   `json:"done"`
	Needed bool   `json:"needed"` // the form does not open without it
	Who    string `json:"who"`
	Say    string `json:"say"`
}

// Setup is what a clinic has and what it still needs.
type Setup struct {
	Place
	LegalNotice string `json:"legal_notice"`

	NoticeProposed *ProposedNotice `json:"notice_proposed"` // nil where none waits for the panel

	OtherWays []Way  `json:"other_ways"`
	Reviewers int    `json:"reviewers"`
	Proposed  bool   `json:"proposed"` // the first list waits for signatures
	Steps     []Step `json:"steps"`
}

// Places lists the clinics of the server.
func (r *Reviewer) Places(ctx context.Context) ([]Place, error) {
	var out struct {
		Clinics []Place `json:"clinics"`
	}
	err := r.get(ctx, stewardAPI+"/clinics", &out)
	return out.Clinics, err
}

// AddPlace adds a clinic, whose form stays closed until it is opened.
func (r *Reviewer) AddPlace(ctx context.Context, slug, name string) (*Place, error) {
	in := struct {
		Slug string `json:"slug"`
		Name string `json:"name"`
	}{slug, name}
	var out Place
	return &out, r.post(ctx, stewardAPI+"/clinics", in, &out)
}

// InviteSteward makes a link that makes one person a steward, once.
func (r *Reviewer) InviteSteward(ctx context.Context) (link string, err error) {
	return r.invite(ctx, stewardAPI+"/invitations")
}

// InviteReviewer makes a link to a clinic's panel for one person.
func (r *Reviewer) InviteReviewer(ctx context.Context, clinic string) (link string, err error) {
	return r.invite(ctx, clinicPath(stewardAPI, clinic, "invitations"))
}

func (r *Reviewer) invite(ctx context.Context, path string) (string, error) {
	var out struct {
		Link string `json:"link"`
	}
	err := r.post(ctx, path, struct{}{}, &out)
	return out.Link, err
}

// InvitationIn is the code in a link, or the code itself.
func InvitationIn(link string) string {
	link = strings.TrimSpace(link)
	return link[strings.LastIndex(link, "#")+1:]
}

// Setup says how far a clinic is.
func (r *Reviewer) Setup(ctx context.Context, clinic string) (*Setup, error) {
	var out Setup
	return &out, r.get(ctx, clinicPath(stewardAPI, clinic, "setup"), &out)
}

// ProposeFirstList proposes the first list of a panel: all who have joined, of whom m must sign what counts.
func (r *Reviewer) ProposeFirstList(ctx context.Context, clinic string, m int) error {
	in := struct {
		M int `json:"m"`
	}{m}
	return r.post(ctx, clinicPath(stewardAPI, clinic, "manifest"), in, nil)
}

// SetLegalNotice says what the law may make the panel do. Once the panel has decided settings, it is a proposal to the panel.
func (r *Reviewer) SetLegalNotice(ctx context.Context, clinic, text string) error {
	in := struct {
		Text string `json:"text"`
	}{text}
	return r.post(ctx, clinicPath(stewardAPI, clinic, "legal-notice"), in, nil)
}

// SetOtherWays puts other ways to tell in place of those before.
func (r *Reviewer) SetOtherWays(ctx context.Context, clinic string, ways []Way) error {
	in := struct {
		Ways []Way `json:"ways"`
	}{append([]Way{}, ways...)}
	return r.post(ctx, clinicPath(stewardAPI, clinic, "other-ways"), in, nil)
}

// ProblemNotReady answers who would open a form that still lacks something.
const ProblemNotReady = "not-ready"

// OpenForm opens a clinic's form, or closes it.
func (r *Reviewer) OpenForm(ctx context.Context, clinic string, open bool) error {
	in := struct {
		Open bool `json:"open"`
	}{open}
	return r.post(ctx, clinicPath(stewardAPI, clinic, "open"), in, nil)
}
