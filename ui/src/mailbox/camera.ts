/** The receipt's square, read with the camera into the field in which it would be typed. */
import { parseReceipt } from "../receipt.js";
import type { Say } from "../tell/say.js";

export interface Camera {
  /** Shown where the browser has a camera to offer. */
  room: HTMLElement;
  button: HTMLButtonElement;
  status: HTMLElement;
  video: HTMLVideoElement;
  field: HTMLTextAreaElement;
  /** Path of the script that reads squares. */
  script: string;
}

/** Offers the camera where there may be one. What this gives turns it off. */
export function offerCamera(c: Camera, say: Say): () => void {
  const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  let running: AbortController | null = null;
  const stop = (): void => { running?.abort(); };
  if (devices === undefined || c.script === "") return stop;
  c.room.hidden = false;
  c.button.textContent = say("script.scan");
  c.button.addEventListener("click", () => {
    if (running !== null) {
      stop();
      return;
    }
    running = new AbortController();
    void look(c, say, running.signal).finally(() => { running = null; });
  });
  return stop;
}

async function look(c: Camera, say: Say, signal: AbortSignal): Promise<void> {
  c.button.textContent = say("script.scan_stop");
  c.status.textContent = say("script.scan_looking");
  c.video.hidden = false;
  try {
    const { scan } = (await import(c.script)) as typeof import("../scan.js");
    const text = await scan(c.video, isReceipt, signal);
    if (text !== null) c.field.value = text;
    c.status.textContent = text === null ? "" : say("script.scan_done");
    if (text !== null) c.field.focus();
  } catch {
    c.status.textContent = say("script.scan_none");
  } finally {
    c.video.hidden = true;
    c.button.textContent = say("script.scan");
  }
}

function isReceipt(text: string): boolean {
  try {
    parseReceipt(text);
    return true;
  } catch {
    return false;
  }
}
