/**
 * Reads a printed square with the camera. The pictures stay in this page's memory, one at a time, and go nowhere. A script of
 * its own: few need it.
 */
import { decodeQR } from "qr/decode.js";

/** Pictures larger than that cost an old phone too long. */
const MOST = 640;
const PAUSE_MS = 150;

/**
 * Shows the camera in `video` and gives the first text that `take` takes, or null once `signal` ends it. The camera is off
 * afterwards. Throws what the browser throws who has no camera, or whose owner does not allow it.
 */
export async function scan(video: HTMLVideoElement, take: (text: string) => boolean, signal: AbortSignal): Promise<string | null> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = stream;
    await video.play();
    while (!signal.aborted) {
      const text = read(video);
      if (text !== null && take(text)) return text;
      await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

function read(video: HTMLVideoElement): string | null {
  const scale = Math.min(1, MOST / Math.max(video.videoWidth, video.videoHeight, 1));
  const [width, height] = [Math.floor(video.videoWidth * scale), Math.floor(video.videoHeight * scale)];
  if (width === 0 || height === 0) return null;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) return null;
  context.drawImage(video, 0, 0, width, height);
  try {
    return decodeQR(context.getImageData(0, 0, width, height));
  } catch {
    return null; // no square in this picture
  }
}
