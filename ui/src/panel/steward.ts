/**
 * The stewards' page. A steward signs in, sees what each clinic still needs, and does their part of it.
 *
 * The key is used to sign in and for nothing else, so it is gone from this page right after: nothing here opens what
 * people wrote.
 */
import { ask, signOut } from "./api.js";
import { button, clearSent, el, part } from "./dom.js";
import { onceLink, type Attempts } from "./stewardlink.js";
import { Speakers } from "./stewardspeakers.js";
import { SAY, TITLES, WHO } from "./stewardwords.js";
import { sentenceFor, signInWith, Unlock, type Unlocking } from "./unlock.js";

const BASE = "/api/v1/steward";

interface Place {
  slug: string;
  name: string;
  open: boolean;
}

interface Step {
  key: string;
  done: boolean;
  needed: boolean;
  who: string;
  say: string;
}

/** Another way to tell: not ours, so it says who runs it. */
interface Way {
  name: string;
  what: string;
  run_by: string;
  reach: string;
}

interface Setup extends Place {
  legal_notice: string;
  /** Waits for the panel, which decides what holds. */
  notice_proposed?: { text: string; on: string };
  other_ways: Way[];
  reviewers: number;
  proposed: boolean;
  steps: Step[];
}

/** Asks for a one-time link to join with. */
const invited = async (path: string): Promise<string> => ((await (await ask(path, null, "")).json()) as { link: string }).link;

