// Answers "how is it set up?": the services that the platform keeps things in, the versions of what
// runs, and each setting with where its value is from.
import type {
  ProcessReport,
  ServiceReport,
  SettingOrigin,
  SettingReport,
} from '../../../admin/settings/settings-view.ts';
import { counted } from '../../../core/units/counted.ts';
import { ask } from '../../api/ask.ts';
import { endpoints } from '../../api/endpoints.ts';
import { useLive } from '../../api/live.ts';
import { Badge } from '../../parts/badge.tsx';
import { Figure } from '../../parts/figure.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Empty, PageHead, View } from '../../parts/view.tsx';
import { When } from '../../parts/when.tsx';
import { linkTo, navigate, query, withQuery } from '../../shell/router.ts';

const PARTS: Readonly<Record<ServiceReport['part'], { readonly title: string; readonly keeps: string }>> = {
  log: { title: 'Event log', keeps: 'events, jobs and dead letters' },
  store: { title: 'Store', keeps: 'state, the cache of functions, positions' },
  search: { title: 'Search', keeps: 'Views that are searched' },
  blobs: { title: 'Blobs', keeps: 'large data and archives' },
};

const ORIGINS: Readonly<Record<SettingOrigin, string>> = {
  option: 'the command line',
  variable: 'the environment',
  file: 'the file',
  default: 'a default',
  unset: 'nothing',
};

export function SettingsPage() {
  const running = useLive('process', signal => ask(endpoints.process, { params: {} }, signal));
  const settings = useLive('settings', signal => ask(endpoints.settings, { params: {} }, signal));
  return (
    <>
      <PageHead title="Settings">
        <p class="muted">Of the process that answers this page.</p>
      </PageHead>
      <View of={running}>{data => <Process of={data} />}</View>
      <section class="section" aria-label="Configuration">
        <h2>Configuration</h2>
        <View of={settings}>{({ items }) => <Settings items={items} />}</View>
      </section>
    </>
  );
}

function Process({ of }: { readonly of: ProcessReport }) {
  const { host, version, node, system, role, startedAt, services } = of;
  return (
    <>
      <dl class="figures section">
        <Figure title="Host" value={host} />
        <Figure title="Tenfold" value={version} />
        <Figure title="Node.js" value={node} />
        <Figure title="System" value={system} />
        <Figure title="Role" value={role} />
        <Figure title="Started" value={<When at={startedAt} />} />
      </dl>
      <section class="section" aria-label="Services">
        <h2>Services</h2>
        <Table columns={SERVICES} rows={services} keyOf={({ part }) => part} />
      </section>
    </>
  );
}

const SERVICES: readonly Column<ServiceReport>[] = [
  {
    title: 'Part',
    cell: ({ part }) => (
      <div>
        <strong>{PARTS[part].title}</strong>
        <div class="faint">{PARTS[part].keeps}</div>
      </div>
    ),
  },
  { title: 'Kept in', look: 'once', cell: ({ driver }) => driver },
  {
    title: 'State',
    look: 'once',
    cell: ({ driver, usable }) =>
      driver === 'none' ? (
        <Badge tone="quiet" word="not configured" />
      ) : (
        <Badge tone={usable ? 'good' : 'bad'} word={usable ? 'usable' : 'cannot be used'} />
      ),
  },
  { title: 'What it says', look: 'wide', cell: ({ reason }) => reason ?? <span class="faint">Nothing is wrong.</span> },
];

function Settings({ items }: { readonly items: readonly SettingReport[] }) {
  const text = (query.value.get('q') ?? '').toLowerCase();
  const origin = query.value.get('from') ?? (text === '' ? 'given' : 'all');
  const found = items.filter(
    each =>
      (origin === 'all' || (origin === 'given' ? isGiven(each) : each.origin === origin)) &&
      `${each.name} ${each.variable} ${each.meaning}`.toLowerCase().includes(text),
  );
  if (items.length === 0)
    return (
      <Empty title="No configuration">
        <p>This platform was started by a program, which gave it no settings to show.</p>
      </Empty>
    );
  const others = items.length - found.length;
  return (
    <>
      <Filters />
      {found.length === 0 ? (
        <Empty title={origin === 'given' ? 'All settings have their defaults' : 'No setting matches'} />
      ) : (
        <>
          <p class="muted count">{counted(found.length, 'setting')}</p>
          <Table columns={SETTINGS} rows={found} keyOf={({ name }) => name} />
        </>
      )}
      {others === 0 ? null : (
        <p>
          <a href={linkTo(['settings'], { from: 'all' })}>Show all {items.length} settings</a>
        </p>
      )}
    </>
  );
}

function isGiven({ origin }: SettingReport): boolean {
  return origin !== 'default' && origin !== 'unset';
}

function Filters() {
  return (
    <form class="filters" onSubmit={event => event.preventDefault()}>
      <label>
        Name or meaning
        <input
          type="text"
          value={query.value.get('q') ?? ''}
          onInput={event => navigate(withQuery({ q: event.currentTarget.value }), 'soon')}
        />
      </label>
      <label>
        Set by
        <select
          value={query.value.get('from') ?? ''}
          onChange={event => navigate(withQuery({ from: event.currentTarget.value }), 'replace')}
        >
          <option value="">anything but defaults</option>
          <option value="all">anything, or nothing</option>
          {Object.entries(ORIGINS).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}

const SETTINGS: readonly Column<SettingReport>[] = [
  {
    title: 'Setting',
    look: 'wide',
    cell: ({ name, variable, meaning }) => (
      <div>
        <span class="mono" title={variable}>
          {name}
        </span>
        <div class="faint">{meaning}</div>
      </div>
    ),
  },
  { title: 'Value', look: 'name', cell: setting => <Value of={setting} /> },
  {
    title: 'Set by',
    look: 'name',
    cell: ({ origin, from, variable }) => (
      <div>
        {origin === 'unset' ? <span class="faint">not set</span> : ORIGINS[origin]}
        <div class="faint mono">{from ?? (origin === 'unset' || origin === 'default' ? variable : '')}</div>
      </div>
    ),
  },
];

function Value({ of: { value, secret, origin } }: { readonly of: SettingReport }) {
  if (origin === 'unset') return <span class="faint">–</span>;
  if (secret) return <span class="muted">{placeOfSecret(value)}</span>;
  return <span class={origin === 'default' ? 'mono muted' : 'mono'}>{textOf(value)}</span>;
}

/** The page never gets the secret itself. */
function placeOfSecret(value: unknown): string {
  const { env, file } = (typeof value === 'object' && value !== null ? value : {}) as {
    readonly env?: string;
    readonly file?: string;
  };
  if (env !== undefined) return `hidden: it is in the variable ${env}`;
  return file === undefined ? 'hidden' : `hidden: it is in ${file}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
