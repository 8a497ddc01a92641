// Names of topics and groups that are ours begin with a prefix in the cluster, so that several installations and other programs can share it.
import { createHash } from 'node:crypto';
import type { EventLog } from '../event-log.ts';

/** Kafka's limit. */
const MAX_LENGTH = 249;

/** `isLiteral`: names that are meant as they are, such as those of topics of others. */
export function withTopicPrefix(log: EventLog, prefix: string, isLiteral: (topic: string) => boolean): EventLog {
  if (prefix === '') return log;
  /** Names that had to be cut, by what became of them. */
  const cut = new Map<string, string>();
  const groupOf = (name: string): string => {
    const full = prefix + name;
    if (full.length <= MAX_LENGTH) return full;
    const short = `${full.slice(0, MAX_LENGTH - 17)}-${createHash('sha256').update(full).digest('hex').slice(0, 16)}`;
    cut.set(short, name);
    return short;
  };
  const topicOf = (name: string) => (isLiteral(name) ? name : groupOf(name));
  return {
    ...log,
    ensureTopic: (name, settings) => log.ensureTopic(topicOf(name), settings),
    deleteTopic: name => log.deleteTopic(topicOf(name)),
    async topics() {
      const all = await log.topics();
      return all.flatMap(topic => {
        const { name } = topic;
        if (isLiteral(name)) return [topic];
        if (!name.startsWith(prefix)) return [];
        return [{ ...topic, name: cut.get(name) ?? name.slice(prefix.length) }];
      });
    },
    bounds: topic => log.bounds(topicOf(topic)),
    append: (topic, records) => log.append(topicOf(topic), records),
    read: (topic, ...rest) => log.read(topicOf(topic), ...rest),
    offsetAt: (topic, ...rest) => log.offsetAt(topicOf(topic), ...rest),
    trim: (topic, ...rest) => log.trim(topicOf(topic), ...rest),
    join: ({ group, topics, assigned }) =>
      log.join({
        group: groupOf(group),
        topics: topics.map(topicOf),
        assigned: owned => {
          const { partition, lost } = owned;
          assigned({
            partition,
            lost,
            committed: () => owned.committed(),
            commit: position => owned.commit(position),
            open: (topic, from) => owned.open(topicOf(topic), from),
          });
        },
      }),
    positions: (group, topic) => log.positions(groupOf(group), topicOf(topic)),
    seek: (group, topic, positions) => log.seek(groupOf(group), topicOf(topic), positions),
  };
}
