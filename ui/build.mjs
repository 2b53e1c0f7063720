// Builds the page scripts and the style sheet into static/, or, with --test or --e2e, the tests into
// .test-build/. Names are fixed and the output depends on the sources alone, so that two builds of
// one commit can be compared byte for byte.
import { build, transform } from "esbuild";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const here = import.meta.dirname;
/** What locks, and opens nothing. */
const locking = {
  "tell": "src/tell.ts",
  "aboutyou": "src/aboutyou.ts",
  "paper-entry": "src/paperentry.ts",
};
const entries = {
  "leave": "src/leave.ts",
  "logcheck": "src/logcheck.ts",
  "shared": "src/shared.ts",
  "back": "src/back.ts",
  "mailbox": "src/mailbox.ts",
  "panel": "src/panel/panel.ts",
  "panel-worker": "src/panel/worker.ts",
  "training": "src/panel/training.ts",
  "steward": "src/panel/steward.ts",
  "join": "src/panel/join.ts",
  "liaison": "src/liaison.ts",
  "promises": "src/promises.ts",
};

/** Modules that a page script fetches when somebody needs them. */
const modules = {
  "square": "src/square.ts",
  "scan": "src/scan.ts",
  "spanish": "src/spanish.ts",
  "language": "src/language.ts",
  "steps": "src/steps.ts",
  "guard": "src/guard.ts",
  "gentler": "src/gentler.ts",
  "englishwords": "src/englishwords.ts",
  "tiles": "src/tiles.ts",
  "promisecheck": "src/promisecheck.ts",
  "signatures": "src/signatures.ts",
};

/** Refuses a bundle that carries a package twice: two copies of the noble packages cost a third more to download. */
export function oneCopyEach(inputs) {
  const places = new Map();
  for (const file of Object.keys(inputs)) {
    const m = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(file);
    if (m) places.set(m[2], (places.get(m[2]) ?? new Set()).add(m[1]));
  }
  for (const [name, dirs] of places) {
    if (dirs.size > 1) throw new Error(`${name} is bundled ${dirs.size} times: ${[...dirs].join(", ")}`);
  }
}

async function scripts() {
  await bundle(locking, "iife", { alias: KEYS_ALONE, conditions: ["asked"] });
  await bundle(entries, "iife");
  await bundle(modules, "esm");
}

/**
 * The age library's other curves, and passphrases, stay out of what only ever seals to one kind of key: see src/nonist.ts and
 * src/noscrypt.ts.
 */
const KEYS_ALONE = { "@noble/curves/nist.js": "./src/nonist.ts", "@noble/hashes/scrypt.js": "./src/noscrypt.ts" };

/** What every file of those packages says; no other package that is bundled says anything. */
const LICENCE = "/*! noble, scure: MIT License (c) 2022-2024 Paul Miller (paulmillr.com) */\n";

async function bundle(files, format, more = {}) {
  const present = Object.entries(files).filter(([, file]) => existsSync(path.join(here, file)));
  if (present.length === 0) return;
  const { metafile } = await build({
    absWorkingDir: here,
    entryPoints: present.map(([out, file]) => ({ in: file, out })),
    outdir: "static",
    bundle: true,
    minify: true,
    format,
    platform: "browser",
    target: "es2020",
    charset: "utf8",
    legalComments: "none",
    loader: { ".txt": "text" }, // the list of common words
    metafile: true,
    logLevel: "warning",
    ...more,
  });
  for (const [file, { inputs }] of Object.entries(metafile.outputs)) {
    oneCopyEach(inputs);
    if (Object.keys(inputs).some((name) => /node_modules\/@(noble|scure)\//.test(name))) await appendFile(path.join(here, file), LICENCE);
  }
}

/**
 * One sheet for each folder of styles/, its files put together by name: `app` for every page, `more` for pages that look
 * different, and `form` for what a script does to the form. Nobody waits for what another page needs.
 */
async function styles() {
  for (const sheet of (await readdir(path.join(here, "styles"))).sort()) {
    const dir = path.join(here, "styles", sheet);
    const names = (await readdir(dir)).filter((n) => n.endsWith(".css")).sort();
    const parts = await Promise.all(names.map((n) => readFile(path.join(dir, n), "utf8")));
    const { code } = await transform(parts.join("\n"), { loader: "css", minify: true, target: "es2020" });
    await writeFile(path.join(here, `static/${sheet}.css`), code);
  }
}

async function sizes() {
  const dir = path.join(here, "static");
  for (const name of (await readdir(dir)).filter((n) => n !== ".keep").sort()) {
    const bytes = await readFile(path.join(dir, name));
    const row = [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
    console.log(`static/${name.padEnd(16)} ${row.map((n) => String(n).padStart(7)).join(" ")}  bytes: plain, gzip, brotli`);
  }
}

/** Bundles the files of a folder that end so for node --test. */
async function tests(folder, outdir, end = ".test.ts", more = {}) {
  await rm(path.join(here, outdir), { recursive: true, force: true });
  const files = (await readdir(path.join(here, folder))).filter((n) => n.endsWith(end)).sort();
  const { metafile } = await build({
    absWorkingDir: here,
    entryPoints: files.map((n) => `${folder}/${n}`),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
    external: ["playwright-core", "axe-core", "esbuild", "html-validate", "puppeteer-core"],
    loader: { ".txt": "text" }, // the list of common words
    metafile: true,
    logLevel: "warning",
    ...more,
  });
  for (const output of Object.values(metafile.outputs)) oneCopyEach(output.inputs);
}

/** The desk as a test draws it from made-up messages: a script for a page, which no server gives out. */
async function madeUp(outdir) {
  await build({
    absWorkingDir: here, entryPoints: ["e2e/madeupdesk.ts"], outdir, bundle: true, format: "iife", platform: "browser", target: "es2020", charset: "utf8",
    loader: { ".txt": "text" }, logLevel: "warning",
  });
}

if (process.argv.includes("--test")) {
  await tests("test", ".test-build/unit");
  await tests("test", ".test-build/asked", "chain.test.ts", { conditions: ["asked"] }); // as the form walks a chain
} else if (process.argv.includes("--bench")) {
  await tests("test", ".test-build/bench", ".bench.ts");
  await tests("e2e", ".test-build/bench-pages", ".bench.ts");
} else if (process.argv.includes("--e2e-long")) {
  await tests("e2e", ".test-build/e2e-long", ".long.ts");
} else if (process.argv.includes("--e2e")) {
  await tests("e2e", ".test-build/e2e");
  await madeUp(".test-build/e2e/made-up");
} else {
  await mkdir(path.join(here, "static"), { recursive: true });
  await scripts();
  await styles();
  await sizes();
}
