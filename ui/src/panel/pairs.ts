/** How far each two coders agree, by question: Cohen's kappa, which stands beside alpha as a detail. */
import { cohen, fewUnits, percent, type Ratings } from "../agreement.js";

/** A question with its codes, by message and then by coder. */
export interface Question {
  of: string;
  metric: "nominal" | "ordinal";
  ratings: Ratings;
}

/** Two coders and the messages that both coded. */
export interface Pair {
  coders: [string, string];
  questions: PairQuestion[];
}

export interface PairQuestion {
  of: string;
  /** Coded by both. */
  units: number;
  /** Plain agreement, from 0 to 1. */
  percent: number;
  /** Kappa, with quadratic weights where codes have an order; null below fewUnits, or where chance alone has both agree always. */
  kappa: number | null;
  /** How many of their codes are not 0, from 0 to 1: where few are, kappa is low though nearly all agree. */
  said: number;
}

/** Every two who coded a message both, in order. */
export function pairs(coders: readonly string[], questions: readonly Question[]): Pair[] {
  return coders.flatMap((one, a) => coders.slice(a + 1).flatMap((other, i): Pair[] => {
    const b = a + 1 + i;
    const list = questions.map((q) => between(q, a, b)).filter(({ units }) => units > 0);
    return list.length === 0 ? [] : [{ coders: [one, other], questions: list }];
  }));
}

function between(q: Question, a: number, b: number): PairQuestion {
  const both = q.ratings.map((unit) => [unit[a] ?? null, unit[b] ?? null]).filter((unit) => !unit.includes(null));
  const codes = both.flat();
  return {
    of: q.of, units: both.length, percent: percent(both) ?? 0,
    kappa: both.length < fewUnits ? null : cohen(both, 0, 1, q.metric === "ordinal" ? "quadratic" : "plain"),
    said: codes.length === 0 ? 0 : codes.filter((code) => code !== 0).length / codes.length,
  };
}
