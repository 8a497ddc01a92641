// The way back: all filters prepare the head, then all filter it, then all see what the client
// gets; each time in the order in which they were added.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import type { ResponseFilter } from '../../../gateway/exchange/response-filter.ts';
import type { Step } from '../../../gateway/exchange/step.ts';
import { eventually } from '../../eventually.ts';
import { openTestListener } from '../listeners/test-listener.ts';

describe('filters of an answer', () => {
  let seen: string[] = [];
  const filter = (name: string): ResponseFilter => ({
    prepareHead(head) {
      seen.push(`${name} prepares ${head.status}`);
      head.fields.push('x-prepared', name);
      return undefined;
    },
    filterHead(head) {
      seen.push(`${name} filters`);
      head.status = 203;
    },
    onHead: status => void seen.push(`${name} sees ${status}`),
    onData: chunk => void seen.push(`${name} sees ${chunk}`),
    onEnd: () => void seen.push(`${name} sees the end`),
    onFailure: () => void seen.push(`${name} sees a failure`),
  });
  const louder: Step = exchange =>
    exchange.response.addFilter({
      prepareHead(head) {
        head.fields = head.fields.filter(
          (_, index, all) => all[index - (index % 2)]?.toLowerCase() !== 'content-length',
        );
        return new Transform({ transform: (chunk, _encoding, done) => done(null, String(chunk).toUpperCase()) });
      },
    });
  const adds =
    (name: string): Step =>
    exchange =>
      exchange.response.addFilter(filter(name));

  const upstream = createServer((_request, response) => void response.end('hello'));
  let listener: Awaited<ReturnType<typeof openTestListener>>;
  before(async () => {
    await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve));
    const { port } = upstream.address() as AddressInfo;
    listener = await openTestListener(`http://127.0.0.1:${port}`, [
      { path: '/two', before: [adds('a'), adds('b')] },
      { path: '/louder', before: [adds('a'), louder] },
      { path: '/own', before: [adds('a'), exchange => exchange.respond(418, [], 'tea')] },
    ]);
  });
  beforeEach(() => {
    seen = [];
  });
  after(async () => {
    await listener.close();
    upstream.closeAllConnections();
    upstream.close();
  });

  it('prepare, filter and see it, one after the other', async () => {
    const answer = await fetch(`${listener.address}/two`);
    assert.equal(answer.status, 203);
    assert.equal(answer.headers.get('x-prepared'), 'a, b');
    assert.equal(await answer.text(), 'hello');
    await eventually(() => seen.includes('b sees the end'), 'the end is told');
    assert.deepEqual(seen, [
      ...['a prepares 200', 'b prepares 200', 'a filters', 'b filters', 'a sees 203', 'b sees 203'],
      ...['a sees hello', 'b sees hello', 'a sees the end', 'b sees the end'],
    ]);
  });

  it('see the body as the client gets it, when one of them changes it', async () => {
    assert.equal(await (await fetch(`${listener.address}/louder`)).text(), 'HELLO');
    await eventually(() => seen.includes('a sees the end'), 'the end is told');
    assert.deepEqual(seen.slice(2), ['a sees 203', 'a sees HELLO', 'a sees the end']);
  });

  it('see an answer of the gateway itself, and change nothing of it', async () => {
    const answer = await fetch(`${listener.address}/own`);
    assert.equal(answer.status, 418);
    assert.equal(await answer.text(), 'tea');
    await eventually(() => seen.includes('a sees the end'), 'the end is told');
    assert.deepEqual(seen, ['a sees 418', 'a sees the end']);
  });
});
