package keyring

import (
	"os"
	"testing"

	"github.com/go-json-experiment/json"
)

func TestWhoMayHaveWrittenAFileVectors(t *testing.T) {
	content, err := os.ReadFile("testdata/wrote.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Comment string                `json:"comment"`
		Lists   map[string][][]string `json:"lists"`
		Cases   []struct {
			Name   string `json:"name"`
			Lists  string `json:"lists"`
			Author string `json:"author"`
			Before *int   `json:"before"`
			Day    string `json:"day"`
			Wrote  bool   `json:"wrote"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(content, &file, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) < 25 {
		t.Fatalf("%d cases", len(file.Cases))
	}
	for _, c := range file.Cases {
		var lists []*Manifest
		var days []string
		for _, list := range file.Lists[c.Lists] {
			m := &Manifest{}
			for _, id := range list[1:] {
				m.Reviewers = append(m.Reviewers, Member{ID: id})
			}
			lists, days = append(lists, m), append(days, list[0])
		}
		before := -1
		if c.Before != nil {
			before = *c.Before
		}
		if len(lists) == 0 || Wrote(lists, days, c.Author, before, c.Day) != c.Wrote {
			t.Errorf("%s: want %v", c.Name, c.Wrote)
		}
	}
}