class Stewardship implements Attempts {
  readonly #root: HTMLElement;
  readonly #unlock: Unlock;
  #place: Checklist | null = null;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#unlock = new Unlock(root, {
      say: (s) => { this.say(s); },
      alert: (s) => { this.alert(s); },
      enter: (unlock) => { void this.attempt(() => this.#start(unlock)); },
    });
    part(root, "add").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.attempt(() => this.#add());
    });
    part(root, "leave").addEventListener("click", () => { void this.attempt(() => this.#leave()); });
    part(root, "steward-invitation").append(onceLink(this, () => invited(`${BASE}/invitations`)));
    part(root, "plain").hidden = true;
  }

  async #start(unlock: Unlocking): Promise<void> {
    const keys = await unlock();
    try {
      this.say(SAY.signingIn);
      const { reviewer } = await signInWith(keys, this.#unlock.device);
      await this.#enter(reviewer).catch(async (err: unknown) => {
        await signOut(); // a reviewer who is no steward keeps no session from this page
        throw err;
      });
    } finally {
      keys.end();
    }
  }

  async #enter(reviewer: string): Promise<void> {
    const clinics = await this.#list();
    this.#unlock.show(false);
    part(this.#root, "reviewer").textContent = reviewer;
    part(this.#root, "desk").hidden = false;
    part(this.#root, "clinics-title").focus();
    this.say(SAY.signedIn(clinics.length));
    if (clinics.length === 1 && clinics[0] !== undefined) await this.#show(clinics[0].slug, false);
  }

  async #list(): Promise<Place[]> {
    const { clinics } = (await (await ask("/clinics", undefined, BASE)).json()) as { clinics: Place[] };
    part(this.#root, "clinics").replaceChildren(...clinics.map((c) => {
      const row = el("button", { type: "button", class: "row" }, el("strong", {}, c.name), el("span", { class: "quiet" }, c.open ? SAY.rowOpen : SAY.rowClosed));
      row.addEventListener("click", () => { void this.attempt(() => this.#show(c.slug, true)); });
      return el("li", {}, row);
    }));
    return clinics;
  }

  async #add(): Promise<void> {
    const name = part<HTMLInputElement>(this.#root, "name");
    const slug = part<HTMLInputElement>(this.#root, "slug");
    const typed = [name.value, slug.value] as const;
    const [called, added] = [typed[0].trim(), typed[1].trim()];
    await ask("/clinics", { name: called, slug: added }, BASE);
    clearSent(name, typed[0]);
    clearSent(slug, typed[1]);
    await this.#list();
    await this.#show(added, true);
    this.say(SAY.added(called));
  }

  async #show(slug: string, focus: boolean): Promise<void> {
    this.#place = new Checklist(this, this.#root, slug);
    await this.#place.look();
    part(this.#root, "place").hidden = false;
    if (focus) part(this.#root, "place-title").focus();
  }

  async #leave(): Promise<void> {
    await signOut();
    this.#place = null;
    for (const emptied of ["clinics", "steps", "pages", "speakers"]) part(this.#root, emptied).replaceChildren();
    part(this.#root, "steward-invitation").replaceChildren(onceLink(this, () => invited(`${BASE}/invitations`)));
    part(this.#root, "place").hidden = true;
    part(this.#root, "desk").hidden = true;
    this.#unlock.show(true);
    this.#unlock.focus();
    this.say(SAY.signedOut);
  }

  /** Brings the rows of the list up to date. */
  async refresh(): Promise<void> {
    await this.#list();
  }

  say(sentence: string): void {
    part(this.#root, "alert").textContent = "";
    part(this.#root, "status").textContent = sentence;
  }

  alert(sentence: string): void {
    part(this.#root, "status").textContent = "";
    part(this.#root, "alert").textContent = sentence;
  }

  /** Does something that may fail, and says so in a sentence. */
  async attempt(work: () => Promise<void>): Promise<void> {
    const busy = Array.from(this.#root.querySelectorAll<HTMLElement>("[data-busy]"));
    if (busy.some((b) => b.getAttribute("aria-disabled") === "true")) return;
    for (const b of busy) b.setAttribute("aria-disabled", "true");
    try {
      await work();
    } catch (err) {
      this.alert(sentenceFor(err));
      this.#unlock.mend(err);
    } finally {
      for (const b of busy) b.removeAttribute("aria-disabled");
    }
  }
}

/** The steps of one clinic. Rows are made once and brought up to date, so that a link that is shown stays. */
class Checklist {
  readonly #rows = new Map<string, Row>();
  readonly #steward: Stewardship;
  readonly #root: HTMLElement;
  readonly #at: string;
  readonly #speakers: Speakers;

  constructor(steward: Stewardship, root: HTMLElement, slug: string) {
    this.#steward = steward;
    this.#root = root;
    this.#at = `${BASE}/c/${encodeURIComponent(slug)}`;
    this.#speakers = new Speakers(steward, this.#at);
    part(root, "speakers").replaceChildren(this.#speakers.element);
    part(root, "steps").replaceChildren();
    const again = button(SAY.lookAgain, () => { void steward.attempt(() => this.look()); });
    again.dataset["busy"] = "";
    part(root, "pages").replaceChildren(
      again, " ", el("a", { href: `/c/${slug}/keys` }, SAY.keysPage), " ", el("a", { href: `/c/${slug}/poster` }, SAY.posterPage), " ", el("a", { href: `/c/${slug}/paper` }, SAY.paperPage),
    );
  }

  async look(): Promise<void> {
    this.#update((await (await ask("/setup", undefined, this.#at)).json()) as Setup);
    await this.#speakers.look();
  }

  #update(setup: Setup): void {
    part(this.#root, "place-title").textContent = setup.name;
    part(this.#root, "summary").textContent = SAY.summary(setup.steps.filter((s) => !s.done).length, setup.open);
    for (const step of setup.steps) {
      let row = this.#rows.get(step.key);
      if (row === undefined) {
        row = new Row(step.key, this.#act(step.key));
        this.#rows.set(step.key, row);
        part(this.#root, "steps").append(row.element);
      }
      row.show(step, setup);
    }
  }

  /** What a steward can do about a step. */
  #act(key: string): Act | null {
    switch (key) {
      case "reviewers": {
        const element = onceLink(this.#steward, () => invited(`${this.#at}/invitations`), () => this.look());
        return { element, show: () => undefined };
      }
      case "manifest": return proposal((m) => { this.#do("/manifest", { m }, SAY.proposed); });
      case "legal-notice": return notice((text) => { this.#do("/legal-notice", { text }, SAY.saved); });
      case "other-ways": return ways((text) => { this.#saveWays(text); });
      case "form": return door((open) => { this.#do("/open", { open }, open ? SAY.opened : SAY.shut); });
      default: return null;
    }
  }

  #saveWays(text: string): void {
    const lines = text.split("\n").map((l) => l.trim()).filter((l) => l !== "");
    const broken = lines.find((l) => l.split("|").length !== 4);
    if (broken !== undefined) {
      this.#steward.alert(SAY.waysBroken(broken));
      return;
    }
    this.#do("/other-ways", { ways: lines.map(way) }, SAY.waysSaved);
  }

  #do(path: string, body: object, said: string): void {
    void this.#steward.attempt(async () => {
      await ask(path, body, this.#at);
      await this.look();
      await this.#steward.refresh();
      this.#steward.say(said);
    });
  }
}

interface Act {
  element: HTMLElement;
  show: (setup: Setup) => void;
}

const SVG = "http://www.w3.org/2000/svg";

/** A tick in a circle, or an empty circle: told apart by shape, and said in words beside it. */
function mark(done: boolean): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ class: "mark", viewBox: "0 0 36 36", "aria-hidden": "true" })) svg.setAttribute(name, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M18 3a15 15 0 1 0 .01 0z" + (done ? "M10 18.5l5.5 5.5L26 13" : ""));
  svg.append(path);
  return svg;
}

class Row {
  readonly element = el("li", { class: "step-row" });
  readonly #state = el("span", { class: "state" });
  readonly #next = el("span", {});
  readonly #say = el("p", {});
  readonly #act: Act | null;
  #mark: SVGElement = mark(false);

  constructor(key: string, act: Act | null) {
    this.#act = act;
    const body = el("div", {}, el("h3", {}, TITLES[key] ?? key), el("p", {}, this.#state, " ", this.#next), this.#say);
    if (act !== null) body.append(el("div", { class: "act" }, act.element));
    this.element.append(this.#mark, body);
  }

  show(step: Step, setup: Setup): void {
    const drawn = mark(step.done);
    this.#mark.replaceWith(drawn);
    this.#mark = drawn;
    this.element.classList.toggle("missing", !step.done);
    this.#state.textContent = step.done ? `${SAY.done}.` : `${SAY.missing}.`;
    this.#next.textContent = step.done ? "" : `${SAY.next(WHO[step.who] ?? step.who)} ${step.needed ? SAY.needed : ""}`.trim();
    this.#say.textContent = step.say;
    this.#act?.show(setup);
  }
}

function proposal(propose: (m: number) => void): Act {
  const field = el("input", { type: "number", id: "steward-m", min: "1", max: "20", value: "2", inputmode: "numeric", "aria-describedby": "steward-m-hint" });
  const hint = el("p", { class: "hint", id: "steward-m-hint" });
  const warning = el("p", { class: "note" }, SAY.proposeLoses);
  const submit = el("button", { type: "submit", class: "button second", "data-busy": "" }, SAY.propose);
  const form = el("form", { autocomplete: "off", novalidate: "" }, el("div", { class: "field" }, el("label", { for: "steward-m" }, SAY.needM), hint, field), warning, el("p", {}, submit));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    propose(Number(field.value));
  });
  return {
    element: form,
    show: (setup) => {
      form.hidden = setup.reviewers === 0;
      hint.textContent = SAY.needMHint(setup.reviewers);
      field.max = `${setup.reviewers}`;
      warning.hidden = !setup.proposed;
      submit.textContent = setup.proposed ? SAY.proposeAgain : SAY.propose;
    },
  };
}

function notice(save: (text: string) => void): Act {
  return longText("steward-notice", SAY.notice, SAY.noticeHint, save, (setup) => setup.notice_proposed?.text ?? setup.legal_notice);
}

/** A text that is saved whole. `of` reads what is stored. */
function longText(id: string, label: string, hint: string, save: (text: string) => void, of: (setup: Setup) => string): Act {
  const field = el("textarea", { id, rows: "4", maxlength: "8000", "aria-describedby": `${id}-hint` });
  const form = el(
    "form", { autocomplete: "off", novalidate: "" },
    el("div", { class: "field" }, el("label", { for: id }, label), el("p", { class: "hint", id: `${id}-hint` }, hint), field),
    el("p", {}, el("button", { type: "submit", class: "button second", "data-busy": "" }, SAY.save)),
  );
  let stored: string | null = null;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(field.value);
  });
  return {
    element: form,
    show: (setup) => {
      if (stored === null || field.value === stored) field.value = of(setup); // never over what somebody is writing
      stored = of(setup);
    },
  };
}

/** Reads a line of four texts. The server says when one is missing. */
function way(line: string): Way {
  const [name = "", what = "", runBy = "", reach = ""] = line.split("|").map((t) => t.trim());
  return { name, what, run_by: runBy, reach };
}

function ways(save: (text: string) => void): Act {
  return longText("steward-ways", SAY.ways, SAY.waysHint, save, (setup) => (
    setup.other_ways.map((w) => [w.name, w.what, w.run_by, w.reach].join(" | ")).join("\n")
  ));
}

function door(turn: (open: boolean) => void): Act {
  let open = false;
  const b = button(SAY.openForm, () => { turn(!open); });
  b.dataset["busy"] = "";
  return {
    element: el("p", {}, b),
    show: (setup) => {
      open = setup.open;
      b.textContent = open ? SAY.closeForm : SAY.openForm;
      b.className = open ? "button second" : "button";
    },
  };
}

const root = document.querySelector<HTMLElement>('[data-module="steward"]');
if (root !== null) {
  if (window.isSecureContext) new Stewardship(root);
  else part(root, "insecure").hidden = false;
}
