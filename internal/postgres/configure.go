package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// configure writes what changes from start to start. These files lie in our directory and not among the data: root
// must not write where another user could lay a link for it.
func (e *Embedded) configure() (err error) {
	caller := strings.ReplaceAll(userName(os.Geteuid()), `"`, `""`)
	for name, text := range map[string]string{
		"pg_hba.conf":   "local all all peer map=answerable\n",
		"pg_ident.conf": fmt.Sprintf("answerable \"%s\" %s\n", caller, role),
	} {
		if err := os.WriteFile(e.path(name), []byte(text), 0o644); err != nil {
			return err
		}
		if err := os.Chmod(e.path(name), 0o644); err != nil { // whatever the umask: the account reads them
			return err
		}
	}
	if e.sockets, err = e.socketDir(); err != nil {
		return err
	}
	logFile := e.path("postgres.log")
	if err := os.Rename(logFile, logFile+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(logFile, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	e.keep = append(e.keep, f)
	e.output.to = f
	return nil
}

// socketDir makes the directory of the socket. A socket's path is limited to about a hundred bytes, and libpq takes a
// comma for the end of a host, so below a path that will not do it is a link to a short one in /tmp.
func (e *Embedded) socketDir() (string, error) {
	dir := e.path("run")
	e.removeShort()
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	if len(dir)+len("/.s.PGSQL."+port) <= longestSocket && !strings.Contains(dir, ",") {
		return dir, e.account.give(dir)
	}
	short, err := os.MkdirTemp(shortRoot, shortName)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(e.log, "The path of the data is too long for a socket (or holds a comma), which therefore lies in %s.\n", short)
	return short, errors.Join(e.account.give(short), os.Symlink(short, dir))
}

const (
	shortRoot = "/tmp"
	shortName = "answerable-socket-"
)

// removeShort takes away what the link run points to, of this run or of one that was killed.
func (e *Embedded) removeShort() {
	short, err := os.Readlink(e.path("run"))
	if err == nil && strings.HasPrefix(short, filepath.Join(shortRoot, shortName)) {
		os.RemoveAll(short) // at worst an empty directory stays in /tmp
	}
}

// settings win over every configuration file. Postgres logs failing statements whole, and Bun writes values into
// statements: so only what ends a connection or the server is logged, tersely, without statement and time.
func (e *Embedded) settings() [][2]string {
	return [][2]string{
		{"listen_addresses", ""},
		{"port", port},
		{"unix_socket_directories", `"` + strings.ReplaceAll(e.sockets, `"`, `""`) + `"`},
		{"unix_socket_permissions", "0700"},
		{"hba_file", e.path("pg_hba.conf")},
		{"ident_file", e.path("pg_ident.conf")},

		{"log_destination", "stderr"},
		{"logging_collector", "off"},
		{"log_line_prefix", ""},
		{"log_min_messages", "fatal"}, // LOG lines tell times, and ERROR lines quote input
		{"log_min_error_statement", "panic"},
		{"log_error_verbosity", "terse"},
		{"log_statement", "none"},
		{"log_min_duration_statement", "-1"},
		{"log_min_duration_sample", "-1"},
		{"log_duration", "off"},
		{"log_parameter_max_length", "0"},
		{"log_parameter_max_length_on_error", "0"},
		{"track_activities", "off"},     // or pg_stat_activity shows statements, and a crash report quotes them
		{"update_process_title", "off"}, // or every user of the machine sees in ps what is being done

		{"synchronous_commit", "on"},
		{"timezone", "UTC"},
		{"dynamic_shared_memory_type", "mmap"}, // below the data directory, not in /dev/shm
		{"jit", "off"},
	}
}

func (e *Embedded) arguments() []string {
	args := []string{"-D", e.path("data")}
	for _, s := range e.settings() {
		args = append(args, "-c", s[0]+"="+s[1])
	}
	return args
}
