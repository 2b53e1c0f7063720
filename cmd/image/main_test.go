package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdxlib"
)

// limit is how large an image may be, in bytes: a clinic's line may be slow.
const limit = 40 << 20

// elsewhere copies what the program is built from to another folder.
func elsewhere(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "another folder")
	for _, dir := range []string{"cmd/answerable", "internal", "migrations", "ui/templates", "ui/locales", "ui/styles", "ui/static"} {
		if err := os.CopyFS(filepath.Join(to, dir), os.DirFS(filepath.Join("../..", dir))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum", "ui/ui.go"} {
		content, err := os.ReadFile(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, file), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// program builds the whole program out of a folder as make image does.
func program(t *testing.T, source string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "answerable")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", out, "./cmd/answerable")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, said)
	}
	return out
}

func TestImageIsSmallStaticNobodysAndTheSameTwice(t *testing.T) {
	binary, again := program(t, "../.."), program(t, elsewhere(t))
	one, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := os.ReadFile(again); err != nil || !bytes.Equal(one, two) {
		t.Errorf("the same source made two programs in two folders, of %d and %d bytes: %v", len(one), len(two), err)
	}
	var made [2][]byte
	for i, from := range []string{binary, again} {
		dir := t.TempDir()
		o := options{binary: from, npm: "../../ui/package-lock.json", arch: "amd64", tag: "answerable:test", out: filepath.Join(dir, "image.tar"), sbom: filepath.Join(dir, "sbom.json")}
		if err := o.run(); err != nil {
			t.Fatal(err)
		}
		var err error
		if made[i], err = os.ReadFile(o.out); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			lookInside(t, o)
			if os.Getuid() == 0 {
				runsAlone(t, o.out)
			} else {
				t.Log("only root runs the image in a root of its own; this was left out")
			}
		}
	}
	if !bytes.Equal(made[0], made[1]) {
		t.Error("the same source made two images")
	}
	if len(made[0]) > limit {
		t.Errorf("the image has %d bytes, more than %d", len(made[0]), limit)
	}
}

func lookInside(t *testing.T, o options) {
	image, err := tarball.ImageFromPath(o.out, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(image); err != nil {
		t.Error(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.Config.User != "65532:65532" || config.OS != "linux" || !config.Created.IsZero() {
		t.Errorf("it runs as %q on %s, made %s", config.Config.User, config.OS, config.Created)
	}
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatal(len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	names, unpacked := map[string]bool{}, int64(0)
	for r := tar.NewReader(content); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names[h.Name] = true
		unpacked += h.Size
		if h.Name == "var/lib/answerable/" && h.Uid == nobody && h.Mode == 0o700 {
			continue // the one folder it may write to
		}
		if h.Uid != 0 || h.Mode&0o6022 != 0 || h.ModTime.Unix() != 0 {
			t.Errorf("%s: owner %d, mode %o, time %s", h.Name, h.Uid, h.Mode, h.ModTime)
		}
	}
	if !names["usr/bin/answerable"] || names["bin/sh"] || unpacked > limit {
		t.Errorf("it holds %v, %d bytes", names, unpacked)
	}
}

func TestProgramNeedsNoLibraryOfTheMachine(t *testing.T) {
	binary := program(t, "../..")
	text, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("/lib64/ld-linux")) {
		t.Error("the program asks for a dynamic loader")
	}
}

func TestListOfPartsIsSPDXAndWhole(t *testing.T) {
	binary, err := os.ReadFile(program(t, "../.."))
	if err != nil {
		t.Fatal(err)
	}
	lock, err := os.ReadFile("../../ui/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := listParts(binary, lock)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := spdxjson.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := spdxlib.ValidateDocument(doc); err != nil {
		t.Error(err)
	}
	has := map[string]bool{}
	for _, p := range doc.Packages {
		has[p.PackageName] = true
	}
	for _, name := range []string{"answerable", "filippo.io/age", "github.com/gofiber/fiber/v2", "age-encryption", "@noble/curves"} {
		if !has[name] {
			t.Errorf("%s is not listed", name)
		}
	}
	for _, name := range []string{"esbuild", "typescript", "github.com/letsencrypt/pebble/v2", "github.com/google/go-containerregistry"} {
		if has[name] {
			t.Errorf("%s is listed and no part of the program", name)
		}
	}
	var any map[string]any
	if err := json.Unmarshal(text, &any); err != nil || any["spdxVersion"] != "SPDX-2.3" {
		t.Errorf("version %v, %v", any["spdxVersion"], err)
	}
	if strings.Contains(string(text), t.TempDir()) {
		t.Error("the list names this machine's folders")
	}
}
