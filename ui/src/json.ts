/**
 * Strict JSON: text with a doubled member is refused. JSON.parse keeps the last of two members and
 * other readers the first, so one file could say different things to two reviewers.
 */

export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

export class JsonError extends Error {
  override name = "JsonError";
}

/** Parses JSON text and throws JsonError when it is not JSON or an object names a member twice. */
export function parseStrict(text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    // The engine's message can quote the text, which may be a person's words.
    throw new JsonError("it is not JSON");
  }
  refuseDoubled(text);
  return value;
}

/** Walks text already known to be valid JSON and throws when an object names a member twice. */
function refuseDoubled(text: string): void {
  const open: (Set<string> | null)[] = []; // members seen in each open object; null for an array
  let expectMember = false;
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case "{":
        open.push(new Set());
        expectMember = true;
        break;
      case "[":
        open.push(null);
        expectMember = false;
        break;
      case "}":
      case "]":
        open.pop();
        expectMember = false;
        break;
      case ",":
        expectMember = open[open.length - 1] instanceof Set;
        break;
      case '"': {
        const end = stringEnd(text, i);
        const members = open[open.length - 1];
        if (expectMember && members) note(members, JSON.parse(text.slice(i, end + 1)) as string);
        expectMember = false;
        i = end;
      }
    }
  }
}

function note(members: Set<string>, member: string): void {
  if (members.has(member)) throw new JsonError("it names a member twice");
  members.add(member);
}

/** The index of the quote that ends the string starting at `start`. */
function stringEnd(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i;
}

/** Narrows to an object with the members of `known` only, or throws. */
export function onlyMembers(value: Json, known: readonly string[]): Record<string, Json> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new JsonError("it is not an object");
  for (const member of Object.keys(value)) {
    if (!known.includes(member)) throw new JsonError("it holds a member that is not known");
  }
  return value;
}
