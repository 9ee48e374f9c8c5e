import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Coordinator } from '../../../../cli/broker/groups/coordinator.ts';
import type { JoinRequest } from '../../../../cli/broker/groups/member.ts';
import { diskFiles } from '../../../../cli/broker/log/files.ts';
import { Offsets } from '../../../../cli/broker/offsets.ts';
import { ErrorCode, errorName } from '../../../../cli/kafka/error-codes.ts';

let root: string;
let offsets: Offsets;
let coordinator: Coordinator;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'coordinator-'));
  offsets = new Offsets(path.join(root, 'offsets.log'), diskFiles, false);
  coordinator = new Coordinator(offsets);
});
afterEach(() => {
  coordinator.close();
  offsets.close();
  rmSync(root, { recursive: true, force: true });
});

const request = (given: Partial<JoinRequest> = {}): JoinRequest => ({
  memberId: '', clientId: 'c', clientHost: 'h', sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer', idRequired: false,
  protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  ...given,
});
const commit = (group: string): void => offsets.commit(group, [{ topic: 't', partition: 0, committed: { offset: 1, metadata: null } }]);

describe('the coordinator', () => {
  it.each([
    [0, 'INVALID_SESSION_TIMEOUT'],
    [999, 'INVALID_SESSION_TIMEOUT'],
    [1000, 'NONE'],
    [30 * 60 * 1000, 'NONE'],
    [30 * 60 * 1000 + 1, 'INVALID_SESSION_TIMEOUT'],
    [-1, 'INVALID_SESSION_TIMEOUT'],
  ])('takes a session of %i ms: %s', async (sessionTimeoutMs, error) => {
    expect(errorName((await coordinator.join('g', request({ sessionTimeoutMs }))).error)).toBe(error);
  });

  it('remembers no group that nobody could join', async () => {
    await coordinator.join('', request());
    await coordinator.join('refused', request({ protocols: [] }));
    await coordinator.join('stranger', request({ memberId: 'x' }));
    expect(coordinator.list()).toEqual([]);
    expect(coordinator.describe('refused')).toBeUndefined();
  });

  it('knows nobody in a group that does not exist', async () => {
    expect(errorName((await coordinator.sync('none', 'm', 1, [])).error)).toBe('UNKNOWN_MEMBER_ID');
    expect([coordinator.heartbeat('none', 'm', 1), coordinator.leave('none', 'm')].map(errorName)).toEqual(['UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID']);
  });

  it('lets a group be committed to that it has never seen, but only without membership', () => {
    expect([coordinator.mayCommit('new', '', -1), coordinator.mayCommit('new', 'm', 3), coordinator.mayCommit('', '', -1)].map(errorName)).toEqual([
      'NONE', 'ILLEGAL_GENERATION', 'INVALID_GROUP_ID',
    ]);
  });

  it('lists groups with members and groups with offsets, each once', async () => {
    commit('both');
    commit('offsets only');
    await coordinator.join('both', request());
    await coordinator.join('members only', request());
    expect(coordinator.list().map(({ id, state }) => `${id}: ${state}`).sort()).toEqual(['both: CompletingRebalance', 'members only: CompletingRebalance', 'offsets only: Empty']);
  });

  it('removes a group with all that it committed, once it has no members', async () => {
    commit('g');
    const { memberId } = await coordinator.join('g', request());
    expect(errorName(coordinator.remove('g'))).toBe('NON_EMPTY_GROUP');
    coordinator.leave('g', memberId);
    expect([coordinator.remove('g'), offsets.has('g'), errorName(coordinator.remove('g'))]).toEqual([0, false, 'GROUP_ID_NOT_FOUND']);
  });

  it('answers everybody who waits when it closes', async () => {
    const first = await coordinator.join('g', request());
    const second = coordinator.join('g', request());
    coordinator.close();
    expect((await second).error).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    expect(errorName(coordinator.heartbeat('g', first.memberId, 1))).toBe('UNKNOWN_MEMBER_ID');
  });
});
