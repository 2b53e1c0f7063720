package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user a private server runs as. Postgres refuses root, so root lends it somebody else's name.
type account struct {
	name     string
	uid, gid int
	lent     bool // we are root, and the server is not
}

// accountFor chooses the account for a data directory that may exist already, and keeps its owner.
func accountFor(data string) (account, error) {
	euid := os.Geteuid()
	if euid != 0 {
		u, err := user.LookupId(strconv.Itoa(euid))
		if err != nil {
			return account{}, fmt.Errorf("this program runs as user number %d, which has no name on this machine, and "+
				"Postgres insists on one: add a line for it to /etc/passwd, or set DATABASE_URL", euid)
		}
		return account{name: u.Username, uid: euid, gid: os.Getegid()}, nil
	}
	u, err := lentUser(data)
	if err != nil {
		return account{}, err
	}
	uid, uidErr := strconv.Atoi(u.Uid)
	gid, gidErr := strconv.Atoi(u.Gid)
	return account{name: u.Username, uid: uid, gid: gid, lent: true}, errors.Join(uidErr, gidErr)
}

func lentUser(data string) (*user.User, error) {
	if info, err := os.Stat(data); err == nil {
		if uid := owner(info); uid != 0 {
			return user.LookupId(strconv.Itoa(uid))
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil && u.Uid != "0" {
			return u, nil
		}
	}
	//lint:ignore ST1005 Postgres is a name
	return nil, errors.New("Postgres refuses to run as root, and this machine has neither a user postgres nor a user " +
		"nobody to run it as: add one, run this program as an ordinary user, or set DATABASE_URL")
}

// give makes a directory of the account's own, closed to everybody else. It may exist.
func (a account) give(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Chmod(dir, 0o700); err != nil || !a.lent {
		return err
	}
	return os.Lchown(dir, a.uid, a.gid)
}

// attributes are how the account's processes start: in a process group of their own, so that Ctrl-C in a terminal
// reaches us first, and told to stop when we die.
func (a account) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a.lent {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	stopWithParent(attr)
	return attr
}

// makeDir makes dir and what is missing above it. Root leaves them open for passing through, since the account must
// reach what it owns further down; nobody else can list or read them.
func makeDir(dir string) error {
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if _, err := os.Stat(filepath.Dir(dir)); errors.Is(err, fs.ErrNotExist) {
		if err := makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if uid := owner(info); uid != os.Geteuid() {
		return fmt.Errorf("%s belongs to %s, not to the user this program runs as: choose another directory for the "+
			"data, or run this program as its owner", dir, userName(uid))
	}
	return os.Chmod(dir, mode) // whatever the umask
}

// checkPath refuses a directory that somebody else could swap for another: in a place where everyone may write,
// such as /var/tmp, whoever is there first owns the name.
func checkPath(dir string) error {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	for _, path := range []string{dir, real} {
		for ; path != filepath.Dir(path); path = filepath.Dir(path) {
			above, err := os.Stat(filepath.Dir(path))
			if err != nil {
				return err
			}
			info, err := os.Lstat(path)
			if err != nil {
				return err
			}
			uid := owner(info)
			if above.Mode()&fs.ModeSticky != 0 && uid != 0 && uid != os.Geteuid() {
				return fmt.Errorf("%s belongs to %s, who could look into it or replace it: choose another directory for "+
					"the data", path, userName(uid))
			}
		}
	}
	return nil
}

func owner(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return "user number " + strconv.Itoa(uid)
}
