// Builds etcd and the API server from the Go module proxy, once; the binary is kept outside the checkout.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('./kube/', import.meta.url));
const VERSION_PACKAGE = 'k8s.io/component-base/version';

/** Path of the binary; the first build takes some five minutes on two cores. */
export async function buildKube(): Promise<string> {
  const version = kubernetesVersion();
  const [major, minor] = version.split('.');
  const ldflags = `-s -w -X ${VERSION_PACKAGE}.gitVersion=v${version} -X ${VERSION_PACKAGE}.gitMajor=${major} -X ${VERSION_PACKAGE}.gitMinor=${minor}`;
  const binary = join(cacheFolder(), `kube-${version}-${fingerprint(ldflags)}`);
  if (existsSync(binary)) return binary;
  await mkdir(cacheFolder(), { recursive: true });
  process.stderr.write(`Building the Kubernetes ${version} control plane. This happens once and takes some minutes.\n`);
  // Two runs may build at the same time: each has its own file, and the last rename wins with equal content.
  const partial = `${binary}.${process.pid}`;
  await run('nice', [
    '-n',
    '10',
    'go',
    'build',
    '-trimpath',
    '-buildvcs=false',
    '-ldflags',
    ldflags,
    '-o',
    partial,
    '.',
  ]);
  await rename(partial, binary);
  return binary;
}

function cacheFolder(): string {
  return process.env.TENFOLD_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tenfold');
}

/** The version without `v` that go.mod pins; it must be linked in, or clients are told v0.0.0. */
function kubernetesVersion(): string {
  const version = /k8s\.io\/kubernetes v([0-9]+\.[0-9]+\.[0-9]+)/.exec(
    readFileSync(join(SOURCES, 'go.mod'), 'utf8'),
  )?.[1];
  if (version === undefined) throw new Error('test/cluster/kube/go.mod does not pin k8s.io/kubernetes.');
  return version;
}

function fingerprint(ldflags: string): string {
  const hash = createHash('sha256').update(ldflags);
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(SOURCES, file)));
  return hash.digest('hex').slice(0, 12);
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: SOURCES,
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
      else
        reject(
          new Error(
            `${command} ${args.slice(2, 4).join(' ')} ended with ${code}. Go 1.26 or later is needed.\n${errors}`,
          ),
        );
    });
  });
}
