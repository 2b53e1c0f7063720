package main

import (
	"regexp"
	"strings"
)

// setsUpFromElsewhere lets the stage's steward bring a second clinic from nothing to an open form with a computer that knows
// no database, and the same reviewers sit on its panel with the identities they have.
func (s *stage) setsUpFromElsewhere(reviewers []string) {
	s.Helper()
	at := " --server " + s.url + " --clinic lakeside --identity me.txt"
	steward := func(command string) string {
		s.Helper()
		return s.types("steward", "answerable steward "+command+" --server "+s.url+" --identity me.txt")
	}
	says := func(what, got, want string) {
		s.Helper()
		if !strings.Contains(got, want) {
			s.Errorf("%s: %s\nwant %q", what, got, want)
		}
	}
	says("added", steward("add lakeside --name 'Lakeside House'"), "Clinic lakeside is added")
	says("listed", steward("list"), "lakeside                 closed  Lakeside House")
	says("at first", steward("setup --clinic lakeside"), "missing  reviewers")
	link := regexp.MustCompile(`(?m)^    (http://\S+/panel/join#[a-z2-7]{32})$`)
	for _, person := range reviewers {
		invited := link.FindStringSubmatch(steward("invite --clinic lakeside"))
		if invited == nil {
			s.Fatal("no link to the panel")
		}
		s.types(person, "answerable panel join --server "+s.url+" --identity me.txt --invitation "+invited[1])
	}
	if link.FindString(steward("invite --steward")) == "" {
		s.Error("no link for another steward")
	}
	says("proposed", steward("propose --clinic lakeside --m 2"), "The first list is proposed")
	for _, person := range reviewers {
		s.looksAndTypes(person, "answerable panel manifest draft"+at+"\nanswerable panel manifest sign --list NAME"+at)
	}
	s.types(reviewers[0], "answerable epoch make"+at)
	for _, person := range reviewers {
		s.types(person, "answerable epoch ack"+at)
	}
	changed := steward("edit --clinic lakeside --legal-notice 'The law here asks nothing.' --other-way 'Letter box | A locked box | The tenants union | In the hall'")
	says("changed", changed, "Its form is closed")
	const asSteward = "answerable steward edit --clinic lakeside --server SERVER --identity me.txt"
	said := s.refusedTo("steward", strings.Replace(asSteward, "SERVER", s.url, 1)+" --open")
	says("too early", said, "the panel's charter")
	says("too early", said, "answerable steward setup --clinic lakeside")
	says("nothing to change", s.refusedTo("steward", strings.Replace(asSteward, "SERVER", s.url, 1)), "give --legal-notice")
	s.types(reviewers[0], "echo '"+`{"chosen":"By lot.","peers":"All.","paid":"Nobody.","barred":"Managers.","more":""}`+"' > c.json\nanswerable panel charter --file c.json"+at+"\nanswerable panel support --open-without"+at)
	for _, draft := range draftListed.FindAllStringSubmatch(s.types(reviewers[1], "answerable panel decisions"+at), -1) {
		s.types(reviewers[1], "answerable panel decisions --sign "+draft[1]+at)
	}
	says("opened", steward("edit --clinic lakeside --open"), "Its form is open")
	if left := steward("setup --clinic lakeside"); strings.Contains(left, "missing") {
		s.Errorf("still missing: %s", left)
	}
	says("closed again", steward("edit --clinic lakeside --no-open"), "Its form is closed")
	s.takesNotice(reviewers, at, steward)
	s.replacesLostKey(reviewers, at, steward)
	lostKey := linkPrinted.FindStringSubmatch(s.types("operator", "answerable clinic steward --url "+s.url))
	if lostKey == nil {
		s.Fatal("the operator cannot make another steward")
	}
	s.types("another steward", "answerable identity new --out me.txt\nanswerable panel join --server "+s.url+" --identity me.txt --invitation "+lostKey[0]+"\nanswerable steward list --server "+s.url+" --identity me.txt")
	for _, command := range []string{"list", "invite --steward", "edit --clinic lakeside --open"} {
		says("who is no steward", s.refusedTo(reviewers[0], "answerable steward "+command+" --server "+s.url+" --identity me.txt"), "only a steward of this place may do this")
	}
}

