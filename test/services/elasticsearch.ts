// Elasticsearch for tests: in a container, or one real node of the published server jars, from
// the cache that `install-elasticsearch` fills. That has none of the modules of the full
// distribution: no security, scripts, reindex, delete-by-query or ingest, and of the analysis
// only what the server itself has.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statfsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../cluster/free-ports.ts';
import { type NativeProcess, startNative } from './native-process.ts';
import type { ServiceKind } from './service.ts';

const HOME = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tenfold/services/elasticsearch-9.5.3');

const ENOUGH_BYTES = 1 << 30;
const SETTINGS = {
  'cluster.name': 'tenfold-test',
  'discovery.type': 'single-node',
  'cluster.routing.allocation.disk.threshold_enabled': 'false',
};

export const elasticsearch: ServiceKind = {
  name: 'Elasticsearch',
  variable: 'TENFOLD_TEST_ELASTICSEARCH',
  container: {
    service: 'elasticsearch',
    port: 9200,
    environment: () => ({
      ...SETTINGS,
      'xpack.security.enabled': 'false',
      ES_JAVA_OPTS: '-Xms128m -Xmx512m',
    }),
    url: port => `http://127.0.0.1:${port}`,
    isReady: port => isUp(`http://127.0.0.1:${port}`),
  },
  isInstalled: () => existsSync(join(HOME, 'complete')),
  async start() {
    const server = await startElasticsearch();
    return { url: server.url, stop: server.stop };
  },
};

export interface ElasticsearchServer {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now. */
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** As after a crash. */
  kill(): Promise<void>;
  /** Again, with what it had on its disk. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ElasticsearchOptions {
  /** Those of elasticsearch.yml. */
  readonly settings?: Readonly<Record<string, string>>;
  /** On the disk and with all of its compilers, as for a measurement; it begins slower then. */
  readonly isMeasured?: boolean;
}

/** One of its own, for tests that break it. */
export async function startElasticsearch({
  settings = {},
  isMeasured = false,
}: ElasticsearchOptions = {}): Promise<ElasticsearchServer> {
  const [port = 0, transport = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${port}`;
  const all = {
    ...SETTINGS,
    'network.host': '127.0.0.1',
    'http.port': String(port),
    'transport.port': String(transport),
    ...settings,
  };
  const processes: NativeProcess[] = [];
  const start = async () => {
    const java = javaPath();
    // What is on its disk stays in the folder of the first process.
    const home = (folder: string) => processes[0]?.folder ?? folder;
    const process = await startNative({
      name: 'elasticsearch',
      command: java,
      parent: isMeasured ? tmpdir() : inMemory(),
      args: folder => [
        '-Xms128m',
        '-Xmx512m',
        '-XX:+UseSerialGC',
        ...(isMeasured ? [] : ['-XX:TieredStopAtLevel=1']),
        ...archive(java),
        '-cp',
        classpath(),
        'EmbeddedNode',
        home(folder),
        ...Object.entries(all).map(([name, value]) => `${name}=${value}`),
      ],
      async prepare(folder) {
        if (processes.length > 0) return;
        for (const name of ['config', 'plugins']) await mkdir(join(folder, name));
        await symlink(join(HOME, 'modules'), join(folder, 'modules'));
      },
      isReady: () => isUp(url),
    });
    processes.push(process);
  };
  await start();
  const signal = (name: NodeJS.Signals) => processes.at(-1)?.signal(name);
  return {
    url,
    port,
    get pid() {
      return processes.at(-1)?.pid ?? 0;
    },
    start,
    signal,
    async kill() {
      signal('SIGKILL');
      while (await isUp(url)) await new Promise(resolve => setTimeout(resolve, 5));
    },
    async stop() {
      // What it keeps is removed anyhow.
      tryTo(() => signal('SIGKILL'));
      for (const each of processes.toReversed()) await each.stop();
    },
  };
}

/** To make an index takes several syncs to the disk, and tests make hundreds. */
function inMemory(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > ENOUGH_BYTES ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}

async function isUp(url: string): Promise<boolean> {
  try {
    const health = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`, {
      signal: AbortSignal.timeout(2 * 60_000),
    });
    return health.ok;
  } catch {
    return false;
  }
}

function javaPath(): string {
  const find = fileURLToPath(new URL('find-java', import.meta.url));
  return execFileSync(find, ['21'], { encoding: 'utf8' }).trim();
}

/**
 * Of classes, written when it first ends (`install-elasticsearch` sees to that): it halves the
 * start. Each version of Java needs its own.
 */
function archive(java: string): string[] {
  const name = java.replaceAll(/[^a-zA-Z0-9]+/g, '-');
  return ['-XX:+AutoCreateSharedArchive', `-XX:SharedArchiveFile=${join(HOME, `classes${name}.jsa`)}`];
}

/** In a fixed order, or the archive of classes would not fit. */
function classpath(): string {
  const jars = readdirSync(join(HOME, 'lib')).sort();
  return jars.map(jar => join(HOME, 'lib', jar)).join(':');
}

function tryTo(work: () => void): void {
  try {
    work();
  } catch {
    // It has ended.
  }
}
