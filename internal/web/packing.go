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

// effort is how much time packing may take: the best for what is packed once, thorough for one visit at a time, quick for what is
// packed for any number of visits.
type effort int

const (
	quick effort = iota
	thorough
	best
)

// levels of brotli and gzip. Brotli's sixth packs the form in three milliseconds, its tenth in fifty and to a tenth less, and its
// best in a hundred and thirty to hardly less than that.
var levels = map[effort]struct{ brotli, gzip int }{
	quick: {6, gzip.BestCompression}, thorough: {10, gzip.BestCompression}, best: {brotli.BestCompression, gzip.BestCompression},
}

// largestThorough is how many bytes a page may have that is packed thoroughly: the form has less, and what is larger takes long.
const largestThorough = 96 << 10

// packer is taken by the one page that is being packed thoroughly. Whoever comes meanwhile gets theirs quickly packed, so that no
// number of visits keeps more than one core busy. The length of a page says by that whether some page, whichever it was, was asked
// for within the same milliseconds, and no more.
var packer = make(chan struct{}, 1)

func (p packing) packPage(content []byte) []byte {
	if p == brotlied && len(content) <= largestThorough {
		select {
		case packer <- struct{}{}:
			defer func() { <-packer }()
			return p.pack(content, thorough)
		default:
		}
	}
	return p.pack(content, quick)
}

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
		return c.Send(p.packPage(content))
	}
	return c.Send(content)
}
