package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"answerable/internal/notice"
)

// noticeConfig says who is told at which hour that it is time to look in. Of several replicas one alone gets it.
type noticeConfig struct {
	// NoticesFile holds an address in each line: mail ADDRESS, ntfy URL, or webhook URL SECRET. Whoever wants notices asks the
	// operator for a line, and for its end.
	NoticesFile string `type:"path" placeholder:"FILE" help:"Addresses to tell at fixed hours that it is time to look in. Without it nobody is told."`
	// NoticesJoinedFile is the server's own: it writes there what people type on their page.
	NoticesJoinedFile string `type:"path" placeholder:"FILE" help:"File in which the server keeps addresses of people who join by themselves, on their page under Your ways in. Without it nobody can."`
	// NoticesAt is fixed, so that a notice says nothing about when something was written.
	NoticesAt string `default:"monday 9" placeholder:"DAY HOUR" help:"Hour of notices in UTC: a day of the week, or daily, and 0 to 23."`

	SMTPURL          string `name:"smtp-url" env:"ANSWERABLE_SMTP_URL" placeholder:"smtps://USER@HOST" help:"Server that takes mail for notices."`
	SMTPPasswordFile string `name:"smtp-password-file" env:"ANSWERABLE_SMTP_PASSWORD_FILE" type:"path" placeholder:"FILE" help:"File that holds the password of that server."`
	SMTPFrom         string `name:"smtp-from" env:"ANSWERABLE_SMTP_FROM" placeholder:"ADDRESS" help:"Sender of notices; best one that names no clinic."`
}

// sender is nil where nobody asked for notices.
func (c *noticeConfig) sender(log io.Writer) (*notice.Sender, error) {
	if c.NoticesFile == "" && c.NoticesJoinedFile == "" {
		return nil, nil
	}
	when, err := notice.ParseSchedule(c.NoticesAt)
	if err != nil {
		return nil, usage(err.Error(), "Give a day and an hour in UTC, such as --notices-at 'monday 9' or 'daily 18'.")
	}
	s := &notice.Sender{File: c.NoticesFile, Joined: c.NoticesJoinedFile, When: when, Log: logger(log), Now: now}
	if c.SMTPURL != "" {
		password, err := c.password()
		if err != nil {
			return nil, err
		}
		if s.Mail, err = notice.NewMail(c.SMTPURL, password, c.SMTPFrom); err != nil {
			return nil, usage(err.Error(), "Give --smtp-url smtps://USER@HOST and --smtp-from ADDRESS, and the password in --smtp-password-file.")
		}
	}
	if err := s.Check(); err != nil {
		return nil, withHint(err, "Each line is: mail ADDRESS, ntfy https://…, or webhook https://… whsec_…; mail needs --smtp-url.")
	}
	return s, nil
}

func (c *noticeConfig) password() (string, error) {
	if c.SMTPPasswordFile == "" {
		return "", nil
	}
	text, err := os.ReadFile(c.SMTPPasswordFile)
	if err != nil {
		return "", withHint(fmt.Errorf("the password of the server for mail cannot be read: %w", cause(err)), "Check --smtp-password-file.")
	}
	return strings.TrimSpace(string(text)), nil
}

type noticesCmd struct {
	Send noticesSendCmd `cmd:"" help:"Operator: send one notice to everybody now, to see that it arrives. Do it at an hour of your own, not because something was told."`
}

type noticesSendCmd struct{ noticeConfig }

// Run sends once.
func (c *noticesSendCmd) Run(ctx context.Context, t *terminal) error {
	s, err := c.sender(t.err)
	if err != nil {
		return err
	}
	if s == nil {
		return usage("no file of addresses is named", "Give --notices-file FILE, or --notices-joined-file FILE.")
	}
	sent := s.Send(ctx)
	result := struct {
		Sent int `json:"sent"`
	}{sent}
	if err := t.show(result, "Notices sent: %d.\n", sent); err != nil || sent > 0 {
		return err
	}
	return withHint(errors.New("nobody was told"), "Check the addresses and the server for mail; what failed stands above.")
}
