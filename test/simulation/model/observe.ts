// Writes into the timeline what happens in the log, and notes the rare
// states that can be seen there.
import { deadTopicOf, parkingLogTopicOf } from '../../../core/names.ts';
import { GROUP, TOPIC } from '../consumers/consumer.ts';
import type { SimulatedBroker, SimulatedCommit } from '../log/broker.ts';
import type { StoredRecord } from '../log/partition-log.ts';
import type { Ledger } from './ledger.ts';

export function observe(broker: SimulatedBroker, ledger: Ledger, saw: (sight: string) => void): void {
  broker.watches.push((topic, partition, record) => {
    if (topic === TOPIC) ledger.published(partition, record);
    else if (ledger.timeline) ledger.remark(`${shortOf(topic)}/${partition} ${describe(record)}`);
  });
  broker.assignedWatches.push((process, partition) => ledger.remark(`${process.name} is given ${partition}`));
  broker.lostWatches.push((process, partition) => ledger.remark(`${process.name} learns that it lost ${partition}`));
  broker.commitWatches.push(commit => {
    if (ledger.timeline)
      ledger.remark(
        `${commit.by.name} commits ${commit.partition}: ${commit.position.offset} ${commit.position.metadata}`,
      );
    noteSights(broker, commit, saw);
  });
}

function noteSights(
  broker: SimulatedBroker,
  { group, partition, position, before, by }: SimulatedCommit,
  saw: (sight: string) => void,
) {
  if (broker.groups.get(group)?.owner(partition) !== by) saw('a commit by a former owner');
  if (!by.alive) saw('a commit of a dead process');
  if (before && before.offset > position.offset) saw('a commit that goes back');
  if (Buffer.byteLength(position.metadata) > broker.maxMetadata * 0.9) saw('metadata nearly full');
}

function shortOf(topic: string): string {
  if (topic === parkingLogTopicOf(GROUP)) return 'parking-log';
  return topic === deadTopicOf(GROUP) ? 'dead' : topic;
}

function describe({ offset, by, value, headers }: StoredRecord): string {
  const [line = ''] = Buffer.from(value).toString().split('\n', 1);
  return `${offset} by ${by}: ${line.slice(0, 160)} ${JSON.stringify(headers).slice(0, 120)}`;
}
