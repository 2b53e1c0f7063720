package clinic

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"answerable/internal/postgres"
)

// Retired are the labels of what a clinic's form does not offer any more, each by its code. A page that somebody opened before can
// still name it.
type Retired struct {
	Services, Items map[string]string
}

// Retired gives the labels of a clinic's services and own items that have ended.
func (s *Store) Retired(ctx context.Context, clinicID string) (*Retired, error) {
	var services []Service
	var items []OwnItem
	err := postgres.InClinic(ctx, s.DB, clinicID, func(ctx context.Context, tx bun.Tx) error {
		if err := retiredOf(tx.NewSelect().Model(&services), clinicID).Scan(ctx); err != nil {
			return fmt.Errorf("list retired services: %w", err)
		}
		if err := retiredOf(tx.NewSelect().Model(&items), clinicID).Scan(ctx); err != nil {
			return fmt.Errorf("list retired own items: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &Retired{map[string]string{}, map[string]string{}}
	for _, service := range services {
		out.Services[service.Code] = service.Label
	}
	for _, item := range items {
		out.Items[item.Code] = item.Label
	}
	return out, nil
}

func retiredOf(query *bun.SelectQuery, clinicID string) *bun.SelectQuery {
	return query.Where("clinic_id = ?", clinicID).Where("retired_on IS NOT NULL")
}
