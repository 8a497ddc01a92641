// A service that answers wrongly is never promoted because legacy is noisy: whole, over real
// sockets, with promotion in force.
import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { eventually } from '../../eventually.ts';
import { type Answer, type Sides, serveTwoSides, type TwoSides } from './two-sides.ts';

let sides: TwoSides | undefined;
let asked = 0;

const feature = (shadow = '', promote = '') => `      phase: shadow
      shadow: { noise: true${shadow} }
      promote: { minimum: 20, window: 10s, steps: [100]${promote} }`;

const answers =
  (contentType: string, text: () => string): Answer =>
  (_request, response) => {
    response.setHeader('content-type', contentType);
    response.end(text());
  };

const momentOf = () => new Date(1_790_000_000_000 + 1000 * asked++).toISOString();

async function serve(both: Pick<Sides, 'legacy' | 'fresh' | 'normal'>, spec = feature()): Promise<TwoSides> {
  asked = 0;
  sides = await serveTwoSides({ ...both, feature: spec });
  return sides;
}

/** Sends so many requests, and waits until all of them were judged. */
async function send({ get, report }: TwoSides, count: number) {
  for (let index = 0; index < count; index++) await get('/orders/1');
  const seen = () => {
    const { compared, uncompared, skipped } = report().shadow;
    return [compared, ...Object.values(uncompared), ...Object.values(skipped)].reduce((sum, each) => sum + each, 0);
  };
  await eventually(() => seen() >= count, `${count} requests were judged`);
  return report();
}

