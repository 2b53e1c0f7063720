package review

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

// Board is all that can be seen of the work on one message without opening anything: who claims it, and how many files each member
// wrote about it. The order of the work follows from it alone, at the server and in a folder that is worked in without a network.
type Board struct {
	Roles   map[string]string         // of members of the panel who claim the message, by reviewer
	Files   map[string]map[string]int // how many, by kind and author
	Gone    map[string]bool           // those who coded it and have left the panel or stepped back
	Stepped map[string]bool           // whoever has stepped back: what they checked or decided counts for nothing
	Out     bool                      // a finding stands; a folder leaves it to who reads the finding's signature
}

// Authors are those who wrote files of a kind, sorted.
func (b *Board) Authors(kind string) []string {
	var ids []string
	for id, n := range b.Files[kind] {
		if n > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (b *Board) claimants(role string) (ids []string) {
	for id, of := range b.Roles {
		if of == role {
			ids = append(ids, id)
		}
	}
	return ids
}

// MayTake says whether a reviewer may claim a part. A coder who left the panel has no claim any more, and the coding stays: it counts
// for one of the two. A third follows two coders, and another third where of all who coded it fewer than two are left to agree. Errors:
// ErrKind, ErrClaimed, ErrFrozen, ErrEarly for a third before two codings are in, ErrNotYours for a checker who has coded it and for
// who has another part.
func (b *Board) MayTake(reviewerID, role string) error {
	if has := b.Roles[reviewerID]; has != "" && has != role {
		return ErrNotYours
	}
	coders := b.Authors(KindCoding)
	switch role {
	case RoleCoder:
		working := append(slices.Clone(coders), b.claimants(RoleCoder)...)
		slices.Sort(working)
		if len(slices.Compact(working)) >= codersNeeded {
			return ErrClaimed
		}
		if slices.Contains(coders, reviewerID) {
			return ErrFrozen
		}
		return nil
	case RoleThird, RoleChecker:
		if slices.Contains(coders, reviewerID) {
			return ErrNotYours
		}
		if len(coders) < codersNeeded {
			return ErrEarly
		}
		working := b.claimants(role)
		if role == RoleThird {
			working = slices.DeleteFunc(working, func(id string) bool { return slices.Contains(coders, id) })
		}
		if len(working) > 0 || role == RoleThird && len(coders) > codersNeeded && b.left(coders) >= codersNeeded {
			return ErrClaimed
		}
		return nil
	}
	return ErrKind
}

// left counts those who can still sign something.
func (b *Board) left(coders []string) (n int) {
	for _, id := range coders {
		if !b.Gone[id] && !b.Stepped[id] {
			n++
		}
	}
	return n
}

// maxFiles bounds how many files of one kind one author keeps on one message.
const maxFiles = 100

// MayPut holds the order of the work: whether an author may add the n-th file of a kind. Errors: ErrKind, ErrNumber, ErrEarly,
// ErrNotYours, ErrFrozen and ErrOut.
func (b *Board) MayPut(authorID, kind string, n int) error {
	coders, role := b.Authors(KindCoding), b.Roles[authorID]
	switch kind {
	case KindDraft:
		if n != 0 {
			return ErrNumber
		}
		return nil
	case KindCard, KindNote:
	case KindCoding:
		if b.Files[KindCoding][authorID] > 0 {
			return ErrFrozen
		}
		if role != RoleThird && (role != RoleCoder || len(coders) >= codersNeeded) {
			return ErrNotYours // where two have coded, their codings are handed out: another can be made in sight of them
		}
	case KindConsensus:
		if !slices.Contains(coders, authorID) {
			return ErrNotYours
		}
		if len(coders) < codersNeeded {
			return ErrEarly
		}
	case KindCheck:
		if slices.Contains(coders, authorID) || role != RoleChecker {
			return ErrNotYours
		}
		if err := b.agreed(); err != nil {
			return err
		}
	case KindSharing:
		// Sealed, a decision looks like an objection. Neither changes what is in the clear, and with a newer decision than the one that
		// its signature names, a finding would look like nobody's.
		if b.Out {
			return ErrOut
		}
		if err := b.agreed(); err != nil {
			return err
		}
	default:
		return ErrKind
	}
	if n != b.Files[kind][authorID] || n >= maxFiles {
		return ErrNumber
	}
	return nil
}

// agreed answers ErrEarly before two coders have sent a consensus, and where one of them has stepped back and none is left. Whether it
// is the same one, clients see.
func (b *Board) agreed() error {
	signers := b.Authors(KindConsensus)
	stepped := slices.ContainsFunc(signers, func(id string) bool { return b.Stepped[id] })
	if len(signers) < codersNeeded || stepped && b.left(signers) == 0 {
		return ErrEarly
	}
	return nil
}

// checked says whether somebody sent a check who has not stepped back.
func (b *Board) checked() bool {
	return slices.ContainsFunc(b.Authors(KindCheck), func(id string) bool { return !b.Stepped[id] })
}

// boardOf reads it, within the transaction that holds the message.
func boardOf(ctx context.Context, tx bun.Tx, leaf [32]byte) (*Board, error) {
	b := &Board{Roles: map[string]string{}, Files: map[string]map[string]int{}, Gone: map[string]bool{}, Stepped: map[string]bool{}}
	var claims []Claim
	err := tx.NewSelect().Model(&claims).Where("leaf_hash = ?", leaf[:]).Where(seated).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list claims: %w", err)
	}
	for _, c := range claims {
		b.Roles[c.ReviewerID] = c.Role
	}
	var files []struct {
		Kind     string `bun:"kind"`
		AuthorID string `bun:"author_id"`
		Count    int    `bun:"count"`
	}
	err = tx.NewSelect().Model((*File)(nil)).Column("kind", "author_id").ColumnExpr("count(*) AS count").
		Where("leaf_hash = ?", leaf[:]).Group("kind", "author_id").Scan(ctx, &files)
	if err != nil {
		return nil, fmt.Errorf("count review files: %w", err)
	}
	for _, f := range files {
		if b.Files[f.Kind] == nil {
			b.Files[f.Kind] = map[string]int{}
		}
		b.Files[f.Kind][f.AuthorID] = f.Count
	}
	var gone []string
	err = tx.NewSelect().Model((*File)(nil)).Column("author_id").Where("file.leaf_hash = ?", leaf[:]).Where("file.kind = ?", KindCoding).
		Where(`EXISTS (SELECT FROM recusal WHERE recusal.leaf_hash = file.leaf_hash AND recusal.reviewer_id = file.author_id)
			OR NOT EXISTS (SELECT FROM submission JOIN panel_member AS seat ON seat.clinic_id = submission.clinic_id
				WHERE submission.leaf_hash = file.leaf_hash AND seat.reviewer_id = file.author_id AND seat.left_on IS NULL)`).Scan(ctx, &gone)
	if err != nil {
		return nil, fmt.Errorf("look who has left: %w", err)
	}
	for _, id := range gone {
		b.Gone[id] = true
	}
	var stepped []string
	if err := tx.NewSelect().Model((*Recusal)(nil)).Column("reviewer_id").Where("leaf_hash = ?", leaf[:]).Scan(ctx, &stepped); err != nil {
		return nil, fmt.Errorf("look who has stepped back: %w", err)
	}
	for _, id := range stepped {
		b.Stepped[id] = true
	}
	b.Out, err = tx.NewSelect().Model((*Finding)(nil)).Where("leaf_hash = ?", leaf[:]).Where("retracted_on IS NULL").Exists(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for a finding: %w", err)
	}
	return b, nil
}
