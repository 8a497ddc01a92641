// Services for tests in containers, by Testcontainers: where Docker answers and has the image. None
// is fetched, and they are gone when whoever started them is.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { freePorts } from '../cluster/free-ports.ts';
import type { StartedService } from './started-service.ts';

export interface ContainerService {
  /** Of docker-compose.yaml, which says the image. */
  readonly service: string;
  /** That it listens at. */
  readonly port: number;
  readonly command?: readonly string[];
  /** `port` is that of this machine. */
  environment?(port: number): Readonly<Record<string, string | number>>;
  url(port: number): string;
  /** Asked again and again until it says yes. */
  isReady(port: number): Promise<boolean>;
  /** Once it is. */
  prepare?(port: number): Promise<void>;
}

const DOCKER_WITHIN_MS = 10_000;
const READY_WITHIN_MS = 9 * 60_000;

/** Docker has it, has it not, or does not answer. */
export type ImageState = 'there' | 'missing' | 'away';

export function imageState(image: string): ImageState {
  const found = docker('image', 'ls', '--quiet', image);
  if (found === undefined) return 'away';
  return found === '' ? 'missing' : 'there';
}

/** Of a service of docker-compose.yaml. */
export function imageOf({ service }: Pick<ContainerService, 'service'>): string {
  const file = readFileSync(new URL('../../docker-compose.yaml', import.meta.url), 'utf8');
  const { services } = parse(file, { merge: true });
  return services[service].image;
}

/** What it says, or undefined where it fails. */
export function docker(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('docker', args, { encoding: 'utf8', timeout: DOCKER_WITHIN_MS });
  return status === 0 ? stdout.trim() : undefined;
}

export async function startContainer(spec: ContainerService): Promise<StartedService> {
  // The same Docker as the command's, whichever of its contexts is used.
  process.env['DOCKER_HOST'] ??= docker('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}') ?? '';
  const { GenericContainer, PullPolicy } = await import('testcontainers');
  // Kafka tells its clients the port, so it is known before.
  const [port = 0] = await freePorts(1);
  const name = `tenfold-test-${spec.service}-${randomBytes(6).toString('hex')}`;
  const lines: string[] = [];
  const guard = spawn('sh', ['-c', GUARD, name], { stdio: ['pipe', 'ignore', 'ignore'] });
  try {
    const container = new GenericContainer(imageOf(spec))
      .withName(name)
      .withExposedPorts({ container: spec.port, host: port })
      .withEnvironment(texts(spec.environment?.(port) ?? {}))
      .withPullPolicy(PullPolicy.neverPull())
      // Its own way to remove containers takes an image of its own; the guard does it.
      .withAutoCleanup(false)
      .withLogConsumer(log => log.on('data', (some: Buffer) => lines.push(String(some))))
      .withStartupTimeout(READY_WITHIN_MS);
    await (spec.command ? container.withCommand([...spec.command]) : container).start();
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await spec.isReady(port))) {
      if (Date.now() > deadline) throw new Error('It was not ready in time.');
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    await spec.prepare?.(port);
    return { url: spec.url(port), stop: () => end(guard) };
  } catch (cause) {
    // What ended at once still has its log; what did later is removed by then, but was listened to.
    const { status, stdout, stderr } = spawnSync('docker', ['logs', name], { encoding: 'utf8' });
    await end(guard);
    const said = status === 0 ? stdout + stderr : lines.join('');
    throw new Error(`The container of ${imageOf(spec)} did not start. ${said.slice(-2000)}`, { cause });
  }
}

/**
 * Removes the container ($0) at the end of its input, which the operating system brings
 * about when the parent dies.
 */
const GUARD = 'trap "" INT TERM HUP; cat > /dev/null; docker rm --force --volumes "$0"';

async function end(guard: ChildProcess): Promise<void> {
  if (guard.exitCode !== null) return;
  const ended = once(guard, 'exit');
  guard.stdin?.end();
  await ended;
}

const texts = (values: Readonly<Record<string, string | number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
