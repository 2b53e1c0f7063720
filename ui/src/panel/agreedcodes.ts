/** What an agreement is asked about codings that may be of an older list of codes than today's. */
import { themeOf, type Found } from "../coding.js";
import { proposal, says, type Coded } from "../compare.js";
import type { FormCodes } from "./codingform.js";

/**
 * Of today's list the themes that at least one of these codings was asked: to another no coder has said anything, so an agreement that
 * answers it is of none of them. The version is one of theirs: that of `theirs`, which is what another coder signed, or today's, or an
 * older one, as Go's Answers wants it.
 */
export function agreedCodes(codings: readonly Coded<Found>[], codes: FormCodes, theirs?: Found): FormCodes {
  const older = proposal(codings).taxonomy;
  const version = [theirs?.taxonomy, codes.version].find((v) => codings.some(({ body }) => body.taxonomy === v)) ?? older;
  return { ...codes, version, themes: codes.themes.filter(({ code }) => wasAsked(codings, code)) };
}

/** What somebody signed, but for themes that none of these codings was asked: with them it could not be agreed on. */
export function onlyAsked<F extends Found>(found: F, codings: readonly Coded<Found>[]): F {
  const asked = (theme: string): boolean => wasAsked(codings, theme);
  const below = (item: string): boolean => asked(themeOf(item));
  return {
    ...found, yes: found.yes.filter(asked), no: found.no.filter(asked), items: found.items.filter(below),
    ...(found.own && { own: found.own.filter(below) }),
  };
}

/** What no reading says, so that it would never count as agreed: themes, and `seriousness` where it is not between the readings'. */
export function strays(found: Found, codings: readonly Coded<Found>[]): string[] {
  const levels = codings.map(({ body }) => body.seriousness);
  const outside = found.seriousness < Math.min(...levels) || found.seriousness > Math.max(...levels);
  const themes = [...found.yes, ...found.no].filter((theme) => codings.every(({ body }) => says(body, theme) !== says(found, theme)));
  return [...themes.sort(), ...(outside ? ["seriousness"] : [])];
}

const wasAsked = (codings: readonly Coded<Found>[], theme: string): boolean =>
  codings.some(({ body }) => body.yes.includes(theme) || body.no.includes(theme));
