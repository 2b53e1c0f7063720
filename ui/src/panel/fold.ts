/** Folded parts of the panel's page that are filled when somebody opens them. */

/** Runs a step that only shows something, as soon as the page does nothing else. */
export type WhenFree = (step: () => Promise<void>) => Promise<void>;

/**
 * Fills a fold when it is opened: each time, or only where `wants` says so. Opened while the page does something else, it is filled
 * after that, for a fold that stands open with nothing in it looks as if there were nothing.
 */
export function fillOnOpening(box: HTMLDetailsElement, whenFree: WhenFree, fill: () => Promise<void>, wants: () => boolean = () => true): void {
  box.addEventListener("toggle", () => {
    if (box.open && wants()) void whenFree(async () => { if (box.open && wants()) await fill(); });
  });
}
