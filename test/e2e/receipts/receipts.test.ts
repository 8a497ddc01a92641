// The same Function in each language of functions/receipts, as a program of this machine, and what
// its Dockerfiles say. The test test/docker/receipts.test.ts runs their images.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateDirectory } from '../../../resources/validate.ts';
import { removeTempFolders, tempFolder } from '../../cli/temp-folder.ts';
import { buildGo } from '../../cluster/go-binary.ts';
import { findJava } from '../../services/find-java.ts';
import { startProgram } from './program.ts';
import { describeReceipts, LANGUAGES, type Language, SAMPLE } from './suite.ts';

/** It computes less to begin with, and no more is done with it here. */
const QUICK = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m'];

/** The command that starts it, by language. */
const commands: Readonly<Record<Language, () => Promise<readonly string[]>>> = {
  python: async () => ['python3', '-I', join(SAMPLE, 'python/receipts.py')],
  go: async () => [await buildGo('../../functions/receipts/go', '', '.', 'receipts')],
  java: async () => [findJava(17), ...QUICK, join(SAMPLE, 'java/Receipts.java')],
};

describe('a Function in another language', () => {
  describeReceipts(async language => startProgram(await commands[language]()));
});

describe('the sample of a Function in other languages', () => {
  afterEach(removeTempFolders);

  it('is declared for a cluster as well, with an image of a pinned base that runs as nobody', async () => {
    const files = ['laptop/app.yaml', 'cluster/functions.yaml'];
    const texts = files.map(file => [file.replace('/', '-'), readFileSync(join(SAMPLE, file), 'utf8')]);
    const { problems } = await validateDirectory(tempFolder(Object.fromEntries(texts)));
    assert.deepEqual(problems, []);
    for (const name of LANGUAGES) {
      const lines = readFileSync(join(SAMPLE, name, 'Dockerfile'), 'utf8').split('\n');
      const bases = lines.filter(line => line.startsWith('FROM ') && line !== 'FROM scratch');
      assert.ok(bases.length > 0);
      for (const base of bases) assert.match(base, /^FROM [a-z-]+:\d+\.\d+\.\d+\S*( AS build)?$/);
      assert.ok(lines.includes('USER 65532'));
      const copied = lines.flatMap(line => /^COPY (?!--from)(.+) \S+$/.exec(line)?.[1]?.split(' ') ?? []);
      assert.ok(copied.length > 0);
      for (const file of copied) assert.ok(existsSync(join(SAMPLE, name, file)), file);
    }
  });
});
