import assert from "node:assert/strict";
import { test } from "node:test";
import { Wanted } from "../src/tell/clock.js";

test("what did not come is asked for after each pause, until it is here, and whoever waits asks for nothing", async () => {
  const tries: number[] = [];
  const wanted = new Wanted((before) => {
    tries.push(before);
    return before < 2 ? Promise.reject(new Error(String(before))) : Promise.resolve("here");
  });
  const waits = wanted.here;
  assert.equal(await wanted.byTheClock([0, 0, 0]), "here");
  assert.equal(await waits, "here");
  assert.equal(await wanted.ask(), "here");
  assert.deepEqual(tries, [0, 1, 2]);
});

test("what never comes is given up after the last pause, and can be asked for all the same", async () => {
  let tries = 0;
  const wanted = new Wanted(() => Promise.reject(new Error(String(++tries))));
  await assert.rejects(wanted.byTheClock([0]), /2/);
  await assert.rejects(Promise.all([wanted.ask(), wanted.ask()]), /3/);
  assert.equal(tries, 3, "it is asked for twice at once");
});
