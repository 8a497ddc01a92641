// Answers "which events are there?": the Topics with purpose, owner, and who sends and reads them.
// The address has what is searched for.
import type { TopicEntry } from '../../../admin/catalogue/catalogue-view.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { wholeOf } from '../../api/heard.ts';
import { useLive } from '../../api/live.ts';
import { rights } from '../../api/rights.ts';
import { ChoiceInAddress } from '../../parts/choice.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { TextInAddress } from '../../parts/text-in-address.tsx';
import { Empty, PageHead, View } from '../../parts/view.tsx';
import { numberWords } from '../../parts/words.ts';
import { linkTo, query, withQuery } from '../../shell/router.ts';
import { linkOfTopic } from './topic-words.ts';

const LIMIT = '100';
/** Somebody who types on asks one question. */
const TYPED_MS = 250;
const FILTERS = ['text', 'namespace', 'owner', 'lifecycle'] as const;

export function TopicCatalogue() {
  const [text, namespace, owner, lifecycle, after] = [...FILTERS, 'after'].map(
    each => query.value.get(each) || undefined,
  );
  const asked = { text, namespace, owner, lifecycle, after, limit: LIMIT };
  const topics = useLive(
    `catalogue ${JSON.stringify(asked)}`,
    signal => ask(endpoints.topicCatalogue, { params: {}, query: asked }, signal),
    { on: wholeOf('resource') },
  );
  const isFiltered = [text, namespace, owner, lifecycle].some(each => each !== undefined);
  return (
    <>
      <PageHead title="Topics" />
      <Filters items={topics.data?.items ?? []} />
      <View of={topics}>
        {({ items, next }) =>
          items.length === 0 ? (
            <NoTopics isFiltered={isFiltered || after !== undefined} />
          ) : (
            <>
              {after === undefined ? null : (
                <p class="muted">
                  Topics after {after}. <a href={withQuery({ after: undefined })}>Show the first</a>
                </p>
              )}
              <Table columns={COLUMNS} rows={items} keyOf={linkOfTopic} />
              {next === undefined ? null : (
                <a class="button" href={withQuery({ after: next })}>
                  Show the next
                </a>
              )}
            </>
          )
        }
      </View>
    </>
  );
}

/** Owners and lifecycles are those of the Topics that are shown, and the chosen one. */
function Filters({ items }: { readonly items: readonly TopicEntry[] }) {
  const valuesOf = (name: string, found: readonly (string | undefined)[]) => {
    const all = [...found, query.value.get(name) || undefined].filter(each => each !== undefined);
    return [...new Set(all)].toSorted();
  };
  const namespaces = valuesOf('namespace', [
    ...(rights.value?.namespaces ?? []).map(({ namespace }) => namespace),
    ...items.map(({ namespace }) => namespace),
  ]);
  const owners = valuesOf(
    'owner',
    items.map(({ owner }) => owner),
  );
  const lifecycles = valuesOf(
    'lifecycle',
    items.map(({ lifecycle }) => lifecycle),
  );
  const drops = ['after'];
  return (
    <form class="filters" onSubmit={event => event.preventDefault()}>
      <TextInAddress name="text" label="Name, purpose or neighbour" drops={drops} afterMs={TYPED_MS} />
      {namespaces.length < 2 ? null : (
        <ChoiceInAddress name="namespace" label="Namespace" values={namespaces} drops={drops} />
      )}
      {owners.length === 0 ? null : <ChoiceInAddress name="owner" label="Owner" values={owners} drops={drops} />}
      {lifecycles.length === 0 ? null : (
        <ChoiceInAddress name="lifecycle" label="Lifecycle" values={lifecycles} drops={drops} />
      )}
    </form>
  );
}

function NoTopics({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <Empty title={isFiltered ? 'No Topic matches' : 'There is no Topic'}>
      {isFiltered ? (
        <p>
          <a href={linkTo(['topics'])}>Show all Topics</a>
        </p>
      ) : (
        <p>
          Events are kept in Topics. Declare one with <code>kind: Topic</code>, and it is listed here with its schema,
          its samples, and who sends and reads its events.
        </p>
      )}
    </Empty>
  );
}

const COLUMNS: readonly Column<TopicEntry>[] = [
  {
    title: 'Topic',
    look: 'name',
    cell: topic => (
      <div>
        <a data-row href={linkOfTopic(topic)}>
          {topic.name}
        </a>
        <div class="faint">{topic.external ? `${topic.namespace}, external` : topic.namespace}</div>
      </div>
    ),
  },
  { title: 'Purpose', look: 'wide', cell: ({ description }) => description ?? <Unsaid /> },
  { title: 'Owner', cell: ({ owner }) => owner ?? <Unsaid /> },
  { title: 'Lifecycle', look: 'once', cell: ({ lifecycle }) => lifecycle ?? <Unsaid /> },
  { title: 'Schema', look: 'once', cell: topic => schemaWords(topic) ?? <Unsaid /> },
  { title: 'Sent by', look: 'number', cell: ({ producers }) => numberWords(producers.length) },
  { title: 'Read by', look: 'number', cell: ({ consumers }) => numberWords(consumers.length) },
];

function schemaWords({ schema, registry, sensitive }: TopicEntry): string | undefined {
  if (schema === undefined) return registry && `${registry.format}, in a registry`;
  return sensitive.length === 0 ? 'yes' : 'yes, with sensitive fields';
}

function Unsaid() {
  return <span class="faint">–</span>;
}
