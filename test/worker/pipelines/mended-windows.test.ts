// Windows counted in place over a Topic that grows: what they give is what a plain model gives,
// also where another Pipeline takes their place. Processes end at any moment.
import assert from 'node:assert/strict';
import { eventually } from '../../eventually.ts';
import { seededRandom } from '../../gateway/strangler/planted.ts';
import { AFTER, BEFORE, BY, findLogs, MovingKeys, OTHERWISE } from './moving-keys.ts';

const START = Date.UTC(2026, 0, 1);
const SHAPES = {
  tumbling: { text: 'tumbling: 10s', size: 10_000, every: 10_000 },
  hopping: { text: 'hopping: { size: 20s, every: 5s }', size: 20_000, every: 5_000 },
  session: { text: 'session: { gap: 5s, max: 10m }', size: undefined, every: undefined },
};
const GAP = 5_000;

interface Happened {
  readonly key: string;
  readonly at: number;
}

const SEEDS = { 'the embedded log': Number(process.env['SEEDS'] ?? 4), Kafka: 2 };

/** By key and start. */
function countPlainly(events: readonly Happened[], { size, every }: Shape) {
  const counts = new Map<string, number>();
  const add = (key: string, start: number, count = 1) => {
    const name = `${key} ${new Date(start).toISOString()}`;
    counts.set(name, (counts.get(name) ?? 0) + count);
  };
  if (size !== undefined) {
    for (const { key, at } of events) {
      for (let start = Math.floor(at / every) * every; start > at - size; start -= every) add(key, start);
    }
    return counts;
  }
  for (const [key, own] of Map.groupBy(events, ({ key }) => key)) {
    let first = Number.NEGATIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (const at of own.map(event => event.at).sort((one, other) => one - other)) {
      if (at > last + GAP) first = at;
      last = at;
      add(key, first);
    }
  }
  return counts;
}

/** In order but for the disorder that is allowed; some keys are silent for long. */
function happen(random: () => number, from: number, count: number): Happened[] {
  return Array.from({ length: count }, (_, n) => ({
    key: `k${Math.floor(random() ** 2 * 12)}`,
    at: from + n * 400 - Math.floor(random() * 1_500),
  }));
}

/** What happens at one site, drawn by a seed. */
class Story {
  readonly random: () => number;
  readonly events: Happened[] = [];
  readonly #site: MovingKeys;
  #time = START;

  constructor(site: MovingKeys, seed: number) {
    this.#site = site;
    this.random = seededRandom(seed);
  }

  async go(count: number, partitions: number): Promise<void> {
    const more = happen(this.random, this.#time, count);
    this.#time += count * 400;
    this.events.push(...more);
    await this.#site.publishAt(
      more.map(({ key, at }) => ({ key, time: new Date(at).toISOString() })),
      partitions,
    );
  }

  /** Or as if it were killed. */
  async end(): Promise<void> {
    await this.#site.running?.close(this.random() < 0.5 ? 0 : 1_000);
  }

  async restartSometimes(partitions: number, shape: string): Promise<void> {
    if (this.random() < 0.4) return;
    await this.end();
    this.#site.running = await this.#site.begin({ partitions, by: BY, shape });
  }

