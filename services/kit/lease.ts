import type { Queryable } from './database.ts';

/**
 * A lease row: exactly one owner at a time, for `ttlMs` after its last renewal, by the database's clock. Not a session lock: that
 * would not survive a pooler, and a stopped machine would hold it until TCP gives up.
 */
export interface Lease {
  /** Takes the lease or renews it. Resolves with the fencing token, which rises with every change of owner; undefined when another has it. */
  hold(): Promise<number | undefined>;
  /** Gives it back, if it is ours. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly name: string;
  /** Unique among all processes, also over restarts. */
  readonly owner: string;
  readonly ttlMs: number;
}

export function createLease(on: Queryable, { name, owner, ttlMs }: LeaseOptions): Lease {
  return {
    async hold() {
      const { rows } = await on.query<{ token: number }>(
        `INSERT INTO leases AS lease (name, owner, token, expires_at)
         VALUES ($1, $2, 1, clock_timestamp() + make_interval(secs => $3))
         ON CONFLICT (name) DO UPDATE SET
           owner = excluded.owner,
           token = lease.token + CASE WHEN lease.owner = excluded.owner THEN 0 ELSE 1 END,
           expires_at = excluded.expires_at
         WHERE lease.owner = excluded.owner OR lease.expires_at < clock_timestamp()
         RETURNING token`,
        [name, owner, ttlMs / 1000],
      );
      return rows[0]?.token;
    },
    async release() {
      await on.query('UPDATE leases SET expires_at = clock_timestamp() WHERE name = $1 AND owner = $2', [name, owner]);
    },
  };
}
