// Builds what runs in a cluster from the Go module proxy, once; binaries are kept outside the
// checkout, by what they are made of.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION_PACKAGE = 'k8s.io/component-base/version';

/**
 * Path of etcd and all of Kubernetes in one binary; the first build takes some
 * five minutes on two cores.
 */
export function buildKube(): Promise<string> {
  const version = pinned('kube', 'k8s.io/kubernetes');
  const [major, minor] = version.split('.');
  // Linked in, or clients are told v0.0.0.
  const variables = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor };
  const ldflags = Object.entries(variables).map(([name, value]) => `-X ${VERSION_PACKAGE}.${name}=${value}`);
  return buildGo('kube', ldflags.join(' '));
}

/** Path of the binary of the program in a folder beside this file. */
export async function buildGo(folder: string, ldflags = '', target = '.', name = folder): Promise<string> {
  const sources = fileURLToPath(new URL(`./${folder}/`, import.meta.url));
  const binary = join(cacheFolder(), `${name}-${fingerprint(sources, `${ldflags} ${target}`)}`);
  if (existsSync(binary)) return binary;
  await mkdir(cacheFolder(), { recursive: true });
  process.stderr.write(`Building ${name} from source. This happens once and may take some minutes.\n`);
  await run(sources, binary, ['-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${ldflags}`, target]);
  return binary;
}

function cacheFolder(): string {
  return process.env.TENFOLD_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tenfold');
}

/** The version, without `v`, that a program's go.mod pins. */
function pinned(folder: string, module: string): string {
  const text = readFileSync(new URL(`./${folder}/go.mod`, import.meta.url), 'utf8');
  const [, version] = text.split(`${module} v`).map(part => /^[0-9]+\.[0-9]+\.[0-9]+/.exec(part)?.[0]);
  if (version === undefined) throw new Error(`test/cluster/${folder}/go.mod does not pin ${module}.`);
  return version;
}

function fingerprint(sources: string, how: string): string {
  const hash = createHash('sha256').update(how);
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter(name =>
    /\.(go|mod|sum)$/.test(name),
  );
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(sources, file)));
  return hash.digest('hex').slice(0, 12);
}

/**
 * Of runs that want the same binary ($0) one builds it, and the others wait, where the system has
 * `flock`; elsewhere each builds its own, and the last one stays.
 */
const BUILD = `if command -v flock >/dev/null; then exec 9>"$0.lock"; flock 9; fi
[ ! -e "$0" ] || exit 0
nice -n 10 go build -o "$0.$$" "$@" && mv "$0.$$" "$0"`;

function run(folder: string, binary: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', BUILD, binary, ...args], {
      cwd: folder,
      env: { ...process.env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4000);
    });
    child.once('error', reject);
    child.once('exit', code => {
      if (code === 0) resolve();
      else reject(new Error(`go build in ${folder} ended with ${code}. Go 1.26 or later is needed.\n${errors}`));
    });
  });
}
