package doctor

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// How old the newest copy may be, in days.
const (
	copyOld  = 2
	copyLost = 7
)

func (p *Place) copies(ctx context.Context, r *report) {
	if p.Backups == "" || p.Wraps == "" {
		r.skip("backup", "No folder of copies was named.", "Name both: --backups DIR --wraps-backups DIR, as given to answerable backup.")
		return
	}
	for _, folder := range []struct{ check, dir string }{{"backup", p.Backups}, {"backup of wraps", p.Wraps}} {
		p.newestCopy(r, folder.check, folder.dir)
	}
	p.oldWraps(ctx, r)
}

func (p *Place) newestCopy(r *report, check, dir string) {
	const do = "Run answerable backup every night, and read what it says when it fails."
	days, err := copyDays(dir)
	if err != nil {
		r.add(Bad, check, "Check that the folder is there and that this user may read it.", "The folder %s cannot be read: %v.", dir, errors.Unwrap(err))
		return
	}
	if len(days) == 0 {
		r.add(Bad, check, do, "There is no copy in %s. If this machine is lost, everything is.", dir)
		return
	}
	newest := days[len(days)-1]
	age := int(p.Now().Sub(newest).Hours() / 24)
	switch {
	case age > copyLost:
		r.add(Bad, check, do, "The newest copy in %s is %d days old. What was told since is nowhere else.", dir, age)
	case age > copyOld:
		r.add(Warn, check, do, "The newest copy in %s is %d days old.", dir, age)
	default:
		r.ok(check, "The newest copy in %s is of %s.", dir, newest.Format(time.DateOnly))
	}
}

// oldWraps finds copies of wraps that outlive the clinics' horizon, with which what a panel destroyed would come back.
func (p *Place) oldWraps(ctx context.Context, r *report) {
	horizon := 35
	if p.DB != nil {
		if err := p.DB.NewRaw(`SELECT coalesce(min(backup_days), 35) FROM clinic`).Scan(ctx, &horizon); err != nil {
			return // database says so
		}
	}
	days, err := copyDays(p.Wraps)
	if err != nil || len(days) == 0 {
		return
	}
	if oldest := days[0]; int(p.Now().Sub(oldest).Hours()/24) > horizon+copyOld {
		r.add(Bad, "backup of wraps", "Run answerable backup, which removes them, and remove them wherever else they were copied to.",
			"A copy of wraps is of %s. Panels were told that none is kept longer than %d days.", oldest.Format(time.DateOnly), horizon)
	}
}

// copyDays lists the days of which a folder holds a whole copy, oldest first.
func copyDays(dir string) (days []time.Time, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		day, err := time.Parse(time.DateOnly, e.Name())
		if err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, e.Name(), "manifest.json.age")); err == nil {
			days = append(days, day)
		}
	}
	return days, nil // ReadDir sorts by name, and these names sort as days do
}

func (p *Place) machine(r *report) {
	for _, file := range p.Keys {
		keyFile(r, file)
	}
	for _, dir := range p.Folders {
		disk(r, dir)
	}
	if swap, err := os.ReadFile("/proc/swaps"); err == nil {
		swapFinding(r, swap)
	}
}

func keyFile(r *report, path string) {
	info, err := os.Stat(path)
	if err != nil {
		r.add(Bad, "keys", "Bring it back from your backup; without it tickets that were given out look false.", "The key file %s cannot be read: %v.", path, errors.Unwrap(err))
		return
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		r.add(Bad, "keys", "chmod 600 "+path, "The key file %s can be read by others than its owner (%s).", path, mode)
		return
	}
	r.ok("keys", "%s is closed to others.", path)
}

// disk looks at how much is free. Words are refused when nothing is; Postgres needs some to clean up with.
func disk(r *report, dir string) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil || stat.Blocks == 0 {
		r.add(Warn, "disk", "Check the path.", "The folder %s cannot be looked at.", dir)
		return
	}
	free := int(stat.Bavail * 100 / stat.Blocks)
	state := diskState(free)
	if state == OK {
		r.ok("disk", "%d %% is free where %s lies.", free, dir)
		return
	}
	r.add(state, "disk", "Make room. When the disk is full, nothing can be told: people keep their words and are asked to come back.",
		"Only %d %% is free where %s lies.", free, dir)
}

func diskState(free int) State {
	switch {
	case free < 3:
		return Bad
	case free < 15:
		return Warn
	}
	return OK
}

// swapFinding reads /proc/swaps. Words of people without script are in memory for a moment; zram never leaves it.
func swapFinding(r *report, swaps []byte) {
	for i, line := range bytes.Split(bytes.TrimSpace(swaps), []byte("\n")) {
		if name := strings.Fields(string(line)); i > 0 && len(name) > 0 && !strings.HasPrefix(name[0], "/dev/zram") {
			r.add(Warn, "swap", "Turn it off, and take it out of /etc/fstab: swapoff -a", "Memory may be written to %s, and with it words of people without script.", name[0])
			return
		}
	}
	r.ok("swap", "Memory is not written to a disk.")
}
