/** What is said where the writer of a message came back. */
export const ALLOWED = {
  title: "What the writer allows now",
  changed: "They have changed it since. This holds, and not what the message says.",
  more: (n: number): string => (n === 1 ? "This writer came back once." : `This writer came back ${n} times.`) + " All of it stands here. Read it before you share anything.",
};
