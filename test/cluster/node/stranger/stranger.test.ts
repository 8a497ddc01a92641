// The path of a stranger, from the packages as they ship, in an empty folder: an application, the
// tutorial, a function with a queue, its failure found and mended, its image, a cluster.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Block, Reader, readPage } from '../../../e2e/followed-page.ts';
import { root } from '../../../e2e/platform-process.ts';
import { startRegistry } from '../../../fakes/fake-registry.ts';
import { freePorts } from '../../free-ports.ts';
import { buildKube } from '../../go-binary.ts';
import { buildTestImages } from '../../images.ts';
import { installPlatform, type Platform, whatIsWrong } from '../platform.ts';
import { findNode } from '../shared-node.ts';

const TUTORIAL = readPage('tutorial.md').filter(({ language }) => language !== 'image');
const HOW_TO = readPage('how-to/queue-before-a-database.md');
const NAMESPACE = 'billing';

const shared = findNode();
const at = HOW_TO.findIndex(({ language }) => language === 'stop');
const inCluster = HOW_TO.findIndex(({ text }) => text.startsWith('IMAGE='));
const [onLaptop, ofImage, onCluster] = [HOW_TO.slice(0, at), HOW_TO.slice(at, inCluster), HOW_TO.slice(inCluster)];

if (shared) {
  describe('A stranger', () => {
    const parent = mkdtempSync(join(tmpdir(), 'tenfold-stranger-'));
    let reader: Reader;
    let platform: Platform;
    let closeRegistry = () => {};
    const follow = (blocks: readonly Block[]) => {
      for (const block of blocks) it(`line ${block.line}: ${block.text.split('\n')[0]}`, () => reader.follow(block));
    };

    before(async () => {
      const tarballs = await pack(join(parent, 'packages'));
      const registry = await startRegistry(tarballs);
      closeRegistry = registry.close;
      reader = await arrive(parent, registry.url);
    });
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') console.error(await whatIsWrong(shared.node(), NAMESPACE));
    });
    after(async () => {
      await reader?.close();
      closeRegistry();
      const namespaces = [NAMESPACE, platform?.namespace].filter(name => name !== undefined);
      await shared.node().kubectl(['delete', 'namespace', ...namespaces, '--ignore-not-found', '--timeout=300s']);
      rmSync(parent, { recursive: true, force: true });
    });

    describe('follows the tutorial', () => follow(TUTORIAL));
    describe('puts a queue before a database, finds a failure and mends it', () => follow(onLaptop));
    describe('makes an image of the function', () => follow(ofImage));
    describe('brings it into a cluster', () => {
      before(async () => {
        platform = await installPlatform(shared.node());
        shared.node().load(join(parent, 'orders/images/invoices.tar'));
      });
      follow(onCluster);
    });
  });
}

/** Both packages, as `make packages` does, into a folder; paths of their tarballs. */
async function pack(folder: string): Promise<readonly string[]> {
  mkdirSync(folder);
  const args = ['pack', '--json', '--ignore-scripts=false', '--foreground-scripts=false', '--workspaces'];
  const words = [...args, '--include-workspace-root', '--pack-destination', folder];
  // `prepack` builds where nothing has been built just before (BUILT).
  const env = { ...process.env, MAKEFLAGS: '' };
  const { stdout } = await promisify(execFile)('npm', words, { cwd: root, env, maxBuffer: 64e6 });
  return JSON.parse(stdout).map(({ filename }: { filename: string }) => join(folder, filename));
}

/** Somebody with Node.js, npm, kubectl and nothing else, in an empty folder. */
async function arrive(parent: string, registry: string): Promise<Reader> {
  const [bin, beginsIn] = [join(parent, 'bin'), join(parent, 'work')];
  for (const folder of [bin, beginsIn]) mkdirSync(folder);
  symlinkSync(await buildKube(), join(bin, 'kubectl'));
  const folder = join(parent, 'orders');
  const [port] = await freePorts(1);
  const base = (await buildTestImages()).function.tar;
  return new Reader({
    folder,
    beginsIn,
    instead: {
      'npx tenfold init': 'npx --yes @tenfold/cli init',
      '../orders': folder,
      8090: String(port),
      '../tenfold/dist/images/function.tar': base,
    },
    env: {
      PATH: bin,
      KUBECONFIG: shared?.node().kubeconfig,
      KUBECACHEDIR: join(parent, 'kubectl'),
      npm_config_registry: registry,
      npm_config_cache: join(parent, 'npm'),
      npm_config_ignore_scripts: 'true',
    },
  });
}
