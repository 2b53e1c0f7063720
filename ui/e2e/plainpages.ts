/** Every page that people who tell, come back or look can be shown without script, for each browser that looks at them. */
import type { Demo } from "./demo.js";

export const LANGUAGES = ["en", "es", "ar"] as const;
export type Language = (typeof LANGUAGES)[number];
export const [TELL, ABOUT, BACK, MAILBOX] = ["/c/riverside/tell", "/c/riverside/about-you", "/c/riverside/back", "/c/riverside/mailbox"];

/** Eight words of nothing that was ever told. */
export const nobody = "abandon ability able about above absent absorb abstract";

/** A page as it comes without script: what is sent, and the status of what comes back. */
export interface Plain {
  path: string;
  status?: number;
  body?: Record<string, string> | (() => Promise<Record<string, string>>);
}

const at = (demo: Demo): string[] => ["--server", demo.url, "--clinic", demo.clinic];

/** Tells something from a terminal, and gives the eight words and the mark. */
export const said = async (demo: Demo, text: string): Promise<{ receipt: string; leaf_hash: string }> =>
  JSON.parse(await demo.run(["--json", "submit", ...at(demo)], text)) as { receipt: string; leaf_hash: string };

/** A second clinic, whose form is closed, and eight words that open a mailbox with an answer; gives those. */
export async function furnishPlain(demo: Demo): Promise<string> {
  await demo.run(["clinic", "add", "harbor", "--name", "Harbor House"]);
  const { receipt, leaf_hash } = await said(demo, "to be answered");
  await demo.told();
  const message = [...at(demo), "--identity", demo.identity(0), "--from", demo.file("answers"), "--leaf", leaf_hash];
  await demo.run(["review", "declare", "--yes", ...message]);
  await demo.run(["review", "reply", ...message], "We read it. مرحبا");
  return receipt;
}

/** The pages of a demo that is furnished, by what they are. /leave is none: it shows no page and leads away at once. */
export function plainPages(demo: Demo, answered: string): Record<string, Plain> {
  const mine = async (): Promise<Record<string, string>> => ({ receipt: (await said(demo, "mine")).receipt });
  return {
    "places": { path: "/" },
    "clinic": { path: "/c/riverside" },
    "clinic, closed": { path: "/c/harbor" },
    "form": { path: TELL },
    "form, on a shared device": { path: `${TELL}?shared` },
    "form, from paper": { path: `${TELL}?paper` },
    "form, closed": { path: "/c/harbor/tell", status: 409 },
    "form, nothing said": { path: TELL, status: 422, body: { words: "" } },
    "form, with a doubt": { path: TELL, status: 422, body: { words: "x", wants: "be_counted", share_level: "panel_only" } },
    "form, too long": { path: TELL, status: 413, body: { words: "x".repeat(70_000) } },
    "form, sent": { path: TELL, body: { words: "told for axe" } },
    "form, far too long": { path: TELL, status: 413, body: { words: "x".repeat(2_000_000) } },
    "form, words back": { path: "/c/nowhere/tell", status: 404, body: { words: "x", names: "y" } },
    "form, closed meanwhile": { path: "/c/harbor/tell", status: 409, body: { words: "x" } },
    "keys": { path: "/c/riverside/keys" },
    "keys, none": { path: "/c/harbor/keys" },
    "accountability": { path: "/c/riverside/accountability" },
    "accountability, nothing yet": { path: "/c/harbor/accountability" },
    "poster": { path: "/c/riverside/poster" },
    "poster, none": { path: "/c/harbor/poster" },
    "paper": { path: "/c/riverside/paper" },
    "check": { path: "/c/riverside/check" },
    "about you": { path: ABOUT },
    "about you, nothing said": { path: ABOUT, status: 422, body: {} },
    "about you, sent": { path: ABOUT, body: { communities: "told for axe" } },
    "back": { path: BACK },
    "back, a wrong word": { path: BACK, status: 422, body: { receipt: "zebra xylophonist" } },
    "back, nothing there": { path: BACK, status: 404, body: { receipt: nobody } },
    "back, done": { path: BACK, body: mine },
    "mailbox": { path: MAILBOX },
    "mailbox, a wrong word": { path: MAILBOX, status: 422, body: { receipt: "zebra xylophonist" } },
    "mailbox, empty": { path: MAILBOX, body: { receipt: nobody } },
    "mailbox, with an answer": { path: MAILBOX, body: { receipt: answered } },
    "mailbox, nothing written": { path: MAILBOX, status: 422, body: { receipt: answered, act: "write" } },
    "mailbox, not sure": { path: MAILBOX, status: 422, body: { receipt: answered, act: "back" } },
    "mailbox, written": { path: MAILBOX, body: { receipt: answered, act: "write", words: "more" } },
    "mailbox, taken back": { path: MAILBOX, body: async () => ({ ...(await mine()), act: "back", sure: "yes" }) },
    "not found": { path: "/nothing/here", status: 404 },
    "no such place": { path: "/c/nowhere/tell", status: 404 },
    "no such thing to send": { path: "/c/riverside", status: 405, body: { x: "y" } },
  };
}

/** The address of a page in a language. */
export const addressOf = (demo: Demo, path: string, lang: Language): string => `${demo.url}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`;

/** What a page sends, with the nonce that pages carry; each message needs one of its own. Undefined where it is only looked at. */
export async function sentBy({ body }: Plain): Promise<Record<string, string> | undefined> {
  const fields = typeof body === "function" ? await body() : body;
  return fields === undefined ? undefined : { nonce: Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url"), ...fields };
}
