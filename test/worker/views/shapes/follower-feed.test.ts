// Feeds of followers: into which feeds an event goes, what a repeat makes of other followers, and
// how a reader's feed is put together.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toRecord } from '../../../../core/cloudevents/record.ts';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import { viewSpec } from '../../../../resources/kinds/view.ts';
import type { Resource } from '../../../../resources/resource.ts';
import { compileShape } from '../../../../worker/views/shapes/compile-shape.ts';
import { fakeResource } from '../../../fakes/platform-view.ts';

const FOLLOWERS = { view: 'follows', index: 'followed', member: 'follower', author: '${event.data.by}', readAbove: 3 };
const spec = viewSpec.parse({
  from: ['tweets'],
  feed: { followers: FOLLOWERS, delete: '${has(event.data.gone)}', value: { text: '${event.data.text}' }, limit: 9 },
});
const view = { ...fakeResource('View', 'v'), spec } as Resource<'View'>;
const shape = compileShape(view) ?? assert.fail('no shape');

function record(data: unknown): LogRecord {
  const event = { specversion: '1.0', id: 'e1', source: '/t', type: 't', time: '2026-01-01T00:00:01Z', data } as const;
  return { offset: 0, timestamp: 5, ...toRecord(event, null) };
}

const project = (data: unknown, followers: readonly string[]) =>
  shape.project(record(data), {
    followers: async (_author, most) => (followers.length > most ? undefined : followers),
  });

async function changesOf(data: unknown, followers: readonly string[]) {
  const keyed = await project(data, followers);
  const made = keyed.map(({ key, value, headers = {} }, offset) => ({ offset, timestamp: 0, key, value, headers }));
  const changes = await shape.toChanges(made, 'scope', {
    now: () => 0,
    rows: async () => assert.fail(),
    changeDocuments: async () => assert.fail(),
  });
  return changes.map(change => {
    if (change.kind === 'push') return `push ${change.feed} ${change.owner} ${change.value}`;
    if (change.kind === 'unpush') return `unpush ${change.feed} ${change.owner} ${change.id}`;
    return change.kind === 'put-row' ? `${change.kind} ${change.table} ${change.key}` : change.kind;
  });
}

describe('a feed of followers', () => {
  const tweet = { by: 'ada', text: 'hi' };

  it('gets what its author writes, while that one has few followers', async () => {
    assert.deepEqual((await changesOf(tweet, ['bob', 'eve'])).sort(), [
      'push entries bob {"text":"hi"}',
      'push entries eve {"text":"hi"}',
    ]);
    assert.deepEqual(await changesOf(tweet, []), []);
  });

  it('leaves it in the outbox of an author with very many', async () => {
    assert.deepEqual(await changesOf(tweet, ['a', 'b', 'c', 'd']), [
      'push outbox ada {"text":"hi"}',
      'put-row authors ada',
    ]);
  });

  it('takes an entry out, wherever it was written', async () => {
    assert.deepEqual((await changesOf({ by: 'ada', gone: true }, ['a', 'b', 'c', 'd'])).sort(), [
      'unpush entries a e1',
      'unpush entries b e1',
      'unpush entries c e1',
      'unpush entries d e1',
      'unpush outbox ada e1',
    ]);
  });

  it('makes nothing of an event without an author', async () => {
    await assert.rejects(async () => project({ text: 'hi' }, []), { code: 'expression-failed' });
  });

  it('gives each follower the same place, whoever else follows, and places that grow', async () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(names, names, async (some, others) => {
        const placesOf = async (followers: readonly string[]) =>
          (await project(tweet, followers)).map(({ key, place = -1 }) => ({ key, place }));
        const [one, other] = [await placesOf(some), await placesOf(others)];
        for (const places of [one, other]) {
          for (const [n, { place }] of places.entries()) assert.ok(place > (places[n - 1]?.place ?? -1));
        }
        for (const { key, place } of one) {
          const again = other.find(each => each.key === key);
          if (again) assert.equal(again.place, place);
        }
      }),
    );
  });
});
