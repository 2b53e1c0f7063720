/** The receipt's square, read with the camera into the field in which it would be typed. */
import { parseReceipt } from "../receipt.js";
import type { Say } from "../tell/say.js";

export interface Camera {
  /** Filled where the browser has a camera to offer. */
  room: HTMLElement;
  field: HTMLTextAreaElement;
  /** Path of the script that reads squares. */
  script: string;
}

interface Parts extends Camera {
  button: HTMLButtonElement;
  status: HTMLElement;
  video: HTMLVideoElement;
}

/** Offers the camera where there may be one. What this gives turns it off, and empties what is said about it. */
export function offerCamera(of: Camera, say: Say): () => void {
  const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  let running: AbortController | null = null;
  const stop = (): void => { running?.abort(); };
  if (devices === undefined || of.script === "") return stop;
  const c = partsOf(of, say("script.scan"));
  c.button.addEventListener("click", () => {
    if (running !== null) {
      stop();
      return;
    }
    running = new AbortController();
    void look(c, say, running.signal).finally(() => { running = null; });
  });
  return () => {
    stop();
    c.status.textContent = "";
  };
}

function partsOf(of: Camera, offer: string): Parts {
  const doc = of.room.ownerDocument;
  const [button, status, video] = [doc.createElement("button"), doc.createElement("p"), doc.createElement("video")];
  Object.assign(button, { type: "button", className: "button second", textContent: offer });
  status.setAttribute("role", "status");
  Object.assign(video, { className: "camera", muted: true, playsInline: true, hidden: true });
  const line = doc.createElement("p");
  line.append(button);
  of.room.append(line, status, video);
  return { ...of, button, status, video };
}

async function look(c: Parts, say: Say, signal: AbortSignal): Promise<void> {
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
