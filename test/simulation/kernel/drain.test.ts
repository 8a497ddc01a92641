// Draining microtasks goes on to work in a long run, whatever V8 has thrown away meanwhile.
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { outsideMicrotasks } from './drain.ts';

describe('draining microtasks', () => {
  it('works after V8 has thrown away the code that was not run for a while', async () => {
    setFlagsFromString('--expose-gc');
    setFlagsFromString('--stress-flush-code');
    const collect: () => void = runInNewContext('gc');
    for (let round = 0; round < 3; round++) collect();
    setFlagsFromString('--no-stress-flush-code');
    assert.equal(await outsideMicrotasks(() => 'drained'), 'drained');
  });
});
