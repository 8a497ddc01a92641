// Kafka for tests: in a container, or nodes of KRaft, each broker and controller in one, from the
// cache that `install-kafka` fills, with ports and folders of their own.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../cluster/free-ports.ts';
import { type NativeProcess, startNative } from './native-process.ts';
import type { ServiceKind } from './service.ts';

const HOME = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tenfold/services/kafka-4.3.1');
const CLUSTER_ID = 'dGVuZm9sZC1zZXJ2aWNlcw';

export const kafka: ServiceKind = {
  name: 'Kafka',
  variable: 'TENFOLD_TEST_KAFKA',
  container: {
    service: 'kafka',
    port: 9092,
    environment: port => ({
      KAFKA_HEAP_OPTS: '-Xms64m -Xmx256m',
      ...toVariables({
        ...defaults(1, [9093]),
        listeners: 'PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093',
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
      }),
    }),
    url: port => `127.0.0.1:${port}`,
    isReady: port => answers(port, '127.0.0.1'),
  },
  isInstalled: () => existsSync(join(HOME, 'complete')),
  async start() {
    const cluster = await startKafka();
    return { url: cluster.brokers.join(','), stop: cluster.stop };
  },
};

export interface KafkaNode {
  readonly port: number;
  /** It changes when it is started anew. */
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** As after a crash: nothing is said to the others. */
  kill(): Promise<void>;
  /** Again, with what it had on its disk. */
  start(): Promise<void>;
  /** Whether it answers. */
  isUp(): Promise<boolean>;
}

export interface KafkaCluster {
  /** `host:port` of each node. */
  readonly brokers: readonly string[];
  readonly nodes: readonly KafkaNode[];
  stop(): Promise<void>;
}

export interface KafkaOptions {
  /** 1, or 3 with as many replicas of everything, two of which must have what is acknowledged. */
  readonly nodes?: 1 | 3;
  /** Of server.properties. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Port under which clients are told to reach node n, such as one of a proxy. */
  advertised?(node: number, port: number): number;
  /** Files that `settings` name as `FOLDER/name`, with their contents. */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * Folder that node n keeps everything in, for tests that fill it; one of its own when left out.
   */
  disk?(node: number): string | undefined;
  /** Further variables of node n. */
  environment?(node: number): Readonly<Record<string, string | undefined>> | undefined;
  /**
   * What is spoken to clients: `PLAINTEXT`, or with settings that it needs `SSL`,
   * `SASL_PLAINTEXT`, `SASL_SSL`.
   */
  readonly protocol?: string;
  /** Address of this machine that it listens on, instead of loopback. */
  readonly host?: string;
  /** With all of its compilers, as for a measurement; a start takes nearly twice the CPU then. */
  readonly isMeasured?: boolean;
}

