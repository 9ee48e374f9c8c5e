import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Database, Transaction } from '../kit/database.ts';
import { badRequest, Problem } from '../kit/http/problem.ts';
import type { Reply } from '../kit/http/reply.ts';

const KEY = /^[\x21-\x7e]{1,255}$/;

export interface Attempt {
  /** Whose keys these are: a key is unique within its scope. */
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** The Idempotency-Key of a request (draft-ietf-httpapi-idempotency-key-header); undefined when it has none. Problem 400 when it is none. */
export function idempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined) return undefined;
  if (typeof given === 'string' && KEY.test(given)) return given;
  throw badRequest('An Idempotency-Key is 1 to 255 printable ASCII characters without spaces.');
}

/** What a request asks for, in one text: two with the same are the same request. */
export function fingerprintOf(method: string, path: string, body: unknown): string {
  return createHash('sha256').update(JSON.stringify([method, path, body ?? null])).digest('base64url');
}

/**
 * Acts once for each key, and gives the same answer to whoever asks again. The answer is kept in the transaction of the act:
 * either both are there or neither is. A second request with the key waits until the first is decided. An act that throws
 * keeps nothing. Problem 422 when the key was used for something else.
 */
export async function answerOnce(tx: Transaction, { scope, key, fingerprint }: Attempt, act: () => Promise<Reply>): Promise<Reply> {
  const first = await tx.query('INSERT INTO answers (scope, key, fingerprint) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [scope, key, fingerprint]);
  if (first.rowCount === 0) return earlierAnswer(tx, { scope, key, fingerprint });
  const reply = await act();
  await tx.query('UPDATE answers SET answer = $3 WHERE scope = $1 AND key = $2', [scope, key, JSON.stringify(reply)]);
  return reply;
}

/** Forgets answers older than `ageMs`. Returns how many. */
export async function forgetAnswers(database: Database, ageMs: number): Promise<number> {
  const { rowCount } = await database.query('DELETE FROM answers WHERE given_at < now() - make_interval(secs => $1)', [ageMs / 1000]);
  return rowCount;
}

async function earlierAnswer(tx: Transaction, { scope, key, fingerprint }: Attempt): Promise<Reply> {
  const { rows } = await tx.query<{ fingerprint: string; answer: Reply }>('SELECT fingerprint, answer FROM answers WHERE scope = $1 AND key = $2', [scope, key]);
  const [earlier] = rows;
  // Forgotten in this very moment: the caller asks again.
  if (!earlier) throw new Problem(409, 'This Idempotency-Key has just expired.');
  if (earlier.fingerprint !== fingerprint) throw new Problem(422, 'This Idempotency-Key was used for another request.', { kind: 'idempotency-key-reused' });
  return { ...earlier.answer, headers: { ...earlier.answer.headers, 'idempotency-replayed': 'true' } };
}
