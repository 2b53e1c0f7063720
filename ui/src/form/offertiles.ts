import type { Say } from "../tell/say.js";
export function offerTiles(_form: HTMLFormElement, _say: Say): void { /* next */ }
