// The closed list of reasons, and that each problem which the gateway can make has one of them.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { type AnswerReason, answerReasons } from '../../core/answer-reasons.ts';
import { type Code, errorCodes, TenfoldError } from '../../core/errors.ts';

const reasons = Object.keys(answerReasons) as AnswerReason[];
const codes = Object.keys(errorCodes) as Code[];

/** Sources of what runs in a gateway. */
const sources = ['core', 'gateway', 'drivers'].flatMap(folder =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.startsWith('reasons/'))
    .map(name => readFileSync(`${folder}/${name}`, 'utf8')),
);

describe('the reasons of answers', () => {
  for (const reason of reasons) {
    it(`${reason} can be a label, says what happened and what to do, and is given somewhere`, () => {
      const { means, next } = answerReasons[reason];
      assert.match(reason, /^[a-z]+\.[a-z]+(-[a-z]+)*$/);
      assert.match(means, /^[A-Z][^|]*[^.|]$/);
      assert.match(next, /^[a-z`][^|]*[^.|]$/);
      assert.ok(sources.some(text => text.includes(`'${reason}'`)));
    });
  }

  for (const code of codes) {
    it(`an error ${code} has a reason, and one of 5xx is worth a line of its own`, () => {
      const { reason } = new TenfoldError(code, 'x');
      const { level } = answerReasons[reason];
      if (errorCodes[code].status >= 500) assert.notEqual(level, 'info', reason);
      else assert.notEqual(level, 'error', reason);
    });
  }

  it('an error may know more than its code', () => {
    assert.equal(new TenfoldError('bad-gateway', 'x', { reason: 'tls.expired' }).reason, 'tls.expired');
  });
});
