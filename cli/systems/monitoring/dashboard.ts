import type { Panel, Row } from './panel.ts';

/** A choice at the top of the page; all are chosen at first. */
export interface Variable {
  name: string;
  label: string;
  /** PromQL's label_values(…). */
  query: string;
}

export interface Dashboard {
  /** What links to it keep; it never changes. At most 40 characters. */
  uid: string;
  title: string;
  /** Where this is: the environment's name. */
  environment: string;
  tags: readonly string[];
  variables: readonly Variable[];
  rows: readonly Row[];
}

interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

const COLUMNS = 24;
const SIZES = { lines: { w: 8, h: 8 }, stat: { w: 4, h: 4 } } as const;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** A dashboard as Grafana imports it: ids, places and the data source are worked out here. The same dashboard, the same object. */
export function dashboardModel({ uid, title, environment, tags, variables, rows }: Dashboard): object {
  const panels: object[] = [];
  let top = 0;
  for (const { title: heading, panels: inRow } of rows) {
    panels.push({ id: panels.length + 1, type: 'row', title: heading, collapsed: false, gridPos: { x: 0, y: top, w: COLUMNS, h: 1 }, panels: [] });
    const { places, below } = placed(inRow, top + 1);
    for (const { panel, gridPos } of places) panels.push(panelModel(panel, panels.length + 1, gridPos));
    top = below;
  }
  return {
    uid,
    title,
    tags,
    timezone: 'browser',
    editable: false,
    // All panels show the same moment under the pointer.
    graphTooltip: 1,
    refresh: '30s',
    schemaVersion: 39,
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [datasourceVariable(), environmentVariable(environment), ...variables.map(queryVariable)] },
    panels,
  };
}

/** From left to right, in lines as high as their highest panel. */
function placed(panels: readonly Panel[], top: number): { places: { panel: Panel; gridPos: Place }[]; below: number } {
  let [x, y, high] = [0, top, 0];
  const places = panels.map((panel) => {
    const { w, h } = SIZES[panel.kind];
    if (x + w > COLUMNS) [x, y, high] = [0, y + high, 0];
    const gridPos = { x, y, w, h };
    x += w;
    high = Math.max(high, h);
    return { panel, gridPos };
  });
  return { places, below: y + high };
}

function panelModel(panel: Panel, id: number, gridPos: Place): object {
  const { kind, title, description, unit, targets, limits, stacked = false, max } = panel;
  const steps = [{ color: 'green', value: null }, ...(limits ? [{ color: 'orange', value: limits.look }, { color: 'red', value: limits.bad }] : [])];
  const drawn = {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: stacked ? 30 : 5,
    showPoints: 'never',
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: limits ? 'dashed' : 'off' },
  };
  const isStat = kind === 'stat';
  return {
    id,
    type: isStat ? 'stat' : 'timeseries',
    title,
    description,
    gridPos,
    datasource: DATASOURCE,
    fieldConfig: {
      defaults: { unit, min: 0, ...(max === undefined ? {} : { max }), thresholds: { mode: 'absolute', steps }, ...(isStat ? { color: { mode: 'thresholds' } } : { custom: drawn }) },
      overrides: [],
    },
    options: isStat
      ? { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, colorMode: 'background', graphMode: 'area', textMode: 'value' }
      : { legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] }, tooltip: { mode: 'multi', sort: 'desc' } },
    // Grafana names the queries of a panel A, B, C …
    targets: targets.map(({ expr, legend }, index) => ({ refId: String.fromCodePoint(65 + index), datasource: DATASOURCE, expr, legendFormat: legend, range: true })),
  };
}

function datasourceVariable(): object {
  return { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', current: {}, hide: 0, refresh: 1 };
}

/** Says where one is looking: each environment has a Prometheus of its own. */
function environmentVariable(environment: string): object {
  const only = { text: environment, value: environment, selected: true };
  return { name: 'environment', label: 'Environment', type: 'custom', query: environment, current: only, options: [only], hide: 0 };
}

function queryVariable({ name, label, query }: Variable): object {
  const all = { multi: true, includeAll: true, allValue: '.+', current: { text: ['All'], value: ['$__all'] } };
  return { name, label, type: 'query', datasource: DATASOURCE, query: { query, refId: name }, definition: query, refresh: 2, sort: 1, ...all, hide: 0 };
}
