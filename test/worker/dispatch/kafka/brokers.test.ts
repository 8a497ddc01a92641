// F14, F20: dispatchers while the controller of a Kafka dies, and while the disk of a broker is
// full: nothing that was acknowledged is lost, keys stay in order, and all heals.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newName } from '../../../contract/event-log/subject.ts';
import { countOf, createClients, rolesOf, startLoad } from '../../../drivers/event-log/kafka/kafka-cases.ts';
import { eventually } from '../../../eventually.ts';
import { type KafkaCluster, kafka, startKafka } from '../../../services/kafka.ts';
import { findService } from '../../../services/service.ts';
import { done, fail } from '../harness.ts';
import { controllerOf, createHandled, dispatch, untilInOrder } from './cases.ts';

const RETRY = { attempts: 50, backoff: 'constant', initial: 20, max: 20 } as const;

if (findService(kafka))
  describe('dispatchers while brokers of three fail', () => {
    const clients = createClients();
    let cluster: KafkaCluster;
    const mayMount = mayMountDisks();
    let disk: string | undefined;
    before(async () => {
      disk = mayMount ? mountSmallDisk() : undefined;
      cluster = await startKafka({ nodes: 3, disk: node => (node === 1 ? disk : undefined) });
    });
    afterEach(() => clients.closeAll());
    after(async () => {
      await cluster?.stop();
      if (disk) unmount(disk);
    });

    /** One event in 20 fails at first, so that parking logs are written, too. */
    const begin = async () => {
      const [topic, group] = [newName('topic'), newName('group')];
      const log = clients.open(cluster.brokers);
      const isReady = () => log.ensureTopic(topic, { partitions: 6 }).then(() => true);
      await eventually(() => isReady().catch(() => false), 'the topic is there');
      const handled = createHandled();
      const dispatcher = await dispatch(
        clients.open(cluster.brokers),
        handled,
        { group, topic, retry: RETRY },
        (item, text) => (Number(text) % 20 === 7 && item.attempt === 1 ? fail() : done),
      );
      const load = startLoad(clients.open(cluster.brokers), topic);
      const acknowledged = () => countOf(load.acknowledged);
      const goesOn = async (what: string) => {
        const [before, seen] = [acknowledged(), handled.count()];
        await eventually(() => acknowledged() > before + 1000 && handled.count() > seen + 1000, what);
      };
      await goesOn('events flow');
      const finish = async () => {
        await load.stop();
        await untilInOrder(load.acknowledged, handled);
        assert.equal(handled.deadLettered.length, 0);
        await dispatcher.close(5000);
      };
      return { topic, load, goesOn, finish };
    };

    it('F14: the active controller is killed: keys stay in order, nothing is lost', async () => {
      const run = await begin();
      const before = await controllerOf(cluster.brokers[0] ?? '');
      const node = cluster.nodes[before - 1]!;
      await node.kill();
      const alive = cluster.brokers.filter((_, index) => index !== before - 1);
      const another = () => controllerOf(alive[0] ?? '').then(now => now > 0 && now !== before);
      await eventually(() => another().catch(() => false), 'another controls');
      await run.goesOn('events flow under another controller');
      // What a controller does: it makes a topic, and gives partitions of
      // the dead one other leaders.
      const log = clients.open(alive);
      const made = () => log.ensureTopic(newName('new'), { partitions: 3, replicas: 2 }).then(() => true);
      await eventually(() => made().catch(() => false), 'a topic is made');
      await node.start();
      await run.goesOn('events flow when it is back');
      await run.finish();
    });

    if (mayMount)
      it('F20: the disk of a broker is full: the others go on, and it comes back when there is space', async () => {
        if (!disk) assert.fail('There is no disk.');
        const run = await begin();
        const { leaders } = await rolesOf(cluster.brokers, run.topic, newName('group'));
        assert.ok(leaders.includes(0), 'it leads partitions');
        const filler = join(disk, 'filler');
        fill(disk, filler);
        const moved = async () => {
          const now = await rolesOf(cluster.brokers.slice(1), run.topic, newName('group'));
          return !now.leaders.includes(0) && !now.leaders.includes(-2);
        };
        await eventually(() => moved().catch(() => false), 'others lead');
        await run.goesOn('events flow without it');
        assert.equal(statfsSync(disk).bavail, 0);
        rmSync(filler);
        const node = cluster.nodes[0]!;
        await node.kill().catch(() => {});
        await node.start();
        await run.goesOn('events flow when it is back');
        const { load } = run;
        await run.finish();
        // The one that has failed may only have been refused.
        assert.ok(
          load.failures.every(code => code === 'log-unavailable'),
          load.failures.join(),
        );
      });
  });

/** A file system in memory. */
function mountSmallDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tenfold-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', folder], { stdio: 'pipe' });
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
}

/** Where this user may mount none, that is told, and a test that needs one is not defined. */
function mayMountDisks(): boolean {
  try {
    unmount(mountSmallDisk());
    return true;
  } catch (error) {
    if (process.env['CI']) throw error;
    process.stderr.write(
      '\n!! SKIPPED. The test of a broker with a full disk needs the right to mount a file system.\n\n',
    );
    return false;
  }
}

function unmount(folder: string): void {
  execFileSync('umount', [folder], { stdio: 'pipe' });
  rmSync(folder, { recursive: true });
}

function fill(disk: string, file: string): void {
  for (let block = 1 << 20; block >= 4096; block /= 2) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(block), { flag: 'a' });
    } catch {
      // The rest is smaller.
    }
  }
  assert.equal(statfsSync(disk).bavail, 0);
}
