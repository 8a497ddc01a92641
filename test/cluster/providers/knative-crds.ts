// Knative Serving's own CRDs, as its Go module has them: what is made for it is what its API server
// takes. Its controllers are not there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { eventually } from '../../eventually.ts';
import { message } from '../installed-crds.ts';
import type { KubeClient } from '../kube-client.ts';

/** 1.15.2: later ones are not to be had whole as Go modules. */
const MODULE = 'knative.dev/serving@v0.42.2';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const KINDS = ['service', 'revision', 'configuration', 'route'];

export async function installKnativeCrds(client: KubeClient): Promise<void> {
  const folder = join(await moduleFolder(), 'config/core/300-resources');
  const files = readdirSync(folder).filter(name => KINDS.some(kind => name === `${kind}.yaml`));
  assert.equal(files.length, KINDS.length);
  for (const file of files) {
    const crd = parse(readFileSync(join(folder, file), 'utf8'));
    // Its webhook converts between versions, of which there is one.
    delete crd.spec.conversion;
    const answer = await client.apply(`${CRDS}/${crd.metadata.name}`, crd);
    assert.ok(answer.status < 300, message(answer));
  }
  const served = async () => {
    const paths = ['services', 'revisions'].map(plural => `/apis/serving.knative.dev/v1/${plural}`);
    const answers = await Promise.all(paths.map(path => client.request('GET', path)));
    return answers.every(({ status }) => status === 200);
  };
  await eventually(served, 'Knative is served');
}

async function moduleFolder(): Promise<string> {
  // Outside of any module of ours.
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', MODULE], {
    cwd: tmpdir(),
    maxBuffer: 1e6,
  });
  return JSON.parse(stdout).Dir;
}
