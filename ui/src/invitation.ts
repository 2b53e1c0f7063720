/** Invitations as people bring them: in the address, as a pasted link, or the code alone. */

/** The 32 characters of the code; null when there is none in what was given. */
export function invitationIn(given: string): string | null {
  const last = given.slice(given.lastIndexOf("#") + 1);
  const code = last.replace(/\s/g, "").toLowerCase();
  return /^[a-z2-7]{32}$/.test(code) ? code : null;
}
