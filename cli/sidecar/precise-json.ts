// Node 26 has both; TypeScript's library does not know them yet (TC39 "JSON.parse source text access").
interface PreciseJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}
const precise = JSON as unknown as PreciseJson;

const LONG_NUMBER = /[\d.]{16}/;

/** JSON.parse that keeps numbers beyond 2^53 as they were written, as daprd does; the usual text takes the fast way. */
export function parseJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return precise.parse(text, (_key, value, context) => {
    if (typeof value !== 'number' || context.source === undefined || String(value) === context.source) return value;
    return precise.rawJSON(context.source);
  });
}
