// `tenfold dev --cluster`: follows the files of an application and deploys them to a cluster, until
// a signal asks it to stop.
import { setTimeout as pause } from 'node:timers/promises';
import { realWorld } from '../../core/world.ts';
import type { KubeClient } from '../../k8s/api/kube-client.ts';
import { KubeError } from '../../k8s/api/kube-error.ts';
import type { Applied } from '../../k8s/apply/apply-application.ts';
import { waitReady } from '../../k8s/apply/wait-ready.ts';
import { createWriter, type Writer } from '../../k8s/apply/writer.ts';
import { listenForStop } from '../application/stop-signals.ts';
import { applicationName } from '../apply/application-name.ts';
import { isError } from '../apply/prepare.ts';
import { type ClusterOptions, withCluster } from '../cluster/cluster-options.ts';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';
import { ApplicationFiles } from './application-files.ts';
import { type Cause, Changes } from './changes.ts';
import type { ClusterReporter } from './cluster-reporter.ts';
import { createDeployer, type Deployer } from './deploy-changes.ts';
import { followPodLogs } from './pod-logs.ts';

export interface DevClusterOptions extends ClusterOptions {
  readonly application?: string | undefined;
}

const READY_WITHIN_MS = 120_000;
/** The pause after a server was away; a changed file ends it. */
const AGAIN_MS = 2000;

/** `directory` is absolute. */
export async function devCluster(
  directory: string,
  options: DevClusterOptions,
  reporter: ClusterReporter,
  terminal: Terminal,
): Promise<void> {
  const application = await applicationName(options.application, [directory], terminal.cwd);
  if (application === undefined) throw new CommandError('no-folder', `There is no folder ${directory}.`);
  await withCluster(options, terminal, async ({ client, namespace }) => {
    const stop = listenForStop();
    const following = new FollowedApplication({ client, namespace, application, directory, reporter, terminal });
    try {
      const rounds = following.run();
      // Errors while it is being stopped are of no interest.
      rounds.catch(() => {});
      const signal = await Promise.race([stop.first, rounds.then(() => 'end')]);
      reporter.said('info', `stopping (${signal}); the application goes on in the cluster`);
    } finally {
      stop.ignore();
      await following.close();
    }
  });
}

interface FollowedOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly application: string;
  readonly directory: string;
  readonly reporter: ClusterReporter;
  readonly terminal: Terminal;
}

/** An application whose files are followed, round by round. */
class FollowedApplication {
  readonly #options: FollowedOptions;
  readonly #ending = new AbortController();
  readonly #changes: Changes;
  readonly #files: ApplicationFiles;
  readonly #deployer: Deployer;
  readonly #writer: Writer;
  readonly #logs: Promise<void>;

  constructor(options: FollowedOptions) {
    const { client, namespace, application, directory, reporter, terminal } = options;
    const { signal } = this.#ending;
    this.#options = options;
    this.#deployer = createDeployer(namespace, application);
    this.#writer = createWriter({ client, signal, dryRun: false, force: false });
    this.#changes = new Changes(realWorld, directory);
    this.#files = new ApplicationFiles({
      directory,
      namespace,
      terminal,
      world: realWorld,
      changed: file => this.#changes.notice(file),
    });
    this.#logs = followPodLogs({
      client,
      signal,
      namespace,
      functions: () => this.#deployer.functions,
      log: entry => reporter.functionLog(entry),
      forbidden: message => reporter.said('warn', `logs are not shown: ${message}`),
    });
  }

  /** Goes on until `close`, or an error that no later round can mend. */
  async run(): Promise<void> {
    const { directory, namespace, reporter } = this.#options;
    reporter.said(
      'info',
      `follows ${directory} into the namespace "${namespace}"; Ctrl-C stops that, and what runs goes on`,
    );
    while (!this.#ending.signal.aborted) {
      const cause = this.#changes.take();
      try {
        await this.#deploy(cause);
      } catch (error) {
        if (!(error instanceof KubeError && error.retryable)) throw error;
        reporter.said('warn', `${error.message}; it is tried again`);
        await pause(AGAIN_MS, undefined, { signal: cause.signal }).catch(() => {});
        continue;
      }
      await this.#changes.next();
    }
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#changes.end();
    this.#files.close();
    await this.#logs;
  }

  async #deploy(cause: Cause): Promise<void> {
    const { reporter } = this.#options;
    const prepared = await this.#files.read();
    const { applied, problems } = await this.#deployer.deploy(prepared, this.#writer);
    if (problems.length > 0) reporter.problems(problems, !problems.some(isError));
    reporter.applied(applied);
    await this.#untilReady(applied, cause);
  }

  async #untilReady(applied: readonly Applied[], cause: Cause): Promise<void> {
    const changed = applied.filter(({ action }) => action === 'created' || action === 'configured');
    // Each is printed as soon as it runs.
    await Promise.all(changed.map(one => this.#untilOneReady(one, cause))).catch(error => {
      // The next round waits for what this one would have.
      if (!cause.signal.aborted) throw error;
    });
  }

  async #untilOneReady(one: Applied, { file, at, signal }: Cause): Promise<void> {
    const { namespace, reporter } = this.#options;
    const [late] = await waitReady([one], {
      writer: this.#writer,
      world: realWorld,
      pause: ms => pause(ms, undefined, { signal }),
      timeoutMs: READY_WITHIN_MS,
      progress() {},
    });
    if (late !== undefined) reporter.late(late);
    else if (one.kind === 'Function')
      reporter.runs({ namespace, name: one.name, file, tookMs: realWorld.monotonic() - at });
  }
}
