package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/go-yaml"
)

// single reads a file for one small server.
func single(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var installed = []string{"charts/single/answerable.service", "charts/single/answerable-backup.service", "charts/single/answerable.env", "charts/single/compose.yaml", "Dockerfile"}

// A name that the program does not know would stop it, or worse, be ignored.
func TestEveryNameInTheUnitsIsKnown(t *testing.T) {
	t.Parallel()
	var commands cli
	parser, err := newParser(t.Context(), &terminal{}, &commands)
	if err != nil {
		t.Fatal(err)
	}
	known := append(settings(parser.Model.Node), "DATABASE_URL_FILE")
	names := regexp.MustCompile(`\b(?:ANSWERABLE|DATABASE)_[A-Z_]+\b`)
	found := 0
	for _, path := range installed {
		for _, name := range names.FindAllString(single(t, path), -1) {
			found++
			if !slices.Contains(known, name) {
				t.Errorf("%s: %s is no setting", path, name)
			}
		}
	}
	calls := regexp.MustCompile(`(?m)^(?:ExecStart=/usr/local/bin/|#   )answerable (.*)$`)
	for _, path := range installed {
		for _, call := range calls.FindAllStringSubmatch(single(t, path), -1) {
			found++
			if err := understood(t, strings.Fields(call[1])); err != nil {
				t.Errorf("%s: %s: %v", path, call[1], err)
			}
		}
	}
	if found < 25 {
		t.Errorf("found %d names and calls only", found)
	}
}

// composeService is what we look at of a service.
type composeService struct {
	ReadOnly    bool           `yaml:"read_only"`
	CapDrop     []string       `yaml:"cap_drop"`
	CapAdd      []string       `yaml:"cap_add"`
	SecurityOpt []string       `yaml:"security_opt"`
	Ulimits     map[string]int `yaml:"ulimits"`
	MemLimit    string         `yaml:"mem_limit"`
	MemSwap     string         `yaml:"memswap_limit"`
	Privileged  bool           `yaml:"privileged"`
	Environment map[string]string
	Secrets     []string
	Command     []string
	Networks    []string
	Ports       []string
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck struct{ Test []string }
}

type composeFile struct {
	Services map[string]composeService
	Networks map[string]struct{ Internal bool }
	Secrets  map[string]struct{ File string }
}

func compose(t *testing.T) (c composeFile) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(single(t, "charts/single/compose.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Services) != 3 {
		t.Fatalf("%d services", len(c.Services))
	}
	return c
}

func TestContainersOfTheComposeFileAreClosed(t *testing.T) {
	t.Parallel()
	for name, s := range compose(t).Services {
		if !s.ReadOnly || s.Privileged || !slices.Equal(s.CapDrop, []string{"ALL"}) || s.CapAdd != nil || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may do more than it needs: %+v", name, s)
		}
		if core, set := s.Ulimits["core"]; !set || core != 0 || s.MemLimit == "" || s.MemLimit != s.MemSwap {
			t.Errorf("%s may write its memory to a disk: %+v", name, s)
		}
		if name != "server" && (s.Ports != nil || !slices.Equal(s.Networks, []string{"inside"})) {
			t.Errorf("%s can be reached from outside", name)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s is open to everybody on %s; a proxy with TLS stands in front", name, port)
			}
		}
	}
}

func TestSecretsOfTheComposeFileAreFiles(t *testing.T) {
	t.Parallel()
	c := compose(t)
	if !c.Networks["inside"].Internal {
		t.Error("the network of the database leads outside")
	}
	for name, s := range c.Services {
		for key, value := range s.Environment {
			file, isSecret := strings.CutPrefix(value, "/run/secrets/")
			if strings.HasSuffix(key, "_FILE") && key != "ANSWERABLE_CHECKPOINT_FILE" && (!isSecret || !slices.Contains(s.Secrets, file) || c.Secrets[file].File == "") {
				t.Errorf("%s: %s is no secret of it", name, key)
			}
			if key == "DATABASE_URL" || key == "POSTGRES_PASSWORD" {
				t.Errorf("%s: %s lies open in the environment", name, key)
			}
		}
	}
	if migrate := c.Services["migrate"]; !slices.Equal(migrate.Command, []string{"migrate", "up"}) || c.Services["server"].DependsOn["migrate"].Condition != "service_completed_successfully" {
		t.Error("the schema is not a step of its own before the server")
	}
}

