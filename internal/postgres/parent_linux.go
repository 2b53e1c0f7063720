package postgres

import "syscall"

// diesWithParent says that the kernel stops the server when this process is killed.
const diesWithParent = true

// stopWithParent asks for a fast shutdown (SIGINT, to Postgres) when the thread that starts the process ends.
func stopWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }
