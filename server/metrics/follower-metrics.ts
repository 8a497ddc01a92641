// Metrics of the streams that follow Views in this process.
import type { Registry } from 'prom-client';
import type { ViewFollowers } from '../../gateway/views/live/live-views.ts';
import { type Figure, registerFigures } from './figures.ts';

const gauges: readonly Figure<ViewFollowers>[] = [
  {
    name: 'tenfold_view_followers',
    help: 'Streams that follow the View now.',
    value: ({ followers }) => followers,
  },
];

const counters: readonly Figure<ViewFollowers>[] = [
  {
    name: 'tenfold_view_follower_events_total',
    help: 'Events with rows or changes that followers got.',
    value: ({ events }) => events,
  },
  {
    name: 'tenfold_view_followers_anew_total',
    help: 'Times that a follower got all rows anew, as the changes between were not kept.',
    value: ({ anew }) => anew,
  },
  {
    name: 'tenfold_view_followers_cut_total',
    help: 'Followers that were cut, as they took nothing for a minute.',
    value: ({ cut }) => cut,
  },
  {
    name: 'tenfold_view_followers_refused_total',
    help: 'Followers that were refused, as there were as many as there may be.',
    value: ({ refused }) => refused,
  },
  {
    name: 'tenfold_view_followers_lost_total',
    help: 'Followers that were ended, as their rows could not be read or were too many to keep.',
    value: ({ lost }) => lost,
  },
];

export function registerFollowerMetrics(registry: Registry, followers: () => readonly ViewFollowers[]): void {
  registerFigures(registry, {
    labelNames: ['namespace', 'name'],
    gauges,
    counters,
    renewed: 'the process began anew',
    readReports: async () =>
      followers().map(report => ({ labels: { namespace: report.namespace, name: report.name }, report })),
  });
}
