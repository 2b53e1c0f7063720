package export

import (
	_ "embed"
	"strings"
)

//go:embed readme.txt
var readmeText string

// readme says what is in a bundle, and how to check it with programs that everybody has.
func (f *Facts) readme() []byte {
	return []byte(strings.NewReplacer("{clinic}", f.Clinic.Name, "{first}", f.First, "{last}", f.Last, "{as_of}", f.AsOf, "{origin}", f.Origin).Replace(readmeText))
}
