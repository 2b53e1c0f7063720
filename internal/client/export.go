package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"answerable/internal/account"
	"answerable/internal/keyring"
	"answerable/internal/transparency"
)

// Export is a bundle for a clinic as a server gives it. What stands outside Lines and Manifest is believed of nobody.
type Export struct {
	ID         string      `json:"id,omitempty"` // of bundles as the panel sees them
	State      string      `json:"state,omitempty"`
	ProposedBy string      `json:"proposed_by,omitempty"`
	ProposedOn string      `json:"proposed_on,omitempty"`
	Needed     int         `json:"needed,omitempty"`
	First      string      `json:"first"`
	Last       string      `json:"last"`
	AsOf       string      `json:"as_of"`
	Lines      string      `json:"lines"`
	Manifest   string      `json:"manifest"`
	SignedOn   *string     `json:"signed_on"`
	Signatures []signature `json:"signatures"`
	File       string      `json:"file"`
}

// SignedBy reports whether a reviewer's signature stands there.
func (e *Export) SignedBy(reviewer string) bool {
	for _, s := range e.Signatures {
		if s.Reviewer == reviewer {
			return true
		}
	}
	return false
}

// ExportPeriod is a period that a bundle can be made of.
type ExportPeriod struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

// ExportLedger is what a panel has made of bundles and could make, the newest first.
type ExportLedger struct {
	Periods []ExportPeriod `json:"periods"`
	Exports []Export       `json:"exports"`
}

// Exports lists the bundles that a clinic's panel signed, the newest period first.
func (c *Client) Exports(ctx context.Context, clinic string) ([]Export, error) {
	var out struct {
		Clinic  string   `json:"clinic"`
		Exports []Export `json:"exports"`
	}
	return out.Exports, c.get(ctx, clinicPath(publicAPI, clinic, "exports"), &out)
}

var exportFile = regexp.MustCompile(`^/c/[a-z0-9-]{1,63}/exports/[0-9-]{10}_[0-9-]{10}\.zip$`)

// ExportFile fetches a bundle that everybody may take. Whoever fetches it checks it.
func (c *Client) ExportFile(ctx context.Context, e *Export) ([]byte, error) {
	if !exportFile.MatchString(e.File) {
		return nil, errors.New("the server names a strange address for this bundle")
	}
	content, status, err := c.fetch(ctx, e.File)
	if err == nil && status != http.StatusOK {
		return nil, &StrangerError{Server: c.server, Status: status}
	}
	return content, err
}

// ExportLedger lists what a clinic's panel has made of bundles, and could make.
func (r *Reviewer) ExportLedger(ctx context.Context, clinic string) (*ExportLedger, error) {
	out := new(ExportLedger)
	return out, r.get(ctx, clinicPath(panelAPI, clinic, "exports"), out)
}

// ProposeExport lets the server make the bundle of a period. last and asOf may be "", for the period's own and today.
func (r *Reviewer) ProposeExport(ctx context.Context, clinic, first, last, asOf string) (*Export, error) {
	in := struct {
		First string `json:"first"`
		Last  string `json:"last,omitempty"`
		AsOf  string `json:"as_of,omitempty"`
	}{first, last, asOf}
	out := new(Export)
	return out, r.post(ctx, clinicPath(panelAPI, clinic, "exports"), in, out)
}

// ExportBundle fetches a bundle with the signatures that are there so far.
func (r *Reviewer) ExportBundle(ctx context.Context, clinic, id string) ([]byte, error) {
	var out struct {
		Zip []byte `json:"zip"`
	}
	return out.Zip, r.get(ctx, clinicPath(panelAPI, clinic, "exports", id, "bundle"), &out)
}

// SignExport signs a bundle that the caller has looked at: lines for the log and the signed note, and MANIFEST as ssh-keygen does.
// The panel is checked first. What the server says came of it is believed of nobody. Errors wrap ErrPanel.
func (r *Reviewer) SignExport(ctx context.Context, clinic, id, lines string, manifest []byte) (*Export, error) {
	p, err := r.seatedPanel(ctx, clinic)
	if err != nil {
		return nil, err
	}
	e, err := transparency.ParseExport(transparency.Leaf(lines))
	if err != nil || e.ClinicID != p.clinicID {
		return nil, fmt.Errorf("%w: this bundle is of another clinic", ErrPanel)
	}
	in := struct {
		Signature []byte `json:"signature"`
		SSH       []byte `json:"ssh_signature"`
	}{keyring.SignDecision(r.key, lines), account.SignSSH(r.key, transparency.ExportNamespace, manifest)}
	out := new(Export)
	return out, r.post(ctx, clinicPath(panelAPI, clinic, "exports", id, "signatures"), in, out)
}

// DropExport gives a bundle up that is not signed yet.
func (r *Reviewer) DropExport(ctx context.Context, clinic, id string) error {
	return r.post(ctx, clinicPath(panelAPI, clinic, "exports", id, "drop"), nil, nil)
}
