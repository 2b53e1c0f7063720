// Runs the browser tests, several files at once, those with most in them first, so that no long one runs alone at the end.
// `node --test` takes files by name.
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { run } from "node:test";
import { tap } from "node:test/reporters";

// Two cores have this much to do while a third file waits for a batch or for a database to start.
const AT_ONCE = 3;
const LONGEST = 900_000; // milliseconds for a file, on a machine that is busy with other work

const here = import.meta.dirname;
const WALKS = "axe.test.ts"; // a short file, and the longest way: through every page
const size = (name) => (name === WALKS ? Infinity : statSync(path.join(here, "e2e", name)).size);
const names = readdirSync(path.join(here, "e2e")).filter((n) => n.endsWith(".test.ts")).sort((a, b) => size(b) - size(a));
const files = names.map((n) => path.join(here, ".test-build/e2e", n.replace(/\.ts$/, ".mjs")));

const tests = run({ files, concurrency: AT_ONCE, timeout: LONGEST });
tests.on("test:fail", () => { process.exitCode = 1; });
tests.compose(tap).pipe(process.stdout);
