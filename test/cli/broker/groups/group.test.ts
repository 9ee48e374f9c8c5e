import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Group } from '../../../../cli/broker/groups/group.ts';
import type { Joined, JoinRequest, Synced } from '../../../../cli/broker/groups/member.ts';
import { errorName } from '../../../../cli/kafka/error-codes.ts';

let group: Group;
beforeEach(() => {
  vi.useFakeTimers();
  group = new Group('g');
});
afterEach(() => {
  group.close();
  vi.useRealTimers();
});

/** Asks to join; the answer, once there is one, is in `joined`. */
function join(given: Partial<JoinRequest> = {}): { joined: Joined | undefined } {
  const answer: { joined: Joined | undefined } = { joined: undefined };
  const request: JoinRequest = {
    memberId: '', clientId: 'c', clientHost: 'h', sessionTimeoutMs: 1000, rebalanceTimeoutMs: 5000, protocolType: 'consumer', idRequired: false,
    protocols: [{ name: 'range', metadata: Buffer.from('m') }],
    ...given,
  };
  group.join(request, (joined) => (answer.joined = joined));
  return answer;
}

function sync(memberId: string, generation: number, shares: Record<string, string> = {}): { synced: Synced | undefined } {
  const answer: { synced: Synced | undefined } = { synced: undefined };
  const assignments = Object.entries(shares).map(([id, share]) => ({ memberId: id, assignment: Buffer.from(share) }));
  group.sync(memberId, generation, assignments, (synced) => (answer.synced = synced));
  return answer;
}

const idOf = (answer: { joined: Joined | undefined }): string => answer.joined?.memberId ?? '';
const said = (error: number | undefined): string | undefined => (error === undefined ? undefined : errorName(error));

/** A stable group of two; the first one leads. */
function pair(): [string, string] {
  const first = idOf(join());
  sync(first, 1, { [first]: 'all' });
  const joining = join();
  join({ memberId: first });
  const second = idOf(joining);
  sync(second, 2);
  sync(first, 2, { [first]: 'one', [second]: 'two' });
  return [first, second];
}

describe('joining', () => {
  it('makes the first member the leader of generation 1', () => {
    const answer = join();
    expect(answer.joined).toMatchObject({ error: 0, generation: 1, protocol: 'range', leader: idOf(answer), members: [{ memberId: idOf(answer) }] });
    expect(group.state).toBe('CompletingRebalance');
  });

  it('gives a modern client its id first, and counts it only when it comes back', () => {
    const told = join({ idRequired: true });
    expect([said(told.joined?.error), group.members.size]).toEqual(['MEMBER_ID_REQUIRED', 0]);
    expect(join({ idRequired: true, memberId: idOf(told) }).joined).toMatchObject({ error: 0, generation: 1 });
    expect(said(join({ memberId: 'never handed out' }).joined?.error)).toBe('UNKNOWN_MEMBER_ID');
  });

  it('forgets an id that nobody came back with', () => {
    const told = join({ idRequired: true });
    vi.advanceTimersByTime(1001);
    expect([said(join({ memberId: idOf(told) }).joined?.error), group.idle]).toEqual(['UNKNOWN_MEMBER_ID', true]);
  });

  it('waits until every member has joined again', () => {
    const [first, second] = pair();
    const third = join();
    expect([group.state, third.joined]).toEqual(['PreparingRebalance', undefined]);
    const again = join({ memberId: first });
    expect(third.joined).toBeUndefined();
    join({ memberId: second });
    expect([again.joined?.generation, third.joined?.generation, again.joined?.members.length]).toEqual([3, 3, 3]);
  });

  it('goes on without those who do not join again in time', () => {
    const [first, second] = pair();
    // The second one keeps its session alive but never joins again.
    const third = join({ rebalanceTimeoutMs: 5000 });
    join({ memberId: first });
    for (let waited = 0; waited < 5; waited++) {
      group.heartbeat(second, 2);
      vi.advanceTimersByTime(990);
    }
    vi.advanceTimersByTime(100);
    expect([third.joined?.generation, [...group.members.keys()]]).toEqual([3, [first, idOf(third)]]);
    expect(said(group.heartbeat(second, 2))).toBe('UNKNOWN_MEMBER_ID');
  });

  it('answers a follower that asks again for nothing new, and rebalances for the leader', () => {
    const [first, second] = pair();
    expect(join({ memberId: second }).joined).toMatchObject({ error: 0, generation: 2, members: [] });
    expect([group.state, join({ memberId: first }).joined, group.state]).toEqual(['Stable', undefined, 'PreparingRebalance']);
  });

  it('rebalances when a member offers something new', () => {
    const [, second] = pair();
    join({ memberId: second, protocols: [{ name: 'range', metadata: Buffer.from('another subscription') }] });
    expect(group.state).toBe('PreparingRebalance');
  });

  it('refuses who has nothing in common with the others', () => {
    pair();
    const refused = [join({ protocols: [{ name: 'other', metadata: Buffer.alloc(0) }] }), join({ protocolType: 'connect' }), join({ protocols: [] }), join({ protocolType: '' })];
    expect(refused.map(({ joined }) => said(joined?.error))).toEqual(Array.from({ length: 4 }, () => 'INCONSISTENT_GROUP_PROTOCOL'));
    expect(group.members.size).toBe(2);
  });
});

