package client

import (
	"context"
	"net/url"
)

// Session is one place at which a reviewer is signed in.
type Session struct {
	ID     string `json:"id"`
	Device string `json:"device"` // as they named it; may be ""
	On     string `json:"signed_in_on"`
	Here   bool   `json:"here"`
}

// Passkey is a passkey that opens a copy of a reviewer's key, kept at the server.
type Passkey struct {
	Credential string `json:"credential"` // base64url
	Name       string `json:"name"`
	AddedOn    string `json:"added_on"`
}

// Sessions lists where this reviewer is signed in.
func (r *Reviewer) Sessions(ctx context.Context) ([]Session, error) {
	var out struct {
		Sessions []Session `json:"sessions"`
	}
	err := r.get(ctx, panelAPI+"/sessions", &out)
	return out.Sessions, err
}

// EndSession signs this reviewer out somewhere.
func (r *Reviewer) EndSession(ctx context.Context, id string) error {
	return r.post(ctx, panelAPI+"/sessions/"+url.PathEscape(id)+"/end", struct{}{}, nil)
}

// Passkeys lists this reviewer's passkeys.
func (r *Reviewer) Passkeys(ctx context.Context) ([]Passkey, error) {
	var out struct {
		Passkeys []Passkey `json:"passkeys"`
	}
	err := r.get(ctx, panelAPI+"/passkeys", &out)
	return out.Passkeys, err
}

// RemovePasskey lets the server forget what a passkey opens. Copies that somebody took stay.
func (r *Reviewer) RemovePasskey(ctx context.Context, credential string) error {
	in := struct {
		Credential string `json:"credential"`
	}{credential}
	return r.post(ctx, panelAPI+"/passkeys/remove", in, nil)
}

// Seat is somebody who has joined a panel; Listed when the signed list names them.
type Seat struct {
	Reviewer string `json:"reviewer"`
	JoinedOn string `json:"joined_on"`
	Listed   bool   `json:"listed"`
}

// Seats lists who has joined a panel, as the server says it. Only the signed list counts.
func (r *Reviewer) Seats(ctx context.Context, clinic string) ([]Seat, error) {
	var out struct {
		Members []Seat `json:"members"`
	}
	err := r.get(ctx, clinicPath(panelAPI, clinic, "members"), &out)
	return out.Members, err
}
