// Makes an image of each function of an application, without Docker, and pushes
// it or writes it as a tar.

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { withoutTrailingSlashes } from '../../core/paths/trailing-slashes.ts';
import { realWorld } from '../../core/world.ts';
import { type Image, writeImage, writeIndex } from '../../images/image.ts';
import { credentialsFor } from '../../images/registry/credentials.ts';
import { pushImages } from '../../images/registry/push.ts';
import { formatReference, parseReference } from '../../images/registry/reference.ts';
import { createRegistryClient } from '../../images/registry/registry-client.ts';
import { writeArchive } from '../../images/write-archive.ts';
import type { Bundle } from '../../k8s/apply/bundle.ts';
import type { Resource, ResourceProblem } from '../../resources/resource.ts';
import { packageVersion } from '../../server/version.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderData } from '../output/render.ts';
import { renderTable } from '../output/table.ts';
import { countProblems } from '../problems/format-problems.ts';
import { shortPath } from '../short-path.ts';
import { bundleFunction } from '../source/bundle-function.ts';
import type { Terminal } from '../terminal.ts';
import { withFurther } from '../validate/further-problems.ts';
import { loadPaths } from '../validate/load-paths.ts';
import { printProblems } from '../validate/validate.ts';
import { openBase } from './base-image.ts';
import { functionImages } from './function-images.ts';

export interface BuildCommandOptions {
  /** All that have a `source`, when none is named. */
  readonly function: readonly string[];
  readonly base?: string | undefined;
  readonly push?: string | undefined;
  readonly tar?: string | undefined;
  readonly tag?: string | undefined;
  readonly platform: readonly string[];
  readonly insecureRegistry: boolean;
  readonly output: 'table' | 'json' | 'yaml';
}

interface Built {
  readonly function: string;
  readonly image: string;
  readonly digest: string;
  /** Compressed, of one platform: what a node has to fetch that has no layer of it. */
  readonly bytes: number;
  readonly tar?: string;
  readonly uploadedBytes?: number;
}

/** Code that is larger than this is a mistake. */
const MAX_CODE_BYTES = 200 * 1024 * 1024;

export async function build(folder: string, options: BuildCommandOptions, terminal: Terminal): Promise<void> {
  if (options.push === undefined && options.tar === undefined) {
    throw new CommandError('usage', 'It is not said where images go: give --push REPOSITORY, --tar FOLDER, or both.');
  }
  const { texts, ...checked } = await loadPaths([folder], terminal);
  const { resources } = checked;
  const problems = withFurther(checked);
  const functions = chosen(resources.ofKind('Function'), options.function);
  const bundled = problems.some(isError)
    ? []
    : await Promise.all(functions.map(async fn => ({ fn, ...(await bundleFunction(fn, MAX_CODE_BYTES)) })));
  const wrong = [...problems, ...bundled.flatMap(one => one.problems)].filter(isError);
  if (wrong.length > 0) {
    printProblems(wrong, texts, { print: text => terminal.say(text.trimEnd()), out: terminal.err, cwd: terminal.cwd });
    terminal.say(`${terminal.err.red(countProblems(wrong))}: nothing was built`);
    terminal.exitCode = exitCodes.invalid.code;
    return;
  }
  const open = async (named: string, actions: 'pull' | 'pull,push') => {
    const reference = parseReference(named);
    const credentials = await credentialsFor(reference.registry, terminal.env);
    const { signal } = new AbortController();
    const settings = { world: realWorld, pause, signal, credentials, insecure: options.insecureRegistry };
    return createRegistryClient(reference, actions, settings);
  };
  const named = options.base ?? `tenfold/function:${packageVersion}`;
  const base = await openBase(named, terminal.cwd, options.platform, reference => open(reference, 'pull'));
  const built: Built[] = [];
  try {
    for (const { fn, bundle } of bundled) {
      if (bundle === undefined) continue;
      const images = await functionImages(base.images, fn.metadata.name, bundle);
      const name = nameOf(fn, bundle, options);
      const tar =
        options.tar === undefined ? undefined : await write(resolve(terminal.cwd, options.tar), fn, name, images);
      const pushed = options.push === undefined ? undefined : await push(name, images);
      const digest = pushed?.digest ?? digestOf(images);
      const bytes = images[0]?.layers.reduce((sum, { size }) => sum + size, 0) ?? 0;
      built.push({
        function: fn.metadata.name,
        image: name,
        digest,
        bytes,
        ...(tar === undefined ? {} : { tar: shortPath(tar, terminal.cwd) }),
        ...(pushed === undefined ? {} : { uploadedBytes: pushed.uploadedBytes }),
      });
    }
  } finally {
    await base.close();
  }
  terminal.print(options.output === 'table' ? table(built) : renderData(built, options.output));
  if (options.push !== undefined && options.output === 'table') {
    const spec = 'spec: { image: …, probes: {} }';
    terminal.say(
      `${terminal.err.cyan('Next:')} name each in a Function with "${spec}", so that one that hangs is restarted.`,
    );
  }

  async function push(name: string, images: readonly Image[]) {
    const client = await open(name, 'pull,push');
    try {
      return await pushImages(client, images);
    } finally {
      await client.close();
    }
  }
}

