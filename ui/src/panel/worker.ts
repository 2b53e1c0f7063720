/** The worker: passes messages to the desk. The identity never leaves it. */
import { IdentityError } from "../identity.js";
import { Desk } from "./desk.js";
import type { Call, Failure, Reply } from "./messages.js";
import { answerWay, isWay } from "./ways.js";

interface WorkerScope {
  location: { origin: string };
  postMessage: (message: unknown) => void;
  addEventListener: (type: "message", listener: (event: MessageEvent<{ id: number; call: Call }>) => void) => void;
}
const scope = self as unknown as WorkerScope;
const desk = new Desk();

async function answer(call: Call): Promise<unknown> {
  if (isWay(call)) return answerWay(desk, call);
  switch (call.do) {
    case "unlock":
      return desk.unlock(call.file, call.passphrase);
    case "signIn":
      return desk.signIn(scope.location.origin, call.nonce, call.exp);
    case "openWrap":
      return desk.openWrap(call.epoch, call.recipient, call.wrap);
    case "openFile":
      return desk.openFile(call.delivered);
  }
}

/** Errors cross to the page as a word: their text could hold more than the page should show. */
function failureOf(err: unknown): Failure {
  if (err instanceof IdentityError) return err.problem;
  return "failed";
}

scope.addEventListener("message", (event) => {
  const { id, call } = event.data;
  const reply = (r: Reply): void => { scope.postMessage({ id, reply: r }); };
  answer(call).then(
    (value) => { reply({ ok: true, value }); },
    (err: unknown) => { reply({ ok: false, failure: failureOf(err) }); },
  );
});
