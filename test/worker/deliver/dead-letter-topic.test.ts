// What a Topic of dead letters is given: the event with what became of it, or the bytes of a
// record that could not be read.
import assert from 'node:assert/strict';
import type { CloudEvent } from '../../../core/cloudevents/cloud-event.ts';
import { fromRecord, toRecord } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import type { LogRecord, NewRecord } from '../../../drivers/event-log/event-log.ts';
import { unreadable } from '../../../drivers/event-log/shared/as-event.ts';
import { loadText } from '../../../resources/load/load-text.ts';
import { createResourceSet } from '../../../resources/resource-set.ts';
import { createDeadLetterPublisher } from '../../../worker/deliver/dead-letter-topic.ts';
import { createPublisher } from '../../../worker/deliver/topic-publisher.ts';

const YAML = 'apiVersion: tenfold.dev/v1alpha1\nkind: Topic\nmetadata: { name: refuse }\nspec: {}\n';
const topic = createResourceSet(loadText('app.yaml', YAML).resources).get('Topic', 'default', 'refuse');
const record = (value: string, headers: Record<string, string>): LogRecord => ({
  offset: 7,
  timestamp: Date.UTC(2026, 0, 31),
  key: 'k',
  value: Buffer.from(value),
  headers,
});
const letterOf = (given: LogRecord) => ({
  partition: 2,
  offset: given.offset,
  generation: 0,
  reason: 'refused' as const,
  error: { message: 'no' },
  attempts: 1,
  at: 0,
  held: false,
  record: given,
});

describe('a Topic of dead letters', () => {
  let fails: Error | undefined;
  let problems: string[];
  const writeDeadLetter = async (given: LogRecord): Promise<CloudEvent | undefined> => {
    const appended: NewRecord[] = [];
    problems = [];
    assert.ok(topic);
    const publisher = createPublisher(
      {
        async append(_: string, records: readonly NewRecord[]) {
          if (fails) throw fails;
          appended.push(...records);
          return [];
        },
      } as never,
      topic,
    );
    await createDeadLetterPublisher('g', 'orders', publisher, message => problems.push(message))(letterOf(given));
    return appended[0] && fromRecord(appended[0]);
  };
  beforeEach(() => {
    fails = undefined;
  });

  it('is given the event as it was, with what became of it', async () => {
    const event = {
      specversion: '1.0',
      id: 'i',
      source: '/s',
      type: 't',
      datacontenttype: 'application/json',
      data: { a: 1 },
    } as const;
    const { value, headers } = toRecord(event, null);
    const made = await writeDeadLetter({ ...record('', headers), value });
    const said = ['deadreason', 'deadby', 'deadid', 'deaderror', 'data'].map(name => made?.[name]);
    assert.deepEqual(said, ['refused', 'g', 'g/2-7-0', 'no', { a: 1 }]);
  });

  for (const headers of [{ 'content-type': 'application/cloudevents+json' }, { ce_specversion: '1.0', ce_id: '' }, {}])
    it(`is given the bytes of what could not be read: ${JSON.stringify(headers)}`, async () => {
      const event = await writeDeadLetter(unreadable(record('{broken', headers), 'why'));
      assert.deepEqual(problems, []);
      assert.deepEqual(
        [event?.id, event?.source, event?.type, event?.datacontenttype, event?.data, event?.['deadreason']],
        ['2-7', '/topics/orders', 'orders', 'application/octet-stream', Buffer.from('{broken'), 'refused'],
      );
    });

  it('is tried again where that may help, and else told of', async () => {
    fails = new TenfoldError('log-unavailable', 'away');
    await assert.rejects(writeDeadLetter(record('1', {})), /away/);
    fails = new TenfoldError('body-too-large', 'large');
    await writeDeadLetter(record('1', {}));
    assert.equal(problems.length, 1);
  });
});
