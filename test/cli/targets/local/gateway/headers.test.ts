import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { endToEnd, forwarded, hasBody } from '../../../../../cli/targets/local/gateway/headers.ts';

test('what speaks of one connection stays behind, also what the connection header names', () => {
  const raw = ['Host', 'a.example', 'Connection', 'keep-alive, X-Secret-Hop', 'X-Secret-Hop', '1', 'Keep-Alive', 'timeout=5', 'TE', 'trailers', 'Transfer-Encoding', 'chunked', 'Upgrade', 'h2c', 'Expect', '100-continue', 'Proxy-Authorization', 'x', 'X-User-Id', 'ada'];
  expect({ ...endToEnd(raw) }).toEqual({ host: 'a.example', 'x-user-id': 'ada' });
});

test('repeated headers stay apart and in order', () => {
  expect({ ...endToEnd(['Set-Cookie', 'a=1', 'X', '1', 'set-cookie', 'b=2', 'Set-Cookie', 'c=3']) }).toEqual({ 'set-cookie': ['a=1', 'b=2', 'c=3'], x: '1' });
});

test('a header named like a property of every object is a header', () => {
  expect(Object.entries(endToEnd(['constructor', 'x', 'toString', 'y']))).toEqual([['constructor', 'x'], ['tostring', 'y']]);
});

test('who asked is what the gateway saw, not what the client says', () => {
  const request = { socket: { remoteAddress: '127.0.0.1' }, headers: { host: 'todo.example', 'x-forwarded-for': '1.2.3.4' } } as unknown as IncomingMessage;
  expect(forwarded(request)).toEqual({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'todo.example', 'x-forwarded-proto': 'http' });
});

test.each([
  [{}, false],
  [{ 'content-length': '0' }, false],
  [{ 'content-length': '5' }, true],
  [{ 'transfer-encoding': 'chunked' }, true],
])('%j has a body: %s', (headers, expected) => {
  expect(hasBody({ headers } as unknown as IncomingMessage)).toBe(expected);
});
