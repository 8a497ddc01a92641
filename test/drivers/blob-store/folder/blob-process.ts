// Another process that writes objects when told, so that it can be given a faulty disk;
// `startBlobProcess` runs this file.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TenfoldError } from '../../../../core/errors.ts';
import { chunked, content } from '../../../contract/blob-store/subject.ts';
import { openBlobs } from './open-blobs.ts';

export interface BlobProcess {
  /** `written`, or code and message of the error. */
  put(key: string, length: number): Promise<string>;
  end(): Promise<void>;
  /** No harm when it has ended. */
  kill(): void;
}

export async function startBlobProcess(path: string, environment: NodeJS.ProcessEnv): Promise<BlobProcess> {
  const args = ['--conditions=tenfold-source', '--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url)];
  const child = spawn(process.execPath, [...args, path], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => String((await lines.next()).value);
  await answer();
  return {
    async put(key, length) {
      child.stdin.write(`${key} ${length}\n`);
      return await answer();
    },
    async end() {
      child.stdin.end();
      await once(child, 'exit');
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

async function serve(path: string): Promise<void> {
  const blobs = await openBlobs(path);
  process.stdout.write('ready\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const [key = '', length] = line.split(' ');
    const outcome = await blobs.put(key, chunked(content(Number(length)), 50_000)).then(
      () => 'written',
      error => (error instanceof TenfoldError ? `${error.code}: ${error.message}` : `other: ${error}`),
    );
    process.stdout.write(`${outcome}\n`);
  }
  await blobs.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(process.argv[2] ?? '');