describe('sharing out', () => {
  it('hands everybody its share when the leader has spoken, in any order', () => {
    const first = idOf(join());
    sync(first, 1, { [first]: 'all' });
    const joining = join();
    join({ memberId: first });
    const second = idOf(joining);
    const waiting = sync(second, 2);
    expect(waiting.synced).toBeUndefined();
    const leading = sync(first, 2, { [first]: 'one', [second]: 'two', stranger: 'x' });
    expect([leading.synced?.assignment.toString(), waiting.synced?.assignment.toString()]).toEqual(['one', 'two']);
    expect(sync(second, 2).synced?.assignment.toString()).toBe('two');
    expect(group.state).toBe('Stable');
  });

  it('is called off for those who wait when another rebalance begins', () => {
    const [first, second] = pair();
    join({ memberId: first });
    join({ memberId: second });
    const waiting = sync(second, 3);
    join();
    expect(said(waiting.synced?.error)).toBe('REBALANCE_IN_PROGRESS');
    expect(said(sync(second, 3).synced?.error)).toBe('REBALANCE_IN_PROGRESS');
  });

  it('refuses strangers and other generations', () => {
    const [first] = pair();
    expect([said(sync('stranger', 2).synced?.error), said(sync(first, 1).synced?.error)]).toEqual(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION']);
  });
});

describe('staying and going', () => {
  it('a member stays for as long as it is heard of', () => {
    const [first, second] = pair();
    for (let beat = 0; beat < 10; beat++) {
      vi.advanceTimersByTime(900);
      expect([group.heartbeat(first, 2), group.heartbeat(second, 2)]).toEqual([0, 0]);
    }
  });

  it('a silent one goes after its session, and the others share out anew', () => {
    const [first] = pair();
    vi.advanceTimersByTime(700);
    group.heartbeat(first, 2);
    vi.advanceTimersByTime(400);
    expect([group.members.size, said(group.heartbeat(first, 2))]).toEqual([1, 'REBALANCE_IN_PROGRESS']);
    expect(join({ memberId: first }).joined).toMatchObject({ generation: 3, leader: first });
  });

  it('a leader that dies before it has shared out does not hold up the others', () => {
    const [first, second] = pair();
    join({ memberId: first });
    join({ memberId: second });
    const waiting = sync(second, 3);
    vi.advanceTimersByTime(600);
    group.heartbeat(second, 3);
    vi.advanceTimersByTime(500);
    expect(said(waiting.synced?.error)).toBe('REBALANCE_IN_PROGRESS');
    expect(join({ memberId: second }).joined).toMatchObject({ generation: 4, leader: second });
  });

  it('leaving empties the group, and another may begin with another protocol', () => {
    const [first, second] = pair();
    expect([group.leave(first), said(group.leave(first))]).toEqual([0, 'UNKNOWN_MEMBER_ID']);
    expect(group.leave(second)).toBe(0);
    expect([group.state, group.idle]).toEqual(['Empty', true]);
    expect(join({ protocolType: 'connect', protocols: [{ name: 'default', metadata: Buffer.alloc(0) }] }).joined).toMatchObject({ error: 0, protocol: 'default' });
  });

  it('a member that leaves while others wait for it lets them go on', () => {
    const [first, second] = pair();
    const waiting = join({ memberId: first });
    group.leave(second);
    expect(waiting.joined).toMatchObject({ error: 0, generation: 3 });
  });

  it('closing answers everybody who waits', () => {
    const [first] = pair();
    const waiting = join({ memberId: first });
    group.close();
    expect(said(waiting.joined?.error)).toBe('COORDINATOR_NOT_AVAILABLE');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('committing', () => {
  it('is for members of this generation, or for anybody while there are none', () => {
    expect(said(group.mayCommit('', -1))).toBe('NONE');
    const [first, second] = pair();
    expect([group.mayCommit(first, 2), group.mayCommit('', -1), group.mayCommit('stranger', 2), group.mayCommit(second, 1)].map(said)).toEqual([
      'NONE', 'UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION',
    ]);
  });

  it('is still possible while a rebalance is being prepared, but not before shares are known', () => {
    const [first, second] = pair();
    join({ memberId: first });
    expect(said(group.mayCommit(second, 2))).toBe('NONE');
    join({ memberId: second });
    expect(said(group.mayCommit(second, 3))).toBe('REBALANCE_IN_PROGRESS');
  });
});