// TestDockerfileBuildsAsMakeDoes keeps two ways to build from drifting apart. There is no registry where these tests run, so
// nobody builds the file here from the images it names; what can be tested is that each command is one of the Makefile's,
// and that every path that is copied is there and holds what the program embeds.
func TestDockerfileBuildsAsMakeDoes(t *testing.T) {
	t.Parallel()
	file := single(t, "Dockerfile")
	// Of make image it is the program for this machine.
	makefile := strings.Replace(single(t, "Makefile"), "GOOS=linux GOARCH=$(IMAGE_ARCH) ", "", 1)
	runs := regexp.MustCompile(`(?m)^RUN (.*)$`).FindAllStringSubmatch(file, -1)
	own := []string{"go mod download", "mkdir /memory"} // for the cache of layers, and for a volume's owner
	for _, run := range runs {
		if !slices.Contains(own, run[1]) && !strings.Contains(makefile, "\t"+run[1]+"\n") {
			t.Errorf("RUN %s is no command of the Makefile", run[1])
		}
	}
	if len(runs) != 5 {
		t.Errorf("%d commands", len(runs))
	}
	var copied []string
	for _, line := range regexp.MustCompile(`(?m)^COPY ([^-].*) \S+$`).FindAllStringSubmatch(file, -1) {
		for _, path := range strings.Fields(line[1]) {
			copied = append(copied, path)
			if _, err := os.Stat(filepath.Join("../..", path)); err != nil {
				t.Errorf("COPY %s: %v", path, err)
			}
		}
	}
	if !strings.Contains(file, "-ldflags='-s -w -buildid=' -o bin/image/answerable") {
		t.Error("the program is not the small one of make image")
	}
	for _, path := range embedded(t) {
		if !slices.ContainsFunc(copied, func(c string) bool { return path == c || strings.HasPrefix(path, c+"/") }) && path != "ui/static" {
			t.Errorf("%s is compiled in and not copied", path)
		}
	}
	if last := file[strings.LastIndex(file, "\nFROM "):]; !strings.HasPrefix(last, "\nFROM scratch\n") || !strings.Contains(last, "USER 65532:65532") || strings.Contains(last, "RUN") {
		t.Error("the image holds more than the program, or does not run as nobody")
	}
}

// embedded lists what the program compiles in besides Go, from the root of the source.
func embedded(t *testing.T) (paths []string) {
	t.Helper()
	list, err := exec.Command("go", "list", "-deps", "-f", `{{if not .Standard}}{{$d := .Dir}}{{range .EmbedFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{end}}`, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(list)) {
		inside, ok := strings.CutPrefix(path, root+"/")
		if !ok {
			continue
		}
		if strings.HasPrefix(inside, "ui/static/") {
			inside = "ui/static"
		}
		paths = append(paths, inside)
	}
	if len(paths) < 20 {
		t.Fatalf("only %v is compiled in", paths)
	}
	return paths
}

func TestKeysCanBeMadeBeforeTheFirstStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	type made struct {
		Log string `json:"log_vkey"`
	}
	first := answerableJSON[made](t, "", "keys", "new", "--origin", "words.example/answerable", "--out", dir)
	if again := answerableJSON[made](t, "", "keys", "new", "--origin", "words.example/answerable", "--out", dir); first.Log == "" || again != first {
		t.Errorf("keys that were there did not stay: %v, %v", first, again)
	}
	if said := refusal(t, "", "keys", "new", "--origin", "elsewhere.example/answerable", "--out", dir); !strings.Contains(said, "each place has keys of its own") && !strings.Contains(said, "Each place has keys of its own") {
		t.Errorf("keys of another place: %s", said)
	}
	if said := refusal(t, "", "keys", "new", "--origin", "https://words.example", "--out", dir); !strings.Contains(said, "is not a host name followed by /answerable") {
		t.Errorf("no origin: %s", said)
	}
	for _, name := range []string{"log.key", "ticket.key", "server.secret"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

// A line with an hour could say when somebody wrote.
func TestUnitKeepsHoursOutOfTheLog(t *testing.T) {
	t.Parallel()
	unit := single(t, "charts/single/answerable.service")
	for _, line := range []string{"StandardOutput=append:/var/log/answerable/server.log", "StandardError=append:/var/log/answerable/server.log", "LimitCORE=0", "MemorySwapMax=0"} {
		if !strings.Contains(unit, "\n"+line+"\n") {
			t.Errorf("the unit does not say %s", line)
		}
	}
}
