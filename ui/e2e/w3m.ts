/** The text browser w3m, driven as by a person at a terminal: each key waits until what came before it stands on the screen. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";

const QUIET = 400;

/** Keys, and what has to stand on the screen before they are pressed; nothing: it only has to be still. */
export interface Presses {
  after?: RegExp;
  keys: string;
}

/** Whether this machine can make a terminal for w3m; a bare container often has no devices for it. */
export const TERMINAL = existsSync("/dev/ptmx");

/** Reads the form at an address with w3m as a plain program and sends its hidden fields and `answers`; gives both pages. */
export async function send(url: string, home: string, answers: [string, string][]): Promise<{ form: string; back: string }> {
  const env = { PATH: process.env["PATH"], HOME: home, TERM: "dumb", LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };
  const w3m = (...args: string[]): string => execFileSync("w3m", ["-o", "use_cookie=0", ...args, url], { env, encoding: "utf8", timeout: 60_000 });
  const source = await (await fetch(url)).text();
  const hidden = Array.from(source.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g), ([, name = "", value = ""]): [string, string] => [name, value]);
  const body = path.join(home, "answers");
  writeFileSync(body, new URLSearchParams([...hidden, ...answers]).toString());
  return { form: w3m("-dump", "-cols", "100"), back: w3m("-dump", "-cols", "100", "-post", body) };
}

/** Opens an address and presses keys. `editor` is a program that writes what is typed into a field of several lines. */
export async function press(url: string, home: string, editor: string, presses: Presses[]): Promise<void> {
  const env = { PATH: process.env["PATH"], HOME: home, TERM: "xterm", LANG: "C.UTF-8", LC_ALL: "C.UTF-8" };
  // Of util-linux: it gives w3m the terminal that it needs.
  const terminal = spawn("script", ["-qfec", `w3m -o use_cookie=0 -o editor=${editor} '${url}'`, "/dev/null"], { env, stdio: ["pipe", "pipe", "inherit"], timeout: 60_000 });
  const waiting = [...presses];
  let screen = "";
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    const [first] = waiting;
    if (first === undefined || (first.after !== undefined && !first.after.test(screen))) return;
    waiting.shift();
    screen = "";
    terminal.stdin.write(first.keys);
  };
  terminal.stdout.on("data", (b: Buffer) => {
    screen += b.toString();
    clearTimeout(timer);
    timer = setTimeout(next, QUIET);
  });
  await new Promise<void>((resolve, reject) => {
    terminal.once("error", reject);
    terminal.once("exit", () => { resolve(); });
  });
  clearTimeout(timer);
  if (waiting.length > 0) throw new Error(`w3m ended before ${JSON.stringify(waiting[0]?.keys)}; it showed ${screen}`);
}
