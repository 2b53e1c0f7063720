/** What lies in the clear of a clinic's messages and may not any more, and what may and does not yet. */
import { settled } from "../compare.js";
import { FORMS, wishesForbid } from "../sharing.js";
import type { EpochFiles } from "./epochwork.js";
import type { OpenMessages } from "./openmessages.js";
import { of } from "./storedcards.js";

/**
 * Something of a message that lies in the clear: its codes, `count`, or a finding in one of the other forms. The leaf is
 * base64url.
 */
export interface Lying {
  leaf: string;
  form: string;
}

export class InClear {
  constructor(
    private readonly me: string,
    private readonly epochs: ReadonlyMap<string, EpochFiles>,
    private readonly opened: OpenMessages,
  ) {}

  /**
   * Of each whether its writer forbids it now, with all that came later, and nothing else of what they wish: no reviewer has to
   * have declared for it. False where their message is not open here, and where nothing of it lies in the clear.
   */
  forbidden(out: readonly Lying[]): boolean[] {
    return out.map(({ leaf, form }) => {
      const lies = [...this.epochs.values()].some(({ messages }) => messages.get(leaf)?.[form === "count" ? "coded_in_clear" : "finding"] === true);
      const wishes = lies ? this.opened.wishes(leaf) : null;
      const known = FORMS.find((f) => f === form);
      return wishes !== null && (known === undefined || wishesForbid(wishes, known).length > 0);
    });
  }

  /**
   * Open messages whose codes do not lie in the clear, though this reviewer has signed what two agree on, and their writers'
   * wishes do not forbid it. Leaves are base64url.
   */
  uncounted(): { leaf: string; epoch: string }[] {
    return [...this.epochs].flatMap(([epoch, { messages, reviews }]) => [...messages].flatMap(([leaf, m]) => {
      const all = m.coded_in_clear ? [] : reviews.get(leaf) ?? [];
      const consensuses = of(all, "consensus");
      const hashes = settled(of(all, "coding"), consensuses)?.hashes ?? [];
      const wishes = consensuses.some(({ by, hash }) => by === this.me && hashes.includes(hash)) ? this.opened.wishes(leaf) : null;
      return wishes === null || wishesForbid(wishes, "count").length > 0 ? [] : [{ leaf, epoch }];
    }));
  }
}
