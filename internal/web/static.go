package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"answerable/ui"
)

// assets are the files of ui/static, each with a name that changes with its content.
type assets struct{ byName map[string]*asset }

type asset struct {
	content  []byte
	version  string                    // first bytes of SHA-256, in hex
	packed   map[packing]func() []byte // made when somebody first asks for it: the best takes a while
	mimeType string
}

// loadAssets reads the files. Before the first `npm run build` the sheets are put together here, so that pages look right:
// one of each folder of styles.
func loadAssets() *assets {
	a := &assets{byName: map[string]*asset{}}
	sheets, err := fs.ReadDir(ui.FS, "styles")
	if err != nil {
		panic(err) // embedded
	}
	for _, sheet := range sheets {
		a.add(sheet.Name()+".css", joined(path.Join("styles", sheet.Name()), ".css"))
	}
	entries, err := fs.ReadDir(ui.FS, "static")
	if err != nil {
		panic(err) // embedded
	}
	for _, e := range entries {
		if content, err := fs.ReadFile(ui.FS, path.Join("static", e.Name())); err == nil && !strings.HasPrefix(e.Name(), ".") {
			a.add(e.Name(), content)
		}
	}
	return a
}

// joined puts the files of a folder together, by name.
func joined(dir, ext string) []byte {
	var b bytes.Buffer
	files, err := fs.Glob(ui.FS, dir+"/*"+ext)
	if err != nil {
		panic(err) // only for a malformed pattern
	}
	for _, file := range files {
		content, err := fs.ReadFile(ui.FS, file)
		if err != nil {
			panic(err) // embedded
		}
		b.Write(content)
	}
	return b.Bytes()
}

func (a *assets) add(name string, content []byte) {
	sum := sha256.Sum256(content)
	a.byName[name] = &asset{
		content: content,
		packed: map[packing]func() []byte{
			brotlied: sync.OnceValue(func() []byte { return brotlied.pack(content, best) }),
			gzipped:  sync.OnceValue(func() []byte { return gzipped.pack(content, best) }),
		},
		version:  hex.EncodeToString(sum[:8]),
		mimeType: mime.TypeByExtension(path.Ext(name)),
	}
}

// Scripts gives the SHA-256 of every file of page code that this program serves below /static, by its name.
func Scripts() map[string][32]byte {
	hashes := map[string][32]byte{}
	for name, file := range loadAssets().byName {
		hashes[name] = sha256.Sum256(file.content)
	}
	return hashes
}

// url is the address of a file, or "" when the page scripts have not been built.
func (a *assets) url(name string) string {
	found := a.byName[name]
	if found == nil {
		return ""
	}
	return "/static/" + name + "?v=" + found.version
}

// withoutPolicies takes off what speaks to a document or a worker. A sheet is neither and loads nothing, and each of those lines
// comes before the form can be seen.
func withoutPolicies(c *fiber.Ctx) {
	for _, policy := range []string{
		fiber.HeaderContentSecurityPolicy, "Cross-Origin-Opener-Policy", fiber.HeaderPermissionsPolicy, fiber.HeaderReferrerPolicy,
	} {
		c.Response().Header.Del(policy)
	}
}

// toldByWriting are files that a browser fetches only when something is typed or sent, or after it, or when the square of a receipt
// is read. It keeps none of them: that they lie in its cache would say that somebody wrote here, and not only looked.
var toldByWriting = []string{"englishwords.js", "gentler.js", "signatures.js", "square.js", "spanish.js", "aboutyou.js", "scan.js"}

// serveAsset is the one answer to people that may be cached: it is the same for everyone and its address changes with it.
func (s *server) serveAsset(c *fiber.Ctx) error {
	found := s.assets.byName[c.Params("name")]
	if found == nil {
		return fiber.ErrNotFound
	}
	if c.Query("v") == found.version && !slices.Contains(toldByWriting, c.Params("name")) {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	c.Set(fiber.HeaderContentType, found.mimeType)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if path.Ext(c.Params("name")) == ".css" {
		withoutPolicies(c)
	}
	if p := packingFor(c); p != unpacked {
		c.Set(fiber.HeaderContentEncoding, string(p))
		return c.Send(found.packed[p]())
	}
	return c.Send(found.content)
}
