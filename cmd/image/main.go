// Command image packs the program into an OCI image without any daemon, and lists what is in it as SPDX.
//
// The image holds one static program, which runs as nobody, and its list of parts; no shell, no package manager and no
// certificates of others unless they are given. The same program makes the same image to the byte, wherever and whenever it
// is packed: there is no time in it.
//
// It is a module of its own, so that what packs the program is no part of it.
package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "", "the static program")
	flag.StringVar(&o.roots, "roots", "", "certificates that the program trusts when it asks for its own, in PEM; empty: none")
	flag.StringVar(&o.npm, "npm", "", "package-lock.json of the page scripts")
	flag.StringVar(&o.arch, "arch", "amd64", "processor the program is for, as Go names it")
	flag.StringVar(&o.tag, "tag", "answerable:local", "name of the image")
	flag.StringVar(&o.out, "out", "", "image to write, for docker load, podman load or crane push")
	flag.StringVar(&o.sbom, "sbom", "", "list of parts to write beside it, as SPDX 2.3")
	flag.Parse()
	if err := o.run(); err != nil {
		fmt.Fprintln(os.Stderr, "image: error:", err)
		os.Exit(1)
	}
}

type options struct{ binary, roots, npm, arch, tag, out, sbom string }

func (o *options) run() error {
	if o.binary == "" || o.out == "" || o.sbom == "" {
		return errors.New("give -binary, -out and -sbom")
	}
	program, err := os.ReadFile(o.binary)
	if err != nil {
		return err
	}
	var lock []byte
	if o.npm != "" {
		if lock, err = os.ReadFile(o.npm); err != nil {
			return err
		}
	}
	parts, err := listParts(program, lock)
	if err != nil {
		return err
	}
	files := map[string]file{
		"usr/bin/answerable":                      {program, 0o755},
		"usr/share/doc/answerable/sbom.spdx.json": {parts, 0o644},
		"etc/passwd":                              {[]byte("nobody:x:65532:65532:nobody:/nonexistent:/sbin/nologin\n"), 0o644},
		"etc/group":                               {[]byte("nobody:x:65532:\n"), 0o644},
	}
	if o.roots != "" {
		roots, err := os.ReadFile(o.roots)
		if err != nil {
			return err
		}
		files["etc/ssl/certs/ca-certificates.crt"] = file{roots, 0o644}
	}
	image, err := build(files, o.arch)
	if err != nil {
		return err
	}
	return o.write(image, parts)
}

func (o *options) write(image v1.Image, parts []byte) error {
	tag, err := name.NewTag(o.tag)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(o.out), 0o755); err != nil {
		return err
	}
	if err := tarball.WriteToFile(o.out, tag, image); err != nil {
		return err
	}
	if err := os.WriteFile(o.sbom, parts, 0o644); err != nil {
		return err
	}
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	_, err = fmt.Printf("%s %s\n", digest, o.tag)
	return err
}

type file struct {
	content []byte
	mode    int64
}

// build packs files into one layer with a fixed order, owner and time.
func build(files map[string]file, arch string) (v1.Image, error) {
	layerTar, err := pack(files)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(layerTar)), nil },
		tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	base := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	base = mutate.ConfigMediaType(base, types.OCIConfigJSON)
	image, err := mutate.AppendLayers(base, layer)
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", arch
	config.Config = v1.Config{
		User:         "65532:65532",
		Entrypoint:   []string{"/usr/bin/answerable"},
		Cmd:          []string{"serve"},
		Env:          []string{"PATH=/usr/bin", "ANSWERABLE_ADDR=:8080"},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		WorkingDir:   "/",
		Labels:       map[string]string{"org.opencontainers.image.title": "Answerable", "org.opencontainers.image.licenses": "Apache-2.0"},
	}
	return mutate.ConfigFile(image, config)
}

func pack(files map[string]file) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	made := map[string]bool{}
	for _, name := range sorted(files) {
		for _, dir := range above(name) {
			if made[dir] {
				continue
			}
			made[dir] = true
			if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, Format: tar.FormatUSTAR}); err != nil {
				return nil, err
			}
		}
		f := files[name]
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: f.mode, Size: int64(len(f.content)), Format: tar.FormatUSTAR}); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	// Where the server may write when a volume is mounted here: container programs give a new volume this owner.
	for _, dir := range []tar.Header{{Name: "var/", Mode: 0o755}, {Name: "var/lib/", Mode: 0o755}, {Name: "var/lib/answerable/", Mode: 0o700, Uid: nobody, Gid: nobody}} {
		dir.Typeflag, dir.Format = tar.TypeDir, tar.FormatUSTAR
		if err := w.WriteHeader(&dir); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// nobody is who the program runs as.
const nobody = 65532

// above lists the folders that lead to a file, outermost first.
func above(name string) (dirs []string) {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		dirs = append([]string{dir}, dirs...)
	}
	return dirs
}

func tidy(s string) string { return strings.TrimPrefix(s, "node_modules/") }
