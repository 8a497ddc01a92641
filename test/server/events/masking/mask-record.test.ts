// What people see of a record whose schema marks sensitive fields, in all the forms that a record
// may have.
import assert from 'node:assert/strict';
import { toJsonFormat } from '../../../../core/cloudevents/encode.ts';
import { fromRecord, toRecord, UNREADABLE_HEADER } from '../../../../core/cloudevents/record.ts';
import { createSchemaCompiler } from '../../../../core/json-schema/json-schema.ts';
import { maskerOf } from '../../../../core/json-schema/sensitive.ts';
import type { LogRecord } from '../../../../drivers/event-log/event-log.ts';
import { editRecord } from '../../../../server/events/control/edit-record.ts';
import { toShownEvent } from '../../../../server/events/control/shown-event.ts';
import { hideAll, recordMasker } from '../../../../server/events/masking/mask-record.ts';
import { compileSelection } from '../../../../server/events/topics/select-events.ts';
import { toTopicEvent } from '../../../../server/events/topics/topic-event.ts';

const SECRET = 'zQ-zQ-zQ';
const schema = { type: 'object', properties: { card: { 'x-sensitive': true }, cups: { type: 'integer' } } };
const masker = maskerOf(schema, createSchemaCompiler());
assert.ok(masker);
const mask = recordMasker(masker);
const event = { specversion: '1.0', id: 'e1', source: '/till', type: 'OrderCreated' } as const;
const data = { card: SECRET, cups: 2 };
const STRUCTURED = { 'content-type': 'application/cloudevents+json' };

function recordOf(value: string | Uint8Array, headers: Record<string, string>): LogRecord {
  return { offset: 0, timestamp: 0, key: null, value: typeof value === 'string' ? Buffer.from(value) : value, headers };
}

const binary = { ...recordOf('', {}), ...toRecord({ ...event, data }, null) };
const structured = recordOf(JSON.stringify({ ...event, data }), STRUCTURED);

describe('a record with sensitive fields', () => {
  for (const [mode, record] of [
    ['binary', binary],
    ['structured', structured],
    ['no', recordOf(JSON.stringify(data), {})],
  ] as const) {
    it(`shows all but these, in ${mode} mode`, () => {
      const shown = toTopicEvent(record, 0, 1000, mask);
      const seen = shown.data ?? JSON.parse(shown.text ?? '');
      assert.deepEqual([seen, shown.masked, shown.bytes], [{ card: '***', cups: 2 }, 1, JSON.stringify(data).length]);
      assert.ok(!JSON.stringify(toShownEvent(record, mask)).includes(SECRET));
    });
  }

  it('masks before it cuts', () => {
    for (let most = 0; most < 40; most++) {
      assert.ok(!JSON.stringify(toTopicEvent(binary, 0, most, mask)).includes('zQ'));
    }
  });

  const hidden: readonly [name: string, record: LogRecord][] = [
    ['text', recordOf(`card ${SECRET}`, { ...binary.headers, 'content-type': 'text/plain' })],
    ['broken JSON', recordOf(`{"card":"${SECRET}"`, binary.headers)],
    ['JSON of another shape', recordOf(JSON.stringify([SECRET]), binary.headers)],
    ['bytes in structured mode', recordOf(JSON.stringify({ ...event, data_base64: btoa(SECRET) }), STRUCTURED)],
    ['a broken document', recordOf(`${SECRET} {`, STRUCTURED)],
    ['what could not be decoded', recordOf(SECRET, { [UNREADABLE_HEADER]: `at ${SECRET}` })],
  ];
  for (const [name, record] of hidden) {
    it(`shows no data of ${name}, and says so`, () => {
      const [inTopic, alone] = [toTopicEvent(record, 0, 1000, mask), toShownEvent(record, mask)];
      const text = JSON.stringify([inTopic, alone]);
      assert.ok(!text.includes(SECRET) && !text.includes(btoa(SECRET)), text);
      assert.match(inTopic.notShown ?? '', /cannot be masked/);
      assert.equal(alone.notShown, inTopic.notShown);
      assert.ok('bytes' in alone.data && alone.data.bytes === record.value.length);
    });
  }

  it('shows an event without data as it is', () => {
    const plain = { ...recordOf('', {}), ...toRecord(event, null) };
    assert.equal(mask.show(plain).record, plain);
    const document = recordOf(JSON.stringify(event), STRUCTURED);
    assert.equal(mask.show(document).record, document);
  });

  it('cannot be searched for what is masked', () => {
    const selects = (filter: string) => compileSelection({ filter }, () => mask)(binary);
    assert.equal(selects(`event.data.card == "${SECRET}"`), false);
    assert.equal(selects('event.data.card.startsWith("z")'), false);
    assert.equal(selects('event.data.cups == 2'), true);
    const searched = hidden.map(
      ([, record]) =>
        () =>
          compileSelection({ filter: 'event.data != "x"' }, () => mask)(record),
    );
    for (const search of searched) assert.throws(search);
  });

  it('keeps its values when the masks come back with other data', () => {
    for (const record of [binary, structured]) {
      const edited = editRecord(record, { text: '{"card":"***","cups":3}' }, { schema, mask });
      assert.deepEqual(toJsonFormat(fromRecord(edited)), {
        ...event,
        datacontenttype: 'application/json',
        data: { card: SECRET, cups: 3 },
      });
    }
    assert.throws(
      () => editRecord({ ...binary, value: Buffer.from('{}') }, { text: '{"card":"***"}' }, { mask }),
      /\/card/,
    );
  });

  it('keeps every digit of numbers that JavaScript rounds, shown and edited', () => {
    const text = `{"card":"${SECRET}","cups":2,"id":12345678901234567890}`;
    const attributes = JSON.stringify(event).slice(0, -1);
    for (const record of [recordOf(text, binary.headers), recordOf(`${attributes},"data":${text}}`, STRUCTURED)]) {
      const { text: seen = '' } = toTopicEvent({ ...mask.show(record).record }, 0, 1000, undefined);
      if (record.headers === binary.headers) assert.equal(seen, '{"card":"***","cups":2,"id":12345678901234567890}');
      else assert.match(String(mask.show(record).record.value), /"id":12345678901234567890/);
      const edited = editRecord(
        record,
        { text: '{"card":"***","cups":3,"id":12345678901234567890}' },
        { schema, mask },
      );
      assert.equal(String(edited.value), `{"card":"${SECRET}","cups":3,"id":12345678901234567890}`);
    }
  });

  it('shows nothing at all of what was made of it', () => {
    const shown = toShownEvent(binary, hideAll('It is made of events of Topic orders.'));
    assert.ok(!JSON.stringify(shown).includes('cups'), JSON.stringify(shown));
    assert.equal(shown.headers['ce_id'], 'e1');
  });
});
