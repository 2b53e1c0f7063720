//go:build !linux

package pgtest

import "os"

// Place is where a server's files lie.
func Place() string { return os.TempDir() }
