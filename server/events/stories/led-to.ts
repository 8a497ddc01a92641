// Finds what an event has led to, in the topics of the targets of its consumers. Events that a
// function publishes by itself have ids of its own and are not found: they share its trace.

import type { ConsumerStory, StoryLink } from '../../../admin/story-view.ts';
import { decodeFanOutJob } from '../../../core/fan-outs/job.ts';
import { JOBS_TABLE } from '../../../core/fan-outs/layout.ts';
import { toTimestamp } from '../../../core/world.ts';
import { othersOf } from '../../../worker/pipelines/other-topics.ts';
import { readsTopic } from '../../../worker/plan/compile-pipelines.ts';
import { nameOfConsumer } from '../../../worker/plan/event-plan.ts';
import { Expectations } from './expectations.ts';
import { CLOCKS_DIFFER_MS, type LogScan } from './log-scan.ts';
import { type Expectation, type Found, search } from './search.ts';
import type { StoryPlans } from './story-plans.ts';
import type { StoryDeps, Told } from './told.ts';

/** These consumers have not handed the event on in any way. */
const NOTHING_YET: ReadonlySet<ConsumerStory['fate']> = new Set(['waiting', 'filtered']);

/** `since`: milliseconds since 1970, where an earlier search stopped. */
export async function ledTo(
  told: Told,
  stories: readonly ConsumerStory[],
  scan: LogScan,
  options: StoryDeps & StoryPlans,
  since: number | undefined,
): Promise<Found> {
  const expectations = new Expectations(options.resources(), told);
  const hasBegun = (kind: string, namespace: string, name: string) =>
    stories.some(({ consumer, fate }) => {
      const isIt = consumer.kind === kind && consumer.namespace === namespace && consumer.name === name;
      return isIt && !NOTHING_YET.has(fate);
    });
  for (const plan of options.consumers()) {
    const { kind, namespace, name } = nameOfConsumer(plan);
    if (plan.settings.topic === told.topic && hasBegun(kind, namespace, name)) expectations.ofConsumer(plan);
  }
  for (const { plan } of options.views.views) {
    const { namespace, name } = plan.resource.metadata;
    if (hasBegun('View', namespace, name)) expectations.ofView(plan);
  }
  for (const { plan } of options.pipelines.pipelines) {
    const { namespace, name, topic } = plan.settings;
    if (!readsTopic(plan, told.topic)) continue;
    if (topic === told.topic && hasBegun('Pipeline', namespace, name)) expectations.ofPipeline(plan);
    for (const { id } of othersOf(plan.settings).filter(other => other.topic.topic === told.topic))
      if (hasBegun('Pipeline', namespace, `${name}/${id}`)) expectations.ofOther(plan, id);
  }
  const known: StoryLink[] = [];
  const unknown: Expectation[] = [];
  for (const expectation of expectations.list) {
    const link = since === undefined ? await rowOf(expectation, options) : undefined;
    if (link) known.push(link);
    else unknown.push(expectation);
  }
  const { timestamp } = told.record;
  const times = since === undefined ? { since: timestamp - CLOCKS_DIFFER_MS, likely: timestamp } : { since };
  const found = await search(unknown, times, scan);
  return { ...found, links: [...known, ...found.links] };
}

/** A job of a FanOut has a row, whatever has become of its record in the log. */
async function rowOf(expectation: Expectation, { store }: StoryDeps): Promise<StoryLink | undefined> {
  const { job } = expectation;
  const row = job && (await store.row(job.scope, JOBS_TABLE, job.nonce));
  const read = row && decodeFanOutJob(row.value);
  if (read === undefined) return undefined;
  return { ...expectation.link, id: read.id, at: toTimestamp(read.acceptedAt) };
}
