package client

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"answerable/internal/keyring"
	"answerable/internal/seal"
)

// maxKitReviewers bounds a kit: it has a file for each ordered pair.
const maxKitReviewers = 7

// ErrKit means that an epoch can have no kit: nested files are for two openers, and for panels of at most seven.
var ErrKit = errors.New("a kit is for epochs that two of at most seven open")

// Kit opens an epoch with the public age command and two reviewers' identities, and with no program or server of ours.
type Kit struct {
	Epoch string
	Files map[string][]byte // by name
}

// kitWords explains a kit to those who hold it.
//
//go:embed kit.txt
var kitWords string

func newKit(record *keyring.Record, identity *age.HybridIdentity, panel *keyring.Manifest) (*Kit, error) {
	if record.K != 2 || record.N > maxKitReviewers {
		return nil, fmt.Errorf("%w; %d of %d open epoch %s", ErrKit, record.K, record.N, record.ID)
	}
	words := strings.NewReplacer("EPOCH", record.ID, "LASTDAY", record.RetainUntil.Format("2006-01-02"))
	kit := &Kit{Epoch: record.ID, Files: map[string][]byte{"README.txt": []byte(words.Replace(kitWords)), record.ID + recordExt: []byte(record.Lines())}}
	for _, first := range panel.Reviewers {
		for _, then := range panel.Reviewers {
			if first.ID == then.ID {
				continue
			}
			file, err := seal.NestIdentity(identity, first.Recipient, then.Recipient)
			if err != nil {
				return nil, err
			}
			kit.Files[first.ID+"-then-"+then.ID+ageExt] = file
		}
	}
	return kit, nil
}

// Write puts the kit into a folder of its own below dir, and gives its path.
func (k *Kit) Write(dir string) (path string, err error) {
	path = filepath.Join(dir, k.Epoch)
	if err := os.MkdirAll(path, privateDir); err != nil {
		return "", fmt.Errorf("make folder for the kit: %w", err)
	}
	for name, file := range k.Files {
		if err := writeFile(filepath.Join(path, name), file); err != nil {
			return "", err
		}
	}
	return path, nil
}

// KitOf makes the kit of an epoch that this reviewer has opened into dir, for those who hold a part of it and are still on the
// panel. Errors: ErrKit, ErrNothingPulled when it is not
// open there, seal.ErrWrap.
func (r *Reviewer) KitOf(ctx context.Context, clinic, epoch, dir string) (*Kit, error) {
	p, known, err := r.desk(ctx, clinic)
	if err != nil {
		return nil, err
	}
	d, _, err := p.dealtEpoch(known, epoch)
	if err != nil {
		return nil, err
	}
	stayed := *d.panel
	stayed.Reviewers = slices.DeleteFunc(slices.Clone(d.panel.Reviewers), func(m keyring.Member) bool { return p.Current.Member(m.ID) == nil })
	f, err := openFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("epoch %s is not open in this folder: %w", epoch, ErrNothingPulled)
	}
	defer f.close()
	file, err := f.read(epochsDir+"/"+epoch+ageExt, mostWrap)
	if err != nil {
		return nil, fmt.Errorf("epoch %s is not open in this folder: %w", epoch, ErrNothingPulled)
	}
	identity, err := seal.OpenEpochKey(file, r.identity, epoch, d.Recipient)
	if err != nil {
		return nil, err
	}
	return newKit(d.Record, identity, &stayed)
}
