import { assert, test } from "./_kit/mod.ts";
import { nextTurn, turnIsSpent } from "../src/turns.ts";

/** Each request of workerd has its own turns, and is not to wait for others'. */
const LOOPS = { on: ["node", "deno", "bun", "chromium", "firefox", "webkit"] } as const;

test("turns: work that calls turnIsSpent yields to timers; other work delays them", LOOPS, async () => {
  await nextTurn();
  let fired = false;
  setTimeout(() => fired = true, 1);
  busy(20);
  await Promise.resolve();
  assert.equal(fired, false);
  assert.equal(turnIsSpent(), true);
  for (let steps = 0; !fired && steps < 1_000; steps++) await step();
  assert.equal(fired, true);
});

test("turns: a turn that has just begun is not spent, and many small steps share one", LOOPS, async () => {
  let [steps, turns] = [0, 0];
  await nextTurn();
  while (turns < 20) {
    steps++;
    if (!turnIsSpent()) continue;
    turns++;
    await nextTurn();
  }
  assert.ok(steps > 20 * turns, `${steps} steps in ${turns} turns`);
});

test("turns: waiters get their turns in the order of arrival, one each", LOOPS, async () => {
  const order: string[] = [];
  const work = async (name: string) => {
    for (let i = 0; i < 3; i++) {
      await nextTurn();
      order.push(name);
      busy(5);
    }
  };
  await Promise.all(["a", "b", "c"].map(work));
  assert.equal(order.join(""), "abcabcabc");
});

test("turns: an origin that waits often takes no more time than one that waits once", LOOPS, async () => {
  const order: string[] = [];
  const work = async (origin: string) => {
    await nextTurn(origin);
    order.push(origin);
    busy(5);
  };
  const flood = Array.from({ length: 10 }, () => work("flood"));
  const honest = [work("a"), work("b"), work("a")];
  await Promise.all(honest);
  assert.equal(order.join(), "flood,a,b,flood,a");
  await Promise.all(flood);
  assert.equal(order.length, 13);
});

test("turns: many of one origin with little work share the time of one turn", LOOPS, async () => {
  let [waiting, turnsOfFlood] = [40, 0];
  const flood = (async () => {
    for (; waiting > 0; turnsOfFlood++) {
      await nextTurn("flood");
      busy(5);
    }
  })();
  await Promise.all(Array.from({ length: waiting }, async () => {
    await nextTurn("small");
    waiting--;
  }));
  await flood;
  assert.ok(turnsOfFlood < 35, `${turnsOfFlood} turns of a flood before 40 of those with little work`);
});

test("turns: those who wait are not overtaken by work that arrives in each turn", LOOPS, async () => {
  let [arrivals, waiting] = [0, 500];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    if (!turnIsSpent()) arrivals++;
    while (!turnIsSpent());
    if (waiting > 0) port2.postMessage(null);
  };
  port2.postMessage(null);
  await Promise.all(Array.from({ length: waiting }, async (_, i) => {
    await nextTurn(i % 10);
    waiting--;
  }));
  port1.close();
  assert.ok(arrivals < 200, `${arrivals} arrivals were served before 500 that waited`);
});

async function step(): Promise<void> {
  busy(1);
  if (turnIsSpent()) await nextTurn();
}

function busy(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}
