// Another process that appends to a log as fast as it can and says what was acknowledged;
// `startWriter` runs this file.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openLog } from '../event-log/sqlite/open-log.ts';

export const TOPIC = 'writes';
export const PARTITIONS = 3;
/** Calls under way at the same time. */
const CALLERS = 16;

export interface WriterProcess {
  readonly pid: number;
  /** Keys whose record was acknowledged, so far. */
  readonly acknowledged: ReadonlySet<string>;
  /** `kill -9`; resolves once it is gone and all it said has been heard. */
  kill(): Promise<void>;
}

/** Resolves when the first record was acknowledged. */
export async function startWriter(file: string, environment: NodeJS.ProcessEnv = {}): Promise<WriterProcess> {
  const args = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url)];
  const child: ChildProcess = spawn(process.execPath, [...args, file], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged = new Set<string>();
  const { promise: begun, resolve: begin, reject } = Promise.withResolvers<void>();
  const { promise: heard, resolve: end } = Promise.withResolvers<void>();
  if (!child.stdout || child.pid === undefined) throw new Error('the writer did not start');
  const lines = createInterface({ input: child.stdout });
  lines.on('line', line => {
    // The last line may be cut off.
    if (line.endsWith(';')) for (const key of line.slice(0, -1).split(' ')) acknowledged.add(key);
    begin();
  });
  lines.on('close', () => {
    end();
    reject(new Error('the writer ended before it wrote'));
  });
  await begun;
  return {
    pid: child.pid,
    acknowledged,
    async kill() {
      child.kill('SIGKILL');
      await heard;
    },
  };
}

async function write(file: string): Promise<never> {
  const log = await openLog(file);
  await log.ensureTopic(TOPIC, { partitions: PARTITIONS });
  let next = 0;
  const caller = async (): Promise<never> => {
    for (;;) {
      const key = `${process.pid}-${next++}`;
      await log.append(TOPIC, [{ key, value: Buffer.from(`value of ${key}`), headers: {} }]);
      process.stdout.write(`${key};\n`);
    }
  };
  return Promise.race(Array.from({ length: CALLERS }, caller));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await write(process.argv[2] ?? '');
