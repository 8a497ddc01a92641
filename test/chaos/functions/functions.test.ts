// What the model is told of calls: a failure counts against its event only where the
// caller is to count it, too.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Agent } from 'undici';
import { eventually } from '../../eventually.ts';
import { Chance } from '../../simulation/kernel/chance.ts';
import { type ChaosFunctions, startFunctions } from './functions.ts';

const STOOD_STILL_MS = 20;

describe('the functions of chaos', () => {
  const agent = new Agent({ connections: 1 });
  let functions: ChaosFunctions;
  let fails = false;
  const blamed: boolean[] = [];
  let doubts = 0;
  let called = () => {};

  before(async () => {
    functions = await startFunctions({
      handlers: {
        work() {
          called();
          return {
            ms: 0,
            fails,
            done: () => '',
            failed: blames => void blamed.push(blames),
            doubted: () => void doubts++,
          };
        },
      },
      counted: [],
      chance: Object.assign(new Chance(1), { happens: () => false }),
    });
  });
  after(async () => {
    await agent.close();
    functions.close();
  });

  const call = async () => {
    const { body } = await agent.request({ origin: functions.url, path: '/work', method: 'POST', body: '{}' });
    await body.dump();
    return blamed.splice(0);
  };

  it('doubt the last answer of a connection that is closed, and none before it', async () => {
    const agent = new Agent({ connections: 1 });
    for (let count = 0; count < 3; count++) {
      const { body } = await agent.request({ origin: functions.url, path: '/work', method: 'POST', body: '{}' });
      await body.dump();
    }
    assert.equal(doubts, 0);
    await agent.close();
    await eventually(() => doubts > 0, 'it is doubted');
    assert.equal(doubts, 1);
  });

  it('blame an event for its failure', async () => {
    fails = true;
    assert.deepEqual(await call(), [true]);
  });

  it('doubt the failure of a call whose caller left while they stood still', async () => {
    fails = true;
    doubts = 0;
    const { hostname, port } = new URL(functions.url);
    const caller = connect(Number(port), hostname);
    await once(caller, 'connect');
    called = () => {
      called = () => {};
      // The time of the work is over before anything else is heard of.
      setImmediate(() => {
        caller.destroy();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STOOD_STILL_MS);
      });
    };
    caller.write('POST /work HTTP/1.1\r\nhost: functions\r\ncontent-length: 2\r\n\r\n{}');
    await eventually(() => blamed.length > 0, 'it is answered');
    assert.deepEqual(blamed.splice(0), [true]);
    await eventually(() => doubts > 0, 'it is doubted');
    assert.equal(doubts, 1);
  });

  it('blame none while the function is away for all', async () => {
    await functions.setMood('failing');
    assert.deepEqual(await call(), [false]);
    await functions.setMood(undefined);
    assert.deepEqual(await call(), [true]);
  });
});
