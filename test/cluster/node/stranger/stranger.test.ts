// The path of a stranger, from the packages as they ship, in an empty folder: an application, the
// tutorial, a function with a queue, its failure found and mended, its image, a cluster, an
// upgrade.
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CHART, helmBinary } from '../../../chart/helm.ts';
import { type Block, Reader, readPage } from '../../../e2e/followed-page.ts';
import { type Packages, packPackages } from '../../../e2e/packages/npm.ts';
import { freePorts } from '../../free-ports.ts';
import { buildKube } from '../../go-binary.ts';
import { buildTestImages } from '../../images.ts';
import { installPlatform, type Platform, whatIsWrong } from '../platform.ts';
import { findNode } from '../shared-node.ts';
import { offerVolume } from '../volumes.ts';

const TUTORIAL = readPage('tutorial.md').filter(({ language }) => language !== 'image');
const HOW_TO = readPage('how-to/queue-before-a-database.md');
const UPGRADE = readPage('how-to/upgrade.md');
const NAMESPACE = 'billing';

const shared = findNode();
const at = HOW_TO.findIndex(({ language }) => language === 'stop');
const inCluster = HOW_TO.findIndex(({ text }) => text.startsWith('IMAGE='));
const [onLaptop, ofImage, onCluster] = [HOW_TO.slice(0, at), HOW_TO.slice(at, inCluster), HOW_TO.slice(inCluster)];

if (shared) {
  describe('A stranger', () => {
    let packages: Packages;
    let reader: Reader;
    let platform: Platform;
    const follow = (blocks: readonly Block[]) => {
      for (const block of blocks) it(`line ${block.line}: ${block.text.split('\n')[0]}`, () => reader.follow(block));
    };

    before(async () => {
      packages = await packPackages([]);
      reader = await arrive(packages);
    });
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') console.error(await whatIsWrong(shared.node(), NAMESPACE));
    });
    after(async () => {
      await reader?.close();
      const namespaces = [NAMESPACE, platform?.namespace].filter(name => name !== undefined);
      await shared.node().kubectl(['delete', 'namespace', ...namespaces, '--ignore-not-found', '--timeout=300s']);
      packages?.close();
    });

    describe('follows the tutorial', () => follow(TUTORIAL));
    describe('puts a queue before a database, finds a failure and mends it', () => follow(onLaptop));
    describe('makes an image of the function', () => follow(ofImage));
    describe('brings it into a cluster', () => {
      before(async () => {
        platform = await installPlatform(shared.node());
        shared.node().load(join(reader.folder, 'images/invoices.tar'));
      });
      follow(onCluster);
    });
    describe('upgrades what is there, and goes back, at last to a copy', () => {
      before(async () => {
        for (const _ of ['backups', 'restored']) await offerVolume(shared.node());
      });
      follow(UPGRADE);
    });
  });
}

/** Somebody with Node.js, npm, kubectl, Helm and nothing else, in an empty folder. */
async function arrive({ folder: parent, npm }: Packages): Promise<Reader> {
  const [bin, beginsIn] = [join(parent, 'bin'), join(parent, 'empty')];
  for (const folder of [bin, beginsIn]) mkdirSync(folder);
  symlinkSync(await buildKube(), join(bin, 'kubectl'));
  symlinkSync(await helmBinary(), join(bin, 'helm'));
  const folder = join(beginsIn, 'orders');
  const [port, later] = await freePorts(2);
  const base = (await buildTestImages()).function.tar;
  return new Reader({
    folder,
    beginsIn,
    instead: {
      'npx tenfold init ../orders': 'npm create tenfold@latest orders',
      '../orders': folder,
      8090: String(port),
      8091: String(later),
      '../tenfold/dist/images/function.tar': base,
      // The same version replaces its pods: two versions are for the nights (../upgrade.test.ts).
      '../tenfold/charts/tenfold': `${CHART} --set podAnnotations.version=newer`,
      '../tenfold-before/charts/tenfold': CHART,
    },
    env: {
      ...npm,
      PATH: bin,
      KUBECONFIG: shared?.node().kubeconfig,
      KUBECACHEDIR: join(parent, 'kubectl'),
    },
  });
}
