import type { Offsets } from '../offsets.ts';
import { ErrorCode } from '../../kafka/error-codes.ts';
import { Group } from './group.ts';
import { type Joined, joinRefused, type JoinRequest, type Synced, syncRefused } from './member.ts';

/** Shorter than Kafka's 6 s, so that a restarted consumer on a laptop need not wait. */
const SHORTEST_SESSION_MS = 1000;
const LONGEST_SESSION_MS = 30 * 60 * 1000;

/** All consumer groups. Membership lives in memory: after a restart members are unknown and join again; what they committed is still there. */
export class Coordinator {
  readonly #groups = new Map<string, Group>();
  readonly #offsets: Offsets;

  constructor(offsets: Offsets) {
    this.#offsets = offsets;
  }

  join(group: string, request: JoinRequest): Promise<Joined> {
    const { sessionTimeoutMs, memberId } = request;
    if (group === '') return Promise.resolve(joinRefused(ErrorCode.INVALID_GROUP_ID, memberId));
    if (sessionTimeoutMs < SHORTEST_SESSION_MS || sessionTimeoutMs > LONGEST_SESSION_MS) {
      return Promise.resolve(joinRefused(ErrorCode.INVALID_SESSION_TIMEOUT, memberId));
    }
    const found = this.#groups.get(group) ?? new Group(group);
    return new Promise((answer) => {
      found.join(request, answer);
      // Kept only when it took the member or promised it an id.
      if (!found.idle) this.#groups.set(group, found);
    });
  }

  sync(group: string, memberId: string, generation: number, assignments: readonly { memberId: string; assignment: Buffer }[]): Promise<Synced> {
    const found = this.#groups.get(group);
    if (!found) return Promise.resolve(syncRefused(ErrorCode.UNKNOWN_MEMBER_ID));
    return new Promise((answer) => found.sync(memberId, generation, assignments, answer));
  }

  heartbeat(group: string, memberId: string, generation: number): number {
    return this.#groups.get(group)?.heartbeat(memberId, generation) ?? ErrorCode.UNKNOWN_MEMBER_ID;
  }

  leave(group: string, memberId: string): number {
    return this.#groups.get(group)?.leave(memberId) ?? ErrorCode.UNKNOWN_MEMBER_ID;
  }

  /** Whether this member may commit. A consumer without membership commits with generation -1, to a group that has no members. */
  mayCommit(group: string, memberId: string, generation: number): number {
    if (group === '') return ErrorCode.INVALID_GROUP_ID;
    const found = this.#groups.get(group);
    if (found) return found.mayCommit(memberId, generation);
    return generation < 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
  }

  /** Every group that has members or committed offsets. */
  list(): Group[] {
    const names = new Set([...this.#groups.keys(), ...this.#offsets.groups()]);
    return [...names].map((name) => this.describe(name)).filter((group) => group !== undefined);
  }

  describe(group: string): Group | undefined {
    const found = this.#groups.get(group);
    if (found) return found;
    return this.#offsets.has(group) ? new Group(group) : undefined;
  }

  /** Forgets a group without members and what it committed. */
  remove(group: string): number {
    const found = this.describe(group);
    if (!found) return ErrorCode.GROUP_ID_NOT_FOUND;
    if (found.members.size > 0) return ErrorCode.NON_EMPTY_GROUP;
    this.#offsets.forgetGroup(group);
    this.#groups.get(group)?.close();
    this.#groups.delete(group);
    return ErrorCode.NONE;
  }

  close(): void {
    for (const group of this.#groups.values()) group.close();
    this.#groups.clear();
  }
}
