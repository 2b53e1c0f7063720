/**
 * What the server refuses, in the words of the panel's page. Its own sentences speak to programs and terminals, too, and name what
 * those have; a person at the page presses what is on it.
 */

/** A sentence for each kind of refusal that the server says otherwise. */
export const REFUSED: Readonly<Record<string, string>> = {
  claimed: "Somebody else has this part already. Choose another message.",
  "too-early": "A step before this one is not done, or a day that must pass has not. Nothing was sent. " +
    "The message says how it stands now.",
  "not-yours": "This step is somebody else's, or you have no part in this message any more, as when you handed it back in another " +
    "window. Nothing was sent.",
  frozen: "This was sent before, perhaps in another window, and what is sent does not change. Say what you think differently in a " +
    "note, or decide anew.",
  "taken-back": "What went out by this decision was taken back, and does not go out by it again. Decide anew.",
  number: "Something of yours came in meanwhile, from another window or a terminal. Look whether it is this. If not, press again.",
  day: "The server has another day than this page. Press “Look again”, and try it once more.",
  "tag-taken": "This was done at the same time in another window or a terminal. Press again.",
};
