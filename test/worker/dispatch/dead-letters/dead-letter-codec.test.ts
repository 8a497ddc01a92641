// Records in the topic of dead letters: what is one, what a later release has written, and what
// anybody else may have put there.
import assert from 'node:assert/strict';
import type { NewRecord } from '../../../../drivers/event-log/event-log.ts';
import { causeTextOf, groupIdOf } from '../../../../worker/dispatch/dead-letters/cause-group.ts';
import {
  decodeDeadRecord,
  encodeLetter,
  encodeMark,
} from '../../../../worker/dispatch/dead-letters/dead-letter-codec.ts';
import { letterOf } from './letters.ts';

const decode = ({ partition = 0, ...record }: NewRecord) =>
  decodeDeadRecord(partition, { ...record, offset: 3, timestamp: 9 });
const decodeText = (text: string | undefined) =>
  decode({ key: null, value: new Uint8Array(0), headers: text === undefined ? {} : { 'tenfold-dead': text } });

describe('a record in the topic of dead letters', () => {
  it('gives a letter back as it was written', () => {
    const letter = letterOf(2, 7, { generation: 1, held: true, error: { status: 400, message: 'bad' } });
    assert.deepEqual(decode(encodeLetter(letter)), { type: 'letter', letter });
  });

  it('gives a mark back as it was written', () => {
    const mark = { type: 'mark', mark: 'purged', event: 7, generation: 1 };
    assert.deepEqual(decode(encodeMark('purged', 2, 7, 1)), mark);
  });

  for (const text of [
    undefined,
    '{',
    'null',
    '5',
    '"x"',
    '{}',
    '{"v":"1","event":7}',
    '{"v":0,"type":"letter","event":7}',
  ])
    it(`is no dead letter where its header is ${text}`, () => assert.equal(decodeText(text), undefined));

  it('is no dead letter where it is about no offset', () => {
    for (const event of ['1.5', '"7"', 'null'])
      assert.equal(decodeText(`{"v":1,"type":"letter","event":${event}}`), undefined);
  });

  it('of a later release tells the event that it seems to be about', () => {
    assert.deepEqual(decodeText('{"v":2,"event":7}'), { type: 'later', version: 2, event: 7 });
    assert.deepEqual(decodeText('{"v":3,"event":"7"}'), { type: 'later', version: 3, event: undefined });
  });
});

describe('the text of a cause', () => {
  const cause = (message: string, at?: string) =>
    causeTextOf({ reason: 'exhausted', error: { message: '', cause: { name: 'Error', message, ...(at && { at }) } } });

  it('has no place where the function told none', () => assert.equal(cause('no price'), 'Error: no price'));

  it('begins and ends with a word', () =>
    assert.equal(cause(' no price\n', 'a.ts:1:1'), 'Error: no price at a.ts:1:1'));

  it('has the beginning of a long message alone', () => {
    const [one, other] = ['x', 'y'].map(end => cause(`${'long '.repeat(60)}${end}`, 'a.ts:1:1'));
    assert.equal(one, `Error: ${'long '.repeat(60)} at a.ts:1:1`);
    assert.equal(one, other);
  });

  it('has an id of ten digits that stays the same', () => assert.equal(groupIdOf('Error: no price'), 'a91bea3c15'));
});
