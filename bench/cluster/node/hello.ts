// A Function that answers, as an image or from its source, with an Api that leads to it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from '../../../test/cli/run-cli.ts';
import { buildTestImages } from '../../../test/cluster/images.ts';
import type { Node } from '../../../test/cluster/node/node.ts';

/** The command line as it ships; `buildCli` of the tests makes it. */
const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const SOURCE = "import { http } from 'tenfold';\nexport default http(() => ({ hello: 'world' }));\n";
export const IMAGE = 'hello:1';

/** Falls asleep soon after it was called. */
export function applicationOf(name: string, code: { readonly image: string } | { readonly source: string }): string {
  const [[field, value] = []] = Object.entries(code);
  return `apiVersion: tenfold.dev/v1alpha1
kind: Function
metadata: { name: ${name} }
spec: { ${field}: "${value}", scale: { min: 0, max: 1, idle: 2s } }
---
apiVersion: tenfold.dev/v1alpha1
kind: Api
metadata: { name: ${name} }
spec: { routes: [{ match: { method: GET, path: /${name} }, to: { function: ${name} } }] }
`;
}

/** The folder of an application of that name. */
export async function writeHello(folder: string, name: string): Promise<void> {
  await writeFile(join(folder, 'app.yaml'), applicationOf(name, { source: './hello.mjs' }));
  await writeFile(join(folder, 'hello.mjs'), SOURCE);
}

/** Builds `IMAGE` by `tenfold build` and makes it known to the node. */
export async function loadHello(node: Node, folder: string): Promise<void> {
  await writeHello(folder, 'hello');
  const base = (await buildTestImages()).function.tar;
  await tenfold(node, ['build', folder, '--base', base, '--tar', folder, '--tag', '1']);
  node.load(join(folder, 'hello.tar'));
}

export async function tenfold(node: Node, words: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runCli(words, { main: MAIN, env: { KUBECONFIG: node.kubeconfig } });
  if (code !== 0) throw new Error(`tenfold ${words.join(' ')}: ${stderr}\n${stdout}`);
}
