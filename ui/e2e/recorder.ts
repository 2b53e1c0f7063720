/**
 * A proxy that all traffic of a browser goes through, of pages and workers alike. It writes down
 * every request to the byte, and loses requests or answers when a test says so.
 */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface Recorded {
  method: string;
  url: string;
  headers: string[];
  body: Buffer;
}

/** What becomes of a request: it passes, it never arrives, or its answer never comes back. */
export type Fate = "passes" | "lost" | "answer lost";

/**
 * Chromium asks its maker about every form with a few text fields: it sends a number made of the
 * names of the fields, no values. No page can switch that off, not even with autocomplete="off".
 */
const ITS_MAKER = "content-autofill.googleapis.com:443";

export class Recorder {
  readonly requests: Recorded[] = [];
  /** Whom the browser wanted to reach besides the site. */
  readonly strangers: string[] = [];
  /** Asked once for every request. */
  fate: (r: Recorded) => Fate = () => "passes";
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly port: string) {
    this.#server = createServer((from, to) => { void this.#pass(from, to); });
    // Tunnels carry what this cannot read, so there are none; the attempt is written down.
    for (const event of ["connect", "upgrade"]) {
      this.#server.on(event, (from: IncomingMessage, socket: Socket) => {
        if (from.url !== ITS_MAKER) this.strangers.push(from.url ?? "");
        socket.destroy();
      });
    }
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Listens, and passes on what is meant for one site, whatever name it goes by. */
  static async start(site: string): Promise<Recorder> {
    const recorder = new Recorder(new URL(site).port);
    await new Promise<void>((resolve) => recorder.#server.listen(0, "127.0.0.1", resolve));
    return recorder;
  }

  /** For the options of a browser context. By itself Chromium would go round a proxy to localhost. */
  get proxy(): { server: string; bypass: string } {
    return { server: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`, bypass: "<-loopback>" };
  }

  posts(to: string): Recorded[] {
    return this.requests.filter((r) => r.method === "POST" && r.url.endsWith(to));
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #pass(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of from) chunks.push(chunk as Buffer);
    const url = new URL(from.url ?? "");
    if (url.port !== this.port) {
      this.strangers.push(url.href);
      from.socket.destroy();
      return;
    }
    const recorded = { method: from.method ?? "", url: from.url ?? "", headers: from.rawHeaders, body: Buffer.concat(chunks) };
    this.requests.push(recorded);
    const fate = this.fate(recorded);
    if (fate === "lost") {
      from.socket.destroy();
      return;
    }
    const onward = request({ host: "127.0.0.1", port: this.port, method: recorded.method, path: url.pathname + url.search, headers: from.headers }, (answer) => {
      if (fate === "answer lost") {
        answer.resume().once("end", () => from.socket.destroy());
        return;
      }
      to.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(to);
    });
    onward.once("error", () => from.socket.destroy());
    onward.end(recorded.body);
  }
}

/** Ways in which text or bytes could hide in a request. */
export function disguises(secret: string | Uint8Array): Buffer[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const found = [bytes, ...[hex, hex.toUpperCase(), ...inBase64(bytes)].map((t) => Buffer.from(t))];
  if (typeof secret !== "string") return found;
  const percent = encodeURIComponent(secret);
  const texts = [percent, percent.toLowerCase(), percent.replaceAll("%20", "+"), JSON.stringify(secret).slice(1, -1), asciiJson(secret)];
  return [...found, Buffer.from(secret, "utf16le"), ...texts.map((t) => Buffer.from(t))];
}

/** The part of the base64 of any text around these bytes that they alone decide, for each place where they can begin. */
function inBase64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const from = Math.ceil((before * 4) / 3);
    const until = Math.floor(((before + bytes.length) * 4) / 3);
    const standard = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64").slice(from, until);
    return [standard, standard.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

function asciiJson(text: string): string {
  return Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`).join("");
}

/** Which secrets are in which requests, in any disguise. */
export function leaks(requests: Recorded[], secrets: (string | Uint8Array)[]): string[] {
  return requests.flatMap((r) => {
    const whole = Buffer.concat([Buffer.from(`${r.method} ${r.url}\n${r.headers.join("\n")}\n`), r.body]);
    return secrets.filter((s) => disguises(s).some((d) => whole.includes(d))).map((s) => `${r.method} ${r.url} holds ${String(s)}`);
  });
}
