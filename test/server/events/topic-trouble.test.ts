// What consumers tell of their topics: once what nobody can do anything
// about, and nothing that passes.
import assert from 'node:assert/strict';
import { TenfoldError } from '../../../core/errors.ts';
import { OFFSETS_PER_EPOCH } from '../../../drivers/event-log/epochs.ts';
import { createTopicTrouble } from '../../../server/events/reports/topic-trouble.ts';

describe('what a consumer tells of its topics', () => {
  let lines: string[];
  const create = () => {
    lines = [];
    return createTopicTrouble({
      who: { consumer: 'c' },
      log: (level, message, { consumer, partition }) => lines.push(`${level} ${consumer} ${partition}: ${message}`),
      texts: { madeAgain: 'made again', deleted: 'deleted' },
    });
  };
  const failed = 'warn c 0: something could not be done and is tried again';

  it('is once that a topic is gone, until it was made again', () => {
    const told = create();
    const gone = (name: string) => new TenfoldError('not-found', `There is no topic ${name}.`);
    for (const name of ['a', 'a', 'b', 'a', 'b']) told.trouble(0, gone(name));
    told.trouble(1, gone('a'));
    assert.deepEqual(lines, [failed, failed]);
    told.jumped(0, 7, OFFSETS_PER_EPOCH);
    told.trouble(0, gone('a'));
    assert.deepEqual(lines.slice(2), ['warn c 0: made again', failed]);
  });

  it('is told again of the new topic, also where a partition reported the old one late', () => {
    const told = create();
    const gone = new TenfoldError('not-found', 'There is no topic a.');
    told.trouble(0, gone);
    told.jumped(0, 7, OFFSETS_PER_EPOCH);
    told.trouble(1, gone);
    assert.deepEqual(lines, [failed, 'warn c 0: made again']);
    told.jumped(1, 7, OFFSETS_PER_EPOCH);
    for (const partition of [1, 0, 1]) told.trouble(partition, gone);
    assert.deepEqual(lines.slice(3), [failed.replace('0', '1')]);
  });

  it('is each time that retention was faster, and what stays until somebody does something', () => {
    const told = create();
    told.jumped(0, 7, 9);
    told.jumped(0, OFFSETS_PER_EPOCH + 7, OFFSETS_PER_EPOCH + 9);
    for (let again = 0; again < 2; again++) told.trouble(0, new TenfoldError('data-corrupt', 'It cannot be read.'));
    assert.deepEqual(lines, ['error c 0: deleted', 'error c 0: deleted', failed, failed]);
  });

  it('is once that a later release has written something: nobody is to wait for what only an upgrade ends', () => {
    const told = create();
    for (const offset of [5, 5, 6])
      told.trouble(0, new TenfoldError('later-release', `the commit at offset ${offset} has version 2`));
    assert.deepEqual(lines, [failed]);
  });

  it('is nothing that passes by itself', () => {
    create().trouble(0, new TenfoldError('log-unavailable', 'Nobody answers.'));
    assert.deepEqual(lines, []);
  });
});
