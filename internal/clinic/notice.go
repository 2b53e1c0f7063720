package clinic

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// ProposedNotice is a legal notice that whoever runs the server proposes and the panel has not signed.
type ProposedNotice struct {
	Text string
	On   time.Time // the day of the proposal
}

// ProposedNotice is what waits for the panel; nil where nothing does.
func (c *Clinic) ProposedNotice() *ProposedNotice {
	if c.NoticeProposedOn == nil {
		return nil
	}
	return &ProposedNotice{c.NoticeProposed, *c.NoticeProposedOn}
}

// SetNotice is how whoever runs the server writes what the law may make the panel do. Until the panel has decided settings the
// text holds at once. From then on it is proposed, in place of what was proposed before, and holds when enough of the panel have
// signed settings with it; the text that holds already takes a proposal back. It reports whether the text waits for the panel.
// Errors: *Problem, ErrUnknown.
func (s *Store) SetNotice(ctx context.Context, clinicID, text string) (waits bool, err error) {
	err = s.db(ctx).RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var found []Clinic
		err := tx.NewSelect().Model(&found).Where("id = ?", clinicID).For("UPDATE").Scan(ctx)
		if err != nil {
			return fmt.Errorf("find clinic: %w", err)
		}
		if len(found) == 0 {
			return ErrUnknown
		}
		c := &found[0]
		if err := c.takeNotice(text, s.Now()); err != nil {
			return err
		}
		waits = c.NoticeProposedOn != nil
		_, err = tx.NewUpdate().Model(c).Column("legal_notice", "notice_proposed", "notice_proposed_on").WherePK().Exec(ctx)
		if err != nil {
			return fmt.Errorf("keep notice: %w", err)
		}
		return nil
	})
	return waits, err
}

// takeNotice puts a text where it belongs: in force before the panel decides, proposed after.
func (c *Clinic) takeNotice(text string, now time.Time) error {
	if len(text) > maxNotice {
		return &Problem{fmt.Sprintf("A notice has at most %d bytes.", maxNotice)}
	}
	if c.SettingsOn == nil {
		c.LegalNotice = text
		return c.check()
	}
	c.NoticeProposed, c.NoticeProposedOn = "", nil
	if text == c.LegalNotice {
		return nil
	}
	if strings.TrimSpace(text) == "" {
		return &Problem{"A panel cannot sign an empty notice. Propose what the law may make it do; to take a proposal back, propose the notice that holds now."}
	}
	c.NoticeProposed, c.NoticeProposedOn = text, &now
	return nil
}

// checkNotice refuses a panel a legal notice that nobody proposed to it; nil leaves it as it is.
func (c *Clinic) checkNotice(text *string) error {
	switch {
	case text == nil, *text != "" && *text == c.LegalNotice, *text != "" && *text == c.NoticeProposed:
		return nil
	case c.NoticeProposedOn != nil:
		return &Problem{"The legal notice of these settings is neither the one that holds nor the one that is proposed now. Look at the one that is proposed, and propose your settings again with it or with the one that holds."}
	}
	return &Problem{"Whoever runs the server proposes the legal notice, and has proposed no other than the one that holds. Leave it as it is, or ask them to propose yours."}
}

// applyNotice makes the legal notice of settings hold that a panel has decided. It asks once more whether that text was proposed,
// in the step that takes it.
func (s *Store) applyNotice(ctx context.Context, tx bun.Tx, clinicID string, text *string) error {
	if text == nil {
		return nil
	}
	res, err := tx.NewUpdate().Model((*Clinic)(nil)).
		Set("legal_notice = ?", *text).
		Set("notice_proposed = CASE notice_proposed WHEN ? THEN '' ELSE notice_proposed END", *text).
		Set("notice_proposed_on = CASE notice_proposed WHEN ? THEN NULL ELSE notice_proposed_on END", *text).
		Where("id = ?", clinicID).
		Where("legal_notice = ? OR notice_proposed = ?", *text, *text).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("apply notice: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return &Problem{"Another legal notice was proposed meanwhile. Look at it, and propose your settings again."}
	}
	return nil
}
