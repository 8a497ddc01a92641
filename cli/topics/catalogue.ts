// `tenfold topics catalogue`: what Topics are for, whose they are, and who sends and reads their
// events.
import type { TopicConsumer, TopicEntry, TopicProducer } from '../../admin/catalogue/catalogue-view.ts';
import { TenfoldError } from '../../core/errors.ts';
import { CommandError } from '../command-error.ts';
import { collectPages } from '../output/collect-pages.ts';
import { type ListFormat, printList } from '../output/print-list.ts';
import { renderData } from '../output/render.ts';
import { type Column, oneLine, renderTable } from '../output/table.ts';
import { wrap } from '../output/wrap.ts';
import type { AdminClient } from '../platform/admin-client.ts';
import type { Terminal } from '../terminal.ts';
import type { TopicRequest } from './find-topic.ts';

export interface CatalogueRequest {
  /** Without a name all Topics. */
  readonly topic: TopicRequest;
  readonly limit: number;
  readonly format: ListFormat;
}

type Client = Pick<AdminClient, 'topicCatalogue'>;

export async function showCatalogue(
  { topic: { name, namespace }, limit, format }: CatalogueRequest,
  client: Client,
  terminal: Terminal,
): Promise<void> {
  if (name !== undefined) {
    const entry = await findTopicEntry(name, namespace, client);
    if (format === 'json' || format === 'yaml') terminal.print(renderData(entry, format));
    else terminal.print(format === 'name' ? entry.name : describe(entry, terminal.columns));
    return;
  }
  const { items, more } = await collectPages(limit, page => client.topicCatalogue({ namespace, ...page }));
  const isOfSeveral = new Set(items.map(each => each.namespace)).size > 1;
  const listing = { items, format, none: 'No Topics.', nameOf: (row: TopicEntry) => row.name };
  printList({ ...listing, columns: wide => entryColumns(wide, isOfSeveral) }, terminal);
  if (more) terminal.say('There are more; see further with --limit.');
}

/** Exactly one, or an error that says why not. */
export async function findTopicEntry(name: string, namespace: string | undefined, client: Client): Promise<TopicEntry> {
  const { items } = await client.topicCatalogue({ namespace, name, limit: '2' });
  const [found, other] = items;
  if (found === undefined) {
    const where = namespace === undefined ? '' : ` in namespace "${namespace}"`;
    throw new TenfoldError('not-found', `There is no Topic "${name}"${where}.`);
  }
  if (other === undefined) return found;
  throw new CommandError('usage', `"${name}" exists in several namespaces.`, {
    hint: 'choose one with --namespace NAME.',
  });
}

function entryColumns(wide: boolean, isOfSeveral: boolean): Column<TopicEntry>[] {
  const count = (list: readonly { readonly kind: string; readonly name: string }[]) =>
    wide ? list.map(shortName).join(',') || '-' : list.length;
  return [
    ...(isOfSeveral ? [{ title: 'NAMESPACE', value: (row: TopicEntry) => row.namespace }] : []),
    { title: 'TOPIC', value: row => row.name },
    { title: 'SCHEMA', value: schemaWord },
    { title: 'PRODUCERS', value: row => count(row.producers) },
    { title: 'CONSUMERS', value: row => count(row.consumers) },
    ...(wide ? wideColumns : []),
    { title: 'OWNER', value: row => row.owner ?? '-' },
  ];
}

const wideColumns: readonly Column<TopicEntry>[] = [
  { title: 'SAMPLES', value: row => row.samples.length },
  { title: 'SENSITIVE', value: row => sensitiveWords(row) ?? '-' },
  { title: 'DESCRIPTION', value: row => row.description ?? '-' },
];

/** `backward`: a schema whose changes are checked so. */
function schemaWord({ schema, compatibility, registry }: TopicEntry): string {
  if (registry !== undefined) return 'registry';
  return schema === undefined ? '-' : compatibility;
}

function sensitiveWords({ sensitive, moreSensitive }: TopicEntry): string | undefined {
  const names = sensitive.map(field => field || 'all data');
  return names.length === 0 ? undefined : [...names, ...(moreSensitive ? ['…'] : [])].join(', ');
}

function describe(entry: TopicEntry, width = Number.POSITIVE_INFINITY): string {
  const { namespace, description, owner, lifecycle, external, schema, registry, samples } = entry;
  const facts: readonly (readonly [word: string, text: string | undefined])[] = [
    ['Namespace', namespace],
    ['Description', description],
    ['Owner', owner],
    ['Lifecycle', lifecycle],
    ['External', external && 'the topic belongs to somebody else'],
    ['Compatibility', schema && entry.compatibility],
    ['Registry', registry && [registry.format, ...(registry.subject ? [registry.subject] : [])].join(', ')],
    ['Sensitive', sensitiveWords(entry)],
  ];
  const head = facts.flatMap(([word, text]) => (text === undefined ? [] : fact(word, text, width)));
  return [
    [`Topic ${entry.name}`, ...head].join('\n'),
    table('No producers are declared.', producerColumns, entry.producers, width),
    table('No consumers.', consumerColumns, entry.consumers, width),
    ...(schema === undefined ? [] : [`Schema\n${inset(renderData(withoutExamples(schema), 'yaml'))}`]),
    ...samples.map((sample, at) => `Sample ${at + 1}\n${inset(renderData(sample, 'json'))}`),
  ].join('\n\n');
}

/** They stand below it. */
function withoutExamples({ examples: _, ...rest }: NonNullable<TopicEntry['schema']>): object {
  return rest;
}

/** The longest word and the gap behind it. */
const WORD = 'Compatibility  '.length;

function fact(word: string, text: string, width: number): string[] {
  return wrap(oneLine(text), width - WORD).map(
    (line, at) => `${at === 0 ? word.padEnd(WORD) : ' '.repeat(WORD)}${line}`,
  );
}

function table<T>(none: string, columns: Column<T>[], rows: readonly T[], width: number): string {
  return rows.length === 0 ? none : renderTable(columns, rows, width);
}

const producerColumns: Column<TopicProducer>[] = [
  { title: 'PRODUCER', value: shortName },
  { title: 'OWNER', value: row => row.owner ?? '-' },
  { title: 'DUE', value: row => row.cron ?? '-' },
];

const consumerColumns: Column<TopicConsumer>[] = [
  { title: 'CONSUMER', value: shortName },
  { title: 'OWNER', value: row => row.owner ?? '-' },
  { title: 'LEADS TO', value: row => row.to.map(shortTarget).join(', ') || '-' },
  { title: 'FILTER', value: row => row.filter ?? '-' },
];

function shortName({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind.toLowerCase()}/${name}`;
}

/** `function/ship` for `Function/shop/ship`; addresses as they are. */
function shortTarget(key: string): string {
  const [kind = '', namespace, ...rest] = key.split('/');
  return namespace === '' ? rest.join('/') : `${kind.toLowerCase()}/${rest.join('/')}`;
}

function inset(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '  ');
}
