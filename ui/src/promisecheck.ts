/** Fetched when somebody asks whether the signatures under judged promises hold. */
import { fingerprint, verifyPanels, type Chain } from "./chain.js";
import { findingOf, type PublicPledge } from "./judged.js";
import { sentences } from "./tell/say.js";

/** Checks all promises of the clinic of `box`, and says of each what came of it, beside it and together. */
export async function checkPromises(box: HTMLElement, doc: Document): Promise<void> {
  const say = sentences(doc);
  const said = box.querySelector<HTMLElement>("[data-part=said]");
  const at = `/api/v1/c/${encodeURIComponent(box.dataset["clinic"] ?? "")}`;
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(at + path, { cache: "no-store", credentials: "omit" });
    if (!answer.ok) throw new Error("no answer");
    return (await answer.json()) as T;
  };
  const [chain, ledger] = await Promise.all([get<Chain>("/chain"), get<{ clinic: string; promises: PublicPledge[] }>("/promises")]);
  const panels = verifyPanels(ledger.clinic, chain.manifests, "");
  const lists = panels.map((p) => p.manifest);
  let good = 0;
  let broken = 0;
  for (const article of Array.from(doc.querySelectorAll<HTMLElement>("[data-promise]"))) {
    const promise = ledger.promises.find((p) => p.id === article.dataset["promise"]);
    // The words on this page have to be those that were fetched and checked.
    const same = promise !== undefined && promise.state === article.dataset["state"] && (["what", "who", "how"] as const).every((part) => shown(article, part) === promise[part]);
    const finding = same ? findingOf(ledger.clinic, lists, promise) : { kind: "broken" as const };
    if (finding.kind === "holds") good++;
    if (finding.kind === "broken") broken++;
    mark(article, say(`promise.check.${finding.kind}`, finding.kind === "holds" ? { members: finding.members.join(", ") } : {}), finding.kind === "broken");
  }
  const sum = broken > 0 ? say("promise.check.some_broken", { count: String(broken) }) : say("promise.check.all", { count: String(good) });
  if (said) said.textContent = `${sum} ${say("promise.check.against", { letters: fingerprint(lists[0]?.lines ?? "") })}`;
}

/** A part of what was promised, as this page shows it; empty where its words are not for everybody. */
const shown = (article: HTMLElement, part: "what" | "who" | "how"): string =>
  article.querySelector(part === "what" ? "h3" : `[data-part=${part}]`)?.textContent ?? "";

/** Puts a sentence into a promise's own place, in place of one from before. */
function mark(article: HTMLElement, sentence: string, wrong: boolean): void {
  const old = article.querySelector("[data-part=signed]");
  const line = article.ownerDocument.createElement("p");
  line.dataset["part"] = "signed";
  line.className = wrong ? "problem" : "quiet";
  line.textContent = sentence;
  if (old) old.replaceWith(line);
  else article.append(line);
}
