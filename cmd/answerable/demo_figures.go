package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/uptrace/bun"

	"answerable/internal/account"
	"answerable/internal/export"
	"answerable/internal/figures"
	"answerable/internal/postgres"
	"answerable/internal/seal"
)

// demoReports is how many made-up reports are counted in each of two quarters.
const demoReports = 240

// countFigures counts made-up reports in two quarters that are long over, and lets two members sign the older one, so that
// there is something to look at and something to try. It goes on where a start that was cut off stopped.
func (d *demo) countFigures(ctx context.Context, url string) error {
	if d.Submissions == 0 {
		return nil
	}
	older, newer := demoQuarters(now())
	if plans, err := d.figures.Plans(ctx, d.place.ID); err != nil {
		return err
	} else if len(plans) == 0 {
		if err := d.makeUpReports(ctx, older, newer); err != nil {
			return err
		}
	}
	ledger, err := d.figures.Ledger(ctx, d.place.ID)
	if err != nil {
		return err
	}
	var id, hash string
	switch {
	case len(ledger) == 0:
		out, err := d.child(ctx, "figures", "draft", "--first", older.Format(time.DateOnly), "--server", url, "--clinic", demoSlug, "--identity", d.identity(1))
		if err != nil {
			return err
		}
		var draft shownRelease
		if err := json.Unmarshal(out, &draft); err != nil {
			return fmt.Errorf("read draft: %w", err)
		}
		id, hash = draft.ID, draft.SHA256
	case ledger[0].State == figures.StateDraft:
		id, hash = ledger[0].ID, ledger[0].Hash()
	}
	for i := 1; id != "" && i <= demoNeeded; i++ {
		if _, err := d.child(ctx, "figures", "sign", id, "--sha256", hash, "--server", url, "--clinic", demoSlug, "--identity", d.identity(i)); err != nil {
			return err
		}
	}
	return d.signBundle(ctx, url, older)
}

// signBundle lets two members sign the bundle of a quarter, so that there is one to take away.
func (d *demo) signBundle(ctx context.Context, url string, first time.Time) error {
	made, err := d.exports.Signed(ctx, d.place.ID)
	if err != nil || len(made) > 0 {
		return err
	}
	return postgres.InClinic(ctx, d.db, d.place.ID, func(ctx context.Context, _ bun.Tx) error {
		key, err := d.signingKey(1)
		if err != nil {
			return err
		}
		bundle, err := d.exports.Propose(ctx, d.place, export.Asked{First: first}, account.ReviewerID(key.Public().(ed25519.PublicKey)))
		if err != nil {
			return err
		}
		for i := 1; i <= demoNeeded; i++ {
			if key, err = d.signingKey(i); err != nil {
				return err
			}
			by := export.Sign(key, account.ReviewerID(key.Public().(ed25519.PublicKey)), bundle.Lines, []byte(bundle.Manifest))
			if _, err := d.exports.Sign(ctx, d.place.ID, bundle.ID, by); err != nil {
				return err
			}
		}
		return nil
	})
}

// signingKey is the key of one of the demo's reviewers. The bundle is signed here, and not by commands as the figures are, only
// because a demo has to start soon.
func (d *demo) signingKey(i int) (ed25519.PrivateKey, error) {
	file, err := os.ReadFile(d.identity(i))
	if err != nil {
		return nil, err
	}
	identity, err := seal.ParseIdentityFile(file, nil)
	if err != nil {
		return nil, err
	}
	seed, err := seal.IdentitySeed(identity)
	return account.SigningKey(seed), err
}

// demoQuarters are the first days of the two newest quarters that may be released on a day.
func demoQuarters(today time.Time) (older, newer time.Time) {
	over := today.AddDate(0, 0, -32) // the delay, and a day to spare
	newer = time.Date(over.Year(), (over.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, -3, 0)
	return newer.AddDate(0, -3, 0), newer
}

// makeUpReports counts invented codes through the door that the panel's work uses. No message stands behind them.
func (d *demo) makeUpReports(ctx context.Context, quarters ...time.Time) error {
	chance := rand.New(demoChance(d.Seed))
	services := demoClinic().Services
	themes := []struct {
		code string
		in   int // of a hundred reports
	}{{"voice", 46}, {"respect", 38}, {"access", 30}, {"response", 22}, {"treatment", 20}, {"force", 14}, {"place", 12}, {"money", 9}, {"privacy", 6}, {"good_care", 18}, {"good_solidarity", 11}}
	return postgres.InClinic(ctx, d.db, d.place.ID, func(ctx context.Context, tx bun.Tx) error {
		for _, quarter := range quarters {
			for range demoReports {
				c := figures.Coded{
					Day: quarter.AddDate(0, chance.IntN(3), chance.IntN(28)), Service: services[min(chance.IntN(len(services)), chance.IntN(len(services)))].Code,
					Seriousness: min(chance.IntN(4), chance.IntN(4)),
				}
				for _, theme := range themes {
					if chance.IntN(100) < theme.in {
						c.Themes = append(c.Themes, theme.code)
					}
				}
				if _, err := figures.CountCoded(ctx, tx, d.place.ID, c); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
