// `npm run demo`: every sample application, driven over HTTP, on the laptop and in many
// processes over real services. At night, as it takes minutes: each sample has a test of its own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { elasticsearch } from '../services/elasticsearch.ts';
import { kafka } from '../services/kafka.ts';
import { redis } from '../services/redis.ts';
import { s3 } from '../services/s3.ts';
import { canStart } from '../services/service.ts';
import { root } from './platform-process.ts';

const MINUTE = 60_000;
const isNight = process.env['TENFOLD_NIGHTLY'] !== undefined;

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const patterns = [...readme.matchAll(/^\| (\d+) +\| \[[^|]+\| `[A-Z]/gm)].map(([, number]) => number);

/** Runs it, and looks at what it says of each sample. */
async function walk(words: readonly string[]): Promise<void> {
  const running = promisify(execFile)('npm', ['run', '--silent', 'demo', ...words], { cwd: root });
  const { stdout } = await running.catch(error => assert.fail(`${error.stdout}${error.stderr}`));
  const samples = stdout.match(/^\S.*\(pattern .*\)$/gm) ?? [];
  const walked = new Set(samples.flatMap(line => line.match(/\d+/g) ?? []));
  assert.equal(patterns.length, 10);
  assert.deepEqual(
    patterns.filter(number => number !== undefined && !walked.has(number)),
    [],
    'every pattern is walked',
  );
  assert.equal(stdout.match(/all as it should be/g)?.length, samples.length);
}

if (isNight)
  describe('npm run demo', () => {
    it('drives each sample, every pattern of the README among them, and finds all as it should be', () => walk([]));

    if ([kafka, redis, elasticsearch, s3].every(kind => canStart(kind)))
      it('does so in gateways and workers over Kafka, Redis, Elasticsearch and S3', async function () {
        this.timeout(30 * MINUTE);
        await walk(['--', '--distributed']);
      });
  });
