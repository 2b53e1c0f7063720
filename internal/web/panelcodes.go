package web

import "answerable/internal/taxonomy"

// panelCodes are what the panel's page needs to make cards and to ask for codings: every code in the order it is shown,
// with what follows from it. Labels stand beside them in panelWords.
type panelCodes struct {
	Version     string                 `json:"version"`
	Themes      []panelTheme           `json:"themes"`
	Good        []panelTheme           `json:"good"`
	Seriousness []taxonomy.Seriousness `json:"seriousness"`
	Roles       []string               `json:"roles"`
	When        []string               `json:"when"`
	Wants       []string               `json:"wants"`
}

type panelTheme struct {
	Code  string      `json:"code"`
	Items []panelItem `json:"items"`
}

type panelItem struct {
	Code               string `json:"code"`
	CW                 bool   `json:"cw"`
	Urgent             bool   `json:"urgent"`
	UrgentIfStillGoing bool   `json:"urgent_if_still_going"`
}

func codesForPanel() panelCodes {
	options := func(key string) []string {
		field, _ := taxonomy.FieldByKey(key)
		return field.Codes
	}
	return panelCodes{
		Version: taxonomy.Version(), Themes: panelThemes(taxonomy.Themes()), Good: panelThemes(taxonomy.Good()),
		Seriousness: taxonomy.SeriousnessScale(), Roles: options("roles"), When: options("when"), Wants: options("wants"),
	}
}

func panelThemes(themes []taxonomy.Theme) (out []panelTheme) {
	for _, t := range themes {
		theme := panelTheme{Code: t.Code}
		for _, i := range t.Items {
			theme.Items = append(theme.Items, panelItem{i.Code, i.ContentWarning(), i.Urgent(), i.UrgentIfStillGoing()})
		}
		out = append(out, theme)
	}
	return out
}
