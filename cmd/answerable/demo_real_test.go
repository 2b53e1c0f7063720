package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestRealCommentsAreSortedAsTheirFileSays(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "comments.csv")
	file := "label,subcategory,feedback,criticality\n" +
		"Staff,Attitude of staff,\"Rude, and then\nruder\",-4\n" +
		"Staff,Attitude of staff,Kind,3\n" +
		"Access,Time spent waiting,Too long,-1\n" +
		"Miscellaneous,Surveying,Another form,-1\n" +
		"Access,General,   ,-1\n" +
		"Care received,Care received,Nothing,0\n" +
		"Access\n"
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	all, passed, err := readComments(path, 0)
	if err != nil || len(all) != 3 || passed != 4 {
		t.Fatalf("%d comments, %d passed over, %v", len(all), passed, err)
	}
	rude, kind := all[0].found(), all[1].found()
	if all[0].text != "Rude, and then\nruder" || !slices.Equal(rude.Yes, []string{"respect"}) || slices.Contains(rude.No, "respect") || rude.Seriousness != 3 {
		t.Errorf("rude: %+v", rude)
	}
	if len(kind.Yes) > 0 || !slices.Equal(kind.Good, []string{"good_care.kind"}) || kind.Seriousness != 0 {
		t.Errorf("kind: %+v", kind)
	}
	if some, _, err := readComments(path, 2); err != nil || len(some) != 2 {
		t.Errorf("of two: %d, %v", len(some), err)
	}
	if err := os.WriteFile(path, []byte("text\nhello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := readComments(path, 0); err == nil {
		t.Error("a file without a column for texts was read")
	}
}
