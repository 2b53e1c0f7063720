/** Noticing that nobody is there any more. */

const QUIET_MINUTES = 10;

/** Calls `lock` after ten minutes without a touch, a key or a movement. Starts at once and goes on for good. */
export class Quiet {
  #last = Date.now();

  constructor(private readonly lock: () => void) {
    for (const touch of ["pointerdown", "pointermove", "keydown", "scroll", "wheel", "touchstart"]) {
      document.addEventListener(touch, () => { this.begin(); }, { passive: true, capture: true });
    }
    // A sleeping laptop does not run timers; so look again as soon as the page is seen.
    document.addEventListener("visibilitychange", () => { this.#look(); });
    setInterval(() => { this.#look(); }, 5000);
  }

  /** The ten minutes begin now. */
  begin(): void {
    this.#last = Date.now();
  }

  #look(): void {
    if (Date.now() - this.#last <= QUIET_MINUTES * 60_000) return;
    this.begin();
    this.lock();
  }
}
