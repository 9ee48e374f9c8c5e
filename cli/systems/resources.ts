/** An object that is applied, as far as rights ask about it. */
export interface Applied {
  /** API group; empty for the core's. */
  group: string;
  kind: string;
  name: string;
  /** Undefined where it is in none. */
  namespace?: string | undefined;
}

/** Name of a kind's resource in the API's addresses: `networkpolicies`. Right for all kinds that are rendered; a test holds it to their CRDs. */
export function resourceOf({ kind }: Pick<Applied, 'kind'>): string {
  const word = kind.toLowerCase();
  if (word.endsWith('chaos')) return word;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}
