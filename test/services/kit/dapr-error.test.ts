import { describe, expect, it } from 'vitest';
import { DaprError } from '../../../services/kit/dapr-error.ts';

describe("a sidecar's error", () => {
  it('says what was tried, the status and the code, and not what was in it', () => {
    const error = new DaprError('publish', 404, { errorCode: 'ERR_PUBSUB_NOT_FOUND', message: 'pubsub of ada@example.com' });
    expect(error.message).toBe('publish: status 404 ERR_PUBSUB_NOT_FOUND');
    expect(error.code).toBe('ERR_PUBSUB_NOT_FOUND');
  });

  it('says when nobody answered, and keeps why', () => {
    const cause = new Error('ECONNREFUSED');
    expect(new DaprError('invoke', 0, undefined, cause)).toMatchObject({ message: 'invoke: no answer from the sidecar', cause, code: '' });
  });

  it.each([undefined, null, 'text', 7, [], { errorCode: 7 }])('has no code in %j', (body) => {
    expect(new DaprError('state', 500, body).code).toBe('');
  });

  it.each([
    [0, undefined, true],
    [429, undefined, true],
    [502, undefined, true],
    [503, undefined, true],
    [504, undefined, true],
    [500, { errorCode: 'ERR_DIRECT_INVOKE' }, true],
    [500, { errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE' }, false],
    [401, undefined, false],
    [404, undefined, false],
    [409, undefined, false],
  ])('of status %i with %j: the other side is away: %s', (status, body, away) => {
    expect(new DaprError('invoke', status, body).away).toBe(away);
  });
});
