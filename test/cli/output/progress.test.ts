// How far something has come: a bar that is drawn over for a person, a
// line now and then for a file.
import assert from 'node:assert/strict';
import { createProgress } from '../../../cli/output/progress.ts';
import { fakeTerminal } from '../../fakes/fake-terminal.ts';

describe('progress', () => {
  const steps = (talkColumns: number | undefined, total: number | undefined) => {
    const terminal = fakeTerminal({ talkColumns });
    let now = 0;
    const progress = createProgress('redriven', terminal, () => now);
    for (let done = 0; done <= 100; done += 10, now += 1000) progress.update(done, total);
    progress.end();
    return terminal.stderr;
  };

  it('is a line after every few seconds where nobody looks', () => {
    assert.equal(steps(undefined, 100), '50 of 100 redriven\n100 of 100 redriven\n');
  });

  it('is a bar in place for a person, and gone at the end', () => {
    const drawn = steps(80, 100).split('\r\u001b[2K');
    assert.equal(drawn[1], `[${' '.repeat(30)}] 0 of 100 redriven`);
    assert.equal(drawn[6], `[${'='.repeat(15)}${' '.repeat(15)}] 50 of 100 redriven`);
    assert.equal(drawn.at(-1), '');
  });

  it('counts where nobody knows how much there is', () => {
    assert.equal(steps(undefined, undefined), '50 redriven\n100 redriven\n');
    assert.equal(steps(80, undefined).split('\r\u001b[2K')[6], '50 redriven');
  });

  it('does not draw more often than eyes can follow', () => {
    const terminal = fakeTerminal({ talkColumns: 80 });
    const progress = createProgress('redriven', terminal, () => 0);
    for (let done = 0; done < 1000; done++) progress.update(done, 1000);
    assert.equal(terminal.stderr.split('\r').length, 2);
  });

  it('leaves nothing behind when there was nothing to show', () => {
    const terminal = fakeTerminal({ talkColumns: 80 });
    createProgress('redriven', terminal).end();
    assert.equal(terminal.stderr, '');
  });
});
