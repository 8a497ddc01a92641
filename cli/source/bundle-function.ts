// Makes one module of a function and all that it imports, but for the SDK, which its runtime has.
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { BuildFailure, Message, OutputFile } from 'esbuild';
import { isMissing, whyMissing, whyOther } from '../../core/packages/optional-package.ts';
import { type Bundle, MAX_BUNDLE_BYTES, toBundle } from '../../k8s/apply/bundle.ts';
import { problemAt } from '../../resources/references/check.ts';
import type { Resource, ResourceProblem } from '../../resources/resource.ts';
import { CommandError } from '../command-error.ts';

export interface Bundled {
  readonly bundle: Bundle | undefined;
  /** Why there is no bundle. */
  readonly problems: readonly ResourceProblem[];
  /**
   * Absolute paths of the files that went into it, or that would change its imports: a change of
   * any of them changes it.
   */
  readonly files: readonly string[];
}

const compress = promisify(gzip);
/** As it begins a sentence. */
const USE = 'Making one file of a Function';
const SDK = ['tenfold', 'tenfold/testing'];
/** Packages that are CommonJS ask for the modules of Node by this. */
const REQUIRE =
  "import { createRequire as requireOfTenfold } from 'node:module';const require = requireOfTenfold(import.meta.url);";

/** `limit` is the most that its compressed bytes may be. */
export async function bundleFunction(fn: Resource<'Function'>, limit = MAX_BUNDLE_BYTES): Promise<Bundled> {
  const folder = dirname(fn.origin.file);
  const entry = resolve(folder, fn.spec.source ?? '');
  const { build } = await loadBundler();
  const make = async (lean: boolean): Promise<Bundled> => {
    const { outputFiles, metafile } = await build({
      absWorkingDir: folder,
      entryPoints: [entry],
      outfile: 'function.mjs',
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      external: SDK,
      banner: { js: REQUIRE },
      // Errors name places in the sources; where there is room, with the sources themselves.
      sourcemap: 'inline',
      sourcesContent: !lean,
      minifyWhitespace: lean,
      legalComments: 'none',
      logLevel: 'silent',
    });
    const files = Object.keys(metafile.inputs).map(path => resolve(folder, path));
    const module = contentOf(outputFiles);
    const bytes = await compress(module, { level: 9 });
    if (bytes.length <= limit) return { bundle: toBundle(module, bytes), problems: [], files };
    if (!lean) return await make(true);
    return { bundle: undefined, problems: [tooLarge(fn, bytes.length, limit)], files };
  };
  try {
    return await make(false);
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const problems = error.errors.map(message => toProblem(message, fn, folder));
    return { bundle: undefined, problems, files: [entry, ...problems.map(({ file }) => file)] };
  }
}

async function loadBundler(): Promise<typeof import('esbuild')> {
  const other = whyOther('esbuild', USE);
  if (other !== undefined) throw new CommandError('no-bundler', other);
  try {
    return await import('esbuild');
  } catch (cause) {
    const message = isMissing(cause, 'esbuild')
      ? whyMissing('esbuild', USE)
      : 'esbuild, which makes one file of a Function, does not load here.';
    throw new CommandError('no-bundler', message, { cause });
  }
}

function contentOf(files: readonly OutputFile[]): Uint8Array {
  const [file] = files;
  if (file === undefined) throw new Error('esbuild wrote nothing.');
  return file.contents;
}

function tooLarge(fn: Resource<'Function'>, bytes: number, limit: number): ResourceProblem {
  const message =
    `Its code has ${Math.ceil(bytes / 1000)} kB compressed; what a cluster stores has room for ${Math.floor(limit / 1000)}. ` +
    `Make an image of it with "tenfold build --function ${fn.metadata.name} --push REPOSITORY".`;
  return problemAt(fn, ['spec', 'source'], { message });
}

function toProblem({ text, location }: Message, fn: Resource<'Function'>, folder: string): ResourceProblem {
  const isNative = text.startsWith('No loader is configured for ".node" files');
  const message = isNative
    ? `${text}: packages with native code need an image of their own, named in spec.image.`
    : text;
  if (location === null) return problemAt(fn, ['spec', 'source'], { message });
  const { file, line, column } = location;
  return { severity: 'error', file: resolve(folder, file), line, column: column + 1, path: '', message };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}
