// What a site says of itself when a promise does not hold: what its workers have not done, and how
// their logs end. For people who look for the cause.
import type { Site } from './site.ts';

/** What is 0 in a worker that has nothing left to do. */
const TELLING =
  /^tenfold_(consumer_(lag_events|oldest_age_seconds|in_flight|parked_events|held_keys|full|target_failing)|fan_out_behind_facts)\{[^}]*\} (?!0$)/;
/** What chaos makes of single events tells nothing more. */
const EXPECTED = /an event was given up|an attempt at an event failed/;
/** Of the end of a log, without what is said of each event. */
const LINES = 15;

export async function symptomsOf(site: Site): Promise<string> {
  const told = await Promise.all(
    site.workers.map(async ({ name, running }) => {
      const metrics = await running
        .admin('/metrics')
        .then(response => response.text())
        .catch(String);
      const open = metrics.split('\n').filter(line => TELLING.test(line));
      const log = running.output().split('\n');
      const end = log.filter(line => line !== '' && !EXPECTED.test(line)).slice(-LINES);
      return [`== ${name}`, ...open, ...end].join('\n');
    }),
  );
  return told.join('\n');
}
