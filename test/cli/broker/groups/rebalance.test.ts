import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Group } from '../../../../cli/broker/groups/group.ts';
import type { Joined } from '../../../../cli/broker/groups/member.ts';
import { ErrorCode } from '../../../../cli/kafka/error-codes.ts';

const SESSION_MS = 1000;
const REBALANCE_MS = 3000;

/** A consumer as the clients behave: it joins, syncs, beats, joins again when told to, and begins anew when it is unknown. */
class Consumer {
  readonly #group: Group;
  readonly name: string;
  id = '';
  generation = -1;
  share: string | undefined;
  running = true;
  waiting = false;

  constructor(group: Group, name: string) {
    this.#group = group;
    this.name = name;
  }

  join(): void {
    this.waiting = true;
    this.share = undefined;
    const request = {
      memberId: this.id, clientId: this.name, clientHost: 'h', sessionTimeoutMs: SESSION_MS, rebalanceTimeoutMs: REBALANCE_MS, protocolType: 'consumer', idRequired: true,
      protocols: [{ name: 'range', metadata: Buffer.from(this.name) }],
    };
    this.#group.join(request, (joined) => this.#joined(joined));
  }

  #joined({ error, memberId, generation, leader, members }: Joined): void {
    if (!this.running) return;
    this.waiting = false;
    if (error === ErrorCode.MEMBER_ID_REQUIRED) {
      this.id = memberId;
      return this.join();
    }
    if (error !== ErrorCode.NONE) {
      this.id = '';
      return;
    }
    expect(generation).toBeGreaterThan(this.generation);
    this.generation = generation;
    const shares = leader === memberId ? members.map((member) => ({ memberId: member.memberId, assignment: Buffer.from(`${generation}/${member.memberId}`) })) : [];
    this.waiting = true;
    this.#group.sync(memberId, generation, shares, (synced) => {
      if (!this.running) return;
      this.waiting = false;
      if (synced.error === ErrorCode.UNKNOWN_MEMBER_ID) this.id = '';
      else if (synced.error === ErrorCode.NONE) this.share = synced.assignment.toString();
    });
  }

  /** What a client does a few times per session. */
  beat(): void {
    if (!this.running || this.waiting) return;
    if (this.id === '' || this.share === undefined) return this.join();
    const error = this.#group.heartbeat(this.id, this.generation);
    if (error === ErrorCode.UNKNOWN_MEMBER_ID) this.id = '';
    if (error !== ErrorCode.NONE) this.join();
  }

  leave(): void {
    if (this.id !== '') this.#group.leave(this.id);
    this.running = false;
  }

  /** Gone without a word. */
  die(): void {
    this.running = false;
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a group', () => {
  it('comes to rest with a share for each living member, whatever came and went before', () => {
    const step = fc.oneof(
      fc.constant({ do: 'come' as const }),
      fc.record({ do: fc.constantFrom('leave' as const, 'die' as const, 'beat' as const), who: fc.nat() }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 1500 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const group = new Group('g');
        const consumers: Consumer[] = [];
        let generation = 0;
        const living = (): Consumer[] => consumers.filter(({ running }) => running);
        for (const one of steps) {
          const chosen = 'who' in one ? living()[one.who % Math.max(1, living().length)] : undefined;
          if (one.do === 'come') {
            consumers.push(new Consumer(group, `c${consumers.length}`));
            consumers.at(-1)?.join();
          } else if (one.do === 'wait') {
            vi.advanceTimersByTime(one.ms);
          } else chosen?.[one.do]();
          expect(group.generation).toBeGreaterThanOrEqual(generation);
          generation = group.generation;
          expect(group.members.size === 0 || group.state !== 'Empty').toBe(true);
          if (group.state === 'Stable' || group.state === 'CompletingRebalance') expect(group.members.has(group.leader)).toBe(true);
        }
        // From here on everybody who lives behaves.
        for (let waited = 0; waited < 60; waited++) {
          for (const consumer of living()) consumer.beat();
          vi.advanceTimersByTime(200);
        }
        expect(group.state).toBe(living().length > 0 ? 'Stable' : 'Empty');
        expect([...group.members.keys()].sort()).toEqual(living().map(({ id }) => id).sort());
        for (const { id, share } of living()) expect(share).toBe(`${group.generation}/${id}`);
        group.close();
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
