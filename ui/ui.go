// Package ui holds what people see: page templates, the words of every language, styles, and the page scripts once
// `npm run build` has put them into static/.
//
// It promises that every public page works without anything in static/. It leaves rendering and serving to
// internal/web.
package ui

import "embed"

// FS holds templates/, locales/, styles/ and static/. The folder static always exists: it keeps an empty file, because
// embedding an absent folder does not compile.
//
//go:embed templates locales styles all:static
var FS embed.FS
