// One resource: whether it works, what is wrong with it, how its events do, and what is written.
import type { ResourceDetail } from '../../../admin/api.ts';
import type { Condition } from '../../../admin/condition.ts';
import type { ConsumerReport } from '../../../admin/event-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { isItOrPartOf } from '../../../resources/part-of.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { allOf } from '../../api/heard.ts';
import { useLive } from '../../api/live.ts';
import { Act } from '../../parts/act.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Figure } from '../../parts/figure.tsx';
import { JsonTree } from '../../parts/json-tree.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import type { Tone } from '../../parts/tone.ts';
import { useRate } from '../../parts/use-rate.ts';
import { PageHead, View } from '../../parts/view.tsx';
import { countWithRate, numberWords, spanWords } from '../../parts/words.ts';
import { linkTo } from '../../shell/router.ts';
import { partsOf } from '../consumer.ts';
import { KindPart } from '../kinds/kind-part.tsx';
import { toneOfCondition } from './condition-words.ts';
import { ConsumerCharts } from './consumer-charts.tsx';

export interface ResourcePageProps {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export function ResourcePage({ kind, namespace, name }: ResourcePageProps) {
  const params = { kind, namespace, name };
  /** Its node in the graph. */
  const id = `${kind}/${namespace}/${name}`;
  const loaded = useLive(
    `resource ${JSON.stringify(params)}`,
    async signal => {
      const [resource, consumers] = await Promise.all([
        ask(endpoints.resource, { params }, signal),
        ask(endpoints.consumers, { params: {}, query: { namespace } }, signal),
      ]);
      return { resource, consumers: consumers.items.filter(each => isItOrPartOf(each, resource)) };
    },
    { on: allOf(params) },
  );
  const part = ({ manifest }: ResourceDetail) => (
    <KindPart key={id} kind={kind} namespace={namespace} name={name} manifest={manifest} />
  );
  return (
    <View of={loaded}>
      {({ resource, consumers }) => (
        <>
          <PageHead title={name} over={<Trail kind={kind} namespace={namespace} />}>
            {isScheduled(resource.manifest) ? (
              <a class="button" href={linkTo(['schedules'], { kind, namespace, name })}>
                See its schedules
              </a>
            ) : null}
            <a class="button" href={linkTo(['graph'], { node: id, at: id })}>
              See what is around it
            </a>
          </PageHead>
          <Conditions of={resource} />
          {kind === 'Queue' ? null : part(resource)}
          {consumers.map(each => (
            <ConsumerPart
              key={`${id} ${each.name}`}
              of={each}
              at={loaded.at}
              isKnown={loaded.error === undefined}
              again={loaded.again}
            />
          ))}
          {/* How fast it goes comes before its jobs. */}
          {kind === 'Queue' ? part(resource) : null}
          <section class="section">
            <h2>As it is written</h2>
            <p class="muted">
              <span class="mono">
                {resource.origin.file}:{resource.origin.line}
              </span>
            </p>
            <JsonTree value={resource.manifest} />
          </section>
        </>
      )}
    </View>
  );
}

function isScheduled(manifest: unknown): boolean {
  const { spec } = manifest as { readonly spec?: { readonly schedules?: unknown } };
  return spec?.schedules !== undefined;
}

function Trail({ kind, namespace }: { readonly kind: string; readonly namespace: string }) {
  return (
    <>
      <a href={linkTo(['resources'])}>Resources</a> / <a href={linkTo(['resources'], { kind })}>{kind}</a>
      {namespace === 'default' ? '' : ` in ${namespace}`}
    </>
  );
}

const CONDITIONS: readonly Column<Condition>[] = [
  {
    title: 'Condition',
    look: 'once',
    cell: condition => <Badge tone={toneOfCondition(condition)} word={`${condition.type}: ${condition.status}`} />,
  },
  { title: 'Reason', look: 'once', cell: ({ reason }) => reason },
  { title: 'What it says', look: 'wide', cell: ({ message }) => message },
];

function Conditions({ of }: { readonly of: ResourceDetail }) {
  return (
    <section class="section">
      <Table columns={CONDITIONS} rows={of.conditions} keyOf={({ type }) => type} />
      {of.problems.map(({ file, line, message, severity }) => (
        <p key={`${file}:${line}:${message}`} class="banner banner-warn">
          <Badge tone={severity === 'error' ? 'bad' : 'warn'} word={severity} />
          <span>
            <span class="mono">
              {file}:{line}
            </span>{' '}
            {message}
          </span>
        </p>
      ))}
    </section>
  );
}

const TONES: Readonly<Record<ConsumerReport['state'], Tone>> = {
  starting: 'busy',
  running: 'good',
  resting: 'warn',
  paused: 'warn',
  stopped: 'bad',
  finished: 'quiet',
};

function ConsumerPart(props: {
  readonly of: ConsumerReport;
  /** Milliseconds since 1970, when it was told. */
  readonly at: number | undefined;
  /** The newest question had an answer. */
  readonly isKnown: boolean;
  readonly again: () => void;
}) {
  const { of, at, isKnown, again } = props;
  const rate = useRate(of.delivered, at);
  const { state, pausedByCommand, lag, oldestAgeMs, inFlight, parkedKeys, parkedEvents, deadLetters, namespace } = of;
  const params = partsOf(of);
  const change = (endpoint: typeof endpoints.pause | typeof endpoints.resume) => async () => {
    await ask(endpoint, { params });
    again();
  };
  return (
    <section class="section">
      <div class="section-head">
        <h2>Events, to {of.target}</h2>
        {state === 'paused' && pausedByCommand ? (
          <Act verb="operate" namespace={namespace} look="primary" act={change(endpoints.resume)}>
            Resume
          </Act>
        ) : state === 'paused' ? null : (
          <Act verb="operate" namespace={namespace} act={change(endpoints.pause)}>
            Pause
          </Act>
        )}
      </div>
      <dl class="figures">
        <Figure title="State" value={<Badge tone={TONES[state]} word={state} />} />
        <Figure title="Not handled" value={lag === undefined ? 'not known' : numberWords(lag)} />
        <Figure title="Delivered" value={countWithRate(of.delivered, rate)} />
        <Figure title="Oldest" value={oldestAgeMs === undefined ? '–' : spanWords(oldestAgeMs)} />
        <Figure title="In flight" value={numberWords(inFlight)} />
        <Figure
          title="Parked"
          value={`${numberWords(parkedEvents)} of ${counted(parkedKeys, 'key')}`}
          href={parkedEvents > 0 ? linkTo(['failures', 'parked'], { ...params }) : undefined}
        />
        <Figure
          title="Dead letters"
          value={numberWords(deadLetters)}
          href={deadLetters > 0 ? linkTo(['failures', 'letters'], { ...params }) : undefined}
        />
      </dl>
      {state === 'paused' && !pausedByCommand ? (
        <p class="muted">Its resource says that it is paused: change the resource to let it go on.</p>
      ) : null}
      {of.lastError === undefined ? null : <p class="cause">{of.lastError}</p>}
      <ConsumerCharts of={of} isKnown={isKnown} />
    </section>
  );
}
