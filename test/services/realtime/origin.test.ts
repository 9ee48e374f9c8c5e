import { expect, test } from 'vitest';
import { isForeign } from '../../../services/realtime/origin.ts';

test.each([
  ['no browser', { host: '127.0.0.1:8080' }, false],
  ['a page of the platform itself', { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }, false],
  ['a page of the platform, through its gateway', { host: '127.0.0.1:9001', 'x-forwarded-host': 'localhost:8080', origin: 'http://localhost:8080' }, false],
  ['a page of another site', { host: '127.0.0.1:8080', origin: 'https://evil.example' }, true],
  ['a page on another port', { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:3000' }, true],
  ['a page without an address', { host: '127.0.0.1:8080', origin: 'null' }, true],
])('%s', (_who, headers, foreign) => {
  expect(isForeign(headers)).toBe(foreign);
});
