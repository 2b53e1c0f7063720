/** The worker: passes messages to the desk. The identity never leaves it. */
import { ChainError } from "../chain.js";
import { ReviewFileTooLong } from "../coding.js";
import { fromHex, toBase64url } from "../encoding.js";
import { IdentityError } from "../identity.js";
import { TooLong } from "../pad.js";
import { Desk } from "./desk.js";
import { KeyworkError } from "./keywork.js";
import type { Call, Failure, Reply } from "./messages.js";
import { NotDeclared } from "./openmessages.js";
import { isReview, ReviewWorks } from "./reviewcalls.js";
import { isSearch } from "./search.js";
import { answerWay, isWay } from "./ways.js";

interface WorkerScope {
  location: { origin: string };
  postMessage: (message: unknown) => void;
  addEventListener: (type: "message", listener: (event: MessageEvent<{ id: number; call: Call }>) => void) => void;
}
const scope = self as unknown as WorkerScope;
const desk = new Desk();
const works = new ReviewWorks();

async function answer(call: Call): Promise<unknown> {
  if (isWay(call)) return answerWay(desk, call);
  if (isReview(call)) return works.answer(desk, call);
  if (isSearch(call)) return works.search(desk, call);
  switch (call.do) {
    case "unlock":
      return desk.unlock(call.file, call.passphrase);
    case "signIn":
      return desk.signIn(scope.location.origin, call.nonce, call.exp);
    case "openWrap":
      return desk.openWrap(call.clinic, call.epoch);
    case "walk":
      return desk.keys.walk(call.clinic, call.served, call.pinned, call.shown);
    case "prove":
      return desk.keys.prove(call.clinic, call.epoch);
    case "readDraft":
      return desk.keys.readDraft(call.clinic, call.clinicId, call.lines);
    case "signDraft":
      return desk.keys.signDraft(call.clinic, call.clinicId, call.lines);
    case "deal":
      return desk.keys.deal(call.clinic, call.offer, call.k);
    case "ack":
      return desk.keys.ack(call.clinic, call.epoch);
    case "rewrap":
      return desk.keys.rewrap(call.clinic, call.epoch, call.to);
    case "refuse":
      return desk.keys.refuse(call.clinic, call.epoch);
    case "signDecision":
      return desk.keys.signDecision(call.clinic, call.lines);
    case "signRelease":
      return desk.keys.signRelease(call.clinic, call.figures, call.leaves);
    case "signExport":
      return desk.keys.signExport(call.clinic, call.drafted, call.leaves);
    case "holdPromises":
      return desk.keys.holdPromises(call.clinic, call.promises, call.leaves);
    case "signJudgement":
      return desk.keys.signJudgement(call.clinic, call.promised, call.round, call.verdict, call.day);
    case "readRequest":
      return desk.keys.readRequest(call.clinic, call.opening, call.epochs);
    case "answer":
      return desk.keys.answer(call.clinic, call.opening, call.epochs);
    case "ask":
      return desk.keys.ask(call.clinic, call.epoch);
    case "collect":
      return desk.keys.collect(call.clinic, call.openings, call.epoch);
    case "kit":
      return desk.keys.kit(call.clinic, call.epoch);
    case "sealReply":
      if (!works.declared(toBase64url(fromHex(call.leaf)))) throw new NotDeclared();
      return desk.sealReply(call.leaf, call.said);
  }
}

/** Errors cross to the page as a word: their text could hold more than the page should show. */
function failureOf(err: unknown): Failure {
  if (err instanceof IdentityError || err instanceof KeyworkError) return err.problem;
  if (err instanceof ChainError) return err.reason;
  if (err instanceof TooLong || err instanceof ReviewFileTooLong) return "too-long";
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
