/** Lighthouse as tests and benchmarks ask it. It is a hundred packages, and installed apart, in ui/bench: make lighthouse. */
import { existsSync } from "node:fs";
import path from "node:path";
import { chromiumPath, FLAGS } from "./browser.js";

const packages = path.join(import.meta.dirname, "../../bench/node_modules");

export type Category = "accessibility" | "best-practices" | "performance";

/** Points of 100 by category, and what took some away; the measures that performance is worked out from. */
export interface Report {
  points: Partial<Record<Category, number>>;
  lost: string[];
  measures: string[];
}

interface Result {
  lhr: {
    runtimeError?: { message: string };
    categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
    audits: Record<string, { title: string; score: number | null; displayValue?: string; details?: { items?: unknown[] } }>;
  };
}

type Run = (url: string, flags: object) => Promise<Result | undefined>;
interface Chrome { port: number; kill: () => void }

const MEASURES = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift", "speed-index"];

/**
 * Visits a page in a browser of its own, as a middling phone: slow 4G (150 ms there and back, 1.6 Mbit/s) and a processor four times as slow
 * as this one, both worked out from an unhindered visit as Lighthouse does by itself.
 */
export async function lighthouse(url: string, categories: readonly Category[]): Promise<Report> {
  if (!existsSync(packages)) throw new Error("Lighthouse is missing. Run: make lighthouse");
  const { default: run } = (await import(path.join(packages, "lighthouse/core/index.js"))) as { default: Run };
  const { launch } = (await import(path.join(packages, "chrome-launcher/dist/index.js"))) as { launch: (options: object) => Promise<Chrome> };
  const chrome = await launch({ chromePath: chromiumPath(), chromeFlags: ["--headless=new", ...FLAGS], logLevel: "error" });
  try {
    const result = await run(url, { port: chrome.port, logLevel: "error", output: "json", onlyCategories: categories });
    if (result === undefined || result.lhr.runtimeError !== undefined) throw new Error(`${url}: ${result?.lhr.runtimeError?.message ?? "no result"}`);
    return reportOf(result.lhr, categories);
  } finally {
    chrome.kill();
  }
}

function reportOf({ categories: all, audits }: Result["lhr"], categories: readonly Category[]): Report {
  const points: Report["points"] = {};
  const lost: string[] = [];
  for (const name of categories) {
    points[name] = Math.round(100 * (all[name]?.score ?? 0));
    for (const { id, weight } of all[name]?.auditRefs ?? []) {
      const audit = audits[id];
      if (weight > 0 && audit !== undefined && audit.score !== null && audit.score < 1) lost.push(`${id}: ${audit.title} ${audit.displayValue ?? ""} ${JSON.stringify(audit.details?.items ?? []).slice(0, 400)}`);
    }
  }
  return { points, lost, measures: MEASURES.flatMap((id) => (audits[id]?.displayValue === undefined ? [] : [`${id} ${audits[id].displayValue}`])) };
}
