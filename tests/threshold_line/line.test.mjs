// Does the script look up what Python formatted, and does the line stay under the hand whatever the server says, and
// when? CASES is a file that tests/dashboard/test_threshold_line.py writes; without it those tests are left out.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const file = process.env.SCRIPT ?? new URL("../../dashboard/threshold_line/line.js", import.meta.url);
const source = readFileSync(file, "utf8");
const { ANSWER_MS, Agreement, place, shown } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

function agreed(value = 70, rev = 0) {
  const agreement = new Agreement();
  agreement.received(value, rev, 0);
  return agreement;
}

test("looks up what Python formatted", { skip: process.env.CASES ? false : "no CASES" }, () => {
  const cases = JSON.parse(readFileSync(process.env.CASES, "utf8"));
  assert.ok(cases.length > 100);
  for (const { data, threshold, texts, changes, spoken, percent } of cases) {
    const found = shown(data, threshold);
    assert.deepEqual(found.texts, texts);
    assert.deepEqual(found.changes, changes);
    assert.equal(found.spoken, spoken);
    assert.equal(found.now, String(threshold));
    assert.ok(Math.abs(parseFloat(found.place) - percent) <= 0.001, `${found.place} for ${percent} %`);
  }
});

test("a score on the line lies right of it", () => {
  assert.equal(place(0, 9), "0%");
  assert.equal(place(5, 9), "50%");
  assert.equal(place(9, 9), "90%");
});

test("takes what the server says while nobody touches it", () => {
  const line = agreed(70);
  line.received(60, 0, 5);
  assert.equal(line.value, 60);
});

test("one message for each release that changed something", () => {
  const line = agreed(70);
  line.moved(64);
  line.moved(65);
  assert.deepEqual(line.released(0), { value: 65, rev: 1 });
  assert.equal(line.released(1), null);
  line.received(65, 1, 100);
  line.moved(66);
  line.moved(65);
  assert.equal(line.released(200), null);
});

test("older data do not move it back", () => {
  const line = agreed(70);
  line.moved(65);
  line.released(0);
  line.received(70, 0, 150);
  assert.equal(line.value, 65);
  line.received(65, 1, 300);
  assert.equal(line.value, 65);
  line.received(50, 1, 400);
  assert.equal(line.value, 50);
});

test("data do not move it under the hand", () => {
  const line = agreed(70);
  line.moved(65);
  line.received(40, 0, 10);
  assert.equal(line.value, 65);
  assert.deepEqual(line.released(20), { value: 65, rev: 1 });
});

test("put back where it was, it follows what came meanwhile", () => {
  const line = agreed(70);
  line.moved(65);
  line.received(40, 0, 10);
  line.moved(40);
  assert.equal(line.released(20), null);
  assert.equal(line.value, 40);
});

test("released again before the answer, it waits for the last one", () => {
  const line = agreed(70);
  line.moved(65);
  assert.equal(line.released(0).rev, 1);
  line.moved(60);
  assert.equal(line.released(100).rev, 2);
  line.received(65, 1, 200);
  assert.equal(line.value, 60);
  line.received(60, 2, 300);
  assert.equal(line.pending, null);
});

test("back to the server's old value before the answer is a message too", () => {
  const line = agreed(70);
  line.moved(65);
  line.released(0);
  line.moved(70);
  assert.deepEqual(line.released(100), { value: 70, rev: 2 });
});

test("a refused value gives way to the server's", () => {
  const line = agreed(70);
  line.moved(65);
  line.released(0);
  line.received(70, 1, 100);
  assert.equal(line.value, 70);
});

test("a lost message is given up after five seconds, and not before", () => {
  const line = agreed(70);
  line.moved(65);
  line.released(1000);
  line.waited(1000 + ANSWER_MS - 1);
  assert.equal(line.value, 65);
  line.waited(1000 + ANSWER_MS);
  assert.equal(line.value, 70);
});

test("a server that begins anew at number 0 is heard after five seconds, and hears", () => {
  const line = agreed(70, 7);
  line.moved(65);
  assert.equal(line.released(0).rev, 8);
  line.received(68, 0, 1000);
  assert.equal(line.value, 65);
  line.received(68, 0, ANSWER_MS);
  assert.equal(line.value, 68);
  line.moved(60);
  assert.ok(line.released(6000).rev > 0);
});

test("a page that begins anew counts on from the server's number", () => {
  const line = agreed(70, 41);
  line.moved(65);
  assert.equal(line.released(0).rev, 42);
});

// Numbers between 0 and 1 from a seed (mulberry32).
function numbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// A server that takes messages in order and answers each, with messages and answers on the way for a while; now and
// then it draws the page anew for another reason, or somebody types into the field.
test("any play of hand and server: never a jump under the hand, and both agree in the end", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = numbers(seed);
    const latency = 10 + Math.floor(random() * 400);
    const line = agreed(70);
    const server = { value: 70, rev: 0 };
    const way = [];
    let [now, held, mine, sent] = [0, false, 70, 0];
    const answer = () => way.push({ at: now + latency, answer: { ...server } });
    for (let step = 0; step < 200; step += 1) {
      now += Math.floor(random() * 40);
      while (way.length && way[0].at <= now) {
        const arrived = way.shift();
        if (arrived.answer) line.received(arrived.answer.value, arrived.answer.rev, now);
        else Object.assign(server, arrived.message) && answer();
        if (held || line.pending) assert.equal(line.value, mine, `seed ${seed}: jumped`);
        else mine = line.value;
      }
      const chance = random();
      if (chance < 0.5) {
        [held, mine] = [true, Math.floor(random() * 101)];
        line.moved(mine);
      } else if (chance < 0.7) {
        held = false;
        const message = line.released(now);
        if (message) way.push({ at: now + latency, message });
        sent += message ? 1 : 0;
        mine = line.value;
      } else if (chance < 0.75) answer();
      else if (chance < 0.77) {
        server.value = Math.floor(random() * 101);
        answer();
      }
      way.sort((one, other) => one.at - other.at);
    }
    const message = line.released(now);
    if (message) way.push({ at: now + latency, message });
    while (way.length) {
      const arrived = way.shift();
      now = Math.max(now, arrived.at);
      if (arrived.answer) line.received(arrived.answer.value, arrived.answer.rev, now);
      else Object.assign(server, arrived.message) && answer();
    }
    assert.equal(line.value, server.value, `seed ${seed}: they disagree`);
    assert.equal(line.pending, null);
    assert.equal(server.rev, line.rev);
    assert.ok(sent > 0);
  }
});
