/** The sentences of the search through what people wrote, and of reports that are alike. */
import type { QueryProblem } from "../search/query.js";

const reports = (n: number): string => (n === 1 ? "1 report" : `${String(n)} reports`);

export const SEARCH = {
  lead: "Your browser opens the reports and looks through them itself. What you look for stays on this page: neither the words nor what is found is sent to anybody.",
  rulesTitle: "What is looked through, and what is not",
  rules: [
    "Only reports of which you have said that nothing ties you to them. What you have not declared on stays shut here too: else you would read it before you declare.",
    "What the same writer sent later is looked through with the report.",
    "Nothing from which you have stepped back.",
    "Not the field for people's names: you look at that when two of you agree. A name that stands in a story is a word like all others. And nothing that writers say about themselves.",
    "Words that you are shown count as a report that you read: the limits of a sitting and the pause hold here too, and words of one of the gravest kind begin the pause. First comes what it may hold, and then a few places of it.",
    "Themes that you chose not to see today are not shown.",
    "In Arabic the article makes no difference to whole words. Before a star it does, so leave it out there; some words that only look as if they began with it are missed by a star.",
    "Nothing under a key that you do not hold.",
  ],
  words: "Words to look for",
  wordsHint: "All of them have to be in it. Capital letters and accents make no difference. rest* finds every word that begins so, and \"by the door\" finds words side by side.",
  theme: "Theme",
  anyTheme: "any theme",
  themeHint: "As the writer picked it, or as two of you agree.",
  go: "Look for it",
  stop: "Stop",
  opening: (done: number, of: number): string => `Opened ${String(done)} of ${String(of)}.`,
  reading: (done: number, of: number): string => `Looked through ${String(done)} of ${String(of)}.`,
  fetching: "Fetching everything under your keys, so that nobody sees what you look for.",
  none: "You have declared on no report yet, so there is nothing that this page may look through.",
  found: (n: number, of: number): string => `${n === 0 ? "Nothing found" : `Found in ${reports(n)}`}, of ${String(of)} that you may look through.`,
  stopped: (done: number, of: number): string => `Stopped. Only ${String(done)} of ${reports(of)} were looked through. Search again to go on.`,
  shut: (done: number, of: number): string => `${reports(of - done)} that you may look through did not open.`,
  hidden: (n: number): string => `${reports(n)} ${n === 1 ? "is" : "are"} not shown, as you chose.`,
  place: (question: string, times: number, later: boolean): string => `${times === 1 ? "Once" : `${String(times)} times`} in “${question}”${later ? ", sent later" : ""}`,
  show: "Show the words",
  noWords: "It is not open on this page now. Open it to read it.",
  places: (n: number): string => `They stand in ${n === 1 ? "one more place" : `${String(n)} more places`}. Open it to read it all.`,
  later: "Sent later",
  open: "Open it",
  more: (n: number): string => `Show ${String(n)} more`,
  keepTitle: "Keep an index on this device",
  keepHint: "Then the next search is faster. It holds the words of the reports that you may look through, sealed: it opens with your key and the key of those reports together, and with nothing else. It is deleted when you lock this page, after ten quiet minutes, when you are signed out from elsewhere or leave the panel, and when a key is destroyed or its time is over. When you close the page without locking it, it stays, and nothing of this can happen until somebody signs in here again: so lock the page.",
  keep: "Keep a sealed index on this device",
  kept: "A sealed index is kept on this device.",
  notKept: "Nothing of the search is kept on this device.",
  keepFailed: "This browser does not let the page keep anything. The search works without.",
};

export const QUERY_PROBLEMS: Record<QueryProblem, string> = {
  empty: "Write a word to look for, or choose a theme.",
  many: "That is too many words at once. Write ten or fewer.",
  short: "Write two letters or more before the star.",
};

export const ALIKE = {
  title: "Reports like this one",
  lead: "Of those that you have declared on. Your browser looks for the same themes, services and rare words. It keeps and sends no number for how alike they are. The same words do not mean the same person, or the same event.",
  look: "Look for reports like this one",
  none: "None of those that you have declared on shares a theme or several rare words with it.",
  themes: "Theme", items: "The same in", service: "Service", words: "Show rare words that both have",
};
