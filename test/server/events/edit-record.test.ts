// Editing an event that was given up: its data change, what it is does not.
import assert from 'node:assert/strict';
import { fromRecord, toRecord } from '../../../core/cloudevents/record.ts';
import { TenfoldError } from '../../../core/errors.ts';
import { editRecord } from '../../../server/events/control/edit-record.ts';

const event = { specversion: '1.0', id: 'e1', source: '/till', type: 'OrderCreated', subject: '17' } as const;

describe('editing the record of an event', () => {
  it('changes its data and nothing else', () => {
    const record = toRecord({ ...event, data: { cups: 0 } }, '17');
    const headers = { ...record.headers, 'tenfold-job': 'ab' };
    const edited = editRecord({ ...record, headers }, { text: '{"cups":1}' });
    assert.deepEqual(edited.headers, headers);
    assert.deepEqual(fromRecord(edited), { ...event, datacontenttype: 'application/json', data: { cups: 1 } });
  });

  it('takes an event in structured mode apart', () => {
    const value = Buffer.from(JSON.stringify({ ...event, data: { cups: 0 } }));
    const headers = { 'content-type': 'application/cloudevents+json', 'tenfold-job': 'ab' };
    const edited = editRecord({ value, headers }, { text: '{"cups":1}' });
    assert.deepEqual(fromRecord(edited), { ...event, datacontenttype: 'application/json', data: { cups: 1 } });
    assert.equal(edited.headers['tenfold-job'], 'ab');
  });

  it('puts data in place of those that it only referred to', () => {
    const record = toRecord({ ...event, dataref: 'https://x.example/1', datacontenttype: 'application/json' }, null);
    assert.equal(record.headers['ce_dataref'], 'https://x.example/1');
    assert.equal(editRecord(record, { text: '1' }).headers['ce_dataref'], undefined);
  });

  it('takes bytes, and another media type', () => {
    const record = toRecord({ ...event, data: 1 }, null);
    const edited = editRecord(record, { base64: 'AAEC', contentType: 'application/x-cups' });
    assert.deepEqual([...edited.value], [0, 1, 2]);
    assert.equal(edited.headers['content-type'], 'application/x-cups');
  });

  describe('of a topic with a schema', () => {
    const schema = { type: 'object', properties: { cups: { type: 'integer' } }, required: ['cups'] };
    const record = toRecord({ ...event, data: { cups: 0 } }, null);

    it('takes what the topic would take', () => {
      const edited = editRecord(record, { text: '{"cups":1}' }, { schema });
      assert.equal(Buffer.from(edited.value).toString(), '{"cups":1}');
    });

    for (const [what, edit, code] of [
      ['data of another shape', { text: '{"cups":"one"}' }, 'invalid-input'],
      ['no data at all', { text: '' }, 'invalid-input'],
      ['data that are no JSON', { base64: 'AAEC', contentType: 'application/x-cups' }, 'unsupported-media-type'],
    ] as const) {
      it(`refuses ${what}`, () => {
        assert.throws(
          () => editRecord(record, edit, { schema }),
          (error: unknown) => error instanceof TenfoldError && error.code === code,
        );
      });
    }
  });

  for (const [what, edit] of [
    ['text where JSON is announced', { text: 'cups: 1' }],
    ['a media type that is none', { text: '1', contentType: 'json' }],
  ] as const) {
    it(`refuses ${what}`, () => {
      const record = toRecord({ ...event, data: 1 }, null);
      assert.throws(
        () => editRecord(record, edit),
        (error: unknown) => error instanceof TenfoldError && error.code === 'invalid-input',
      );
    });
  }
});
