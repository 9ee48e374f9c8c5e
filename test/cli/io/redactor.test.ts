import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Redactor } from '../../../cli/io/redactor.ts';

function redactorOf(...secrets: string[]): Redactor {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.register(secret);
  return redactor;
}

describe('a registered secret is replaced', () => {
  const SECRET = 'pa"ss/wörd+1';
  test.each([
    ['as it is', (secret: string) => secret],
    ['in JSON', (secret: string) => JSON.stringify({ password: secret })],
    ['in a URL', (secret: string) => `postgres://todo:${encodeURIComponent(secret)}@db/todo`],
    ['in base64', (secret: string) => Buffer.from(secret).toString('base64')],
    ['in base64 without its padding', (secret: string) => Buffer.from(secret).toString('base64').replace(/=+$/, '')],
    ['at the very start and end', (secret: string) => `${secret} and ${secret}`],
  ])('%s', (_form, printed) => {
    const clean = redactorOf(SECRET).redact(printed(SECRET));
    expect(clean).toContain('***');
    for (const form of [SECRET, encodeURIComponent(SECRET), JSON.stringify(SECRET).slice(1, -1)]) expect(clean).not.toContain(form);
  });

  test('and what stands around it stays', () => {
    expect(redactorOf('hunter2hunter2').redact('login: hunter2hunter2 refused')).toBe('login: *** refused');
  });

  test('wholly, though another secret is its beginning', () => {
    expect(redactorOf('secret', 'secret-and-more').redact('secret-and-more, secret')).toBe('***, ***');
    expect(redactorOf('secret-and-more', 'secret').redact('secret-and-more, secret')).toBe('***, ***');
  });

  test('though it looks like a pattern, or like what a replacement would put in', () => {
    expect(redactorOf('a.*b(c)[d]').redact('a.*b(c)[d] aXXb')).toBe('*** aXXb');
    expect(redactorOf('$&$1$$$`').redact('x $&$1$$$` y')).toBe('x *** y');
  });
});

test.each(['', 'a', 'admin'])('%j is too short to be a secret: ordinary words would go with it', (word) => {
  expect(redactorOf(word).redact('an admin is a person')).toBe('an admin is a person');
});

test('a redactor that knows nothing changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(new Redactor().redact(text)).toBe(text);
    }),
  );
});

test('whatever the secrets are and wherever they stand, none is left', () => {
  const secret = fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 12 }).filter((text) => !text.includes('*'));
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.array(fc.oneof(fc.nat(3), fc.stringMatching(/^[ .:]{0,3}$/)), { maxLength: 12 }), (secrets, parts) => {
      const text = parts.map((part) => (typeof part === 'number' ? secrets[part % secrets.length] : part)).join(' ');
      const clean = redactorOf(...secrets).redact(text);
      for (const one of secrets) expect(clean).not.toContain(one);
    }),
  );
});
