// Another process that writes objects over and over and says which were acknowledged;
// `startBlobWriter` runs this file.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chunked, content } from '../../../contract/blob-store/subject.ts';
import { openBlobs } from './open-blobs.ts';

/** What is written to a key in a turn: its content tells key and turn apart. */
export function contentOf(key: string, turn: number): Uint8Array {
  const seed = Number(key) * 1000 + turn + 1;
  return content((seed * 7919) % 400_000, seed);
}

export interface BlobWriter {
  /** Last turn of each key that was acknowledged, so far. */
  readonly acknowledged: ReadonlyMap<string, number>;
  /** `kill -9`; resolves once it is gone and all it said has been heard. */
  kill(): Promise<void>;
}

/** Resolves when the first object was acknowledged. */
export async function startBlobWriter(path: string, firstTurn: number): Promise<BlobWriter> {
  const args = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url)];
  const child = spawn(process.execPath, [...args, path, String(firstTurn)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged = new Map<string, number>();
  const { promise: begun, resolve: begin, reject } = Promise.withResolvers<void>();
  const { promise: heard, resolve: end } = Promise.withResolvers<void>();
  const lines = createInterface({ input: child.stdout });
  lines.on('line', line => {
    const [key, turn, whole] = line.split(' ');
    if (key !== undefined && whole === ';') acknowledged.set(key, Number(turn));
    begin();
  });
  lines.on('close', () => {
    end();
    reject(new Error('the writer ended before it wrote'));
  });
  await begun;
  return {
    acknowledged,
    async kill() {
      child.kill('SIGKILL');
      await heard;
    },
  };
}

async function write(path: string, firstTurn: number): Promise<never> {
  const blobs = await openBlobs(path);
  const caller = async (key: string): Promise<never> => {
    for (let turn = firstTurn; ; turn++) {
      await blobs.put(key, chunked(contentOf(key, turn), 50_000), { metadata: { turn: String(turn) } });
      process.stdout.write(`${key} ${turn} ;\n`);
    }
  };
  return Promise.race(Array.from({ length: 6 }, (_, n) => caller(String(n))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await write(process.argv[2] ?? '', Number(process.argv[3]));
