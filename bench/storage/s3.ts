// Objects in S3: rate and CPU of the blob store beside the bare SDK, against the same server in the
// same run, rounds interleaved.
// `--seconds 1 --rounds 1` for a quick look.
import { parseArgs } from 'node:util';
import { S3 } from '@aws-sdk/client-s3';
import { realWorld } from '../../core/world.ts';
import { openS3BlobStore } from '../../drivers/blob-store/s3/s3-blob-store.ts';
import { startS3, toS3Connection } from '../../test/services/s3.ts';
import { median, publish, toTable } from '../measure/report.ts';
import { canPin, pinSelf } from '../measure/server-process.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '3' } },
});
const rounds = Number(values.rounds);
const MIB = 1024 * 1024;
const LONG = 32 * MIB;
const PART = 8 * MIB;
const small = Buffer.alloc(1024, 'x');
const chunk = Buffer.alloc(64 * 1024, 'y');

const server = await startS3();
pinSelf(0);
const connection = toS3Connection(server.url);
const { endpoint, bucket, credentials } = connection;
if (endpoint === undefined || credentials === undefined) throw new Error('The URL of the server says too little.');
const { accessKeyId, secretAccessKey } = credentials;
const bare = new S3({
  endpoint,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId, secretAccessKey },
  requestHandler: { httpAgent: { keepAlive: true, maxSockets: 64 } },
  // As ours: it would make a connection for each long body.
  expectContinueHeader: false,
});
const blobs = await openS3BlobStore({ world: realWorld, connection, tellChangesOf: ['told/'] });

async function* long() {
  for (let sent = 0; sent < LONG; sent += chunk.length) yield chunk;
}

async function drain(body: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  let bytes = 0;
  if (body) for await (const each of body) bytes += each.byteLength;
  if (bytes === 0) throw new Error('Nothing came.');
}

/** Two parts at a time, as ours; from memory, as the SDK alone cannot divide a stream. */
async function putParts(Key: string): Promise<void> {
  const place = { Bucket: bucket, Key };
  const { UploadId } = await bare.createMultipartUpload(place);
  const body = Buffer.alloc(PART, 'y');
  const parts: { PartNumber: number; ETag: string | undefined }[] = [];
  let next = 1;
  const work = async () => {
    for (let PartNumber = next++; PartNumber <= LONG / PART; PartNumber = next++) {
      const { ETag } = await bare.uploadPart({ ...place, UploadId, PartNumber, Body: body });
      parts.push({ PartNumber, ETag });
    }
  };
  await Promise.all([work(), work()]);
  const Parts = parts.sort((a, b) => a.PartNumber - b.PartNumber);
  await bare.completeMultipartUpload({ ...place, UploadId, MultipartUpload: { Parts } });
}

type Call = (n: number) => Promise<unknown>;
interface Subject {
  readonly name: string;
  readonly callers: number;
  readonly ours: Call;
  readonly theirs: Call;
}

const putBare: Call = n => bare.putObject({ Bucket: bucket, Key: `bare/${n % 500}`, Body: small });
const subjects: readonly Subject[] = [
  { name: 'put 1 KB', callers: 16, ours: n => blobs.put(`silent/${n % 500}`, small), theirs: putBare },
  {
    name: 'put 1 KB, told in the journal',
    callers: 16,
    ours: n => blobs.put(`told/${n % 500}`, small),
    theirs: putBare,
  },
  {
    name: 'get 1 KB',
    callers: 16,
    ours: async n => drain((await blobs.get(`silent/${n % 16}`))?.body),
    theirs: async n => (await bare.getObject({ Bucket: bucket, Key: `bare/${n % 16}` })).Body?.transformToByteArray(),
  },
  {
    name: 'put 32 MiB, in parts',
    callers: 2,
    ours: n => blobs.put(`silent/long-${n % 4}`, long()),
    theirs: n => putParts(`bare/long-${n % 4}`),
  },
  {
    name: 'get 32 MiB',
    callers: 2,
    ours: async () => drain((await blobs.get('silent/long-0'))?.body),
    theirs: async () => {
      const { Body } = await bare.getObject({ Bucket: bucket, Key: 'bare/long-0' });
      // Not a browser's stream: it has the bytes of a node:stream.
      if (Body && Symbol.asyncIterator in Body) await drain(Body);
    },
  },
];

interface Figures {
  readonly rate: number;
  readonly cpuUs: number;
}

async function measure(call: Call, callers: number): Promise<Figures> {
  const end = performance.now() + Number(values.seconds) * 1000;
  const cpu = process.cpuUsage();
  const began = performance.now();
  let calls = 0;
  const work = async () => {
    while (performance.now() < end) await call(calls++);
  };
  await Promise.all(Array.from({ length: callers }, work));
  const { user, system } = process.cpuUsage(cpu);
  return { rate: (calls / (performance.now() - began)) * 1000, cpuUs: (user + system) / calls };
}

const rows: string[][] = [];
for (const { name, callers, ours, theirs } of subjects) {
  const all: { readonly ours: Figures; readonly theirs: Figures }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const figures = { theirs: await measure(theirs, callers), ours: await measure(ours, callers) };
    // Round 0 warms up.
    if (round > 0) all.push(figures);
  }
  const of = (who: 'ours' | 'theirs', what: keyof Figures) => median(all.map(each => each[who][what]));
  const rate = (who: 'ours' | 'theirs') => of(who, 'rate').toFixed(of(who, 'rate') < 100 ? 1 : 0);
  rows.push([
    name,
    rate('theirs'),
    rate('ours'),
    `${(of('ours', 'rate') / of('theirs', 'rate')).toFixed(2)}×`,
    of('theirs', 'cpuUs').toFixed(0),
    of('ours', 'cpuUs').toFixed(0),
    `${(of('ours', 'cpuUs') / of('theirs', 'cpuUs')).toFixed(2)}×`,
  ]);
}
await blobs.close();
bare.destroy();
await server.process.stop();

publish('s3', 'Objects in S3 beside the bare SDK', [
  `Versity S3 Gateway over a folder on the same machine${canPin ? ', this process pinned to one core' : ''}; 16 callers for short objects, 2 for long ones; median of ${rounds} interleaved rounds of ${values.seconds} s.`,
  toTable(['', 'SDK/s', 'ours/s', 'rate', 'SDK CPU µs', 'ours CPU µs', 'CPU'], rows),
  'A told write makes four requests instead of one: its claim, the object, its share of a segment of the journal, and the end of the claim, which nobody waits for. Ours checks what is read against its checksum; the SDK does, too. The SDK sends parts from memory, ours divide a stream.',
]);
process.exit(0);
