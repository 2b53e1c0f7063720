/**
 * A running demo for browser tests: the real binary with a database of its own on a free port, in a
 * folder that goes away afterwards.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fromBase64, toBase64, toBase64url } from "../src/encoding.js";
import type { Answer, Consent, Plaintext, Submission } from "../src/pad.js";
import { seal } from "../src/seal.js";
import { opened, type Told } from "./pulled.js";

const repository = path.join(import.meta.dirname, "../../..");
const binary = path.join(repository, "bin/answerable");
const READY_WITHIN = 120_000;
const ENDED_WITHIN = 30_000;
const BATCHED_WITHIN = 60_000;

/** The environment without settings of the program: it takes only those it knows, and these are the tests' own. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("ANSWERABLE_")));

export class Demo {
  #markers = 0;
  readonly #opened = new Map<string, Plaintext>();

  private constructor(
    private readonly server: ChildProcess,
    private readonly folder: string,
    readonly url: string,
    readonly clinic: string,
    /** Paths of the identity files of the panel. */
    readonly identities: string[],
  ) {}

  /** Starts `answerable demo` with more flags. Batches come every second. */
  static start(...flags: string[]): Promise<Demo> {
    if (!existsSync(binary)) throw new Error("bin/answerable is missing. Run: make build");
    // As root, Postgres runs as another user and has to get in; /tmp may be a small disk in memory.
    const folder = mkdtempSync(path.join(process.getuid?.() === 0 ? "/var/tmp" : tmpdir(), "answerable-e2e-"));
    chmodSync(folder, 0o755);
    return Demo.#startIn(folder, flags);
  }

  /** Stops the server and starts it again on the same data, at another address. */
  async again(...flags: string[]): Promise<Demo> {
    await stopped(this.server);
    return Demo.#startIn(this.folder, flags);
  }

  static async #startIn(folder: string, flags: string[]): Promise<Demo> {
    const given = ["demo", "--json", "--data", path.join(folder, "data"), "--addr", "127.0.0.1:0", "--batch-every", "1s", "--history", "6", ...flags];
    const server = spawn(binary, given, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    abandonAtExit(server, folder);
    try {
      const { url, clinic, identities } = JSON.parse(await firstLine(server)) as Demo;
      return new Demo(server, folder, url, clinic, identities);
    } catch (err) {
      await end(server, folder);
      throw err;
    }
  }

  stop(): Promise<void> {
    return end(this.server, this.folder);
  }

  /** Stops the demo's database under the server, which goes on. It does not come back. */
  stopDatabase(): void {
    process.kill(Number(readFileSync(this.file("data/postgres/data/postmaster.pid"), "utf8").split("\n")[0]), "SIGINT");
  }

  /** A path for a file of the test's own. */
  file(name: string): string {
    return path.join(this.folder, name);
  }

  identity(n: number): string {
    const file = this.identities[n];
    if (file === undefined) throw new Error(`the demo has no reviewer ${n}`);
    return file;
  }

  /** Runs the command line tool; returns what it printed. */
  run(args: string[], input = ""): Promise<string> {
    // The demo's own database, for the commands of an operator.
    const database = `postgres:///postgres?host=${this.file("data/postgres/run")}&port=5432&user=answerable&sslmode=disable`;
    return new Promise((resolve, reject) => {
      const options = { env: { ...environment, DATABASE_URL: database }, timeout: 60_000, maxBuffer: 1 << 26 };
      const child = execFile(binary, args, options, (err, out, said) => {
        if (err) reject(new Error(`answerable ${args.join(" ")}: ${said}`));
        else resolve(out);
      });
      child.stdin?.on("error", () => undefined); // a command that reads nothing may have ended; its exit code tells
      child.stdin?.end(input);
    });
  }

  /**
   * Seals answers to a recipient, the panel's own if none is given, and posts them without a browser. `more` changes what is
   * sealed, such as the mailbox that ties messages. Gives the leaf hash in base64url.
   */
  async post(answers: Answer[], to?: string, more: Partial<Submission> | Partial<Consent> = {}): Promise<string> {
    const api = `${this.url}/api/v1/c/${this.clinic}`;
    const random = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(32)));
    const { epoch, origin, form, recipient } = (await (await fetch(`${api}/epoch`)).json()) as Record<"epoch" | "origin" | "form" | "recipient", string>;
    const anchor = random();
    const file = await seal(
      {
        v: 1, t: "submission", epoch, origin, sealed_by: "client",
        ...(more.t === "consent" ? {} : { answers, form, lang: "en", subject: null, reply_to: null }), mailbox: null, thread: null, ...more, anchor,
      } as Plaintext,
      to ?? recipient,
    );
    const body = JSON.stringify({ v: 1, epoch, ct: toBase64(file), anchor, withdraw: random(), pow: null, invite: null });
    const answer = await fetch(`${api}/submissions`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    if (answer.status !== 201) throw new Error(`the message was refused: ${await answer.text()}`);
    return toBase64url(fromBase64(((await answer.json()) as { leaf_hash: string }).leaf_hash));
  }

  /**
   * Everything told by the tests so far, pulled by a reviewer in a terminal and opened with their key. A marker is
   * told last: a batch takes all that waits, so when the marker is there, so is what was stored
   * before it, and what is not there was not stored.
   */
  async told(): Promise<Told[]> {
    const marker = `marker ${++this.#markers}`;
    await this.run(["submit", "--server", this.url, "--clinic", this.clinic], marker);
    const pulled = this.file("pulled");
    const end = Date.now() + BATCHED_WITHIN;
    for (;;) {
      await this.run(["review", "pull", "--server", this.url, "--clinic", this.clinic, "--identity", this.identity(0), "--out", pulled]);
      const all = await opened(pulled, this.identity(0), this.#opened);
      if (all.some((t) => words(t) === marker)) return all.filter((t) => !words(t).startsWith("marker "));
      if (Date.now() > end) throw new Error("no batch came within a minute");
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** What was answered to a question; "" when nothing was. */
export const answerTo = (t: Told | undefined, q: string): string => t?.answers?.find((a) => a.q === q)?.a ?? "";

export const words = (t: Told): string => answerTo(t, "words");

async function stopped(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => server.once("exit", () => { resolve(); }));
  const late = setTimeout(() => server.kill("SIGKILL"), ENDED_WITHIN);
  server.kill("SIGTERM");
  await ended;
  clearTimeout(late);
}

async function end(server: ChildProcess, folder: string): Promise<void> {
  await stopped(server);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** A test run that is cut off leaves no server and no folder. Its database ends with the server. */
function abandonAtExit(server: ChildProcess, folder: string): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  process.once("exit", () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
}

/** What the server prints when it is ready, or an error with what it said instead. */
function firstLine(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = "";
    let said = "";
    const late = setTimeout(() => { reject(new Error(`the demo is not ready after two minutes: ${said}`)); }, READY_WITHIN);
    server.stderr?.on("data", (b: Buffer) => { said += b.toString(); });
    server.stdout?.on("data", (b: Buffer) => {
      out += b.toString();
      if (!out.includes("\n")) return;
      clearTimeout(late);
      resolve(out.slice(0, out.indexOf("\n")));
    });
    server.once("error", reject);
    server.once("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`the demo ended with ${String(code)}: ${said}`));
    });
  });
}
