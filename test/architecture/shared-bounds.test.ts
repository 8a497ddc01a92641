// Every bound that work of several teams may meet, and why the work of one does not
// keep out that of the others.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, SHIPPED_FOLDERS, sourceFiles } from './source-files.ts';

/** Code that turns work away, or lets only so much of it run at the same time. */
const BOUND = /new TenfoldError\(\s*'overloaded'|\b\w*(?:AT_ONCE|CONCURRENCY|MAX_SOCKETS|MAX_CONNECTIONS) = \d/;

const TURNS = 'Parties take turns (FairQueue).';
const SHARES = 'Parties have shares (FairShare).';
const OWN = 'It belongs to one object, or to one call of it: nobody else meets it.';
const SAME_FATE = 'It fills when the server or disk behind it is slow, which is so for all.';

/**
 * Whoever adds a bound says here who shares it, and adds a test of its fairness where several do.
 */
const SHARED: Readonly<Record<string, string>> = {
  'admin/live/look.ts': OWN,
  'core/fair-places.ts': TURNS,
  'drivers/blob-store/s3/buffer-budget.ts': 'Bodies wait in order, each for a bounded time; a slow one holds one part.',
  'drivers/blob-store/s3/claims/claims.ts': OWN,
  'drivers/blob-store/s3/direct-writes.ts': OWN,
  'drivers/blob-store/s3/journal/journal.ts': SAME_FATE,
  'drivers/blob-store/s3/link.ts': SAME_FATE,
  'drivers/blob-store/s3/write-body.ts': OWN,
  'drivers/event-log/kafka/produce/appender.ts': SHARES,
  'drivers/event-log/kafka/topics/topic-epochs.ts': SAME_FATE,
  'drivers/function-host/cluster/place-pool.ts': OWN,
  'drivers/function-host/local/pool-texts.ts': OWN,
  'drivers/search-index/elasticsearch/es-error.ts': SAME_FATE,
  'drivers/search-index/elasticsearch/link.ts': SAME_FATE,
  'drivers/sqlite/thread/budget.ts': SAME_FATE,
  'drivers/store/redis/leases.ts': OWN,
  'drivers/store/redis/link.ts': SAME_FATE,
  'drivers/store/reminders.ts': SAME_FATE,
  'gateway/accept/waiting-jobs.ts': OWN,
  'gateway/endpoints/appender.ts': 'It is kept for each topic.',
  'gateway/exchange/intake.ts': SHARES,
  'gateway/graphql/resolver.ts': OWN,
  'gateway/strangler/shadow/idle-queue.ts': 'It goes on with the next turn of the event loop, whoever answers late.',
  'gateway/transport/http1/pool.ts': 'It belongs to one target.',
  'gateway/upstream/policies/with-limits.ts': TURNS,
  'gateway/views/live/live-views.ts': 'It is kept for each View.',
  'gateway/views/live/view-watcher.ts': 'It is kept for each View.',
  'k8s/operator/lead.ts': SAME_FATE,
  'k8s/providers/knative/objects.ts': OWN,
  'resources/load/load-directory.ts': OWN,
  'runtime/settings.ts': OWN,
  'sdk/client/http-transport.ts': OWN,
  'server/events/control/dead-letter-control.ts': OWN,
  'server/events/control/parked-run.ts': OWN,
  'server/events/finding/find-in-topic.ts': OWN,
  'server/events/operations/operation-control.ts': OWN,
  'server/events/operations/operation-store.ts': OWN,
  'server/events/schedules/schedule-control.ts': OWN,
  'server/events/stories/log-scan.ts': OWN,
  'server/events/stories/pipeline-fate.ts': OWN,
  'server/events/stories/search.ts': OWN,
  'server/events/stories/tell-of.ts': OWN,
  'server/events/topics/scan-topic.ts': OWN,
  'server/events/topics/topic-events.ts': 'Lists take turns (FairPlaces). Followers are counted by namespace.',
  'server/events/topics/topic-places.ts': OWN,
  'server/functions/routes-of-functions.ts': OWN,
  'server/sql/file-cache.ts': OWN,
  'server/sql/sql-service.ts': TURNS,
  'worker/dispatch/commands/command-handler.ts': OWN,
  'worker/dispatch/dead-letters/dead-letter-writer.ts': OWN,
  'worker/pipelines/window/run-window-stage.ts': OWN,
  'worker/plan/compile-fan-outs.ts': 'Jobs of the FanOut take turns.',
  'worker/plan/settings.ts': 'Receivers of the callbacks take turns.',
  'worker/views/projection/projected.ts': OWN,
};

describe('bounds', () => {
  it('are each known to leave room for others', () => {
    const found = SHIPPED_FOLDERS.flatMap(sourceFiles).filter(file =>
      BOUND.test(readFileSync(join(root, file), 'utf8')),
    );
    assert.deepEqual(found.sort(), Object.keys(SHARED).sort());
  });
});
