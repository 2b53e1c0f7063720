/** A decision that a member signs and proposes to the panel. */
import { decisionLines, hashText, type Resolution } from "../decision.js";
import * as api from "./api.js";
import type { Keyholder } from "./keyholder.js";
import { today } from "./reading.js";
import { newestSettings } from "./settingsview.js";
import type { Tended } from "./tending.js";

/** Signs a decision of one's own and proposes it. Its clinic is this one. */
export async function proposeDecision(keys: Keyholder, t: Tended, what: Resolution, body: string): Promise<api.Decision> {
  const lines = decisionLines({ ...what, clinic: t.clinicId });
  const signature = await keys.ask<"signDecision">({ do: "signDecision", clinic: t.clinic.slug, lines });
  return api.send<api.Decision>(t.clinic.slug, "/decisions", { lines, body, signature });
}

/** Proposes a plan of figures with the settings as they hold: a panel decides all of them at once. */
export async function proposePlan(keys: Keyholder, t: Tended, plan: string): Promise<api.Decision> {
  const made = (await api.decisions(t.clinic.slug)).filter((d) => d.state === "made").map((d) => d.lines);
  const newest = newestSettings(made);
  const now = await api.settings(t.clinic.slug);
  delete now.notice_proposed; // no member of settings
  const body = JSON.stringify({ ...now, plan });
  return proposeDecision(keys, t, { kind: "settings", clinic: "", day: today(), after: newest === null ? "first" : hashText(newest), text: hashText(body) }, body);
}
