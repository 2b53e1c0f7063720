/** How long a page that nobody looks at is waited for, in milliseconds. */
const UNSEEN = 100;

/**
 * Resolves when what was just shown is on the screen. A page in the background is painted when somebody comes back to it, which
 * what was asked for must not wait for.
 */
export function painted(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, UNSEEN);
    requestAnimationFrame(() => { setTimeout(resolve, 0); });
  });
}
