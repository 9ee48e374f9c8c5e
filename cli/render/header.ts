import path from 'node:path';
import type { Platform } from '../definition/platform.ts';

/** The first line of every rendered file: what it was made from, in the comment of its language. */
export function header(file: string, { file: definition, environment }: Platform, from: string): string {
  const words = `Made by todoctl from ${path.basename(definition)} (environment ${environment.name}) and ${from}; rendering writes it anew.`;
  return COMMENTS[path.extname(file)]?.(words) ?? `# ${words}\n`;
}

const COMMENTS: Readonly<Record<string, (words: string) => string>> = {
  '.js': (words) => `// ${words}\n`,
  '.md': (words) => `<!-- ${words} -->\n`,
};
