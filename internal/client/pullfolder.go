package client

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"answerable/internal/keyring"
)

// prepareFolder makes a folder for what is pulled, and ties it to its place.
func prepareFolder(dir, origin string) (*folder, error) {
	f, err := makeFolder(dir)
	if err != nil {
		return nil, err
	}
	if err := f.pinOrigin(origin); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *folder) pinOrigin(origin string) error {
	had, err := f.read(originFile, mostOrigin)
	if errors.Is(err, fs.ErrNotExist) {
		return f.write(originFile, []byte(origin+"\n"))
	}
	if err != nil {
		return fmt.Errorf("read origin: %w", err)
	}
	if string(bytes.TrimSpace(had)) != origin {
		return ErrOtherPlace
	}
	return nil
}

// pinnedLog is what the folder knows of the log; nil before the first pull. Without a network there is nothing to hold against it: what
// was kept was held against it when it was pulled.
func (p *puller) pinnedLog() (*Pinned, error) {
	if p.offline != nil {
		return nil, nil
	}
	content, err := p.read(logFile, mostPinned)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint file: %w", err)
	}
	return parsePinned(content)
}

// destroy takes files out of the folder whose writers took them back, or whose keys the panel destroyed: by their own tokens and
// signatures, and never by the server's word alone.
func (p *puller) destroy(log *Ledger) error {
	names, err := p.names(".")
	if err != nil || p.offline != nil {
		return err
	}
	if err := p.destroyKeys(log); err != nil {
		return err
	}
	for _, file := range names {
		name, ok := strings.CutSuffix(file, leafExt)
		hash, err := hex.DecodeString(name)
		if !ok || err != nil || len(hash) != sha256.Size {
			continue
		}
		leaf := [32]byte(hash)
		told := log.Submissions[leaf]
		shredded := told != nil && log.Shredded[keyring.EpochOf{ClinicID: p.clinicID(), ID: told.Epoch}]
		if p.delivered[leaf] || !log.Withdrawn[leaf] && !shredded {
			continue
		}
		if err := errors.Join(p.remove(name+ageExt), p.remove(name+leafExt)); err != nil {
			return err
		}
	}
	return nil
}

// destroyKeys takes what opens a shredded epoch out of the folder. Its record stays: it is public, and opens nothing.
func (p *puller) destroyKeys(log *Ledger) error {
	for epoch := range log.Shredded {
		if epoch.ClinicID != p.clinicID() || !epochName.MatchString(epoch.ID) {
			continue
		}
		for _, ext := range []string{ageExt, partExt, askedExt} {
			if err := p.remove(path.Join(epochsDir, epoch.ID+ext)); err != nil {
				return err
			}
		}
	}
	return nil
}
