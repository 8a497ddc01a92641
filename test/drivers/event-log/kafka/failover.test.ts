// What becomes of appends, readers and members when brokers of three die, alone and all at once.
import assert from 'node:assert/strict';
import { newName, record, rejectsWith } from '../../../contract/event-log/subject.ts';
import { eventually } from '../../../eventually.ts';
import { type KafkaCluster, kafka, startKafka } from '../../../services/kafka.ts';
import { findService } from '../../../services/service.ts';
import { assertComplete, countOf, createClients, rolesOf, startLoad, startReading } from './kafka-cases.ts';

/** For whether it is installed; the brokers that are killed here are others. */
if (findService(kafka))
  describe('Kafka with three brokers', () => {
    const clients = createClients();
    let cluster: KafkaCluster;
    let topic: string;
    let group: string;
    before(async () => {
      cluster = await startKafka({ nodes: 3 });
    });
    after(() => cluster?.stop());
    beforeEach(async () => {
      [topic, group] = [newName('topic'), newName('group')];
      const log = clients.open(cluster.brokers);
      const isReady = async () => {
        await log.ensureTopic(topic, { partitions: 6 });
        await log.positions(group, topic);
        return true;
      };
      await eventually(() => isReady().catch(() => false), 'topic and group are there');
    });
    afterEach(() => clients.closeAll());

    const loaded = async () => {
      const load = startLoad(clients.open(cluster.brokers), topic);
      const reading = await startReading(clients.open(cluster.brokers), topic, group);
      await eventually(() => countOf(reading.seen) > 200, 'something is read');
      return { load, reading };
    };
    const finish = async ({ load, reading }: Awaited<ReturnType<typeof loaded>>) => {
      await load.stop();
      const isDone = () => {
        try {
          assertComplete(load, reading);
          return true;
        } catch {
          return false;
        }
      };
      await eventually(isDone, 'all is read').catch(() => assertComplete(load, reading));
      await reading.stop();
    };

    it('loses nothing and keeps the order when the leader of partitions is killed under load', async () => {
      const both = await loaded();
      const { leaders } = await rolesOf(cluster.brokers, topic, group);
      const leader = cluster.nodes[leaders[0] ?? 0]!;
      await leader.kill();
      const before = countOf(both.load.acknowledged);
      await eventually(() => countOf(both.load.acknowledged) > before + 1000, 'others took over');
      await finish(both);
      assert.deepEqual(both.load.failures, []);
      await leader.start();
    });

    it('keeps its partitions when the coordinator of the group is killed', async () => {
      const both = await loaded();
      const thin = clients.open(cluster.brokers, { deliveryTimeoutMs: 1500 });
      const narrow = newName('narrow');
      await thin.ensureTopic(narrow, { partitions: 6, replicas: 2, minInsyncReplicas: 2 });
      const { coordinator } = await rolesOf(cluster.brokers, topic, group);
      await cluster.nodes[coordinator]!.kill();
      // Of two replicas that both must have it, one may be gone: those partitions take
      // nothing, and the others go on.
      const refusals = async () => {
        const all = Array.from({ length: 6 }, (_, partition) => thin.append(narrow, [record(null, '', { partition })]));
        const settled = await Promise.allSettled(all);
        return settled.flatMap(result => (result.status === 'rejected' ? [String(result.reason)] : []));
      };
      await eventually(async () => {
        const found = await refusals();
        return found.length === 4 && found.every(text => text.includes('min.insync.replicas'));
      }, 'it says why nothing is taken');
      assert.equal((await thin.health()).ok, true, 'what was given up is no reason');
      const before = countOf(both.reading.seen);
      await eventually(() => countOf(both.reading.seen) > before + 1000, 'it reads on');
      await eventually(() => both.reading.owned.size === 6, 'it owns all');
      await finish(both);
      await cluster.nodes[coordinator]!.start();
    });

    it('says that it is unavailable while all are down, with little work, and goes on when they are back', async () => {
      const both = await loaded();
      const idle = clients.open(cluster.brokers, { deliveryTimeoutMs: 1000 });
      assert.deepEqual(await idle.health(), { ok: true });
      await Promise.all(cluster.nodes.map(node => node.kill()));
      await both.load.stop();
      await eventually(async () => !(await idle.health()).ok, 'it is not healthy');
      await rejectsWith('log-unavailable', idle.append(topic, [record('key', '1')]));
      await eventually(() => both.reading.owned.size === 0, 'what may be others is given up');
      const began = process.cpuUsage();
      const wait = 3000;
      await new Promise(resolve => setTimeout(resolve, wait));
      const { user, system } = process.cpuUsage(began);
      assert.ok((user + system) / 1000 < wait * 0.2, `${Math.round((user + system) / 1000)} ms of CPU in ${wait} ms`);
      await rejectsWith('log-unavailable', idle.append(topic, [record('key', '1')]));
      await Promise.all(cluster.nodes.map(node => node.start()));
      await eventually(async () => (await idle.health()).ok, 'it is healthy again');
      const more = startLoad(clients.open(cluster.brokers), topic);
      const before = countOf(both.reading.seen);
      await eventually(() => countOf(both.reading.seen) > before + 100, 'it reads on');
      await more.stop();
      await both.reading.stop();
      const told = clients.lines.filter(line => /cannot be reached/.test(line));
      // Once each: of the client that writes, the one that reads, the idle one,
      // the one that made the topic.
      assert.ok(told.length >= 1 && told.length <= 8, clients.lines.join('\n'));
    });
  });
