/** What people do without any program of ours: run the public age command, and read squares from paper. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import type { Locator } from "playwright-core";
import decodeQR from "qr/decode.js";

const repository = path.join(import.meta.dirname, "../../..");

/** Builds the age command that this project pins into a folder. */
export function publicAge(folder: string): void {
  execFileSync("go", ["build", "-o", path.join(folder, "age"), "filippo.io/age/cmd/age"], { cwd: repository, stdio: "pipe" });
}

/** Types commands into a shell in a folder that has age in it. */
export function shell(folder: string, commands: string): void {
  execFileSync("sh", ["-eu", "-c", commands], { cwd: folder, env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` }, stdio: "pipe" });
}

/** Reads a printed square as a phone's camera would, with eight pixels for each of its modules. */
export async function readSquare(svg: Locator): Promise<string> {
  const [d, box] = [await svg.locator("path").getAttribute("d"), await svg.getAttribute("viewBox")];
  const size = Number(box?.split(" ")[2]) * 8;
  const data = new Uint8Array(size * size * 4).fill(255);
  for (const [, x, y, width] of (d ?? "").matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let row = 0; row < 8; row++) {
      const at = ((Number(y) * 8 + row) * size + Number(x) * 8) * 4;
      for (let pixel = 0; pixel < Number(width) * 8; pixel++) data.fill(0, at + pixel * 4, at + pixel * 4 + 3);
    }
  }
  return decodeQR({ width: size, height: size, data });
}
