import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../../../services/contracts/samples');

/** The names of the stored samples, without `.json`. */
export function sampleNames(): string[] {
  return readdirSync(folder, { withFileTypes: true }).filter((file) => file.isFile()).map((file) => path.basename(file.name, '.json')).sort();
}

/** A stored sample by name, `task.created.v1` or `older/reminder`. */
export function sample(name: string): unknown {
  return JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8'));
}
