import { describe, expect, it } from 'vitest';
import { fit, parseJson } from '../../../../services/kit/http/body.ts';
import { Problem, fieldErrors } from '../../../../services/kit/http/problem.ts';
import { ifMatch, ok, withETag } from '../../../../services/kit/http/reply.ts';
import { z } from 'zod';

describe('If-None-Match', () => {
  const reply = ok({ title: 'Milk' }, { 'cache-control': 'no-cache' });
  it.each([
    ['the tag', '"7"', 304],
    ['one of many', '"1", "7"', 304],
    ['the tag as a weak one', 'W/"7"', 304],
    ['anything', '*', 304],
    ['another tag', '"8"', 200],
    ['a part of the tag', '"77"', 200],
    ['no tag at all', '7', 200],
  ])('of %s', (_, given, status) => {
    const answered = withETag({ 'if-none-match': given }, reply, '"7"');
    expect(answered.status).toBe(status);
    expect(answered.headers).toEqual({ etag: '"7"', 'cache-control': 'no-cache' });
    expect(answered.body).toEqual(status === 304 ? undefined : { title: 'Milk' });
  });

  it('absent leaves the reply as it is, with its tag', () => {
    expect(withETag({}, reply, '"7"')).toMatchObject({ status: 200, headers: { etag: '"7"' } });
  });
});

describe('If-Match', () => {
  it.each([
    ['absent', undefined, '"7"', 'absent'],
    ['the tag', '"7"', '"7"', 'match'],
    ['one of many', '"6","7"', '"7"', 'match'],
    ['anything', '*', '"7"', 'match'],
    ['another', '"6"', '"7"', 'mismatch'],
    ['a weak tag: never, a change needs the very same', 'W/"7"', '"7"', 'mismatch'],
    ['nonsense', '7', '"7"', 'mismatch'],
  ])('%s', (_, given, etag, expected) => {
    expect(ifMatch(given === undefined ? {} : { 'if-match': given }, etag)).toBe(expected);
  });
});

describe('a problem', () => {
  it('is answered as RFC 9457 has it', () => {
    expect(new Problem(412, 'It has changed.', { headers: { etag: '"8"' } }).reply('/api/tasks/1')).toEqual({
      status: 412,
      headers: { etag: '"8"', 'content-type': 'application/problem+json' },
      body: { type: 'urn:todo:problem:precondition-failed', title: 'Precondition Failed', status: 412, detail: 'It has changed.', instance: '/api/tasks/1' },
    });
  });

  it('names each wrong field with a JSON Pointer, unknown ones one by one', () => {
    const schema = z.strictObject({ title: z.string(), due: z.object({ zone: z.string() }), tags: z.array(z.string()) });
    const result = schema.safeParse({ title: 1, due: {}, tags: ['a', 2], 'a/b': 1, colour: 2 });
    expect(fieldErrors(result.error?.issues ?? []).map(({ pointer }) => pointer)).toEqual(['/title', '/due/zone', '/tags/1', '/a~1b', '/colour']);
  });
});

describe('a JSON body', () => {
  const bytes = (text: string) => Buffer.from(text);
  const problem = (work: () => unknown): Problem => {
    try {
      work();
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
    throw new Error('it was accepted');
  };

  it('may hold any proper text', () => {
    const text = '{"title":"🥛 שלום \\ud83e\\udd5b \\t"}';
    expect(parseJson(bytes(text))).toEqual({ title: '🥛 שלום 🥛 \t' });
  });

  it.each(['', '{', '{"a":}', 'undefined', '\ufeff{'])('%j is malformed', (text) => {
    expect(problem(() => parseJson(bytes(text))).status).toBe(400);
  });

  it('that is no UTF-8 is malformed', () => {
    expect(problem(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).status).toBe(400);
  });

  it.each([
    ['NUL', '{"task":{"title":"a\\u0000"}}', '/task/title'],
    ['half a surrogate pair', '{"tags":["ok","\\ud83e"]}', '/tags/1'],
    ['half a pair in capitals', '{"t":"\\uD83E"}', '/t'],
  ])('with %s is refused where it is: PostgreSQL could not store it', (_, text, pointer) => {
    const refused = problem(() => parseJson(bytes(text)));
    expect(refused.status).toBe(422);
    expect(refused.options.errors?.map((one) => one.pointer)).toEqual([pointer]);
  });

  it('with such a field name is refused too', () => {
    expect(problem(() => parseJson(bytes('{"a\\u0000":1}'))).status).toBe(422);
  });

  it('must fit its schema', () => {
    expect(fit(z.object({ n: z.number() }), { n: 1 })).toEqual({ n: 1 });
    expect(problem(() => fit(z.object({ n: z.number() }), { n: 'x' }))).toMatchObject({ status: 422, options: { errors: [{ pointer: '/n' }] } });
  });
});
