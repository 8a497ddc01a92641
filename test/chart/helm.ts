// Runs Helm, which is fetched once, and reads what it renders.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../k8s/api/kube-object.ts';

export const CHART = fileURLToPath(new URL('../../charts/tenfold', import.meta.url));
export const CRDS_CHART = fileURLToPath(new URL('../../charts/tenfold-crds', import.meta.url));
const INSTALL = fileURLToPath(new URL('../cluster/chart/install-helm', import.meta.url));
export const RELEASE = 'tenfold';
export const PLATFORM = 'tenfold-system';

export type Major = 3 | 4;

// biome-ignore lint/suspicious/noExplicitAny: tests look into manifests of all kinds
export type Manifest = KubeObject & Record<string, any>;

/** Rejects with what Helm wrote when it fails. */
export async function helm(
  args: readonly string[],
  env: Record<string, string> = {},
  major: Major = 4,
): Promise<string> {
  return run(await helmBinary(major), args, env);
}

/** Its path. */
export async function helmBinary(major: Major = 4): Promise<string> {
  return (await run(INSTALL, [String(major)], {})).trim();
}

/** What every installation must say. */
export const ANSWERS = { namespaces: 'all' };

/**
 * What the chart gives for some values, of a file that only this run has, and for all namespaces
 * unless they say otherwise.
 */
export async function render(
  values: object = {},
  options: readonly string[] = [],
  major: Major = 4,
): Promise<Manifest[]> {
  const text = await withValues({ ...ANSWERS, ...values }, file =>
    helm(['template', RELEASE, CHART, '--namespace', PLATFORM, '--values', file, ...options], {}, major),
  );
  return toManifests(text);
}

export async function withValues<Result>(values: object, use: (file: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'tenfold-values-'));
  try {
    const file = join(folder, 'values.yaml');
    await writeFile(file, JSON.stringify(values));
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Documents that were read before, as JSON: renderings share most of theirs, such as the CRDs. */
const read = new Map<string, string>();

export function toManifests(text: string): Manifest[] {
  return text.split(/^---$/m).flatMap(document => {
    const json = read.get(document) ?? JSON.stringify(parseAllDocuments(document).map(one => one.toJS()));
    read.set(document, json);
    return JSON.parse(json).filter((object: Manifest | null) => object !== null);
  });
}

export function only(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter(
    object => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} of ${kind} ${name ?? ''}, not one`);
  return first;
}

function run(command: string, args: readonly string[], env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr.trim() || error.message));
    });
  });
}
