// Signals between processes: heard at once by whoever waits elsewhere, and
// not sent where nobody does.
import assert from 'node:assert/strict';
import { jobSignalOf } from '../../../core/jobs/job-signals.ts';
import { shareJobSignals } from '../../../server/shared/share-job-signals.ts';
import { shareViewSignals } from '../../../server/shared/share-view-signals.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { createHintHub } from '../../fakes/hint-hub.ts';

const JOB = jobSignalOf('default', 'imports', '0-7-0123456789abcdef');
const OTHER = jobSignalOf('default', 'imports', '0-8-0123456789abcdef');

describe('signals of jobs between processes', () => {
  const setUp = () => {
    const world = createFakeWorld();
    const hub = createHintHub();
    return { world, hub, start: () => shareJobSignals(world, hub.join()) };
  };

  it('reach who waits in another process within a few milliseconds, and nobody else', async () => {
    const { world, start } = setUp();
    const [worker, gateway] = [start(), start()];
    const heard: string[] = [];
    gateway.changed.listen(JOB, () => heard.push('job'));
    gateway.changed.listen(OTHER, () => heard.push('other'));
    worker.changed.tell(JOB);
    await world.pass(5);
    assert.deepEqual(heard, ['job']);
  });

  it('are not sent while nobody waits for a job of the queue, nor long after', async () => {
    const { world, hub, start } = setUp();
    const [worker, gateway] = [start(), start()];
    worker.changed.tell(JOB);
    await world.pass(60_000);
    assert.deepEqual(hub.told, []);
    gateway.changed.listen(JOB, () => {})();
    await world.pass(15_000);
    hub.told.length = 0;
    worker.changed.tell(JOB);
    await world.pass(60_000);
    assert.deepEqual(hub.told, []);
  });

  it('go on as long as somebody waits', async () => {
    const { world, start } = setUp();
    const [worker, gateway] = [start(), start()];
    let heard = 0;
    const end = gateway.changed.listen(JOB, () => heard++);
    for (let minute = 1; minute <= 3; minute++) {
      await world.pass(60_000);
      worker.changed.tell(JOB);
      await world.pass(5);
      assert.equal(heard, minute);
    }
    end();
  });

  it('are one message for many changes of one moment', async () => {
    const { world, hub, start } = setUp();
    const [worker, gateway] = [start(), start()];
    gateway.changed.listen(JOB, () => {});
    hub.told.length = 0;
    for (let count = 0; count < 300; count++) worker.changed.tell(jobSignalOf('default', 'imports', `${count}`));
    await world.pass(5);
    assert.equal(hub.told.length, 1);
  });

  it('say at once who is to be cancelled', () => {
    const { start } = setUp();
    const [worker, gateway] = [start(), start()];
    let asked = 0;
    worker.cancelled.listen(JOB, () => asked++);
    gateway.cancelled.tell(JOB);
    assert.equal(asked, 1);
  });
});

describe('signals of Views between processes', () => {
  it('tell of keys of Views of which answers are kept, as long as they are kept', async () => {
    const world = createFakeWorld();
    const hub = createHintHub();
    const [worker, gateway] = [shareViewSignals(world, hub.join()), shareViewSignals(world, hub.join())];
    const heard: string[] = [];
    gateway.listen((group, keys) => heard.push(`${group}: ${keys}`));
    worker.changed('view.a', ['unheard']);
    gateway.keeps('view.a', 60_000);
    worker.changed('view.a', ['x', 'y']);
    worker.changed('view.b', ['z']);
    await world.pass(50_000);
    worker.changed('view.a', ['later']);
    await world.pass(5);
    assert.deepEqual(heard, ['view.a: x,y', 'view.a: later']);
    await world.pass(25_000);
    hub.told.length = 0;
    worker.changed('view.a', ['too late']);
    await world.pass(60_000);
    assert.deepEqual(hub.told, []);
  });
});
