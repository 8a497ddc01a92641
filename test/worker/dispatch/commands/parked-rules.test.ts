// The rules for orders about parked events: what an owner does about each, and what it tells.
import assert from 'node:assert/strict';
import { type CommandFacts, outcomeOf, stepOf } from '../../../../worker/dispatch/commands/command-rules.ts';
import type { Command } from '../../../../worker/parking-log/parking-log-record.ts';

describe('what to do about an order for a parked event', () => {
  const entry = { state: 'parked', generation: 0, since: 1 } as const;
  const item = { offset: 1, state: 'parked', pending: 0 } as const;
  const facts: CommandFacts = {
    acted: false,
    entry,
    item,
    running: false,
    isFirst: true,
    hasRead: true,
    isBehind: false,
    decided: undefined,
  };
  const held = { entry: { ...entry, state: 'held' }, item: { ...item, state: 'held' } } as const;
  const rows: readonly [string, Partial<CommandFacts>, string, string][] = [
    ['waits for its next attempt', {}, 'retry done', 'give-up done'],
    ['was ordered before', { acted: true }, 'tell done', 'tell done'],
    ['was handled', { entry: undefined, item: undefined }, 'nothing ended', 'nothing ended'],
    ['the parking log has no more', { entry: undefined }, 'nothing ended', 'nothing ended'],
    ['is in no lane any more', { item: undefined }, 'nothing ended', 'nothing ended'],
    [
      'is on its way to the dead letters',
      { entry: { ...entry, state: 'dead' }, item: undefined },
      'nothing ended',
      'nothing ended',
    ],
    ['was redriven since', { entry: { ...entry, generation: 1 } }, 'nothing ended', 'nothing ended'],
    ['is held', held, 'nothing held', 'nothing held'],
    ['is being attempted', { running: true }, 'nothing running', 'flag done'],
    ['has a record on its way', { item: { ...item, pending: 1 } }, 'wait done', 'wait done'],
    ['is behind another of its key', { isFirst: false }, 'nothing not-first', 'give-up done'],
    ['has not failed yet', { entry: { ...entry, since: undefined } }, 'nothing not-failed', 'give-up done'],
  ];
  for (const [name, some, whenRetried, whenGivenUp] of rows)
    it(`that ${name}: ${whenRetried}, ${whenGivenUp}`, () => {
      const told = (verb: Command['verb']) => {
        const command = { verb, generation: -1, parkedAs: 0 };
        return `${stepOf(command, { ...facts, ...some })} ${outcomeOf(command, { ...facts, ...some })}`;
      };
      assert.deepEqual([told('retry'), told('give-up')], [whenRetried, whenGivenUp]);
    });

  it('that is a dead letter is told of as well, and a cancellation is not', () => {
    const ended = { ...facts, item: undefined, entry: undefined };
    for (const verb of ['redrive', 'skip', 'purge'] as const) {
      assert.equal(outcomeOf({ verb, generation: 0 }, { ...ended, acted: true }), 'done');
      assert.equal(outcomeOf({ verb, generation: 0 }, { ...ended, decided: true }), 'overtaken');
      assert.equal(outcomeOf({ verb, generation: 0 }, facts), 'overtaken');
    }
    assert.equal(outcomeOf({ verb: 'purge', generation: 0 }, { ...ended, decided: false }), 'done');
    assert.equal(outcomeOf({ verb: 'cancel', generation: 0 }, facts), undefined);
  });

  it('of a later release is nothing, whatever it is about', () => {
    const command = { verb: 'dance' as Command['verb'], generation: 0 };
    for (const some of [held, {}, { item: undefined, entry: undefined }])
      assert.deepEqual(
        [stepOf(command, { ...facts, ...some }), outcomeOf(command, { ...facts, ...some })],
        ['nothing', 'unknown'],
      );
  });
});
