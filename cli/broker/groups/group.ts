import { randomUUID } from 'node:crypto';
import { ErrorCode } from '../../kafka/error-codes.ts';
import {
  chooseProtocol, type Joined, joinRefused, type JoinRequest, type Member, NO_BYTES, sameProtocols, type Synced, syncRefused,
} from './member.ts';

/**
 * Empty: no members. PreparingRebalance: members are asked to join again. CompletingRebalance: all have joined, the leader's
 * assignment is awaited. Stable: everybody has its assignment. Kafka's classic group protocol and its own names.
 */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

const MOST_MEMBERS = 1000;

/** One consumer group with classic membership. All methods are synchronous; join and sync answer through the given function, perhaps later. */
export class Group {
  readonly id: string;
  state: GroupState = 'Empty';
  protocolType = '';
  protocol = '';
  generation = 0;
  leader = '';
  readonly members = new Map<string, Member>();
  /** Ids that were handed out and have not joined yet, with their expiry. */
  readonly #promised = new Map<string, NodeJS.Timeout>();
  #rebalance: NodeJS.Timeout | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** True when nothing in here is worth keeping. */
  get idle(): boolean {
    return this.members.size === 0 && this.#promised.size === 0;
  }

  join(request: JoinRequest, answer: (joined: Joined) => void): void {
    const { memberId } = request;
    const refused = this.#refuse(request);
    if (refused !== undefined) return answer(joinRefused(refused, memberId));
    if (memberId === '') {
      const id = `${request.clientId}-${randomUUID()}`;
      if (!request.idRequired) return this.#rejoin(this.#add(id, request), answer);
      this.#promise(id, request.sessionTimeoutMs);
      return answer(joinRefused(ErrorCode.MEMBER_ID_REQUIRED, id));
    }
    const known = this.members.get(memberId);
    if (!known) {
      if (!this.#keepPromise(memberId)) return answer(joinRefused(ErrorCode.UNKNOWN_MEMBER_ID, memberId));
      return this.#rejoin(this.#add(memberId, request), answer);
    }
    const changed = !sameProtocols(known.protocols, request.protocols);
    known.protocols = request.protocols;
    known.sessionTimeoutMs = request.sessionTimeoutMs;
    known.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
    const repeated = this.state === 'CompletingRebalance' && !changed;
    const unmoved = this.state === 'Stable' && !changed && memberId !== this.leader;
    if (!repeated && !unmoved) return this.#rejoin(known, answer);
    this.#alive(known);
    answer(this.#joined(known));
  }

  sync(memberId: string, generation: number, assignments: readonly { memberId: string; assignment: Buffer }[], answer: (synced: Synced) => void): void {
    const member = this.members.get(memberId);
    if (!member) return answer(syncRefused(ErrorCode.UNKNOWN_MEMBER_ID));
    if (generation !== this.generation) return answer(syncRefused(ErrorCode.ILLEGAL_GENERATION));
    this.#alive(member);
    if (this.state === 'PreparingRebalance') return answer(syncRefused(ErrorCode.REBALANCE_IN_PROGRESS));
    if (this.state === 'Stable') return answer({ error: ErrorCode.NONE, assignment: member.assignment });
    member.syncing?.(syncRefused(ErrorCode.REBALANCE_IN_PROGRESS));
    member.syncing = answer;
    if (memberId !== this.leader) return;
    // Copied: the frame that they lie in is not kept.
    for (const given of assignments) {
      const to = this.members.get(given.memberId);
      if (to) to.assignment = Buffer.from(given.assignment);
    }
    this.state = 'Stable';
    for (const one of this.members.values()) {
      one.syncing?.({ error: ErrorCode.NONE, assignment: one.assignment });
      one.syncing = undefined;
    }
  }

  heartbeat(memberId: string, generation: number): number {
    const member = this.members.get(memberId);
    if (!member) return ErrorCode.UNKNOWN_MEMBER_ID;
    if (generation !== this.generation) return ErrorCode.ILLEGAL_GENERATION;
    this.#alive(member);
    return this.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  leave(memberId: string): number {
    if (this.#keepPromise(memberId)) {
      this.#completeWhenAllJoined();
      return ErrorCode.NONE;
    }
    const member = this.members.get(memberId);
    if (!member) return ErrorCode.UNKNOWN_MEMBER_ID;
    this.#remove(member);
    return ErrorCode.NONE;
  }

  /** Whether somebody may commit offsets: a member of this generation, or anybody while there are no members. */
  mayCommit(memberId: string, generation: number): number {
    if (this.members.size === 0 && generation < 0) return ErrorCode.NONE;
    const member = this.members.get(memberId);
    if (!member) return ErrorCode.UNKNOWN_MEMBER_ID;
    if (generation !== this.generation) return ErrorCode.ILLEGAL_GENERATION;
    if (this.state === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS;
    this.#alive(member);
    return ErrorCode.NONE;
  }

  /** Ends all timers; those who wait are told to look for the coordinator again. */
  close(): void {
    clearTimeout(this.#rebalance);
    for (const timer of this.#promised.values()) clearTimeout(timer);
    for (const member of this.members.values()) {
      clearTimeout(member.session);
      member.joining?.(joinRefused(ErrorCode.COORDINATOR_NOT_AVAILABLE, member.id));
      member.syncing?.(syncRefused(ErrorCode.COORDINATOR_NOT_AVAILABLE));
    }
  }

  #refuse({ memberId, protocolType, protocols }: JoinRequest): number | undefined {
    if (protocolType === '' || protocols.length === 0) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    if (memberId === '' && this.members.size + this.#promised.size >= MOST_MEMBERS) return ErrorCode.GROUP_MAX_SIZE_REACHED;
    const others = [...this.members.values()].filter(({ id }) => id !== memberId);
    if (others.length === 0) return undefined;
    const common = protocolType === this.protocolType && chooseProtocol([{ protocols }, ...others]) !== undefined;
    return common ? undefined : ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
  }

  #add(id: string, request: JoinRequest): Member {
    const { clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols } = request;
    const member: Member = {
      id, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols, assignment: NO_BYTES, joining: undefined, syncing: undefined, session: undefined,
    };
    if (this.members.size === 0) this.protocolType = request.protocolType;
    this.members.set(id, member);
    return member;
  }

  #rejoin(member: Member, answer: (joined: Joined) => void): void {
    // Whoever waits for an answer is alive; its session runs again from the answer on.
    clearTimeout(member.session);
    member.joining?.(joinRefused(ErrorCode.UNKNOWN_MEMBER_ID, member.id));
    member.joining = answer;
    this.#prepare();
    this.#completeWhenAllJoined();
  }

  /** Asks everybody to join again: they learn it from their next heartbeat. */
  #prepare(): void {
    if (this.state === 'PreparingRebalance') return;
    this.state = 'PreparingRebalance';
    for (const member of this.members.values()) {
      member.syncing?.(syncRefused(ErrorCode.REBALANCE_IN_PROGRESS));
      member.syncing = undefined;
    }
    const longest = Math.max(...[...this.members.values()].map(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs));
    this.#rebalance = setTimeout(() => this.#complete(), longest);
  }

  #completeWhenAllJoined(): void {
    if (this.state !== 'PreparingRebalance' || this.#promised.size > 0) return;
    if ([...this.members.values()].every(({ joining }) => joining)) this.#complete();
  }

  #complete(): void {
    clearTimeout(this.#rebalance);
    for (const member of [...this.members.values()]) {
      if (!member.joining) this.#forget(member);
    }
    this.generation++;
    const members = [...this.members.values()];
    const protocol = chooseProtocol(members);
    if (protocol === undefined) {
      this.#becomeEmpty();
      return;
    }
    this.protocol = protocol;
    if (!this.members.has(this.leader)) this.leader = (members[0] as Member).id;
    this.state = 'CompletingRebalance';
    for (const member of members) member.assignment = NO_BYTES;
    for (const member of members) {
      const { joining } = member;
      member.joining = undefined;
      this.#alive(member);
      joining?.(this.#joined(member));
    }
  }

  #joined(member: Member): Joined {
    const { generation, protocol, leader } = this;
    const metadata = ({ protocols }: Member): Buffer => protocols.find(({ name }) => name === protocol)?.metadata ?? NO_BYTES;
    const members = member.id === leader ? [...this.members.values()].map((one) => ({ memberId: one.id, metadata: metadata(one) })) : [];
    return { error: ErrorCode.NONE, generation, protocol, leader, memberId: member.id, members };
  }

  #alive(member: Member): void {
    clearTimeout(member.session);
    member.session = setTimeout(() => this.#remove(member), member.sessionTimeoutMs);
  }

  #remove(member: Member): void {
    this.#forget(member);
    if (this.members.size === 0) {
      if (this.state === 'PreparingRebalance' && this.#promised.size > 0) return;
      this.generation++;
      this.#becomeEmpty();
      return;
    }
    this.#prepare();
    this.#completeWhenAllJoined();
  }

  #forget(member: Member): void {
    clearTimeout(member.session);
    this.members.delete(member.id);
    member.joining?.(joinRefused(ErrorCode.UNKNOWN_MEMBER_ID, member.id));
    member.syncing?.(syncRefused(ErrorCode.UNKNOWN_MEMBER_ID));
    member.joining = undefined;
    member.syncing = undefined;
  }

  #becomeEmpty(): void {
    clearTimeout(this.#rebalance);
    this.state = 'Empty';
    this.leader = '';
    this.protocol = '';
  }

  #promise(id: string, ms: number): void {
    const expire = (): void => {
      this.#promised.delete(id);
      this.#completeWhenAllJoined();
    };
    this.#promised.set(id, setTimeout(expire, ms));
  }

  #keepPromise(id: string): boolean {
    clearTimeout(this.#promised.get(id));
    return this.#promised.delete(id);
  }
}
