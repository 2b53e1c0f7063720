package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/spdx/tools-golang/spdx/v2/common"
	spdx "github.com/spdx/tools-golang/spdx/v2/v2_3"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// listParts lists the modules that a Go program was linked from, which Go writes into it, and the packages whose code is in
// its page scripts, as an SPDX 2.3 document (https://spdx.github.io/spdx-spec/v2.3/). Its name comes from the program's
// hash and its time is fixed, so that the same program has the same list.
func listParts(program, npmLock []byte) ([]byte, error) {
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		return nil, fmt.Errorf("read what the program was built from: %w", err)
	}
	sum := sha256.Sum256(program)
	hash := hex.EncodeToString(sum[:])
	doc := &spdx.Document{
		SPDXVersion: spdx.Version, DataLicense: spdx.DataLicense, SPDXIdentifier: "DOCUMENT", DocumentName: "answerable",
		DocumentNamespace: "https://answerable.invalid/spdx/" + hash,
		CreationInfo:      &spdx.CreationInfo{Creators: []common.Creator{{CreatorType: "Tool", Creator: "answerable-image"}}, Created: "1970-01-01T00:00:00Z"},
	}
	root := part("answerable", version(info.Main.Version), "")
	root.PackageChecksums = []common.Checksum{{Algorithm: common.SHA256, Value: hash}}
	root.PackageLicenseDeclared = "Apache-2.0"
	add(doc, "DOCUMENT", "DESCRIBES", root)
	add(doc, root.PackageSPDXIdentifier, "DEPENDS_ON", part("go", strings.TrimPrefix(info.GoVersion, "go"), "pkg:golang/stdlib@"+strings.TrimPrefix(info.GoVersion, "go")))
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		p := part(m.Path, m.Version, "pkg:golang/"+m.Path+"@"+url.PathEscape(m.Version))
		p.PackageDownloadLocation = "https://proxy.golang.org/" + strings.ToLower(m.Path) + "/@v/" + m.Version + ".zip"
		add(doc, root.PackageSPDXIdentifier, "DEPENDS_ON", p)
	}
	packages, err := npmParts(npmLock)
	if err != nil {
		return nil, err
	}
	for _, p := range packages {
		add(doc, root.PackageSPDXIdentifier, "DEPENDS_ON", p)
	}
	text, err := json.MarshalIndent(doc, "", " ")
	return append(text, '\n'), err
}

func version(v string) string {
	if v == "" {
		return "(devel)"
	}
	return v
}

var notInIDs = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

func part(name, version, purl string) *spdx.Package {
	p := &spdx.Package{
		PackageName: name, PackageVersion: version, PackageDownloadLocation: "NOASSERTION",
		PackageSPDXIdentifier:  common.ElementID("Package-" + notInIDs.ReplaceAllString(name+"-"+version, "-")),
		PackageLicenseDeclared: "NOASSERTION", PackageLicenseConcluded: "NOASSERTION", PackageCopyrightText: "NOASSERTION",
	}
	if purl != "" {
		p.PackageExternalReferences = []*spdx.PackageExternalReference{{Category: "PACKAGE-MANAGER", RefType: "purl", Locator: purl}}
	}
	return p
}

func add(doc *spdx.Document, from common.ElementID, how string, p *spdx.Package) {
	doc.Packages = append(doc.Packages, p)
	doc.Relationships = append(doc.Relationships, &spdx.Relationship{
		RefA: common.DocElementID{ElementRefID: from}, Relationship: how, RefB: common.DocElementID{ElementRefID: p.PackageSPDXIdentifier},
	})
}

// npmParts lists the packages that may be in the page scripts: the lock file's, without what only builds and tests.
func npmParts(lock []byte) (parts []*spdx.Package, err error) {
	if len(lock) == 0 {
		return nil, nil
	}
	var read struct {
		Packages map[string]struct {
			Version, Resolved, Integrity, License string
			Dev, Optional                         bool
		}
	}
	if err := json.Unmarshal(lock, &read); err != nil {
		return nil, fmt.Errorf("read package-lock.json: %w", err)
	}
	for _, where := range sorted(read.Packages) {
		p := read.Packages[where]
		if where == "" || p.Dev || p.Optional {
			continue
		}
		name := tidy(where[strings.LastIndex(where, "node_modules/"):])
		made := part(name, p.Version, "pkg:npm/"+strings.Replace(name, "@", "%40", 1)+"@"+p.Version)
		if p.License != "" {
			made.PackageLicenseDeclared = p.License
		}
		if p.Resolved != "" {
			made.PackageDownloadLocation = p.Resolved
		}
		if raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.Integrity, "sha512-")); err == nil && len(raw) == 64 {
			made.PackageChecksums = []common.Checksum{{Algorithm: common.SHA512, Value: hex.EncodeToString(raw)}}
		}
		parts = append(parts, made)
	}
	return parts, nil
}