// takesNotice lets the panel of lakeside decide settings, the operator and a steward propose a legal notice, and the panel take it.
func (s *stage) takesNotice(reviewers []string, at string, steward func(string) string) {
	s.Helper()
	decide := func(flags string) {
		s.Helper()
		s.types(reviewers[0], "answerable panel settings "+flags+at)
		for _, draft := range draftListed.FindAllStringSubmatch(s.types(reviewers[1], "answerable panel decisions"+at), -1) {
			s.types(reviewers[1], "answerable panel decisions --sign "+draft[1]+at)
		}
	}
	says := func(got, want string) {
		s.Helper()
		if !strings.Contains(got, want) {
			s.Errorf("does not say %q: %s", want, got)
		}
	}
	s.types(reviewers[0], "answerable panel settings"+at+" > settings.json")
	decide("--file settings.json")
	says(s.refusedTo(reviewers[0], "answerable panel settings --take-notice"+at), "no legal notice is proposed to you")
	says(steward("edit --clinic lakeside --legal-notice 'A judge can ask.'"), "people still read the one before")
	says(s.types("operator", "answerable clinic edit lakeside --legal-notice 'A court can make the panel speak.'"), "people still read the one before")
	says(s.types(reviewers[1], "answerable panel settings"+at), "A court can make the panel speak.")
	says(s.types(reviewers[1], "answerable panel settings"+at+" 2> said"), `"legal_notice":"The law here asks nothing."`)
	says(steward("setup --clinic lakeside"), "Another text has been proposed on")
	says(s.refusedTo(reviewers[0], "answerable panel settings --take-notice --language tlh"+at), "one that these pages have: en, es, ar")
	decide("--take-notice --language es")
	says(s.types(reviewers[1], "answerable panel settings"+at), `"language":"es"`)
	decide("--language en")
	if settings := s.types(reviewers[1], "answerable panel settings"+at); strings.Contains(settings, `"language"`) {
		s.Errorf("English is named: %s", settings)
	}
	says(s.types(reviewers[1], "answerable panel settings"+at), "A court can make the panel speak.")
	if setup := steward("setup --clinic lakeside"); strings.Contains(setup, "has been proposed") {
		s.Errorf("the panel has signed it, and it is still proposed: %s", setup)
	}
}

// replacesLostKey lets the last reviewer lose their key and come back with another one, by terminals alone: on the panel of
// lakeside the new key stands in the place of the old.
func (s *stage) replacesLostKey(reviewers []string, at string, steward func(string) string) {
	s.Helper()
	id := func(person string) string {
		s.Helper()
		return reviewerNamed.FindStringSubmatch(s.types(person, "answerable identity show --identity me.txt --json"))[1]
	}
	lost, again := reviewers[2], "back again"
	invited := linkPrinted.FindStringSubmatch(steward("invite --clinic lakeside"))
	s.types(again, "answerable identity new --out me.txt\nanswerable panel join --server "+s.url+" --identity me.txt --invitation "+invited[1])
	said := s.types(reviewers[0], "answerable panel replace --reviewer "+id(lost)+" --with "+id(again)+at)
	if !strings.Contains(said, "call back the keys that "+id(lost)+" holds") || !strings.Contains(said, id(again)+" is somebody else to every program") {
		s.Errorf("replaced: %s", said)
	}
	for _, person := range []string{reviewers[1], again} {
		s.looksAndTypes(person, "answerable panel manifest draft"+at+"\nanswerable panel manifest sign --list NAME"+at)
	}
	if said := s.types(again, "answerable epoch make"+at); !strings.Contains(said, "Offered: ") {
		s.Errorf("no keys for the new panel: %s", said)
	}
	s.types(reviewers[0], "answerable epoch ack"+at)
	if said := s.types(reviewers[1], "answerable epoch give --to "+id(again)+at); !strings.Contains(said, id(again)+" was given ") || strings.Contains(said, " 0 keys") {
		s.Errorf("the past: %s", said)
	}
	if said := s.refusedTo(lost, "answerable review pull --out pulled"+at); !strings.Contains(said, "you do not sit on this clinic's panel") {
		s.Errorf("the lost key still fetches: %s", said)
	}
}

var reviewerNamed = regexp.MustCompile(`"reviewer":"(r[a-z2-7]{8})"`)
