import { describe, expect, it } from 'vitest';
import { badRequest, conflict, fieldErrors, forbidden, notFound, preconditionFailed, Problem, unavailable, unprocessable } from '../../../../services/kit/http/problem.ts';

describe('the problems by name', () => {
  it.each([
    [badRequest('no'), 400, 'Bad Request', 'bad-request'],
    [forbidden('no'), 403, 'Forbidden', 'forbidden'],
    [notFound(), 404, 'Not Found', 'not-found'],
    [conflict('no'), 409, 'Conflict', 'conflict'],
    [preconditionFailed(), 412, 'Precondition Failed', 'precondition-failed'],
    [unprocessable([]), 422, 'Unprocessable Entity', 'unprocessable-entity'],
    [unavailable('no'), 503, 'Service Unavailable', 'service-unavailable'],
  ])('%s', (problem, status, title, type) => {
    expect(problem.reply('/x').body).toMatchObject({ status, title, type: `urn:todo:problem:${type}`, instance: '/x' });
  });

  it('one that will pass says when to come back', () => {
    expect(unavailable('no', 5).reply('/').headers).toMatchObject({ 'retry-after': '5' });
  });

  it('may be of a kind of their own', () => {
    expect(new Problem(409, 'The key was used for another request.', { kind: 'idempotency-key-reused' }).reply('/').body).toMatchObject({ type: 'urn:todo:problem:idempotency-key-reused', title: 'Conflict' });
  });

  it('keep their cause for the log, and do not answer it', () => {
    const problem = new Problem(503, 'Later.', { cause: new Error('hunter2') });
    expect(problem.cause).toBeInstanceOf(Error);
    expect(JSON.stringify(problem.reply('/'))).not.toContain('hunter2');
  });
});

describe('wrong fields', () => {
  it('are pointed at by RFC 6901, the whole body by the empty pointer', () => {
    const issues = [
      { path: [], message: 'whole' },
      { path: ['a/b', 'c~d', 0], message: 'deep' },
      { path: ['due'], message: 'unknown', code: 'unrecognized_keys', keys: ['x', 'y/z'] },
    ];
    expect(fieldErrors(issues).map(({ pointer }) => pointer)).toEqual(['', '/a~1b/c~0d/0', '/due/x', '/due/y~1z']);
  });
});
