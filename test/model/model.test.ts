// The dispatcher's protocol, in all states that can be reached within bounds; and a proof that the
// model sees what goes wrong without each rule.
import assert from 'node:assert/strict';
import { large, small } from './bounds-of-tests.ts';
import { explore } from './explore.ts';
import { type Mutation, mutations, rules } from './rules.ts';

/** As many as fit into 4 GB; breadth first, so what is left out is what takes the most steps. */
const NIGHTLY_STATES = 4_000_000;
const isNight = process.env['TENFOLD_NIGHTLY'] !== undefined;
/** By day. The larger ones of the small bounds are walked to their end at night. */
const DAILY_STATES = 40_000;

/** Under which bounds each broken rule shows, and what breaks first. */
const caughtBy: Record<Mutation, readonly [keyof typeof small, RegExp]> = {
  'own-claim-trimmed': ['trimming while another takes over', /^[AOR]:/],
  'trim-past-claim': ['trimming while another takes over', /^[AR]:/],
  'trimmed-while-replaying': ['trimming while another takes over', /^R: owner/],
  'move-counts-at-once': ['moving and trimming', /^A:/],
  'no-read-back': ['two events of one key', /^A:/],
  'ignore-claims': ['two events of one key', /^R:/],
  'repeats-count': ['records of a parked event that come twice', /^R:/],
  'gaps-count': ['records that come twice or not at once', /^R:/],
  'no-claim-in-commit': ['two events of one key', /^R:/],
  'no-number-in-commit': ['two events of one key', /^R:/],
  'commit-before-read-back': ['two events of one key', /^A:/],
  'replay-past-claim-missing': ['two events of one key', /^[AR]:/],
  'followers-overtake': ['two events of one key', /^O:/],
  'watermark-past-open': ['two events of one key', /^A:/],
  'watermark-past-dead': ['two events of one key', /^D:/],
  'watermark-past-commands': ['redriving', /^R:/],
  'watermark-past-unread': ['an event that was given up, not told, and trimming', /^T:/],
  'predecessor-forgotten': ['an event that was given up, told', /^T:/],
  'no-checkpoint': ['an event that was given up, not told, and trimming', /^T:/],
  'trust-newer-commit': ['two events of one key', /^[OR]:/],
  'one-claim-in-commit': ['one parked, two of another key', /^[OR]:/],
  'attempt-while-unconfirmed': ['two events of one key', /^[DT]:/],
  'two-at-once': ['calls that take time', /^O:/],
  'parked-before-reread': ['two events of one key', /^O:/],
  'held-goes-on': ['holding and skipping', /^H:/],
  'command-twice': ['redriving', /^C:/],
  'command-of-the-past': ['redriving twice what is held', /^C:/],
  'redriven-again': ['redriving what was redriven', /^C: event 0 is redriven twice/],
  'redriven-behind': ['redriving what was redriven', /^C: event 0 is redriven twice/],
  'dead-are-given-anew': ['two events of one key', /^[AODT]:/],
};

describe('model of the dispatcher', function () {
  // It computes a known number of states: how long that takes says nothing.
  this.timeout(0);

  for (const [name, bounds] of Object.entries(small)) {
    it(`holds: ${name}`, () => {
      const walk = isNight ? explore(bounds, rules) : explore(bounds, rules, DAILY_STATES);
      assert.equal(walk.broken, '', walk.way.join('\n'));
      assert.ok(
        walk.states > 50 && (walk.complete || (!isNight && walk.states >= DAILY_STATES)),
        `${walk.states} states`,
      );
    });
  }

  for (const [mutation, [name, pattern]] of Object.entries(caughtBy)) {
    it(`sees what goes wrong: ${mutation}`, () => {
      const rest: Record<string, object> = mutations;
      const walk = explore(small[name], { ...rules, ...rest[mutation] });
      assert.match(walk.broken, pattern);
      assert.ok(walk.way.length > 0);
    });
  }

  if (isNight) {
    for (const [name, bounds] of Object.entries(large)) {
      it(`holds at night: ${name}`, () => {
        const walk = explore(bounds, rules, NIGHTLY_STATES);
        assert.equal(walk.broken, '', walk.way.join('\n'));
      });
    }
  }
});
