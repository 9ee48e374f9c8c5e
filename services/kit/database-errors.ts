// Apart from database.ts, so that a service without a database does not load pg to ask what an error is.

/** Whether PostgreSQL refused for `code`, e.g. '23505' for a unique violation (its manual, appendix A). */
export function isSqlState(error: unknown, code: string): boolean {
  return error instanceof Error && 'severity' in error && 'code' in error && error.code === code;
}

// Sockets' codes, and SQL states of a server that is going, coming or full.
const AWAY = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT'],
  ...['57P01', '57P02', '57P03', '53300', '08000', '08001', '08003', '08004', '08006'],
]);
// pg has no codes for these.
const AWAY_MESSAGE = /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|query read timeout/i;

/** Whether the database was away, rather than the query wrong: it is worth asking again. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return (typeof code === 'string' && AWAY.has(code)) || AWAY_MESSAGE.test(error.message);
}
