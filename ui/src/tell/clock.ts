/**
 * What did not come with the form is asked for again by the clock. Were it asked for because somebody types, whoever runs the
 * network could drop the first answer, and see by the second request when they begin.
 */

/** Pauses before the tries after the first, in milliseconds. */
const PAUSES = [2_000, 8_000, 20_000];

/** Something that the form needs from the server, asked for until it is here. */
export class Wanted<T> {
  private before = 0;
  private asked: Promise<T> | null = null;
  private came: (what: T) => void = () => undefined;
  /** Ends when it is here, whatever asked for it. Waiting for it asks for nothing. */
  readonly here = new Promise<T>((resolve) => { this.came = resolve; });

  /** `fetch` is told how many tries there were before. */
  constructor(private readonly fetch: (before: number) => Promise<T>) {}

  /** Asks, unless it is here or under way. Rejects where it does not come. */
  ask(): Promise<T> {
    this.asked ??= this.fetch(this.before++).then(
      (what) => {
        this.came(what);
        return what;
      },
      (err: unknown) => {
        this.asked = null;
        throw err;
      },
    );
    return this.asked;
  }

  /** Asks at once, and again after each pause. Rejects as the last of the tries. */
  async byTheClock(pauses = PAUSES): Promise<T> {
    for (const pause of pauses) {
      try {
        return await this.ask();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    return this.ask();
  }
}
