package pgtest

import (
	"os"
	"syscall"
)

// Place is where a server's files lie: in memory where there is room, or else where temporary files do. Each test makes
// and deletes some six hundred, and ext4 looks for a new file's inode past each one that was deleted a moment ago, which
// takes the kernel longer than all else that a test does.
func Place() string {
	const memory, room = "/dev/shm", 4 << 30
	var at syscall.Statfs_t
	err := syscall.Statfs(memory, &at)
	if err != nil || at.Flags&syscall.MS_NOEXEC != 0 || at.Bavail*uint64(at.Bsize) < room {
		return os.TempDir() // the binaries may have to lie beside the data, so they must be allowed to run
	}
	return memory
}
