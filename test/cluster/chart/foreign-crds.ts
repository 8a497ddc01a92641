// CRDs of others that the chart has objects for, as their own projects publish them as Go modules:
// fetched once into Go's cache.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { eventually } from '../../eventually.ts';
import { message } from '../installed-crds.ts';
import type { KubeClient } from '../kube-client.ts';

const SOURCES = [
  {
    module: 'sigs.k8s.io/gateway-api@v1.4.0',
    files: ['config/crd/standard/gateway.networking.k8s.io_httproutes.yaml'],
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    files: ['servicemonitors', 'prometheusrules'].map(
      plural => `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`,
    ),
  },
];
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Resolves when objects of all of them are taken. */
export async function installForeignCrds(client: KubeClient): Promise<void> {
  for (const { module, files } of SOURCES) {
    const folder = await download(module);
    for (const file of files) await install(client, parse(await readFile(join(folder, file), 'utf8')));
  }
}

interface Crd {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string }[];
  };
}

async function install(client: KubeClient, crd: Crd): Promise<void> {
  const answer = await client.apply(`${CRDS}/${crd.metadata.name}`, crd);
  if (answer.status >= 300) throw new Error(`${crd.metadata.name}: ${message(answer)}`);
  const { group, names, versions } = crd.spec;
  const path = `/apis/${group}/${versions[0]?.name}/${names.plural}`;
  await eventually(async () => (await client.request('GET', path)).status === 200, `${path} is served`);
}

async function download(module: string): Promise<string> {
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', module]);
  return JSON.parse(stdout).Dir;
}
