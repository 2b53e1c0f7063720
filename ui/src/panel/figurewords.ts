/** What codes and tables of figures are called on the panel's page. */
import type { TablePlan } from "../plan.js";
import type { Labels } from "./labels.js";

const DIMENSIONS: Record<string, string> = {
  theme: "what it is about", service: "service", seriousness: "how serious the panel finds it", item: "because of what somebody was treated unfairly",
  involved: "who was involved", repair: "what repair is asked for", role: "who wrote",
};

const FIXED: Record<string, string> = { all: "all reports", other: "all other", none: "no answer", sum: "all together" };

const ROLES: Record<string, string> = { client: "people who come here, or stand by them", worker: "people who work here" };

export const dimension = (key: string): string => DIMENSIONS[key] ?? key.replace(/_/g, " ");

/** What a code of figures means: of themes, items, the panel's scale, services, who was involved and what is asked for. */
export function codeName(labels: Labels, code: string): string {
  if (FIXED[code] !== undefined) return FIXED[code];
  const dot = code.indexOf(".");
  const [kind, rest] = [code.slice(0, Math.max(dot, 0)), code.slice(dot + 1)];
  switch (kind) {
    case "serious": return labels.codes.seriousness.find((s) => String(s.v) === rest)?.anchor ?? code;
    case "involved": return labels.choices({ q: "roles", a: rest }).join("");
    case "repair": return labels.choices({ q: "wants", a: rest }).join("");
    case "role": return ROLES[rest] ?? code;
    case "service": return labels.choices({ q: "service", a: rest }).join("");
    case "": return labels.choices({ q: "themes", a: code }).join("");
  }
  return labels.choices({ q: "items", a: code }).join("");
}

export function tableName(t: Pick<TablePlan, "rows" | "cols" | "layers">): string {
  const by = [t.cols, t.layers].filter((key) => key !== "").map((key) => `by ${dimension(key)}`);
  const words = [dimension(t.rows), ...by].join(", ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
