// Rankings and feeds: what events do to them.
import assert from 'node:assert/strict';
import { toRecord } from '../../../../core/cloudevents/record.ts';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import { viewSpec } from '../../../../resources/kinds/view.ts';
import type { Resource } from '../../../../resources/resource.ts';
import { compileShape } from '../../../../worker/views/shapes/compile-shape.ts';
import { fakeResource } from '../../../fakes/platform-view.ts';

const sources = { followers: async () => assert.fail('nobody is asked for') };

function shapeOf(shape: object) {
  const view = { ...fakeResource('View', 'v'), spec: viewSpec.parse({ from: ['t'], ...shape }) } as Resource<'View'>;
  const compiled = compileShape(view) ?? assert.fail('no shape');
  return { ...compiled, project: (each: LogRecord) => compiled.project(each, sources) };
}

function record(data: unknown, id = 'e1', time = '2026-01-01T00:00:01Z'): LogRecord {
  const event = { specversion: '1.0', id, source: '/t', type: 't', time, data } as const;
  return { offset: 0, timestamp: 5, ...toRecord(event, null) };
}

async function changesOf(shape: object, records: readonly LogRecord[]) {
  const compiled = shapeOf(shape);
  const keyed = (await Promise.all(records.map(each => compiled.project(each)))).flat();
  const made = keyed.map(({ key, value, headers = {} }, offset) => ({ offset, timestamp: 0, key, value, headers }));
  const nothing = {
    now: () => 0,
    rows: async () => assert.fail('nothing is read'),
    changeDocuments: async () => assert.fail('nothing is indexed'),
  };
  return compiled.toChanges(made, 'scope', nothing);
}

const AT = Date.parse('2026-01-01T00:00:01Z');

describe('a ranking view', () => {
  const member = '${event.data.who}';

  it('gives a point for each event, or those that the event says', async () => {
    assert.deepEqual(await changesOf({ ranking: { member } }, [record({ who: 'ada' }), record({ who: 'bob' })]), [
      { kind: 'score', ranking: 'members', member: 'ada', score: 1, mode: 'sum', limit: 1000, value: undefined },
      { kind: 'score', ranking: 'members', member: 'bob', score: 1, mode: 'sum', limit: 1000, value: undefined },
    ]);
    const ranking = {
      member,
      score: '${event.data.points}',
      mode: 'max',
      limit: 3,
      value: { name: '${event.data.who}', fixed: true },
    };
    assert.deepEqual(await changesOf({ ranking }, [record({ who: 'ada', points: 2.5 })]), [
      {
        kind: 'score',
        ranking: 'members',
        member: 'ada',
        score: 2.5,
        mode: 'max',
        limit: 3,
        value: '{"name":"ada","fixed":true}',
      },
    ]);
  });

  it('takes a member out', async () => {
    const ranking = { member, delete: '${has(event.data.gone)}' };
    assert.deepEqual(await changesOf({ ranking }, [record({ who: 'ada', gone: true })]), [
      { kind: 'unrank', ranking: 'members', member: 'ada' },
    ]);
  });

  const bad: readonly [string, unknown][] = [
    ['whose points are missing', { who: 'ada' }],
    ['without a member', { points: 1 }],
    ['whose member is empty', { who: '', points: 1 }],
    ['whose points are a text', { who: 'ada', points: 'many' }],
  ];
  for (const [what, data] of bad) {
    it(`makes nothing of an event ${what}`, () => {
      const shape = shapeOf({ ranking: { member, score: '${event.data.points}' } });
      assert.throws(() => shape.project(record(data)), { code: 'expression-failed' });
    });
  }
});

describe('a feed view', () => {
  it('puts an event into the feed of its owner, or of each of them once', async () => {
    const pushes = (owner: string) => ({
      kind: 'push',
      feed: 'entries',
      owner,
      id: 'e1',
      at: AT,
      value: '{"to":["ada","bob","ada"]}',
      limit: 800,
      ttlMs: undefined,
    });
    assert.deepEqual(
      await changesOf({ feed: { owner: '${event.data.to}' } }, [record({ to: ['ada', 'bob', 'ada'] })]),
      [pushes('ada'), pushes('bob')],
    );
  });

  it('makes entries of a template, and deletes them', async () => {
    const feed = {
      owner: '${event.data.to}',
      id: '${event.data.id}',
      value: { text: '${event.data.text}' },
      delete: '${!has(event.data.text)}',
      limit: 2,
      ttl: '1m',
    };
    const records = [record({ to: 'ada', id: '1', text: 'hi' })];
    assert.deepEqual(await changesOf({ feed }, records), [
      { kind: 'push', feed: 'entries', owner: 'ada', id: '1', at: AT, value: '{"text":"hi"}', limit: 2, ttlMs: 60_000 },
    ]);
  });

  it('takes an entry out of the feeds of its owners', async () => {
    const feed = { owner: '${event.data.to}', delete: '${has(event.data.gone)}' };
    assert.deepEqual(await changesOf({ feed }, [record({ to: ['ada', 'bob'], gone: true })]), [
      { kind: 'unpush', feed: 'entries', owner: 'ada', id: 'e1' },
      { kind: 'unpush', feed: 'entries', owner: 'bob', id: 'e1' },
    ]);
  });

  for (const [what, to] of Object.entries({ 'no owner': '', 'a number': 7, 'a list of numbers': [7] })) {
    it(`makes nothing of an event whose owner is ${what}`, () => {
      assert.throws(() => shapeOf({ feed: { owner: '${event.data.to}' } }).project(record({ to })), {
        code: 'expression-failed',
      });
    });
  }
});
