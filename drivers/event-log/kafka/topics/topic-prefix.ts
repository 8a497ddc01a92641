// Names of topics and groups that are ours begin with a prefix in the cluster, so that several
// installations and other programs can share it.
import { withPrefix } from '../../../../core/names.ts';
import type { EventLog } from '../../event-log.ts';

/** `isLiteral`: names that are meant as they are, such as those of topics of others. */
export function withTopicPrefix(log: EventLog, prefix: string, isLiteral: (topic: string) => boolean): EventLog {
  if (prefix === '') return log;
  /** Names that had to be cut, by what became of them. */
  const cut = new Map<string, string>();
  const groupOf = (name: string): string => {
    const given = withPrefix(prefix, name);
    if (given.length < prefix.length + name.length) cut.set(given, name);
    return given;
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