function chosen(functions: readonly Resource<'Function'>[], names: readonly string[]): readonly Resource<'Function'>[] {
  const sources = functions.filter(({ spec }) => spec.source !== undefined);
  for (const name of names) {
    if (!sources.some(({ metadata }) => metadata.name === name))
      throw new CommandError('usage', `There is no Function "${name}" with a source.`);
  }
  const wanted = names.length === 0 ? sources : sources.filter(({ metadata }) => names.includes(metadata.name));
  if (wanted.length === 0)
    throw new CommandError('usage', 'There is no Function with a source, of which to make an image.');
  return wanted;
}

/**
 * Without a tag the name contains the hash of the code, so that a name never stands for two images.
 */
function nameOf(fn: Resource<'Function'>, { hash }: Bundle, { push, tag }: BuildCommandOptions): string {
  const repository = push === undefined ? fn.metadata.name : `${withoutTrailingSlashes(push)}/${fn.metadata.name}`;
  return formatReference(parseReference(`${repository}:${tag ?? hash}`)).replace(/^docker\.io\/(library\/)?/, '');
}

async function write(
  folder: string,
  fn: Resource<'Function'>,
  name: string,
  images: readonly Image[],
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${fn.metadata.name}.tar`);
  await writeFile(`${file}.partial`, await writeArchive(name, images));
  await rename(`${file}.partial`, file);
  return file;
}

function digestOf(images: readonly Image[]): string {
  const written = images.map(image => ({ platform: image.platform, manifest: writeImage(image).manifest }));
  const [first, ...others] = written;
  return others.length > 0 ? writeIndex(written).digest : (first?.manifest.digest ?? '');
}

/** Never cut: the last column is there to be copied. */
function table(built: readonly Built[]): string {
  const where = built.some(({ tar }) => tar !== undefined)
    ? [{ title: 'TAR', value: (row: Built) => row.tar ?? '' }]
    : [];
  return renderTable<Built>(
    [
      { title: 'FUNCTION', value: row => row.function },
      { title: 'SIZE', value: row => `${(row.bytes / 1e6).toFixed(1)} MB` },
      ...(built.some(({ uploadedBytes }) => uploadedBytes !== undefined)
        ? [{ title: 'SENT', value: (row: Built) => `${((row.uploadedBytes ?? 0) / 1e6).toFixed(1)} MB` }]
        : []),
      ...where,
      { title: 'IMAGE', value: row => `${row.image}@${row.digest}` },
    ],
    built,
  );
}

function isError({ severity }: ResourceProblem): boolean {
  return severity === 'error';
}
