// Asks a running platform for all that the state of its resources is decided from.
import type { Gathered } from './gathered.ts';
import type { PlatformView } from './platform-view.ts';

export async function gather(view: PlatformView): Promise<Gathered> {
  // A log that is away must not keep the rest of the answer away.
  const known = <T>(list: Promise<readonly T[]>) => list.catch(() => undefined);
  const { events } = view;
  const [topics, consumers, views, pipelines, fanOuts, damaged] = await Promise.all([
    known(events.topics()),
    known(events.consumers()),
    known(events.views()),
    known(events.pipelines()),
    known(events.fanOuts.reports()),
    known(view.objects.report().then(report => report.damaged)),
  ]);
  return {
    at: Date.now(),
    topics,
    consumers,
    views,
    pipelines,
    fanOuts,
    damaged,
    disk: view.disk(),
    backupTrouble: view.backupTrouble?.(),
    ...(view.statusOf && {
      statusOf: ({ kind, metadata }) => view.statusOf?.(kind, metadata.namespace, metadata.name),
    }),
    since: ({ kind, metadata }) => view.since?.(kind, metadata.namespace, metadata.name),
    resources: view.catalog.current?.resources.all ?? [],
    problems: view.catalog.problems,
    functions: view.functions(),
    calls: view.calls(),
    routes: view.routes(),
    stranglers: view.stranglers.list(),
  };
}
