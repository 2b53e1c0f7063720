package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/gofiber/fiber/v2"
)

// A packing is a content coding that a browser takes (RFC 9110, 8.4.1).
type packing string

// Packings, the smaller first.
const (
	brotlied packing = "br"
	gzipped  packing = "gzip"
	unpacked packing = ""
)

// effort is how much time packing may take: the best for what is packed once, quick for what is packed for every visit.
type effort int

const (
	quick effort = iota
	best
)

// levels of brotli and gzip. Brotli's seventh packs the form in some milliseconds, to a tenth more than its best, which takes a
// hundred: enough of those at once would stop a small server. Each visit is packed by itself and alike: a page that came smaller while
// nobody else is served would tell whoever asks again and again when somebody comes.
var levels = map[effort]struct{ brotli, gzip int }{quick: {7, gzip.BestCompression}, best: {brotli.BestCompression, gzip.BestCompression}}

func (p packing) pack(content []byte, e effort) []byte {
	var b bytes.Buffer
	var w io.WriteCloser = brotli.NewWriterLevel(&b, levels[e].brotli)
	if p == gzipped {
		w, _ = gzip.NewWriterLevel(&b, levels[e].gzip) // fails only for a level that there is not
	}
	_, err := w.Write(content)
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err) // writing to memory does not fail
	}
	return b.Bytes()
}

// packingFor is the smallest that a browser says it takes.
func packingFor(c *fiber.Ctx) packing {
	for _, p := range []packing{brotlied, gzipped} {
		if takes(c.Get(fiber.HeaderAcceptEncoding), p) {
			return p
		}
	}
	return unpacked
}

// takes reads an Accept-Encoding header. A coding with the weight 0 is one that is refused.
func takes(accepted string, p packing) bool {
	for part := range strings.SplitSeq(accepted, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), string(p)) {
			weight = strings.ReplaceAll(weight, " ", "")
			return strings.Trim(weight, "q=0.") != "" || weight == ""
		}
	}
	return false
}

// sendPacked sends what was fetched, and packs it for whoever brings no cookie: then it is the same for everybody, but for the address
// and what is drawn at random. Pages of somebody who is signed in and answers to a form are never packed: a secret or what a person
// typed, packed together with what another site made a browser send, would let the length tell about it (https://breachattack.com).
func sendPacked(c *fiber.Ctx, content []byte) error {
	c.Vary(fiber.HeaderAcceptEncoding)
	if p := packingFor(c); c.Method() == fiber.MethodGet && c.Get(fiber.HeaderCookie) == "" && p != unpacked {
		c.Set(fiber.HeaderContentEncoding, string(p))
		return c.Send(p.pack(content, quick))
	}
	return c.Send(content)
}
