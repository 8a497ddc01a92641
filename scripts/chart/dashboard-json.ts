// A dashboard as Grafana stores it: rows of panels, laid out from left to right.
import type { Panel } from './panel.ts';

type Json = Readonly<Record<string, unknown>>;
type Rows = readonly (readonly [title: string, panels: readonly Panel[]])[];

const WIDTH = 24;
const STAT_HEIGHT = 4;
const GRAPH_HEIGHT = 8;
const SOURCE = { type: 'prometheus', uid: '${datasource}' };

export function dashboardJson(rows: Rows): Json {
  const panels: Json[] = [];
  let y = 0;
  for (const [title, row] of rows) {
    panels.push({ id: panels.length + 1, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: WIDTH, h: 1 } });
    y += 1;
    const isStats = row.every(({ stat }) => stat !== undefined);
    const [w, h] = isStats ? [Math.floor(WIDTH / row.length), STAT_HEIGHT] : [WIDTH / 2, GRAPH_HEIGHT];
    let x = 0;
    for (const panel of row) {
      if (x + w > WIDTH) [x, y] = [0, y + h];
      panels.push({ id: panels.length + 1, ...toPanel(panel), gridPos: { x, y, w, h } });
      x += w;
    }
    y += h;
  }
  return {
    uid: 'tenfold',
    title: 'Tenfold',
    tags: ['tenfold'],
    schemaVersion: 39,
    editable: true,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
        {
          name: 'namespace',
          label: 'Namespace',
          type: 'query',
          datasource: SOURCE,
          query: 'label_values({__name__=~"tenfold_(consumer|view|pipeline|function)_.*"}, namespace)',
          includeAll: true,
          allValue: '.*',
          multi: true,
          current: { text: 'All', value: '$__all' },
          refresh: 2,
          sort: 1,
        },
      ],
    },
    panels,
  };
}

function toPanel({ title, help, unit, queries, stat }: Panel): Json {
  const [warn = Infinity, bad = Infinity] = stat ?? [];
  const steps = [
    { color: 'green', value: null },
    ...(Number.isFinite(warn) ? [{ color: 'orange', value: warn }] : []),
    ...(Number.isFinite(bad) ? [{ color: 'red', value: bad }] : []),
  ];
  return {
    type: stat === undefined ? 'timeseries' : 'stat',
    title,
    description: help,
    datasource: SOURCE,
    fieldConfig: {
      defaults: { unit, min: 0, ...(stat === undefined ? {} : { thresholds: { mode: 'absolute', steps } }) },
      overrides: [],
    },
    options:
      stat === undefined
        ? { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } }
        : { reduceOptions: { calcs: ['lastNotNull'] }, graphMode: 'area' },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}
