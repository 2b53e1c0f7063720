package notice

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Kinds of addresses.
const (
	kindMail    = "mail"
	kindNtfy    = "ntfy"
	kindWebhook = "webhook"
)

// target is one line of the file.
type target struct {
	line    int
	kind    string
	address string
	secret  []byte // of a webhook
	// stranger says that somebody typed it on a page: it may lead out of our network only.
	stranger bool
}

// parse reads lines such as these; empty ones and those that begin with # say nothing:
//
//	mail somebody@example.org
//	ntfy https://ntfy.example.org/a-topic-nobody-guesses
//	webhook https://example.org/hook whsec_BASE64
//
// Errors wrap ErrFile and name the line, never what stands in it.
func parse(file []byte) ([]target, error) {
	var targets []target
	lines := bufio.NewScanner(bytes.NewReader(file))
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		t, err := parseLine(fields)
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrFile, n, err)
		}
		t.line = n
		targets = append(targets, t)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: a line is too long", ErrFile)
	}
	return targets, nil
}

func parseLine(fields []string) (t target, err error) {
	t.kind = fields[0]
	want := map[string]int{kindMail: 2, kindNtfy: 2, kindWebhook: 3}[t.kind]
	if want == 0 {
		return t, errors.New("it begins with neither mail, ntfy nor webhook")
	}
	if len(fields) != want {
		return t, errors.New("it has too many or too few parts")
	}
	t.address = fields[1]
	if t.kind == kindMail {
		if a, err := mail.ParseAddress(t.address); err != nil || a.Address != t.address {
			return t, errors.New("this is no mail address")
		}
		return t, nil
	}
	if to, err := url.Parse(t.address); err != nil || to.Host == "" || to.User != nil || to.Scheme != "https" && !(to.Scheme == "http" && loopback(to.Hostname())) {
		return t, errors.New("its address begins with https://")
	}
	if t.kind == kindWebhook {
		encoded, is := strings.CutPrefix(fields[2], "whsec_")
		t.secret, err = base64.StdEncoding.DecodeString(encoded)
		if !is || err != nil || len(t.secret) < 24 || len(t.secret) > 64 {
			return t, errors.New("its secret is whsec_ and 24 to 64 bytes in base64")
		}
	}
	return t, nil
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

func (t *target) send(ctx context.Context, s *Sender) error {
	switch t.kind {
	case kindMail:
		return s.Mail.send(ctx, t.address, s.Now())
	case kindNtfy:
		return t.post(ctx, map[string]string{"Title": Subject}, []byte(Text))
	}
	return t.post(ctx, t.signed(webhookBody, s.Now()), []byte(webhookBody))
}

const webhookBody = `{"type":"look","v":1}`

// signed makes the headers of the Standard Webhooks specification (standardwebhooks.com), version 1.
func (t *target) signed(body string, now time.Time) map[string]string {
	id, at := "msg_"+rand.Text(), strconv.FormatInt(now.Unix(), 10)
	sum := hmac.New(sha256.New, t.secret)
	io.WriteString(sum, id+"."+at+"."+body)
	return map[string]string{
		"Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": at,
		"webhook-signature": "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil)),
	}
}

// post sends to the address and follows no way from there.
func (t *target) post(ctx context.Context, headers map[string]string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "answerable")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	straight := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if t.stranger {
		straight.Transport = &http.Transport{DialContext: (&net.Dialer{ControlContext: outside}).DialContext, DisableKeepAlives: true}
	}
	response, err := straight.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}
