// Readers of an application in many processes that go on at another process.
import assert from 'node:assert/strict';
import { createAdminClient } from '../../cli/platform/admin-client.ts';
import { tailTopic } from '../../cli/topics/tail.ts';
import { type Follow, type Followed, followChanges, synced } from '../admin/live/followed.ts';
import { eventually } from '../eventually.ts';
import { fakeTerminal } from '../fakes/fake-terminal.ts';
import { type RunningProcess, TOKEN } from '../processes/start-process.ts';

/**
 * Follows changes at two gateways while an order is published, and goes on at the second one where
 * it left the first. The application has the Subscription `notes` and the View `orders`.
 */
export async function assertToldByBoth(
  gateways: readonly RunningProcess[],
  namespace: string,
  publish: () => Promise<void>,
): Promise<void> {
  const open: Followed[] = [];
  const follow = async (gateway: RunningProcess | undefined, how: Follow = {}) => {
    const followed = await followChanges(`${gateway?.addresses.admin}/api/changes`, { token: TOKEN, ...how });
    open.push(followed);
    await synced(followed);
    return followed;
  };
  const told = ({ state }: Followed, what: string) => JSON.parse(state.get(what) ?? '{}');
  const notesOf = (reader: Followed) => told(reader, `consumer Subscription ${namespace}/notes`);
  const readers = await Promise.all(gateways.map(gateway => follow(gateway)));
  const before = readers.map(reader => notesOf(reader).delivered ?? 0);
  await publish();
  for (const [at, reader] of readers.entries()) {
    const isTold = () => {
      const { state, folded } = told(reader, `view View ${namespace}/orders`);
      return notesOf(reader).delivered > (before[at] ?? 0) && state === 'running' && folded > 0;
    };
    await eventually(isTold, () =>
      reader.events
        .slice(-5)
        .map(({ data }) => data)
        .join('\n'),
    );
  }
  const [left, stays] = readers;
  assert.ok(left && stays);
  left.close();
  const path = `/api/consumers/Subscription/${namespace}/notes`;
  assert.equal((await gateways[0]?.admin(`${path}/pause`, 'POST'))?.status, 200);
  const next = await follow(gateways[1], { lastId: left.lastId, state: left.state });
  const changed = next.events.filter(({ event }) => event === 'changed').map(({ data }) => JSON.parse(data));
  const names = changed.slice(0, next.state.size).map(({ what, kind, name }) => `${what} ${kind} ${name}`);
  assert.equal(next.events[0]?.event, 'reset');
  assert.equal(new Set(names).size, names.length);
  await eventually(() => notesOf(next).state === 'paused', 'what was done meanwhile');
  assert.equal((await gateways[1]?.admin(`${path}/resume`, 'POST'))?.status, 200);
  await eventually(() => notesOf(next).state === 'running' && notesOf(stays).state === 'running', 'it goes on');
  assert.deepEqual([...next.state.keys()].toSorted(), [...stays.state.keys()].toSorted());
  for (const each of open) each.close();
}

/** `tenfold topics tail --follow`; each connection is to another gateway. */
export function tailOf(
  topic: { readonly name: string; readonly namespace: string },
  gateways: () => readonly RunningProcess[],
) {
  const ended = new AbortController();
  const terminal = fakeTerminal();
  let connections = 0;
  const connect = async () => {
    const all = gateways();
    const { admin } = all[connections++ % all.length]?.addresses ?? assert.fail();
    return createAdminClient({ admin, token: TOKEN });
  };
  const select = { filter: undefined, key: undefined, id: undefined, partition: undefined, dataBytes: undefined };
  const request = { topic, from: undefined, last: 1, select, follow: true, format: 'json' } as const;
  const tailing = tailTopic({ ...request, signal: ended.signal }, connect, terminal);
  return {
    text: () => terminal.stdout,
    connections: () => connections,
    end() {
      ended.abort(new Error('Ctrl-C'));
      return tailing;
    },
  };
}
