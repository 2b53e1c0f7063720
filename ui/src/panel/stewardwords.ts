/** The sentences of the stewards' page. What stands in a step and what to do next comes from the server. */

export const TITLES: Record<string, string> = {
  steward: "A steward",
  clinic: "The clinic",
  reviewers: "The panel's members",
  manifest: "The signed list of members",
  epoch: "A key in use",
  "epochs-ahead": "Keys for the next months",
  "legal-notice": "What the law may make the panel do",
  support: "Whom to turn to now",
  charter: "The panel's charter",
  "other-ways": "Other ways to tell",
  form: "The form",
};

export const WHO: Record<string, string> = {
  operator: "whoever runs the server",
  steward: "a steward",
  reviewers: "the panel",
};

export const SAY = {
  signingIn: "Signing in.",
  signedOut: "You are signed out.",
  signedIn: (clinics: number): string => clinics === 0 ? "Signed in. No clinic is here yet: add one." : "Signed in. Choose a clinic.",
  looking: "Looking what it needs.",
  open: "open",
  closed: "closed",
  rowOpen: "Its form is open.",
  rowClosed: "Its form is closed.",
  summary: (left: number, open: boolean): string => {
    if (left === 0) return open ? "Nothing is missing." : "Everything is there.";
    return left === 1 ? "One step is missing." : `${left} steps are missing.`;
  },
  done: "Done",
  missing: "Missing",
  needed: "The form does not open without it.",
  next: (who: string): string => `Next: ${who}.`,
  added: (name: string): string => `${name} is added.`,
  invite: "Make a link",
  inviteAgain: "Make another link",
  invited: "Here is the link. It is shown this once.",
  linkLabel: "Link for one person",
  linkHint: "Good once, for 14 days. Hand it over so that only they see it, for example on paper.",
  copy: "Copy it",
  copied: "Copied.",
  copyFailed: "The link is marked. Copy it with your keyboard or your phone's menu.",
  needM: "How many members must sign",
  needMHint: (n: number): string => `Of ${n} who have joined. It counts for every key and every later list. More than half is a good beginning.`,
  propose: "Propose the list",
  proposeAgain: "Propose it again",
  proposeLoses: "A list waits for signatures. Proposing again throws away those it has.",
  proposed: "The list is proposed. Its members sign it on the panel's page.",
  notice: "The notice, in plain words",
  noticeHint: "For example: in this country the panel has to tell the child office when a child is in danger now. Or: the law here asks nothing of the panel.",
  save: "Save",
  saved: "Saved. People read it before they tell. Where the panel has decided settings, they read it when enough of the panel have signed it.",
  ways: "Other ways to tell while the form is closed, one in a line",
  waysHint: "Name | what it is | who runs it | how to reach it. For example: Letter box | A locked box for letters | The tenants' union empties it | In the hall, day and night",
  waysSaved: "Saved. People see it when the form is closed.",
  waysBroken: (line: string): string => `Four texts with | between them are needed in this line: ${line}`,
  openForm: "Open the form",
  closeForm: "Close the form",
  opened: "The form is open.",
  shut: "The form is closed.",
  keysPage: "Check the keys",
  posterPage: "Poster to print",
  paperPage: "Form on paper to print",
  lookAgain: "Look again",
};

/** Of those who speak for a clinic. */
export const SPEAKERS = {
  title: "Who speaks for the clinic",
  what: "Therapist community members (people who work here) who read what the panel hands over, answer it and promise. They read nothing else that people wrote. Nobody who sits on the panel can be one of them.",
  none: "Nobody speaks for the clinic yet.",
  role: "What the next one is at the clinic",
  roleHint: "A role and no name, for example: practice manager. Everybody can see it.",
  states: { invited: "invited, not here yet", joined: "has joined", left: "has left" },
  one: (role: string, state: string): string => `${role}: ${state}.`,
  end: "End it",
  ended: "They do not speak for the clinic any more, and are signed out everywhere. What they wrote stays, under their role.",
};