describe('a shadow that would give false assurance', () => {
  afterEach(async () => {
    await sides?.close();
    sides = undefined;
  });

  it('finds what is wrong in XML with a time stamp', async () => {
    const served = await serve({
      legacy: answers('text/xml', () => `<order at="${momentOf()}"><total>12</total></order>`),
      fresh: answers('text/xml', () => '<COMPLETELY>WRONG</COMPLETELY>'),
    });
    const { shadow, promotion } = await send(served, 40);
    assert.deepEqual([shadow.compared, shadow.mismatched], [40, 40]);
    assert.match(promotion?.because ?? '', /^Too many differences\. 40 of 40/);
    assert.deepEqual(shadow.noise, { '/order/@at': 40 });
  });

  it('finds what is wrong in the last of 40 items that all have a time', async () => {
    const items = (broken: boolean) => () =>
      JSON.stringify({
        items: Array.from({ length: 40 }, (_, index) => ({ at: momentOf(), total: broken && index > 24 ? -1 : index })),
      });
    const served = await serve({
      legacy: answers('application/json', items(false)),
      fresh: answers('application/json', items(true)),
    });
    const { shadow, promotion } = await send(served, 40);
    assert.deepEqual([shadow.compared, shadow.mismatched, shadow.measured], [40, 40, 40]);
    assert.match(promotion?.because ?? '', /^Too many differences\./);
    assert.deepEqual(
      shadow.examples.flatMap(({ differences }) => differences.map(({ at }) => at)),
      ['/items/25/total'],
    );
  });

  it('takes a field that is now this and now that for noise, also where one request alone would not say so', async () => {
    const variant = () => JSON.stringify({ x: Math.floor(asked++ / 2) % 2 === 0 ? 'A' : 'B', total: 1 });
    const served = await serve({
      legacy: answers('application/json', variant),
      fresh: answers('application/json', variant),
    });
    const { shadow, promotion } = await send(served, 40);
    assert.deepEqual([shadow.compared, shadow.mismatched], [40, 0]);
    assert.ok(shadow.masked > 0);
    assert.match(promotion?.because ?? '', /answers differed only where legacy differs from itself .*at most 5%/);
    assert.deepEqual(shadow.examples, []);
  });

  it('does not go by what is noise from beginning to end', async () => {
    const served = await serve({
      legacy: answers('application/octet-stream', () => `\u0000${momentOf()}`),
      fresh: (_request, response) => void response.end(Buffer.from([0xff, 0xfe, 0x00])),
    });
    const { shadow, promotion } = await send(served, 30);
    assert.equal(shadow.compared, shadow.mismatched);
    assert.equal(promotion?.verdict, 'stay');
  });

  it('does not go by answers that it could not compare', async () => {
    const served = await serve(
      { legacy: answers('text/plain', () => 'x'.repeat(2000)), fresh: answers('text/plain', () => 'y'.repeat(2000)) },
      feature(', maxBody: 1000'),
    );
    const { shadow, promotion } = await send(served, 30);
    assert.deepEqual([shadow.compared, shadow.uncompared], [0, { 'too-large': 30 }]);
    assert.match(promotion?.because ?? '', /^30 requests could not be compared \(100%, at most 5%\)/);
  });

  it('counts an answer of the new side that is too large as not compared, and not as a failure', async () => {
    const served = await serve(
      { legacy: answers('text/plain', () => 'x'), fresh: answers('text/plain', () => 'y'.repeat(2000)) },
      feature(', maxBody: 1000'),
    );
    const { shadow, sides: both } = await send(served, 5);
    assert.deepEqual([shadow.uncompared, both.new.failed], [{ 'too-large': 5 }, 0]);
  });

  it('compares what a normaliser makes of both, and counts answers that it does not take', async () => {
    const normalize = ', compare: { normalize: "${answer.body.items.map(item, item.id)}" }';
    const served = await serve(
      {
        legacy: answers('application/json', () => JSON.stringify({ at: momentOf(), items: [{ id: 1 }] })),
        fresh: answers('application/json', () =>
          JSON.stringify(asked % 2 === 0 ? { items: [{ id: 1 }] } : { oops: 1 }),
        ),
      },
      feature(normalize),
    );
    const { shadow } = await send(served, 20);
    assert.equal(shadow.mismatched + shadow.masked, 0);
    assert.equal(shadow.compared + (shadow.uncompared.normalize ?? 0), 20);
    assert.ok((shadow.uncompared.normalize ?? 0) > 0);
  });

  const byFunction = ', compare: { normalize: { function: normal } }';
  const orders = () => JSON.stringify({ at: momentOf(), items: [{ id: 1 }] });

  it('compares what a function makes of both, and of the second answer of legacy', async () => {
    const seen: { status: number; headers: Record<string, string>; body: { items: unknown } }[] = [];
    let answered = 0;
    const served = await serve(
      {
        legacy: answers('application/json', orders),
        fresh: answers('application/json', () => JSON.stringify({ at: -1, items: [{ id: 1 + (answered++ % 2) }] })),
        normal: async (request, response) => {
          const answer = JSON.parse(await text(request));
          seen.push(answer);
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify(answer.body.items));
        },
      },
      feature(byFunction),
    );
    const { shadow, promotion } = await send(served, 20);
    assert.deepEqual([shadow.compared, shadow.uncompared, shadow.masked], [20, {}, 0]);
    assert.equal(shadow.mismatched, 10);
    assert.deepEqual(
      shadow.places.map(({ at }) => at),
      ['/*/id'],
    );
    assert.match(promotion?.because ?? '', /differ/);
    assert.equal(seen.length, 60);
    const [first] = seen;
    assert.deepEqual([first?.status, first?.headers['content-type']], [200, 'application/json']);
    assert.deepEqual(first?.body.items, [{ id: 1 }]);
  });

  const failures: readonly [name: string, Answer][] = [
    ['fails', (_request, response) => void response.writeHead(500).end('{}')],
    ['answers with nothing', (_request, response) => void response.writeHead(204).end()],
    ['answers with what is no JSON', (_request, response) => void response.end('equal')],
    [
      'answers with more than bodies may have',
      (_request, response) => void response.end(JSON.stringify('x'.repeat(2000))),
    ],
    ['breaks off', request => void request.socket.destroy()],
  ];
  for (const [name, normal] of failures) {
    it(`takes two equal answers for not compared where a function that maps them ${name}`, async () => {
      const same = answers('application/json', () => '{"a":1}');
      const served = await serve({ legacy: same, fresh: same, normal }, feature(`${byFunction}, maxBody: 1000`));
      const { shadow, promotion } = await send(served, 20);
      assert.deepEqual([shadow.compared, shadow.mismatched, shadow.uncompared], [0, 0, { normalize: 20 }]);
      assert.match(promotion?.because ?? '', /^20 requests could not be compared/);
    });
  }

  it('begins its figures anew when the resource compares something else', async () => {
    const served = await serve({
      legacy: answers('application/json', () => JSON.stringify({ at: momentOf() })),
      fresh: answers('application/json', () => JSON.stringify({ at: -1 })),
    });
    assert.equal((await send(served, 20)).shadow.mismatched > 0, true);
    served.declare(feature(', compare: { ignore: [/at] }'));
    assert.equal(served.report().shadow.compared, 0);
    const { shadow } = await send(served, 20);
    assert.deepEqual([shadow.compared, shadow.mismatched, shadow.masked], [20, 0, 0]);
  });
});
