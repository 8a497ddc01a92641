// Who needs to know of one topic asks Kafka for that one: a cluster may have thousands, and windows
// that are counted in place ask before they hand a result on.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { newName, rejectsWith } from '../../../../contract/event-log/subject.ts';
import { kafka } from '../../../../services/kafka.ts';
import { findService } from '../../../../services/service.ts';
import { createClients } from '../kafka-cases.ts';

const METADATA = 3;
const OTHERS = 3;

/** The topics that a request for metadata, version 12, names; undefined: it asks for all. */
function topicsAskedFor(body: Buffer): string[] | undefined {
  // Key, version and correlation, the name of the client, and its tags.
  let at = 8 + 2 + Math.max(0, body.readInt16BE(8)) + 1;
  const count = body.readUInt8(at++);
  if (count === 0) return undefined;
  return Array.from({ length: count - 1 }, () => {
    at += 16;
    const size = body.readUInt8(at++) - 1;
    const name = body.toString('utf8', at, at + size);
    at += size + 1;
    return name;
  });
}

/** Leads to a broker, and notes for which topics it was asked. */
async function startRecorder(broker: string) {
  const [host = '', port = ''] = broker.split(':');
  const asked: (string[] | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(client => {
    const upstream = connect(Number(port), host);
    let rest = Buffer.alloc(0);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
    }
    upstream.on('data', data => void client.write(data));
    client.on('data', data => {
      upstream.write(data);
      rest = Buffer.concat([rest, data]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const body = rest.subarray(4, 4 + rest.readInt32BE(0));
        rest = rest.subarray(4 + body.length);
        if (body.readInt16BE(0) === METADATA) asked.push(topicsAskedFor(body));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

const broker = findService(kafka);
if (broker)
  describe('questions to Kafka about one topic', () => {
    const clients = createClients();
    let recorder: Awaited<ReturnType<typeof startRecorder>>;
    const names = Array.from({ length: 1 + OTHERS }, () => newName('topic'));
    const [name = ''] = names;

    beforeEach(async () => {
      recorder = await startRecorder(broker.url().split(',')[0] ?? '');
      const direct = clients.open(broker.url().split(','));
      for (const each of names) await direct.ensureTopic(each, { partitions: 1 });
    });
    afterEach(async () => {
      const direct = clients.open(broker.url().split(','));
      for (const each of names) await direct.deleteTopic(each);
      await clients.closeAll();
      await recorder.close();
    });

    /** Of a client that knows the cluster by now, while `work` is done. */
    const askedDuring = async (work: (log: ReturnType<typeof clients.open>) => Promise<void>) => {
      const log = clients.open([recorder.url]);
      assert.equal((await log.bounds(name))?.length, 1);
      recorder.asked.length = 0;
      await work(log);
      return recorder.asked.slice();
    };

    it('name that one: whether a partition was added, as windows ask before they hand results on', async () => {
      const asked = await askedDuring(async log => {
        await rejectsWith('not-found', log.offsetAt(name, 1, 0));
        await clients.open(broker.url().split(',')).ensureTopic(name, { partitions: 2 });
        assert.equal(await log.offsetAt(name, 1, 0), 0);
      });
      assert.deepEqual(asked, [[name], [name]]);
    });

    it('name that one: which is not known, and whether it is there', async () => {
      // A broker that does not lead a new topic yet is a reason to ask for all, now and then.
      let asked: readonly (readonly string[] | undefined)[] = [];
      for (let round = 0; round < 4; round++) {
        const later = newName('topic');
        names.push(later);
        asked = await askedDuring(async log => {
          assert.deepEqual(await log.positions('some', later), []);
          await clients.open(broker.url().split(',')).ensureTopic(later, { partitions: 1 });
          await log.append(later, [{ key: 'k', value: Buffer.from('1'), headers: {} }]);
        });
        assert.ok(asked.length >= 2);
        if (asked.every(topics => topics?.length === 1)) return;
      }
      assert.fail(`asked for ${JSON.stringify(asked)}`);
    });
  });
