package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"answerable/internal/setup"
	"answerable/internal/web"
)

// act is what README tells one role to type.
type act struct{ who, commands string }

var (
	roleLine = regexp.MustCompile(`(?m)^\*\*(Operator|Each reviewer|One reviewer|Another reviewer)\*\*`)
	indented = regexp.MustCompile(`(?m)^    (.*)$`)
)

// walk reads README's way from nothing: who types what, in order.
func walk(t *testing.T) (acts []act) {
	t.Helper()
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "\n## A real instance from nothing\n")
	section, _, ends := strings.Cut(section, "\nThe same can be done on the panel's page")
	if !found || !ends {
		t.Fatal("README has no way from nothing")
	}
	roles := roleLine.FindAllStringSubmatchIndex(section, -1)
	for i, at := range roles {
		end := len(section)
		if i+1 < len(roles) {
			end = roles[i+1][0]
		}
		var lines []string
		for _, line := range indented.FindAllStringSubmatch(section[at[0]:end], -1) {
			lines = append(lines, line[1])
		}
		acts = append(acts, act{section[at[2]:at[3]], strings.Join(lines, "\n") + "\n"})
	}
	if len(acts) != 10 {
		t.Fatalf("README has %d acts", len(acts))
	}
	return acts
}

// stage is where README's commands are typed: a database, a server, and a folder for each person as their computer.
type stage struct {
	*testing.T
	url, dir string
	words    *strings.Replacer // what stands for something in README
}

// types lets a person run commands as README shows them, and gives what was printed.
func (s *stage) types(person, commands string) string {
	s.Helper()
	dir := filepath.Join(s.dir, person)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		s.Fatal(err)
	}
	cmd := exec.Command("sh", "-e", "-c", s.words.Replace(commands))
	cmd.Dir = dir
	if person == "operator" { // a reviewer's computer knows no database
		cmd.Env = environment(s)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.Fatalf("%s typed\n%s\n%v: %s", person, commands, err, out)
	}
	return string(out)
}

// missing lists the steps that are not done, as the operator is told.
func (s *stage) missing() string {
	s.Helper()
	var missing []string
	type row struct {
		Key  string
		Done bool
	}
	for _, step := range answerableJSON[[]row](s.T, "", "clinic", "setup", "riverside") {
		if !step.Done {
			missing = append(missing, step.Key)
		}
	}
	return strings.Join(missing, " ")
}

var (
	codePrinted = regexp.MustCompile(`--invitation ([a-z2-7]{32})`)
	draftListed = regexp.MustCompile(`(?m)^([0-9a-f-]{36})  draft$`)
	listNamed   = regexp.MustCompile(`--list ([A-Z2-7-]{24})`)
	linkPrinted = regexp.MustCompile(`http://localhost:[0-9]+/panel/join#([a-z2-7]{32})`)
)

// TestRealInstanceFromNothing types what README says, on an empty database.
func TestRealInstanceFromNothing(t *testing.T) {
	t.Parallel()
	useDatabase(t, privateDatabase(t))
	acts := walk(t)
	s := &stage{T: t, dir: t.TempDir()}
	if err := os.MkdirAll(filepath.Join(s.dir, "operator"), 0o700); err != nil {
		t.Fatal(err)
	}
	url, stop := s.serve(acts[0].commands)
	defer stop()
	s.url = url
	s.words = strings.NewReplacer("https://words.example.org", url)
	reviewers := []string{"ada", "bo", "cy"}

	// The second act, once for the clinic and three times for an invitation.
	add, invite, _ := strings.Cut(acts[1].commands, "\n")
	link := linkPrinted.FindStringSubmatch(s.types("operator", add))
	if link == nil || !strings.HasPrefix(link[0], url) {
		t.Fatalf("no link for a steward: %v", link)
	}
	if got, want := s.missing(), "steward reviewers manifest epoch epochs-ahead legal-notice support charter other-ways form"; got != want {
		t.Errorf("at first: missing %s, want %s", got, want)
	}
	s.types("steward", "answerable identity new --out me.txt\nanswerable panel join --server "+url+" --identity me.txt --invitation "+link[1])
	for _, person := range reviewers {
		code := codePrinted.FindStringSubmatch(s.types("operator", invite))
		s.types(person, strings.ReplaceAll(acts[2].commands, "CODE", code[1]))
	}
	after := []string{
		setup.KeyManifest + " epoch epochs-ahead legal-notice support charter other-ways form", // proposed
		"epoch epochs-ahead legal-notice support charter other-ways form",                      // signed
		"epoch epochs-ahead legal-notice support charter other-ways form",                      // made
		"legal-notice support charter other-ways form",                                         // checked
		"legal-notice support charter other-ways form",                                         // decided by one
		"legal-notice other-ways form",                                                         // and by another
		"",
	}
	for i, act := range acts[3:] {
		s.perform(act, reviewers)
		if got := s.missing(); got != after[i] {
			t.Errorf("after %q: missing %q, want %q", act.commands, got, after[i])
		}
	}

	// And it is one: what is told is read by the panel, and by nobody else.
	told := answerableJSON[told](t, "told from nothing", "submit", "--server", url, "--clinic", "riverside")
	answerable(t, "", "log", "batch")
	read := "answerable review pull --server " + url + " --clinic riverside --identity me.txt --out told\n" +
		"answerable review declare --offline --identity me.txt --from told --leaf " + told.LeafHash + " --yes\n" +
		"answerable review open --identity me.txt --leaf " + told.LeafHash + " told"
	for _, person := range reviewers {
		if out := s.types(person, read); !strings.Contains(out, told.LeafHash) || !strings.Contains(out, "told from nothing") {
			t.Errorf("%s read %s", person, out)
		}
	}
	if said := s.refusedTo("steward", read); !strings.Contains(said, "you do not sit on this clinic's panel") {
		t.Errorf("a steward is told %q", said)
	}
	s.setsUpFromElsewhere(reviewers)
	poster, err := os.ReadFile(filepath.Join(s.dir, "operator", "poster.html"))
	shown := string(answerable(t, "", "panel", "manifest", "show", "--server", url, "--clinic", "riverside", "--json"))
	fingerprint := regexp.MustCompile(`"fingerprint":"([A-Z2-7-]{24})"`).FindStringSubmatch(shown)
	if err != nil || fingerprint == nil || !strings.Contains(string(poster), strings.ReplaceAll(fingerprint[1], "-", "</span><span>-</span><span>")) {
		t.Errorf("the poster does not carry the fingerprint %v: %v", fingerprint, err)
	}
	s.hangsAPosterInEveryLanguage()
}

