import { describe, expect, it } from 'vitest';
import { isDatabaseAway, isSqlState } from '../../../services/kit/database-errors.ts';

const socketError = (code: string) => Object.assign(new Error(`connect ${code}`), { code });
const sqlError = (code: string) => Object.assign(new Error('refused'), { code, severity: 'ERROR' });

describe('a database is away', () => {
  it.each([
    ['its port is closed', socketError('ECONNREFUSED')],
    ['its connection broke', socketError('ECONNRESET')],
    ['its name is not known now', socketError('EAI_AGAIN')],
    ['it is shutting down', sqlError('57P01')],
    ['it crashed and recovers', sqlError('57P02')],
    ['it is starting', sqlError('57P03')],
    ['it has no connection left', sqlError('53300')],
    ['pg lost it in the middle of a query', new Error('Connection terminated unexpectedly')],
    ['pg got no connection in time', new Error('timeout exceeded when trying to connect')],
    ['pg got no answer in time', new Error('Query read timeout')],
  ])('when %s', (_, error) => {
    expect(isDatabaseAway(error)).toBe(true);
  });

  it.each([
    ['a value is taken', sqlError('23505')],
    ['a query is wrong', sqlError('42601')],
    ['a statement took too long', sqlError('57014')],
    ['a handler has a bug', new TypeError('x is not a function')],
    ['something else was thrown', 'ECONNREFUSED'],
    ['nothing was thrown', undefined],
  ])('but not when %s', (_, error) => {
    expect(isDatabaseAway(error)).toBe(false);
  });
});

describe('an SQL state', () => {
  it("is PostgreSQL's own code, not a socket's", () => {
    expect(isSqlState(sqlError('23505'), '23505')).toBe(true);
    expect(isSqlState(sqlError('23505'), '23503')).toBe(false);
    expect(isSqlState(Object.assign(new Error('x'), { code: '23505' }), '23505')).toBe(false);
    expect(isSqlState(undefined, '23505')).toBe(false);
  });
});
