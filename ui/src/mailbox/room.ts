/**
 * The parts of an open mailbox. They do not stand on the page before it is open: a text browser shows what others hide. They are
 * fetched when the page is, the same for everybody, before anything depends on the words.
 */
import { pageAt } from "../page.js";
import { NoAnswer } from "../tell/send.js";

export class Room {
  #coming: Promise<void> | null = null;

  /** `whole` is the path of the page that has them; `ready` is called once, when they are here. */
  constructor(
    private readonly room: HTMLElement,
    private readonly whole: string,
    private readonly ready: () => void,
  ) {
    void this.come().catch(() => undefined); // it is tried again when the mailbox is opened
  }

  /** Throws NoAnswer. */
  async come(): Promise<void> {
    this.#coming ??= this.#fetch();
    try {
      await this.#coming;
    } catch (err) {
      this.#coming = null;
      throw err;
    }
  }

  async #fetch(): Promise<void> {
    const { search } = document.location;
    const page = await pageAt(this.whole + search);
    if (page === null) throw new NoAnswer();
    // Meanwhile it may be said in another language.
    if (document.location.search !== search) return this.#fetch();
    const parts = page.getElementById("room")?.childNodes;
    if (parts === undefined || parts.length === 0) throw new NoAnswer();
    this.room.replaceChildren(...Array.from(parts, (part) => document.importNode(part, true)));
    this.ready();
  }
}
