// `tenfold dev --cluster`: follows the files of an application and deploys them to a cluster, until
// a signal asks it to stop.
import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { realWorld } from '../../core/world.ts';
import { createSourceWatcher } from '../../drivers/function-host/local/source-watcher.ts';
import { KubeError } from '../../k8s/api/kube-error.ts';
import type { Applied } from '../../k8s/apply/apply-application.ts';
import { waitReady } from '../../k8s/apply/wait-ready.ts';
import { createWriter } from '../../k8s/apply/writer.ts';
import { watchFolders } from '../../resources/catalog/watch-folders.ts';
import { listenForStop } from '../application/stop-signals.ts';
import { applicationName } from '../apply/application-name.ts';
import { isError, prepare } from '../apply/prepare.ts';
import { type ClusterOptions, withCluster } from '../cluster/cluster-options.ts';
import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';
import { createBundleCache } from './bundle-cache.ts';
import type { ClusterReporter } from './cluster-reporter.ts';
import { createDeployer } from './deploy-changes.ts';
import { followPodLogs } from './pod-logs.ts';

export interface DevClusterOptions extends ClusterOptions {
  readonly application?: string | undefined;
}

const READY_WITHIN_MS = 120_000;
/** The pause after a server was away. */
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
    const ending = new AbortController();
    const deployer = createDeployer(namespace, application);
    const writer = createWriter({ client, signal: ending.signal, dryRun: false, force: false });
    /** Aborts the wait of a round that another change follows. */
    let round = new AbortController();
    let changedAt = realWorld.monotonic();
    let causes: string[] = [];
    let wake = Promise.withResolvers<void>();
    const notice = (file?: string) => {
      if (causes.length === 0) changedAt = realWorld.monotonic();
      causes.push(file ?? directory);
      round.abort();
      wake.resolve();
    };
    const folders = watchFolders(directory, realWorld, () => notice());
    const cache = createBundleCache();
    const noticeSource = (file: string) => {
      cache.changed(file);
      notice(file);
    };
    const sources = createSourceWatcher(realWorld, noticeSource);
    let watched: ReadonlySet<string> = new Set();
    const logs = followPodLogs({
      client,
      signal: ending.signal,
      namespace,
      functions: () => deployer.functions,
      log: reporter.functionLog,
      forbidden: message => reporter.said('warn', `logs are not shown: ${message}`),
    });
    const work = async () => {
      reporter.said(
        'info',
        `follows ${directory} into the namespace "${namespace}"; Ctrl-C stops that, and what runs goes on`,
      );
      causes = [directory];
      while (!ending.signal.aborted) {
        const [file = directory] = causes.splice(0);
        const began = changedAt;
        round = new AbortController();
        wake = Promise.withResolvers();
        await folders.sync();
        const startedAt = Date.now();
        const prepared = await prepare([directory], namespace, terminal, cache.bundle);
        sources.watch(prepared.sources);
        for (const late of await changedSince(startedAt, prepared.sources, watched)) noticeSource(late);
        watched = prepared.sources;
        try {
          const { applied, problems } = await deployer.deploy(prepared, writer);
          if (problems.length > 0) reporter.problems(problems, !problems.some(isError));
          reporter.applied(applied);
          await untilReady(applied, file, began);
        } catch (error) {
          if (!(error instanceof KubeError && error.retryable)) throw error;
          reporter.said('warn', `${error.message}; it is tried again`);
          await pause(AGAIN_MS);
          continue;
        }
        await wake.promise;
      }
    };
    const untilReady = async (applied: readonly Applied[], file: string, began: number) => {
      const { signal } = round;
      const told = new Set<Applied>();
      const tell = (one: Applied) => {
        if (told.has(one) || one.kind !== 'Function') return;
        told.add(one);
        reporter.runs({ namespace, name: one.name, file, tookMs: realWorld.monotonic() - began });
      };
      const functions = applied.filter(({ action }) => action === 'created' || action === 'configured');
      // Each is printed as soon as it runs.
      await Promise.all(
        functions.map(async one => {
          const [late] = await waitReady([one], {
            writer,
            world: realWorld,
            pause: ms => pause(ms, undefined, { signal }),
            timeoutMs: READY_WITHIN_MS,
            progress() {},
          });
          if (late === undefined) tell(one);
          else reporter.late(late);
        }),
      ).catch(error => {
        // The next round waits for what this one would have.
        if (!signal.aborted && !ending.signal.aborted) throw error;
      });
    };
    try {
      const working = work();
      // Errors while it is being stopped are of no interest.
      working.catch(() => {});
      const signal = await Promise.race([stop.first, working.then(() => 'end')]);
      reporter.said('info', `stopping (${signal}); the application goes on in the cluster`);
    } finally {
      ending.abort();
      round.abort();
      wake.resolve();
      folders.close();
      sources.close();
      stop.ignore();
      await logs;
    }
  });
}

/** The files that were not watched until now and were saved after they may have been read. */
async function changedSince(
  ms: number,
  files: ReadonlySet<string>,
  watched: ReadonlySet<string>,
): Promise<readonly string[]> {
  const fresh = [...files].filter(file => !watched.has(file));
  const times = await Promise.all(
    fresh.map(file =>
      stat(file)
        .then(({ mtimeMs }) => mtimeMs)
        .catch(() => ms),
    ),
  );
  return fresh.filter((_, index) => (times[index] ?? 0) >= ms);
}
