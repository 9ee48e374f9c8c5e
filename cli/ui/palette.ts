import { styleText } from 'node:util';
import type { Io } from '../io/io.ts';

export interface Palette {
  good: (text: string) => string;
  bad: (text: string) => string;
  warn: (text: string) => string;
  dim: (text: string) => string;
  bold: (text: string) => string;
  code: (text: string) => string;
}

/** The few colours of the house, or none. node:util's styleText costs nothing to load; chalk is for where its features are needed. */
export function palette(io: Pick<Io, 'colour'>): Palette {
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    io.colour ? styleText(format, text, { validateStream: false }) : text;
  return { good: paint('green'), bad: paint('red'), warn: paint('yellow'), dim: paint('dim'), bold: paint('bold'), code: paint('cyan') };
}
