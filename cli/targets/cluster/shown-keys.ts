/** Keys of our Secrets that hold addresses, names and certificates. */
const SHOWN = new Set(['ca.crt', 'brokers', 'username', 'PGHOST', 'PGPORT', 'PGUSER', 'admin-user']);

/** Whether what a Secret has under a key may be shown to people; a redactor that knew it would blank out addresses and ports. */
export function isShown(key: string): boolean {
  return SHOWN.has(key);
}

/** The values of a Secret that must be shown to nobody. */
export function hiddenIn(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([key, value]) => (isShown(key) ? [] : [value]));
}
