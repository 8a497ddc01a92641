// What is told of changes: in their order, once consumers have begun, and never by a broken chain.
import assert from 'node:assert/strict';
import type { Snapshot } from '../../../resources/catalog/catalog.ts';
import type { ResourceProblem } from '../../../resources/resource.ts';
import { ChangeTeller } from '../../../server/parts/change-teller.ts';
import { fakeProblem } from '../../fakes/platform-view.ts';

const snapshot = (generation: number) => ({ generation }) as Snapshot;
/** Longer than any chain of promises here. */
const turns = () => new Promise(resolve => setImmediate(resolve));

describe('what is told of changes', () => {
  let told: string[];
  let logged: string[];
  let begins: PromiseWithResolvers<boolean>[];
  let stopping: AbortController;
  let teller: ChangeTeller;
  let onAccepted: (text: string) => void;

  beforeEach(() => {
    told = [];
    logged = [];
    begins = [];
    stopping = new AbortController();
    onAccepted = text => told.push(text);
    teller = new ChangeTeller({
      events: {
        accepted: ({ generation }, run) => onAccepted(`${generation} ${run ? 'runs' : 'starts'}`),
        refused: (problems: readonly ResourceProblem[]) => told.push(`refused ${problems.length}`),
      },
      consumersBegin() {
        const begin = Promise.withResolvers<boolean>();
        begins.push(begin);
        return begin.promise;
      },
      signal: stopping.signal,
      log: ({ message }) => logged.push(message),
    });
  });

  it('comes at once while the platform starts, as it waits itself', () => {
    teller.refused([fakeProblem({})]);
    teller.accepted(snapshot(1));
    assert.deepEqual([told, begins.length], [['refused 1', '1 runs'], 0]);
  });

  it('waits for the consumers also where the first resources of a start were refused', async () => {
    teller.refused([fakeProblem({})]);
    teller.started();
    teller.accepted(snapshot(1));
    await turns();
    assert.deepEqual(told, ['refused 1']);
    begins[0]?.resolve(true);
    await turns();
    assert.deepEqual(told, ['refused 1', '1 runs']);
  });

  it('says so where consumers are still starting', async () => {
    teller.started();
    teller.accepted(snapshot(2));
    begins[0]?.resolve(false);
    await turns();
    assert.deepEqual(told, ['2 starts']);
  });

  it('keeps the order, and begins to wait with each change, not behind the one before', async () => {
    teller.started();
    teller.accepted(snapshot(2));
    teller.accepted(snapshot(3));
    teller.refused([fakeProblem({})]);
    assert.equal(begins.length, 2);
    begins[1]?.resolve(true);
    await turns();
    assert.deepEqual(told, []);
    begins[0]?.resolve(true);
    await turns();
    assert.deepEqual(told, ['2 runs', '3 runs', 'refused 1']);
  });

  it('goes on behind one that cannot be told, and logs that', async () => {
    teller.started();
    onAccepted = () => {
      throw new Error('no terminal');
    };
    teller.accepted(snapshot(2));
    teller.refused([fakeProblem({})]);
    begins[0]?.resolve(true);
    await turns();
    assert.deepEqual([told, logged], [['refused 1'], ['a change of the resources could not be told']]);
  });

  it('says nothing is live that came before a stop', async () => {
    teller.started();
    teller.accepted(snapshot(2));
    stopping.abort();
    begins[0]?.resolve(false);
    await turns();
    assert.deepEqual(told, []);
  });
});
