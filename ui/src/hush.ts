/** Ends what a page says aloud, and what it still had to say. A browser may speak on when its page is gone from the screen. */
export function hush(): void {
  if ("speechSynthesis" in window) window.speechSynthesis.cancel();
}
