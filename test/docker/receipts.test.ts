// The images of functions/receipts, by their Dockerfiles: what the programs do on a laptop they do
// in containers as well, with the memory and the rights that the platform gives in a cluster.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { followProgram, type Program, SETTINGS } from '../e2e/receipts/program.ts';
import { describeReceipts, LANGUAGES, type Language, SAMPLE } from '../e2e/receipts/suite.ts';
import { docker } from './docker.ts';
import { RESTRICTED } from './restricted.ts';

const tagOf = (language: Language) => `tenfold-test/receipts-${language}:${process.pid}`;
const containerOf = (language: Language) => `tenfold-test-receipts-${language}-${process.pid}`;

describe('the images of a Function in other languages', function () {
  // The first time bases are fetched.
  this.timeout(900_000);
  before(async () => {
    for (const language of LANGUAGES) await docker(['build', '--tag', tagOf(language), join(SAMPLE, language)]);
  });
  after(() => docker(['image', 'rm', '--force', ...LANGUAGES.map(tagOf)]));

  describeReceipts(startContainer, language => {
    it('runs as nobody, and keeps within the memory that it has in a cluster', async () => {
      const id = containerOf(language);
      const [, process] = (await docker(['top', id, '-o', 'pid,uid'])).split('\n');
      assert.match(process ?? '', / 65532$/);
      const [{ State, HostConfig }] = JSON.parse(await docker(['inspect', id]));
      assert.deepEqual([State.OOMKilled, HostConfig.ReadonlyRootfs], [false, true]);
    });
  });
});

async function startContainer(language: Language): Promise<Program> {
  const name = containerOf(language);
  const settings = Object.entries(SETTINGS).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  const limits = ['--memory', memoryOf(language), '--publish', '127.0.0.1::8080'];
  const args = ['run', '--name', name, ...RESTRICTED, ...limits, ...settings, tagOf(language)];
  return followProgram(spawn('docker', args, { stdio: ['ignore', 'pipe', 'pipe'] }), {
    async portOf(port) {
      return Number((await docker(['port', name, `${port}/tcp`])).split(':').at(-1));
    },
    terminate: () => docker(['stop', '--time', '300', name]),
    kill: () => docker(['rm', '--force', name]),
  });
}

/** Its limit in a cluster, as Docker writes it: 256Mi is 256m. */
function memoryOf(language: Language): string {
  const text = readFileSync(join(SAMPLE, 'cluster/functions.yaml'), 'utf8');
  const functions = parseAllDocuments(text).map(document => document.toJS());
  const { spec } = functions.find(({ metadata }) => metadata.name === `receipts-${language}`);
  return spec.resources.limits.memory.replace(/Mi$/, 'm');
}
