/** Sentences about notices. */
export const NOTICES = {
  /** The day of the week in English, "" for each day, and an hour in UTC. */
  when: (day: string, hour: number): string =>
    `They come ${day === "" ? "each day" : `each ${day.charAt(0).toUpperCase()}${day.slice(1)}`} at ${hour}:00 UTC, all with the same words, whether anybody wrote or not.`,
  none: "Nobody can ask for them on this page. The person who runs the server can add you.",
  both: "A mail address, or the https:// address of an ntfy topic that nobody guesses.",
  ntfy: "The https:// address of an ntfy topic that nobody guesses.",
  empty: "Type the address first.",
  joined: "This address gets notices from now on. If none has come after their hour, type it again: we cannot show what you typed.",
  left: "This address gets no more notices.",
};
