
/** A way to share out partitions that a member knows, with what it tells the leader about itself. Opaque to the broker. */
export interface Protocol {
  name: string;
  metadata: Buffer;
}

/** What a member says when it joins. */
export interface JoinRequest {
  memberId: string;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocolType: string;
  protocols: Protocol[];
  /** Since JoinGroup v4 a new member first gets an id and joins again with it, so that a lost answer leaves no ghost. */
  idRequired: boolean;
}

export interface Joined {
  error: number;
  generation: number;
  protocol: string;
  leader: string;
  memberId: string;
  /** For the leader only: everybody's metadata. */
  members: { memberId: string; metadata: Buffer }[];
}

export interface Synced {
  error: number;
  assignment: Buffer;
}

/** One consumer in a group. */
export interface Member {
  readonly id: string;
  readonly clientId: string;
  readonly clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: Protocol[];
  assignment: Buffer;
  /** Answers its JoinGroup, when one waits. */
  joining: ((answer: Joined) => void) | undefined;
  /** Answers its SyncGroup, when one waits. */
  syncing: ((answer: Synced) => void) | undefined;
  session: NodeJS.Timeout | undefined;
}

export const NO_BYTES = Buffer.alloc(0);

export function joinRefused(error: number, memberId: string): Joined {
  return { error, generation: -1, protocol: '', leader: '', memberId, members: [] };
}

export function syncRefused(error: number): Synced {
  return { error, assignment: NO_BYTES };
}

/** True when both offer the same protocols with the same metadata, in the same order. */
export function sameProtocols(a: readonly Protocol[], b: readonly Protocol[]): boolean {
  return a.length === b.length && a.every((one, index) => one.name === b[index]?.name && one.metadata.equals(b[index].metadata));
}

/** The protocol that all members know and most of them like best; the leader's order decides between equals. Undefined when there is none. */
export function chooseProtocol(members: readonly { protocols: readonly Protocol[] }[]): string | undefined {
  const [first, ...others] = members;
  if (!first) return undefined;
  const common = first.protocols.map(({ name }) => name).filter((name) => others.every((member) => knows(member, name)));
  const votes = new Map(common.map((name) => [name, 0]));
  for (const { protocols } of members) {
    const vote = protocols.find(({ name }) => votes.has(name));
    if (vote) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
  }
  return common.reduce<string | undefined>((best, name) => ((votes.get(name) ?? 0) > (votes.get(best ?? '') ?? 0) ? name : best), common[0]);
}

function knows({ protocols }: { protocols: readonly Protocol[] }, name: string): boolean {
  return protocols.some((protocol) => protocol.name === name);
}
