// Odd applications of all kinds: what `tenfold validate` says of them is what a running platform
// says, and what it lets pass is served.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { compileAside } from '../../../cli/validate/compile-aside.ts';
import { loadPaths } from '../../../cli/validate/load-paths.ts';
import { loadFiles } from '../../../resources/load/load-directory.ts';
import { checkReferences } from '../../../resources/references/checks.ts';
import { type ResourceProblem, resourceKey } from '../../../resources/resource.ts';
import { type Platform, startPlatform } from '../../../server/platform.ts';
import { removeTempFolders, tempFolder } from '../temp-folder.ts';
import { type Json, oddApplications } from './odd/odd-documents.ts';
import { requestsOf, send } from './odd/requests.ts';
import { GRAPHQL_SCHEMA, soundResources } from './odd/sound-resources.ts';

/**
 * What is right for a cluster and cannot be had from a laptop, which is said where it is served.
 */
const LAPTOP = /^An image cannot run|embedded log|^A schema registry is for/;
const CASES = 60;

describe('validation of odd applications', () => {
  let origin: Server;
  let platform: Platform;
  let folder: string;
  let documents: Json[];
  let taken: (refused: readonly ResourceProblem[]) => void = () => {};
  const errorsLogged: string[] = [];

  before(async () => {
    origin = createServer((request, response) => {
      request.resume().on('end', () => {
        response.setHeader('content-type', 'application/json');
        response.end('{"id":"i","name":"n","items":[{"id":1}]}');
      });
    });
    await new Promise<void>(resolve => origin.listen(0, '127.0.0.1', resolve));
    const address = origin.address();
    assert.ok(typeof address === 'object' && address);
    documents = parseAllDocuments(soundResources(`http://127.0.0.1:${address.port}`)).map(one => one.toJS());
    folder = tempFolder({ 'shop.graphql': GRAPHQL_SCHEMA, 'app.yaml': textOf(documents) });
    platform = await startPlatform({
      directory: folder,
      watch: true,
      host: '127.0.0.1',
      ports: { public: 0, internal: 0, admin: 0 },
      events: {
        accepted: () => taken([]),
        refused: problems => taken(problems),
        gatewayLog: ({ level, message }) => level === 'error' && errorsLogged.push(message),
      },
    });
  });
  after(async () => {
    await platform.close(1_000);
    await new Promise(resolve => origin.close(resolve));
    removeTempFolders();
  });

  /**
   * Puts one application in the place of the one before, as a whole; resolves with what the
   * platform says against it.
   */
  function offer(text: string): Promise<readonly ResourceProblem[]> {
    const said = new Promise<readonly ResourceProblem[]>(resolve => {
      taken = resolve;
    });
    writeFileSync(`${folder}/app.next`, text);
    renameSync(`${folder}/app.next`, `${folder}/app.yaml`);
    return said;
  }

  async function validated(): Promise<readonly ResourceProblem[]> {
    const { resources, problems } = await loadPaths([folder], { cwd: folder, stdin: Readable.from([]) });
    const found = problems.filter(isError);
    return found.length > 0 ? found : compileAside(resources).filter(isError);
  }

  it('starts from one that is right, and served', async () => {
    assert.deepEqual(platform.view.catalog.problems.filter(isError), []);
    assert.deepEqual(await validated(), []);
    const answers = await Promise.all(requestsOf(documents).map(request => send(platform.addresses.public, request)));
    const good = answers.filter(answer => answer && answer.status < 300).length;
    assert.ok(good > 20, `only ${good} of ${answers.length} requests were answered`);
  });

  it('says all that the platform says, in the same places, and lets nothing pass that fails', async () => {
    let number = 0;
    let served = 0;
    const keys = new Set(documents.map(keyOf));
    const isSound = (document: Json) => {
      const loaded = loadFiles([{ file: `${folder}/one.json`, text: JSON.stringify(document) }]);
      const between = checkReferences(loaded.resources, { ...loaded, broken: keys });
      return ![...loaded.problems, ...between].some(isError);
    };
    await fc.assert(
      fc.asyncProperty(oddApplications(documents, isSound), async ({ changes, odd }) => {
        const about = changes.join('\n');
        const all = [...odd, ...neededBy(odd, documents)];
        // No two are equal: the platform looks at each.
        const answer = offer(`# ${number++}\n${textOf(all)}`);
        const expected = (await validated()).map(told);
        const refused = (await answer).filter(isError);
        const general = refused.filter(({ message }) => !LAPTOP.test(message)).map(told);
        assert.deepEqual(general.sort(), expected.sort(), about);
        if (refused.length > 0) return;
        served++;
        for (const request of requestsOf(all)) {
          const got = await send(platform.addresses.public, request);
          const said = `${about}\n${JSON.stringify(request)}\n${got?.status} ${got?.text}`;
          assert.ok(got === undefined || (got.status !== 500 && got.status !== 501), said);
        }
        // Topics of the applications before are still there: how many partitions they have
        // is no matter of this one.
        assert.deepEqual(
          errorsLogged.splice(0).filter(message => !/cannot be made or changed/.test(message)),
          [],
          about,
        );
      }),
      { numRuns: CASES, endOnFailure: true },
    );
    assert.ok(served > CASES / 10, `only ${served} were served`);
  });
});

function textOf(documents: readonly Json[]): string {
  return documents.map(one => JSON.stringify(one, undefined, 1)).join('\n---\n');
}

function keyOf({ kind, metadata }: Json): string {
  return resourceKey(kind, 'default', metadata.name);
}

/** Those of `documents` that the odd ones name, and so on: the fewer, the faster. */
function neededBy(odd: readonly Json[], documents: readonly Json[]): Json[] {
  const there = new Set(odd.map(keyOf));
  const needed = new Map<string, Json>();
  const waiting: unknown[] = odd.map(one => one.spec);
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value === 'object' && value !== null)
      waiting.push(...Object.values(value).filter(one => one !== undefined));
    for (const one of documents) {
      const key = keyOf(one);
      if (one.metadata.name !== value || there.has(key) || needed.has(key)) continue;
      needed.set(key, one);
      waiting.push(one.spec);
    }
  }
  return [...needed.values()];
}

function told({ line, column, path, message }: ResourceProblem): string {
  return `${line}:${column} ${path} | ${message}`;
}

function isError({ severity }: ResourceProblem): boolean {
  return severity === 'error';
}
