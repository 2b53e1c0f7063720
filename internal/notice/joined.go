package notice

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// Most of one place: more are no panel any more, and each is a mail.
const mostJoined = 500

// Errors of people who join by themselves; none says what they typed, nor whether an address was there before.
var (
	ErrNotOffered = errors.New("nobody joins by themselves here")
	ErrAddress    = errors.New("this is no address for notices")
	ErrFull       = errors.New("as many get notices as may")
)

// joining makes changes of the file one after the other.
var joining sync.Mutex

// Offered lists the kinds of addresses with which people may join by themselves. A webhook is the operator's to add: its
// secret has to be handed over.
func (s *Sender) Offered() []string {
	switch {
	case s == nil || s.Joined == "":
		return nil
	case s.Mail == nil:
		return []string{kindNtfy}
	}
	return []string{kindMail, kindNtfy}
}

// Join adds an address to the file of those who joined by themselves, or takes it out. The same again changes nothing. The
// file is sorted, so that it does not tell who came first. Errors: ErrNotOffered, ErrAddress, ErrFull.
func (s *Sender) Join(kind, address string, wanted bool) error {
	if !slices.Contains(s.Offered(), kind) {
		return ErrNotOffered
	}
	address = strings.TrimSpace(address)
	if to, err := parseLine(strings.Fields(kind + " " + address)); err != nil || to.address != address || len(address) > 300 {
		return ErrAddress
	}
	joining.Lock()
	defer joining.Unlock()
	text, err := os.ReadFile(s.Joined)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return errors.New("the file of those who joined cannot be read")
	}
	lines := slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool { return line == "" || line == kind+" "+address })
	if wanted {
		lines = append(lines, kind+" "+address)
	}
	if len(lines) > mostJoined {
		return ErrFull
	}
	slices.Sort(lines)
	return replace(s.Joined, strings.Join(lines, "\n")+"\n")
}

// replace writes a file whole or not at all, for its owner's eyes only. Errors leave the path out.
func replace(path, text string) error {
	failed := errors.New("the file of those who joined cannot be written")
	f, err := os.CreateTemp(filepath.Dir(path), ".joined-")
	if err != nil {
		return failed
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return failed
	}
	if os.Rename(f.Name(), path) != nil {
		return failed
	}
	return nil
}

// errInside is why a name is not called that somebody typed on a page.
var errInside = errors.New("this address is inside our own network")

// outside lets a connection go to the internet only: what somebody types on a page must reach nothing that stands beside
// the server. It looks at the number that is called, so that no name leads around it.
func outside(_ context.Context, _, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	to, err := netip.ParseAddr(host)
	if err != nil {
		return err
	}
	if to = to.Unmap(); !to.IsGlobalUnicast() || to.IsPrivate() || slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(to) }) {
		return errInside
	}
	return nil
}

// reserved are blocks that look public and lead inside: carriers' own (RFC 6598), this network, tests, and IPv4 written as
// IPv6 (RFC 6052, RFC 3056).
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
}
