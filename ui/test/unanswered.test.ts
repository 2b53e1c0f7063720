import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../src/panel/api.js";
import { Unanswered } from "../src/panel/unanswered.js";
import type { Served } from "../src/reviewfile.js";

test("what got no answer is posted again as the same bytes, and sealed anew once the server has said something", async () => {
  const unanswered = new Unanswered();
  let [made, answer]: [number, number] = [0, 0];
  const posted: string[] = [];
  const send = (what: string): Promise<string> => unanswered.post(
    what,
    () => Promise.resolve({ file: `${what} ${String(++made)}` } as Served),
    (served) => {
      posted.push(served.file);
      return answer === 201 ? Promise.resolve() : Promise.reject(new ApiError(answer, "", "day"));
    },
  ).then(() => "stored", () => "failed");
  assert.equal(await send("a note"), "failed");
  answer = 502;
  await send("a note");
  answer = 201;
  await send("another");
  assert.deepEqual([await send("a note"), await send("a note")], ["stored", "stored"]);
  assert.deepEqual(posted, ["a note 1", "a note 1", "another 2", "a note 1", "a note 3"], "written twice on purpose it stands there twice");

  answer = 0;
  await send("third");
  answer = 409; // midnight passed, and it was not stored
  await send("third");
  answer = 201;
  await send("third");
  assert.deepEqual(posted.slice(5), ["third 4", "third 4", "third 5"]);
});
