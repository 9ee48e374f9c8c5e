import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprintOf, idempotencyKey } from '../../../services/task-api/idempotency.ts';

describe('an Idempotency-Key', () => {
  test('need not be there', () => {
    expect(idempotencyKey({})).toBeUndefined();
  });

  test.each(['k', '8e03978e-40d5-43e8-bc93-6894a57f9324', '"quoted-as-the-draft-has-it"', '~!@#$%^&*()', 'k'.repeat(255)])('may be %s', (key) => {
    expect(idempotencyKey({ 'idempotency-key': key })).toBe(key);
  });

  test.each(['', ' ', 'a b', 'a\tb', 'clé', '🔑', 'k'.repeat(256), 'a\0b'])('cannot be %j', (key) => {
    expect(() => idempotencyKey({ 'idempotency-key': key })).toThrow('An Idempotency-Key is 1 to 255 printable ASCII characters without spaces.');
  });
});

describe('what a request asks for', () => {
  const body = fc.jsonValue();

  test('is the same for the same method, path and body', () => {
    fc.assert(
      fc.property(body, (value) => {
        expect(fingerprintOf('POST', '/api/tasks', structuredClone(value))).toBe(fingerprintOf('POST', '/api/tasks', value));
      }),
    );
  });

  test('is another with another body', () => {
    fc.assert(
      fc.property(body, body, (one, two) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(two));
        expect(fingerprintOf('POST', '/api/tasks', one)).not.toBe(fingerprintOf('POST', '/api/tasks', two));
      }),
    );
  });

  test('is another of another task, by another method, and none of the parts runs into the next', () => {
    const prints = [
      fingerprintOf('POST', '/api/tasks/1/complete', null),
      fingerprintOf('POST', '/api/tasks/2/complete', null),
      fingerprintOf('DELETE', '/api/tasks/1/complete', null),
      fingerprintOf('POST/api', '/tasks/1/complete', null),
      fingerprintOf('POST', '/api/tasks/1/complete', ''),
    ];
    expect(new Set(prints).size).toBe(prints.length);
  });

  test('says nothing of what was in it', () => {
    expect(fingerprintOf('POST', '/api/tasks', { title: 'canary' })).toMatch(/^[\w-]{43}$/);
  });
});
