// `tenfold get --watch`: the resources and their conditions, and then a line for each change.
import type { ResourceSummary } from '../../admin/api.ts';
import type { Changed } from '../../admin/live/change.ts';
import type { ServerEvent } from '../../core/http/server-events.ts';
import { CommandError } from '../command-error.ts';
import { renderJson } from '../output/render.ts';
import { renderTable } from '../output/table.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import { followAgain, toEndError } from '../platform/follow-again.ts';
import type { Terminal } from '../terminal.ts';
import { FUNCTION_NAMES, type GetRequest } from './show.ts';
import { resourceColumns } from './tables.ts';

/** The widths of columns are those of so many rows. */
const MEASURED = 200;
const NOT_WATCHED: readonly string[] = ['route', 'routes', 'problem', 'problems'];

type Client = Pick<AdminClient, 'changes'>;

/** `connect` again after the platform was away: it may be another one then. */
export async function watchResources(
  { kind, name, namespace, format }: GetRequest,
  connect: () => Promise<Client>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  if (format === 'yaml')
    throw new CommandError('usage', '-o yaml does not go with --watch, which prints line by line.');
  const word = kind?.toLowerCase();
  if (word !== undefined && NOT_WATCHED.includes(word)) {
    throw new CommandError('usage', `--watch follows resources, and no ${word}.`, { hint: 'name a kind, or none.' });
  }
  const of = word === 'all' ? undefined : FUNCTION_NAMES.includes(word ?? '') ? 'Function' : kind;
  const watched = new Watch(format, terminal);
  const read = async (heard: () => void) => {
    const client = await connect();
    for await (const event of client.changes({ what: 'resource', kind: of, namespace, name }, watched.lastId, signal)) {
      watched.take(event);
      heard();
    }
    if (!signal.aborted) throw new CommandError('platform-unreachable', 'The platform has stopped to answer.');
  };
  await followAgain({ read, canGoOn: () => watched.lastId !== undefined }, { terminal, signal });
}

class Watch {
  /** The last event; undefined before the first. */
  lastId: string | undefined;
  readonly #format: GetRequest['format'];
  readonly #terminal: Terminal;
  readonly #rows = new Map<string, { readonly text: string; readonly row: ResourceSummary }>();
  /** The names told since a state is told anew; undefined when it has been told. */
  #told: Set<string> | undefined = new Set();
  #isShown = false;

  constructor(format: GetRequest['format'], terminal: Terminal) {
    this.#format = format;
    this.#terminal = terminal;
  }

  take({ id, event, data }: ServerEvent): void {
    this.lastId = id;
    if (event === 'reset') this.#told = new Set();
    else if (event === 'changed') this.#changed(JSON.parse(data));
    else if (event === 'gone') this.#gone(keyOf(JSON.parse(data)));
    else if (event === 'synced') this.#synced();
    else if (event === 'ended') throw toEndError(JSON.parse(data));
  }

  #changed(change: Changed<ResourceSummary>): void {
    const key = keyOf(change);
    const { value: row } = change;
    // Another process may have it in force since another time.
    const text = JSON.stringify({ ...row, since: undefined });
    this.#told?.add(key);
    if (this.#rows.get(key)?.text === text) return;
    this.#rows.set(key, { text, row });
    if (this.#isShown) this.#print(row, 'changed');
  }

  #gone(key: string): void {
    const found = this.#rows.get(key);
    if (found === undefined || !this.#rows.delete(key)) return;
    const gone = { type: 'Ready', status: 'False', reason: 'Gone', message: 'There is no such resource any more.' };
    this.#print({ ...found.row, conditions: [gone as ResourceSummary['conditions'][number]] }, 'gone');
  }

  #synced(): void {
    const told = this.#told;
    this.#told = undefined;
    if (!this.#isShown) this.#show();
    // They went while the platform was away.
    if (told) for (const key of [...this.#rows.keys()]) if (!told.has(key)) this.#gone(key);
  }

  #show(): void {
    this.#isShown = true;
    const rows = [...this.#rows.values()].map(({ row }) => row);
    if (this.#format !== 'table' && this.#format !== 'wide') for (const row of rows) this.#print(row, 'changed');
    else if (rows.length === 0) this.#terminal.say('No resources yet.');
    else this.#terminal.print(this.#table(rows));
  }

  #print(row: ResourceSummary, event: 'changed' | 'gone'): void {
    const { print } = this.#terminal;
    if (this.#format === 'json') print(renderJson({ event, ...row }));
    else if (this.#format === 'name') print(`${row.kind.toLowerCase()}/${row.name}`);
    else {
      const others = [...this.#rows.values()].slice(0, MEASURED).map(each => each.row);
      print(
        this.#table([...others, row])
          .split('\n')
          .at(-1) ?? '',
      );
    }
  }

  /** With namespaces, as one may come later. */
  #table(rows: readonly ResourceSummary[]): string {
    const { out, cwd, columns } = this.#terminal;
    const wide = this.#format === 'wide';
    return renderTable(resourceColumns(out, { wide, namespaces: true, base: cwd }), rows, wide ? undefined : columns);
  }
}

function keyOf({ kind, namespace, name }: Pick<Changed, 'kind' | 'namespace' | 'name'>): string {
  return `${kind}/${namespace}/${name}`;
}
