/** What is said where the writer of a message came back. */
export const ALLOWED = {
  title: "What the writer allows now",
  changed: "They have changed it since. This holds, and not what the message says.",
  closer: "They said so in more than one message. A later message can only allow less, so this holds. They can allow more in their mailbox.",
  more: (n: number): string => (n === 1 ? "This writer came back once." : `This writer came back ${n} times.`) + " All of it stands here. Read it before you share anything.",
};
