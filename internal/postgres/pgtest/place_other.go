//go:build !linux

package pgtest

import "os"

// place is where a server's files lie.
func place() string { return os.TempDir() }