// hangsAPosterInEveryLanguage writes one in each, and is told of those that a machine worded.
func (s *stage) hangsAPosterInEveryLanguage() {
	s.Helper()
	for _, lang := range web.Languages() {
		said := s.types("operator", "answerable poster --clinic riverside --url https://words.example.org --lang "+lang+" --out poster."+lang+".html")
		poster, err := os.ReadFile(filepath.Join(s.dir, "operator", "poster."+lang+".html"))
		if err != nil || !strings.Contains(string(poster), `<html lang="`+lang+`"`) {
			s.Errorf("the poster in %s: %v", lang, err)
		}
		if strings.Contains(said, "A machine wrote the words of this poster") != web.Draft(lang) {
			s.Errorf("of the poster in %s it says %q", lang, said)
		}
	}
}

// perform lets the people of a role type its commands.
func (s *stage) perform(a act, reviewers []string) {
	s.Helper()
	switch a.who {
	case "Operator":
		s.types("operator", a.commands)
	case "Each reviewer":
		for _, person := range reviewers {
			s.looksAndTypes(person, a.commands)
		}
	case "One reviewer":
		s.types(reviewers[0], a.commands)
	case "Another reviewer":
		list, sign, _ := strings.Cut(a.commands, "\n")
		drafts := draftListed.FindAllStringSubmatch(s.types(reviewers[1], list), -1)
		if len(drafts) == 0 {
			s.Fatal("nothing waits for a signature")
		}
		for _, draft := range drafts {
			s.types(reviewers[1], strings.ReplaceAll(sign, "ID", draft[1]))
		}
	default:
		s.Fatalf("nobody is %q", a.who)
	}
}

// looksAndTypes lets a person run commands one after the other, and put what the first shows into those after it.
func (s *stage) looksAndTypes(person, commands string) {
	s.Helper()
	first, rest, _ := strings.Cut(commands, "\n")
	name := listNamed.FindStringSubmatch(s.types(person, first))
	if name != nil {
		rest = strings.ReplaceAll(rest, "NAME", name[1])
	}
	if rest != "" {
		s.types(person, rest)
	}
}

// serve runs README's first act, on a free port of this machine.
func (s *stage) serve(commands string) (url string, stop func()) {
	s.Helper()
	migrate, serve, _ := strings.Cut(commands, "\n")
	s.words = strings.NewReplacer()
	s.types("operator", migrate)
	args := strings.Fields(strings.ReplaceAll(serve, "\\\n", " "))
	if len(args) < 2 || args[0] != "answerable" || args[1] != "serve" {
		s.Fatalf("README serves with %q", serve)
	}
	var rest []string
	for i := 2; i+1 < len(args); i += 2 {
		name, value := args[i], args[i+1]
		switch {
		case name == "--addr", name == "--web-origin":
			continue // the one is a free port, and the other follows from it
		case strings.HasSuffix(name, "-file"):
			value = filepath.Join(s.dir, "operator", value)
		}
		rest = append(rest, name, value)
	}
	return startServer(s.T, rest...)
}

// refusedTo is what a person is told whose commands must fail.
func (s *stage) refusedTo(person, commands string) string {
	s.Helper()
	cmd := exec.Command("sh", "-e", "-c", commands)
	cmd.Dir = filepath.Join(s.dir, person)
	if person == "operator" {
		cmd.Env = environment(s)
	}
	out, err := cmd.CombinedOutput()
	if err == nil {
		s.Errorf("%s was not refused: %s", person, out)
	}
	return strings.ToLower(string(out))
}