  /** All that was published before the Topic grew is read. */
  async isRead(): Promise<boolean> {
    const partitions = this.#site.running?.stages.get('source')?.partitions ?? [];
    const positions = new Map(partitions.map(({ partition, position }) => [partition, position]));
    const bounds = (await this.#site.log.bounds(this.#site.name)) ?? [];
    return bounds.every(({ end }, partition) => positions.get(partition) === end);
  }

  async given(): Promise<string[]> {
    return (await this.#site.results()).map(({ key, start }) => `${key} ${start}`);
  }

  /** The newest of each window. */
  async newest(): Promise<Map<string, number>> {
    return new Map((await this.#site.results()).map(({ key, start, count }) => [`${key} ${start}`, count]));
  }
}

type Shape = (typeof SHAPES)[keyof typeof SHAPES];

async function goOn(site: MovingKeys, shape: Shape, seed: number): Promise<void> {
  const story = new Story(site, seed);
  const { random } = story;
  site.running = await site.begin({ partitions: BEFORE, by: BY, shape: shape.text });
  for (let part = Math.floor(random() * 3); part >= 0; part--) {
    await story.go(Math.floor(random() * 120), BEFORE);
    if (random() < 0.5) await eventually(() => story.isRead(), 'all is read');
    await story.restartSometimes(BEFORE, shape.text);
  }
  await site.grow();
  await story.go(20 + Math.floor(random() * 100), AFTER);
  await story.restartSometimes(random() < 0.5 ? BEFORE : AFTER, shape.text);
  await story.go(20, AFTER);
  await story.restartSometimes(random() < 0.5 ? BEFORE : AFTER, shape.text);
  await site.publishEnd(AFTER);
  const model = countPlainly(story.events, shape);
  const isAll = async () => (await story.newest()).size === model.size;
  // The comparison says more than that it took too long.
  await eventually(isAll, 'all windows have a result').catch(() => undefined);
  assert.deepEqual([...(await story.newest())].sort(), [...model].sort());
  assert.equal((await story.given()).length, model.size, 'each has one result');
  assert.deepEqual(await site.letters(), []);
}

async function takeOver(site: MovingKeys, seed: number): Promise<void> {
  const story = new Story(site, seed);
  const { random } = story;
  const { hopping } = SHAPES;
  const shape = hopping.text;
  const taken = START + 60_000;
  const only = (sign: string) =>
    `, { filter: "\${timestamp(event.data.start) ${sign} timestamp('${new Date(taken).toISOString()}')}" }`;
  const isOld = (window: string) => Date.parse(window.split(' ')[1] ?? '') < taken;
  site.running = await site.begin({ partitions: BEFORE, by: BY, shape });
  await story.go(20 + Math.floor(random() * 20), BEFORE);
  const next = { partitions: BEFORE, by: OTHERWISE, shape, name: `${site.topic}-again` };
  const beside = await site.begin({ ...next, start: 'latest', behind: only('>=') });
  try {
    if (random() < 0.5) await story.go(10, BEFORE);
    await story.end();
    site.running = await site.begin({ partitions: BEFORE, by: BY, shape, behind: only('<') });
    await story.go(400, BEFORE);
    await site.publishEnd(BEFORE);
    const old = [...countPlainly(story.events, hopping).keys()].filter(isOld).length;
    const isOver = async () => (await story.given()).filter(isOld).length === old;
    await eventually(isOver, `all ${old} windows before that time are given`);
    await site.running.close(1_000);
    await site.grow();
    await site.publishEnd(AFTER);
    const model = countPlainly(story.events, hopping);
    await eventually(async () => (await story.given()).length >= model.size, 'all windows have a result');
    assert.deepEqual([...(await story.newest())].sort(), [...model].sort());
    assert.equal((await story.given()).length, model.size);
  } finally {
    await beside.close(1_000);
  }
}

for (const found of findLogs())
  describe(`windows counted in place over a Topic that grows, over ${found.over}`, function () {
    this.timeout(600_000);
    let site: MovingKeys;
    beforeEach(async () => {
      site = await MovingKeys.open(found);
    });
    afterEach(() => site.close());
    after(() => (found.over === 'Kafka' ? MovingKeys.closeClients() : undefined));

    for (let seed = 1; seed <= SEEDS[found.over]; seed++) {
      it(`come once each where another Pipeline takes over before the Topic grows, seed ${seed}`, () =>
        takeOver(site, seed));
      for (const [name, shape] of Object.entries(SHAPES))
        it(`are those of a plain model: ${name}, seed ${seed}`, () => goOn(site, shape, seed));
    }
  });
