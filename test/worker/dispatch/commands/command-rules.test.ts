// The next step of a command about a dead letter or of a cancellation, for each state of its event.
import assert from 'node:assert/strict';
import { stepOf } from '../../../../worker/dispatch/commands/command-rules.ts';

describe('stepOf a command', () => {
  const open = { isFirst: true, isBehind: false, decided: undefined };
  const facts = { acted: false, entry: undefined, item: undefined, running: false, hasRead: true, ...open };
  const item = (state: 'fresh' | 'parked' | 'held', pending = 0) => ({ offset: 0, state, pending });
  const rows: readonly [string, 'redrive' | 'skip' | 'purge' | 'cancel', object, string][] = [
    ['carried out before', 'redrive', { acted: true }, 'tell'],
    ['cancel of what is not read yet', 'cancel', { hasRead: false }, 'wait'],
    ['cancel of what is handled', 'cancel', {}, 'nothing'],
    ['cancel of what is running', 'cancel', { item: item('fresh'), running: true }, 'flag'],
    ['cancel of what waits', 'cancel', { item: item('parked') }, 'give-up'],
    ['cancel of what is on its way to the parking log', 'cancel', { item: item('fresh', 1) }, 'wait'],
    ['redrive of what was redriven', 'redrive', { entry: { state: 'parked', generation: 1 } }, 'nothing'],
    ['redrive of what is not dead-lettered', 'redrive', { entry: { state: 'dead', generation: 0 } }, 'wait'],
    ['redrive of what is dead-lettered', 'redrive', {}, 'look-up'],
    ['redrive behind another one', 'redrive', { isBehind: true, decided: false }, 'wait'],
    ['redrive of what nobody decided about', 'redrive', { decided: false }, 'redrive'],
    ['redrive of what was decided about since', 'redrive', { decided: true }, 'nothing'],
    ['redrive of what is held', 'redrive', { item: item('held') }, 'redrive'],
    ['redrive of what is being retried anyway', 'redrive', { item: item('parked') }, 'nothing'],
    ['skip of what is held', 'skip', { item: item('held') }, 'give-up'],
    ['skip of what is not held', 'skip', {}, 'nothing'],
    ['skip of what is held, behind a redrive', 'skip', { item: item('held'), isBehind: true }, 'wait'],
    ['purge of what is dead-lettered', 'purge', {}, 'look-up'],
    ['purge behind a redrive', 'purge', { isBehind: true }, 'wait'],
    ['purge of what is held, behind a redrive', 'purge', { item: item('held'), isBehind: true }, 'wait'],
    ['purge of what nobody decided about', 'purge', { decided: false }, 'tell'],
    ['purge of what was decided about since', 'purge', { decided: true }, 'nothing'],
  ];
  for (const [name, verb, some, expected] of rows) {
    it(`${name}: ${expected}`, () => assert.equal(stepOf({ verb, generation: 0 }, { ...facts, ...some }), expected));
  }
});
