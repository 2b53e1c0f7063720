package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"answerable/ui"
)

// assets are the files of ui/static, each with a name that changes with its content.
type assets struct{ byName map[string]*asset }

type asset struct {
	content, gzipped []byte
	version          string // first bytes of SHA-256, in hex
	mimeType         string
}

// stylesheet is the one sheet. Before the first `npm run build` it is put together here, so that pages look right.
const stylesheet = "app.css"

func loadAssets() *assets {
	a := &assets{byName: map[string]*asset{}}
	a.add(stylesheet, joined("styles", ".css"))
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
		content:  content,
		gzipped:  compress(content),
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

func compress(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err) // writing to memory does not fail
	}
	return b.Bytes()
}

// url is the address of a file, or "" when the page scripts have not been built.
func (a *assets) url(name string) string {
	found := a.byName[name]
	if found == nil {
		return ""
	}
	return "/static/" + name + "?v=" + found.version
}

// serveAsset is the one answer that may be cached: it is the same for everyone and its address changes with it.
func (s *server) serveAsset(c *fiber.Ctx) error {
	found := s.assets.byName[c.Params("name")]
	if found == nil {
		return fiber.ErrNotFound
	}
	if c.Query("v") == found.version {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	c.Set(fiber.HeaderContentType, found.mimeType)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if acceptsGzip(c) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(found.gzipped)
	}
	return c.Send(found.content)
}

func acceptsGzip(c *fiber.Ctx) bool {
	return strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip")
}
