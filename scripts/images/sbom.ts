// Says which software is in an image, as a CycloneDX 1.6 document.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../bundle.ts';

/** The same packages give the same bytes: no time, no serial number. */
export async function sbomOf(image: string, packages: readonly string[], node: string): Promise<Uint8Array> {
  const { version, license } = await manifestOf(root);
  const components = await Promise.all(
    packages.map(async name => component(await manifestOf(join(root, 'node_modules', name)))),
  );
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'container', name: `tenfold/${image}`, version, licenses: [{ license: { id: license } }] },
    },
    components: [
      { type: 'application', name: 'node', version: node, cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*` },
      ...components,
    ],
  };
  return new TextEncoder().encode(`${JSON.stringify(document, undefined, 2)}\n`);
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}

function component({ name, version, license }: Manifest) {
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(typeof license === 'string' ? { licenses: [{ expression: license }] } : {}),
  };
}
