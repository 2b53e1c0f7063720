//go:build unix && !linux

package postgres

import "syscall"

// diesWithParent says that a server may outlive a killed parent here; the next start stops it.
const diesWithParent = false

// stopWithParent can do nothing: only Linux tells a child that its parent died.
func stopWithParent(*syscall.SysProcAttr) {}
