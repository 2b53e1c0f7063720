/**
 * The day that the server says it is, beside this device's own. What members sign carries the server's day, and one that chose it could end
 * the time in which they object, or make an objection look late. Twin of internal/client/serverday.go.
 */

/** By so many days the two may differ: midnight passes in between, and no clock is quite right. */
const MOST_APART = 1;

/**
 * Whether nothing may be signed by the server's day. `ahead` is by how many days it may be later than the device's. Both days are
 * `YYYY-MM-DD` in UTC; one that does not read is none to sign.
 */
export function isApart(theirs: string, own: string, ahead = MOST_APART): boolean {
  const days = (Date.parse(`${theirs}T00:00:00Z`) - Date.parse(`${own}T00:00:00Z`)) / 86_400_000;
  return !(days <= ahead && days >= -MOST_APART);
}

/** Whether a server is on this very machine: one's own, or a demo, which can work days ahead. There its day is told of and signed. */
export const isOwnMachine = (hostname: string): boolean =>
  hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