export async function startKafka({ nodes = 1, ...options }: KafkaOptions = {}): Promise<KafkaCluster> {
  const ports = await freePorts(2 * nodes);
  const controllers = ports.slice(nodes);
  const started = await Promise.allSettled(
    Array.from({ length: nodes }, (_, index) => startNode(index + 1, ports[index] ?? 0, controllers, options)),
  );
  const running = started.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async () => {
    await Promise.all(running.map(node => node.stop()));
  };
  const failed = started.find(result => result.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { brokers: running.map(({ port }) => `${options.host ?? '127.0.0.1'}:${port}`), nodes: running, stop };
}

async function startNode(
  id: number,
  port: number,
  controllers: readonly number[],
  options: KafkaOptions,
): Promise<KafkaNode & { stop(): Promise<void> }> {
  const {
    settings = {},
    files = {},
    advertised = (_, own) => own,
    protocol = 'PLAINTEXT',
    host = '127.0.0.1',
    isMeasured = false,
  } = options;
  const processes: NativeProcess[] = [];
  const properties = (folder: string) => join(processes[0]?.folder ?? folder, 'server.properties');
  const start = async () => {
    const java = javaPath();
    processes.push(
      await startNative({
        name: 'kafka',
        command: java,
        env: options.environment?.(id) ?? {},
        args: folder => [
          '-Xms64m',
          '-Xmx256m',
          '-XX:+UseSerialGC',
          ...(isMeasured ? [] : ['-XX:TieredStopAtLevel=1']),
          '-Djava.awt.headless=true',
          `-Dlog4j2.configurationFile=file:${join(HOME, 'log4j2.properties')}`,
          ...archive(java),
          '-cp',
          classpath(),
          'kafka.Kafka',
          properties(folder),
        ],
        async prepare(folder) {
          if (processes.length > 0) return;
          const disk = options.disk?.(id) ?? join(folder, 'disk');
          await mkdir(disk, { recursive: true });
          await copyFile(join(HOME, 'bootstrap.checkpoint'), join(disk, 'bootstrap.checkpoint'));
          const ids = { version: 1, 'cluster.id': CLUSTER_ID, 'node.id': id, 'directory.id': uuid() };
          await writeFile(join(disk, 'meta.properties'), lines(ids));
          for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
          const all = {
            ...defaults(id, controllers),
            listeners: `${protocol}://${host}:${port},CONTROLLER://127.0.0.1:${controllers[id - 1]}`,
            'advertised.listeners': `${protocol}://${host}:${advertised(id, port)}`,
            'inter.broker.listener.name': protocol,
            'log.dirs': disk,
            ...settings,
          };
          await writeFile(properties(folder), lines(all).replaceAll('FOLDER', folder));
        },
        isReady: () => answers(port, host),
        // Two seconds where nothing else runs; after a crash each log is looked through.
      }),
    );
  };
  await start();
  const signal = (name: NodeJS.Signals) => processes.at(-1)?.signal(name);
  return {
    port,
    get pid() {
      return processes.at(-1)?.pid ?? 0;
    },
    signal,
    start,
    isUp: () => answers(port, host),
    async kill() {
      // It may have ended by itself.
      tryTo(() => signal('SIGKILL'));
      while (await answers(port, host)) await new Promise(resolve => setTimeout(resolve, 5));
    },
    async stop() {
      // What it keeps is removed anyhow. Only the first time it ends by itself,
      // as that writes the archive.
      if (!archive(javaPath()).some(option => option.includes('=') && !existsSync(option.split('=')[1] ?? '')))
        tryTo(() => signal('SIGKILL'));
      for (const each of processes.toReversed()) await each.stop();
    },
  };
}

/**
 * Small and quick: few internal partitions, no wait before the first member of a group, dead nodes
 * noticed in three seconds.
 */
function defaults(id: number, controllers: readonly number[]): Record<string, string | number> {
  const replicas = controllers.length;
  const least = replicas < 3 ? 1 : 2;
  return {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': controllers.map((port, index) => `${index + 1}@127.0.0.1:${port}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map':
      'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': least,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': least,
    'transaction.state.log.num.partitions': 4,
    // It would end by itself, as it does a minute after a start that slow.
    'initial.broker.registration.timeout.ms': 600_000,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': least,
    'share.coordinator.state.topic.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 3000,
    'controller.quorum.election.timeout.ms': 500,
    // Else the quorum writes a record of nothing twice a second, a fifth of what an idle node
    // computes.
    'metadata.max.idle.interval.ms': 5000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    // Else it takes 128 MB.
    'log.cleaner.dedupe.buffer.size': 8388608,
    'log.retention.check.interval.ms': 1000,
    'log.initial.task.delay.ms': 500,
  };
}

const lines = (values: Readonly<Record<string, string | number>>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

/** As its image takes them. */
const toVariables = (properties: Readonly<Record<string, string | number>>) =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [`KAFKA_${name.replaceAll('.', '_').toUpperCase()}`, value]),
  );

const uuid = () => randomBytes(16).toString('base64url');

let java: string | undefined;
function javaPath(): string {
  java ??= execFileSync(fileURLToPath(new URL('find-java', import.meta.url)), ['17'], { encoding: 'utf8' }).trim();
  return java;
}

/** Jars in a fixed order, so that the archive of classes stays valid. */
function classpath(): string {
  const folder = join(HOME, 'lib');
  return readdirSync(folder)
    .sort()
    .map(name => join(folder, name))
    .join(':');
}

/** JDK 19 and later. */
function archive(command: string): string[] {
  const version = Number(/(?:jdk|java|temurin)[^/]*?(\d\d)/.exec(command)?.[1] ?? 0);
  if (version < 19) return [];
  return ['-XX:+AutoCreateSharedArchive', `-XX:SharedArchiveFile=${join(HOME, `classes-${version}.jsa`)}`];
}

function tryTo(run: () => void): void {
  try {
    run();
  } catch {
    // It has ended.
  }
}

/** ApiVersions, version 0, without a client's name. */
const QUESTION = Buffer.from('0000000a0012000000000001ffff', 'hex');

function answers(port: number, host: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, host, () => socket.write(QUESTION));
    const finish = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(1000, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    socket.once('data', () => finish(true));
  });
}
