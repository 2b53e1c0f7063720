package doctor

import (
	"context"

	"github.com/go-json-experiment/json"
)

// witnesses says which of those who watch the log do not answer the server. It delays what is published when the policy asks for them,
// and until they are back nobody but the server vouches for what is new.
func (v *visitor) witnesses(ctx context.Context, r *report) {
	const check = "witnesses"
	said, err := v.fetch(ctx, "/api/v1/log")
	if err != nil {
		r.add(Bad, check, "Check that the server signs its log.", "The server does not say who watches its log: %v.", err)
		return
	}
	var info struct {
		Signed    int64   `json:"signed"`
		Published int64   `json:"published"`
		Policy    *string `json:"policy"`
		Witnesses []struct {
			Name string `json:"name"`
			Down bool   `json:"down"`
		} `json:"witnesses"`
	}
	if err := json.Unmarshal(said.body, &info); err != nil {
		r.add(Bad, check, "Let the proxy in front pass our answers on as they are.", "What the server says about its log does not read.")
		return
	}
	if info.Policy == nil {
		r.ok(check, "None are named, so nobody but this server vouches for its log. Partner clinics can watch each other: answerable log witness")
		return
	}
	before := len(r.findings)
	for _, w := range info.Witnesses {
		if w.Down {
			r.add(Warn, check, "Ask whoever runs it. It is asked again by itself.", "%s did not answer when the server asked it last.", w.Name)
		}
	}
	if info.Published < info.Signed && len(r.findings) > before {
		r.add(Warn, check, "The leaves come out once enough witnesses answer. A policy that asks for fewer than all of them goes on without one.",
			"The newest %d leaves of the log wait for witnesses, and nobody sees them before.", info.Signed-info.Published)
	}
	if len(r.findings) == before {
		r.ok(check, "All %d answer.", len(info.Witnesses))
	}
}
