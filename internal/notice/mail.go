package notice

import (
	"context"
	"crypto/rand"
	"errors"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Mail is a server that takes mail.
type Mail struct {
	from   string
	domain string
	host   string
	with   []gomail.Option
}

// NewMail reads where mail goes: smtps://user@host:465 with TLS from the start, or smtp://user@host:587 with STARTTLS, which must
// succeed. Only on this machine may mail go without. from is the sender that people see.
func NewMail(server, password, from string) (*Mail, error) {
	sender, err := mail.ParseAddress(from)
	if err != nil || sender.Address != from {
		return nil, errors.New("the sender of notices is no mail address")
	}
	to, err := url.Parse(server)
	if err != nil || to.Hostname() == "" || (to.Scheme != "smtp" && to.Scheme != "smtps") || strings.Trim(to.Path, "/") != "" {
		return nil, errors.New("the server for mail does not read")
	}
	if _, has := to.User.Password(); has {
		return nil, errors.New("the password of the server for mail stands in its address")
	}
	m := &Mail{from: from, domain: from[strings.LastIndex(from, "@")+1:], host: to.Hostname()}
	m.with = []gomail.Option{gomail.WithHELO(m.domain), gomail.WithTimeout(sendWithin), gomail.WithTLSPolicy(gomail.TLSMandatory)}
	switch {
	case to.Scheme == "smtps":
		m.with = append(m.with, gomail.WithSSL(), gomail.WithPort(465))
	case loopback(m.host):
		m.with = append(m.with, gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithPort(25))
	default:
		m.with = append(m.with, gomail.WithPort(587))
	}
	if port := to.Port(); port != "" {
		number, err := strconv.Atoi(port)
		if err != nil {
			return nil, errors.New("the port of the server for mail does not read")
		}
		m.with = append(m.with, gomail.WithPort(number))
	}
	if name := to.User.Username(); name != "" {
		m.with = append(m.with, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(name), gomail.WithPassword(password))
	}
	return m, nil
}

// send writes one mail to one person: nobody sees who else gets it.
func (m *Mail) send(ctx context.Context, to string, now time.Time) error {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(m.from); err != nil {
		return err
	}
	if err := msg.To(to); err != nil {
		return err
	}
	msg.Subject(Subject)
	msg.SetDateWithValue(now.UTC().Truncate(time.Hour))
	msg.SetMessageIDWithValue(rand.Text() + "@" + m.domain) // the library's own would name this machine
	msg.SetBodyString(gomail.TypeTextPlain, Text)
	client, err := gomail.NewClient(m.host, m.with...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, msg)
}
