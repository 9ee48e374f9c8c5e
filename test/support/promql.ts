/** Words of PromQL that stand where a metric's name could stand. */
const WORDS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'bool', 'offset', 'and', 'or', 'unless', 'inf', 'nan']);

/** The names of the metrics that an expression asks for. Enough of a reader for our own expressions: it knows no `{__name__=…}`. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  const names = [...bare.matchAll(/(?<![\w.$])([a-zA-Z_:][\w:]*)(?!\w)(?!\s*\()/g)].map(([, name]) => name as string);
  return [...new Set(names.filter((name) => !WORDS.has(name) && !/^\d/.test(name)))];
}

/** The labels of an expression's outermost `by`, which its legend may name; undefined when it has none. */
export function labelsBy(expr: string): string[] | undefined {
  const found = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels]) => (labels ?? '').split(',').map((label) => label.trim()));
  return found.length === 0 ? undefined : [...new Set(found)];
}

/** Grafana's variables as they are when everything is chosen. `window` stands for $__rate_interval. */
export function filled(expr: string, window = '5m'): string {
  return expr.replaceAll('$__rate_interval', window).replaceAll(/"\$\w+"/g, '".+"');
}
