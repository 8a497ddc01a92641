// Who is told which changes, and when the stream ends because a right, or the process, is gone.
import assert from 'node:assert/strict';
import { RECHECK_MS } from '../../../admin/access/standing.ts';
import { MOST_OF_CALLER } from '../../../admin/live/live.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { eventually } from '../../eventually.ts';
import { fakeProblem } from '../../fakes/platform-view.ts';
import { TOKEN } from '../running-admin.ts';
import { type Followed, synced } from './followed.ts';
import { consumerOf, kindsOf, LOOK_MS, lagOf, liveReaders, namesOf } from './live-readers.ts';

describe('the rights to follow changes', () => {
  const readers = liveReaders();

  it('tells a caller of its own namespaces alone', async () => {
    const reader = await readers.begin('', { token: 'green' });
    readers.platform.consumers = [
      consumerOf('green', 'wall', 8),
      consumerOf('blue', 'wall', 8),
      consumerOf('blue', 'screen'),
    ];
    await readers.platform.world.pass(LOOK_MS);
    await eventually(() => lagOf(reader) === 8, 'its own change');
    assert.ok(!reader.events.some(({ data }) => data.includes('blue')));
  });

  it('tells a caller no problem that may be of another namespace, where one file has resources of both', async () => {
    readers.platform.problems = [fakeProblem({ message: 'The secret of blue is wrong.' })];
    const ready = (reader: Followed) => reader.state.get('resource Topic green/orders') ?? '';
    const both = await readers.begin('', { token: 'both' });
    assert.match(ready(both), /"status":"False".*secret of blue/);
    const all = await readers.begin();
    assert.equal(ready(all), ready(both));
    const green = await readers.begin('', { token: 'green' });
    assert.match(ready(green), /"type":"Accepted","status":"True"/);
    readers.platform.problems = [fakeProblem({ message: 'Another secret of blue is wrong.' })];
    await readers.platform.world.pass(LOOK_MS);
    await eventually(() => ready(both).includes('Another secret'), 'the change');
    readers.platform.consumers = [consumerOf('green', 'wall', 8)];
    await readers.platform.world.pass(LOOK_MS);
    await eventually(() => lagOf(green) === 8, 'a later change');
    assert.ok(!green.events.some(({ data }) => data.includes('secret')));
  });

  it('ends when the token is taken back, and when a right in one namespace is', async () => {
    const gone = await readers.begin('', { token: 'green' });
    const less = await readers.begin('', { token: 'both' });
    readers.platform.tokens.delete('green');
    readers.platform.tokens.set('both', ['blue']);
    await readers.platform.world.pass(RECHECK_MS);
    await eventually(() => gone.isOver && less.isOver, 'the end of both');
    assert.match(gone.events.at(-1)?.data ?? '', /"code":"unauthenticated"/);
    assert.match(less.events.at(-1)?.data ?? '', /"code":"forbidden".*namespace \\"green\\"/);
    const next = await readers.again(less, '', 'both');
    assert.equal(kindsOf(next)[0], 'reset');
    assert.deepEqual(
      namesOf(next).filter(name => name.includes('green')),
      [],
    );
  });

  it('tells all anew when the caller gets further rights', async () => {
    const reader = await readers.begin('', { token: 'green' });
    readers.platform.tokens.set('green', ['green', 'blue']);
    await readers.platform.world.pass(RECHECK_MS);
    await synced(reader, 2);
    assert.ok(kindsOf(reader).includes('reset'));
    assert.ok(reader.state.has('consumer Subscription blue/wall'));
  });

  it('goes on for a minute while rights cannot be checked, and then ends', async () => {
    const reader = await readers.begin('', { token: 'green' });
    readers.platform.trouble = new TenfoldError('auth-unavailable', 'The issuer does not answer.');
    await readers.platform.world.pass(50_000);
    assert.ok(!reader.isOver);
    await readers.platform.world.pass(20_000);
    await eventually(() => reader.isOver, 'its end');
    assert.match(reader.events.at(-1)?.data ?? '', /auth-unavailable/);
  });

  it(`is given to a caller ${MOST_OF_CALLER} times at once`, async () => {
    const all = await Promise.all(Array.from({ length: MOST_OF_CALLER }, () => readers.follow()));
    const headers = { authorization: `Bearer ${TOKEN}` };
    const refused = await fetch(readers.platform.url, { headers });
    assert.equal(refused.status, 429);
    assert.ok(refused.headers.get('retry-after'));
    assert.match(await refused.text(), /20 streams.*Close one/);
    assert.deepEqual(namesOf(await readers.begin('', { token: 'green' })).length, 3);
    all[0]?.close();
    await eventually(async () => {
      const answer = await fetch(readers.platform.url, { headers });
      await answer.body?.cancel();
      return answer.status === 200;
    }, 'a place');
  });

  it('looks at nothing for a caller that has left before its rights were known', async () => {
    const { platform } = readers;
    const { resolve, promise } = Promise.withResolvers<void>();
    platform.rights = promise;
    const gone = new AbortController();
    const asked = fetch(platform.url, { headers: { authorization: 'Bearer green' }, signal: gone.signal });
    await eventually(() => platform.asked > 0, 'a question for its rights');
    gone.abort();
    await assert.rejects(asked);
    await eventually(() => platform.left === 1, 'its leave');
    resolve();
    // A later question has its answer, so nothing of the one before is under way.
    const { status } = await fetch(`${platform.url}?what=nothing`, { headers: { authorization: 'Bearer green' } });
    assert.equal(status, 400);
    await platform.world.pass(10 * LOOK_MS);
    assert.equal(platform.looks, 0);
  });

  it('ends with the process, and says so', async () => {
    const reader = await readers.begin();
    readers.platform.live.close();
    await eventually(() => reader.isOver, 'its end');
    assert.match(reader.events.at(-1)?.data ?? '', /"code":"shutting-down"/);
  });
});
