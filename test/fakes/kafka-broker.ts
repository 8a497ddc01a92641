// A broker that says what a test wants it to say, when it wants it, over real connections: what a
// real one cannot be brought to.
import { createServer, type Socket } from 'node:net';
import { WireReader, WireWriter } from '../../drivers/event-log/kafka/wire/bytes.ts';

/** Keys of requests. */
export const API = {
  produce: 0,
  metadata: 3,
  findCoordinator: 10,
  joinGroup: 11,
  heartbeat: 12,
  leaveGroup: 13,
  syncGroup: 14,
  versions: 18,
  initProducerId: 22,
} as const;

/** What comes back; one that never resolves keeps the other side waiting. */
export type Answer = (body: WireReader) => Buffer | Promise<Buffer>;

export interface FakeBroker {
  readonly port: number;
  /** By key of the request; it closes the connection on one that is not there. */
  readonly answers: Map<number, Answer>;
  /** Keys of what it was asked, without the handshakes. */
  readonly asked: number[];
  close(): Promise<void>;
}

const OLDEST = 0;
const NEWEST = 40;
const KEYS = 50;

export async function startFakeBroker(): Promise<FakeBroker> {
  const sockets = new Set<Socket>();
  const answers = new Map<number, Answer>([[API.versions, versions]]);
  const asked: number[] = [];

  const answer = async (socket: Socket, request: Buffer) => {
    const reader = new WireReader(request);
    const key = reader.i16();
    reader.i16();
    const id = reader.i32();
    reader.string();
    const isFlexible = key === API.metadata;
    if (isFlexible) reader.skipTags();
    if (key !== API.versions) asked.push(key);
    const respond = answers.get(key);
    if (!respond) return void socket.destroy();
    const body = await respond(reader);
    const out = new WireWriter().i32(0).i32(id);
    if (isFlexible) out.uvarint(0);
    out.raw(body).i32At(0, out.length - 4);
    socket.write(out.bytes);
  };

  const server = createServer(socket => {
    let received = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', data => {
      received = Buffer.concat([received, data]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const end = 4 + received.readInt32BE(0);
        void answer(socket, received.subarray(4, end));
        received = received.subarray(end);
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The broker has no port.');
  return {
    port: address.port,
    answers,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

const versions: Answer = () => {
  const out = new WireWriter().i16(0);
  return out.array(
    Array.from({ length: KEYS }, (_, key) => key),
    key => out.i16(key).i16(OLDEST).i16(NEWEST),
  ).bytes;
};

export interface FakeTopic {
  readonly name: string;
  /** Number of the broker that leads it, by partition. */
  readonly leaders: readonly number[];
}

/** `brokers`: by their numbers from 1 on. */
export function metadataOf(brokers: readonly FakeBroker[], topics: readonly FakeTopic[]): Buffer {
  const out = new WireWriter().i32(0);
  const compact = (text: string) => out.uvarint(Buffer.byteLength(text) + 1).raw(Buffer.from(text));
  const compactArray = <T>(items: readonly T[], write: (item: T, index: number) => void) => {
    out.uvarint(items.length + 1);
    for (const [index, item] of items.entries()) write(item, index);
  };
  compactArray(brokers, ({ port }, index) => {
    out.i32(index + 1);
    compact('127.0.0.1').i32(port).uvarint(0).uvarint(0);
  });
  out.uvarint(0).i32(1);
  compactArray(topics, ({ name, leaders }) => {
    out.i16(0);
    compact(name)
      .raw(Buffer.from(name.padEnd(16, '.').slice(0, 16)))
      .i8(0);
    compactArray(leaders, (leader, partition) => {
      out.i16(0).i32(partition).i32(leader).i32(0);
      for (let list = 0; list < 3; list++) out.uvarint(1);
      out.uvarint(0);
    });
    out.i32(0).uvarint(0);
  });
  return out.uvarint(0).bytes;
}

export function producerId(error = 0): Buffer {
  return new WireWriter().i32(0).i16(error).i64(7).i16(0).bytes;
}

export interface FakePart {
  readonly topic: string;
  readonly partition: number;
}

/** Which partitions a request to append is about. */
export function producedParts(body: WireReader): FakePart[] {
  body.string();
  body.i16();
  body.i32();
  return body
    .array(() => {
      const topic = body.string() ?? '';
      return body.array(() => {
        const partition = body.i32();
        body.bytes(body.i32());
        return { topic, partition };
      });
    })
    .flat();
}

/** All of them are appended from this offset on, or none with this error. */
export function produced(parts: readonly FakePart[], baseOffset: number, error = 0): Buffer {
  const out = new WireWriter();
  out.array(parts, ({ topic, partition }) => {
    out.string(topic).array([partition], each => out.i32(each).i16(error).i64(baseOffset).i64(-1).i64(0));
  });
  return out.i32(0).bytes;
}

/** `node`: number of the broker that coordinates the group. */
export function coordinatorAt(node: number, { port }: FakeBroker): Buffer {
  return new WireWriter().i32(0).i16(0).string(null).i32(node).string('127.0.0.1').i32(port).bytes;
}

/** A member that is not the leader of its group. */
export function joined(memberId: string): Buffer {
  const out = new WireWriter().i32(0).i16(0).i32(1);
  return out
    .string('tenfold-1')
    .string('another')
    .string(memberId)
    .array([], () => {}).bytes;
}

export function shareOf(assignment: Buffer): Buffer {
  return new WireWriter().i32(0).i16(0).sized(assignment).bytes;
}

/** What a heartbeat or a farewell is answered with. */
export function plainAnswer(error = 0): Buffer {
  return new WireWriter().i32(0).i16(error).bytes;
}
