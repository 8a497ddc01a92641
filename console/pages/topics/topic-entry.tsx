// One Topic in the catalogue: what its events are for and look like, whose they are, and who sends
// and reads them.
import type { TopicConsumer, TopicEntry, TopicProducer } from '../../../admin/catalogue/catalogue-view.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { wholeOf } from '../../api/heard.ts';
import { useLive } from '../../api/live.ts';
import { Command } from '../../parts/act.tsx';
import { Figure } from '../../parts/figure.tsx';
import { JsonTree } from '../../parts/json-tree.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Empty, PageHead, View } from '../../parts/view.tsx';
import { linkTo } from '../../shell/router.ts';
import { compatibilityWords, ledTo, linkOfProducer } from './topic-words.ts';

export function TopicEntryPage({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  const asked = { namespace, name, limit: '1' };
  const found = useLive(
    `entry of ${namespace}/${name}`,
    signal => ask(endpoints.topicCatalogue, { params: {}, query: asked }, signal),
    { on: wholeOf('resource') },
  );
  return (
    <>
      <PageHead
        title={name}
        over={
          <>
            <a href={linkTo(['topics'])}>Topics</a> / {namespace}
          </>
        }
      >
        {found.data?.items.length ? <Ways namespace={namespace} name={name} /> : null}
      </PageHead>
      <View of={found}>{({ items: [entry] }) => (entry === undefined ? <Gone /> : <Entry of={entry} />)}</View>
    </>
  );
}

function Ways({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  return (
    <>
      <a class="button" href={linkTo(['resources', 'Topic', namespace, name])}>
        Events and health
      </a>
      <a class="button" href={linkTo(['graph'], { node: `Topic/${namespace}/${name}` })}>
        Show it in the graph
      </a>
    </>
  );
}

function Gone() {
  return (
    <Empty title="There is no such Topic">
      <p>
        Nobody has declared it, or it is gone. <a href={linkTo(['topics'])}>Show all Topics</a>
      </p>
    </Empty>
  );
}

function Entry({ of }: { readonly of: TopicEntry }) {
  const { description, owner, lifecycle, compatibility, external, registry } = of;
  return (
    <>
      <section class="section">
        <p>{description ?? <span class="muted">Nobody has said what it is for: add a description to it.</span>}</p>
        <dl class="figures">
          <Figure
            title="Owner"
            value={owner ?? 'not said'}
            href={owner === undefined ? undefined : linkTo(['topics'], { owner })}
          />
          <Figure title="Lifecycle" value={lifecycle ?? 'not said'} />
          <Figure title="Compatibility" value={compatibility} />
          {registry === undefined ? null : (
            <Figure
              title="Schema registry"
              value={registry.subject === undefined ? registry.format : `${registry.format}, ${registry.subject}`}
            />
          )}
        </dl>
        {external ? (
          <p class="muted">
            It is a topic of somebody else. Programs that send to it or read it without Tenfold are not listed here.
          </p>
        ) : null}
      </section>
      <Schema of={of} />
      <Samples of={of} />
      <section class="section">
        <h2>Sent by</h2>
        {of.producers.length === 0 ? (
          <p class="muted">
            No route, schedule, Pipeline or Subscription sends here. A Function may publish by its code.
          </p>
        ) : (
          <Table columns={producerColumns(of)} rows={of.producers} keyOf={keyOf} />
        )}
      </section>
      <section class="section">
        <h2>Read by</h2>
        {of.consumers.length === 0 ? (
          <p class="muted">Nothing reads it: its events end by retention.</p>
        ) : (
          <Table columns={CONSUMERS} rows={of.consumers} keyOf={keyOf} />
        )}
      </section>
    </>
  );
}

function Schema({ of }: { readonly of: TopicEntry }) {
  const { schema, sensitive, moreSensitive, compatibility, registry } = of;
  return (
    <section class="section">
      <h2>Schema</h2>
      {schema === undefined ? (
        <p class="muted">
          {registry === undefined ? 'It has none: the data of an event can be anything.' : 'The registry has it.'}
        </p>
      ) : (
        <>
          <p class="muted">
            It describes the data of each event. When it changes, {compatibilityWords[compatibility]} (
            <code>compatibility: {compatibility}</code>).
          </p>
          {sensitive.length === 0 ? null : (
            <p>
              <span class="muted">Masked for whoever looks at events:</span>{' '}
              {sensitive.map(field => (
                <code key={field} class="field-name">
                  {field}
                </code>
              ))}
              {moreSensitive ? <span class="muted"> and more that are not listed</span> : null}
            </p>
          )}
          <JsonTree value={withoutExamples(schema)} />
        </>
      )}
    </section>
  );
}

/** They are the samples, which have a part of their own. */
function withoutExamples({ examples: _samples, ...rest }: NonNullable<TopicEntry['schema']>) {
  return rest;
}

function Samples({ of: { samples, schema, namespace, name } }: { readonly of: TopicEntry }) {
  if (schema === undefined) return null;
  return (
    <section class="section">
      <h2>Samples</h2>
      {samples.length === 0 ? (
        <p class="muted">
          There are none: add <code>examples</code> to the schema.
        </p>
      ) : (
        <>
          {samples.map((sample, index) => (
            <JsonTree key={`${index}`} value={sample} />
          ))}
          <p class="muted">The command prints them as events.</p>
          <Command text={`tenfold topics sample ${name} -n ${namespace}`} />
        </>
      )}
    </section>
  );
}

function keyOf({ kind, namespace, name }: TopicProducer | TopicConsumer): string {
  return `${kind}/${namespace}/${name}`;
}

function Unsaid() {
  return <span class="faint">–</span>;
}

function producerColumns(of: TopicEntry): readonly Column<TopicProducer>[] {
  return [
    {
      title: 'Name',
      look: 'name',
      cell: producer => (
        <a data-row href={linkOfProducer(of, producer)}>
          {producer.name}
        </a>
      ),
    },
    { title: 'Kind', look: 'once', cell: ({ kind }) => kind },
    { title: 'Namespace', look: 'once', cell: ({ namespace }) => namespace },
    { title: 'Owner', cell: ({ owner }) => owner ?? <Unsaid /> },
    {
      title: 'When',
      look: 'wide',
      cell: ({ cron }) => (cron === undefined ? <Unsaid /> : <span class="mono">{cron}</span>),
    },
  ];
}

const CONSUMERS: readonly Column<TopicConsumer>[] = [
  {
    title: 'Name',
    look: 'name',
    cell: ({ kind, namespace, name }) => (
      <a data-row href={linkTo(['resources', kind, namespace, name])}>
        {name}
      </a>
    ),
  },
  { title: 'Kind', look: 'once', cell: ({ kind }) => kind },
  { title: 'Namespace', look: 'once', cell: ({ namespace }) => namespace },
  { title: 'Owner', cell: ({ owner }) => owner ?? <Unsaid /> },
  {
    title: 'Takes',
    look: 'wide',
    cell: ({ filter }) => (filter === undefined ? 'all events' : <code>{filter}</code>),
  },
  {
    title: 'Leads to',
    cell: ({ to }) =>
      to.length === 0 ? (
        <Unsaid />
      ) : (
        to.map(each => {
          const { words, href } = ledTo(each);
          return <div key={each}>{href === undefined ? words : <a href={href}>{words}</a>}</div>;
        })
      ),
  },
];
