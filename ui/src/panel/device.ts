/** A first name for the device somebody signs in from. It is a guess from how one points at things; people change it. */

/** What the browser says of its pointer and screen. The browser's own description of itself is not looked at. */
export interface Looks {
  /** True when fingers are all there is to point with. */
  touch: boolean;
  /** The shorter side of the screen, in CSS pixels. */
  shortSide: number;
}

export function guessDevice(looks: Looks): string {
  if (!looks.touch) return "A computer";
  return looks.shortSide < 600 ? "A phone" : "A tablet";
}

export function looksHere(): Looks {
  return { touch: matchMedia("(hover: none) and (pointer: coarse)").matches, shortSide: Math.min(screen.width, screen.height) };
}
